#ifndef REQUEST_EXPLAIN_H
#define REQUEST_EXPLAIN_H

#include "call/call.h"

/* policy.explain: how each date of a request came about, a line each with its
 * clause; by the policy in force now. docs/protocol.md, "Service". */

struct policy_explain_in {
	struct id request;
};
struct policy_explain_out {
	const char **lines;
	size_t n_lines;
};
extern const struct field_table policy_explain_in_table;
extern const struct field_table policy_explain_out_table;
int policy_explain(struct call *c, const void *in, void *out);

#endif

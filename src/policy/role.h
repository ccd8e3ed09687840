#ifndef POLICY_ROLE_H
#define POLICY_ROLE_H

#include "base/err.h"

/* Who may call what: one bit a role, so that a row of the operation table and
 * a principal hold sets. ROLE_INTERNAL is the service's own timed work; no key
 * can be enrolled with it. */
enum role {
	ROLE_PORTAL = 1,
	ROLE_SUPPORT = 2,
	ROLE_BILLING = 4,
	ROLE_COMPLIANCE = 8,
	ROLE_AUDITOR = 16,
	ROLE_ADMIN = 32,
	ROLE_INTERNAL = 64
};

#define ROLE_COUNT 7
#define ROLE_ENROLLED                                                          \
	(ROLE_PORTAL | ROLE_SUPPORT | ROLE_BILLING | ROLE_COMPLIANCE |         \
	 ROLE_AUDITOR | ROLE_ADMIN)

/* The word of one role; "none" for anything that is not exactly one bit. */
const char *role_name(unsigned role);

/* ERR_INVALID for an unknown word. `internal` parses too: a caller that enrols
 * keys checks the result against ROLE_ENROLLED. */
int role_parse(const char *word, unsigned *out_role) MUST_CHECK;

/* The i-th role, 0 to ROLE_COUNT - 1, in the order above. */
static inline unsigned
role_at(unsigned i)
{
	return 1u << i;
}

#endif

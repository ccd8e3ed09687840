#ifndef REGISTRATION_WRITE_H
#define REGISTRATION_WRITE_H

#include "call/call.h"
#include "vault/record.h"

/* subject.write: a record of a person, or a new version of one. */
struct subject_write_in {
	struct id subject;
	const char *category;
	struct value data;
	struct id record;
	const char *collected_with; /* an offer of a partner */
};
struct subject_write_out {
	struct id record;
	int64_t version;
	int64_t expires_at;
};
extern const struct field_table subject_write_in_table;
extern const struct field_table subject_write_out_table;

/* ERR_INVALID naming category, collected_with or data.FIELD; ERR_NOT_FOUND
 * (the record); ERR_TOO_LARGE; ERR_EXISTS: another customer has the e-mail
 * address; ERR_STATE: a prospect has no account to keep this for. */
int subject_write(struct call *c, const void *in, void *out);

/* A category that can be written by its name: by subject.write, or by a
 * request to change. ERR_INVALID with field `category`. */
int write_category(const struct call *c, const char *name,
		   const struct policy_category **out) MUST_CHECK;

/* What stands in the way of writing this for that person, beside what
 * record_write checks: ERR_EXISTS with field `data.email`, ERR_STATE. */
int write_check(struct vault *v, const struct subject *s,
		const struct record_new *in) MUST_CHECK;

/* Checks, writes, and lets the head follow. */
int write_apply(struct vault *v, struct subject *s, const struct record_new *in,
		struct record_written *out) MUST_CHECK;

#endif

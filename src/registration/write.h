#ifndef REGISTRATION_WRITE_H
#define REGISTRATION_WRITE_H

#include "call/call.h"

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

#endif

#ifndef REGISTRATION_REGISTER_H
#define REGISTRATION_REGISTER_H

#include "call/call.h"
#include "registration/parts.h"
#include "vault/subject.h"

/* subject.register, and inquiry.record for people who are no customers yet.
 * docs/protocol.md, "People". */

struct register_guardian {
	const char *name;
	const char *email;
	const char *relation;
	struct part_evidence evidence;
};

struct register_capacity {
	bool stipulated;
	int64_t at;
};

struct register_terms {
	const char *version;
	int64_t accepted_at;
};

struct subject_register_in {
	date_t birth_date;
	const char *country;
	const char *region;
	struct part_contact contact;
	bool has_legal_capacity;
	struct register_capacity legal_capacity;
	bool has_guardian;
	struct register_guardian guardian;
	struct register_terms terms;
};
struct subject_register_out {
	struct id subject;
	int standing; /* enum subject_standing */
};
extern const struct field_table subject_register_in_table;
extern const struct field_table subject_register_out_table;

/*
 * ERR_UNDER_AGE: below the minimum; nothing is kept but a count, and the call
 * stores no reply. ERR_CONSENT_REQUIRED; ERR_EXISTS: a customer has this
 * e-mail address; ERR_INVALID for a birth date that is none.
 */
int subject_register(struct call *c, const void *in, void *out);

struct inquiry_record_in {
	struct part_contact contact;
	const char *interest;
	const char *message;
};
struct inquiry_record_out {
	struct id subject;
};
extern const struct field_table inquiry_record_in_table;
extern const struct field_table inquiry_record_out_table;
int inquiry_record(struct call *c, const void *in, void *out);

#endif

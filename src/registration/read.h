#ifndef REGISTRATION_READ_H
#define REGISTRATION_READ_H

#include "call/call.h"
#include "vault/record.h"

/* subject.read: records of a person, for a purpose. */
struct subject_read_in {
	struct id subject;
	const char *purpose;
	const char *reason;
	const char *const *categories;
	size_t n_categories;
	const char *ticket;
	int64_t limit;
	bool has_limit;
	const char *cursor;
};
struct read_item {
	struct id record;
	const char *category;
	struct value data;
	int64_t version;
	int64_t collected_at;
	int64_t expires_at;
};
struct subject_read_out {
	const struct read_item *records;
	size_t n_records;
	const char *next;
};
extern const struct field_table subject_read_in_table;
extern const struct field_table subject_read_out_table;

/* ERR_INVALID naming purpose or categories; ERR_NOT_PERMITTED: not for this
 * purpose or role, or the ticket is missing; ERR_CONSENT_REQUIRED. */
int subject_read(struct call *c, const void *in, void *out);

/* What of a record's data a purpose shows: the fields of the mask, and of a
 * card number the last four digits unless `whole_card`. */
int read_fields(const struct policy_category *c, field_mask_t fields,
		bool whole_card, const struct value *data, struct arena *a,
		struct value *out) MUST_CHECK;

#endif

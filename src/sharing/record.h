#ifndef SHARING_RECORD_H
#define SHARING_RECORD_H

#include "sharing/share.h"

/* share.record: the service hands out data itself, so that the log of
 * disclosures is complete by construction. docs/protocol.md, "Sharing". */
struct share_record_in {
	struct id subject;
	const char *recipient;
	const char *purpose;
	const char *const *categories;
	size_t n_categories;
	const char *const *fields;
	size_t n_fields;
	int64_t at;
	bool has_at;
	const char *country;
	struct share_basis basis;
	bool has_basis;
};
struct share_record_out {
	struct id share;
	struct value data; /* {category: {field: value}}, or {sealed} */
};
extern const struct field_table share_record_in_table;
extern const struct field_table share_record_out_table;

/*
 * ERR_NOT_PERMITTED with a leaf of its own, by the rules in sharing/plan.h;
 * ERR_INVALID naming categories or fields; ERR_NOT_FOUND: no such person, or
 * nothing held of a category (field `categories`); ERR_STATE while a gap left
 * by a restore is not acknowledged (partners); ERR_TOO_LARGE.
 */
int share_record(struct call *c, const void *in, void *out);

#endif

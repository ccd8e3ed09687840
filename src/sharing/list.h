#ifndef SHARING_LIST_H
#define SHARING_LIST_H

#include "sharing/share.h"

/* share.list: what was handed out of somebody, to somebody, or at all. */
struct share_list_in {
	struct id subject;
	const char *recipient;
	int64_t from;
	bool has_from;
	int64_t to;
	bool has_to;
	int64_t limit;
	bool has_limit;
	const char *cursor;
};
struct share_item_out {
	struct id share;
	struct id subject; /* nil: erased */
	const char *recipient;
	const char *purpose;
	const char *const *categories;
	size_t n_categories;
	const char *const *fields;
	size_t n_fields;
	int64_t at;
	int64_t recorded_at;
	bool declared;
	bool sealed;
	const char *country;
	struct share_basis basis;
	bool has_basis;
	const char *by;
};
struct share_list_out {
	const struct share_item_out *items;
	size_t n_items;
	const char *next;
};
extern const struct field_table share_list_in_table;
extern const struct field_table share_list_out_table;

#define SHARE_LIST_MAX 1000

/* Times `from` (included) and `to` (not) are those of the sharing. A page may
 * be short, even empty, and have a next one. By recipient in the order of the
 * sharing, else in that of the recording. ERR_NOT_FOUND: no such person;
 * ERR_INVALID naming recipient, to or cursor. */
int share_list(struct call *c, const void *in, void *out);

#endif

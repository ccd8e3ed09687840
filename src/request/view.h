#ifndef REQUEST_VIEW_H
#define REQUEST_VIEW_H

#include "request/request.h"

/* A request as callers see it: request.get and the items of request.list. */

struct request_view {
	struct id request;
	int type;
	int state;
	struct id subject;
	bool has_identity;
	struct request_identity identity;
	int channel;
	const char *regime;
	const char *country;
	const char *region;
	int64_t submitted_at;
	int64_t received_at;
	int64_t due_at;
	int64_t legal_due_at;
	int64_t confirm_by;
	int64_t days_left;
	bool has_days_left;
	bool overdue;
	bool has_overdue;
	bool extended;
	bool paused;
	struct id duplicate_of;
	bool has_acting;
	struct request_acting acting;
	const char *assignee;
	int64_t confirmed_at;
	int64_t verified_at;
	const char *method;
	int64_t closed_at;
	bool late;
	bool has_late;
	const char *reason;
	const char *message;
	int64_t erase_after;
	const struct request_erased *erased;
	size_t n_erased;
	const struct request_kept *kept;
	size_t n_kept;
	int64_t parts;
	int64_t bundle_expires_at;
};

#define REQUEST_ERASED_FIELDS 2
#define REQUEST_KEPT_FIELDS 3
extern const struct field request_erased_fields[REQUEST_ERASED_FIELDS];
extern const struct field request_kept_fields[REQUEST_KEPT_FIELDS];

#define REQUEST_VIEW_FIELDS 33
extern const struct field request_view_fields[REQUEST_VIEW_FIELDS];

/* The assignee is for those who work on requests, not for the portal. */
void request_view_make(const struct call *c, const struct request *r,
		       struct request_view *out);

struct request_get_in {
	struct id request;
};
struct request_get_out {
	struct request_view view;
	const struct request_event *history;
	size_t n_history;
	const struct request_note *notes;
	size_t n_notes;
	const struct request_notified *notified;
	size_t n_notified;
};
extern const struct field_table request_get_in_table;
extern const struct field_table request_get_out_table;
int request_get(struct call *c, const void *in, void *out);

extern const char *const notified_kind_names[4]; /* NULL-terminated */

#endif

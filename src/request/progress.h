#ifndef REQUEST_PROGRESS_H
#define REQUEST_PROGRESS_H

#include "call/call.h"
#include "request/request.h"

/*
 * What is done with an open request on its way: assigned, noted, confirmed,
 * extended, paused, corrected. Those that move a date answer all dates.
 */
struct request_assign_in {
	struct id request;
	const char *to;
};
extern const struct field_table request_assign_in_table;
int request_assign(struct call *c, const void *in, void *out);

struct request_note_in {
	struct id request;
	const char *text;
};
extern const struct field_table request_note_in_table;
int request_note(struct call *c, const void *in, void *out);

struct request_confirm_in {
	struct id request;
	int64_t at;
};
extern const struct field_table request_confirm_in_table;
int request_confirm(struct call *c, const void *in, void *out);

struct request_notified_in {
	struct id request;
	int kind;
	int64_t at;
};
extern const struct field_table request_notified_in_table;
int request_notified(struct call *c, const void *in, void *out);

struct request_dates_out {
	int state;
	int64_t received_at;
	int64_t due_at;
	int64_t legal_due_at;
	int64_t confirm_by;
	const char *regime;
};
extern const struct field_table request_dates_out_table;

/* Also of pause and resume. */
struct request_extend_in {
	struct id request;
	const char *reason;
};
extern const struct field_table request_extend_in_table;
/* What the regime allows: ERR_NOT_PERMITTED when it knows no extension, ERR_STATE
 * when it was used or its notice is too late, ERR_INVALID naming `reason`. */
int request_extend(struct call *c, const void *in, void *out);
int request_pause(struct call *c, const void *in, void *out);
int request_resume(struct call *c, const void *in, void *out);

struct request_correct_in {
	struct id request;
	int64_t received_at;
	bool has_received_at;
	int type;
	bool has_type;
	const char *regime;
	const char *country;
	const char *region;
	const char *reason;
};
extern const struct field_table request_correct_in_table;
int request_correct(struct call *c, const void *in, void *out);

#endif

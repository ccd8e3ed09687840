#ifndef REQUEST_LIST_H
#define REQUEST_LIST_H

#include "request/view.h"

/* request.list: requests by what they are, in pages. Over a snapshot: reads
 * covering rows, opens only those of the page. */
#define LIST_LIMIT_DEFAULT 100
#define LIST_LIMIT_MAX 1000

struct request_list_in {
	int state;
	bool has_state;
	int type;
	bool has_type;
	struct id subject;
	bool has_identity;
	struct request_identity identity;
	const char *assignee;
	const char *regime;
	int channel;
	bool has_channel;
	int64_t received_from;
	bool has_received_from;
	int64_t received_to;
	bool has_received_to;
	int64_t due_before;
	bool has_due_before;
	bool overdue;
	bool has_overdue;
	int sort;
	bool has_sort;
	int64_t limit;
	bool has_limit;
	const char *cursor;
};
struct request_list_out {
	const struct request_view *items;
	size_t n_items;
	const char *next;
};
extern const struct field_table request_list_in_table;
extern const struct field_table request_list_out_table;
/* received_to is not included. ERR_INVALID, field `cursor`. */
int request_list(struct call *c, const void *in, void *out);

#endif

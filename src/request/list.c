/*
 * Pages of requests. Open and closed ones lie in two ranges of covering rows;
 * where a range lies in the order that is asked for, it is left as soon as the
 * page is full.
 */
#include "request/list.h"

#include <stdio.h>

#include "base/pack.h"
#include "request/assignee.h"
#include "request/cover.h"
#include "request/person.h"

enum sort {
	SORT_DUE,
	SORT_DUE_DOWN,
	SORT_RECEIVED,
	SORT_RECEIVED_DOWN,
	SORT_STATE,
	SORT_STATE_DOWN
};

static const char *const sort_names[] = {"due_at",       "-due_at",
					 "received_at",  "-received_at",
					 "state",        "-state",
					 NULL};

static const struct field list_in_fields[] = {
	F_ENUM_HAS(struct request_list_in, state, request_state_names,
		   "in this state"),
	F_ENUM_HAS(struct request_list_in, type, request_type_names,
		   "of this type"),
	F_MAY(struct request_list_in, subject, FIELD_ID, "of this customer"),
	{.name = "identity", .type = FIELD_OBJECT, .flags = FIELD_OPTIONAL,
	 .offset = offsetof(struct request_list_in, identity),
	 .has_offset = offsetof(struct request_list_in, has_identity),
	 .fields = request_identity_fields,
	 .n_fields = REQUEST_IDENTITY_FIELDS,
	 .help = "of whoever is or was known by this, erased ones too"},
	F_WORD(struct request_list_in, assignee, FIELD_OPTIONAL,
	       ASSIGNEE_BYTES_MAX, "that this one works on"),
	F_WORD(struct request_list_in, regime, FIELD_OPTIONAL,
	       POLICY_NAME_BYTES_MAX, "under this law"),
	F_ENUM_HAS(struct request_list_in, channel, request_channel_names,
		   "that came by this channel"),
	F_MAY_HAS(struct request_list_in, received_from, FIELD_TIME,
		  "received then or later"),
	{.name = "received_to", .type = FIELD_TIME,
	 .flags = FIELD_OPTIONAL | FIELD_FUTURE,
	 .offset = offsetof(struct request_list_in, received_to),
	 .has_offset = offsetof(struct request_list_in, has_received_to),
	 .help = "received before"},
	{.name = "due_before", .type = FIELD_TIME,
	 .flags = FIELD_OPTIONAL | FIELD_FUTURE,
	 .offset = offsetof(struct request_list_in, due_before),
	 .has_offset = offsetof(struct request_list_in, has_due_before),
	 .help = "due before"},
	F_MAY_HAS(struct request_list_in, overdue, FIELD_BOOL,
		  "open and past due_at, or not"),
	F_ENUM_HAS(struct request_list_in, sort, sort_names,
		   "order; due_at by default"),
	F_INT_HAS(struct request_list_in, limit, 1, LIST_LIMIT_MAX,
		  "items a page"),
	F_MAY(struct request_list_in, cursor, FIELD_TEXT,
	      "`next` of the page before"),
};
const struct field_table request_list_in_table =
	FIELD_TABLE(struct request_list_in, list_in_fields);

static const struct field list_out_fields[] = {
	{.name = "items", .type = FIELD_LIST,
	 .offset = offsetof(struct request_list_out, items),
	 .has_offset = FIELD_NO_OFFSET, .max = LIST_LIMIT_MAX,
	 .fields = request_view_fields, .n_fields = REQUEST_VIEW_FIELDS,
	 .item = FIELD_OBJECT, .item_bytes = sizeof(struct request_view),
	 .count_offset = offsetof(struct request_list_out, n_items),
	 .help = "the requests"},
	F_MAY(struct request_list_out, next, FIELD_TEXT,
	      "cursor of the next page"),
};
const struct field_table request_list_out_table =
	FIELD_TABLE(struct request_list_out, list_out_fields);

struct list_place {
	int64_t key;
	struct id id;
};

struct list_item {
	struct list_place place;
	struct id id;
};

struct listing {
	struct call *c;
	const struct request_list_in *in;
	enum sort sort;
	bool down;
	uint32_t assignee; /* UINT32_MAX: a name that nobody has */
	bool has_cursor;
	struct list_place cursor;
	struct list_item *items; /* in order, room for one more */
	size_t n;
	size_t limit;
	bool more;
};

static int64_t
sort_key(enum sort sort, const struct request_cover *cover)
{
	switch (sort) {
	case SORT_DUE:
	case SORT_DUE_DOWN:
		return cover->due_at_ms;
	case SORT_RECEIVED:
	case SORT_RECEIVED_DOWN:
		return cover->received_at_ms;
	case SORT_STATE:
	case SORT_STATE_DOWN:
		return (int64_t)cover->state;
	}
	return 0;
}

static int
place_compare(const struct listing *l, const struct list_place *a,
	      const struct list_place *b)
{
	int c = a->key < b->key	  ? -1
		: a->key > b->key ? 1
				  : memcmp(a->id.b, b->id.b, ID_BYTES);

	return l->down ? -c : c;
}

static bool
is_wanted(const struct listing *l, const struct request_cover *cover)
{
	const struct request_list_in *in = l->in;
	bool overdue = state_is_open(cover->state) &&
		       l->c->now_ms > cover->due_at_ms;

	return (!in->has_state || (int)cover->state == in->state) &&
	       (!in->has_type || (int)cover->type == in->type) &&
	       (!in->has_channel || (int)cover->channel == in->channel) &&
	       (in->assignee == NULL || cover->assignee == l->assignee) &&
	       (in->regime == NULL ||
		strcmp(cover->regime, in->regime) == 0) &&
	       (!in->has_received_from ||
		cover->received_at_ms >= in->received_from) &&
	       (!in->has_received_to ||
		cover->received_at_ms < in->received_to) &&
	       (!in->has_due_before || cover->due_at_ms < in->due_before) &&
	       (!in->has_overdue || in->overdue == overdue);
}

/* Keeps it where it belongs among the best `limit`; false when it comes after
 * all of these. (Whom it pushes out may have come by another range.) */
static bool
consider(struct listing *l, const struct request_cover *cover)
{
	struct list_place place = {sort_key(l->sort, cover), cover->id};
	size_t low = 0;
	size_t high = l->n;

	if (!is_wanted(l, cover) ||
	    (l->has_cursor && place_compare(l, &place, &l->cursor) <= 0)) {
		return true;
	}
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (place_compare(l, &l->items[mid].place, &place) < 0) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	if (low == l->limit) {
		l->more = true;
		return false;
	}
	memmove(&l->items[low + 1], &l->items[low],
		(l->n - low) * sizeof(*l->items));
	l->items[low] = (struct list_item){place, cover->id};
	l->n++;
	if (l->n > l->limit) {
		l->n = l->limit;
		l->more = true;
	}
	return true;
}

/* A whole range; one that lies in the order asked for begins at the cursor
 * and ends when its rows can be none of the page's. */
static int
consider_range(struct listing *l, enum table table, bool in_order)
{
	static const uint8_t closed = COVER_KIND_CLOSED;
	struct bytes prefix = bytes_of(&closed, table == TABLE_DUE ? 0 : 1);
	struct key_maker from = {.n = 0};
	struct request_cover cover;
	struct range *r;
	struct bytes key;
	struct bytes value;
	int rc;

	if (in_order && l->has_cursor) {
		key_raw(&from, prefix.p, prefix.n);
		key_u64(&from, (uint64_t)l->cursor.key);
		key_id(&from, l->cursor.id);
	}
	rc = range_open(l->c->txn, table, prefix, key_bytes(&from),
			in_order && l->down ? RANGE_REVERSE : 0, &r);
	if (rc != 0) {
		return rc;
	}
	while ((rc = range_next(r, &key, &value)) == 1) {
		rc = cover_open(key, value, &cover);
		if (rc != 0) {
			break;
		}
		if (!consider(l, &cover) && in_order) {
			break;
		}
	}
	range_close(r);
	return rc;
}

static int
consider_person(struct listing *l)
{
	struct call *c = l->c;
	struct vault v = call_vault(c);
	struct request_identity identity = {0};
	struct subject *s = NULL;
	struct id *ids;
	size_t n = 0;
	int rc = 0;

	if (l->in->has_identity) {
		rc = person_normalise(c, &l->in->identity, &identity);
		if (rc == 0) {
			rc = person_match(c, &identity, true, &s);
		}
	} else {
		rc = subject_load_erasing(&v, l->in->subject, &s);
		if (rc == ERR_NOT_FOUND) {
			err_clear();
			return 0;
		}
	}
	if (rc == 0) {
		rc = person_requests(c, s == NULL ? SLOT_NONE : s->base, false,
				     &identity, &ids, &n);
	}
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct request_cover cover;
		struct request *r;

		rc = request_peek(c, ids[i], &r);
		if (rc == ERR_NOT_FOUND) {
			err_clear();
			rc = 0;
			continue;
		}
		if (rc == 0) {
			request_cover_of(r, &cover);
			(void)consider(l, &cover);
		}
	}
	return rc;
}

static int
consider_all(struct listing *l)
{
	const struct request_list_in *in = l->in;
	bool open_only =
		(in->has_state &&
		 state_is_open((enum request_state)in->state)) ||
		(in->has_overdue && in->overdue);
	bool closed_only =
		in->has_state &&
		!state_is_open((enum request_state)in->state);
	bool by_due = l->sort == SORT_DUE || l->sort == SORT_DUE_DOWN;
	bool by_received =
		l->sort == SORT_RECEIVED || l->sort == SORT_RECEIVED_DOWN;
	int rc = 0;

	if (!id_is_nil(in->subject) || in->has_identity) {
		return consider_person(l);
	}
	if (!closed_only) {
		rc = consider_range(l, TABLE_DUE, by_due);
	}
	if (rc == 0 && !open_only) {
		rc = consider_range(l, TABLE_REQUEST_BY, by_received);
	}
	return rc;
}

#define CURSOR_CHARS 48

static int
cursor_parse(const char *text, struct list_place *out)
{
	uint8_t b[CURSOR_CHARS / 2];
	bool good = strlen(text) == CURSOR_CHARS;

	for (size_t i = 0; good && i < sizeof(b); i++) {
		unsigned byte = 0;
		int n = 0;

		good = strspn(text + 2 * i, "0123456789abcdef") >= 2 &&
		       sscanf(text + 2 * i, "%2x%n", &byte, &n) == 1 &&
		       n == 2;
		b[i] = (uint8_t)byte;
	}
	if (!good) {
		return err_field(ERR_INVALID, "cursor",
				 "is none of this service");
	}
	out->key = (int64_t)get_u64(b);
	memcpy(out->id.b, b + 8, ID_BYTES);
	return 0;
}

static const char *
cursor_print(const struct list_place *p, struct arena *a)
{
	char *text = arena_alloc(a, CURSOR_CHARS + 1);
	uint8_t b[CURSOR_CHARS / 2];

	put_u64(b, (uint64_t)p->key);
	memcpy(b + 8, p->id.b, ID_BYTES);
	for (size_t i = 0; text != NULL && i < sizeof(b); i++) {
		(void)snprintf(text + 2 * i, 3, "%02x", b[i]);
	}
	return text;
}

static int
listing_begin(struct call *c, const struct request_list_in *in,
	      struct listing *l)
{
	const char *const *names;
	size_t n;
	int rc = 0;

	*l = (struct listing){.c = c, .in = in};
	l->sort = in->has_sort ? (enum sort)in->sort : SORT_DUE;
	l->down = l->sort == SORT_DUE_DOWN || l->sort == SORT_RECEIVED_DOWN ||
		  l->sort == SORT_STATE_DOWN;
	l->limit = in->has_limit ? (size_t)in->limit : LIST_LIMIT_DEFAULT;
	l->assignee = UINT32_MAX;
	l->items = arena_array(c->arena, l->limit + 1, sizeof(*l->items));
	if (l->items == NULL) {
		return ERR_NOMEM;
	}
	if (in->has_identity && !id_is_nil(in->subject)) {
		return err_field(ERR_INVALID, "identity",
				 "either subject or identity");
	}
	/* Who works on it is not for the portal, neither as a filter. */
	if (in->assignee != NULL &&
	    !call_has_role(c, ROLE_SUPPORT | ROLE_COMPLIANCE | ROLE_AUDITOR)) {
		return err_set(ERR_DENIED, "assignees are not shown to it");
	}
	if (in->cursor != NULL) {
		l->has_cursor = true;
		rc = cursor_parse(in->cursor, &l->cursor);
	}
	if (rc == 0 && in->assignee != NULL) {
		rc = assignee_names(c, &names, &n);
		for (size_t i = 0; rc == 0 && i < n; i++) {
			if (strcmp(names[i], in->assignee) == 0) {
				l->assignee = (uint32_t)i + 1;
			}
		}
	}
	return rc;
}

int
request_list(struct call *c, const void *input, void *output)
{
	struct request_list_out *out = output;
	struct request_view *items;
	struct listing l;
	int rc = listing_begin(c, input, &l);

	if (rc == 0) {
		rc = consider_all(&l);
	}
	if (rc != 0) {
		return rc;
	}
	items = arena_array(c->arena, l.n, sizeof(*items));
	if (items == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < l.n && rc == 0; i++) {
		struct request *r;

		rc = request_peek(c, l.items[i].id, &r);
		if (rc == 0) {
			request_view_make(c, r, &items[i]);
		}
	}
	if (rc == 0 && l.more) {
		out->next = cursor_print(&l.items[l.n - 1].place, c->arena);
		rc = out->next == NULL ? ERR_NOMEM : 0;
	}
	out->items = items;
	out->n_items = l.n;
	return rc;
}

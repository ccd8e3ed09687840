/*
 * Pages of shares. Each page is one operation of the owner's, so that reading
 * a person's disclosures stands in that person's history.
 */
#include "sharing/list.h"

#include <string.h>

#include "base/pack.h"
#include "registration/parts.h"

#define LIMIT_DEFAULT 100
#define EXAMINED_MAX 300 /* rows a page: three reads each at most */
#define RECIPIENTS_MAX 64 /* whose rows are merged in one page */
#define CURSOR_BYTES_MAX (ID_TEXT_BYTES + TIME_TEXT_BYTES)

static const struct field share_list_in_fields[] = {
	F_MAY(struct share_list_in, subject, FIELD_ID, "of this customer"),
	F_WORD(struct share_list_in, recipient, FIELD_OPTIONAL,
	       POLICY_NAME_BYTES_MAX, "to this recipient"),
	F_MAY_HAS(struct share_list_in, from, FIELD_TIME,
		  "shared then or later"),
	{.name = "to",
	 .type = FIELD_TIME,
	 .flags = FIELD_OPTIONAL | FIELD_FUTURE,
	 .offset = offsetof(struct share_list_in, to),
	 .has_offset = offsetof(struct share_list_in, has_to),
	 .help = "shared before"},
	F_INT_HAS(struct share_list_in, limit, 1, SHARE_LIST_MAX,
		  "items in a page"),
	F_WORD(struct share_list_in, cursor, FIELD_OPTIONAL, CURSOR_BYTES_MAX,
	       "`next` of the page before"),
};
const struct field_table share_list_in_table =
	FIELD_TABLE(struct share_list_in, share_list_in_fields);

static const struct field basis_fields[] = {
	F_ENUM(struct share_basis, kind, 0, share_basis_names,
	       "on what ground"),
	F_MAY(struct share_basis, reference, FIELD_TEXT,
	      "file number, law, claim"),
	F_MAY(struct share_basis, name, FIELD_TEXT,
	      "of the authority or party"),
};
static const struct field item_fields[] = {
	F_MUST(struct share_item_out, share, FIELD_ID, "the share"),
	F_MAY(struct share_item_out, subject, FIELD_ID,
	      "the customer; absent once erased"),
	F_MUST(struct share_item_out, recipient, FIELD_TEXT, "to whom"),
	F_MAY(struct share_item_out, purpose, FIELD_TEXT, "what for"),
	F_LIST_OF(struct share_item_out, categories, 0, FIELD_TEXT,
		  SHARE_CATEGORIES_MAX, "of what"),
	F_LIST_OF(struct share_item_out, fields, FIELD_OPTIONAL, FIELD_TEXT,
		  SHARE_FIELDS_MAX, "as category.field"),
	F_MUST(struct share_item_out, at, FIELD_TIME, "when it was shared"),
	F_MAY(struct share_item_out, recorded_at, FIELD_TIME,
	      "when it was recorded"),
	F_MUST(struct share_item_out, declared, FIELD_BOOL,
	       "it had happened before: nothing was handed out"),
	F_MUST(struct share_item_out, sealed, FIELD_BOOL,
	       "handed out under the recipient's key"),
	F_MAY(struct share_item_out, country, FIELD_TEXT, "where to"),
	F_OBJECT_HAS(struct share_item_out, basis, basis_fields,
		     "of authorities and harmed parties"),
	F_MAY(struct share_item_out, by, FIELD_TEXT, "who recorded it"),
};
static const struct field share_list_out_fields[] = {
	F_LIST(struct share_list_out, items, 0, item_fields, SHARE_LIST_MAX,
	       "oldest first"),
	F_MAY(struct share_list_out, next, FIELD_TEXT,
	      "cursor of the next page"),
};
const struct field_table share_list_out_table =
	FIELD_TABLE(struct share_list_out, share_list_out_fields);

/* One page in the making. */
struct page {
	struct call *c;
	const struct share_list_in *in;
	slot_t base;                              /* SLOT_NONE: of anybody */
	const struct policy_recipient *recipient; /* NULL: to anybody */
	struct id after;                          /* nil: from the first on */
	int64_t after_at_ms;                      /* by recipient */
	struct share_item_out *items;
	size_t n;
	size_t limit;
	size_t examined;
	struct id last; /* examined */
	int64_t last_at_ms;
	bool more;
};

static bool
is_wanted(const struct page *p, const struct share *s)
{
	const struct share_list_in *in = p->in;

	return (!in->has_from || s->at_ms >= in->from) &&
	       (!in->has_to || s->at_ms < in->to) &&
	       (p->recipient == NULL || s->recipient_id == p->recipient->id) &&
	       (p->base == SLOT_NONE || (!s->is_gone && s->base == p->base));
}

static int
item_add(struct page *p, const struct share *s)
{
	const struct policy_recipient *r =
		policy_recipient_by_id(p->c->policy, s->recipient_id);
	struct share_item_out *item = &p->items[p->n++];

	*item = (struct share_item_out){.share = s->id,
					.recipient = r != NULL ? r->name
						     : s->recipient != NULL
							     ? s->recipient
							     : "",
					.at = s->at_ms,
					.declared = s->is_declared};
	if (!s->is_gone) {
		item->subject = s->subject;
		item->purpose = s->purpose;
		item->fields = s->fields;
		item->n_fields = s->n_fields;
		item->recorded_at = s->recorded_at_ms;
		item->sealed = s->is_sealed;
		item->country = s->country;
		item->has_basis = s->has_basis;
		item->basis = s->basis;
		item->by = s->by;
	}
	return share_category_names(p->c, s, &item->categories,
				    &item->n_categories);
}

/* 1: the page is full. */
static int
page_take(struct page *p, const struct share *s)
{
	int rc = 0;

	if (p->n == p->limit || p->examined == EXAMINED_MAX) {
		p->more = true;
		return 1;
	}
	p->examined++;
	p->last = s->id;
	p->last_at_ms = s->at_ms;
	if (is_wanted(p, s)) {
		rc = item_add(p, s);
	}
	return rc;
}

/* One share by its id; nothing when a row is gone meanwhile. */
static int
page_take_id(struct page *p, struct id id)
{
	struct share s;
	int rc = share_load(p->c, id, &s);

	if (rc == ERR_NOT_FOUND) {
		err_clear();
		return 0;
	}
	return rc != 0 ? rc : page_take(p, &s);
}

static int
page_of_subject(struct page *p)
{
	struct id *ids;
	size_t n;
	int rc = of_subject_list(p->c->txn, p->c->arena, OF_SUBJECT_SHARE,
				 p->base, p->after, EXAMINED_MAX, &ids, &n);

	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = page_take_id(p, ids[i]);
	}
	p->more = p->more || (rc == 0 && n == EXAMINED_MAX);
	return rc > 0 ? 0 : rc;
}

/* What stands in TABLE_SHARE_BY alone: the person is gone. */
static int
page_take_by(struct page *p, struct share *s)
{
	struct share whole;
	int rc = share_load(p->c, s->id, &whole);

	if (rc == ERR_NOT_FOUND) {
		err_clear();
		return page_take(p, s);
	}
	return rc != 0 ? rc : page_take(p, &whole);
}

/* What one recipient got, from where the page begins. */
struct stream {
	struct range *rows;
	struct share head;
	bool has_head;
};

static int
stream_next(const struct page *p, struct stream *s)
{
	struct bytes key;
	struct bytes value;
	int rc;

	do {
		rc = range_next(s->rows, &key, &value);
		s->has_head = rc == 1;
		if (rc == 1) {
			rc = share_by_parse(key, value, &s->head);
		}
	} while (rc == 0 && s->has_head && !id_is_nil(p->after) &&
		 s->head.at_ms == p->after_at_ms &&
		 memcmp(s->head.id.b, p->after.b, ID_BYTES) <= 0);
	if (rc == 0 && s->has_head && p->in->has_to &&
	    s->head.at_ms >= p->in->to) {
		s->has_head = false;
	}
	return rc;
}

static int
stream_open(const struct page *p, uint16_t recipient, struct stream *s)
{
	struct key_maker prefix = {.n = 0};
	struct key_maker from = {.n = 0};
	int64_t begin = p->in->has_from ? p->in->from : 0;
	int rc;

	if (!id_is_nil(p->after) && p->after_at_ms > begin) {
		begin = p->after_at_ms;
	}
	key_u16(&prefix, recipient);
	key_u16(&from, recipient);
	key_u64(&from, (uint64_t)begin);
	rc = range_open(p->c->txn, TABLE_SHARE_BY, key_bytes(&prefix),
			key_bytes(&from), 0, &s->rows);
	return rc != 0 ? rc : stream_next(p, s);
}

/* The first recipient from this number on who got anything; 0: none. Also
 * those whom the policy does not have any more. */
static int
recipient_from(const struct page *p, uint16_t number, uint16_t *out)
{
	struct key_maker from = {.n = 0};
	struct range *r;
	struct bytes key = {NULL, 0};
	struct bytes value = {NULL, 0};
	struct share s;
	int rc;

	*out = 0;
	key_u16(&from, number);
	rc = range_open(p->c->txn, TABLE_SHARE_BY, bytes_of(NULL, 0),
			key_bytes(&from), 0, &r);
	if (rc == 0) {
		rc = range_next(r, &key, &value);
	}
	if (rc == 1) {
		rc = share_by_parse(key, value, &s);
		*out = rc == 0 ? s.recipient_id : 0;
	}
	range_close(r);
	return rc;
}

static int
streams_open(const struct page *p, struct stream *list, size_t *out_n)
{
	uint16_t number = p->recipient != NULL ? p->recipient->id : 1;
	int rc = 0;

	*out_n = 0;
	if (p->recipient != NULL) {
		*out_n = 1;
		return stream_open(p, number, &list[0]);
	}
	while (rc == 0 && number != 0) {
		rc = recipient_from(p, number, &number);
		if (rc != 0 || number == 0) {
			break;
		}
		if (*out_n == RECIPIENTS_MAX) {
			return err_set(ERR_TOO_MANY, "at most %d recipients at "
						     "once: name one",
				       RECIPIENTS_MAX);
		}
		rc = stream_open(p, number, &list[(*out_n)++]);
		number++;
	}
	return rc;
}

/* The oldest of the heads; NULL at the end. */
static struct stream *
stream_first(struct stream *list, size_t n)
{
	struct stream *first = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct share *s = &list[i].head;

		if (list[i].has_head &&
		    (first == NULL || s->at_ms < first->head.at_ms ||
		     (s->at_ms == first->head.at_ms &&
		      memcmp(s->id.b, first->head.id.b, ID_BYTES) < 0))) {
			first = &list[i];
		}
	}
	return first;
}

/* By the rows that outlive the person: what was told to one recipient, or to
 * all, in the order of time. */
static int
page_of_recipients(struct page *p)
{
	struct stream *list =
		arena_array(p->c->arena, RECIPIENTS_MAX, sizeof(*list));
	struct stream *s;
	size_t n = 0;
	int rc = list == NULL ? ERR_NOMEM : streams_open(p, list, &n);

	while (rc == 0 && (s = stream_first(list, n)) != NULL) {
		rc = page_take_by(p, &s->head);
		if (rc == 0) {
			rc = stream_next(p, s);
		}
	}
	for (size_t i = 0; i < n; i++) {
		range_close(list[i].rows);
	}
	return rc > 0 ? 0 : rc;
}

/* "ID" or "ID@TIME". */
static int
cursor_parse(struct page *p)
{
	char id[ID_TEXT_BYTES] = "";
	const char *text = p->in->cursor;
	size_t n = text == NULL ? 0 : strlen(text);

	if (text == NULL) {
		return 0;
	}
	if (n < ID_TEXT_BYTES - 1 ||
	    (n > ID_TEXT_BYTES - 1 && text[ID_TEXT_BYTES - 1] != '@')) {
		return err_field(ERR_INVALID, "cursor",
				 "is none of this service");
	}
	memcpy(id, text, ID_TEXT_BYTES - 1);
	if (id_parse(id, &p->after) != 0 ||
	    (n > ID_TEXT_BYTES - 1 &&
	     time_parse(text + ID_TEXT_BYTES, &p->after_at_ms) != 0)) {
		return err_field(ERR_INVALID, "cursor",
				 "is none of this service");
	}
	return 0;
}

static int
next_make(struct page *p, struct share_list_out *out)
{
	char id[ID_TEXT_BYTES];
	char at[TIME_TEXT_BYTES];
	char *next = arena_printf(p->c->arena, "%s@%s", id_print(p->last, id),
				  time_print(p->last_at_ms, at));

	if (next == NULL) {
		return ERR_NOMEM;
	}
	out->next = next;
	return 0;
}

static int
page_leaf(const struct page *p)
{
	struct call_leaf leaf = {
		.type = LEAF_SHARES_READ,
		.recipient = p->recipient == NULL ? 0 : p->recipient->id,
		.log_slot = p->c->log_slot,
		.details = value_object()};
	int rc = value_add(&leaf.details, p->c->arena, "shares",
			   value_int((int64_t)p->n));

	return rc != 0 ? rc : call_leaf(p->c, leaf);
}

static int
page_begin(struct page *p)
{
	struct call *c = p->c;
	struct vault v = call_vault(c);
	struct subject *s;
	int rc;

	if (p->in->recipient != NULL) {
		p->recipient = policy_recipient(c->policy, p->in->recipient);
		if (p->recipient == NULL) {
			return err_field(ERR_INVALID, "recipient",
					 "no such recipient in the policy");
		}
	}
	if (p->in->has_from && p->in->has_to && p->in->to < p->in->from) {
		return err_field(ERR_INVALID, "to", "before from");
	}
	rc = cursor_parse(p);
	if (rc == 0 && !id_is_nil(p->in->subject)) {
		rc = subject_load(&v, p->in->subject, &s);
		if (rc == 0) {
			call_about(c, s->base);
			p->base = s->base;
		}
	}
	return rc;
}

int
share_list(struct call *c, const void *input, void *output)
{
	const struct share_list_in *in = input;
	struct share_list_out *out = output;
	struct page p = {.c = c,
			 .in = in,
			 .base = SLOT_NONE,
			 .limit = in->has_limit ? (size_t)in->limit
						: LIMIT_DEFAULT};
	int rc = page_begin(&p);

	if (rc != 0) {
		return rc;
	}
	p.items = arena_array(c->arena, p.limit, sizeof(*p.items));
	if (p.items == NULL) {
		return ERR_NOMEM;
	}
	if (p.base != SLOT_NONE) {
		rc = page_of_subject(&p);
	} else {
		rc = page_of_recipients(&p);
	}
	if (rc == 0 && p.more) {
		rc = next_make(&p, out);
	}
	if (rc != 0) {
		return rc;
	}
	out->items = p.items;
	out->n_items = p.n;
	return page_leaf(&p);
}

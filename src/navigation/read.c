/*
 * Reading events: of a visitor or of all that a customer was, for a purpose,
 * with a reason and a leaf.
 */
#include <string.h>

#include "base/base64.h"
#include "base/pack.h"
#include "navigation/visit.h"
#include "policy/decide.h"
#include "registration/consent.h"
#include "registration/parts.h"

#define CATEGORY "navigation"
#define LIMIT_DEFAULT 100
#define RECORDS_MAX 1000
#define VISITORS_MAX 200 /* looked through in one page */
#define CHUNKS_MAX 500   /* opened for one page */
#define ANSWER_BYTES_MAX ((size_t)700 * 1024)
#define EVENT_BYTES_FIXED 200 /* names of members, times */
#define CURSOR_BYTES (8 + VISIT_KEY_BYTES + 2)
#define CURSOR_TEXT_BYTES_MAX 64

static const struct field visit_read_in_fields[] = {
	F_MAY(struct visit_read_in, subject, FIELD_ID,
	      "this customer, whatever visitor it was"),
	F_WORD(struct visit_read_in, visitor, FIELD_OPTIONAL, VISITOR_BYTES_MAX,
	       "or this visitor"),
	F_WORD(struct visit_read_in, purpose, 0, POLICY_NAME_BYTES_MAX,
	       "a purpose of the policy"),
	F_PROSE(struct visit_read_in, reason, 0, REASON_BYTES_MAX,
		"why, for the log"),
	F_MAY_HAS(struct visit_read_in, from, FIELD_TIME,
		  "events then or later"),
	{.name = "to",
	 .type = FIELD_TIME,
	 .flags = FIELD_OPTIONAL | FIELD_FUTURE,
	 .offset = offsetof(struct visit_read_in, to),
	 .has_offset = offsetof(struct visit_read_in, has_to),
	 .help = "events before"},
	F_INT_HAS(struct visit_read_in, limit, 1, RECORDS_MAX,
		  "events in a page"),
	F_WORD(struct visit_read_in, cursor, FIELD_OPTIONAL,
	       CURSOR_TEXT_BYTES_MAX, "`next` of the page before"),
};
const struct field_table visit_read_in_table =
	FIELD_TABLE(struct visit_read_in, visit_read_in_fields);

/* Absent where the purpose does not have it. */
#define EVENT(m, t, h)                                                         \
	{                                                                      \
		.name = #m, .type = (t), .flags = FIELD_OPTIONAL,              \
		.offset = offsetof(struct visit_record, event.m),              \
		.has_offset = FIELD_NO_OFFSET, .help = (h)                     \
	}

static const struct field record_fields[] = {
	EVENT(at, FIELD_TIME, "when"),
	EVENT(ip, FIELD_TEXT, "IP address"),
	EVENT(user_agent, FIELD_TEXT, "what the browser said of itself"),
	EVENT(language, FIELD_TEXT, "of the browser"),
	EVENT(page, FIELD_TEXT, "which page"),
	{.name = "action",
	 .type = FIELD_ENUM,
	 .flags = FIELD_OPTIONAL,
	 .offset = offsetof(struct visit_record, event.action),
	 .has_offset = FIELD_NO_OFFSET,
	 .names = visit_action_names,
	 .help = "viewed, or a link on it clicked"},
	EVENT(link, FIELD_TEXT, "where the link led"),
	EVENT(referrer, FIELD_TEXT, "where the visitor came from"),
	F_MAY(struct visit_record, expires_at, FIELD_TIME,
	      "from then on it is not read"),
};
static const struct field visit_read_out_fields[] = {
	F_LIST(struct visit_read_out, records, 0, record_fields, RECORDS_MAX,
	       "by visitor, day and arrival"),
	F_MAY(struct visit_read_out, next, FIELD_TEXT,
	      "cursor of the next page"),
};
const struct field_table visit_read_out_table =
	FIELD_TABLE(struct visit_read_out, visit_read_out_fields);

/* Where a page ends: the next event to be read. */
struct place {
	slot_t visitor;
	uint8_t key[VISIT_KEY_BYTES]; /* under its own slot, or the held one */
	uint16_t event;
};

/* One page in the making. */
struct page {
	struct vault v;
	const struct visit_read_in *in;
	const struct policy_category *category;
	const struct policy_purpose *purpose;
	field_mask_t fields;
	bool has_start;
	struct place start;
	struct visit_record *records;
	size_t n;
	size_t limit;
	size_t bytes;
	size_t chunks;
	struct place end;
	bool is_full;
};

static bool
shows(const struct page *p, const char *field)
{
	int at = policy_field_index(p->category, field);

	return at >= 0 && (p->fields >> at & 1u) != 0;
}

static size_t
length(const char *text)
{
	return text == NULL ? 0 : strlen(text);
}

static void
record_add(struct page *p, const struct visit_event *e,
	   const struct visit_chunk *chunk)
{
	struct visit_record *r = &p->records[p->n++];

	*r = (struct visit_record){.event = {.action = -1}};
	r->event.at = shows(p, "at") ? e->at : 0;
	r->event.ip = shows(p, "ip") ? e->ip : NULL;
	r->event.user_agent = shows(p, "user_agent") ? e->user_agent : NULL;
	r->event.language = shows(p, "language") ? e->language : NULL;
	r->event.page = shows(p, "page") ? e->page : NULL;
	r->event.action = shows(p, "action") ? e->action : -1;
	r->event.link = shows(p, "link") ? e->link : NULL;
	r->event.referrer = shows(p, "referrer") ? e->referrer : NULL;
	if (chunk->due != DAY_NONE) {
		r->expires_at = decide_day_begin_ms(p->v.policy, chunk->due);
	}
	p->bytes += EVENT_BYTES_FIXED + length(r->event.user_agent) +
		    length(r->event.page) + length(r->event.link) +
		    length(r->event.referrer);
}

static void
page_end(struct page *p, slot_t visitor, struct bytes key, size_t event)
{
	p->end.visitor = visitor;
	memcpy(p->end.key, key.p, VISIT_KEY_BYTES);
	p->end.event = (uint16_t)event;
	p->is_full = true;
}

/* Events of one row from the one at `first` on. */
static int
chunk_read(struct page *p, slot_t visitor, struct bytes key, struct bytes row,
	   size_t first)
{
	struct visit_event *events;
	struct visit_chunk chunk;
	size_t n;
	int rc;

	if (p->chunks == CHUNKS_MAX || p->n == p->limit ||
	    p->bytes >= ANSWER_BYTES_MAX) {
		page_end(p, visitor, key, first);
		return 0;
	}
	p->chunks++;
	rc = visit_open(&p->v, key, row, &chunk, &events, &n);
	if (rc == ERR_EXPIRED) {
		err_clear();
		return 0;
	}
	for (size_t i = first; i < n && rc == 0; i++) {
		if ((p->in->has_from && events[i].at < p->in->from) ||
		    (p->in->has_to && events[i].at >= p->in->to)) {
			continue;
		}
		if (p->n == p->limit || p->bytes >= ANSWER_BYTES_MAX) {
			page_end(p, visitor, key, i);
			break;
		}
		record_add(p, &events[i], &chunk);
	}
	return rc;
}

/* Days of one slot of the visitor, from where the page starts. */
static int
slot_read(struct page *p, slot_t visitor, slot_t slot)
{
	struct key_maker prefix = {.n = 0};
	struct key_maker from = {.n = 0};
	bool here = p->has_start && p->start.visitor == visitor &&
		    get_u64(p->start.key) == slot;
	struct range *r = NULL;
	struct bytes key;
	struct bytes row;
	int rc;

	key_u64(&prefix, slot);
	key_u64(&from, slot);
	if (here) {
		from.n = 0;
		key_raw(&from, p->start.key, VISIT_KEY_BYTES);
	} else if (p->in->has_from) {
		key_u32(&from,
			(uint32_t)decide_today(p->v.policy, p->in->from));
	}
	rc = range_open(p->v.txn, TABLE_VISIT, key_bytes(&prefix),
			key_bytes(&from), 0, &r);
	while (rc == 0 && !p->is_full &&
	       (rc = range_next(r, &key, &row)) == 1) {
		bool at_start = here && key.n == VISIT_KEY_BYTES &&
				memcmp(key.p, p->start.key, key.n) == 0;

		rc = chunk_read(p, visitor, key, row,
				at_start ? p->start.event : 0);
	}
	range_close(r);
	return rc > 0 ? 0 : rc;
}

/* The visitor's own slot, then the held one: a hold moves rows that way. */
static int
visitor_read(struct page *p, slot_t visitor)
{
	slot_t held;
	int rc = visitor_held_slot(p->v.txn, visitor, &held);
	bool in_held = p->has_start && p->start.visitor == visitor &&
		       held != SLOT_NONE && get_u64(p->start.key) == held;

	if (rc == 0 && !in_held) {
		rc = slot_read(p, visitor, visitor);
	}
	if (rc == 0 && !p->is_full && held != SLOT_NONE) {
		rc = slot_read(p, visitor, held);
	}
	return rc;
}

static int
read_leaf(struct call *c, const struct page *p, int outcome)
{
	struct call_leaf leaf = {.type = LEAF_VISIT_READ,
				 .outcome = outcome,
				 .category = p->category->id,
				 .log_slot = c->log_slot,
				 .details = value_object()};
	int rc = part_add_text(&leaf.details, c->arena, "purpose",
			       p->in->purpose);

	if (rc == 0) {
		rc = part_add_text(&leaf.details, c->arena, "reason",
				   p->in->reason);
	}
	if (rc == 0) {
		rc = value_add(&leaf.details, c->arena, "records",
			       value_int((int64_t)p->n));
	}
	if (rc != 0) {
		return rc;
	}
	return outcome != 0 ? call_leaf_always(c, leaf) : call_leaf(c, leaf);
}

/* A refusal has a leaf with purpose and reason. */
static int
refuse(struct call *c, const struct page *p, int why)
{
	struct err_info info = *err_last();
	int rc = read_leaf(c, p, why);

	if (rc == 0) {
		err_restore(&info);
	}
	return rc != 0 ? rc : why;
}

/* The customer's own word, where it is a customer's. */
static int
permit_by_consent(struct call *c, struct page *p, const struct subject *s)
{
	int rc = consent_check(&p->v, s, p->purpose);

	return rc == ERR_NOT_PERMITTED || rc == ERR_CONSENT_REQUIRED
		       ? refuse(c, p, rc)
		       : rc;
}

/* Whoever the visitor turned out to be has it in the history; nothing is read
 * of somebody who is being erased. */
static int
by_visitor(struct call *c, struct page *p)
{
	struct visitor visitor;
	struct subject *s;
	slot_t slot;
	int rc = visitor_find(&p->v, p->in->visitor, &slot);

	if (rc == 0 && slot == SLOT_NONE) {
		return err_set(ERR_NOT_FOUND, "no such visitor");
	}
	if (rc == 0) {
		rc = visitor_load(&p->v, slot, &visitor);
	}
	if (rc == 0 && !id_is_nil(visitor.subject)) {
		rc = subject_load(&p->v, visitor.subject, &s);
		if (rc == 0) {
			call_about(c, s->base);
			rc = permit_by_consent(c, p, s);
		}
	}
	if (rc == 0 && p->has_start && p->start.visitor != slot) {
		return err_field(ERR_INVALID, "cursor",
				 "is of another reading");
	}
	return rc != 0 ? rc : visitor_read(p, slot);
}

static int
by_subject(struct call *c, struct page *p)
{
	slot_t after = SLOT_NONE;
	struct subject *s;
	slot_t *slots;
	size_t n;
	int rc = subject_load(&p->v, p->in->subject, &s);

	if (rc != 0) {
		return rc;
	}
	call_about(c, s->base);
	rc = permit_by_consent(c, p, s);
	if (rc != 0) {
		return rc;
	}
	if (p->has_start) {
		/* Visitors before the one to begin with are done. */
		after = p->start.visitor;
		after = after == 0 ? SLOT_NONE : after - 1;
	}
	rc = visitors_of(c->txn, c->arena, s->base, after, VISITORS_MAX, &slots,
			 &n);
	for (size_t i = 0; i < n && rc == 0 && !p->is_full; i++) {
		rc = visitor_read(p, slots[i]);
	}
	if (rc == 0 && !p->is_full && n == VISITORS_MAX) {
		struct key_maker next = {.n = 0};
		static const uint8_t zeros[4 + ID_BYTES];

		key_u64(&next, slots[n - 1] + 1);
		key_raw(&next, zeros, sizeof(zeros));
		page_end(p, slots[n - 1] + 1, key_bytes(&next), 0);
	}
	return rc;
}

static int
start_parse(struct page *p, struct arena *a)
{
	struct bytes b;

	if (p->in->cursor == NULL) {
		return 0;
	}
	if (base64_decode(bytes_str(p->in->cursor), a, &b) != 0 ||
	    b.n != CURSOR_BYTES) {
		return err_field(ERR_INVALID, "cursor",
				 "is none of this service");
	}
	p->start.visitor = get_u64(b.p);
	memcpy(p->start.key, b.p + 8, VISIT_KEY_BYTES);
	p->start.event = get_u16(b.p + 8 + VISIT_KEY_BYTES);
	p->has_start = true;
	return 0;
}

static int
next_make(const struct page *p, struct arena *a, struct visit_read_out *out)
{
	uint8_t b[CURSOR_BYTES];

	put_u64(b, p->end.visitor);
	memcpy(b + 8, p->end.key, VISIT_KEY_BYTES);
	put_u16(b + 8 + VISIT_KEY_BYTES, p->end.event);
	out->next = base64_encode(bytes_of(b, sizeof(b)), a);
	return out->next == NULL ? ERR_NOMEM : 0;
}

static int
permit(struct call *c, struct page *p)
{
	int rc;

	p->purpose = policy_purpose(c->policy, p->in->purpose);
	if (p->purpose == NULL) {
		return err_field(ERR_INVALID, "purpose",
				 "no such purpose in the policy");
	}
	rc = decide_read(p->purpose, c->caller.roles, p->category, false,
			 &p->fields);
	if (rc != ERR_NOT_PERMITTED && rc != ERR_DENIED) {
		return rc;
	}
	(void)err_field(ERR_NOT_PERMITTED, "purpose",
			"that purpose does not cover it, or not for this role");
	return refuse(c, p, ERR_NOT_PERMITTED);
}

int
visit_read(struct call *c, const void *input, void *output)
{
	const struct visit_read_in *in = input;
	struct visit_read_out *out = output;
	struct page p = {.v = call_vault(c),
			 .in = in,
			 .category = policy_category(c->policy, CATEGORY),
			 .limit = in->has_limit ? (size_t)in->limit
						: LIMIT_DEFAULT};
	int rc;

	if (p.category == NULL) {
		return err_set(ERR_CONFIG,
			       "the policy has no category `" CATEGORY "`");
	}
	if (id_is_nil(in->subject) == (in->visitor == NULL)) {
		return err_field(ERR_INVALID, "subject",
				 "either subject or visitor");
	}
	if (in->has_from && in->has_to && in->to < in->from) {
		return err_field(ERR_INVALID, "to", "before from");
	}
	rc = permit(c, &p);
	if (rc == 0) {
		rc = start_parse(&p, c->arena);
	}
	if (rc != 0) {
		return rc;
	}
	p.records = arena_array(c->arena, p.limit, sizeof(*p.records));
	if (p.records == NULL) {
		return ERR_NOMEM;
	}
	rc = in->visitor != NULL ? by_visitor(c, &p) : by_subject(c, &p);
	if (rc == 0 && p.is_full) {
		rc = next_make(&p, c->arena, out);
	}
	if (rc != 0) {
		return rc;
	}
	out->records = p.records;
	out->n_records = p.n;
	return read_leaf(c, &p, 0);
}

/* Notices: made here, fetched and acknowledged by those who tell. */
#include "request/notice.h"

#include "base/pack.h"
#include "call/erasure.h"
#include "keyring/slots.h"
#include "policy/decide.h"
#include "request/alarm.h"

#define NOTICE_SCHEMA 1
#define HEAD_BYTES (8 + 1 + 1)
#define NOTICE_BYTES_MAX 16384
#define NOTICE_ARENA_BYTES_MAX (4 * NOTICE_BYTES_MAX)

const char *const notice_kind_names[4] = {"person", "recipient", "alarm",
					  NULL};
static const char *const state_names[] = {"open", "acknowledged", NULL};

static const struct field list_in_fields[] = {
	F_ENUM_HAS(struct notice_list_in, kind, notice_kind_names,
		   "to whom; without it, all that the caller may see"),
	F_ENUM_HAS(struct notice_list_in, state, state_names,
		   "open or acknowledged"),
	F_INT_HAS(struct notice_list_in, limit, 1, NOTICE_LIMIT_MAX,
		  "items a page"),
	F_MAY(struct notice_list_in, cursor, FIELD_TEXT,
	      "`next` of the page before"),
};
const struct field_table notice_list_in_table =
	FIELD_TABLE(struct notice_list_in, list_in_fields);

static const struct field item_fields[] = {
	F_MUST(struct notice_item, notice, FIELD_ID, "its id"),
	F_ENUM(struct notice_item, kind, 0, notice_kind_names, "to whom"),
	F_MUST(struct notice_item, about, FIELD_TEXT, "what it is about"),
	F_MAY(struct notice_item, subject, FIELD_ID, "the customer"),
	F_MAY(struct notice_item, recipient, FIELD_TEXT, "who must be told"),
	F_MAY(struct notice_item, request, FIELD_ID, "the request"),
	F_MUST(struct notice_item, created_at, FIELD_TIME, "since when"),
	F_ENUM(struct notice_item, state, 0, state_names,
	       "open or acknowledged"),
	F_MAY(struct notice_item, acknowledged_at, FIELD_TIME, "when"),
	F_MAY(struct notice_item, acknowledged_by, FIELD_TEXT, "by whom"),
	F_LIST_OF(struct notice_item, shares, FIELD_OPTIONAL, FIELD_ID,
		  NOTICE_SHARES_MAX, "by which the recipient knows whose"),
};

static const struct field list_out_fields[] = {
	F_LIST(struct notice_list_out, items, 0, item_fields,
	       NOTICE_LIMIT_MAX, "oldest first"),
	F_MAY(struct notice_list_out, next, FIELD_TEXT,
	      "cursor of the next page"),
};
const struct field_table notice_list_out_table =
	FIELD_TABLE(struct notice_list_out, list_out_fields);

static const struct field acknowledge_in_fields[] = {
	F_MUST(struct notice_acknowledge_in, notice, FIELD_ID, "the notice"),
};
const struct field_table notice_acknowledge_in_table =
	FIELD_TABLE(struct notice_acknowledge_in, acknowledge_in_fields);

static struct seal_context
notice_context(struct id id, slot_t slot)
{
	return (struct seal_context){.type = SEAL_NOTICE,
				     .slot = slot,
				     .record = id,
				     .day = DAY_NONE,
				     .schema = NOTICE_SCHEMA};
}

static int
notice_save(struct call *c, const struct notice *n)
{
	struct seal_context context = notice_context(n->id, n->slot);
	uint8_t head[HEAD_BYTES];
	struct packer p = {0};
	struct buf plain;
	struct buf row;

	put_u64(head, n->slot);
	head[8] = (uint8_t)n->kind;
	head[9] = n->is_acknowledged ? 1 : 0;
	buf_init(&plain, NOTICE_BYTES_MAX);
	buf_init(&row, VALUE_BYTES_MAX);
	p.to = &plain;
	pack_u8(&p, head[8]);
	pack_u8(&p, head[9]);
	pack_text(&p, n->about);
	pack_id(&p, n->subject);
	pack_text(&p, n->recipient);
	pack_id(&p, n->request);
	pack_i64(&p, n->created_at_ms);
	pack_i64(&p, n->acknowledged_at_ms);
	pack_text(&p, n->acknowledged_by);
	pack_u16(&p, (uint16_t)n->n_shares);
	for (size_t i = 0; i < n->n_shares; i++) {
		pack_id(&p, n->shares[i]);
	}
	if (p.rc == 0) {
		p.rc = buf_put(&row, head, sizeof(head));
	}
	if (p.rc == 0) {
		p.rc = seal_put(c->keys, &context, buf_bytes(&plain), &row);
	}
	if (p.rc == 0) {
		p.rc = txn_put(c->txn, TABLE_NOTICE, id_bytes(&n->id),
			       buf_bytes(&row));
	}
	buf_clear(&plain);
	buf_clear(&row);
	return p.rc;
}

static int
notice_open(struct call *c, struct bytes key, struct bytes row,
	    struct notice *out)
{
	struct notice n = {.slot = SLOT_NONE};
	struct seal_context context;
	struct unpacker u = {0};
	struct id *shares;
	int rc;

	if (key.n != ID_BYTES || row.n < HEAD_BYTES) {
		return err_set(ERR_CORRUPT, "a notice's row is too short");
	}
	memcpy(n.id.b, key.p, ID_BYTES);
	n.slot = get_u64(row.p);
	context = notice_context(n.id, n.slot);
	rc = seal_open(c->keys, &context,
		       bytes_of(row.p + HEAD_BYTES, row.n - HEAD_BYTES),
		       c->arena, &u.from);
	if (rc != 0) {
		return rc == ERR_EXPIRED ? err_set(ERR_NOT_FOUND,
						   "no such notice")
					 : rc;
	}
	n.kind = (enum notice_kind)unpack_u8(&u);
	n.is_acknowledged = unpack_u8(&u) != 0;
	n.about = unpack_text(&u, c->arena);
	n.subject = unpack_id(&u);
	n.recipient = unpack_text(&u, c->arena);
	n.request = unpack_id(&u);
	n.created_at_ms = unpack_i64(&u);
	n.acknowledged_at_ms = unpack_i64(&u);
	n.acknowledged_by = unpack_text(&u, c->arena);
	n.n_shares = unpack_u16(&u);
	shares = arena_array(c->arena, n.n_shares, sizeof(*shares));
	if (shares == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n.n_shares; i++) {
		shares[i] = unpack_id(&u);
	}
	n.shares = shares;
	if (u.rc == ERR_NOMEM) {
		return u.rc;
	}
	if (unpack_end(&u) != 0 || n.kind > NOTICE_ALARM) {
		return err_set(ERR_CORRUPT, "a notice is not as written");
	}
	*out = n;
	return 0;
}

int
notice_create(struct call *c, struct notice *n)
{
	struct value details = value_object();
	int rc = slots_take_one(c->txn, c->keys, &n->slot);

	n->id = call_new_id(c);
	n->created_at_ms = c->now_ms;
	if (rc == 0) {
		rc = notice_save(c, n);
	}
	if (rc == 0) {
		rc = value_add(&details, c->arena, "kind",
			       value_text(notice_kind_names[n->kind]));
	}
	if (rc == 0) {
		rc = value_add(&details, c->arena, "about",
			       value_text(n->about));
	}
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){.type = LEAF_NOTICE,
							 .log_slot = n->slot,
							 .details = details});
}

int
notice_load(struct call *c, struct id id, struct notice *out)
{
	struct bytes row;
	int rc = txn_get(c->txn, TABLE_NOTICE, id_bytes(&id), &row);

	if (rc == ERR_NOT_FOUND) {
		return err_set(ERR_NOT_FOUND, "no such notice");
	}
	return rc != 0 ? rc : notice_open(c, id_bytes(&id), row, out);
}

int
notice_end(struct call *c, struct id id)
{
	struct notice n;
	int rc = notice_load(c, id, &n);

	if (rc == ERR_NOT_FOUND) {
		err_clear();
		return 0;
	}
	if (rc == 0) {
		rc = txn_del(c->txn, TABLE_NOTICE, id_bytes(&id));
	}
	return rc != 0 ? rc
		       : erasure_queue(c, &n.slot, 1, (struct id){{0}});
}

/* Its time stands in its id; whom it is to, only its sealed part says. */
static int
waiting_read(struct call *c, struct bytes key, struct bytes row,
	     struct notice_waiting *out)
{
	struct notice n = {.recipient = NULL};
	struct id id;
	int rc = 0;

	memcpy(id.b, key.p, ID_BYTES);
	if (row.p[8] == NOTICE_RECIPIENT) {
		rc = notice_open(c, key, row, &n);
	}
	*out = (struct notice_waiting){.kind = (enum notice_kind)row.p[8],
				       .since_ms = id_time_ms(id),
				       .recipient = n.recipient};
	return rc;
}

int
notice_each_waiting(struct call *c,
		    int (*each)(void *ctx, const struct notice_waiting *),
		    void *ctx)
{
	struct call one = *c;
	struct notice_waiting w;
	struct range *r = NULL;
	struct bytes key;
	struct bytes row;
	int rc;

	one.arena = arena_new(NOTICE_ARENA_BYTES_MAX);
	if (one.arena == NULL) {
		return err_set(ERR_NOMEM, "no memory for a notice");
	}
	rc = range_open(c->txn, TABLE_NOTICE, bytes_of(NULL, 0),
			bytes_of(NULL, 0), 0, &r);
	while (rc == 0 && (rc = range_next(r, &key, &row)) == 1) {
		rc = 0;
		if (key.n != ID_BYTES || row.n < HEAD_BYTES ||
		    row.p[8] > NOTICE_ALARM || row.p[9] != 0) {
			continue;
		}
		rc = waiting_read(&one, key, row, &w);
		if (rc == ERR_NOT_FOUND) {
			err_clear(); /* its key is gone, its row goes */
			rc = 0;
		} else if (rc == 0) {
			rc = each(ctx, &w);
		}
		arena_reset(one.arena);
	}
	range_close(r);
	arena_free(one.arena);
	return rc;
}

static bool
may_see(const struct call *c, enum notice_kind kind)
{
	switch (kind) {
	case NOTICE_PERSON:
		return call_has_role(c, ROLE_PORTAL | ROLE_COMPLIANCE);
	case NOTICE_RECIPIENT:
		return call_has_role(c, ROLE_BILLING | ROLE_COMPLIANCE);
	case NOTICE_ALARM:
		return call_has_role(c, ROLE_COMPLIANCE);
	}
	return false;
}

/* By what stands in clear in the row. */
static bool
is_wanted(const struct call *c, const struct notice_list_in *in,
	  struct bytes row)
{
	return row.n >= HEAD_BYTES && row.p[8] <= NOTICE_ALARM &&
	       may_see(c, (enum notice_kind)row.p[8]) &&
	       (!in->has_kind || in->kind == row.p[8]) &&
	       (!in->has_state || in->state == row.p[9]);
}

static void
item_of(const struct notice *n, struct notice_item *out)
{
	*out = (struct notice_item){.notice = n->id,
				    .kind = (int)n->kind,
				    .about = n->about,
				    .subject = n->subject,
				    .recipient = n->recipient,
				    .request = n->request,
				    .created_at = n->created_at_ms,
				    .state = n->is_acknowledged ? 1 : 0,
				    .acknowledged_at = n->acknowledged_at_ms,
				    .acknowledged_by = n->acknowledged_by,
				    .shares = n->shares,
				    .n_shares = n->n_shares};
}

static int
page_read(struct call *c, const struct notice_list_in *in, struct range *r,
	  struct notice_item *items, size_t limit, struct notice_list_out *out)
{
	struct bytes key;
	struct bytes row;
	struct notice n;
	size_t found = 0;
	int rc;

	while ((rc = range_next(r, &key, &row)) == 1) {
		if (!is_wanted(c, in, row)) {
			continue;
		}
		if (found == limit) {
			char *next = arena_alloc(c->arena, ID_TEXT_BYTES);
			struct id id;

			if (next == NULL) {
				return ERR_NOMEM;
			}
			memcpy(id.b, key.p, ID_BYTES);
			out->next = id_print(id, next);
			break;
		}
		rc = notice_open(c, key, row, &n);
		if (rc == ERR_NOT_FOUND) {
			err_clear();
			continue;
		}
		if (rc != 0) {
			return rc;
		}
		item_of(&n, &items[found++]);
	}
	out->items = items;
	out->n_items = found;
	return rc < 0 ? rc : 0;
}

int
notice_list(struct call *c, const void *input, void *output)
{
	const struct notice_list_in *in = input;
	size_t limit = in->has_limit ? (size_t)in->limit
				     : NOTICE_LIMIT_DEFAULT;
	struct notice_item *items = arena_array(c->arena, limit,
						sizeof(*items));
	struct bytes from = {NULL, 0};
	struct id first;
	struct range *r;
	int rc;

	if (items == NULL) {
		return ERR_NOMEM;
	}
	if (in->has_kind && !may_see(c, (enum notice_kind)in->kind)) {
		return err_set(ERR_DENIED, "notices of another's kind");
	}
	if (in->cursor != NULL) {
		if (id_parse(in->cursor, &first) != 0) {
			return err_field(ERR_INVALID, "cursor",
					 "is none of this service");
		}
		from = id_bytes(&first);
	}
	rc = range_open(c->txn, TABLE_NOTICE, bytes_of(NULL, 0), from, 0, &r);
	if (rc == 0) {
		rc = page_read(c, in, r, items, limit, output);
		range_close(r);
	}
	return rc;
}

int
notice_acknowledge(struct call *c, const void *input, void *output)
{
	const struct notice_acknowledge_in *in = input;
	date_t last = date_add(c->today, c->policy->house.notice_retention);
	struct alarm end = {.id = in->notice, .kind = ALARM_NOTICE_END};
	struct notice n;
	int rc = notice_load(c, in->notice, &n);

	(void)output;
	if (rc == 0 && !may_see(c, n.kind)) {
		rc = err_set(ERR_NOT_FOUND, "no such notice");
	}
	if (rc != 0) {
		return rc;
	}
	if (n.is_acknowledged) {
		(void)err_set(ERR_STATE, "it was acknowledged already");
		err_extra_text("state", "acknowledged");
		return ERR_STATE;
	}
	c->log_slot = n.slot;
	n.is_acknowledged = true;
	n.acknowledged_at_ms = c->now_ms;
	n.acknowledged_by = c->caller.name;
	end.at_ms = decide_day_begin_ms(c->policy, last + 1);
	rc = notice_save(c, &n);
	if (rc == 0) {
		rc = alarm_put(c->txn, &end);
	}
	return rc != 0
		       ? rc
		       : call_leaf(c, (struct call_leaf){
					      .type = LEAF_NOTICE_ACKNOWLEDGED,
					      .log_slot = n.slot});
}

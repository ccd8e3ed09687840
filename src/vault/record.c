/*
 * A record's row: its key, its seal, its day; reading one, moving one,
 * removing one. Checks and versions are record_write.c's, pages
 * record_list.c's.
 */
#include "vault/record.h"

#include "base/pack.h"
#include "vault/expiry.h"
#include "vault/record_row.h"

#define RECORD_SCHEMA 1
#define DAY_BYTES 4
/* What is packed: data and what stands beside it. */
#define PACKED_BYTES_MAX (RECORD_DATA_BYTES_MAX + 2048)

void
record_key(struct key_maker *k, slot_t slot, uint8_t category)
{
	key_u64(k, slot);
	key_u8(k, category);
}

void
record_key_of(struct key_maker *k, slot_t slot, uint8_t category,
	      struct id record, uint32_t version)
{
	record_key(k, slot, category);
	key_id(k, record);
	key_u32(k, version);
}

bool
record_is_due(const struct record *r, date_t today)
{
	return r->due != DAY_NONE && today >= r->due;
}

static struct seal_context
record_context(const struct record *r)
{
	return (struct seal_context){.type = SEAL_RECORD,
				     .category = r->category_id,
				     .slot = r->slot,
				     .record = r->id,
				     .version = r->version,
				     .day = r->day,
				     .schema = RECORD_SCHEMA};
}

int
record_parse(struct vault *v, struct bytes key, struct bytes row,
	     struct record *out)
{
	struct record r = {0};

	if (key.n != RECORD_KEY_BYTES || row.n < DAY_BYTES) {
		return err_set(ERR_CORRUPT, "a record's row is too short");
	}
	r.slot = get_u64(key.p);
	r.category_id = key.p[8];
	r.category = policy_category_by_id(v->policy, r.category_id);
	memcpy(r.id.b, key.p + 9, ID_BYTES);
	r.version = get_u32(key.p + 9 + ID_BYTES);
	r.day = (date_t)get_u32(row.p);
	r.due = r.day;
	r.row_bytes = row.n;
	*out = r;
	return 0;
}

static int
record_pack(const struct record *r, struct buf *to)
{
	struct packer p = {.to = to};

	pack_i64(&p, r->collected_at_ms);
	pack_text(&p, r->collected_with);
	pack_text(&p, r->source);
	pack_u32(&p, r->by);
	pack_u32(&p, (uint32_t)r->due);
	return p.rc != 0 ? p.rc : value_pack(&r->data, to);
}

int
record_open(struct vault *v, struct bytes row, struct record *r)
{
	struct seal_context c = record_context(r);
	struct unpacker u = {0};
	struct record opened = *r;
	int rc;

	rc = seal_open(v->keys, &c,
		       bytes_of(row.p + DAY_BYTES, row.n - DAY_BYTES), v->arena,
		       &u.from);
	if (rc != 0) {
		return rc;
	}
	opened.collected_at_ms = unpack_i64(&u);
	opened.collected_with = unpack_text(&u, v->arena);
	opened.source = unpack_text(&u, v->arena);
	opened.by = unpack_u32(&u);
	opened.due = (date_t)unpack_u32(&u);
	if (u.rc != 0) {
		return u.rc;
	}
	rc = value_unpack(u.from, v->arena, &opened.data);
	if (rc == 0) {
		*r = opened;
	}
	return rc;
}

int
record_put(struct vault *v, const struct record *r)
{
	struct seal_context c = record_context(r);
	struct key_maker k = {.n = 0};
	uint8_t day[DAY_BYTES];
	struct buf plain;
	struct buf row;
	int rc;

	record_key_of(&k, r->slot, r->category_id, r->id, r->version);
	put_u32(day, (uint32_t)r->day);
	buf_init(&plain, PACKED_BYTES_MAX);
	buf_init(&row, VALUE_BYTES_MAX);
	rc = record_pack(r, &plain);
	if (rc == 0) {
		rc = buf_put(&row, day, sizeof(day));
	}
	if (rc == 0) {
		rc = seal_put(v->keys, &c, buf_bytes(&plain), &row);
	}
	if (rc == 0) {
		rc = txn_put(v->txn, TABLE_RECORD, key_bytes(&k),
			     buf_bytes(&row));
	}
	if (rc == 0) {
		rc = expiry_note(v->txn, r->day, TABLE_RECORD, key_bytes(&k));
	}
	buf_clear(&plain);
	buf_clear(&row);
	return rc;
}

int
record_newest(struct vault *v, slot_t slot, uint8_t category, struct id record,
	      struct record *out, struct bytes *out_row)
{
	struct key_maker prefix = {.n = 0};
	struct range *r;
	struct bytes key;
	struct bytes row;
	int rc;

	record_key(&prefix, slot, category);
	if (!id_is_nil(record)) {
		key_id(&prefix, record);
	}
	rc = range_open(v->txn, TABLE_RECORD, key_bytes(&prefix),
			bytes_of(NULL, 0), RANGE_REVERSE, &r);
	if (rc != 0) {
		return rc;
	}
	rc = range_next(r, &key, &row);
	if (rc == 1) {
		int parsed = record_parse(v, key, row, out);
		/* Borrowed from the range: kept for the caller. */
		uint8_t *copy = arena_copy(v->arena, row.p, row.n);

		if (parsed != 0 || copy == NULL) {
			rc = parsed != 0 ? parsed : ERR_NOMEM;
		} else {
			*out_row = bytes_of(copy, row.n);
		}
	}
	range_close(r);
	return rc;
}

static int
none(void)
{
	return err_set(ERR_NOT_FOUND, "no such record");
}

/* Under whichever of the places has the newest version. */
int
record_read(struct vault *v, const struct subject *s,
	    const struct policy_category *c, struct id record,
	    struct record **out)
{
	struct record *best = ARENA_NEW(v->arena, struct record);
	struct bytes best_row = {NULL, 0};
	int rc;

	if (best == NULL) {
		return ERR_NOMEM;
	}
	for (unsigned i = 0; i < SUBJECT_PLACES; i++) {
		slot_t slot = subject_place(s, c, i);
		struct record r = {.version = 0};
		struct bytes row = {NULL, 0};

		if (slot == SLOT_NONE) {
			continue;
		}
		rc = record_newest(v, slot, c->id, record, &r, &row);
		if (rc < 0) {
			return rc;
		}
		if (rc == 1 &&
		    (best_row.p == NULL || r.version > best->version)) {
			*best = r;
			best_row = row;
		}
	}
	if (best_row.p == NULL) {
		return none();
	}
	rc = record_open(v, best_row, best);
	if (rc == ERR_EXPIRED || (rc == 0 && record_is_due(best, v->today))) {
		return none();
	}
	if (rc == 0) {
		*out = best;
	}
	return rc;
}

int
record_read_single(struct vault *v, const struct subject *s,
		   const struct policy_category *c, struct record **out)
{
	return record_read(v, s, c, (struct id){{0}}, out);
}

int
record_delete(struct vault *v, const struct record *r)
{
	struct key_maker k = {.n = 0};
	int rc;

	record_key_of(&k, r->slot, r->category_id, r->id, r->version);
	rc = txn_del(v->txn, TABLE_RECORD, key_bytes(&k));
	if (rc == 0) {
		rc = expiry_forget(v->txn, r->day, TABLE_RECORD, key_bytes(&k));
	}
	return rc;
}

int
record_move(struct vault *v, const struct subject *s, const struct record *r,
	    slot_t slot, date_t due)
{
	struct record moved = *r;
	int rc;

	if (r->data.kind != VALUE_OBJECT) {
		return err_set(ERR_EXPIRED, "the record has expired");
	}
	moved.slot = slot;
	moved.due = due;
	moved.day = subject_is_held_slot(s, slot) ? DAY_NONE : due;
	rc = record_delete(v, r);
	return rc != 0 ? rc : record_put(v, &moved);
}

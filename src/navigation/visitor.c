/* Rows of visitors: heads and chunks, and their way through an erasure. */
#include "navigation/visitor.h"

#include <string.h>

#include "base/pack.h"
#include "keyring/slots.h"
#include "vault/expiry.h"
#include "vault/index.h"

#define VISITOR_SCHEMA 1
#define VISIT_SCHEMA 1
#define HEAD_BYTES_MAX 64
#define DUE_BYTES 4

static struct seal_context
head_context(slot_t slot)
{
	return (struct seal_context){.type = SEAL_VISITOR,
				     .slot = slot,
				     .day = DAY_NONE,
				     .schema = VISITOR_SCHEMA};
}

static struct index_entry
entry_of(slot_t slot)
{
	return (struct index_entry){.kind = OWNER_VISITOR,
				    .owner = index_owner_of_slot(slot)};
}

static int
is_alive(struct vault *v, slot_t slot, bool *out)
{
	AUTO_KEY key = {{0}};
	int rc = keyring_key(v->keys, slot, &key);

	if (rc != 0 && rc != ERR_EXPIRED) {
		return rc;
	}
	*out = rc == 0;
	err_clear();
	return 0;
}

int
visitor_find(struct vault *v, const char *cookie, slot_t *out_slot)
{
	struct index_entry *hits;
	slot_t found = SLOT_NONE;
	size_t n;
	int rc = index_find(v, INDEX_OF_VISITOR, cookie, &hits, &n);

	for (size_t i = 0; i < n && rc == 0 && found == SLOT_NONE; i++) {
		slot_t slot = hits[i].kind == OWNER_VISITOR
				      ? index_slot_of_owner(hits[i].owner)
				      : SLOT_NONE;
		bool alive = false;

		if (slot != SLOT_NONE) {
			rc = is_alive(v, slot, &alive);
		}
		if (alive) {
			found = slot;
		}
	}
	if (rc == 0) {
		*out_slot = found;
	}
	return rc;
}

int
visitor_need(struct vault *v, const char *cookie, slot_t *out_slot)
{
	struct visitor fresh = {.base = SLOT_NONE, .since_ms = v->now_ms};
	struct index_entry entry;
	int rc = visitor_find(v, cookie, out_slot);

	if (rc != 0 || *out_slot != SLOT_NONE) {
		return rc;
	}
	rc = slots_take_one(v->txn, v->keys, &fresh.slot);
	if (rc != 0) {
		return rc;
	}
	entry = entry_of(fresh.slot);
	rc = index_add(v, INDEX_OF_VISITOR, cookie, &entry, &fresh.bucket);
	if (rc == 0) {
		rc = visitor_save(v, &fresh);
	}
	if (rc == 0) {
		*out_slot = fresh.slot;
	}
	return rc;
}

int
visitor_save(struct vault *v, const struct visitor *visitor)
{
	struct seal_context context = head_context(visitor->slot);
	struct key_maker k = {.n = 0};
	struct packer p = {.rc = 0};
	struct bytes sealed;
	struct buf plain;

	key_u64(&k, visitor->slot);
	buf_init(&plain, HEAD_BYTES_MAX);
	p.to = &plain;
	pack_id(&p, visitor->subject);
	pack_u64(&p, visitor->base);
	pack_u32(&p, visitor->bucket);
	pack_i64(&p, visitor->since_ms);
	if (p.rc == 0) {
		p.rc = seal_make(v->keys, &context, buf_bytes(&plain), v->arena,
				 &sealed);
	}
	if (p.rc == 0) {
		p.rc = txn_put(v->txn, TABLE_VISITOR, key_bytes(&k), sealed);
	}
	buf_clear(&plain);
	return p.rc;
}

int
visitor_load(struct vault *v, slot_t slot, struct visitor *out)
{
	struct seal_context context = head_context(slot);
	struct visitor visitor = {.slot = slot};
	struct key_maker k = {.n = 0};
	struct unpacker u = {.rc = 0};
	struct bytes sealed;
	int rc;

	key_u64(&k, slot);
	rc = txn_get(v->txn, TABLE_VISITOR, key_bytes(&k), &sealed);
	if (rc == 0) {
		rc = seal_open(v->keys, &context, sealed, v->arena, &u.from);
	}
	if (rc == ERR_NOT_FOUND || rc == ERR_EXPIRED) {
		return err_set(ERR_NOT_FOUND, "no such visitor");
	}
	if (rc != 0) {
		return rc;
	}
	visitor.subject = unpack_id(&u);
	visitor.base = unpack_u64(&u);
	visitor.bucket = unpack_u32(&u);
	visitor.since_ms = unpack_i64(&u);
	rc = unpack_end(&u);
	if (rc == 0) {
		*out = visitor;
	}
	return rc;
}

int
visitors_of(struct txn *t, struct arena *a, slot_t base, slot_t after,
	    size_t max, slot_t **out, size_t *out_n)
{
	struct id last = {{0}};
	slot_t *slots = arena_array(a, max, sizeof(*slots));
	struct id *ids;
	size_t n;
	int rc;

	if (slots == NULL) {
		return ERR_NOMEM;
	}
	if (after != SLOT_NONE) {
		last = index_owner_of_slot(after);
	}
	rc = of_subject_list(t, a, OF_SUBJECT_VISITOR, base, last, max, &ids,
			     &n);
	if (rc != 0) {
		return rc;
	}
	for (size_t i = 0; i < n; i++) {
		slots[i] = index_slot_of_owner(ids[i]);
	}
	*out = slots;
	*out_n = n;
	return 0;
}

int
visitor_unindex(struct vault *v, slot_t slot, slot_t out_slots[VISITOR_SLOTS],
		size_t *out_n)
{
	struct visitor visitor;
	size_t n = 0;
	slot_t old;
	int rc = visitor_load(v, slot, &visitor);

	if (rc == 0) {
		rc = index_move_without(v, visitor.bucket, OWNER_VISITOR,
					index_owner_of_slot(slot), &old);
	}
	if (rc == 0 && old != SLOT_NONE) {
		out_slots[n++] = old;
	}
	if (rc == 0 && !id_is_nil(visitor.subject)) {
		rc = index_move_without(v, visitor.bucket, OWNER_SUBJECT,
					visitor.subject, &old);
		if (rc == 0 && old != SLOT_NONE) {
			out_slots[n++] = old;
		}
	}
	if (rc == 0) {
		out_slots[n++] = slot;
		*out_n = n;
	}
	return rc;
}

static void
visit_key(struct key_maker *k, const struct visit_chunk *chunk)
{
	key_u64(k, chunk->slot);
	/* Days of the keyring are after 1970, so that u32 keeps their order. */
	key_u32(k, (uint32_t)chunk->day);
	key_id(k, chunk->id);
}

static struct seal_context
visit_context(const struct visit_chunk *chunk)
{
	return (struct seal_context){.type = SEAL_VISIT,
				     .slot = chunk->slot,
				     .record = chunk->id,
				     .version = (uint64_t)chunk->day,
				     .day = chunk->due,
				     .schema = VISIT_SCHEMA};
}

static int
visit_parse(struct bytes key, struct bytes row, struct visit_chunk *out)
{
	if (key.n != VISIT_KEY_BYTES || row.n < DUE_BYTES) {
		return err_set(ERR_CORRUPT, "a chunk's row is too short");
	}
	out->slot = get_u64(key.p);
	out->day = (date_t)get_u32(key.p + 8);
	memcpy(out->id.b, key.p + 12, ID_BYTES);
	out->due = (date_t)get_u32(row.p);
	return 0;
}

int
visitor_forget(struct vault *v, slot_t slot, slot_t base, size_t max,
	       size_t *out_chunks, bool *out_more)
{
	struct key_maker prefix = {.n = 0};
	struct visit_chunk chunk = {0};
	struct range *r;
	struct bytes key;
	struct bytes row;
	size_t n = 0;
	int rc;

	key_u64(&prefix, slot);
	rc = range_open(v->txn, TABLE_VISIT, key_bytes(&prefix),
			bytes_of(NULL, 0), 0, &r);
	if (rc != 0) {
		return rc;
	}
	while (n < max && (rc = range_next(r, &key, &row)) == 1) {
		struct key_maker k = {.n = 0};

		rc = visit_parse(key, row, &chunk);
		if (rc == 0) {
			visit_key(&k, &chunk);
			rc = expiry_forget(v->txn, chunk.due, TABLE_VISIT,
					   key_bytes(&k));
		}
		if (rc == 0) {
			rc = txn_del(v->txn, TABLE_VISIT, key_bytes(&k));
		}
		if (rc != 0) {
			break;
		}
		n++;
	}
	range_close(r);
	rc = rc > 0 ? 0 : rc;
	if (rc == 0 && n < max) {
		rc = txn_del(v->txn, TABLE_VISITOR, key_bytes(&prefix));
		if (rc == 0 && base != SLOT_NONE) {
			rc = of_subject_remove(v->txn, OF_SUBJECT_VISITOR, base,
					       index_owner_of_slot(slot));
		}
	}
	if (rc == 0) {
		*out_chunks = n;
		*out_more = n == max;
	}
	return rc;
}

int
visit_write(struct vault *v, slot_t slot, date_t day, date_t due,
	    const struct visit_event *const *events, size_t n, size_t *out_n)
{
	struct visit_chunk chunk = {.slot = slot,
				    .day = day,
				    .due = due,
				    .id = id_new(v->now_ms, v->entropy)};
	struct seal_context context = visit_context(&chunk);
	struct key_maker k = {.n = 0};
	uint8_t head[DUE_BYTES];
	struct buf plain;
	struct buf row;
	int rc;

	visit_key(&k, &chunk);
	put_u32(head, (uint32_t)due);
	buf_init(&plain, CHUNK_BYTES_MAX);
	buf_init(&row, VALUE_BYTES_MAX);
	rc = chunk_pack(events, n, &plain, out_n);
	if (rc == 0) {
		rc = buf_put(&row, head, sizeof(head));
	}
	if (rc == 0) {
		rc = seal_put(v->keys, &context, buf_bytes(&plain), &row);
	}
	if (rc == 0) {
		rc = txn_put(v->txn, TABLE_VISIT, key_bytes(&k),
			     buf_bytes(&row));
	}
	if (rc == 0) {
		rc = expiry_note(v->txn, due, TABLE_VISIT, key_bytes(&k));
	}
	buf_clear(&plain);
	buf_clear(&row);
	return rc;
}

int
visit_open(struct vault *v, struct bytes key, struct bytes row,
	   struct visit_chunk *out_chunk, struct visit_event **out,
	   size_t *out_n)
{
	struct seal_context context;
	struct bytes plain;
	int rc = visit_parse(key, row, out_chunk);

	if (rc != 0) {
		return rc;
	}
	if (out_chunk->due != DAY_NONE && v->today >= out_chunk->due) {
		return err_set(ERR_EXPIRED, "events past their day");
	}
	context = visit_context(out_chunk);
	rc = seal_open(v->keys, &context,
		       bytes_of(row.p + DUE_BYTES, row.n - DUE_BYTES), v->arena,
		       &plain);
	return rc != 0 ? rc : chunk_unpack(plain, v->arena, out, out_n);
}

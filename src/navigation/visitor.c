/* Rows of visitors: heads and chunks, and their way through an erasure. */
#include "navigation/visitor.h"

#include <string.h>

#include "base/pack.h"
#include "keyring/slots.h"
#include "vault/expiry.h"
#include "vault/hold_mark.h"
#include "vault/index.h"

#define CATEGORY "navigation"
#define VISITOR_SCHEMA 2
#define VISIT_SCHEMA 2
#define HEAD_BYTES_MAX 256
#define PREFIX_BYTES (2 * 8)
#define DUE_BYTES 4

static struct seal_context
head_context(const struct visitor *visitor)
{
	return (struct seal_context){.type = SEAL_VISITOR,
				     .slot = visitor->head_slot,
				     .version = visitor->slot,
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

/* A hold over everybody covers whoever comes while it stands. */
static int
fresh_held(struct vault *v, struct visitor *fresh)
{
	const struct policy_category *category =
		policy_category(v->policy, CATEGORY);
	bool held = false;
	int rc = category == NULL
			 ? 0
			 : hold_mark_has(v, NULL, category->id, &held);

	return rc != 0 || !held ? rc
				: slots_take_one(v->txn, v->keys, &fresh->held);
}

int
visitor_need(struct vault *v, const char *cookie, struct visitor *out)
{
	struct visitor fresh = {.base = SLOT_NONE,
				.held = SLOT_NONE,
				.since_ms = v->now_ms,
				.cookie = cookie};
	struct index_entry entry;
	slot_t slot;
	int rc = visitor_find(v, cookie, &slot);

	if (rc != 0 || slot != SLOT_NONE) {
		return rc != 0 ? rc : visitor_load(v, slot, out);
	}
	rc = slots_take_one(v->txn, v->keys, &fresh.slot);
	if (rc == 0) {
		rc = fresh_held(v, &fresh);
	}
	if (rc != 0) {
		return rc;
	}
	fresh.head_slot = fresh.slot;
	entry = entry_of(fresh.slot);
	rc = index_add(v, INDEX_OF_VISITOR, cookie, &entry, &fresh.bucket);
	if (rc == 0) {
		rc = visitor_save(v, &fresh);
	}
	if (rc == 0) {
		*out = fresh;
	}
	return rc;
}

int
visitor_index_again(struct vault *v, slot_t slot)
{
	struct index_entry entries[2] = {entry_of(slot),
					 {.kind = OWNER_SUBJECT}};
	struct visitor visitor;
	uint32_t bucket;
	size_t n = 1;
	int rc = visitor_load(v, slot, &visitor);

	if (rc == ERR_NOT_FOUND || (rc == 0 && visitor.cookie == NULL)) {
		err_clear();
		return 0;
	}
	if (rc == 0 && !id_is_nil(visitor.subject)) {
		entries[n++].owner = visitor.subject;
	}
	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = index_add(v, INDEX_OF_VISITOR, visitor.cookie,
			       &entries[i], &bucket);
	}
	return rc;
}

int
visitor_save(struct vault *v, const struct visitor *visitor)
{
	struct seal_context context = head_context(visitor);
	struct key_maker k = {.n = 0};
	struct packer p = {.rc = 0};
	uint8_t prefix[PREFIX_BYTES];
	struct buf plain;
	struct buf row;

	key_u64(&k, visitor->slot);
	put_u64(prefix, visitor->head_slot);
	put_u64(prefix + 8, visitor->held);
	buf_init(&plain, HEAD_BYTES_MAX);
	buf_init(&row, VALUE_BYTES_MAX);
	p.to = &plain;
	pack_id(&p, visitor->subject);
	pack_u64(&p, visitor->base);
	pack_u32(&p, visitor->bucket);
	pack_i64(&p, visitor->since_ms);
	pack_text(&p, visitor->cookie);
	if (p.rc == 0) {
		p.rc = buf_put(&row, prefix, sizeof(prefix));
	}
	if (p.rc == 0) {
		p.rc = seal_put(v->keys, &context, buf_bytes(&plain), &row);
	}
	if (p.rc == 0) {
		p.rc = txn_put(v->txn, TABLE_VISITOR, key_bytes(&k),
			       buf_bytes(&row));
	}
	buf_clear(&plain);
	buf_clear(&row);
	return p.rc;
}

int
visitor_load(struct vault *v, slot_t slot, struct visitor *out)
{
	struct visitor visitor = {.slot = slot};
	struct seal_context context;
	struct key_maker k = {.n = 0};
	struct unpacker u = {.rc = 0};
	struct bytes row;
	int rc;

	key_u64(&k, slot);
	rc = txn_get(v->txn, TABLE_VISITOR, key_bytes(&k), &row);
	if (rc == 0 && row.n < PREFIX_BYTES) {
		return err_set(ERR_CORRUPT, "a visitor's row is too short");
	}
	if (rc == 0) {
		visitor.head_slot = get_u64(row.p);
		visitor.held = get_u64(row.p + 8);
		context = head_context(&visitor);
		rc = seal_open(v->keys, &context,
			       bytes_of(row.p + PREFIX_BYTES,
					row.n - PREFIX_BYTES),
			       v->arena, &u.from);
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
	visitor.cookie = unpack_text(&u, v->arena);
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
visitor_unindex(struct vault *v, slot_t slot, bool keeps,
		slot_t out_slots[VISITOR_SLOTS], size_t *out_n)
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
	if (rc == 0 && visitor.held != SLOT_NONE && keeps) {
		visitor.head_slot = visitor.held;
		visitor.cookie = NULL;
		rc = visitor_save(v, &visitor);
	} else if (rc == 0 && visitor.held != SLOT_NONE) {
		out_slots[n++] = visitor.held;
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
				     .day = chunk->sealed,
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
	out->sealed = (date_t)get_u32(row.p);
	out->due = out->sealed;
	return 0;
}

/* What is sealed: the due day, and the events as they are packed. */
static int
visit_put(struct vault *v, const struct visit_chunk *chunk, struct bytes plain)
{
	struct seal_context context = visit_context(chunk);
	struct key_maker k = {.n = 0};
	uint8_t head[DUE_BYTES];
	struct buf row;
	int rc;

	visit_key(&k, chunk);
	put_u32(head, (uint32_t)chunk->sealed);
	buf_init(&row, VALUE_BYTES_MAX);
	rc = buf_put(&row, head, sizeof(head));
	if (rc == 0) {
		rc = seal_put(v->keys, &context, plain, &row);
	}
	if (rc == 0) {
		rc = txn_put(v->txn, TABLE_VISIT, key_bytes(&k),
			     buf_bytes(&row));
	}
	if (rc == 0) {
		rc = expiry_note(v->txn, chunk->sealed, TABLE_VISIT,
				 key_bytes(&k));
	}
	buf_clear(&row);
	return rc;
}

/* *out_plain: the events as they are packed. */
static int
visit_unseal(struct vault *v, struct bytes row, struct visit_chunk *chunk,
	     struct bytes *out_plain)
{
	struct seal_context context = visit_context(chunk);
	struct bytes plain;
	int rc = seal_open(v->keys, &context,
			   bytes_of(row.p + DUE_BYTES, row.n - DUE_BYTES),
			   v->arena, &plain);

	if (rc == 0 && plain.n < DUE_BYTES) {
		return err_set(ERR_CORRUPT, "a chunk is too short");
	}
	if (rc == 0) {
		chunk->due = (date_t)get_u32(plain.p);
		*out_plain = bytes_of(plain.p + DUE_BYTES,
				      plain.n - DUE_BYTES);
	}
	return rc;
}

int
visit_delete(struct vault *v, struct bytes key, struct bytes row)
{
	struct visit_chunk chunk = {0};
	int rc = visit_parse(key, row, &chunk);

	if (rc == 0) {
		rc = expiry_forget(v->txn, chunk.sealed, TABLE_VISIT, key);
	}
	return rc != 0 ? rc : txn_del(v->txn, TABLE_VISIT, key);
}

/* The first chunks of a slot, at most `max`, away: nothing is opened. */
static int
chunks_delete(struct vault *v, slot_t slot, size_t max, size_t *out_n)
{
	struct key_maker prefix = {.n = 0};
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

		key_raw(&k, key.p, key.n);
		rc = visit_delete(v, key_bytes(&k), row);
		if (rc != 0) {
			break;
		}
		n++;
	}
	range_close(r);
	*out_n = n;
	return rc < 0 ? rc : 0;
}

int
visitor_delete(struct vault *v, slot_t slot, slot_t base)
{
	struct key_maker k = {.n = 0};
	int rc;

	key_u64(&k, slot);
	rc = txn_del(v->txn, TABLE_VISITOR, key_bytes(&k));
	if (rc == 0 && base != SLOT_NONE) {
		rc = of_subject_remove(v->txn, OF_SUBJECT_VISITOR, base,
				       index_owner_of_slot(slot));
	}
	return rc;
}

int
visitor_forget(struct vault *v, slot_t slot, slot_t base, size_t max,
	       size_t *out_chunks, bool *out_more)
{
	size_t own = 0;
	size_t under_held = 0;
	slot_t held;
	int rc = visitor_held_slot(v->txn, slot, &held);

	if (rc == 0) {
		rc = chunks_delete(v, slot, max, &own);
	}
	if (rc == 0 && held != SLOT_NONE) {
		rc = chunks_delete(v, held, max - own, &under_held);
	}
	if (rc == 0 && own + under_held < max) {
		rc = visitor_delete(v, slot, base);
	}
	if (rc == 0) {
		*out_chunks = own + under_held;
		*out_more = own + under_held == max;
	}
	return rc;
}

int
visit_write(struct vault *v, const struct visitor *visitor, date_t day,
	    date_t due, const struct visit_event *const *events, size_t n,
	    size_t *out_n)
{
	bool held = visitor->held != SLOT_NONE;
	struct visit_chunk chunk = {.slot = held ? visitor->held
						 : visitor->slot,
				    .day = day,
				    .sealed = held ? DAY_NONE : due,
				    .due = due,
				    .id = id_new(v->now_ms, v->entropy)};
	uint8_t head[DUE_BYTES];
	struct buf plain;
	struct buf packed;
	int rc;

	put_u32(head, (uint32_t)due);
	buf_init(&plain, DUE_BYTES + CHUNK_BYTES_MAX);
	buf_init(&packed, CHUNK_BYTES_MAX);
	rc = chunk_pack(events, n, &packed, out_n);
	if (rc == 0) {
		rc = buf_put(&plain, head, sizeof(head));
	}
	if (rc == 0) {
		rc = buf_put(&plain, packed.data, packed.len);
	}
	if (rc == 0) {
		rc = visit_put(v, &chunk, buf_bytes(&plain));
	}
	buf_clear(&plain);
	buf_clear(&packed);
	return rc;
}

int
visit_open(struct vault *v, struct bytes key, struct bytes row,
	   struct visit_chunk *out_chunk, struct visit_event **out,
	   size_t *out_n)
{
	struct bytes packed;
	int rc = visit_parse(key, row, out_chunk);

	if (rc == 0) {
		rc = visit_unseal(v, row, out_chunk, &packed);
	}
	if (rc == 0 && out_chunk->due != DAY_NONE &&
	    v->today >= out_chunk->due) {
		return err_set(ERR_EXPIRED, "events past their day");
	}
	return rc != 0 ? rc : chunk_unpack(packed, v->arena, out, out_n);
}

int
visit_first(struct vault *v, slot_t slot, struct bytes *out_key,
	    struct bytes *out_row)
{
	struct key_maker prefix = {.n = 0};
	struct range *r;
	struct bytes key;
	struct bytes row;
	int rc;

	key_u64(&prefix, slot);
	rc = range_open(v->txn, TABLE_VISIT, key_bytes(&prefix),
			bytes_of(NULL, 0), 0, &r);
	if (rc != 0) {
		return rc;
	}
	rc = range_next(r, &key, &row);
	if (rc == 1) {
		*out_key = bytes_of(arena_copy(v->arena, key.p, key.n), key.n);
		*out_row = bytes_of(arena_copy(v->arena, row.p, row.n), row.n);
		rc = out_key->p == NULL || out_row->p == NULL ? ERR_NOMEM : 1;
	}
	range_close(r);
	return rc;
}

int
visit_move(struct vault *v, struct bytes key, struct bytes row, slot_t slot,
	   bool held)
{
	struct visit_chunk chunk;
	struct bytes packed;
	int rc = visit_parse(key, row, &chunk);

	if (rc == 0) {
		rc = visit_unseal(v, row, &chunk, &packed);
	}
	if (rc == 0) {
		rc = visit_delete(v, key, row);
	}
	if (rc != 0) {
		return rc;
	}
	chunk.slot = slot;
	chunk.sealed = held ? DAY_NONE : chunk.due;
	/* The due day lies before what is packed. */
	return visit_put(v, &chunk,
			 bytes_of(packed.p - DUE_BYTES, packed.n + DUE_BYTES));
}

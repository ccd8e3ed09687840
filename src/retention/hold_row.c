/* Rows of holds: packed, sealed, read back. What they mean is hold.c's. */
#include "retention/hold_row.h"

#include "base/pack.h"
#include "call/erasure.h"

#define HOLD_SCHEMA 1
#define SLOT_BYTES 8
#define HOLD_BYTES_MAX 2048

static struct seal_context
hold_context(const struct hold *h)
{
	return (struct seal_context){.type = SEAL_HOLD,
				     .slot = h->slot,
				     .record = h->id,
				     .day = DAY_NONE,
				     .schema = HOLD_SCHEMA};
}

int
hold_save(struct call *c, const struct hold *h)
{
	struct seal_context context = hold_context(h);
	uint8_t slot[SLOT_BYTES];
	struct packer p = {0};
	struct buf plain;
	struct buf row;

	buf_init(&plain, HOLD_BYTES_MAX);
	buf_init(&row, VALUE_BYTES_MAX);
	p.to = &plain;
	pack_id(&p, h->subject);
	pack_u64(&p, h->base);
	pack_bytes(&p, bytes_of(h->categories, h->n_categories));
	pack_text(&p, h->matter);
	pack_u32(&p, (uint32_t)h->until);
	pack_i64(&p, h->placed_at_ms);
	pack_u32(&p, h->by);
	pack_u8(&p, h->moving ? 1 : 0);
	put_u64(slot, h->slot);
	if (p.rc == 0) {
		p.rc = buf_put(&row, slot, sizeof(slot));
	}
	if (p.rc == 0) {
		p.rc = seal_put(c->keys, &context, buf_bytes(&plain), &row);
	}
	if (p.rc == 0) {
		p.rc = txn_put(c->txn, TABLE_HOLD, id_bytes(&h->id),
			       buf_bytes(&row));
	}
	buf_clear(&plain);
	buf_clear(&row);
	return p.rc;
}

static int
hold_open(struct call *c, struct id id, struct bytes row, struct hold *out)
{
	struct hold h = {.id = id};
	struct seal_context context;
	struct unpacker u = {0};
	struct bytes categories;
	int rc;

	if (row.n < SLOT_BYTES) {
		return err_set(ERR_CORRUPT, "a hold's row");
	}
	h.slot = get_u64(row.p);
	context = hold_context(&h);
	rc = seal_open(c->keys, &context,
		       bytes_of(row.p + SLOT_BYTES, row.n - SLOT_BYTES),
		       c->arena, &u.from);
	if (rc != 0) {
		return rc;
	}
	h.subject = unpack_id(&u);
	h.base = unpack_u64(&u);
	categories = unpack_bytes(&u);
	h.matter = unpack_text(&u, c->arena);
	h.until = (date_t)unpack_u32(&u);
	h.placed_at_ms = unpack_i64(&u);
	h.by = unpack_u32(&u);
	h.moving = unpack_u8(&u) != 0;
	rc = unpack_end(&u);
	if (rc == 0 && categories.n > HOLD_CATEGORIES_MAX) {
		rc = err_set(ERR_CORRUPT, "a hold's categories");
	}
	if (rc != 0) {
		return rc;
	}
	memcpy(h.categories, categories.p, categories.n);
	h.n_categories = categories.n;
	*out = h;
	return 0;
}

int
hold_load(struct call *c, struct id id, struct hold *out)
{
	struct bytes row;
	int rc = txn_get(c->txn, TABLE_HOLD, id_bytes(&id), &row);

	if (rc == ERR_NOT_FOUND) {
		return err_set(ERR_NOT_FOUND, "no such hold");
	}
	return rc != 0 ? rc : hold_open(c, id, row, out);
}

int
hold_delete(struct call *c, const struct hold *h)
{
	struct id nobody = {{0}};
	int rc = txn_del(c->txn, TABLE_HOLD, id_bytes(&h->id));

	return rc != 0 ? rc : erasure_queue(c, &h->slot, 1, nobody);
}

int
hold_load_all(struct call *c, struct hold **out, size_t *out_n)
{
	struct hold *items = arena_array(c->arena, HOLDS_MAX, sizeof(*items));
	struct range *r = NULL;
	struct bytes key;
	struct bytes row;
	size_t n = 0;
	int rc;

	if (items == NULL) {
		return ERR_NOMEM;
	}
	rc = range_open(c->txn, TABLE_HOLD, bytes_of(NULL, 0),
			bytes_of(NULL, 0), 0, &r);
	while (rc == 0 && n < HOLDS_MAX &&
	       (rc = range_next(r, &key, &row)) == 1) {
		struct id id;

		if (key.n != ID_BYTES) {
			rc = err_set(ERR_CORRUPT, "a key of no hold");
			break;
		}
		memcpy(id.b, key.p, ID_BYTES);
		rc = hold_open(c, id, row, &items[n]);
		if (rc == ERR_EXPIRED) {
			/* A snapshot of before it was over. */
			err_clear();
			rc = 0;
			continue;
		}
		n++;
	}
	range_close(r);
	if (rc < 0) {
		return rc;
	}
	*out = items;
	*out_n = n;
	return 0;
}

bool
hold_has_category(const struct hold *h, uint8_t category)
{
	return h->n_categories > 0 &&
	       memchr(h->categories, category, h->n_categories) != NULL;
}

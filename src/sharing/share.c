/* The rows of a share. What may be shared is decided in plan.c. */
#include "sharing/share.h"

#include "base/pack.h"
#include "vault/expiry.h"

#define SHARE_SCHEMA 1
#define HEAD_BYTES (8 + 8 + 2 + 8)
#define BY_KEY_BYTES (2 + 8 + ID_BYTES)
#define SHARE_BYTES_MAX 32768

const char *const share_basis_names[] = {"court_order",  "legal_process",
					 "law",          "rights_defence",
					 "harmed_party", NULL};

static struct seal_context
share_context(struct id id, slot_t slot)
{
	return (struct seal_context){.type = SEAL_SHARE,
				     .slot = slot,
				     .record = id,
				     .day = DAY_NONE,
				     .schema = SHARE_SCHEMA};
}

static void
by_key(struct key_maker *k, uint16_t recipient, int64_t at_ms, struct id id)
{
	key_u16(k, recipient);
	/* Times are after 1970, so that u64 keeps their order. */
	key_u64(k, at_ms < 0 ? 0 : (uint64_t)at_ms);
	key_id(k, id);
}

static int
share_pack(const struct share *s, struct buf *to)
{
	struct packer p = {.to = to};

	pack_id(&p, s->subject);
	pack_text(&p, s->recipient);
	pack_text(&p, s->purpose);
	pack_i64(&p, s->recorded_at_ms);
	pack_u8(&p, s->is_sealed ? 1 : 0);
	pack_text(&p, s->country);
	pack_u8(&p, s->has_basis ? 1 : 0);
	pack_u8(&p, s->has_basis ? (uint8_t)s->basis.kind : 0);
	pack_text(&p, s->has_basis ? s->basis.reference : NULL);
	pack_text(&p, s->has_basis ? s->basis.name : NULL);
	pack_text(&p, s->by);
	pack_u16(&p, (uint16_t)s->n_fields);
	for (size_t i = 0; i < s->n_fields; i++) {
		pack_text(&p, s->fields[i]);
	}
	return p.rc;
}

static int
share_unpack(struct call *c, struct unpacker *u, struct share *s)
{
	const char **fields;

	s->subject = unpack_id(u);
	s->recipient = unpack_text(u, c->arena);
	s->purpose = unpack_text(u, c->arena);
	s->recorded_at_ms = unpack_i64(u);
	s->is_sealed = unpack_u8(u) != 0;
	s->country = unpack_text(u, c->arena);
	s->has_basis = unpack_u8(u) != 0;
	s->basis.kind = unpack_u8(u);
	s->basis.reference = unpack_text(u, c->arena);
	s->basis.name = unpack_text(u, c->arena);
	s->by = unpack_text(u, c->arena);
	s->n_fields = unpack_u16(u);
	if (u->rc == ERR_NOMEM) {
		return u->rc;
	}
	if (u->rc != 0 || s->n_fields > SHARE_FIELDS_MAX ||
	    s->basis.kind > BASIS_HARMED_PARTY) {
		return err_set(ERR_CORRUPT, "a share is not as written");
	}
	fields = arena_array(c->arena, s->n_fields, sizeof(*fields));
	if (fields == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < s->n_fields; i++) {
		fields[i] = unpack_text(u, c->arena);
	}
	s->fields = fields;
	return unpack_end(u);
}

static int
by_save(struct call *c, const struct share *s)
{
	struct key_maker k = {.n = 0};
	uint8_t value[1 + SHARE_CATEGORIES_MAX];

	by_key(&k, s->recipient_id, s->at_ms, s->id);
	value[0] = s->is_declared ? 1 : 0;
	memcpy(value + 1, s->categories, s->n_categories);
	return txn_put(c->txn, TABLE_SHARE_BY, key_bytes(&k),
		       bytes_of(value, 1 + s->n_categories));
}

int
share_save(struct call *c, const struct share *s)
{
	struct seal_context context = share_context(s->id, s->slot);
	uint8_t head[HEAD_BYTES];
	struct buf plain;
	struct buf row;
	int rc;

	put_u64(head, s->base);
	put_u64(head + 8, s->slot);
	put_u16(head + 16, s->recipient_id);
	put_u64(head + 18, (uint64_t)s->at_ms);
	buf_init(&plain, SHARE_BYTES_MAX);
	buf_init(&row, VALUE_BYTES_MAX);
	rc = share_pack(s, &plain);
	if (rc == 0) {
		rc = buf_put(&row, head, sizeof(head));
	}
	if (rc == 0) {
		rc = seal_put(c->keys, &context, buf_bytes(&plain), &row);
	}
	if (rc == 0) {
		rc = txn_put(c->txn, TABLE_SHARE, id_bytes(&s->id),
			     buf_bytes(&row));
	}
	buf_clear(&plain);
	buf_clear(&row);
	if (rc == 0) {
		rc = by_save(c, s);
	}
	return rc != 0 ? rc
		       : of_subject_add(c->txn, OF_SUBJECT_SHARE, s->base,
					s->id);
}

int
share_by_parse(struct bytes key, struct bytes value, struct share *out)
{
	struct share s = {.is_gone = true};

	if (key.n != BY_KEY_BYTES || value.n < 1 ||
	    value.n > 1 + SHARE_CATEGORIES_MAX) {
		return err_set(ERR_CORRUPT, "a share by nobody");
	}
	s.recipient_id = get_u16(key.p);
	s.at_ms = (int64_t)get_u64(key.p + 2);
	memcpy(s.id.b, key.p + 10, ID_BYTES);
	s.is_declared = value.p[0] != 0;
	s.n_categories = value.n - 1;
	memcpy(s.categories, value.p + 1, s.n_categories);
	*out = s;
	return 0;
}

/* What stays when the person is gone. */
static int
by_load(struct call *c, uint16_t recipient, int64_t at_ms, struct id id,
	struct share *out)
{
	struct key_maker k = {.n = 0};
	struct bytes value;
	int rc;

	by_key(&k, recipient, at_ms, id);
	rc = txn_get(c->txn, TABLE_SHARE_BY, key_bytes(&k), &value);
	if (rc == ERR_NOT_FOUND) {
		return err_set(ERR_CORRUPT, "a share without its recipient");
	}
	return rc != 0 ? rc : share_by_parse(key_bytes(&k), value, out);
}

int
share_load(struct call *c, struct id id, struct share *out)
{
	struct seal_context context;
	struct unpacker u = {0};
	struct bytes row;
	struct share s;
	uint16_t recipient;
	int64_t at_ms;
	bool is_gone;
	slot_t base;
	int rc = txn_get(c->txn, TABLE_SHARE, id_bytes(&id), &row);

	if (rc == ERR_NOT_FOUND) {
		return err_set(ERR_NOT_FOUND, "no such share");
	}
	if (rc == 0 && row.n < HEAD_BYTES) {
		rc = err_set(ERR_CORRUPT, "a share's row is too short");
	}
	if (rc != 0) {
		return rc;
	}
	base = get_u64(row.p);
	recipient = get_u16(row.p + 16);
	at_ms = (int64_t)get_u64(row.p + 18);
	context = share_context(id, get_u64(row.p + 8));
	rc = seal_open(c->keys, &context,
		       bytes_of(row.p + HEAD_BYTES, row.n - HEAD_BYTES),
		       c->arena, &u.from);
	if (rc != 0 && rc != ERR_EXPIRED) {
		return rc;
	}
	is_gone = rc == ERR_EXPIRED;
	err_clear();
	rc = by_load(c, recipient, at_ms, id, &s);
	if (rc == 0 && !is_gone) {
		rc = share_unpack(c, &u, &s);
	}
	if (rc == 0) {
		s.is_gone = is_gone;
		s.base = base;
		s.slot = context.slot;
		*out = s;
	}
	return rc;
}

/* The recipient's side goes when nobody need be told of the erasure any more:
 * with the last record of a request that may have asked for it. */
static int
by_ends(struct call *c, struct id id)
{
	date_t last = date_add(c->today, c->policy->house.request_retention);
	struct key_maker k = {.n = 0};
	struct bytes row;
	int rc = txn_get(c->txn, TABLE_SHARE, id_bytes(&id), &row);

	if (rc == 0 && row.n < HEAD_BYTES) {
		rc = err_set(ERR_CORRUPT, "a share's row is too short");
	}
	if (rc != 0) {
		return rc;
	}
	by_key(&k, get_u16(row.p + 16), (int64_t)get_u64(row.p + 18), id);
	return expiry_note(c->txn, last + 1, TABLE_SHARE_BY, key_bytes(&k));
}

int
share_forget(struct call *c, slot_t base, size_t max, bool *out_more)
{
	struct id *ids;
	size_t n;
	int rc = of_subject_list(c->txn, c->arena, OF_SUBJECT_SHARE, base,
				 (struct id){{0}}, max, &ids, &n);

	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = by_ends(c, ids[i]);
		if (rc == 0) {
			rc = txn_del(c->txn, TABLE_SHARE, id_bytes(&ids[i]));
		}
		if (rc == 0) {
			rc = of_subject_remove(c->txn, OF_SUBJECT_SHARE, base,
					       ids[i]);
		}
	}
	if (rc == 0) {
		*out_more = n == max;
	}
	return rc;
}

int
share_category_names(struct call *c, const struct share *s,
		     const char *const **out, size_t *out_n)
{
	const char **names =
		arena_array(c->arena, SHARE_CATEGORIES_MAX, sizeof(*names));
	size_t n = 0;

	if (names == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < s->n_categories; i++) {
		const struct policy_category *category =
			policy_category_by_id(c->policy, s->categories[i]);

		if (category != NULL) {
			names[n++] = category->name;
		}
	}
	*out = names;
	*out_n = n;
	return 0;
}

/*
 * The head of a person: packed, sealed, found again. What its members mean for
 * an operation is decided in the domain folders.
 */
#include "vault/subject.h"

#include "base/pack.h"
#include "keyring/slots.h"
#include "vault/seal.h"

#define PREFIX_BYTES (3 * 8)
#define HEAD_BYTES_MAX 8192

/* Flags as they are stored. */
enum {
	HEAD_GUARDIAN = 1,
	HEAD_LEGAL_CAPACITY = 2,
	HEAD_ERASING = 4,
	HEAD_MOVING = 8
};

const char *const subject_standing_names[] = {"adult", "minor", "prospect",
					      NULL};
const char *const account_state_names[] = {"open", "blocked", "closed", NULL};

static const struct duration one_month = {.months = 1};

static struct seal_context
head_context(const struct subject *s)
{
	return (struct seal_context){.type = SEAL_SUBJECT,
				     .slot = s->head_slot,
				     .record = s->id,
				     .day = DAY_NONE,
				     .schema = SUBJECT_SCHEMA};
}

int
subject_create(struct vault *v, enum subject_standing standing,
	       struct subject **out)
{
	struct subject *s = ARENA_NEW(v->arena, struct subject);
	int rc;

	if (s == NULL) {
		return ERR_NOMEM;
	}
	rc = slots_take_person(v->txn, v->keys, &s->base);
	if (rc != 0) {
		return rc;
	}
	s->id = id_new(v->now_ms, v->entropy);
	s->held = SLOT_NONE;
	s->held_old = SLOT_NONE;
	s->head_slot = s->base + SLOT_PROFILE;
	s->standing = standing;
	s->band = BAND_ADULT;
	s->account_since_ms = v->now_ms;
	s->account_end = DAY_NONE;
	s->created_at_ms = v->now_ms;
	s->last_activity_ms = v->now_ms;
	*out = s;
	return 0;
}

static int
head_pack(const struct subject *s, struct buf *to)
{
	struct packer p = {.to = to};
	unsigned flags = (s->has_guardian ? HEAD_GUARDIAN : 0u) |
			 (s->has_legal_capacity ? HEAD_LEGAL_CAPACITY : 0u) |
			 (s->erasing ? HEAD_ERASING : 0u) |
			 (s->account_moving ? HEAD_MOVING : 0u);

	/* Slots stand in the row in clear: the copy in here is what counts. */
	pack_u64(&p, s->base);
	pack_u64(&p, s->held);
	pack_u8(&p, (uint8_t)s->standing);
	pack_u8(&p, (uint8_t)s->band);
	pack_u32(&p, (uint32_t)s->next_band);
	pack_u8(&p, (uint8_t)flags);
	pack_i64(&p, s->legal_capacity_at_ms);
	pack_u8(&p, (uint8_t)s->account);
	pack_i64(&p, s->account_since_ms);
	pack_text(&p, s->account_reason);
	pack_u32(&p, (uint32_t)s->account_end);
	pack_u8(&p, (uint8_t)s->dead_slots);
	pack_raw(&p, s->hold_marks, sizeof(s->hold_marks));
	pack_text(&p, s->country);
	pack_text(&p, s->region);
	pack_text(&p, s->terms_version);
	pack_i64(&p, s->terms_at_ms);
	pack_i64(&p, s->created_at_ms);
	pack_i64(&p, s->last_activity_ms);
	pack_u16(&p, (uint16_t)s->n_buckets);
	for (size_t i = 0; i < s->n_buckets; i++) {
		pack_u32(&p, s->buckets[i]);
	}
	pack_u64(&p, s->held_old);
	return p.rc;
}

static int
head_unpack(struct bytes from, struct arena *a, struct subject *s)
{
	struct unpacker u = {.from = from};
	slot_t base = unpack_u64(&u);
	slot_t held = unpack_u64(&u);
	uint8_t standing = unpack_u8(&u);
	uint8_t band = unpack_u8(&u);
	struct bytes marks;
	uint8_t flags;
	uint8_t account;

	s->next_band = (date_t)unpack_u32(&u);
	flags = unpack_u8(&u);
	s->has_guardian = (flags & HEAD_GUARDIAN) != 0;
	s->has_legal_capacity = (flags & HEAD_LEGAL_CAPACITY) != 0;
	s->erasing = (flags & HEAD_ERASING) != 0;
	s->account_moving = (flags & HEAD_MOVING) != 0;
	s->legal_capacity_at_ms = unpack_i64(&u);
	account = unpack_u8(&u);
	s->account_since_ms = unpack_i64(&u);
	s->account_reason = unpack_text(&u, a);
	s->account_end = (date_t)unpack_u32(&u);
	s->dead_slots = unpack_u8(&u);
	marks = unpack_raw(&u, sizeof(s->hold_marks));
	if (u.rc == 0) {
		memcpy(s->hold_marks, marks.p, marks.n);
	}
	s->country = unpack_text(&u, a);
	s->region = unpack_text(&u, a);
	s->terms_version = unpack_text(&u, a);
	s->terms_at_ms = unpack_i64(&u);
	s->created_at_ms = unpack_i64(&u);
	s->last_activity_ms = unpack_i64(&u);
	s->n_buckets = unpack_u16(&u);
	if (u.rc == 0 && s->n_buckets > SUBJECT_BUCKETS_MAX) {
		u.rc = ERR_CORRUPT;
	}
	if (u.rc == 0) {
		s->buckets = arena_array(a, s->n_buckets, sizeof(*s->buckets));
		u.rc = s->buckets == NULL ? ERR_NOMEM : 0;
	}
	for (size_t i = 0; u.rc == 0 && i < s->n_buckets; i++) {
		s->buckets[i] = unpack_u32(&u);
	}
	s->held_old = unpack_u64(&u);
	if (unpack_end(&u) != 0 || base != s->base || held != s->held ||
	    standing > STANDING_PROSPECT || band > BAND_ADULT ||
	    account > ACCOUNT_CLOSED) {
		return err_set(u.rc == ERR_NOMEM ? ERR_NOMEM : ERR_CORRUPT,
			       "a customer's head is not as it was written");
	}
	s->standing = (enum subject_standing)standing;
	s->band = (enum age_band)band;
	s->account = (enum account_state)account;
	return 0;
}

int
subject_open_row(struct vault *v, struct bytes key, struct bytes row,
		 struct subject **out)
{
	struct subject *s = ARENA_NEW(v->arena, struct subject);
	struct seal_context c;
	struct bytes plain;
	int rc;

	if (s == NULL) {
		return ERR_NOMEM;
	}
	if (key.n != ID_BYTES || row.n < PREFIX_BYTES) {
		return err_set(ERR_CORRUPT, "a customer's row is too short");
	}
	memcpy(s->id.b, key.p, ID_BYTES);
	s->base = get_u64(row.p);
	s->held = get_u64(row.p + 8);
	s->head_slot = get_u64(row.p + 16);
	c = head_context(s);
	rc = seal_open(v->keys, &c,
		       bytes_of(row.p + PREFIX_BYTES, row.n - PREFIX_BYTES),
		       v->arena, &plain);
	if (rc == ERR_EXPIRED) {
		return err_set(ERR_NOT_FOUND, "no such customer");
	}
	if (rc == 0) {
		rc = head_unpack(plain, v->arena, s);
	}
	if (rc == 0) {
		*out = s;
	}
	return rc;
}

int
subject_load_erasing(struct vault *v, struct id id, struct subject **out)
{
	struct bytes row;
	int rc = txn_get(v->txn, TABLE_SUBJECT, id_bytes(&id), &row);

	if (rc == ERR_NOT_FOUND) {
		return err_set(ERR_NOT_FOUND, "no such customer");
	}
	return rc != 0 ? rc : subject_open_row(v, id_bytes(&id), row, out);
}

int
subject_load(struct vault *v, struct id id, struct subject **out)
{
	struct subject *s;
	int rc = subject_load_erasing(v, id, &s);

	if (rc != 0) {
		return rc;
	}
	if (s->erasing) {
		(void)err_set(ERR_STATE, "the customer is being erased");
		err_extra_text("state", "erasing");
		return ERR_STATE;
	}
	*out = s;
	return 0;
}

int
subject_need_whole(const struct subject *s)
{
	if (s->dead_slots != 0) {
		(void)err_set(ERR_STATE, "the customer was erased but for "
					 "what must be kept");
		err_extra_text("state", "erased");
		return ERR_STATE;
	}
	return 0;
}

int
subject_save(struct vault *v, const struct subject *s)
{
	struct seal_context c = head_context(s);
	uint8_t prefix[PREFIX_BYTES];
	struct buf plain;
	struct buf row;
	int rc;

	put_u64(prefix, s->base);
	put_u64(prefix + 8, s->held);
	put_u64(prefix + 16, s->head_slot);
	buf_init(&plain, HEAD_BYTES_MAX);
	buf_init(&row, VALUE_BYTES_MAX);
	rc = head_pack(s, &plain);
	if (rc == 0) {
		rc = buf_put(&row, prefix, sizeof(prefix));
	}
	if (rc == 0) {
		rc = seal_put(v->keys, &c, buf_bytes(&plain), &row);
	}
	if (rc == 0) {
		rc = txn_put(v->txn, TABLE_SUBJECT, id_bytes(&s->id),
			     buf_bytes(&row));
	}
	buf_clear(&plain);
	buf_clear(&row);
	return rc;
}

int
subject_delete(struct vault *v, struct id id)
{
	return txn_del(v->txn, TABLE_SUBJECT, id_bytes(&id));
}

/* The first day on which a band that ends in a month has surely ended: only
 * the month of the birthday is known. */
static date_t
after_month(date_t month)
{
	return date_add(month, one_month);
}

enum age_band
subject_band(const struct policy *p, const struct subject *s, date_t today)
{
	enum age_band band = s->band;
	date_t month = s->next_band;

	while (band != BAND_ADULT && today >= after_month(month)) {
		band = age_band_next(band);
		month = age_band_next_month(p, band, month);
	}
	return band;
}

enum subject_standing
subject_standing_on(const struct policy *p, const struct subject *s,
		    date_t today)
{
	if (s->standing == STANDING_MINOR &&
	    subject_band(p, s, today) == BAND_ADULT) {
		return STANDING_ADULT;
	}
	return s->standing;
}

date_t
subject_adult_on(const struct policy *p, const struct subject *s)
{
	enum age_band band = s->band;
	date_t month = s->next_band;

	if (s->standing != STANDING_MINOR || band == BAND_ADULT) {
		return DAY_NONE;
	}
	for (band = age_band_next(band); band != BAND_ADULT;
	     band = age_band_next(band)) {
		month = age_band_next_month(p, band, month);
	}
	return after_month(month);
}

int
subject_add_bucket(struct vault *v, struct subject *s, uint32_t bucket)
{
	uint32_t *more;

	for (size_t i = 0; i < s->n_buckets; i++) {
		if (s->buckets[i] == bucket) {
			return 0;
		}
	}
	if (s->n_buckets == SUBJECT_BUCKETS_MAX) {
		return err_set(ERR_TOO_MANY,
			       "this customer's e-mail or telephone has "
			       "changed too often");
	}
	more = arena_array(v->arena, s->n_buckets + 1, sizeof(*more));
	if (more == NULL) {
		return ERR_NOMEM;
	}
	if (s->n_buckets > 0) {
		memcpy(more, s->buckets, s->n_buckets * sizeof(*more));
	}
	more[s->n_buckets++] = bucket;
	s->buckets = more;
	return 0;
}

slot_t
subject_slot(const struct subject *s, const struct policy_category *c)
{
	switch (c->slot) {
	case SLOT_CLASS_PROFILE:
		return s->base + SLOT_PROFILE;
	case SLOT_CLASS_ACTIVITY:
		return s->base + SLOT_ACTIVITY;
	case SLOT_CLASS_BILLING:
		return s->base + SLOT_BILLING;
	}
	return SLOT_NONE;
}

slot_t
subject_place(const struct subject *s, const struct policy_category *c,
	      unsigned place)
{
	return place == 0   ? s->held_old
	       : place == 1 ? subject_slot(s, c)
			    : s->held;
}

bool
subject_is_held_slot(const struct subject *s, slot_t slot)
{
	return slot != SLOT_NONE && (slot == s->held || slot == s->held_old);
}

int
subject_need_held(struct vault *v, struct subject *s)
{
	if (s->held != SLOT_NONE) {
		return 0;
	}
	return slots_take_one(v->txn, v->keys, &s->held);
}

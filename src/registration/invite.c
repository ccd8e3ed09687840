/*
 * Invitations. The row's sealed part says whose and until when; ids are made
 * of their time, so that the oldest stand first and the sweep needs no list.
 */
#include "registration/invite.h"

#include "base/pack.h"
#include "call/erasure.h"
#include "keyring/slots.h"
#include "registration/account.h"
#include "vault/index.h"
#include "vault/normalise.h"
#include "vault/subject.h"

#define INVITE_SCHEMA 1
#define SLOT_BYTES 8
#define INVITE_BYTES_MAX 1024
#define EXPIRE_STEP_MAX 20

static const struct field friend_fields[] = {
	F_PROSE(struct invite_friend, name, 0, NAME_BYTES_MAX,
		"the friend's name"),
	F_MUST(struct invite_friend, email, FIELD_EMAIL,
	       "the friend's e-mail address"),
};
static const struct field create_in_fields[] = {
	F_MUST(struct invite_create_in, subject, FIELD_ID, "who invites"),
	F_OBJECT(struct invite_create_in, friend, friend_fields, "whom"),
};
const struct field_table invite_create_in_table =
	FIELD_TABLE(struct invite_create_in, create_in_fields);
static const struct field create_out_fields[] = {
	F_MUST(struct invite_create_out, invite, FIELD_ID, "the invitation"),
	F_MUST(struct invite_create_out, expires_at, FIELD_TIME,
	       "from then on it is gone"),
};
const struct field_table invite_create_out_table =
	FIELD_TABLE(struct invite_create_out, create_out_fields);
static const struct field take_in_fields[] = {
	F_MUST(struct invite_take_in, invite, FIELD_ID, "the invitation"),
};
const struct field_table invite_take_in_table =
	FIELD_TABLE(struct invite_take_in, take_in_fields);
static const struct field take_out_fields[] = {
	F_OBJECT(struct invite_take_out, friend, friend_fields,
		 "whom to write to, once"),
};
const struct field_table invite_take_out_table =
	FIELD_TABLE(struct invite_take_out, take_out_fields);

struct invite {
	struct id id;
	slot_t slot;
	struct id inviter;
	slot_t inviter_base;
	int64_t until_ms;
	uint32_t bucket;
	bool taken;
	const char *name; /* NULL once it is taken */
	const char *email;
};

static struct seal_context
invite_context(const struct invite *i)
{
	return (struct seal_context){.type = SEAL_INVITE,
				     .slot = i->slot,
				     .record = i->id,
				     .day = DAY_NONE,
				     .schema = INVITE_SCHEMA};
}

static int
invite_save(struct call *c, const struct invite *i)
{
	struct seal_context context = invite_context(i);
	uint8_t slot[SLOT_BYTES];
	struct packer p = {0};
	struct buf plain;
	struct buf row;

	buf_init(&plain, INVITE_BYTES_MAX);
	buf_init(&row, VALUE_BYTES_MAX);
	p.to = &plain;
	pack_id(&p, i->inviter);
	pack_u64(&p, i->inviter_base);
	pack_i64(&p, i->until_ms);
	pack_u32(&p, i->bucket);
	pack_u8(&p, i->taken ? 1 : 0);
	pack_text(&p, i->name);
	pack_text(&p, i->email);
	put_u64(slot, i->slot);
	if (p.rc == 0) {
		p.rc = buf_put(&row, slot, sizeof(slot));
	}
	if (p.rc == 0) {
		p.rc = seal_put(c->keys, &context, buf_bytes(&plain), &row);
	}
	if (p.rc == 0) {
		p.rc = txn_put(c->txn, TABLE_INVITE, id_bytes(&i->id),
			       buf_bytes(&row));
	}
	buf_clear(&plain);
	buf_clear(&row);
	return p.rc;
}

/* ERR_NOT_FOUND also when its slot is dead; *out has the slot then. */
static int
invite_open(struct call *c, struct id id, struct bytes row, struct invite *out)
{
	struct invite i = {.id = id};
	struct seal_context context;
	struct unpacker u = {0};
	int rc;

	if (row.n < SLOT_BYTES) {
		return err_set(ERR_CORRUPT, "an invitation's row");
	}
	i.slot = get_u64(row.p);
	*out = i;
	context = invite_context(&i);
	rc = seal_open(c->keys, &context,
		       bytes_of(row.p + SLOT_BYTES, row.n - SLOT_BYTES),
		       c->arena, &u.from);
	if (rc != 0) {
		return rc == ERR_EXPIRED
			       ? err_set(ERR_NOT_FOUND, "no such invitation")
			       : rc;
	}
	i.inviter = unpack_id(&u);
	i.inviter_base = unpack_u64(&u);
	i.until_ms = unpack_i64(&u);
	i.bucket = unpack_u32(&u);
	i.taken = unpack_u8(&u) != 0;
	i.name = unpack_text(&u, c->arena);
	i.email = unpack_text(&u, c->arena);
	rc = unpack_end(&u);
	if (rc == 0) {
		*out = i;
	}
	return rc;
}

static int
invite_load(struct call *c, struct id id, struct invite *out)
{
	struct bytes row;
	int rc = txn_get(c->txn, TABLE_INVITE, id_bytes(&id), &row);

	if (rc == ERR_NOT_FOUND) {
		return err_set(ERR_NOT_FOUND, "no such invitation");
	}
	return rc != 0 ? rc : invite_open(c, id, row, out);
}

/* Whether an invitation to this address, by anybody, is not over yet. */
static int
is_invited(struct call *c, struct vault *v, const char *email, bool *out)
{
	struct index_entry *hits;
	size_t n;
	int rc = index_find(v, INDEX_OF_EMAIL, email, &hits, &n);

	*out = false;
	for (size_t i = 0; rc == 0 && !*out && i < n; i++) {
		struct invite found;

		if (hits[i].kind != OWNER_INVITE) {
			continue;
		}
		rc = invite_load(c, hits[i].owner, &found);
		if (rc == ERR_NOT_FOUND) {
			err_clear();
			rc = 0;
			continue;
		}
		*out = rc == 0 && c->now_ms < found.until_ms;
	}
	return rc;
}

static int
invite_make(struct call *c, struct vault *v, const struct subject *s,
	    const struct invite_friend *friend, const char *normal,
	    struct invite *out)
{
	struct invite i = {.id = call_new_id(c),
			   .inviter = s->id,
			   .inviter_base = s->base,
			   .until_ms = c->now_ms + c->policy->house.invite_ms,
			   .name = friend->name,
			   .email = friend->email};
	struct index_entry entry = {.kind = OWNER_INVITE, .owner = i.id};
	int rc = slots_take_one(c->txn, c->keys, &i.slot);

	if (rc == 0) {
		rc = index_add(v, INDEX_OF_EMAIL, normal, &entry, &i.bucket);
	}
	if (rc == 0) {
		rc = invite_save(c, &i);
	}
	if (rc == 0) {
		rc = of_subject_add(c->txn, OF_SUBJECT_INVITE, s->base, i.id);
	}
	if (rc == 0) {
		*out = i;
	}
	return rc;
}

int
invite_index_again(struct call *c, struct id invite)
{
	struct index_entry entry = {.kind = OWNER_INVITE, .owner = invite};
	struct vault v = call_vault(c);
	struct invite i;
	const char *normal;
	uint32_t bucket;
	int rc = invite_load(c, invite, &i);

	if (rc == ERR_NOT_FOUND || (rc == 0 && i.email == NULL)) {
		err_clear();
		return 0;
	}
	if (rc == 0) {
		rc = normalise_email(i.email, c->arena, &normal);
	}
	return rc != 0 ? rc
		       : index_add(&v, INDEX_OF_EMAIL, normal, &entry, &bucket);
}

int
invite_create(struct call *c, const void *input, void *output)
{
	const struct invite_create_in *in = input;
	struct invite_create_out *out = output;
	struct vault v = call_vault(c);
	struct invite made;
	const char *normal;
	struct subject *s;
	bool invited;
	int rc = subject_load(&v, in->subject, &s);

	if (rc == 0) {
		call_about(c, s->base);
		rc = account_need(s);
	}
	if (rc == 0 && s->account != ACCOUNT_OPEN) {
		(void)err_set(ERR_STATE, "the account is not open");
		err_extra_text("state", account_state_names[s->account]);
		rc = ERR_STATE;
	}
	if (rc == 0) {
		rc = normalise_email(in->friend.email, c->arena, &normal);
		if (rc == ERR_INVALID) {
			return err_field(rc, "friend.email",
					 "not an e-mail address");
		}
	}
	if (rc == 0) {
		rc = is_invited(c, &v, normal, &invited);
	}
	if (rc == 0 && invited) {
		rc = err_field(ERR_EXISTS, "friend.email",
			       "a friend is invited once");
	}
	if (rc == 0) {
		rc = invite_make(c, &v, s, &in->friend, normal, &made);
	}
	if (rc != 0) {
		return rc;
	}
	out->invite = made.id;
	out->expires_at = made.until_ms;
	return call_leaf(c, (struct call_leaf){.type = LEAF_INVITE,
					       .log_slot = s->base + SLOT_LOG});
}

int
invite_take(struct call *c, const void *input, void *output)
{
	const struct invite_take_in *in = input;
	struct invite_take_out *out = output;
	struct id nobody = {{0}};
	struct invite i;
	slot_t old;
	int rc = invite_load(c, in->invite, &i);

	if (rc == 0 && (i.taken || c->now_ms >= i.until_ms)) {
		rc = err_set(ERR_NOT_FOUND, "no such invitation");
	}
	if (rc != 0) {
		return rc;
	}
	out->friend = (struct invite_friend){i.name, i.email};
	/* That it was made stays until the time is over; the contact goes with
	 * the slot that sealed it. */
	old = i.slot;
	i.taken = true;
	i.name = NULL;
	i.email = NULL;
	rc = slots_take_one(c->txn, c->keys, &i.slot);
	if (rc == 0) {
		rc = invite_save(c, &i);
	}
	if (rc == 0) {
		rc = erasure_queue(c, &old, 1, nobody);
	}
	if (rc != 0) {
		return rc;
	}
	c->log_slot = i.inviter_base + SLOT_LOG;
	/* The stored answer holds the contact: it dies with the row. */
	c->reply_slot = i.slot;
	return call_leaf(c, (struct call_leaf){.type = LEAF_INVITE_TAKEN,
					       .log_slot = c->log_slot});
}

int
invite_drop(struct call *c, struct id id, slot_t out_slots[INVITE_SLOTS],
	    size_t *out_n)
{
	struct vault v = call_vault(c);
	struct invite i = {.slot = SLOT_NONE};
	slot_t bucket = SLOT_NONE;
	size_t n = 0;
	int rc = invite_load(c, id, &i);

	if (rc == 0) {
		rc = index_move_without(&v, i.bucket, OWNER_INVITE, id,
					&bucket);
	} else if (rc == ERR_NOT_FOUND) {
		err_clear();
		rc = 0;
	}
	if (rc == 0 && i.inviter_base != 0) {
		rc = of_subject_remove(c->txn, OF_SUBJECT_INVITE,
				       i.inviter_base, id);
	}
	if (rc == 0) {
		rc = txn_del(c->txn, TABLE_INVITE, id_bytes(&id));
	}
	if (rc != 0) {
		return rc;
	}
	if (i.slot != SLOT_NONE) {
		out_slots[n++] = i.slot;
	}
	if (bucket != SLOT_NONE) {
		out_slots[n++] = bucket;
	}
	*out_n = n;
	return 0;
}

/* The oldest invitations that are over, at most `max`. */
static int
over(struct call *c, struct id *out, size_t max, size_t *out_n)
{
	struct range *r = NULL;
	struct bytes key;
	struct bytes row;
	size_t n = 0;
	int rc = range_open(c->txn, TABLE_INVITE, bytes_of(NULL, 0),
			    bytes_of(NULL, 0), 0, &r);

	while (rc == 0 && n < max && (rc = range_next(r, &key, &row)) == 1) {
		struct invite i;
		struct id id;

		if (key.n != ID_BYTES) {
			rc = err_set(ERR_CORRUPT, "an invitation's key");
			break;
		}
		memcpy(id.b, key.p, ID_BYTES);
		rc = invite_open(c, id, row, &i);
		if (rc == 0 && c->now_ms < i.until_ms) {
			break;
		}
		if (rc == 0 || rc == ERR_NOT_FOUND) {
			out[n++] = id;
			rc = 0;
		}
	}
	range_close(r);
	*out_n = n;
	return rc < 0 ? rc : 0;
}

int
invite_expire(struct call *c, bool *out_more)
{
	struct id ids[EXPIRE_STEP_MAX];
	struct id nobody = {{0}};
	size_t n;
	int rc = over(c, ids, EXPIRE_STEP_MAX, &n);

	*out_more = n == EXPIRE_STEP_MAX;
	for (size_t i = 0; i < n && rc == 0; i++) {
		slot_t slots[INVITE_SLOTS];
		size_t n_slots;

		rc = invite_drop(c, ids[i], slots, &n_slots);
		if (rc == 0 && n_slots > 0) {
			rc = erasure_queue(c, slots, n_slots, nobody);
		}
	}
	if (rc != 0 || n == 0) {
		return rc;
	}
	return call_leaf(c, (struct call_leaf){.type = LEAF_INVITE_EXPIRED,
					       .log_slot = SLOT_NONE,
					       .count = (uint16_t)n});
}

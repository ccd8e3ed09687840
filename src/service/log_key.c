/* The log's signing keys: which one signs, and how it came to. What they are
 * derived from is the keyring's, the files are audit/keychain.c's. */

#include "audit/keychain.h"
#include "base/pack.h"
#include "call/erasure.h"
#include "service/log_key.h"
#include "service/logger.h"
#include "service/rotation.h"
#include "service/state.h"

#define FIRST_BYTES 2

static struct bytes
row_name(void)
{
	return bytes_str("log.keys");
}

static slot_t
place_slot(size_t place)
{
	return place == 0 ? (slot_t)SLOT_LOG_SIGNER
			  : (slot_t)SLOT_LOG_SIGNERS + place - 1;
}

static int
place_lives(struct keyring *k, size_t place, bool *out)
{
	AUTO_KEY key = {{0}};
	int rc = keyring_key(k, place_slot(place), &key);

	if (rc != 0 && rc != ERR_EXPIRED) {
		return rc;
	}
	*out = rc == 0;
	err_clear();
	return 0;
}

static int
too_many(void)
{
	return err_set(ERR_TOO_MANY, "the log has had all its keys");
}

int
log_key_create(struct call *c)
{
	uint8_t row[FIRST_BYTES];
	size_t first = 0;
	bool lives = false;
	int rc = txn_del(c->txn, TABLE_SYSTEM, bytes_str(LOG_ROTATE));

	while (rc == 0 && !lives && first < LOG_PLACES) {
		rc = place_lives(c->keys, first, &lives);
		first += rc == 0 && !lives ? 1 : 0;
	}
	if (rc == 0 && !lives) {
		rc = too_many();
	}
	put_u16(row, (uint16_t)first);
	return rc != 0 ? rc
		       : txn_put(c->txn, TABLE_SYSTEM, row_name(),
				 bytes_of(row, sizeof(row)));
}

static int
row_read(struct log_rotations *r)
{
	struct unpacker u = {buf_bytes(&r->row), 0};

	r->first = unpack_u16(&u);
	while (u.rc == 0 && u.from.n > 0 && r->first + r->n < LOG_PLACES) {
		r->notes[r->n++] = unpack_raw(&u, unpack_u16(&u));
	}
	return u.rc == 0 && r->first + r->n < LOG_PLACES ? unpack_end(&u)
							 : ERR_CORRUPT;
}

int
log_key_rotations(struct txn *t, struct log_rotations *out)
{
	struct bytes row;
	int rc = txn_get(t, TABLE_SYSTEM, row_name(), &row);

	if (rc != 0 && rc != ERR_NOT_FOUND) {
		return rc;
	}
	out->n = 0;
	buf_init(&out->row, VALUE_BYTES_MAX);
	if (rc == 0) {
		rc = buf_put(&out->row, row.p, row.n);
	}
	if (rc == 0) {
		rc = row_read(out);
	}
	if (rc != 0) {
		log_rotations_clear(out);
	}
	return rc == ERR_NOT_FOUND || rc == ERR_CORRUPT
		       ? err_set(ERR_CORRUPT, "the store does not say which "
					      "key the log has")
		       : rc;
}

void
log_rotations_clear(struct log_rotations *r)
{
	buf_clear(&r->row);
	r->n = 0;
}

int
log_key_add(struct txn *t, struct bytes note)
{
	struct log_rotations r;
	uint8_t length[2];
	int rc = log_key_rotations(t, &r);

	if (rc != 0) {
		return rc;
	}
	put_u16(length, (uint16_t)note.n);
	if (r.first + r.n + 1 >= LOG_PLACES ||
	    r.row.len + sizeof(length) + note.n > VALUE_BYTES_MAX) {
		rc = too_many();
	}
	if (rc == 0) {
		rc = buf_put(&r.row, length, sizeof(length));
	}
	if (rc == 0) {
		rc = buf_put(&r.row, note.p, note.n);
	}
	if (rc == 0) {
		rc = txn_put(t, TABLE_SYSTEM, row_name(), buf_bytes(&r.row));
	}
	if (rc == 0) {
		rc = txn_del(t, TABLE_SYSTEM, bytes_str(LOG_ROTATE));
	}
	log_rotations_clear(&r);
	return rc;
}

int
log_key_seed(struct keyring *k, const char *origin,
	     const struct log_rotations *r, uint64_t n, struct key *out)
{
	AUTO_KEY slot = {{0}};
	int rc = keyring_key(k, place_slot(r->first + (size_t)n), &slot);

	if (rc == 0) {
		keychain_seed(&slot, origin, n, out);
	}
	return rc;
}

static int
place_retire(struct call *c, size_t place)
{
	slot_t slot = place_slot(place);
	struct id nobody = {{0}};
	bool queued = false;
	bool lives;
	int rc = place_lives(c->keys, place, &lives);

	if (rc == 0 && lives) {
		rc = erasure_is_queued(c, slot, &queued);
	}
	if (rc == 0 && lives && !queued) {
		rc = erasure_queue(c, &slot, 1, nobody);
	}
	return rc;
}

int
log_key_retire(struct call *c)
{
	struct log_rotations r;
	int rc = log_key_rotations(c->txn, &r);
	size_t present;

	if (rc != 0) {
		return rc;
	}
	present = r.first + r.n;
	log_rotations_clear(&r);
	for (size_t place = 0; place < present && rc == 0; place++) {
		rc = place_retire(c, place);
	}
	if (rc == ERR_STATE) {
		err_clear();
		rc = 0;
	}
	return rc;
}

static int
signer_of(struct call *c, const struct log_rotations *r, uint64_t n,
	  struct note_signer **out)
{
	const char *origin = logger_view(c->core).origin;
	AUTO_KEY seed = {{0}};
	int rc = log_key_seed(c->keys, origin, r, n, &seed);

	if (rc != 0) {
		return rc;
	}
	*out = note_signer_new(origin, &seed);
	return *out == NULL ? err_last()->code : 0;
}

/* The note of the rotation that follows, signed by both of its keys. */
static int
next_note(struct call *c, const struct log_rotations *r, uint64_t size,
	  struct buf *out)
{
	struct note_signer *old = NULL;
	struct note_signer *next = NULL;
	int rc = signer_of(c, r, r->n, &old);

	if (rc == 0) {
		rc = signer_of(c, r, r->n + 1, &next);
	}
	if (rc == 0) {
		rc = log_keys_rotation(old, next, size, out);
	}
	note_signer_free(old);
	note_signer_free(next);
	return rc;
}

static int
next_vkey(struct call *c, const struct log_rotations *r, const char **out)
{
	char vkey[NOTE_VKEY_BYTES];
	struct note_signer *s;
	int rc = signer_of(c, r, r->n + 1, &s);

	if (rc != 0) {
		return rc;
	}
	(void)note_vkey_print(&s->verifier, vkey);
	note_signer_free(s);
	*out = arena_text(c->arena, vkey, strlen(vkey));
	return *out == NULL ? ERR_NOMEM : 0;
}

int
log_key_ask(struct call *c, const char **out_vkey)
{
	struct bytes name = bytes_str(LOG_ROTATE);
	struct id nobody = {{0}};
	struct log_rotations r;
	bool asked;
	/* Asks alone: the old key is destroyed, which a gap forbids. */
	int rc = erasure_queue(c, NULL, 0, nobody);

	if (rc == 0) {
		rc = txn_has(c->txn, TABLE_SYSTEM, name, &asked);
	}
	if (rc == 0 && asked) {
		rc = rotation_busy();
	}
	if (rc == 0) {
		rc = log_key_rotations(c->txn, &r);
	}
	if (rc != 0) {
		return rc;
	}
	if (r.first + r.n + 1 >= LOG_PLACES ||
	    r.row.len + NOTE_BYTES_MAX > VALUE_BYTES_MAX) {
		rc = too_many();
	}
	if (rc == 0) {
		rc = txn_put(c->txn, TABLE_SYSTEM, name, bytes_of(NULL, 0));
	}
	if (rc == 0) {
		rc = next_vkey(c, &r, out_vkey);
	}
	log_rotations_clear(&r);
	return rc;
}

int
log_key_rotated(struct call *c, uint64_t size)
{
	struct log_rotations r;
	struct buf note;
	int rc = log_key_rotations(c->txn, &r);

	if (rc != 0) {
		return rc;
	}
	buf_init(&note, NOTE_BYTES_MAX);
	rc = next_note(c, &r, size, &note);
	log_rotations_clear(&r);
	if (rc == 0) {
		rc = log_key_add(c->txn, buf_bytes(&note));
	}
	buf_clear(&note);
	if (rc == 0) {
		rc = log_key_retire(c);
	}
	return rc == 0 ? rotation_leaf(c, ROTATE_LOG, "finished") : rc;
}

int
log_origin(const struct policy *p, const struct head *head,
	   char out[ORIGIN_BYTES_MAX + 1])
{
	const struct checkpoint *last = head_checkpoint(head);
	const char *origin = last != NULL ? last->origin
					  : p->house.log_origin;

	if (strlen(origin) > ORIGIN_BYTES_MAX) {
		return err_set(ERR_CONFIG, "the log's origin is too long");
	}
	memcpy(out, origin, strlen(origin) + 1);
	return 0;
}

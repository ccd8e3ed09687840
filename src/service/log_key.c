/* The log's signing keys: when each began to sign. The seeds are the
 * keyring's, the files audit/keychain.c's. */

#include "audit/keychain.h"
#include "base/pack.h"
#include "service/log_key.h"
#include "service/logger.h"
#include "service/rotation.h"
#include "service/state.h"

static struct bytes
sizes_name(void)
{
	return bytes_str("log.keys");
}

int
log_key_create(struct txn *t)
{
	int rc = txn_del(t, TABLE_SYSTEM, bytes_str(LOG_ROTATE));

	return rc != 0 ? rc
		       : txn_put(t, TABLE_SYSTEM, sizes_name(),
				 bytes_of(NULL, 0));
}

int
log_key_rotations(struct txn *t, struct log_rotations *out)
{
	struct bytes row;
	int rc = txn_get(t, TABLE_SYSTEM, sizes_name(), &row);

	if (rc == ERR_NOT_FOUND || (rc == 0 && (row.n % 8 != 0 ||
						row.n > sizeof(out->at)))) {
		rc = err_set(ERR_CORRUPT, "the store does not say which key "
					  "the log has");
	}
	if (rc != 0) {
		return rc;
	}
	out->n = row.n / 8;
	for (size_t i = 0; i < out->n; i++) {
		out->at[i] = get_u64(row.p + 8 * i);
	}
	return 0;
}

int
log_key_add(struct txn *t, uint64_t size)
{
	struct log_rotations r;
	uint8_t row[sizeof(r.at)];
	int rc = log_key_rotations(t, &r);

	if (rc == 0 && r.n == LOG_ROTATIONS_MAX) {
		rc = err_set(ERR_TOO_MANY, "the log has had all its keys");
	}
	if (rc != 0) {
		return rc;
	}
	r.at[r.n++] = size;
	for (size_t i = 0; i < r.n; i++) {
		put_u64(row + 8 * i, r.at[i]);
	}
	rc = txn_put(t, TABLE_SYSTEM, sizes_name(), bytes_of(row, 8 * r.n));
	return rc == 0 ? txn_del(t, TABLE_SYSTEM, bytes_str(LOG_ROTATE)) : rc;
}

int
log_key_seed(struct keyring *k, const char *origin, uint64_t n,
	     struct key *out)
{
	AUTO_KEY slot = {{0}};
	int rc = keyring_key(k, SLOT_LOG_SIGNER, &slot);

	if (rc == 0) {
		keychain_seed(&slot, origin, n, out);
	}
	return rc;
}

static int
next_vkey(struct call *c, uint64_t n, const char **out)
{
	const char *origin = logger_view(c->core).origin;
	char vkey[NOTE_VKEY_BYTES];
	struct note_signer *s;
	AUTO_KEY seed = {{0}};
	int rc = log_key_seed(c->keys, origin, n, &seed);

	if (rc != 0) {
		return rc;
	}
	s = note_signer_new(origin, &seed);
	if (s == NULL) {
		return err_last()->code;
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
	struct log_rotations r;
	bool asked;
	int rc = txn_has(c->txn, TABLE_SYSTEM, name, &asked);

	if (rc == 0 && asked) {
		rc = rotation_busy();
	}
	if (rc == 0) {
		rc = log_key_rotations(c->txn, &r);
	}
	if (rc == 0 && r.n == LOG_ROTATIONS_MAX) {
		rc = err_set(ERR_TOO_MANY, "the log has had all its keys");
	}
	if (rc == 0) {
		rc = txn_put(c->txn, TABLE_SYSTEM, name, bytes_of(NULL, 0));
	}
	return rc == 0 ? next_vkey(c, r.n + 1, out_vkey) : rc;
}

int
log_key_rotated(struct call *c, uint64_t size)
{
	int rc = log_key_add(c->txn, size);

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

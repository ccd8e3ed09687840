/* The key files of a log, written from its present seed and the notes of its
 * rotations. Reading them, as everybody may, is logkeys.c's. */

#include <sodium.h>

#include "audit/file.h"
#include "audit/keychain.h"
#include "audit/logkeys.h"
#include "base/pack.h"

void
keychain_seed(const struct key *slot, const char *origin, uint64_t n,
	      struct key *out)
{
	static const uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES] =
		"ninety log key";
	static const uint8_t salt[crypto_generichash_blake2b_SALTBYTES];
	size_t origin_n = strnlen(origin, ORIGIN_BYTES_MAX);
	uint8_t which[8 + ORIGIN_BYTES_MAX];

	put_u64(which, n);
	memcpy(which + 8, origin, origin_n);
	(void)crypto_generichash_blake2b_salt_personal(
		out->b, KEY_BYTES, which, 8 + origin_n, slot->b, KEY_BYTES,
		salt, personal);
}

static int
vkey_publish(int folder, const struct note_verifier *v)
{
	char vkey[NOTE_VKEY_BYTES];
	size_t n = strlen(note_vkey_print(v, vkey));

	vkey[n] = '\n';
	return file_put(folder, "vkey", bytes_of(vkey, n + 1));
}

static bool
same_verifier(const struct note_verifier *a, const struct note_verifier *b)
{
	return strcmp(a->name, b->name) == 0 &&
	       memcmp(a->public_key, b->public_key, NOTE_PUBLIC_BYTES) == 0;
}

/* Whether it is one of the log's keys, of now or of before. */
static int
is_ours(const struct keychain *chain, const struct note_verifier *present,
	const struct note_verifier *v, bool *out)
{
	int rc = 0;

	*out = same_verifier(v, present);
	for (size_t i = 0; i < chain->n_rotations && rc == 0 && !*out; i++) {
		struct log_rotation r;

		rc = log_rotation_open(chain->rotations[i], &r);
		*out = rc == 0 && same_verifier(v, &r.old);
	}
	return rc;
}

/* File "vkey" names one of ours, or is not there. */
static int
vkey_check(int folder, const struct keychain *chain,
	   const struct note_verifier *present)
{
	struct note_verifier v;
	bool ours = false;
	struct buf b;
	int rc;

	buf_init(&b, NOTE_BYTES_MAX);
	rc = file_read(folder, "vkey", &b);
	if (rc == 0) {
		rc = note_vkey_parse(buf_bytes(&b), &v);
		if (rc == 0) {
			rc = is_ours(chain, present, &v, &ours);
		}
		if (rc == 0 && !ours) {
			rc = err_set(ERR_STATE, "file vkey is not of this "
						"log's keys");
		}
	} else if (rc == ERR_NOT_FOUND) {
		err_clear();
		rc = 0;
	}
	buf_clear(&b);
	return rc;
}

/* The note of rotation n says what it must, or is written. */
static int
note_settle(int folder, size_t n, struct bytes must)
{
	char path[LOG_KEY_PATH_BYTES];
	struct buf is;
	int rc;

	buf_init(&is, NOTE_BYTES_MAX);
	rc = file_read(folder, log_key_path(n, path), &is);
	if (rc == ERR_NOT_FOUND) {
		err_clear();
		rc = file_put(folder, path, must);
	} else if (rc == 0 && !bytes_equal(buf_bytes(&is), must)) {
		rc = err_set(ERR_STATE, "file %s is not of this log's "
					"rotations",
			     path);
	}
	buf_clear(&is);
	return rc;
}

/* As many rotations as there were, and no more. */
static int
count_check(int folder, size_t n_rotations)
{
	struct log_keys found;
	int rc = log_keys_read(folder, NULL, &found);

	if (rc != 0) {
		return rc;
	}
	rc = found.n == n_rotations + 1
		     ? 0
		     : err_set(ERR_STATE, "the log's folder knows of key "
					  "rotations that the store does not");
	log_keys_clear(&found);
	return rc;
}

int
keychain_settle(int folder, const char *origin, const struct keychain *chain)
{
	struct note_signer *present;
	int rc;

	if (chain->n_rotations > LOG_ROTATIONS_MAX) {
		return err_set(ERR_TOO_LARGE, "too many keys of one log");
	}
	present = note_signer_new(origin, chain->seed);
	if (present == NULL) {
		return err_set(ERR_NOMEM, "no memory for a log key");
	}
	rc = vkey_check(folder, chain, &present->verifier);
	for (size_t i = 0; i < chain->n_rotations && rc == 0; i++) {
		rc = note_settle(folder, i + 1, chain->rotations[i]);
	}
	if (rc == 0) {
		rc = vkey_publish(folder, &present->verifier);
	}
	note_signer_free(present);
	return rc == 0 ? count_check(folder, chain->n_rotations) : rc;
}

int
keychain_publish(int folder, const struct note_signer *old,
		 const struct note_signer *next, size_t n, uint64_t size)
{
	struct buf note;
	int rc;

	buf_init(&note, NOTE_BYTES_MAX);
	rc = log_keys_rotation(old, next, size, &note);
	if (rc == 0) {
		rc = note_settle(folder, n, buf_bytes(&note));
	}
	buf_clear(&note);
	return rc == 0 ? vkey_publish(folder, &next->verifier) : rc;
}

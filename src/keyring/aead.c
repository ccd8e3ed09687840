/* Sealing with a commitment to key and context. What is sealed, and under
 * which associated data, is decided by node, keystore and vault/seal. */

#include <assert.h>

#include <sodium.h>

#include "keyring/aead.h"

struct derived {
	uint8_t enc[32];
	uint8_t com[32];
};

static void
derived_wipe(struct derived *d)
{
	secret_wipe(d, sizeof(*d));
}

#define AUTO_DERIVED __attribute__((cleanup(derived_wipe))) struct derived

static void
derive(const struct key *first, const struct key *second,
       const uint8_t *nonce, struct bytes aad, struct derived *out)
{
	uint8_t in[KEY_BYTES + AEAD_NONCE_BYTES + 32] = {0};
	int rc;

	if (second != NULL) {
		memcpy(in, second->b, KEY_BYTES);
	}
	memcpy(in + KEY_BYTES, nonce, AEAD_NONCE_BYTES);
	rc = crypto_generichash_blake2b(in + KEY_BYTES + AEAD_NONCE_BYTES, 32,
					aad.p, aad.n, NULL, 0);
	assert(rc == 0);
	rc = crypto_generichash_blake2b(out->enc, sizeof(*out), in, sizeof(in),
					first->b, KEY_BYTES);
	assert(rc == 0);
	(void)rc;
	secret_wipe(in, sizeof(in));
}

void
aead_seal_nonce(const struct key *first, const struct key *second,
		const uint8_t nonce[AEAD_NONCE_BYTES], struct bytes aad,
		struct bytes plain, uint8_t *out)
{
	AUTO_DERIVED d;

	memmove(out, nonce, AEAD_NONCE_BYTES);
	derive(first, second, out, aad, &d);
	memcpy(out + AEAD_NONCE_BYTES, d.com, AEAD_COMMITMENT_BYTES);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
		out + AEAD_NONCE_BYTES + AEAD_COMMITMENT_BYTES, NULL, plain.p,
		plain.n, aad.p, aad.n, NULL, out, d.enc);
}

void
aead_seal(const struct key *first, const struct key *second, struct bytes aad,
	  struct bytes plain, struct entropy *entropy, uint8_t *out)
{
	uint8_t nonce[AEAD_NONCE_BYTES];

	entropy_fill(entropy, nonce, sizeof(nonce));
	aead_seal_nonce(first, second, nonce, aad, plain, out);
}

bool
aead_commits(const struct key *first, const struct key *second,
	     struct bytes aad, struct bytes sealed)
{
	AUTO_DERIVED d;

	if (sealed.n < AEAD_OVERHEAD_BYTES) {
		return false;
	}
	derive(first, second, sealed.p, aad, &d);
	return secret_equal(d.com, sealed.p + AEAD_NONCE_BYTES,
			    AEAD_COMMITMENT_BYTES);
}

int
aead_open(const struct key *first, const struct key *second, struct bytes aad,
	  struct bytes sealed, uint8_t *out_plain)
{
	AUTO_DERIVED d;
	const size_t at = AEAD_NONCE_BYTES + AEAD_COMMITMENT_BYTES;

	if (sealed.n < AEAD_OVERHEAD_BYTES) {
		return err_set(ERR_SEAL, "sealed bytes are too short");
	}
	derive(first, second, sealed.p, aad, &d);
	if (!secret_equal(d.com, sealed.p + AEAD_NONCE_BYTES,
			  AEAD_COMMITMENT_BYTES)) {
		return err_set(ERR_SEAL, "another key or context");
	}
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
		    out_plain, NULL, NULL, sealed.p + at, sealed.n - at, aad.p,
		    aad.n, sealed.p, d.enc) != 0) {
		return err_set(ERR_SEAL, "sealed bytes were changed");
	}
	return 0;
}

void
aead_hash(const struct key *key, struct bytes of, uint8_t out[32])
{
	int rc = crypto_generichash_blake2b(out, 32, of.p, of.n,
					    key == NULL ? NULL : key->b,
					    key == NULL ? 0 : KEY_BYTES);

	assert(rc == 0);
	(void)rc;
}

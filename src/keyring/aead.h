#ifndef KEYRING_AEAD_H
#define KEYRING_AEAD_H

#include "base/bytes.h"
#include "base/entropy.h"
#include "base/secret.h"

/*
 * The one way in which anything is sealed here: tree nodes, the keystore,
 * records.
 *
 *	k_enc || k_com = BLAKE2b-512(key = first,
 *	                             second || nonce || BLAKE2b-256(aad))
 *	sealed = nonce 24 || k_com 32 || XChaCha20-Poly1305(k_enc, nonce, aad)
 *
 * `second` is 32 zero bytes where there is no second key. XChaCha20-Poly1305
 * alone does not commit to its key, so k_com is compared, in constant time,
 * before anything is decrypted. docs/format.md "Sealed records".
 */
#define AEAD_NONCE_BYTES 24
#define AEAD_COMMITMENT_BYTES 32
#define AEAD_TAG_BYTES 16
#define AEAD_OVERHEAD_BYTES \
	(AEAD_NONCE_BYTES + AEAD_COMMITMENT_BYTES + AEAD_TAG_BYTES)

/* `out` takes plain.n + AEAD_OVERHEAD_BYTES bytes; `second` may be NULL. */
void aead_seal(const struct key *first, const struct key *second,
	       struct bytes aad, struct bytes plain, struct entropy *entropy,
	       uint8_t *out);

/* The same with a nonce of the caller's: for known-answer tests. */
void aead_seal_nonce(const struct key *first, const struct key *second,
		     const uint8_t nonce[AEAD_NONCE_BYTES], struct bytes aad,
		     struct bytes plain, uint8_t *out);

/* `out_plain` takes sealed.n - AEAD_OVERHEAD_BYTES bytes; it is undefined
 * after ERR_SEAL. */
int aead_open(const struct key *first, const struct key *second,
	      struct bytes aad, struct bytes sealed,
	      uint8_t *out_plain) MUST_CHECK;

/* Whether these keys are the ones that sealed this: compares k_com and
 * decrypts nothing, which a scan of many pages wants. */
bool aead_commits(const struct key *first, const struct key *second,
		  struct bytes aad, struct bytes sealed);

/* BLAKE2b-256, keyed or (key NULL) not. */
void aead_hash(const struct key *key, struct bytes of, uint8_t out[32]);

#endif

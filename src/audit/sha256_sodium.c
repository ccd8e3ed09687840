/* SHA-256 by libsodium. */

#include <sodium.h>

#include "audit/sha256.h"

void
sha256(struct bytes of, uint8_t out[SHA256_BYTES])
{
	(void)crypto_hash_sha256(out, of.n == 0 ? (const uint8_t *)"" : of.p,
				 of.n);
}

void
sha256_joined(struct bytes first, struct bytes second,
	      uint8_t out[SHA256_BYTES])
{
	crypto_hash_sha256_state state;

	(void)crypto_hash_sha256_init(&state);
	(void)crypto_hash_sha256_update(&state, first.p, first.n);
	(void)crypto_hash_sha256_update(&state, second.p, second.n);
	(void)crypto_hash_sha256_final(&state, out);
}

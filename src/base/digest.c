/* libsodium's hash, for layers that else have no business with cryptography. */
#include "base/digest.h"

#include <sodium.h>

char *
sha256_hex(struct bytes from, char out[SHA256_HEX_BYTES])
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	(void)crypto_hash_sha256(hash, from.p, from.n);
	return sodium_bin2hex(out, SHA256_HEX_BYTES, hash, sizeof(hash));
}

/* SHA-256 by OpenSSL's plain functions. Its EVP ones, which it prefers, want a
 * context from the heap for each thread, read a configuration file, and take
 * longer than the hash of 65 bytes itself. */

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "audit/sha256.h"

void
sha256(struct bytes of, uint8_t out[SHA256_BYTES])
{
	sha256_joined(of, bytes_of(NULL, 0), out);
}

void
sha256_joined(struct bytes first, struct bytes second,
	      uint8_t out[SHA256_BYTES])
{
	SHA256_CTX state;

	(void)SHA256_Init(&state);
	if (first.n > 0) {
		(void)SHA256_Update(&state, first.p, first.n);
	}
	if (second.n > 0) {
		(void)SHA256_Update(&state, second.p, second.n);
	}
	(void)SHA256_Final(out, &state);
}

/* Aims at seal_aad, aead_open, aead_commits, as seal_open uses them. The first
 * bytes are a context, the rest a sealed record, which opens with nothing; and
 * as a plaintext it comes back, under its own context alone. */
// links: ninety_vault ninety_keyring

#include "base/pack.h"
#include "fuzz.h"
#include "keyring/aead.h"
#include "vault/seal.h"

#define CONTEXT_BYTES 24
#define PLAIN_BYTES_MAX 65536

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static uint8_t plain[PLAIN_BYTES_MAX];
	static uint8_t sealed[PLAIN_BYTES_MAX + AEAD_OVERHEAD_BYTES];
	const struct key slot = {{1}};
	const struct key day = {{2}};
	struct seal_context c = {0};
	uint8_t aad[SEAL_AAD_BYTES] = {0};
	struct bytes at = bytes_of(aad, sizeof(aad));
	struct bytes rest;
	size_t sealed_n;

	FUZZ_ASSERT(secret_init() == 0);
	if (n < CONTEXT_BYTES || n > PLAIN_BYTES_MAX) {
		return 0;
	}
	c.type = (enum seal_type)data[0];
	c.category = get_u16(data + 1);
	c.slot = get_u64(data + 3);
	c.version = get_u64(data + 11);
	c.day = (date_t)get_u32(data + 19);
	c.schema = data[23];
	rest = bytes_of(data + CONTEXT_BYTES, n - CONTEXT_BYTES);
	seal_aad(&c, (struct id){{5}}, aad);
	FUZZ_ASSERT(aead_open(&slot, &day, at, rest, plain) == ERR_SEAL);
	FUZZ_ASSERT(!aead_commits(&slot, &day, at, rest));
	aead_seal(&slot, &day, at, rest, entropy_system(), sealed);
	sealed_n = rest.n + AEAD_OVERHEAD_BYTES;
	FUZZ_ASSERT(aead_open(&slot, &day, at, bytes_of(sealed, sealed_n),
			      plain) == 0);
	FUZZ_ASSERT(memcmp(plain, rest.p, rest.n) == 0);
	FUZZ_ASSERT(aead_open(&slot, NULL, at, bytes_of(sealed, sealed_n),
			      plain) == ERR_SEAL);
	aad[data[0] % SEAL_AAD_BYTES] ^= (uint8_t)(1 | data[1]);
	FUZZ_ASSERT(aead_open(&slot, &day, at, bytes_of(sealed, sealed_n),
			      plain) == ERR_SEAL);
	return 0;
}

/* The sealing that clients of the peers do themselves. The master keys are
 * fixed: this is a load generator, and nothing here is anybody's data. */

#include <string.h>

#include <sodium.h>

#include "peer.h"

static const uint8_t master[32] = {1};
static const uint8_t index_key[32] = {2};

static void
person_bytes(uint64_t person, uint8_t out[8])
{
	for (int i = 0; i < 8; i++) {
		out[i] = (uint8_t)(person >> (56 - 8 * i));
	}
}

void
peer_blind(uint64_t person, uint8_t out[PEER_BLIND_BYTES])
{
	uint8_t number[8];

	person_bytes(person, number);
	(void)crypto_generichash(out, PEER_BLIND_BYTES, number, sizeof(number),
				 index_key, sizeof(index_key));
}

size_t
peer_seal(uint64_t person, const char *text, uint8_t *out)
{
	uint8_t key[32];
	uint8_t about[8];
	unsigned long long n;

	person_bytes(person, about);
	(void)crypto_kdf_derive_from_key(key, sizeof(key), person, "persons ",
					 master);
	randombytes_buf(out, 24);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
		out + 24, &n, (const uint8_t *)text, strlen(text), about,
		sizeof(about), NULL, out, key);
	return 24 + (size_t)n;
}

int
peer_is_contact(const void *text, size_t n)
{
	return n > 0 && memmem(text, n, "@bench.example", 14) != NULL;
}

int
peer_opens(uint64_t person, const void *sealed, size_t n)
{
	const uint8_t *from = sealed;
	uint8_t key[32];
	uint8_t about[8];
	uint8_t plain[PEER_TEXT_BYTES_MAX];
	unsigned long long plain_n;

	if (n < PEER_SEAL_OVERHEAD_BYTES || n - 40 > sizeof(plain)) {
		return 0;
	}
	person_bytes(person, about);
	(void)crypto_kdf_derive_from_key(key, sizeof(key), person, "persons ",
					 master);
	return crypto_aead_xchacha20poly1305_ietf_decrypt(
		       plain, &plain_n, NULL, from + 24, n - 24, about,
		       sizeof(about), from, key) == 0 &&
	       peer_is_contact(plain, (size_t)plain_n);
}

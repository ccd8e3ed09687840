/* Known answers from the standards themselves, a few for each primitive that
 * the service uses. */

#include <sodium.h>

#include "vectors.h"

#define HEX_BYTES_MAX 256

static size_t
unhex(const char *text, uint8_t *to)
{
	size_t n = 0;

	(void)sodium_hex2bin(to, HEX_BYTES_MAX, text, strlen(text), NULL, &n,
			     NULL);
	return n;
}

static bool
is_hex(const uint8_t *p, size_t n, const char *text)
{
	uint8_t want[HEX_BYTES_MAX];

	return unhex(text, want) == n && memcmp(p, want, n) == 0;
}

static bool
blake2b_right(void)
{
	uint8_t out[64];

	(void)crypto_generichash_blake2b(out, 64, (const uint8_t *)"abc", 3,
					 NULL, 0);
	return is_hex(out, 64,
		      "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6f"
		      "dbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925a"
		      "b92386edd4009923");
}

static bool
hmac_right(void)
{
	crypto_auth_hmacsha256_state state;
	uint8_t out[32];

	(void)crypto_auth_hmacsha256_init(&state, (const uint8_t *)"Jefe", 4);
	(void)crypto_auth_hmacsha256_update(
		&state, (const uint8_t *)"what do ya want for nothing?", 28);
	(void)crypto_auth_hmacsha256_final(&state, out);
	return is_hex(out, 32,
		      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b9"
		      "64ec3843");
}

static bool
x25519_right(void)
{
	uint8_t scalar[HEX_BYTES_MAX], point[HEX_BYTES_MAX], out[32];

	(void)unhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244b"
		    "a449ac4",
		    scalar);
	(void)unhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d"
		    "0ab1c4c",
		    point);
	return crypto_scalarmult_curve25519(out, scalar, point) == 0 &&
	       is_hex(out, 32,
		      "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b40755"
		      "77a28552");
}

/* Test 1 of section 7.1: the empty message. */
static bool
ed25519_right(void)
{
	uint8_t seed[HEX_BYTES_MAX], public[32], secret[64], signature[64];

	(void)unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031"
		    "cae7f60",
		    seed);
	(void)crypto_sign_ed25519_seed_keypair(public, secret, seed);
	(void)crypto_sign_ed25519_detached(signature, NULL, NULL, 0, secret);
	return is_hex(public, 32,
		      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68"
		      "f707511a") &&
	       is_hex(signature, 64,
		      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065"
		      "224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
		      "655141438e7a100b") &&
	       crypto_sign_ed25519_verify_detached(signature, NULL, 0,
						   public) == 0;
}

static bool
xchacha_right(void)
{
	static const char plain[] =
		"Ladies and Gentlemen of the class of '99: If I could offer "
		"you only one tip for the future, sunscreen would be it.";
	uint8_t key[HEX_BYTES_MAX], nonce[HEX_BYTES_MAX], aad[HEX_BYTES_MAX];
	uint8_t out[HEX_BYTES_MAX];
	unsigned long long n = 0;

	(void)unhex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9"
		    "c9d9e9f",
		    key);
	(void)unhex("404142434445464748494a4b4c4d4e4f5051525354555657", nonce);
	(void)unhex("50515253c0c1c2c3c4c5c6c7", aad);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
		out, &n, (const uint8_t *)plain, sizeof(plain) - 1, aad, 12,
		NULL, nonce, key);
	return is_hex(out, (size_t)n,
		      "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c"
		      "21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216"
		      "cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2b"
		      "c369488f76b2383565d3fff921f9664c97637da9768812f615c68b13"
		      "b52ec0875924c1c7987947deafd8780acf49");
}

void
vectors_rfc(struct report *r)
{
	struct vector_set set = {.name = "standards"};

	vectors_count(r, &set, blake2b_right(), "RFC 7693 BLAKE2b-512");
	vectors_count(r, &set, hmac_right(), "RFC 4231 HMAC-SHA-256");
	vectors_count(r, &set, x25519_right(), "RFC 7748 X25519");
	vectors_count(r, &set, ed25519_right(), "RFC 8032 Ed25519");
	vectors_count(r, &set, xchacha_right(),
		      "draft-irtf-cfrg-xchacha-03 A.3.1");
	vectors_tell(r, &set);
}

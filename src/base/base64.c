/* Bytes as text: base64 by libsodium, Z85 for CURVE keys by hand, so that
 * only those who open sockets need libzmq. */

#include <sodium.h>

#include "base/base64.h"
#include "base/pack.h"

static const char z85_digits[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 ".-:+=^!/*?&<>()[]{}@%$#";

bool
base64_is_text(struct bytes text)
{
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		      (c >= '0' && c <= '9') || c == '+' || c == '/' ||
		      c == '=')) {
			return false;
		}
	}
	return true;
}

int
base64_decode(struct bytes text, struct arena *a, struct bytes *out)
{
	size_t bytes_max = text.n / 4 * 3;
	size_t n = 0;
	uint8_t *p;

	if (text.n % 4 != 0 || !base64_is_text(text)) {
		return err_set(ERR_INVALID, "not base64 (RFC 4648, padded)");
	}
	p = arena_alloc(a, bytes_max + 1);
	if (p == NULL) {
		return ERR_NOMEM;
	}
	if (text.n > 0 &&
	    sodium_base642bin(p, bytes_max, (const char *)text.p, text.n, NULL,
			      &n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
		return err_set(ERR_INVALID, "not base64 (RFC 4648, padded)");
	}
	*out = bytes_of(p, n);
	return 0;
}

size_t
base64_text_bytes(size_t n)
{
	return (n + 2) / 3 * 4;
}

char *
base64_encode(struct bytes b, struct arena *a)
{
	size_t cap = base64_text_bytes(b.n) + 1;
	char *text = arena_alloc(a, cap);

	if (text != NULL) {
		(void)sodium_bin2base64(text, cap, b.p, b.n,
					sodium_base64_VARIANT_ORIGINAL);
	}
	return text;
}

int
z85_decode_key(const char *text, uint8_t out[Z85_KEY_BYTES])
{
	uint8_t key[Z85_KEY_BYTES];
	bool ok = strlen(text) == Z85_KEY_TEXT_BYTES - 1;

	for (size_t i = 0; ok && i < Z85_KEY_BYTES / 4; i++) {
		uint64_t v = 0;

		for (size_t j = 0; ok && j < 5; j++) {
			const char *at = strchr(z85_digits, text[5 * i + j]);

			ok = at != NULL;
			v = v * 85 + (ok ? (uint64_t)(at - z85_digits) : 0);
		}
		ok = ok && v <= UINT32_MAX;
		put_u32(key + 4 * i, (uint32_t)v);
	}
	if (!ok) {
		return err_set(ERR_INVALID,
			       "not a CURVE key (Z85, %d characters)",
			       Z85_KEY_TEXT_BYTES - 1);
	}
	memcpy(out, key, sizeof(key));
	return 0;
}

char *
z85_encode_key(const uint8_t key[Z85_KEY_BYTES], char out[Z85_KEY_TEXT_BYTES])
{
	for (size_t i = 0; i < Z85_KEY_BYTES / 4; i++) {
		uint32_t v = get_u32(key + 4 * i);

		for (size_t j = 5; j-- > 0; v /= 85) {
			out[5 * i + j] = z85_digits[v % 85];
		}
	}
	out[Z85_KEY_TEXT_BYTES - 1] = '\0';
	return out;
}

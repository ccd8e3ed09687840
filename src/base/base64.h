#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/arena.h"
#include "base/buf.h"

/* RFC 4648 §4 with padding, strict: no blanks, no bits left over. Copies into
 * the arena. ERR_INVALID, ERR_NOMEM. */
int base64_decode(struct bytes text, struct arena *a,
		  struct bytes *out) MUST_CHECK;

/* Only digits of base64 and '='. libsodium 1.0.18 takes some bytes above 127
 * for digits, so whoever calls its decoder asks this first. */
bool base64_is_text(struct bytes text);

/* The length of the text, without a closing NUL. */
size_t base64_text_bytes(size_t n);

/* NUL-terminated, in the arena; NULL when there is no room. */
char *base64_encode(struct bytes b, struct arena *a);

#define Z85_KEY_BYTES 32
#define Z85_KEY_TEXT_BYTES 41 /* with the closing NUL */

/* ZeroMQ RFC 32 for a CURVE key: exactly 40 characters. ERR_INVALID. Not for
 * secrets: its time depends on them. */
int z85_decode_key(const char *text, uint8_t out[Z85_KEY_BYTES]) MUST_CHECK;
char *z85_encode_key(const uint8_t key[Z85_KEY_BYTES],
		     char out[Z85_KEY_TEXT_BYTES]);

#endif

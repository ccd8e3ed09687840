/* The small grammar that notes, checkpoints and proofs share: lines, decimal
 * numbers, canonical base64, names. Strict, so that a file has one spelling
 * and a flipped bit cannot hide in a lenient reader. */

#include <sodium.h>

#include "audit/note.h"
#include "base/base64.h"

int
base64_put(struct buf *out, struct bytes from)
{
	size_t chars = BASE64_CHARS(from.n);
	uint8_t *room = buf_room(out, chars + 1);

	if (room == NULL) {
		return err_set(ERR_TOO_LARGE, "text of a note too long");
	}
	sodium_bin2base64((char *)room, chars + 1,
			  from.n == 0 ? (const uint8_t *)"" : from.p, from.n,
			  sodium_base64_VARIANT_ORIGINAL);
	buf_grown(out, chars);
	return 0;
}

int
base64_read(struct bytes text, uint8_t *out, size_t max, size_t *out_n)
{
	size_t n;

	if (text.n == 0 || text.n % 4 != 0 || !base64_is_text(text) ||
	    sodium_base642bin(out, max, (const char *)text.p, text.n, NULL, &n,
			      NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
		return err_set(ERR_INVALID, "not canonical base64");
	}
	*out_n = n;
	return 0;
}

int
base64_read_hash(struct bytes text, struct hash *out)
{
	struct hash h;
	size_t n;

	if (text.n != BASE64_CHARS(HASH_BYTES) ||
	    base64_read(text, h.b, sizeof(h.b), &n) != 0 || n != HASH_BYTES) {
		return err_set(ERR_INVALID, "not a hash of 32 bytes in base64");
	}
	*out = h;
	return 0;
}

int
decimal_read(struct bytes text, uint64_t *out)
{
	uint64_t v = 0;

	if (text.n == 0 || text.n > 20 || (text.n > 1 && text.p[0] == '0')) {
		return err_set(ERR_INVALID, "not a decimal number");
	}
	for (size_t i = 0; i < text.n; i++) {
		uint64_t digit = (uint64_t)text.p[i] - '0';

		if (digit > 9 || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, digit, &v)) {
			return err_set(ERR_INVALID, "not a decimal number");
		}
	}
	*out = v;
	return 0;
}

bool
line_cut(struct bytes *rest, struct bytes *out_line)
{
	const uint8_t *end =
		rest->n == 0 ? NULL : memchr(rest->p, '\n', rest->n);

	if (end == NULL) {
		return false;
	}
	*out_line = bytes_of(rest->p, (size_t)(end - rest->p));
	*rest = bytes_of(end + 1, rest->n - out_line->n - 1);
	return true;
}

/* Reads one character of UTF-8 (RFC 3629: shortest form, no surrogates);
 * gives its length, 0 for a bad one. */
static size_t
utf8_next(struct bytes from, uint32_t *out)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t b = from.p[0];
	size_t n = b < 0x80 ? 1 : b < 0xc0 ? 0 : b < 0xe0 ? 2 : b < 0xf0 ? 3
			      : b < 0xf8 ? 4 : 0;
	uint32_t c;

	if (n < 2) {
		*out = b;
		return n;
	}
	if (from.n < n) {
		return 0;
	}
	c = b & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((from.p[i] & 0xc0) != 0x80) {
			return 0;
		}
		c = c << 6 | (from.p[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
		return 0;
	}
	*out = c;
	return n;
}

/* White space as Unicode has it. */
static bool
is_space(uint32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 ||
	       c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
	       c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
	       c == 0x3000;
}

bool
note_text_is_good(struct bytes text)
{
	uint32_t c;

	for (size_t i = 0, n; i < text.n; i += n) {
		n = utf8_next(bytes_of(text.p + i, text.n - i), &c);
		if (n == 0 || (c < 0x20 && c != '\n')) {
			return false;
		}
	}
	return true;
}

bool
note_name_is_good(struct bytes name)
{
	uint32_t c;

	if (name.n == 0 || name.n > NOTE_NAME_BYTES_MAX) {
		return false;
	}
	for (size_t i = 0, n; i < name.n; i += n) {
		n = utf8_next(bytes_of(name.p + i, name.n - i), &c);
		if (n == 0 || c < 0x20 || c == '+' || is_space(c)) {
			return false;
		}
	}
	return true;
}

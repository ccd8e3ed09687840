/*
 * E-mail addresses and telephone numbers in the form in which they are
 * compared. Whether an address exists is nobody's business here.
 */
#include "vault/normalise.h"

#include <string.h>

/* The longest that may be sent, blanks around it included. */
#define SENT_BYTES_MAX 512

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The part between surrounding blanks. */
static struct bytes
trimmed(const char *s)
{
	size_t n = strnlen(s, SENT_BYTES_MAX + 1);

	while (n > 0 && is_blank(*s)) {
		s++;
		n--;
	}
	while (n > 0 && is_blank(s[n - 1])) {
		n--;
	}
	return bytes_of(s, n);
}

/* One code point of well-formed UTF-8 (RFC 3629): its length, or 0. */
static size_t
utf8_decode(struct bytes from, uint32_t *out_point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t first = from.p[0];
	size_t n = first < 0x80   ? 1
		   : first < 0xc2 ? 0
		   : first < 0xe0 ? 2
		   : first < 0xf0 ? 3
		   : first < 0xf5 ? 4
				  : 0;
	uint32_t point;

	if (n == 0 || n > from.n) {
		return 0;
	}
	point = n == 1 ? first : first & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((from.p[i] & 0xc0) != 0x80) {
			return 0;
		}
		point = point << 6 | (from.p[i] & 0x3f);
	}
	if (point < least[n] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff)) {
		return 0;
	}
	*out_point = point;
	return n;
}

/* Capitals of two-byte letters whose lower case has two bytes too. Scripts
 * without case, and letters whose folding needs a table, stay as they are. */
static uint32_t
lower_case(uint32_t p)
{
	if (p >= 'A' && p <= 'Z') {
		return p + 32;
	}
	if ((p >= 0xc0 && p <= 0xde && p != 0xd7) ||    /* Latin-1 */
	    (p >= 0x391 && p <= 0x3a9 && p != 0x3a2) || /* Greek */
	    (p >= 0x410 && p <= 0x42f)) {               /* Cyrillic */
		return p + 32;
	}
	if (p >= 0x400 && p <= 0x40f) {
		return p + 80;
	}
	if (p == 0x178) {
		return 0xff;
	}
	/* Latin Extended-A: pairs, with the capital even or odd; the dotted
	 * and dotless i fold only in some languages. */
	if ((p >= 0x100 && p <= 0x12f) || (p >= 0x132 && p <= 0x137) ||
	    (p >= 0x14a && p <= 0x177)) {
		return p | 1;
	}
	if ((p >= 0x139 && p <= 0x148) || (p >= 0x179 && p <= 0x17e)) {
		return p + (p & 1);
	}
	return p;
}

static size_t
utf8_encode_short(uint32_t p, char *out)
{
	if (p < 0x80) {
		out[0] = (char)p;
		return 1;
	}
	out[0] = (char)(0xc0 | p >> 6);
	out[1] = (char)(0x80 | (p & 0x3f));
	return 2;
}

int
normalise_email(const char *sent, struct arena *a, const char **out)
{
	struct bytes from = trimmed(sent);
	size_t at = 0;
	size_t n = 0;
	char *to;

	if (from.n > EMAIL_BYTES_MAX) {
		return err_set(ERR_INVALID, "longer than %d bytes",
			       EMAIL_BYTES_MAX);
	}
	to = arena_alloc(a, from.n + 1);
	if (to == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < from.n;) {
		uint32_t p = 0;
		size_t len = utf8_decode(bytes_of(from.p + i, from.n - i), &p);

		if (len == 0 || p <= ' ' || (p >= 0x7f && p <= 0xa0)) {
			return err_set(ERR_INVALID,
				       "a blank, a control or bad UTF-8 in an "
				       "address");
		}
		if (p == '@') {
			at = n; /* the last one: a quoted part may hold it */
		}
		if (len <= 2) {
			n += utf8_encode_short(lower_case(p), to + n);
		} else {
			memcpy(to + n, from.p + i, len);
			n += len;
		}
		i += len;
	}
	if (at == 0 || at + 1 >= n) {
		return err_set(ERR_INVALID, "not an e-mail address");
	}
	*out = to;
	return 0;
}

int
normalise_phone(const char *sent, struct arena *a, const char **out)
{
	struct bytes from = trimmed(sent);
	size_t digits = 0;
	char *to;

	if (from.n > SENT_BYTES_MAX || from.n == 0 || from.p[0] != '+') {
		return err_set(ERR_INVALID, "not an E.164 number");
	}
	to = arena_alloc(a, from.n + 1);
	if (to == NULL) {
		return ERR_NOMEM;
	}
	to[0] = '+';
	for (size_t i = 1; i < from.n; i++) {
		char c = (char)from.p[i];

		if (c >= '0' && c <= '9') {
			to[1 + digits++] = c;
		} else if (strchr(" .-()", c) == NULL) {
			return err_set(ERR_INVALID, "not an E.164 number");
		}
	}
	if (digits < PHONE_DIGITS_MIN || digits > PHONE_DIGITS_MAX ||
	    to[1] == '0') {
		return err_set(ERR_INVALID, "not an E.164 number");
	}
	*out = to;
	return 0;
}

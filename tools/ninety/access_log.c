/* Lines of a web server's log. They come from whoever sent the request, so
 * everything in them is bounded and checked. */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/form.h"
#include "base/timefmt.h"
#include "ninety/access_log.h"
#include "ninety/utf8.h"

struct cursor {
	const uint8_t *p;
	const uint8_t *end;
};

static int
broken(const char *what)
{
	return err_set(ERR_INVALID, "%s", what);
}

static bool
take(struct cursor *c, char byte)
{
	if (c->p == c->end || *c->p != (uint8_t)byte) {
		return false;
	}
	c->p++;
	return true;
}

/* Everything up to the next blank. */
static struct bytes
word(struct cursor *c)
{
	const uint8_t *start = c->p;

	while (c->p < c->end && *c->p != ' ') {
		c->p++;
	}
	return bytes_of(start, (size_t)(c->p - start));
}

static int
hex(uint8_t c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A quoted part, its escapes undone. false: no quotes, not closed, too long. */
static bool
quoted(struct cursor *c, char out[ACCESS_TEXT_BYTES], size_t *n)
{
	*n = 0;
	if (!take(c, '"')) {
		return false;
	}
	while (c->p < c->end && *c->p != '"') {
		uint8_t byte = *c->p++;

		if (byte == '\\' && c->p < c->end) {
			byte = *c->p++;
			if (byte == 'x' && c->end - c->p >= 2 &&
			    hex(c->p[0]) >= 0 && hex(c->p[1]) >= 0) {
				byte = (uint8_t)(hex(c->p[0]) << 4 |
						 hex(c->p[1]));
				c->p += 2;
			}
		}
		if (*n == ACCESS_TEXT_BYTES - 1) {
			return false;
		}
		out[(*n)++] = (char)byte;
	}
	out[*n] = '\0';
	return take(c, '"');
}

/* Bytes of one character that may stand in a text, 0 for none. */
static size_t
character(const char *s, size_t n)
{
	size_t k = utf8_character((const uint8_t *)s, n);

	return k > 0 && form_text(s, k, false) == 0 ? k : 0;
}

/* UTF-8 without controls: the rest as \xHH. Cut to the size of `out`. */
static void
clean(const char *s, size_t n, char out[ACCESS_TEXT_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	size_t used = 0;

	while (n > 0) {
		size_t k = character(s, n);
		size_t need = k == 0 ? 4 : k;

		if (used + need >= ACCESS_TEXT_BYTES) {
			break;
		}
		if (k == 0) {
			out[used++] = '\\';
			out[used++] = 'x';
			out[used++] = digits[(uint8_t)*s >> 4];
			out[used++] = digits[(uint8_t)*s & 15];
			k = 1;
		} else {
			memcpy(out + used, s, k);
			used += k;
		}
		s += k;
		n -= k;
	}
	out[used] = '\0';
}

static int
parse_ip(struct bytes text, char out[ACCESS_IP_BYTES])
{
	char copy[ACCESS_IP_BYTES];
	uint8_t raw[16];
	int family;

	if (text.n == 0 || text.n >= sizeof(copy)) {
		return broken("no address at its beginning");
	}
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	family = memchr(text.p, ':', text.n) != NULL ? AF_INET6 : AF_INET;
	if (strlen(copy) != text.n || inet_pton(family, copy, raw) != 1 ||
	    inet_ntop(family, raw, out, ACCESS_IP_BYTES) == NULL) {
		return broken("no address at its beginning");
	}
	return 0;
}

static bool
number(const char *s, size_t n, int *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9') {
			return false;
		}
		*out = *out * 10 + (s[i] - '0');
	}
	return true;
}

static int
month_number(const char *s)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++) {
		if (memcmp(names + (size_t)i * 3, s, 3) == 0) {
			return i + 1;
		}
	}
	return 0;
}

/* 23/Nov/2026:20:34:00 +0100 */
static int
parse_time(const char *s, int64_t *out_ms)
{
	struct ymd d;
	int hour;
	int minute;
	int second;
	int zone_hour;
	int zone_minute;
	int64_t zone;

	d.month = month_number(s + 3);
	if (s[2] != '/' || s[6] != '/' || s[11] != ':' || s[14] != ':' ||
	    s[17] != ':' || s[20] != ' ' || (s[21] != '+' && s[21] != '-') ||
	    !number(s, 2, &d.day) || !number(s + 7, 4, &d.year) ||
	    !number(s + 12, 2, &hour) || !number(s + 15, 2, &minute) ||
	    !number(s + 18, 2, &second) || !number(s + 22, 2, &zone_hour) ||
	    !number(s + 24, 2, &zone_minute) || d.month == 0 || d.year < 1970 ||
	    d.day < 1 || d.day > days_in_month(d.year, d.month) || hour > 23 ||
	    minute > 59 || second > 60 || zone_hour > 14 || zone_minute > 59) {
		return broken("no time in brackets");
	}
	zone = zone_hour * MS_PER_HOUR + zone_minute * MS_PER_MINUTE;
	*out_ms = date_from_ymd(d) * MS_PER_DAY + hour * MS_PER_HOUR +
		  minute * MS_PER_MINUTE + second * MS_PER_SECOND -
		  (s[21] == '-' ? -zone : zone);
	return *out_ms < 0 ? broken("a time before 1970") : 0;
}

/* "GET /page?what HTTP/1.1" */
static int
parse_request(const char *s, size_t n, struct access_line *out)
{
	const char *space = memchr(s, ' ', n);
	const char *page;
	size_t bytes;

	if (space == NULL || space == s ||
	    (size_t)(space - s) >= ACCESS_METHOD_BYTES) {
		return broken("no request in it");
	}
	for (const char *c = s; c < space; c++) {
		if (*c < 'A' || *c > 'Z') {
			return broken("no method in the request");
		}
	}
	(void)snprintf(out->method, ACCESS_METHOD_BYTES, "%.*s",
		       (int)(space - s), s);
	page = space + 1;
	bytes = n - (size_t)(page - s);
	for (size_t i = 0; i < bytes; i++) {
		if (page[i] == ' ' || page[i] == '?' || page[i] == '#') {
			bytes = i;
		}
	}
	if (bytes == 0 || page[0] != '/') {
		return broken("no path in the request");
	}
	clean(page, bytes, out->page);
	return 0;
}

static void
clean_referrer(const char *s, size_t n, char out[ACCESS_TEXT_BYTES])
{
	size_t end = 0;

	while (end < n && s[end] != '?' && s[end] != '#') {
		end++;
	}
	if (n == 1 && s[0] == '-') {
		end = 0;
	}
	clean(s, end, out);
}

int
access_log_parse(struct bytes line, struct access_line *out)
{
	struct cursor c = {line.p, line.p + line.n};
	struct bytes status;
	char text[ACCESS_TEXT_BYTES];
	size_t n;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = parse_ip(word(&c), out->ip);
	if (rc != 0) {
		return rc;
	}
	/* ident and user; the latter may hold blanks. */
	while (c.p < c.end && *c.p != '[') {
		c.p++;
	}
	if (c.end - c.p < 28 || c.p[27] != ']') {
		return broken("no time in brackets");
	}
	memcpy(text, c.p + 1, 26);
	rc = parse_time(text, &out->at_ms);
	c.p += 28;
	if (rc != 0) {
		return rc;
	}
	if (!take(&c, ' ') || !quoted(&c, text, &n)) {
		return broken("no request in quotes");
	}
	rc = parse_request(text, n, out);
	if (rc != 0) {
		return rc;
	}
	if (!take(&c, ' ')) {
		return broken("no status");
	}
	status = word(&c);
	if (status.n != 3 || !number((const char *)status.p, 3, &out->status)) {
		return broken("no status");
	}
	if (!take(&c, ' ') || word(&c).n == 0 || !take(&c, ' ') ||
	    !quoted(&c, text, &n)) {
		return broken("no referrer");
	}
	clean_referrer(text, n, out->referrer);
	if (!take(&c, ' ') || !quoted(&c, text, &n)) {
		return broken("no user agent");
	}
	if (n != 1 || text[0] != '-') {
		clean(text, n, out->user_agent);
	}
	return 0;
}

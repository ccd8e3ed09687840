/*
 * TZif files, version 2 and later (RFC 8536): transitions in 64 bits, and the
 * rule of the footer for all time after them. What a date is used for is
 * deadline.c's and decide.c's.
 */
#include "policy/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/pack.h"
#include "policy/zone_rule.h"

#define HEADER_BYTES 44u
#define TYPES_MAX 256u
#define S_PER_DAY 86400LL
#define OFFSET_S_MAX (26LL * 3600)

struct zone {
	const char *name;
	size_t n; /* transitions */
	const int64_t *at_s;
	const int32_t *offset_s; /* from at_s[i] on */
	int32_t first_offset_s;  /* before the first */
	bool has_rule;
	struct zone_rule rule; /* after the last */
};

struct header {
	char version;
	uint32_t isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt;
};

static bool
read_header(struct unpacker *u, struct header *h)
{
	struct bytes magic = unpack_raw(u, 4);

	if (u->rc != 0 || memcmp(magic.p, "TZif", 4) != 0) {
		return false;
	}
	h->version = (char)unpack_u8(u);
	(void)unpack_raw(u, 15);
	h->isutcnt = unpack_u32(u);
	h->isstdcnt = unpack_u32(u);
	h->leapcnt = unpack_u32(u);
	h->timecnt = unpack_u32(u);
	h->typecnt = unpack_u32(u);
	h->charcnt = unpack_u32(u);
	return u->rc == 0 && h->version >= '2' && h->typecnt >= 1 &&
	       h->typecnt <= TYPES_MAX && h->timecnt <= ZONE_FILE_BYTES_MAX &&
	       h->charcnt <= ZONE_FILE_BYTES_MAX &&
	       h->leapcnt <= ZONE_FILE_BYTES_MAX &&
	       h->isstdcnt <= ZONE_FILE_BYTES_MAX &&
	       h->isutcnt <= ZONE_FILE_BYTES_MAX;
}

/* The bytes of a data block whose times have `width` bytes. */
static size_t
block_bytes(const struct header *h, size_t width)
{
	return h->timecnt * (width + 1) + h->typecnt * (size_t)6 + h->charcnt +
	       h->leapcnt * (width + 4) + h->isstdcnt + h->isutcnt;
}

static int
read_block(struct unpacker *u, const struct header *h, struct arena *a,
	   struct zone *z)
{
	int64_t *at = arena_array(a, h->timecnt + (size_t)1, sizeof(*at));
	int32_t *offset =
		arena_array(a, h->timecnt + (size_t)1, sizeof(*offset));
	int32_t types[TYPES_MAX];
	struct bytes kinds;

	if (at == NULL || offset == NULL) {
		return ERR_NOMEM;
	}
	for (uint32_t i = 0; i < h->timecnt; i++) {
		at[i] = unpack_i64(u);
	}
	kinds = unpack_raw(u, h->timecnt);
	for (uint32_t i = 0; i < h->typecnt; i++) {
		types[i] = (int32_t)unpack_u32(u);
		(void)unpack_u16(u);
	}
	(void)unpack_raw(u, h->charcnt + h->leapcnt * (size_t)12 + h->isstdcnt +
				    h->isutcnt);
	if (u->rc != 0) {
		return err_set(ERR_CONFIG, "the time zone file is cut short");
	}
	for (uint32_t i = 0; i < h->timecnt; i++) {
		if (kinds.p[i] >= h->typecnt || (i > 0 && at[i] <= at[i - 1])) {
			return err_set(ERR_CONFIG,
				       "the time zone file is damaged");
		}
		offset[i] = types[kinds.p[i]];
	}
	z->n = h->timecnt;
	z->at_s = at;
	z->offset_s = offset;
	z->first_offset_s = types[0];
	return 0;
}

/* "\nRULE\n" at the very end; an empty rule is none. */
static int
read_footer(struct bytes rest, struct zone *z)
{
	char rule[ZONE_RULE_BYTES_MAX];
	size_t n;

	if (rest.n < 2 || rest.p[0] != '\n' || rest.p[rest.n - 1] != '\n' ||
	    rest.n - 2 >= sizeof(rule)) {
		return err_set(ERR_CONFIG, "the time zone file has no rule");
	}
	n = rest.n - 2;
	memcpy(rule, rest.p + 1, n);
	rule[n] = '\0';
	z->has_rule = n > 0;
	return n == 0 ? 0 : zone_rule_parse(rule, &z->rule);
}

int
zone_parse(struct arena *a, const char *name, struct bytes file,
	   const struct zone **out)
{
	struct unpacker u = {.from = file};
	struct zone *z = ARENA_NEW(a, struct zone);
	struct header h;
	int rc;

	if (z == NULL) {
		return ERR_NOMEM;
	}
	if (file.n < HEADER_BYTES || !read_header(&u, &h)) {
		return err_set(ERR_CONFIG,
			       "not a time zone file of version 2 or later");
	}
	(void)unpack_raw(&u, block_bytes(&h, 4));
	if (u.rc != 0 || !read_header(&u, &h)) {
		return err_set(ERR_CONFIG, "the time zone file is cut short");
	}
	rc = read_block(&u, &h, a, z);
	if (rc == 0) {
		rc = read_footer(u.from, z);
	}
	if (rc != 0) {
		return rc;
	}
	z->name = arena_text(a, name, strlen(name));
	if (z->name == NULL) {
		return ERR_NOMEM;
	}
	*out = z;
	return 0;
}

/* Letters, digits, _ + - and /; no dot, so no way out of the directory. */
static bool
is_zone_name(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > 64 || name[0] == '/') {
		return false;
	}
	return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789_+-/") == n;
}

int
zone_load(struct arena *a, const char *name, const struct zone **out)
{
	char path[sizeof(ZONE_DIRECTORY) + 80];
	uint8_t file[ZONE_FILE_BYTES_MAX];
	ssize_t n;
	int fd;

	if (!is_zone_name(name)) {
		return err_set(ERR_CONFIG, "not the name of a time zone");
	}
	(void)snprintf(path, sizeof(path), "%s/%s", ZONE_DIRECTORY, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return err_set(ERR_CONFIG,
			       access(ZONE_DIRECTORY, R_OK) == 0
				       ? "the system knows no such time zone"
				       : "the system has no time zones "
					 "(install tzdata)");
	}
	n = read(fd, file, sizeof(file));
	(void)close(fd);
	if (n < 0) {
		return err_set(ERR_CONFIG,
			       "the system knows no such time zone");
	}
	return zone_parse(a, name, bytes_of(file, (size_t)n), out);
}

const char *
zone_name(const struct zone *z)
{
	return z->name;
}

int32_t
zone_offset_s(const struct zone *z, int64_t at_s)
{
	size_t low = 0;
	size_t high = z->n;

	if (z->n == 0 || at_s >= z->at_s[z->n - 1]) {
		if (z->has_rule) {
			return zone_rule_offset_s(&z->rule, at_s);
		}
		return z->n == 0 ? z->first_offset_s : z->offset_s[z->n - 1];
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (z->at_s[middle] <= at_s) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low == 0 ? z->first_offset_s : z->offset_s[low - 1];
}

static int64_t
floor_s(int64_t ms)
{
	return ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
}

date_t
zone_date(const struct zone *z, int64_t at_ms)
{
	int64_t at_s = floor_s(at_ms);

	return date_of_ms_utc((at_s + zone_offset_s(z, at_s)) * 1000);
}

/*
 * Midnight may be skipped or come twice, so its moment is searched for: the
 * last second before which the date is an earlier one. Offsets lie within
 * 26 hours of UTC, and the date falls back by less than a day: from the far
 * end backwards, in steps of the smallest jump that zones have made (15
 * minutes), to the last moment of an earlier date; then second by second
 * between the two.
 */
int64_t
zone_day_begin_ms(const struct zone *z, date_t date)
{
	int64_t utc_s = date * S_PER_DAY;
	int64_t high = utc_s - zone_offset_s(z, utc_s);
	int64_t low;

	if (zone_date(z, high * 1000) == date &&
	    zone_date(z, high * 1000 - 1) < date &&
	    zone_offset_s(z, high) == zone_offset_s(z, high + 7200)) {
		return high * 1000;
	}
	high = utc_s + OFFSET_S_MAX;
	low = high;
	while (zone_date(z, low * 1000) >= date) {
		high = low;
		low -= 900;
	}
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;

		if (zone_date(z, middle * 1000) >= date) {
			high = middle;
		} else {
			low = middle;
		}
	}
	return high * 1000;
}

int64_t
zone_day_end_ms(const struct zone *z, date_t date)
{
	return zone_day_begin_ms(z, date + 1) - 1;
}

/* Dates, times and durations as text, and the civil calendar. Time zones are
 * policy/calendar's concern: everything here is UTC or a bare date. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/timefmt.h"

#define YEAR_MIN 1000
#define YEAR_MAX 9999
#define DURATION_NUMBER_MAX 100000
#define DATE_PRINTED_MIN (-354285) /* 1000-01-01 */
#define DATE_PRINTED_MAX 2932896   /* 9999-12-31 */

/* Howard Hinnant's civil-from-days arithmetic: eras of 400 years, years that
 * begin in March. */
date_t
date_from_ymd(struct ymd v)
{
	int y = v.month <= 2 ? v.year - 1 : v.year;
	int era = (y >= 0 ? y : y - 399) / 400;
	int yoe = y - era * 400;
	int doy = (153 * (v.month + (v.month > 2 ? -3 : 9)) + 2) / 5 +
		  v.day - 1;
	int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

struct ymd
date_to_ymd(date_t date)
{
	int z = date + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;
	int month = mp < 10 ? mp + 3 : mp - 9;

	return (struct ymd){
		.year = yoe + era * 400 + (month <= 2 ? 1 : 0),
		.month = month,
		.day = doy - (153 * mp + 2) / 5 + 1,
	};
}

int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

int
date_weekday(date_t date)
{
	int w = (date + 3) % 7; /* 1970-01-01 was a Thursday */

	return w < 0 ? w + 7 : w;
}

date_t
date_of_ms_utc(int64_t ms)
{
	int64_t d = ms / MS_PER_DAY - (ms % MS_PER_DAY < 0 ? 1 : 0);

	if (d > INT32_MAX) {
		return INT32_MAX;
	}
	return d < INT32_MIN ? INT32_MIN : (date_t)d;
}

/* Reads exactly n digits; -1 when they are not there. */
static int
digits(const char **p, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (!isdigit((unsigned char)**p)) {
			return -1;
		}
		v = v * 10 + (*(*p)++ - '0');
	}
	return v;
}

static bool
literal(const char **p, char c)
{
	if (**p != c) {
		return false;
	}
	(*p)++;
	return true;
}

static bool
parse_ymd(const char **p, struct ymd *out)
{
	out->year = digits(p, 4);
	if (out->year < YEAR_MIN || !literal(p, '-')) {
		return false;
	}
	out->month = digits(p, 2);
	if (out->month < 1 || out->month > 12 || !literal(p, '-')) {
		return false;
	}
	out->day = digits(p, 2);
	return out->day >= 1 && out->day <= days_in_month(out->year,
							   out->month);
}

int
date_parse(const char *text, date_t *out)
{
	struct ymd v;

	if (!parse_ymd(&text, &v) || *text != '\0') {
		return err_set(ERR_INVALID, "not a date (YYYY-MM-DD)");
	}
	*out = date_from_ymd(v);
	return 0;
}

/* `digits` digits with leading zeros, then `end`. Reports print times by the
 * million, where printf costs most of it. */
static void
number_print(char *out, unsigned v, int digits, char end)
{
	out[digits] = end;
	while (digits > 0) {
		out[--digits] = (char)('0' + v % 10u);
		v /= 10u;
	}
}

char *
date_print(date_t date, char out[DATE_TEXT_BYTES])
{
	struct ymd v;

	if (date < DATE_PRINTED_MIN) {
		date = DATE_PRINTED_MIN;
	} else if (date > DATE_PRINTED_MAX) {
		date = DATE_PRINTED_MAX;
	}
	v = date_to_ymd(date);
	number_print(out, (unsigned)v.year, 4, '-');
	number_print(out + 5, (unsigned)v.month, 2, '-');
	number_print(out + 8, (unsigned)v.day, 2, '\0');
	return out;
}

static bool
parse_fraction(const char **p, int *out_ms)
{
	int n = 0;
	int ms = 0;

	*out_ms = 0;
	if (!literal(p, '.')) {
		return true;
	}
	while (isdigit((unsigned char)**p)) {
		if (n < 3) {
			ms = ms * 10 + (**p - '0');
		}
		n++;
		(*p)++;
	}
	for (int i = n; i < 3; i++) {
		ms *= 10;
	}
	*out_ms = ms;
	return n >= 1 && n <= 9;
}

int
time_parse(const char *text, int64_t *out_ms)
{
	static const char wrong[] =
		"not a time (RFC 3339 in UTC, as 2026-01-31T12:00:00.000Z)";
	const char *p = text;
	struct ymd v;
	int h;
	int m;
	int s;
	int ms;

	if (!parse_ymd(&p, &v) || v.year < 1970 || !literal(&p, 'T')) {
		return err_set(ERR_INVALID, "%s", wrong);
	}
	h = digits(&p, 2);
	if (h < 0 || h > 23 || !literal(&p, ':')) {
		return err_set(ERR_INVALID, "%s", wrong);
	}
	m = digits(&p, 2);
	if (m < 0 || m > 59 || !literal(&p, ':')) {
		return err_set(ERR_INVALID, "%s", wrong);
	}
	s = digits(&p, 2);
	if (s < 0 || s > 59 || !parse_fraction(&p, &ms) || !literal(&p, 'Z') ||
	    *p != '\0') {
		return err_set(ERR_INVALID, "%s", wrong);
	}
	*out_ms = date_from_ymd(v) * MS_PER_DAY + h * MS_PER_HOUR +
		  m * MS_PER_MINUTE + s * MS_PER_SECOND + ms;
	return 0;
}

char *
time_print(int64_t ms, char out[TIME_TEXT_BYTES])
{
	unsigned rest;
	date_t date;

	if (ms < DATE_PRINTED_MIN * MS_PER_DAY) {
		ms = DATE_PRINTED_MIN * MS_PER_DAY;
	} else if (ms >= (DATE_PRINTED_MAX + 1) * MS_PER_DAY) {
		ms = (DATE_PRINTED_MAX + 1) * MS_PER_DAY - 1;
	}
	date = date_of_ms_utc(ms);
	rest = (unsigned)(ms - date * MS_PER_DAY) % 86400000u;
	(void)date_print(date, out);
	out[10] = 'T';
	number_print(out + 11, rest / 3600000u, 2, ':');
	number_print(out + 14, rest / 60000u % 60u, 2, ':');
	number_print(out + 17, rest / 1000u % 60u, 2, '.');
	number_print(out + 20, rest % 1000u, 3, 'Z');
	out[24] = '\0';
	return out;
}

/* One number with its unit letter; 0 when there is none. The letters must
 * come in the order of *units, each once: *units moves behind the one read. */
static char
duration_part(const char **p, const char **units, int *out_number)
{
	const char *start = *p;
	const char *unit;
	int n = 0;

	while (isdigit((unsigned char)**p) && n <= DURATION_NUMBER_MAX) {
		n = n * 10 + (*(*p)++ - '0');
	}
	if (*p == start || n > DURATION_NUMBER_MAX || **p == '\0') {
		return 0;
	}
	unit = strchr(*units, **p);
	if (unit == NULL) {
		return 0;
	}
	(*p)++;
	*units = unit + 1;
	*out_number = n;
	return *unit;
}

static bool
duration_date_part(const char **p, struct duration *d)
{
	const char *units = "YMWD";
	int n = 0;

	while (**p != '\0' && **p != 'T') {
		switch (duration_part(p, &units, &n)) {
		case 'Y':
			d->months += 12 * n;
			break;
		case 'M':
			d->months += n;
			break;
		case 'W':
			d->days += 7 * n;
			break;
		case 'D':
			d->days += n;
			break;
		default:
			return false;
		}
	}
	return true;
}

static bool
duration_time_part(const char **p, struct duration *d)
{
	const char *units = "HMS";
	int n = 0;

	do {
		switch (duration_part(p, &units, &n)) {
		case 'H':
			d->ms += n * MS_PER_HOUR;
			break;
		case 'M':
			d->ms += n * MS_PER_MINUTE;
			break;
		case 'S':
			d->ms += n * MS_PER_SECOND;
			break;
		default:
			return false;
		}
	} while (**p != '\0');
	return true;
}

int
duration_parse(const char *text, struct duration *out)
{
	struct duration d = {0};
	const char *p = text;
	bool ok = literal(&p, 'P') && *p != '\0' && duration_date_part(&p, &d);

	if (ok && literal(&p, 'T')) {
		ok = duration_time_part(&p, &d);
	}
	/* The sums too, so that what is printed can be read again. */
	ok = ok && *p == '\0' && d.months <= DURATION_NUMBER_MAX &&
	     d.days <= DURATION_NUMBER_MAX &&
	     d.ms <= DURATION_NUMBER_MAX * MS_PER_HOUR;
	if (!ok || (d.months > 0 && (d.days > 0 || d.ms > 0))) {
		return err_set(ERR_INVALID,
			       "not a duration (ISO 8601, as P90D or PT15M)");
	}
	*out = d;
	return 0;
}

/* Appends a number and its unit, unless the number is zero. */
static int
duration_put(char out[40], int at, long long number, char unit)
{
	if (number == 0) {
		return at;
	}
	return at + snprintf(out + at, 40 - (size_t)at, "%lld%c", number, unit);
}

char *
duration_print(struct duration d, char out[40])
{
	int64_t s = d.ms / MS_PER_SECOND;
	int n = snprintf(out, 40, "P");

	n = duration_put(out, n, d.months, 'M');
	n = duration_put(out, n, d.days, 'D');
	if (s != 0) {
		n += snprintf(out + n, 40 - (size_t)n, "T");
		n = duration_put(out, n, s / 3600, 'H');
		n = duration_put(out, n, s / 60 % 60, 'M');
		n = duration_put(out, n, s % 60, 'S');
	}
	if (n == 1) {
		(void)snprintf(out, 40, "PT0S");
	}
	return out;
}

int
duration_ms(struct duration d, int64_t *out_ms)
{
	if (d.months != 0) {
		return err_set(ERR_INVALID, "months have no fixed length");
	}
	*out_ms = d.days * MS_PER_DAY + d.ms;
	return 0;
}

date_t
date_add(date_t date, struct duration d)
{
	struct ymd v = date_to_ymd(date);
	int month = v.month - 1 + d.months;
	int in_year = month % 12 < 0 ? month % 12 + 12 : month % 12;
	int last;

	v.year += (month - in_year) / 12;
	v.month = in_year + 1;
	last = days_in_month(v.year, v.month);
	if (v.day > last) {
		v.day = last;
	}
	return date_from_ymd(v) + d.days + (date_t)(d.ms / MS_PER_DAY);
}

/* The rule for all years after the last written transition of a zone. */
#include "policy/zone_rule.h"

#include <ctype.h>

#include "base/timefmt.h"

#define S_PER_DAY 86400LL

static bool
skip_name(const char **p)
{
	const char *start = *p;

	if (**p == '<') {
		while (**p != '\0' && **p != '>') {
			(*p)++;
		}
		if (**p != '>') {
			return false;
		}
		(*p)++;
		return true;
	}
	while (isalpha((unsigned char)**p)) {
		(*p)++;
	}
	return *p - start >= 3;
}

static bool
number(const char **p, int most, int *out)
{
	int n = 0;

	if (!isdigit((unsigned char)**p)) {
		return false;
	}
	while (isdigit((unsigned char)**p)) {
		n = n * 10 + (*(*p)++ - '0');
		if (n > most) {
			return false;
		}
	}
	*out = n;
	return true;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool
clock_time(const char **p, int32_t *out)
{
	int sign = 1;
	int h;
	int m = 0;
	int s = 0;

	if (**p == '-' || **p == '+') {
		sign = *(*p)++ == '-' ? -1 : 1;
	}
	if (!number(p, 167, &h)) {
		return false;
	}
	if (**p == ':') {
		(*p)++;
		if (!number(p, 59, &m)) {
			return false;
		}
		if (**p == ':') {
			(*p)++;
			if (!number(p, 59, &s)) {
				return false;
			}
		}
	}
	*out = sign * (h * 3600 + m * 60 + s);
	return true;
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
change(const char **p, struct zone_change *c)
{
	c->at_s = 2 * 3600;
	if (!literal(p, ',')) {
		return false;
	}
	if (literal(p, 'M')) {
		c->kind = ZONE_DAY_MONTH_WEEK;
		if (!number(p, 12, &c->month) || c->month < 1 ||
		    !literal(p, '.') || !number(p, 5, &c->week) ||
		    c->week < 1 || !literal(p, '.') ||
		    !number(p, 6, &c->weekday)) {
			return false;
		}
	} else {
		c->kind = literal(p, 'J') ? ZONE_DAY_JULIAN : ZONE_DAY_OF_YEAR;
		if (!number(p, 365, &c->day)) {
			return false;
		}
	}
	return !literal(p, '/') || clock_time(p, &c->at_s);
}

int
zone_rule_parse(const char *text, struct zone_rule *out)
{
	struct zone_rule r = {0};
	const char *p = text;
	bool ok = skip_name(&p) && clock_time(&p, &r.standard_s);

	/* POSIX counts west of Greenwich as positive. */
	r.standard_s = -r.standard_s;
	if (ok && *p != '\0') {
		r.has_summer = true;
		r.summer_s = r.standard_s + 3600;
		ok = skip_name(&p);
		if (ok && *p != ',') {
			ok = clock_time(&p, &r.summer_s);
			r.summer_s = -r.summer_s;
		}
		ok = ok && change(&p, &r.begin) && change(&p, &r.end);
	}
	if (!ok || *p != '\0') {
		return err_set(ERR_CONFIG,
			       "the rule of the time zone is not understood");
	}
	*out = r;
	return 0;
}

static date_t
change_date(const struct zone_change *c, int year)
{
	date_t first = date_from_ymd((struct ymd){year, 1, 1});
	date_t month;
	int n;

	switch (c->kind) {
	case ZONE_DAY_MONTH_WEEK:
		month = date_from_ymd((struct ymd){year, c->month, 1});
		n = (c->weekday - (date_weekday(month) + 1) % 7 + 7) % 7 +
		    7 * (c->week - 1);
		return month + (n >= days_in_month(year, c->month) ? n - 7 : n);
	case ZONE_DAY_JULIAN:
		/* 1 to 365; 29 February is never counted. */
		if (days_in_month(year, 2) == 29 && c->day >= 60) {
			return first + c->day;
		}
		return first + c->day - 1;
	case ZONE_DAY_OF_YEAR:
		break;
	}
	return first + c->day;
}

/* Seconds since 1970 of a year's change, on the wall clock before it. */
static int64_t
change_local_s(const struct zone_change *c, int year)
{
	return change_date(c, year) * S_PER_DAY + c->at_s;
}

int32_t
zone_rule_offset_s(const struct zone_rule *r, int64_t at_s)
{
	int year;
	int64_t begin;
	int64_t end;
	bool summer;

	if (!r->has_summer) {
		return r->standard_s;
	}
	year = date_to_ymd(date_of_ms_utc((at_s + r->standard_s) * 1000)).year;
	begin = change_local_s(&r->begin, year) - r->standard_s;
	end = change_local_s(&r->end, year) - r->summer_s;
	if (begin < end) {
		summer = at_s >= begin && at_s < end;
	} else {
		summer = at_s >= begin || at_s < end;
	}
	return summer ? r->summer_s : r->standard_s;
}

/*
 * Holidays by rule. Sources: 5 U.S.C. 6103 and E.O. 11582 (US federal);
 * Banking and Financial Dealings Act 1971 and proclamations (England and
 * Wales); the Länder's common holidays (Germany); Code du travail L3133-1
 * (France); Organisation of Working Time Act 1997, Schedule 2, and S.I. of
 * 2022 (Ireland). Regional holidays are not kept here.
 */
#include "policy/calendar.h"

#include <string.h>

enum rule_kind {
	RULE_FIXED,  /* day of a month */
	RULE_NTH,    /* n-th weekday of a month, n = 5: the last */
	RULE_EASTER, /* days from Easter Sunday */
	RULE_ONCE,   /* in one year only */
	RULE_BRIGID  /* first Monday of February, or Friday 1 February */
};

/* Where a fixed holiday on a free day goes. */
enum moves { STAYS, NEAREST, NEXT_MONDAY, NEXT_BUT_ONE };

struct rule {
	const char *name;
	enum rule_kind kind;
	int month;
	int n;       /* day, which weekday, or days from Easter */
	int weekday; /* 0 is Monday */
	enum moves moves;
	int from_year; /* RULE_ONCE: the year */
	int except_year;
};

#define FIXED(name, month, day)                                                \
	{                                                                      \
		name, RULE_FIXED, month, day, 0, STAYS, 0, 0                   \
	}
#define EASTER(name, days)                                                     \
	{                                                                      \
		name, RULE_EASTER, 0, days, 0, STAYS, 0, 0                     \
	}
#define NTH(name, month, n, weekday)                                           \
	{                                                                      \
		name, RULE_NTH, month, n, weekday, STAYS, 0, 0                 \
	}
#define ONCE(name, year, month, day)                                           \
	{                                                                      \
		name, RULE_ONCE, month, day, 0, STAYS, year, 0                 \
	}
#define LAST 5
#define MONDAY 0
#define THURSDAY 3

/* clang-format off */
static const struct rule us_federal[] = {
	{"New Year's Day", RULE_FIXED, 1, 1, 0, NEAREST, 0, 0},
	NTH("Birthday of Martin Luther King, Jr.", 1, 3, MONDAY),
	NTH("Washington's Birthday", 2, 3, MONDAY),
	NTH("Memorial Day", 5, LAST, MONDAY),
	{"Juneteenth", RULE_FIXED, 6, 19, 0, NEAREST, 2021, 0},
	{"Independence Day", RULE_FIXED, 7, 4, 0, NEAREST, 0, 0},
	NTH("Labor Day", 9, 1, MONDAY),
	NTH("Columbus Day", 10, 2, MONDAY),
	{"Veterans Day", RULE_FIXED, 11, 11, 0, NEAREST, 0, 0},
	NTH("Thanksgiving Day", 11, 4, THURSDAY),
	{"Christmas Day", RULE_FIXED, 12, 25, 0, NEAREST, 0, 0},
};

static const struct rule england_and_wales[] = {
	{"New Year's Day", RULE_FIXED, 1, 1, 0, NEXT_MONDAY, 0, 0},
	EASTER("Good Friday", -2),
	EASTER("Easter Monday", 1),
	{"Early May bank holiday", RULE_NTH, 5, 1, MONDAY, STAYS, 0, 2020},
	ONCE("Early May bank holiday", 2020, 5, 8),
	{"Spring bank holiday", RULE_NTH, 5, LAST, MONDAY, STAYS, 0, 2022},
	ONCE("Spring bank holiday", 2022, 6, 2),
	ONCE("Platinum Jubilee", 2022, 6, 3),
	ONCE("State Funeral of Queen Elizabeth II", 2022, 9, 19),
	ONCE("Coronation of King Charles III", 2023, 5, 8),
	NTH("Summer bank holiday", 8, LAST, MONDAY),
	{"Christmas Day", RULE_FIXED, 12, 25, 0, NEXT_BUT_ONE, 0, 0},
	{"Boxing Day", RULE_FIXED, 12, 26, 0, NEXT_BUT_ONE, 0, 0},
};

static const struct rule germany[] = {
	FIXED("Neujahr", 1, 1),
	EASTER("Karfreitag", -2),
	EASTER("Ostermontag", 1),
	FIXED("Tag der Arbeit", 5, 1),
	EASTER("Christi Himmelfahrt", 39),
	EASTER("Pfingstmontag", 50),
	FIXED("Tag der Deutschen Einheit", 10, 3),
	FIXED("1. Weihnachtstag", 12, 25),
	FIXED("2. Weihnachtstag", 12, 26),
};

static const struct rule france[] = {
	FIXED("Jour de l'an", 1, 1),
	EASTER("Lundi de Pâques", 1),
	FIXED("Fête du travail", 5, 1),
	FIXED("Victoire de 1945", 5, 8),
	EASTER("Ascension", 39),
	EASTER("Lundi de Pentecôte", 50),
	FIXED("Fête nationale", 7, 14),
	FIXED("Assomption", 8, 15),
	FIXED("Toussaint", 11, 1),
	FIXED("Armistice de 1918", 11, 11),
	FIXED("Noël", 12, 25),
};

static const struct rule ireland[] = {
	FIXED("New Year's Day", 1, 1),
	{"Saint Brigid's Day", RULE_BRIGID, 2, 1, MONDAY, STAYS, 2023, 0},
	FIXED("Saint Patrick's Day", 3, 17),
	ONCE("Day of Remembrance", 2022, 3, 18),
	EASTER("Easter Monday", 1),
	NTH("May Day", 5, 1, MONDAY),
	NTH("June Holiday", 6, 1, MONDAY),
	NTH("August Holiday", 8, 1, MONDAY),
	NTH("October Holiday", 10, LAST, MONDAY),
	FIXED("Christmas Day", 12, 25),
	FIXED("Saint Stephen's Day", 12, 26),
};
/* clang-format on */

struct calendar {
	const char *name;
	const char *covers;
	const struct rule *rules;
	size_t n;
};

#define RULES(r) r, sizeof(r) / sizeof((r)[0])

static const struct calendar calendars[] = {
	{"weekends", "weekends only, no holidays are kept", NULL, 0},
	{"us-federal", "us-federal, not those of a state", RULES(us_federal)},
	{"england-and-wales",
	 "england-and-wales, not those of Scotland or Northern Ireland",
	 RULES(england_and_wales)},
	{"germany", "germany, nationwide, not those of a Land",
	 RULES(germany)},
	{"france", "france, not those of Alsace-Moselle or overseas",
	 RULES(france)},
	{"ireland", "ireland", RULES(ireland)},
};

const struct calendar *
calendar_find(const char *name)
{
	for (size_t i = 0; i < sizeof(calendars) / sizeof(calendars[0]); i++) {
		if (strcmp(calendars[i].name, name) == 0) {
			return &calendars[i];
		}
	}
	return NULL;
}

const char *
calendar_name(const struct calendar *c)
{
	return c->name;
}

const char *
calendar_covers(const struct calendar *c)
{
	return c->covers;
}

const char *
calendar_names(void)
{
	return "weekends, us-federal, england-and-wales, germany, france, "
	       "ireland";
}

/* The anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, 8). */
date_t
calendar_easter(int year)
{
	int a = year % 19;
	int b = year / 100;
	int c = year % 100;
	int d = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
	int e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7;
	int f = d + e - 7 * ((a + 11 * d + 22 * e) / 451) + 114;

	return date_from_ymd((struct ymd){year, f / 31, f % 31 + 1});
}

static date_t
nth_weekday(int year, int month, int n, int weekday)
{
	date_t first = date_from_ymd((struct ymd){year, month, 1});
	int day = (weekday - date_weekday(first) + 7) % 7 + 7 * (n - 1);

	if (day >= days_in_month(year, month)) {
		day -= 7;
	}
	return first + day;
}

static date_t
moved(date_t date, enum moves moves)
{
	int weekday = date_weekday(date);

	if (weekday < 5) {
		return date;
	}
	switch (moves) {
	case STAYS:
		return date;
	case NEAREST:
		return weekday == 5 ? date - 1 : date + 1;
	case NEXT_MONDAY:
		return weekday == 5 ? date + 2 : date + 1;
	case NEXT_BUT_ONE:
		/* Christmas and Boxing Day: both go two days on, so that a
		 * Saturday and Sunday become Monday and Tuesday. */
		return date + 2;
	}
	return date;
}

static bool
rule_falls_on(const struct rule *r, int year, date_t date)
{
	if (r->kind == RULE_ONCE
		    ? year != r->from_year
		    : year < r->from_year || year == r->except_year) {
		return false;
	}
	switch (r->kind) {
	case RULE_FIXED:
	case RULE_ONCE:
		return date ==
		       moved(date_from_ymd((struct ymd){year, r->month, r->n}),
			     r->moves);
	case RULE_NTH:
		return date == nth_weekday(year, r->month, r->n, r->weekday);
	case RULE_EASTER:
		return date == calendar_easter(year) + r->n;
	case RULE_BRIGID: {
		date_t first = date_from_ymd((struct ymd){year, 2, 1});

		return date == (date_weekday(first) == 4
					? first
					: nth_weekday(year, 2, 1, MONDAY));
	}
	}
	return false;
}

const char *
calendar_holiday(const struct calendar *c, date_t date)
{
	int year = date_to_ymd(date).year;

	/* A holiday of the next January may be kept in December. */
	for (size_t i = 0; i < c->n; i++) {
		if (rule_falls_on(&c->rules[i], year, date) ||
		    (c->rules[i].moves == NEAREST &&
		     rule_falls_on(&c->rules[i], year + 1, date))) {
			return c->rules[i].name;
		}
	}
	return NULL;
}

bool
calendar_is_working(const struct calendar *c, date_t date)
{
	return date_weekday(date) < 5 && calendar_holiday(c, date) == NULL;
}

date_t
calendar_next_working(const struct calendar *c, date_t date)
{
	while (!calendar_is_working(c, date)) {
		date++;
	}
	return date;
}

date_t
calendar_add_working(const struct calendar *c, date_t date, int n)
{
	while (n > 0) {
		date++;
		if (calendar_is_working(c, date)) {
			n--;
		}
	}
	return date;
}

#ifndef BASE_TIMEFMT_H
#define BASE_TIMEFMT_H

#include "base/err.h"

#define MS_PER_SECOND 1000LL
#define MS_PER_MINUTE 60000LL
#define MS_PER_HOUR 3600000LL
#define MS_PER_DAY 86400000LL

#define TIME_TEXT_BYTES 25 /* 2026-11-23T20:34:00.000Z and NUL */
#define DATE_TEXT_BYTES 11

/* A calendar date as days since 1970-01-01 (proleptic Gregorian). */
typedef int32_t date_t;

struct ymd {
	int year;
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
};

date_t date_from_ymd(struct ymd v);
struct ymd date_to_ymd(date_t date);
int days_in_month(int year, int month);
int date_weekday(date_t date); /* 0 is Monday, 6 Sunday */

/* Rounds towards the past, before 1970 too; what no date_t can hold becomes
 * the nearest one. */
date_t date_of_ms_utc(int64_t ms);

/* RFC 3339 in UTC: "2026-11-23T20:34:00Z", fraction of 1 to 9 digits allowed
 * (cut to milliseconds). Years 1970 to 9999. ERR_INVALID. */
int time_parse(const char *text, int64_t *out_ms) MUST_CHECK;
/* Before 1000 and after 9999: the first or last moment of those years. */
char *time_print(int64_t ms, char out[TIME_TEXT_BYTES]);

/* "YYYY-MM-DD", years 1000 to 9999. ERR_INVALID. */
int date_parse(const char *text, date_t *out) MUST_CHECK;
/* As time_print, outside of these years the nearest day. */
char *date_print(date_t date, char out[DATE_TEXT_BYTES]);

/* An ISO 8601 duration of one kind of unit, or of a day part and a time part:
 * P90D, P2W, P1M, P2Y, PT15M, P1DT12H; each unit once, the larger first. Years and months may not be mixed with
 * days: their length depends on where they begin. */
struct duration {
	int32_t months; /* years counted as twelve */
	int32_t days;   /* weeks counted as seven */
	int64_t ms;     /* the time part */
};

int duration_parse(const char *text, struct duration *out) MUST_CHECK;
char *duration_print(struct duration d, char out[40]);

/* The length in milliseconds of a duration without months; ERR_INVALID. */
int duration_ms(struct duration d, int64_t *out_ms) MUST_CHECK;

/* date + duration, which may be negative; a month that lacks the day ends on its last day. The time
 * part must be zero whole days. */
date_t date_add(date_t date, struct duration d);

#endif

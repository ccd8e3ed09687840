#ifndef POLICY_CALENDAR_H
#define POLICY_CALENDAR_H

#include "base/timefmt.h"

/*
 * Free days as rules, so that they hold for any year from 2020 on. A calendar
 * is one of: weekends, us-federal, england-and-wales, germany (nationwide),
 * france, ireland. Saturdays and Sundays are free in each.
 */
struct calendar;

/* NULL for a name that is none. */
const struct calendar *calendar_find(const char *name);
const char *calendar_name(const struct calendar *c);

/* Which free days it knows and which it does not, in a few words. */
const char *calendar_covers(const struct calendar *c);

/* The names, for a message: "weekends, us-federal, ...". */
const char *calendar_names(void);

bool calendar_is_working(const struct calendar *c, date_t date);

/* The name of the holiday on that day, NULL when it is none; "Saturday" and
 * "Sunday" are not holidays. */
const char *calendar_holiday(const struct calendar *c, date_t date);

/* The day itself when it is a working day, else the next one. */
date_t calendar_next_working(const struct calendar *c, date_t date);

/* The n-th working day after the date, the date itself not counted. */
date_t calendar_add_working(const struct calendar *c, date_t date, int n);

/* Easter Sunday of the western churches. */
date_t calendar_easter(int year);

#endif

#ifndef POLICY_ZONE_RULE_H
#define POLICY_ZONE_RULE_H

#include "base/err.h"

/* The rule in the footer of a time zone file: POSIX TZ, with the hours of
 * RFC 8536 §3.3.1 (-167 to 167), as "CET-1CEST,M3.5.0,M10.5.0/3". */
#define ZONE_RULE_BYTES_MAX 128

enum zone_day { ZONE_DAY_MONTH_WEEK, ZONE_DAY_JULIAN, ZONE_DAY_OF_YEAR };

struct zone_change {
	enum zone_day kind;
	int month, week, weekday; /* weekday 0 is Sunday */
	int day;
	int32_t at_s; /* of the wall clock before the change */
};

struct zone_rule {
	int32_t standard_s;
	bool has_summer;
	int32_t summer_s;
	struct zone_change begin;
	struct zone_change end;
};

int zone_rule_parse(const char *text, struct zone_rule *out) MUST_CHECK;

int32_t zone_rule_offset_s(const struct zone_rule *r, int64_t at_s);

#endif

#ifndef POLICY_ZONE_H
#define POLICY_ZONE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/timefmt.h"

/*
 * A time zone of the system's database (TZif, RFC 8536), read once and then
 * asked without any global state: libc's own functions know only one zone a
 * process.
 */
struct zone;

#define ZONE_FILE_BYTES_MAX 65536u
#define ZONE_DIRECTORY "/usr/share/zoneinfo"

/* "Europe/Berlin" and its like; the zone belongs to the arena. ERR_CONFIG for
 * a name that is none or that the system does not know. */
int zone_load(struct arena *a, const char *name,
	      const struct zone **out) MUST_CHECK;

/* The same from the bytes of a TZif file. ERR_CONFIG. */
int zone_parse(struct arena *a, const char *name, struct bytes file,
	       const struct zone **out) MUST_CHECK;

const char *zone_name(const struct zone *z);

/* Seconds to add to UTC at a moment (seconds since 1970). */
int32_t zone_offset_s(const struct zone *z, int64_t at_s);

/* The calendar date of a moment. */
date_t zone_date(const struct zone *z, int64_t at_ms);

/* The first moment of a date, and its last millisecond. Where the clock jumps
 * at midnight, the moment from which the date stays. */
int64_t zone_day_begin_ms(const struct zone *z, date_t date);
int64_t zone_day_end_ms(const struct zone *z, date_t date);

#endif

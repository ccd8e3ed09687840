/* Time zones and holidays, against dates that are known. */
#include "support/test.h"

#include "policy/calendar.h"
#include "policy/zone.h"

static struct arena *arena;

static int
open_arena(void **state)
{
	(void)state;
	arena = arena_new(4u << 20);
	return arena == NULL;
}

static int
close_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const struct zone *
zone(const char *name)
{
	const struct zone *z = NULL;

	assert_ok(zone_load(arena, name, &z));
	return z;
}

static int64_t
ms(const char *text)
{
	int64_t at = 0;

	assert_ok(time_parse(text, &at));
	return at;
}

static date_t
day(const char *text)
{
	date_t date = 0;

	assert_ok(date_parse(text, &date));
	return date;
}

static void
offset_is(const char *name, const char *at, int minutes)
{
	assert_int_equal(zone_offset_s(zone(name), ms(at) / 1000),
			 minutes * 60);
}

static void
offsets_are_those_of_the_database(void **state)
{
	(void)state;
	offset_is("Europe/Berlin", "2026-03-29T00:59:59Z", 60);
	offset_is("Europe/Berlin", "2026-03-29T01:00:00Z", 120);
	offset_is("Europe/Berlin", "2026-10-25T00:59:59Z", 120);
	offset_is("Europe/Berlin", "2026-10-25T01:00:00Z", 60);
	offset_is("Europe/Berlin", "2090-07-01T00:00:00Z", 120);
	offset_is("America/Los_Angeles", "2026-03-08T09:59:59Z", -480);
	offset_is("America/Los_Angeles", "2026-03-08T10:00:00Z", -420);
	offset_is("America/Los_Angeles", "2099-12-01T00:00:00Z", -480);
	offset_is("Australia/Sydney", "2060-01-01T00:00:00Z", 660);
	offset_is("Australia/Sydney", "2060-07-01T00:00:00Z", 600);
	offset_is("Asia/Kolkata", "2026-01-01T00:00:00Z", 330);
	offset_is("Asia/Seoul", "2050-01-01T00:00:00Z", 540);
	offset_is("Europe/Dublin", "2050-07-01T00:00:00Z", 60);
	offset_is("Europe/Dublin", "2050-01-01T00:00:00Z", 0);
	offset_is("America/Sao_Paulo", "2026-01-01T00:00:00Z", -180);
	offset_is("UTC", "2026-01-01T00:00:00Z", 0);
}

static void
days_begin_and_end_at_local_midnight(void **state)
{
	const struct zone *berlin = zone("Europe/Berlin");

	(void)state;
	assert_true(zone_day_begin_ms(berlin, day("2026-07-01")) ==
		    ms("2026-06-30T22:00:00Z"));
	assert_true(zone_day_end_ms(berlin, day("2026-12-31")) ==
		    ms("2026-12-31T22:59:59.999Z"));
	/* 25 hours long. */
	assert_true(zone_day_end_ms(berlin, day("2026-10-25")) -
			    zone_day_begin_ms(berlin, day("2026-10-25")) + 1 ==
		    25 * MS_PER_HOUR);
	assert_true(zone_day_begin_ms(zone("Asia/Kolkata"),
				      day("2026-01-01")) ==
		    ms("2025-12-31T18:30:00Z"));
	assert_int_equal(zone_date(berlin, ms("1970-01-01T00:00:00Z")), 0);
}

static void
skipped_midnight_begins_at_one(void **state)
{
	/* Beirut goes from 00:00 to 01:00 on the last Sunday of March. */
	const struct zone *beirut = zone("Asia/Beirut");

	(void)state;
	assert_true(zone_day_begin_ms(beirut, day("2026-03-29")) ==
		    ms("2026-03-28T22:00:00Z"));
	/* Santiago goes back from 24:00 to 23:00 on the first Saturday of
	 * April: the Sunday begins when it comes to stay. */
	assert_true(zone_day_begin_ms(zone("America/Santiago"),
				      day("2026-04-05")) ==
		    ms("2026-04-05T04:00:00Z"));
}

static void
wrong_zones_are_refused(void **state)
{
	static const uint8_t cut[44] = "TZif2";
	const struct zone *z = NULL;

	(void)state;
	assert_err(ERR_CONFIG, zone_load(arena, "Europe/Nowhere", &z));
	assert_err(ERR_CONFIG, zone_load(arena, "../etc/passwd", &z));
	assert_err(ERR_CONFIG, zone_load(arena, "/etc/passwd", &z));
	assert_err(ERR_CONFIG, zone_load(arena, "", &z));
	assert_err(ERR_CONFIG, zone_load(arena, "Europe", &z));
	assert_err(ERR_CONFIG, zone_load(arena, "zone.tab", &z));
	assert_err(ERR_CONFIG, zone_parse(arena, "x", bytes_of(cut, 44), &z));
	assert_err(ERR_CONFIG, zone_parse(arena, "x", bytes_of(cut, 3), &z));
	assert_null(z);
}

static void
easter_falls_where_it_fell(void **state)
{
	static const char *const days[] = {
		"2020-04-12", "2021-04-04", "2022-04-17", "2023-04-09",
		"2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28",
		"2038-04-25", "2049-04-18", "2100-03-28"};

	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		date_t date = day(days[i]);

		assert_int_equal(calendar_easter(date_to_ymd(date).year),
				 date);
	}
}

static void
holiday_is(const char *calendar, const char *date, const char *name)
{
	const char *found = calendar_holiday(calendar_find(calendar),
					     day(date));

	if (name == NULL) {
		assert_null(found);
	} else {
		assert_non_null(found);
		assert_string_equal(found, name);
	}
}

static void
holidays_are_kept_where_the_law_moves_them(void **state)
{
	(void)state;
	holiday_is("us-federal", "2021-12-31", "New Year's Day");
	holiday_is("us-federal", "2022-01-01", NULL);
	holiday_is("us-federal", "2026-07-03", "Independence Day");
	holiday_is("us-federal", "2027-07-05", "Independence Day");
	holiday_is("us-federal", "2020-06-19", NULL);
	holiday_is("us-federal", "2021-06-18", "Juneteenth");
	holiday_is("us-federal", "2026-05-25", "Memorial Day");
	holiday_is("england-and-wales", "2027-12-27", "Christmas Day");
	holiday_is("england-and-wales", "2027-12-28", "Boxing Day");
	holiday_is("england-and-wales", "2022-12-27", "Christmas Day");
	holiday_is("england-and-wales", "2022-12-26", "Boxing Day");
	holiday_is("england-and-wales", "2020-12-28", "Boxing Day");
	holiday_is("england-and-wales", "2020-05-04", NULL);
	holiday_is("england-and-wales", "2022-05-30", NULL);
	holiday_is("england-and-wales", "2028-01-03", "New Year's Day");
	holiday_is("germany", "2026-10-03", "Tag der Deutschen Einheit");
	holiday_is("germany", "2026-10-05", NULL);
	holiday_is("france", "2026-11-11", "Armistice de 1918");
	holiday_is("ireland", "2030-02-01", "Saint Brigid's Day");
	holiday_is("ireland", "2030-02-04", NULL);
	holiday_is("weekends", "2026-12-25", NULL);
	assert_null(calendar_find("atlantis"));
}

static void
working_days_skip_free_ones(void **state)
{
	const struct calendar *us = calendar_find("us-federal");

	(void)state;
	assert_int_equal(calendar_add_working(us, day("2026-11-25"), 1),
			 day("2026-11-27"));
	assert_int_equal(calendar_add_working(us, day("2026-11-27"), 1),
			 day("2026-11-30"));
	assert_int_equal(calendar_next_working(us, day("2026-11-27")),
			 day("2026-11-27"));
	assert_int_equal(calendar_next_working(us, day("2026-11-26")),
			 day("2026-11-27"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_are_those_of_the_database),
		cmocka_unit_test(days_begin_and_end_at_local_midnight),
		cmocka_unit_test(skipped_midnight_begins_at_one),
		cmocka_unit_test(wrong_zones_are_refused),
		cmocka_unit_test(easter_falls_where_it_fell),
		cmocka_unit_test(holidays_are_kept_where_the_law_moves_them),
		cmocka_unit_test(working_days_skip_free_ones),
	};

	return cmocka_run_group_tests_name("zone", tests, open_arena,
					   close_arena);
}

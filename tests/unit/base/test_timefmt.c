/* base/timefmt: the calendar against known days, texts read and refused. */

#include "base/timefmt.h"
#include "support/test.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static date_t
day(int year, int month, int mday)
{
	return date_from_ymd((struct ymd){year, month, mday});
}

/* Day by day from 1600 to 2401: the calendar's own rules, no table. */
static void
every_day_follows_the_one_before(void **state)
{
	struct ymd expect = {1600, 1, 1};
	date_t date = day(1600, 1, 1);

	(void)state;
	assert_int_equal(day(1970, 1, 1), 0);
	while (expect.year < 2402) {
		struct ymd got = date_to_ymd(date);

		if (got.year != expect.year || got.month != expect.month ||
		    got.day != expect.day || date_from_ymd(expect) != date) {
			fail_msg("%d-%d-%d", expect.year, expect.month,
				 expect.day);
		}
		date++;
		expect.day++;
		if (expect.day > days_in_month(expect.year, expect.month)) {
			expect.day = 1;
			expect.month++;
		}
		if (expect.month > 12) {
			expect.month = 1;
			expect.year++;
		}
	}
}

static void
february_of_leap_years(void **state)
{
	(void)state;
	assert_int_equal(days_in_month(2023, 2), 28);
	assert_int_equal(days_in_month(2024, 2), 29);
	assert_int_equal(days_in_month(1900, 2), 28);
	assert_int_equal(days_in_month(2000, 2), 29);
	assert_int_equal(days_in_month(2100, 2), 28);
	assert_int_equal(days_in_month(2024, 12), 31);
}

static void
weekdays_are_known(void **state)
{
	(void)state;
	assert_int_equal(date_weekday(day(1970, 1, 1)), 3);   /* Thursday */
	assert_int_equal(date_weekday(day(1969, 12, 28)), 6); /* Sunday */
	assert_int_equal(date_weekday(day(2018, 5, 25)), 4);  /* Friday */
	assert_int_equal(date_weekday(day(2000, 2, 29)), 1);  /* Tuesday */
	assert_int_equal(date_weekday(day(1600, 1, 1)), 5);   /* Saturday */
}

static void
day_of_a_time_rounds_to_the_past(void **state)
{
	(void)state;
	assert_int_equal(date_of_ms_utc(0), 0);
	assert_int_equal(date_of_ms_utc(MS_PER_DAY - 1), 0);
	assert_int_equal(date_of_ms_utc(MS_PER_DAY), 1);
	assert_int_equal(date_of_ms_utc(-1), -1);
	assert_int_equal(date_of_ms_utc(-MS_PER_DAY), -1);
	assert_int_equal(date_of_ms_utc(-MS_PER_DAY - 1), -2);
}

static void
time_is_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"1970-01-01T00:00:00.001Z", 1},
		{"2026-11-23T20:34:00Z", 1795466040000},
		{"2026-11-23T20:34:00.5Z", 1795466040500},
		{"2026-11-23T20:34:00.123456789Z", 1795466040123},
		{"2000-02-29T23:59:59.999Z", 951868799999},
		{"9999-12-31T23:59:59.999Z", 253402300799999},
	};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_ok(time_parse(good[i].text, &ms));
		assert_true(ms == good[i].ms);
	}
}

static void
bad_time_is_refused(void **state)
{
	static const char *const wrong[] = {
		"", "Z", "2026-11-23", "2026-11-23T20:34:00",
		"2026-11-23T20:34:00+00:00", "2026-11-23 20:34:00Z",
		"2026-11-23T20:34Z", "2026-11-23T24:00:00Z",
		"2026-11-23T20:60:00Z", "2026-11-23T20:34:60Z",
		"2026-11-23T20:34:00.Z", "2026-11-23T20:34:00.1234567890Z",
		"2026-11-23T20:34:00Zx", "2026-11-23T20:34:00ZZ",
		" 2026-11-23T20:34:00Z", "2026-11-23t20:34:00z",
		"2026-02-29T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z",
		"2026-04-31T00:00:00Z", "1969-12-31T23:59:59Z",
		"10000-01-01T00:00:00Z", "-026-01-01T00:00:00Z",
		"2026-11-23T-1:34:00Z", "2026-11-23T20:34:0\xd9\xa0Z",
	};
	int64_t ms = 77;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		if (time_parse(wrong[i], &ms) != ERR_INVALID) {
			fail_msg("accepted: %s", wrong[i]);
		}
	}
	assert_true(ms == 77);
}

static void
time_is_printed_and_read_again(void **state)
{
	char text[TIME_TEXT_BYTES];
	int64_t back;

	(void)state;
	assert_string_equal(time_print(1795466040123, text),
			    "2026-11-23T20:34:00.123Z");
	/* Uneven steps through all the years that can be written. */
	for (int64_t ms = 0; ms < 253402300800000; ms += 8639999989) {
		assert_ok(time_parse(time_print(ms, text), &back));
		assert_true(back == ms);
	}
}

/* "Never" and nonsense print as the end that is nearest. */
static void
time_out_of_range_prints_as_the_nearest(void **state)
{
	char text[TIME_TEXT_BYTES];
	char date[DATE_TEXT_BYTES];

	(void)state;
	assert_string_equal(time_print(INT64_MAX, text),
			    "9999-12-31T23:59:59.999Z");
	assert_string_equal(time_print(253402300800000, text),
			    "9999-12-31T23:59:59.999Z");
	assert_string_equal(time_print(-1, text), "1969-12-31T23:59:59.999Z");
	assert_string_equal(time_print(INT64_MIN, text),
			    "1000-01-01T00:00:00.000Z");
	assert_string_equal(date_print(INT32_MAX, date), "9999-12-31");
	assert_string_equal(date_print(INT32_MIN, date), "1000-01-01");
	assert_int_equal(date_of_ms_utc(INT64_MAX), INT32_MAX);
	assert_int_equal(date_of_ms_utc(INT64_MIN), INT32_MIN);
}

static void
date_is_read_and_printed(void **state)
{
	char text[DATE_TEXT_BYTES];
	date_t date;

	(void)state;
	assert_ok(date_parse("2024-02-29", &date));
	assert_int_equal(date, day(2024, 2, 29));
	assert_string_equal(date_print(date, text), "2024-02-29");
	assert_ok(date_parse("1000-01-01", &date));
	assert_string_equal(date_print(date, text), "1000-01-01");
	assert_ok(date_parse("9999-12-31", &date));
	assert_string_equal(date_print(date, text), "9999-12-31");
}

static void
bad_date_is_refused(void **state)
{
	static const char *const wrong[] = {
		"", "2024", "2024-02", "2024-2-9", "2023-02-29", "1900-02-29",
		"2024-13-01", "2024-00-01", "2024-01-32", "2024-01-00",
		"0999-12-31", "2024-01-01 ", "2024/01/01", "24-01-01",
		"2024-01-01T00:00:00Z", "20240101",
	};
	date_t date = 77;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		if (date_parse(wrong[i], &date) != ERR_INVALID) {
			fail_msg("accepted: %s", wrong[i]);
		}
	}
	assert_int_equal(date, 77);
}

static void
duration_is_read_and_printed(void **state)
{
	static const struct {
		const char *text;
		struct duration d;
		const char *printed;
	} good[] = {
		{"P90D", {0, 90, 0}, "P90D"},
		{"P2W", {0, 14, 0}, "P14D"},
		{"P1M", {1, 0, 0}, "P1M"},
		{"P2Y", {24, 0, 0}, "P24M"},
		{"P1Y6M", {18, 0, 0}, "P18M"},
		{"PT15M", {0, 0, 900000}, "PT15M"},
		{"PT1H30M5S", {0, 0, 5405000}, "PT1H30M5S"},
		{"P1DT12H", {0, 1, 43200000}, "P1DT12H"},
		{"PT0S", {0, 0, 0}, "PT0S"},
		{"P0D", {0, 0, 0}, "PT0S"},
		{"PT92H5S", {0, 0, 331205000}, "PT92H5S"},
		{"P100000D", {0, 100000, 0}, "P100000D"},
		{"PT100000H", {0, 0, 360000000000}, "PT100000H"},
	};
	struct duration d;
	struct duration back;
	char text[40];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_ok(duration_parse(good[i].text, &d));
		assert_int_equal(d.months, good[i].d.months);
		assert_int_equal(d.days, good[i].d.days);
		assert_true(d.ms == good[i].d.ms);
		assert_string_equal(duration_print(d, text),
				    good[i].printed);
		assert_ok(duration_parse(text, &back));
		assert_int_equal(back.months, d.months);
		assert_int_equal(back.days, d.days);
		assert_true(back.ms == d.ms);
	}
}

static void
bad_duration_is_refused(void **state)
{
	static const char *const wrong[] = {
		"", "P", "PT", "90D", "P90", "P-90D", "P90Dx", "P90 D",
		"P1.5D", "P1DT", "PT1D", "P1H", "P1M1D", "P1YT1S", "p90d",
		"P100001D", "P100000W", "P100000Y", "PT100000H1S",
		"P99999999999999999999D",
		/* Each unit once, the larger before the smaller. */
		"P1D1D", "P1M1Y", "P1D1W", "PT1S1M", "PT1M1H", "PT1S1S",
		"P1Y1Y",
	};
	struct duration d = {7, 7, 7};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		if (duration_parse(wrong[i], &d) != ERR_INVALID) {
			fail_msg("accepted: %s", wrong[i]);
		}
	}
	assert_int_equal(d.months, 7);
}

/* A text of any length comes from outside: its sum must not overflow. */
static void
endless_duration_is_refused(void **state)
{
	enum { PARTS = 4000 };
	static char text[PARTS * 7 + 2] = "P";
	struct duration d;

	(void)state;
	for (size_t i = 0; i < PARTS; i++) {
		memcpy(text + 1 + 7 * i, "100000Y", 7);
	}
	assert_err(ERR_INVALID, duration_parse(text, &d));
}

static void
months_have_no_length_in_ms(void **state)
{
	int64_t ms = 77;

	(void)state;
	assert_ok(duration_ms((struct duration){0, 90, 1}, &ms));
	assert_true(ms == 90 * MS_PER_DAY + 1);
	assert_err(ERR_INVALID, duration_ms((struct duration){1, 0, 0}, &ms));
}

static void
month_that_lacks_the_day_ends_on_its_last(void **state)
{
	static const struct {
		struct ymd from;
		struct duration d;
		struct ymd to;
	} cases[] = {
		{{2023, 1, 31}, {1, 0, 0}, {2023, 2, 28}},
		{{2024, 1, 31}, {1, 0, 0}, {2024, 2, 29}},
		{{2024, 2, 29}, {12, 0, 0}, {2025, 2, 28}},
		{{2024, 2, 29}, {48, 0, 0}, {2028, 2, 29}},
		{{2024, 12, 31}, {2, 0, 0}, {2025, 2, 28}},
		{{2024, 12, 15}, {1, 0, 0}, {2025, 1, 15}},
		{{2024, 5, 31}, {3, 0, 0}, {2024, 8, 31}},
		{{2024, 1, 1}, {0, 366, 0}, {2025, 1, 1}},
		{{2024, 1, 1}, {0, 1, MS_PER_DAY}, {2024, 1, 3}},
		{{2026, 11, 23}, {-60, 0, 0}, {2021, 11, 23}},
		{{2026, 1, 31}, {-1, 0, 0}, {2025, 12, 31}},
		{{2026, 12, 5}, {-12, 0, 0}, {2025, 12, 5}},
		{{2026, 3, 31}, {-1, 0, 0}, {2026, 2, 28}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(date_add(date_from_ymd(cases[i].from),
					  cases[i].d),
				 date_from_ymd(cases[i].to));
	}
}

static void
months_are_taken_away_too(void **state)
{
	static const struct {
		struct ymd from;
		int months;
		struct ymd to;
	} cases[] = {
		{{2026, 1, 15}, -1, {2025, 12, 15}},
		{{2026, 3, 31}, -1, {2026, 2, 28}},
		{{2026, 11, 23}, -60, {2021, 11, 23}},
		{{2026, 1, 31}, -12, {2025, 1, 31}},
		{{2024, 2, 29}, -12, {2023, 2, 28}},
		{{2026, 12, 1}, -23, {2025, 1, 1}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
			date_add(date_from_ymd(cases[i].from),
				 (struct duration){.months = cases[i].months}),
			date_from_ymd(cases[i].to));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(months_are_taken_away_too),
		cmocka_unit_test(every_day_follows_the_one_before),
		cmocka_unit_test(february_of_leap_years),
		cmocka_unit_test(weekdays_are_known),
		cmocka_unit_test(day_of_a_time_rounds_to_the_past),
		cmocka_unit_test(time_is_read),
		cmocka_unit_test(bad_time_is_refused),
		cmocka_unit_test(time_is_printed_and_read_again),
		cmocka_unit_test(time_out_of_range_prints_as_the_nearest),
		cmocka_unit_test(date_is_read_and_printed),
		cmocka_unit_test(bad_date_is_refused),
		cmocka_unit_test(duration_is_read_and_printed),
		cmocka_unit_test(bad_duration_is_refused),
		cmocka_unit_test(endless_duration_is_refused),
		cmocka_unit_test(months_have_no_length_in_ms),
		cmocka_unit_test(month_that_lacks_the_day_ends_on_its_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

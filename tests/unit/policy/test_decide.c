/* Ages by calendar date, reads by purpose, ends of records. */
#include "support/test.h"

#include "policy/decide.h"

static const struct policy *p;
static struct policy_faults faults;

static int
load(void **state)
{
	(void)state;
	return policy_load(SOURCE_DIR "/policies", &p, &faults);
}

static int
unload(void **state)
{
	(void)state;
	policy_free(p);
	return 0;
}

static date_t
day(const char *text)
{
	date_t date = 0;

	assert_ok(date_parse(text, &date));
	return date;
}

struct age_case {
	const char *birth;
	const char *today;
	int age;
};

static void
age_counts_by_calendar_date(void **state)
{
	static const struct age_case cases[] = {
		{"2010-06-15", "2023-06-14", 12},
		{"2010-06-15", "2023-06-15", 13},
		{"2010-06-15", "2023-06-16", 13},
		{"2010-12-31", "2024-01-01", 13},
		{"2010-12-31", "2023-12-30", 12},
		{"2010-01-01", "2023-01-01", 13},
		/* Born on 29 February: 1 March in common years. */
		{"2012-02-29", "2025-02-28", 12},
		{"2012-02-29", "2025-03-01", 13},
		{"2008-02-29", "2024-02-28", 15},
		{"2008-02-29", "2024-02-29", 16},
		{"2008-02-29", "2026-02-28", 17},
		{"2008-02-29", "2026-03-01", 18},
		{"2096-02-29", "2100-02-28", 3},
		{"2096-02-29", "2100-03-01", 4},
		{"2012-02-28", "2025-02-28", 13},
		{"2026-01-01", "2026-01-01", 0},
		{"2026-01-02", "2026-01-01", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int age = decide_age(day(cases[i].birth), day(cases[i].today));

		if (age != cases[i].age) {
			fail_msg("%s on %s: %d, not %d", cases[i].birth,
				 cases[i].today, age, cases[i].age);
		}
	}
}

struct gate_case {
	const char *country;
	const char *birth;
	const char *today;
	enum age_standing standing;
};

static void
own_consent_depends_on_the_country(void **state)
{
	static const struct gate_case cases[] = {
		/* "You may not enter ... if you are under 13 years old." */
		{"US", "2013-11-24", "2026-11-23", AGE_UNDER},
		{"US", "2013-11-23", "2026-11-23", AGE_CAPACITY},
		{"GB", "2013-11-23", "2026-11-23", AGE_CAPACITY},
		{"BE", "2013-11-23", "2026-11-23", AGE_CAPACITY},
		{"AT", "2013-11-23", "2026-11-23", AGE_GUARDIAN},
		{"AT", "2012-11-23", "2026-11-23", AGE_CAPACITY},
		{"FR", "2011-11-24", "2026-11-23", AGE_GUARDIAN},
		{"FR", "2011-11-23", "2026-11-23", AGE_CAPACITY},
		{"DE", "2010-11-24", "2026-11-23", AGE_GUARDIAN},
		{"DE", "2010-11-23", "2026-11-23", AGE_CAPACITY},
		/* A country not listed: 16. */
		{"AU", "2010-11-24", "2026-11-23", AGE_GUARDIAN},
		{"AU", "2010-11-23", "2026-11-23", AGE_CAPACITY},
		{"IN", "2008-11-24", "2026-11-23", AGE_GUARDIAN},
		/* Denmark: 13 until 2023, 15 from 2024. */
		{"DK", "2010-06-01", "2023-12-31", AGE_CAPACITY},
		{"DK", "2010-06-01", "2024-01-01", AGE_GUARDIAN},
		/* Adults everywhere. */
		{"DE", "2008-11-24", "2026-11-23", AGE_CAPACITY},
		{"DE", "2008-11-23", "2026-11-23", AGE_ADULT},
		{"US", "2008-02-29", "2026-02-28", AGE_CAPACITY},
		{"US", "2008-02-29", "2026-03-01", AGE_ADULT},
		{"US", "1950-01-01", "2026-03-01", AGE_ADULT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct gate_case *c = &cases[i];
		struct age_decision d;

		assert_ok(decide_register(p, c->country, day(c->birth),
					  day(c->today), &d));
		if (d.standing != c->standing) {
			fail_msg("%s %s on %s: %d, not %d", c->country,
				 c->birth, c->today, d.standing, c->standing);
		}
	}
}

static void
band_and_its_next_month_are_kept(void **state)
{
	struct age_decision d;

	(void)state;
	assert_ok(decide_register(p, "US", day("2012-05-20"),
				  day("2026-11-23"), &d));
	assert_int_equal(d.band, BAND_13_15);
	assert_int_equal(d.next_band, day("2028-05-01"));
	assert_int_equal(d.next_band_at, day("2028-06-01"));
	assert_int_equal(age_band_next(d.band), BAND_16_17);
	assert_int_equal(age_band_next_month(p, BAND_16_17, d.next_band),
			 day("2030-05-01"));
	assert_ok(decide_register(p, "US", day("2010-02-28"),
				  day("2026-11-23"), &d));
	assert_int_equal(d.band, BAND_16_17);
	assert_int_equal(d.next_band, day("2028-02-01"));
	assert_int_equal(age_band_next(d.band), BAND_ADULT);
	assert_int_equal(age_band_next_month(p, BAND_ADULT, d.next_band), 0);
	/* Born on 29 February: an adult on 1 March 2026. */
	assert_ok(decide_register(p, "US", day("2008-02-29"),
				  day("2025-11-23"), &d));
	assert_int_equal(d.next_band, day("2026-03-01"));
	assert_ok(decide_register(p, "US", day("1980-05-20"),
				  day("2026-11-23"), &d));
	assert_int_equal(d.band, BAND_ADULT);
	assert_int_equal(d.next_band, 0);
	assert_string_equal(age_band_name(BAND_13_15), "13-15");
}

static void
impossible_birth_dates_are_invalid(void **state)
{
	struct age_decision d;

	(void)state;
	assert_err(ERR_INVALID, decide_register(p, "US", day("2026-11-24"),
						day("2026-11-23"), &d));
	assert_string_equal(err_last()->field, "birth_date");
	assert_err(ERR_INVALID, decide_register(p, "US", day("1899-12-31"),
						day("2026-11-23"), &d));
}

static void
guardian_or_capacity_counts_by_age(void **state)
{
	struct age_decision d = {.standing = AGE_UNDER};

	(void)state;
	assert_err(ERR_UNDER_AGE, decide_consent(&d, true, true));
	d.standing = AGE_GUARDIAN;
	assert_err(ERR_CONSENT_REQUIRED, decide_consent(&d, false, true));
	assert_ok(decide_consent(&d, true, false));
	d.standing = AGE_CAPACITY;
	assert_err(ERR_CONSENT_REQUIRED, decide_consent(&d, false, false));
	assert_ok(decide_consent(&d, false, true));
	assert_ok(decide_consent(&d, true, false));
	d.standing = AGE_ADULT;
	assert_ok(decide_consent(&d, false, false));
}

static void
today_is_the_houses(void **state)
{
	int64_t ms;

	(void)state;
	/* Midnight in Los Angeles: 08:00 UTC in winter, 07:00 in summer. */
	assert_ok(time_parse("2026-11-23T07:59:59.999Z", &ms));
	assert_int_equal(decide_today(p, ms), day("2026-11-22"));
	assert_int_equal(decide_today(p, ms + 1), day("2026-11-23"));
	assert_true(decide_day_begin_ms(p, day("2026-11-23")) == ms + 1);
	assert_ok(time_parse("2026-07-01T06:59:59.999Z", &ms));
	assert_int_equal(decide_today(p, ms), day("2026-06-30"));
	assert_int_equal(decide_today(p, ms + 1), day("2026-07-01"));
}

static void
records_end_by_collection_or_by_account(void **state)
{
	const struct policy_category *navigation =
		policy_category(p, "navigation");
	const struct policy_category *contact = policy_category(p, "contact");

	(void)state;
	assert_int_equal(decide_expiry(navigation, day("2026-01-31"),
				       DAY_NONE), day("2027-02-28"));
	assert_int_equal(decide_expiry(contact, day("2020-01-31"), DAY_NONE),
			 DAY_NONE);
	assert_int_equal(decide_expiry(contact, day("2020-01-31"),
				       day("2026-11-23")),
			 day("2026-11-23") + 90);
}

static void
read_follows_the_purpose(void **state)
{
	const struct policy_category *contact = policy_category(p, "contact");
	const struct policy_category *billing = policy_category(p, "billing");
	field_mask_t fields = 0;

	(void)state;
	assert_ok(decide_read(policy_purpose(p, "service"), ROLE_PORTAL,
			      contact, false, &fields));
	assert_int_equal(fields, policy_field_mask(contact));
	assert_ok(decide_read(policy_purpose(p, "collect_payment"),
			      ROLE_BILLING, contact, false, &fields));
	assert_int_equal(fields, 3);
	assert_err(ERR_DENIED, decide_read(policy_purpose(p, "collect_payment"),
					   ROLE_SUPPORT, billing, false,
					   &fields));
	assert_err(ERR_NOT_PERMITTED,
		   decide_read(policy_purpose(p, "improve"), ROLE_PORTAL,
			       contact, false, &fields));
	assert_err(ERR_NOT_PERMITTED,
		   decide_read(policy_purpose(p, "support_request"),
			       ROLE_SUPPORT, billing, true, &fields));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(age_counts_by_calendar_date),
		cmocka_unit_test(own_consent_depends_on_the_country),
		cmocka_unit_test(band_and_its_next_month_are_kept),
		cmocka_unit_test(impossible_birth_dates_are_invalid),
		cmocka_unit_test(guardian_or_capacity_counts_by_age),
		cmocka_unit_test(today_is_the_houses),
		cmocka_unit_test(records_end_by_collection_or_by_account),
		cmocka_unit_test(read_follows_the_purpose),
	};

	return cmocka_run_group_tests_name("decide", tests, load, unload);
}

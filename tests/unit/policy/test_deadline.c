/*
 * Deadlines by hand. Each case quotes the row or sentence of the law table
 * that it follows; days of the week and holidays were looked up, not computed
 * by this code.
 */
#include "support/test.h"

#include "base/buf.h"
#include "policy/deadline.h"
#include "policy/zone.h"

#define MONTH "1 month from receipt; day of receipt not counted"
#define LAST_DAY "no such day: last day of that month"
#define FREE_DAY                                                              \
	"last day Saturday, Sunday or public holiday: end of next working day"
#define EXTENSION "three months from receipt, not from the first due date"
#define CCPA "45 calendar days from DAY OF RECEIPT"
#define CCPA_EXTENDED "to 90 days in total"
#define STATES "Virginia, Colorado, Texas, Connecticut: 45 days, +45"
#define SILENT "the house alone"

struct request {
	const char *rule;
	const char *country;
	const char *region;
	const char *received; /* a date: 18:00 UTC; or a time */
	const char *legal;    /* last day in the place's zone; NULL: none */
	bool extended;
};

static const struct request requests[] = {
	{"example 5 March -> 5 April inclusive", "BE", "", "2024-03-05",
	 "2024-04-05", false},
	{FREE_DAY, "BE", "", "2026-03-05", "2026-04-06", false},
	{FREE_DAY " (Easter Sunday, Easter Monday)", "DE", "", "2026-03-05",
	 "2026-04-07", false},
	{"31 Aug -> 30 Sep", "DE", "", "2026-08-31", "2026-09-30", false},
	{"31 Jan -> 28 Feb, a Saturday", "DE", "", "2026-01-31", "2026-03-02",
	 false},
	{"31 Jan -> 29 Feb", "DE", "", "2024-01-31", "2024-02-29", false},
	{"31 Jan -> 28 Feb", "DE", "", "2023-01-31", "2023-02-28", false},
	{LAST_DAY, "FR", "", "2025-01-30", "2025-02-28", false},
	{LAST_DAY, "FR", "", "2025-01-29", "2025-02-28", false},
	{MONTH, "FR", "", "2025-01-28", "2025-02-28", false},
	{FREE_DAY " (Good Friday in Germany)", "DE", "", "2024-02-29",
	 "2024-04-02", false},
	{MONTH " (Good Friday is none in France)", "FR", "", "2024-02-29",
	 "2024-03-29", false},
	{MONTH " (Good Friday is none in Ireland)", "IE", "", "2024-02-29",
	 "2024-03-29", false},
	{LAST_DAY, "IT", "", "2025-03-31", "2025-04-30", false},
	{FREE_DAY " (1 May)", "DE", "", "2026-04-01", "2026-05-04", false},
	{FREE_DAY " (8 May)", "FR", "", "2026-04-08", "2026-05-11", false},
	{FREE_DAY " (14 July)", "FR", "", "2026-06-14", "2026-07-15", false},
	{MONTH " (14 July is none in Germany)", "DE", "", "2026-06-14",
	 "2026-07-14", false},
	{FREE_DAY " (15 August, a Saturday)", "FR", "", "2026-07-15",
	 "2026-08-17", false},
	{FREE_DAY " (11 November)", "FR", "", "2026-10-11", "2026-11-12",
	 false},
	{FREE_DAY " (3 October, a Saturday)", "DE", "", "2026-09-03",
	 "2026-10-05", false},
	{FREE_DAY " (Christmas to Sunday)", "DE", "", "2025-11-25",
	 "2025-12-29", false},
	{FREE_DAY " (1 January)", "DE", "", "2024-12-01", "2025-01-02", false},
	{FREE_DAY " (Saint Patrick)", "IE", "", "2026-02-17", "2026-03-18",
	 false},
	{FREE_DAY " (Saint Brigid, first Monday)", "IE", "", "2026-01-02",
	 "2026-02-03", false},
	{FREE_DAY " (Saint Brigid, Friday 1 February)", "IE", "", "2030-01-01",
	 "2030-02-04", false},
	{MONTH " (no Saint Brigid before 2023)", "IE", "", "2022-01-07",
	 "2022-02-07", false},
	{FREE_DAY " (Ascension)", "DE", "", "2026-04-14", "2026-05-15", false},
	{FREE_DAY " (Whit Monday)", "DE", "", "2026-04-25", "2026-05-26",
	 false},
	{"days inside the period are all counted", "PL", "", "2025-12-15",
	 "2026-01-15", false},
	{EXTENSION, "DE", "", "2026-01-31", "2026-04-30", true},
	{EXTENSION ", " FREE_DAY, "DE", "", "2025-11-30", "2026-03-02", true},
	{"received 1 Feb of a common year: 1 May is day 89", "BE", "",
	 "2025-02-01", "2025-05-01", true},
	{"received 1 Feb, 1 May is a holiday", "DE", "", "2025-02-01",
	 "2025-05-02", true},
	{"three months 89-92 days: 90 in a leap year", "BE", "", "2024-02-01",
	 "2024-05-01", true},
	{"three months 89-92 days: 92", "BE", "", "2026-07-01", "2026-10-01",
	 true},
	{MONTH " (00:30 of the next day in Berlin)", "DE", "",
	 "2026-03-31T22:30:00Z", "2026-05-04", false},
	{MONTH " (23:30 in Berlin)", "DE", "", "2026-03-31T21:30:00Z",
	 "2026-04-30", false},
	{LAST_DAY " (00:30 in Brussels)", "BE", "", "2026-01-30T23:30:00Z",
	 "2026-03-02", false},
	{MONTH " (00:30 in Helsinki)", "FI", "", "2026-05-04T21:30:00Z",
	 "2026-06-05", false},
	{"UK GDPR 1 month; Easter", "GB", "", "2026-03-05", "2026-04-07",
	 false},
	{"UK GDPR 1 month; Christmas, Boxing Day", "GB", "", "2025-11-25",
	 "2025-12-29", false},
	{"UK GDPR 1 month; both on a weekend", "GB", "", "2027-11-25",
	 "2027-12-29", false},
	{"UK GDPR 1 month; Jubilee of 2022", "GB", "", "2022-05-02",
	 "2022-06-06", false},
	{"UK GDPR 1 month; state funeral of 2022", "GB", "", "2022-08-19",
	 "2022-09-20", false},
	{"UK GDPR 1 month; coronation of 2023", "GB", "", "2023-04-08",
	 "2023-05-09", false},
	{"UK GDPR 1 month; last Monday of August", "GB", "", "2026-07-31",
	 "2026-09-01", false},
	{"UK GDPR 1 month; 1 January, a Friday", "GB", "", "2026-12-01",
	 "2027-01-04", false},
	{"UK GDPR 1 month; Easter Monday, no holiday in Scotland", "GB",
	 "GB-SCT", "2026-03-05", "2026-04-06", false},
	{"UK GDPR +2 months", "GB", "", "2026-01-31", "2026-04-30", true},
	{SILENT ": before the UK GDPR", "GB", "", "2020-12-15", NULL, false},
	{CCPA ", no rule for a Sunday", "US", "US-CA", "2026-01-01",
	 "2026-02-15", false},
	{CCPA, "US", "US-CA", "2026-01-31", "2026-03-17", false},
	{CCPA " in a leap year", "US", "US-CA", "2024-01-31", "2024-03-16",
	 false},
	{CCPA " (still 28 February there)", "US", "US-CA",
	 "2026-03-01T05:00:00Z", "2026-04-14", false},
	{CCPA_EXTENDED, "US", "US-CA", "2026-01-31", "2026-05-01", true},
	{CCPA ", region alone", "", "US-CA", "2026-01-31", "2026-03-17",
	 false},
	{STATES, "US", "US-VA", "2026-06-01", "2026-07-16", false},
	{STATES, "US", "US-CO", "2026-06-01", "2026-07-16", false},
	{STATES, "US", "US-TX", "2026-06-01", "2026-07-16", false},
	{STATES, "US", "US-CT", "2026-06-01", "2026-07-16", false},
	{STATES, "US", "US-VA", "2026-06-01", "2026-08-30", true},
	{SILENT ": before the Texan law", "US", "US-TX", "2024-06-15", NULL,
	 false},
	{SILENT ": a state without a law here", "US", "US-NY", "2026-06-01",
	 NULL, false},
	{SILENT ": no region", "US", "", "2026-06-01", NULL, false},
	{SILENT ": no country", "", "", "2026-06-01", NULL, false},
	{SILENT ": a country without a law here", "AU", "", "2026-06-01",
	 NULL, false},
	{"LGPD: 15 days full declaration", "BR", "", "2026-02-01",
	 "2026-02-16", false},
	{"PIPEDA: 30 days", "CA", "CA-ON", "2026-01-31", "2026-03-02", false},
	{"PIPEDA: +30 with notice inside 30", "CA", "CA-ON", "2026-01-31",
	 "2026-04-01", true},
	{"Quebec Law 25: 30 days", "CA", "CA-QC", "2026-01-31", "2026-03-02",
	 false},
	{"Quebec Law 25: no extension", "CA", "CA-QC", "2026-01-31",
	 "2026-03-02", true},
	{"Virginia, Colorado, Texas, Connecticut, Utah: 45 days", "US", "US-UT",
	 "2026-11-01", "2026-12-16", false},
	{"Virginia, Colorado, Texas, Connecticut, Utah: +45", "US", "US-UT",
	 "2026-11-01", "2027-01-30", true},
	{"Argentina: 10 days access", "AR", "", "2026-11-02", "2026-11-12",
	 false},
	{"Swiss FADP: 30 days", "CH", "", "2026-12-15", "2027-01-14", false},
	{"South Korea PIPA: 10 days (01:00 in Seoul)", "KR", "",
	 "2026-12-25T16:00:00Z", "2027-01-05", false},
};

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

static int64_t
time_of(const char *text)
{
	date_t date;
	int64_t ms;

	if (strlen(text) == 10) {
		assert_ok(date_parse(text, &date));
		return date * MS_PER_DAY + 18 * MS_PER_HOUR;
	}
	assert_ok(time_parse(text, &ms));
	return ms;
}

static struct deadline
compute(const struct deadline_facts *facts)
{
	struct deadline d = {0};

	assert_ok(deadline_compute(p, facts, &d));
	return d;
}

static const char *
local_date(int64_t ms, const struct deadline *d)
{
	static char text[DATE_TEXT_BYTES];
	const struct zone *z = d->place == NULL ? d->regime->zone
						: d->place->zone;

	return date_print(zone_date(z, ms), text);
}

static void
legal_date_is_as_the_rule_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		const struct request *r = &requests[i];
		struct deadline_facts facts = {
			.type = REQUEST_TYPE_ACCESS,
			.received_at_ms = time_of(r->received),
			.country = r->country,
			.region = r->region,
			.extended = r->extended,
		};
		struct deadline d = compute(&facts);

		if (r->legal == NULL) {
			assert_null(d.regime);
			assert_true(d.legal_due_at_ms == DEADLINE_NONE);
			assert_true(d.due_at_ms == d.house_due_at_ms);
			continue;
		}
		if (d.regime == NULL ||
		    strcmp(local_date(d.legal_due_at_ms, &d), r->legal) != 0) {
			fail_msg("%s: %s %s: %s, not %s", r->rule, r->country,
				 r->received,
				 d.regime == NULL
					 ? "no regime"
					 : local_date(d.legal_due_at_ms, &d),
				 r->legal);
		}
		/* The last millisecond of that day: one more is the next. */
		assert_string_not_equal(
			local_date(d.legal_due_at_ms + 1, &d), r->legal);
		assert_true(d.due_at_ms == (d.legal_due_at_ms <
							    d.house_due_at_ms
						    ? d.legal_due_at_ms
						    : d.house_due_at_ms));
	}
}

static void
due_is(const char *received, const char *country, const char *region,
       bool extended, const char *due)
{
	struct deadline_facts facts = {
		.received_at_ms = time_of(received),
		.country = country,
		.region = region,
		.extended = extended,
	};
	struct deadline d = compute(&facts);
	char text[TIME_TEXT_BYTES];

	assert_string_equal(time_print(d.due_at_ms, text), due);
}

static void
due_is_the_earlier_to_the_millisecond(void **state)
{
	(void)state;
	due_is("2026-06-01T10:20:30.456Z", "", "", false,
	       "2026-08-30T10:20:30.456Z");
	due_is("2026-06-01T10:20:30.456Z", "DE", "", false,
	       "2026-07-01T21:59:59.999Z");
	due_is("2026-11-02T10:00:00Z", "DE", "", false,
	       "2026-12-02T22:59:59.999Z");
	due_is("2026-06-01T10:00:00Z", "US", "US-CA", false,
	       "2026-07-17T06:59:59.999Z");
	due_is("2026-11-01T18:00:00Z", "US", "US-CA", false,
	       "2026-12-17T07:59:59.999Z");
	due_is("2026-06-01T10:00:00Z", "GB", "", false,
	       "2026-07-01T22:59:59.999Z");
	/* Fixed 90 days: one day later than the GDPR's extended maximum. */
	due_is("2025-02-01T10:00:00Z", "BE", "", true,
	       "2025-05-01T21:59:59.999Z");
	/* CCPA's extended maximum is day 90 to its end: the house's is
	 * earlier. */
	due_is("2026-01-31T18:00:00Z", "US", "US-CA", true,
	       "2026-05-01T18:00:00.000Z");
}

static void
confirmation_counts_working_days(void **state)
{
	/* "10 business days" of the CCPA's row; US federal holidays. */
	static const char *const cases[][2] = {
		{"2026-01-02", "2026-01-16"},
		{"2026-01-09", "2026-01-26"}, /* Martin Luther King */
		{"2026-11-20", "2026-12-07"}, /* Thanksgiving */
		{"2025-12-19", "2026-01-06"}, /* Christmas, New Year */
		{"2026-06-12", "2026-06-29"}, /* Juneteenth */
		{"2026-06-26", "2026-07-13"}, /* 4 July kept on Friday 3 */
		{"2021-12-20", "2022-01-05"}, /* both kept on Fridays */
		{"2026-10-02", "2026-10-19"}, /* Columbus Day */
		{"2026-02-07", "2026-02-23"}, /* a Saturday; Presidents */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct deadline_facts facts = {
			.received_at_ms = time_of(cases[i][0]),
			.region = "US-CA",
		};
		struct deadline d = compute(&facts);

		assert_string_equal(local_date(d.confirm_by_ms, &d),
				    cases[i][1]);
	}
}

static void
extension_notice_falls_in_the_first_term(void **state)
{
	/* "+2 months, told with reasons inside month 1"; "notice with reason
	 * inside 45". */
	struct deadline_facts facts = {.received_at_ms = time_of("2026-08-31"),
				       .country = "DE"};
	struct deadline d = compute(&facts);

	(void)state;
	assert_true(d.can_extend);
	assert_true(d.can_pause);
	assert_string_equal(local_date(d.extension_notice_by_ms, &d),
			    "2026-09-30");
	facts.extended = true;
	d = compute(&facts);
	assert_false(d.can_extend);
	assert_string_equal(local_date(d.extension_notice_by_ms, &d),
			    "2026-09-30");
	facts = (struct deadline_facts){.received_at_ms = time_of("2026-01-31"),
					.region = "US-CA"};
	d = compute(&facts);
	assert_false(d.can_pause);
	assert_string_equal(local_date(d.extension_notice_by_ms, &d),
			    "2026-03-17");
	facts = (struct deadline_facts){.received_at_ms = time_of("2026-01-31"),
					.country = "CH"};
	d = compute(&facts);
	assert_false(d.can_extend);
	assert_true(d.extension_notice_by_ms == DEADLINE_NONE);
	assert_true(d.confirm_by_ms == DEADLINE_NONE);
}

static void
pause_is(const char *country, const char *received, const char *from,
	 const char *until, const char *legal)
{
	struct deadline_pause pause = {
		.from_ms = time_of(from),
		.until_ms = until == NULL ? DEADLINE_STILL_PAUSED
					  : time_of(until),
	};
	struct deadline_facts facts = {
		.received_at_ms = time_of(received),
		.country = country,
		.region = strcmp(country, "US") == 0 ? "US-CA" : "",
		.pauses = &pause,
		.n_pauses = 1,
		.as_of_ms = time_of("2026-03-20"),
	};
	struct deadline d = compute(&facts);

	assert_string_equal(local_date(d.legal_due_at_ms, &d), legal);
}

static void
pause_moves_the_legal_date_alone(void **state)
{
	(void)state;
	/* UK: "statutory stop-the-clock ..., in force 2026-02". */
	pause_is("GB", "2026-03-02", "2026-03-10", "2026-03-17", "2026-04-09");
	pause_is("GB", "2026-01-05", "2026-01-10", "2026-01-20", "2026-02-05");
	/* GDPR: "clock may pause while identity information is awaited". */
	pause_is("DE", "2026-03-05", "2026-03-10", "2026-03-12", "2026-04-07");
	pause_is("DE", "2026-03-02", "2026-03-10", "2026-03-10", "2026-04-02");
	/* Not resumed: as long as it has lasted. 2 April and ten days is a
	 * Sunday. */
	pause_is("DE", "2026-03-02", "2026-03-10", NULL, "2026-04-13");
	/* Begun after the end: stops nothing. */
	pause_is("DE", "2026-02-02", "2026-03-10", "2026-03-17", "2026-03-02");
	/* CCPA: "verification does not stop it". */
	pause_is("US", "2026-01-31", "2026-02-10", "2026-02-17", "2026-03-17");
}

static const char *
strictest(const char *country, const char *region, const char *given,
	  enum policy_request_type type, const char *received,
	  const char *legal)
{
	struct deadline_facts facts = {
		.type = type,
		.received_at_ms = time_of(received),
		.country = country,
		.region = region,
		.regime = given,
	};
	struct deadline d = compute(&facts);

	if (d.regime == NULL) {
		assert_null(legal);
		return "none";
	}
	assert_string_equal(local_date(d.legal_due_at_ms, &d), legal);
	return d.regime->name;
}

static void
given_regime_can_only_shorten(void **state)
{
	struct deadline_facts facts = {.regime = "no-such"};
	struct deadline d;

	(void)state;
	assert_string_equal(strictest("US", "US-CA", "gdpr",
				      REQUEST_TYPE_ACCESS, "2026-01-10",
				      "2026-02-10"), "gdpr");
	assert_string_equal(strictest("DE", NULL, "ccpa", REQUEST_TYPE_ACCESS,
				      "2026-01-10", "2026-02-10"), "gdpr");
	assert_string_equal(strictest("DE", NULL, "lgpd", REQUEST_TYPE_ACCESS,
				      "2026-01-10", "2026-01-25"), "lgpd");
	assert_string_equal(strictest(NULL, NULL, "ccpa", REQUEST_TYPE_DELETE,
				      "2026-01-10", "2026-02-24"), "ccpa");
	/* "other rights: without delay": no number of days. */
	assert_string_equal(strictest("BR", NULL, NULL, REQUEST_TYPE_DELETE,
				      "2026-01-10", NULL), "none");
	/* Two laws, the same day: the region's. */
	assert_string_equal(strictest("CA", "CA-QC", NULL, REQUEST_TYPE_ACCESS,
				      "2026-01-31", "2026-03-02"), "quebec");
	assert_err(ERR_INVALID, deadline_compute(p, &facts, &d));
	assert_string_equal(err_last()->field, "regime");
}

static void
confirmation_of_another_law_still_counts(void **state)
{
	struct deadline_facts facts = {.received_at_ms = time_of("2026-01-02"),
				       .region = "US-CA", .regime = "gdpr"};
	struct deadline d = compute(&facts);
	char text[TIME_TEXT_BYTES];

	(void)state;
	assert_string_equal(d.regime->name, "gdpr");
	assert_string_equal(time_print(d.confirm_by_ms, text),
			    "2026-01-17T07:59:59.999Z");
}

static void
alarms_are_those_of_the_policy(void **state)
{
	static const char *const names[] = {
		"10-working-days", "confirm", "day-25", "extension-notice",
		"overdue", "day-60", "day-80"};
	struct deadline_facts facts = {.received_at_ms = time_of("2026-01-02"),
				       .region = "US-CA"};
	struct deadline d = compute(&facts);
	char text[TIME_TEXT_BYTES];

	(void)state;
	assert_int_equal(d.n_alarms, 7);
	for (size_t i = 0; i < 7; i++) {
		assert_string_equal(d.alarms[i].name, names[i]);
	}
	assert_string_equal(time_print(d.alarms[0].at_ms, text),
			    "2026-01-16T08:00:00.000Z");
	assert_string_equal(time_print(d.alarms[2].at_ms, text),
			    "2026-01-27T18:00:00.000Z");
	assert_true(d.alarms[4].at_ms == d.due_at_ms + 1);
}

static void
explanation_names_each_step(void **state)
{
	static const char *const wanted[] = {
		"due_at 2026-03-02T22:59:59.999Z: the date of gdpr",
		"house_due_at 2026-05-01T18:00:00.000Z: received_at and 90 "
		"days of 24 hours; Correcting and updating your information",
		"gdpr in DE, 1 month after 2026-01-31: Saturday 2026-02-28, "
		"no working day, so Monday 2026-03-02, end of day in "
		"Europe/Berlin; free days: germany, nationwide, not those of a "
		"Land; GDPR Art. 12(3)",
		"alarm 2026-02-25T18:00:00.000Z: day-25",
	};
	struct deadline_facts facts = {.received_at_ms = time_of("2026-01-31"),
				       .country = "DE"};
	struct buf text;

	(void)state;
	buf_init(&text, 16384);
	assert_ok(deadline_explain(p, &facts, &text));
	assert_ok(buf_put(&text, "", 1));
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (strstr((const char *)text.data, wanted[i]) == NULL) {
			fail_msg("not in it: %s\n%s", wanted[i],
				 (const char *)text.data);
		}
	}
	buf_clear(&text);
}

static void
explanation_shows_what_is_unverified(void **state)
{
	struct deadline_facts facts = {.received_at_ms = time_of("2026-01-31"),
				       .region = "US-TX"};
	struct buf text;

	(void)state;
	buf_init(&text, 16384);
	assert_ok(deadline_explain(p, &facts, &text));
	assert_ok(buf_put(&text, "", 1));
	assert_non_null(strstr((const char *)text.data, "(unverified)"));
	buf_reset(&text);
	facts.country = "BE";
	facts.region = NULL;
	assert_ok(deadline_explain(p, &facts, &text));
	assert_ok(buf_put(&text, "", 1));
	assert_non_null(strstr((const char *)text.data, "weekends only"));
	assert_null(strstr((const char *)text.data, "(unverified)"));
	buf_clear(&text);
}

static void
reasons_are_the_regimes(void **state)
{
	const struct policy_regime *gdpr = policy_regime(p, "gdpr");

	(void)state;
	assert_true(deadline_may_extend(gdpr, "complexity"));
	assert_false(deadline_may_extend(gdpr, "holiday"));
	assert_false(deadline_may_extend(NULL, "complexity"));
	assert_false(deadline_may_extend(policy_regime(p, "lgpd"),
					 "complexity"));
	assert_true(deadline_may_deny(gdpr, "legal_hold"));
	assert_true(deadline_may_deny(NULL, "other"));
	assert_false(deadline_may_deny(gdpr, "lazy"));
}

static void
days_left_is_a_floor(void **state)
{
	(void)state;
	assert_int_equal(deadline_days_left(MS_PER_DAY, 0), 1);
	assert_int_equal(deadline_days_left(MS_PER_DAY - 1, 0), 0);
	assert_int_equal(deadline_days_left(0, 0), 0);
	assert_int_equal(deadline_days_left(0, 1), -1);
	assert_int_equal(deadline_days_left(0, MS_PER_DAY), -1);
	assert_int_equal(deadline_days_left(0, MS_PER_DAY + 1), -2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(legal_date_is_as_the_rule_says),
		cmocka_unit_test(due_is_the_earlier_to_the_millisecond),
		cmocka_unit_test(confirmation_counts_working_days),
		cmocka_unit_test(extension_notice_falls_in_the_first_term),
		cmocka_unit_test(pause_moves_the_legal_date_alone),
		cmocka_unit_test(given_regime_can_only_shorten),
		cmocka_unit_test(confirmation_of_another_law_still_counts),
		cmocka_unit_test(alarms_are_those_of_the_policy),
		cmocka_unit_test(explanation_names_each_step),
		cmocka_unit_test(explanation_shows_what_is_unverified),
		cmocka_unit_test(reasons_are_the_regimes),
		cmocka_unit_test(days_left_is_a_floor),
	};

	return cmocka_run_group_tests_name("deadline", tests, load, unload);
}

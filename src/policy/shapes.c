/*
 * What each policy file may hold: the tables that shape.c walks. The meaning
 * of every key is told in policies/README.md.
 */
#include "policy/raw.h"

/* Tables, one row a key. */
/* clang-format off */
#define ROWS(r) r, sizeof(r) / sizeof((r)[0])

#define ROW(s, m, k, t, mu, h)                                                \
	{.key = (k), .type = (t), .must = (mu), .offset = offsetof(s, m),     \
	 .help = (h)}
#define MUST(s, m, k, t, h) ROW(s, m, k, t, true, h)
#define MAY(s, m, k, t, h) ROW(s, m, k, t, false, h)
#define RANGE(s, m, k, t, mu, lo, hi, h)                                      \
	{.key = (k), .type = (t), .must = (mu), .offset = offsetof(s, m),     \
	 .min = (lo), .max = (hi), .help = (h)}
#define MORE(s, m, o, k, t, mu, h)                                            \
	{.key = (k), .type = (t), .must = (mu), .offset = offsetof(s, m),     \
	 .more = offsetof(s, o), .help = (h)}
#define WORD(s, m, k, mu, n, h)                                               \
	{.key = (k), .type = SHAPE_ENUM, .must = (mu),                        \
	 .offset = offsetof(s, m), .names = (n), .help = (h)}
#define BITS(s, m, k, mu, n, h)                                               \
	{.key = (k), .type = SHAPE_BITS, .must = (mu),                        \
	 .offset = offsetof(s, m), .names = (n), .help = (h)}
#define LIST(s, m, o, k, mu, sh, h)                                           \
	{.key = (k), .type = SHAPE_LIST, .must = (mu),                        \
	 .offset = offsetof(s, m), .more = offsetof(s, o), .sub = (sh),       \
	 .help = (h)}
#define MAP(s, m, k, mu, sh, h)                                               \
	{.key = (k), .type = SHAPE_MAP, .must = (mu),                         \
	 .offset = offsetof(s, m), .sub = (sh), .help = (h)}

#define HEAD(s)                                                               \
	MUST(s, head.version, "version", SHAPE_TEXT,                          \
	     "the version of this file, as \"1\""),                           \
	MUST(s, head.source, "source", SHAPE_TEXT,                            \
	     "where the rules come from"),                                    \
	MUST(s, head.date, "date", SHAPE_TEXT,                                \
	     "the day on which it was written, as 2026-01-31")

static const char *const role_words[] = {"portal",  "support", "billing",
					 "compliance", "auditor", "admin",
					 NULL};

/* house.yaml */

static const struct shape_row alarm_rows[] = {
	MUST(struct policy_alarm, name, "name", SHAPE_NAME, "a name"),
	MUST(struct policy_alarm, after, "after", SHAPE_TERM,
	     "how long after receipt, as P25D or 10 working days"),
};
static const struct shape shape_alarm = {ROWS(alarm_rows),
					 sizeof(struct policy_alarm)};

#define YEAR_MS (366 * MS_PER_DAY)
#define SETTING(m, k, lo, hi, h)                                              \
	RANGE(struct raw_house, as.m, k, SHAPE_MS, true, lo, hi, h)

static const struct shape_row house_rows[] = {
	HEAD(struct raw_house),
	MUST(struct raw_house, as.controller, "controller", SHAPE_TEXT,
	     "who answers for the data"),
	MUST(struct raw_house, as.clause, "clause", SHAPE_TEXT,
	     "the clause of the statement that promises the period"),
	MORE(struct raw_house, as.time_zone, as.zone, "time_zone", SHAPE_ZONE,
	     true, "a time zone, as Europe/Berlin"),
	MORE(struct raw_house, as.holidays, as.calendar, "holidays",
	     SHAPE_CALENDAR, true, "a calendar, as us-federal"),
	MUST(struct raw_house, as.log_origin, "log_origin", SHAPE_TEXT,
	     "the log's name in its checkpoints, as example.com/ninety"),
	MUST(struct raw_house, as.period, "period", SHAPE_DURATION,
	     "by when each request is answered, at most P90D"),
	SETTING(cool_off_ms, "cool_off", 0, 30 * MS_PER_DAY,
		"PT0S to P30D"),
	RANGE(struct raw_house, as.erasures_per_day, "erasures_per_day",
	      SHAPE_INT, false, 1, 1000000, "a number from 1 to 1000000"),
	SETTING(verification_ms, "verification_expiry", MS_PER_DAY,
		90 * MS_PER_DAY, "P1D to P90D"),
	SETTING(code_ms, "code_lifetime", MS_PER_MINUTE, 7 * MS_PER_DAY,
		"PT1M to P7D"),
	RANGE(struct raw_house, as.code_tries, "code_tries", SHAPE_INT, true,
	      1, 10, "a number from 1 to 10"),
	SETTING(batch_window_ms, "batch_window", 0, 60 * MS_PER_SECOND,
		"PT0S to PT60S"),
	SETTING(checkpoint_ms, "checkpoint_interval", MS_PER_SECOND,
		MS_PER_DAY, "PT1S to P1D"),
	RANGE(struct raw_house, as.checkpoint_leaves, "checkpoint_leaves",
	      SHAPE_INT, true, 1, 1000000, "a number from 1 to 1000000"),
	SETTING(bundle_ms, "bundle_lifetime", MS_PER_HOUR, 90 * MS_PER_DAY,
		"PT1H to P90D"),
	SETTING(invite_ms, "invite_lifetime", MS_PER_HOUR, YEAR_MS,
		"PT1H to P366D"),
	SETTING(reopen_ms, "reopen_within", 0, YEAR_MS, "PT0S to P366D"),
	SETTING(reply_ms, "reply_retention",
		POLICY_REPLY_DAYS_MIN * MS_PER_DAY, 90 * MS_PER_DAY,
		"P7D to P90D: a repeated call gets its first answer"),
	MUST(struct raw_house, as.request_retention, "request_retention",
	     SHAPE_DURATION, "at least P24M (11 CCR 7101)"),
	MUST(struct raw_house, as.notice_retention, "notice_retention",
	     SHAPE_DURATION, "how long an acknowledged notice is kept"),
	LIST(struct raw_house, as.alarms, as.n_alarms, "alarms", true,
	     &shape_alarm, "a list of {name, after}"),
	MUST(struct raw_house, as.alarm_at_cut_offs, "alarm_at_cut_offs",
	     SHAPE_BOOL, "true or false"),
	MORE(struct raw_house, as.house_decisions, as.n_house_decisions,
	     "house_decisions", SHAPE_WORDS, true,
	     "the settings here that the statement is silent about"),
};
const struct shape shape_house = {ROWS(house_rows), sizeof(struct raw_house)};

/* The head, controller and clause are no settings. */
#define HOUSE_FIRST_SETTING 5

bool
shape_is_house_setting(const char *key)
{
	for (size_t i = HOUSE_FIRST_SETTING; i + 1 < shape_house.n; i++) {
		if (strcmp(house_rows[i].key, key) == 0) {
			return true;
		}
	}
	return false;
}

/* categories.yaml */

static const char *const type_words[] = {
	"text",    "email", "phone", "address", "card_number",
	"card_expiry", "integer", "boolean", "date", "time",
	"url",     "language", "country", NULL};
static const char *const index_words[] = {"none", "email", "phone", NULL};
static const char *const slot_words[] = {"profile", "activity", "billing",
					 NULL};
static const char *const from_words[] = {"collected", "account_end", NULL};

#define NUMBER_MAX 999999999999999LL

static const struct shape_row field_rows[] = {
	MUST(struct policy_field, name, "name", SHAPE_NAME, "a name"),
	WORD(struct policy_field, type, "type", true, type_words,
	     "text, email, phone, ..."),
	MAY(struct policy_field, required, "required", SHAPE_BOOL, ""),
	MAY(struct policy_field, free_text, "free_text", SHAPE_BOOL,
	    "true where people write what they like"),
	WORD(struct policy_field, indexed, "indexed", false, index_words,
	     "email or phone"),
	RANGE(struct policy_field, max_bytes, "max_bytes", SHAPE_U32, false, 1,
	      65536, "a number of bytes"),
	RANGE(struct policy_field, min, "min", SHAPE_I64, false, -NUMBER_MAX,
	      NUMBER_MAX, "a number"),
	RANGE(struct policy_field, max, "max", SHAPE_I64, false, -NUMBER_MAX,
	      NUMBER_MAX, "a number"),
	MUST(struct policy_field, fideslang, "fideslang", SHAPE_TEXT,
	     "a data category of fideslang, as user.contact.email"),
};
static const struct shape shape_field = {ROWS(field_rows),
					 sizeof(struct policy_field)};

static const struct shape_row retention_rows[] = {
	MUST(struct policy_retention, period, "period", SHAPE_DURATION,
	     "how long it is kept (nothing is kept without an end)"),
	WORD(struct policy_retention, from, "from", true, from_words,
	     "collected or account_end"),
	MAY(struct policy_retention, house_decision, "house_decision",
	    SHAPE_BOOL, "true where the statement names no period"),
	MAY(struct policy_retention, until_adulthood, "until_adulthood",
	    SHAPE_BOOL, ""),
	MAY(struct policy_retention, clause, "clause", SHAPE_TEXT,
	    "the clause that names the period"),
};
static const struct shape shape_retention = {ROWS(retention_rows),
					     sizeof(struct policy_retention)};

static const struct shape_row category_rows[] = {
	MUST(struct raw_category, as.name, "name", SHAPE_NAME, "a name"),
	RANGE(struct raw_category, as.id, "id", SHAPE_U8, true, 1, 255,
	      "a number from 1 to 255, never used for another"),
	MUST(struct raw_category, as.title, "title", SHAPE_TEXT,
	     "what people call it"),
	MUST(struct raw_category, as.fideslang, "fideslang", SHAPE_TEXT,
	     "a data category of fideslang, as user.contact"),
	MUST(struct raw_category, as.clause, "clause", SHAPE_TEXT,
	     "the clause of the statement"),
	MUST(struct raw_category, as.basis, "basis", SHAPE_TEXT,
	     "why it may be kept, as contract"),
	WORD(struct raw_category, as.slot, "slot", true, slot_words,
	     "profile, activity or billing"),
	MAY(struct raw_category, as.many, "many", SHAPE_BOOL,
	    "true when a person has many records of it"),
	LIST(struct raw_category, fields, n_fields, "fields", true,
	     &shape_field, "a list of {name, type, ...}"),
	MAP(struct raw_category, as.retention, "retention", true,
	    &shape_retention,
	    "{period, from} (nothing is kept without an end)"),
	MAY(struct raw_category, as.kept_on_request, "kept_on_request",
	    SHAPE_TEXT, "the ground on which a delete request leaves it"),
};
static const struct shape shape_category = {ROWS(category_rows),
					    sizeof(struct raw_category)};

static const struct shape_row categories_rows[] = {
	HEAD(struct raw_categories),
	LIST(struct raw_categories, items, n, "categories", true,
	     &shape_category, "a list of categories"),
};
const struct shape shape_categories = {ROWS(categories_rows),
				       sizeof(struct raw_categories)};

/* purposes.yaml */

static const struct shape_row access_rows[] = {
	MUST(struct raw_access, category, "category", SHAPE_NAME,
	     "a category of categories.yaml"),
	MORE(struct raw_access, fields, n_fields, "fields", SHAPE_WORDS, false,
	     "a list of its fields; without it all"),
	MAY(struct raw_access, needs_ticket, "needs_ticket", SHAPE_BOOL,
	    "true where only the customer's ticket opens it"),
};
static const struct shape shape_access = {ROWS(access_rows),
					  sizeof(struct raw_access)};

static const struct shape_row purpose_rows[] = {
	MUST(struct raw_purpose, as.name, "name", SHAPE_NAME, "a name"),
	MUST(struct raw_purpose, as.clause, "clause", SHAPE_TEXT,
	     "the clause of the statement"),
	MUST(struct raw_purpose, as.basis, "basis", SHAPE_TEXT,
	     "why it may be used, as contract"),
	BITS(struct raw_purpose, as.roles, "roles", true, role_words,
	     "a list of roles"),
	MAY(struct raw_purpose, as.whole_card, "whole_card", SHAPE_BOOL,
	    "true: card numbers come out whole"),
	MAY(struct raw_purpose, as.needs_consent, "needs_consent", SHAPE_BOOL,
	    "true: only with a consent to this purpose"),
	MAY(struct raw_purpose, as.may_object, "may_object", SHAPE_BOOL,
	    "true: not against the person's objection to this purpose"),
	LIST(struct raw_purpose, access, n_access, "access", true,
	     &shape_access, "a list of {category, fields}"),
};
static const struct shape shape_purpose = {ROWS(purpose_rows),
					   sizeof(struct raw_purpose)};

static const struct shape_row purposes_rows[] = {
	HEAD(struct raw_purposes),
	LIST(struct raw_purposes, items, n, "purposes", true, &shape_purpose,
	     "a list of purposes"),
};
const struct shape shape_purposes = {ROWS(purposes_rows),
				     sizeof(struct raw_purposes)};

/* recipients.yaml */

static const char *const kind_words[] = {"processor",    "partner",
					 "authority",    "harmed_party",
					 "public",       NULL};

static const struct shape_row recipient_rows[] = {
	MUST(struct raw_recipient, as.name, "name", SHAPE_NAME, "a name"),
	RANGE(struct raw_recipient, as.id, "id", SHAPE_U16, true, 1, 65535,
	      "a number from 1 to 65535, never used for another"),
	MUST(struct raw_recipient, as.title, "title", SHAPE_TEXT,
	     "what people call it"),
	WORD(struct raw_recipient, as.kind, "kind", true, kind_words,
	     "processor, partner, ..."),
	MUST(struct raw_recipient, as.clause, "clause", SHAPE_TEXT,
	     "the clause of the statement"),
	MORE(struct raw_recipient, purposes, n_purposes, "purposes",
	     SHAPE_WORDS, false, "a list of purposes of purposes.yaml"),
	MAY(struct raw_recipient, as.sole_purpose, "sole_purpose", SHAPE_BOOL,
	    "true: it may use the data for that one purpose only"),
	MAY(struct raw_recipient, as.offer, "offer", SHAPE_NAME,
	    "the name of the offer, of partners"),
	LIST(struct raw_recipient, access, n_access, "access", true,
	     &shape_access, "a list of {category, fields}"),
	MORE(struct raw_recipient, as.countries, as.n_countries, "countries",
	     SHAPE_WORDS, true, "a list of countries, as US"),
	MUST(struct raw_recipient, as.contract_from, "contract_from",
	     SHAPE_DATE, "the first day, as 2026-01-31"),
	MAY(struct raw_recipient, as.contract_until, "contract_until",
	    SHAPE_DATE, "the last day, as 2026-01-31"),
	MORE(struct raw_recipient, as.key, as.has_key, "public_key", SHAPE_KEY,
	     false, "an X25519 key: 32 bytes in base64"),
};
static const struct shape shape_recipient = {ROWS(recipient_rows),
					     sizeof(struct raw_recipient)};

static const struct shape_row recipients_rows[] = {
	HEAD(struct raw_recipients),
	LIST(struct raw_recipients, items, n, "recipients", true,
	     &shape_recipient, "a list of recipients"),
};
const struct shape shape_recipients = {ROWS(recipients_rows),
				       sizeof(struct raw_recipients)};

/* ages.yaml */

static const struct shape_row own_consent_rows[] = {
	MUST(struct policy_own_consent, country, "country", SHAPE_COUNTRY,
	     "a country, as DE"),
	RANGE(struct policy_own_consent, age, "age", SHAPE_INT, true, 10, 21,
	      "a number of years"),
	MAY(struct policy_own_consent, from, "from", SHAPE_DATE,
	    "the first day of this age, as 2024-01-01"),
	MAY(struct policy_own_consent, unverified, "unverified", SHAPE_BOOL,
	    "true: from memory, not from the law's text"),
};
static const struct shape shape_own_consent = {
	ROWS(own_consent_rows), sizeof(struct policy_own_consent)};

static const struct shape_row ages_rows[] = {
	HEAD(struct raw_ages),
	RANGE(struct raw_ages, as.minimum, "minimum", SHAPE_INT, true, 13, 17,
	      "a number of years from 13 (the statement)"),
	RANGE(struct raw_ages, as.adult, "adult", SHAPE_INT, true, 18, 21,
	      "a number of years from 18 (the statement)"),
	RANGE(struct raw_ages, as.own_consent_default, "own_consent_default",
	      SHAPE_INT, true, 13, 21, "a number of years"),
	MUST(struct raw_ages, as.clause, "clause", SHAPE_TEXT,
	     "the clause of the statement"),
	LIST(struct raw_ages, as.own_consent, as.n_own_consent, "own_consent",
	     true, &shape_own_consent, "a list of {country, age}"),
};
const struct shape shape_ages = {ROWS(ages_rows), sizeof(struct raw_ages)};

/* regimes/NAME.yaml */

static const char *const type_names[] = {"access", "change", "delete", NULL};

static const struct shape_row confirm_rows[] = {
	MUST(struct policy_regime, confirm, "within", SHAPE_TERM,
	     "a term, as 10 working days"),
	MUST(struct policy_regime, confirm_clause, "clause", SHAPE_TEXT,
	     "where the law says so"),
};
static const struct shape shape_confirm = {ROWS(confirm_rows), 0};

static const struct shape_row answer_rows[] = {
	MUST(struct policy_regime, answer, "within", SHAPE_TERM,
	     "a term, as P1M"),
	MUST(struct policy_regime, answer_clause, "clause", SHAPE_TEXT,
	     "where the law says so"),
};
static const struct shape shape_answer = {ROWS(answer_rows), 0};

static const struct shape_row extension_rows[] = {
	MUST(struct policy_regime, extended, "until", SHAPE_TERM,
	     "the whole term from receipt, as P3M"),
	MUST(struct policy_regime, extension_notice, "notice_within",
	     SHAPE_TERM, "by when the person is told, from receipt, as P1M"),
	MORE(struct policy_regime, extension_reasons, n_extension_reasons,
	     "reasons", SHAPE_WORDS, true,
	     "a list of complexity, number_of_requests"),
	MUST(struct policy_regime, extended_clause, "clause", SHAPE_TEXT,
	     "where the law says so"),
};
static const struct shape shape_extension = {ROWS(extension_rows), 0};

static const struct shape_row appeal_rows[] = {
	MUST(struct policy_regime, appeal, "within", SHAPE_TERM,
	     "a term, as P60D"),
	MAY(struct policy_regime, appeal_extended, "until", SHAPE_TERM,
	    "the whole term where it can be extended, as P105D"),
	MUST(struct policy_regime, appeal_clause, "clause", SHAPE_TEXT,
	     "where the law says so"),
};
static const struct shape shape_appeal = {ROWS(appeal_rows), 0};

static const struct shape_row pause_rows[] = {
	MUST(struct policy_regime, pause_in_force, "from", SHAPE_DATE,
	     "since when the clock may stop, as 2026-01-31"),
	MUST(struct policy_regime, pause_clause, "clause", SHAPE_TEXT,
	     "where the law says so"),
};
static const struct shape shape_pause = {ROWS(pause_rows), 0};

static const struct shape_row place_rows[] = {
	MUST(struct policy_place, place, "place", SHAPE_TEXT,
	     "a country or region, as DE or US-CA"),
	MORE(struct policy_place, time_zone, zone, "time_zone", SHAPE_ZONE,
	     false, "a time zone, as Europe/Berlin"),
	MORE(struct policy_place, holidays, calendar, "holidays",
	     SHAPE_CALENDAR, false, "a calendar, as germany"),
};
static const struct shape shape_place = {ROWS(place_rows),
					 sizeof(struct policy_place)};

static const struct shape_row regime_rows[] = {
	HEAD(struct raw_regime),
	MUST(struct raw_regime, as.name, "name", SHAPE_NAME,
	     "the name of the file without .yaml"),
	MUST(struct raw_regime, as.title, "title", SHAPE_TEXT,
	     "what people call it"),
	MAY(struct raw_regime, as.note, "note", SHAPE_TEXT,
	    "what the reader should know"),
	MAY(struct raw_regime, as.unverified, "unverified", SHAPE_BOOL,
	    "true: from memory, not from the law's text"),
	BITS(struct raw_regime, as.types, "types", true, type_names,
	     "a list of access, change, delete"),
	MUST(struct raw_regime, as.in_force, "in_force", SHAPE_DATE,
	     "since when, as 2018-05-25"),
	MORE(struct raw_regime, as.time_zone, as.zone, "time_zone", SHAPE_ZONE,
	     true, "a time zone, as Europe/Berlin"),
	MORE(struct raw_regime, as.holidays, as.calendar, "holidays",
	     SHAPE_CALENDAR, true, "a calendar, as weekends"),
	MAY(struct raw_regime, as.next_working_day, "next_working_day",
	    SHAPE_BOOL, "true: a last day on a free day moves on"),
	MAP(struct raw_regime, as, "confirm", false, &shape_confirm,
	    "{within, clause}"),
	MAP(struct raw_regime, as, "answer", true, &shape_answer,
	    "{within, clause}"),
	MAP(struct raw_regime, as, "extension", false, &shape_extension,
	    "{until, notice_within, reasons, clause}"),
	MAP(struct raw_regime, as, "appeal", false, &shape_appeal,
	    "{within, until, clause}"),
	MAP(struct raw_regime, as, "pause", false, &shape_pause,
	    "{from, clause}"),
	MORE(struct raw_regime, as.denial_reasons, as.n_denial_reasons,
	     "denials", SHAPE_WORDS, true, "a list of grounds to deny"),
	LIST(struct raw_regime, places, n_places, "places", true, &shape_place,
	     "a list of {place}"),
};
const struct shape shape_regime = {ROWS(regime_rows),
				   sizeof(struct raw_regime)};
/* clang-format on */

/*
 * Faults in policy files: each is told with file, line, column and what would
 * be right. A case changes one place of the shipped files and says where the
 * fault then stands.
 */
#include "support/test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "policy/policy.h"

#define FILE_BYTES 65536

struct fault_case {
	const char *file;
	const char *old;  /* first place of it is replaced */
	const char *text; /* by this */
	const char *at;   /* in the new text of the file: where the fault is */
	const char *says;
};

static const struct fault_case cases[] = {
	/* Form */
	{"house.yaml", "code_tries: 3", "code_tries: 3x", "3x",
	 "`code_tries` has to be a whole number from 1 to 10, not `3x`"},
	{"house.yaml", "period: P90D", "period: 90x", "90x",
	 "`period` has to be a duration, as P90D"},
	{"house.yaml", "code_tries: 3", "code_tries: \"3\"", "\"3\"",
	 "a whole number"},
	{"house.yaml", "code_tries: 3", "code_tries: 03", "03",
	 "a whole number"},
	{"house.yaml", "code_tries: 3", "code_tries: 99", "99",
	 "from 1 to 10"},
	{"house.yaml", "code_tries: 3", "code_trys: 3", "code_trys",
	 "`code_trys` is not known here; known are version"},
	{"house.yaml", "code_tries: 3\n", "", "version",
	 "`code_tries` is missing: a number from 1 to 10"},
	{"house.yaml", "code_tries: 3", "code_tries: 3\ncode_tries: 4",
	 "code_tries: 4", "`code_tries` is given twice"},
	{"house.yaml", "code_tries: 3", "code_tries:", "\nbatch_window",
	 "`code_tries` has no value"},
	{"house.yaml", "code_tries: 3", "code_tries: [3]", "[3]",
	 "`code_tries` has to be one value"},
	{"house.yaml", "alarm_at_cut_offs: true", "alarm_at_cut_offs: yes",
	 "yes", "true or false"},
	{"house.yaml", "version: \"1\"", "version: &v \"1\"", "&v",
	 "anchors and tags are not taken"},
	{"house.yaml", "version: \"1\"", "version: !!str \"1\"", "!!str",
	 "anchors and tags are not taken"},
	{"house.yaml", "code_tries: 3", "code_tries: *v", "*v",
	 "aliases are not taken"},
	{"house.yaml", "code_tries: 3", "code_tries: {3",
	 ": PT0S\ncheckpoint",
	 "not YAML"},
	{"house.yaml", "code_tries: 3", "---\ncode_tries: 3", "---",
	 "a second document"},
	/* The house */
	{"house.yaml", "period: P90D", "period: P91D", "P91D",
	 "the statement promises an answer within 90 days"},
	{"house.yaml", "period: P90D", "period: P3M", "P3M",
	 "`period` has to be P1D to P90D"},
	{"house.yaml", "period: P90D", "period: PT0S", "PT0S",
	 "`period` has to be P1D to P90D"},
	{"house.yaml", "reply_retention: P7D", "reply_retention: P6D", "P6D",
	 "P7D to P90D"},
	{"house.yaml", "request_retention: P24M", "request_retention: P23M",
	 "P23M", "at least P24M"},
	{"house.yaml", "cool_off: PT0S", "cool_off: P1M", "P1M",
	 "fixed length"},
	{"house.yaml", "America/Los_Angeles", "America/Los_Angels",
	 "America/Los_Angels", "the system knows no such time zone"},
	{"house.yaml", "America/Los_Angeles", "../../etc/passwd",
	 "../../etc/passwd", "not the name of a time zone"},
	{"house.yaml", "holidays: us-federal", "holidays: us", "us\n",
	 "one of weekends, us-federal"},
	{"house.yaml", "log_origin: iplum.com/ninety",
	 "log_origin: iplum.com/ninety log", "iplum.com/ninety log",
	 "without blanks"},
	{"house.yaml", "after: 10 working days", "after: 10 business days",
	 "10 business", "10 working days"},
	{"house.yaml", "name: day-60", "name: day-25", "day-25, after: P60D",
	 "a second alarm `day-25`"},
	{"house.yaml", "[cool_off,", "[coolness,", "coolness",
	 "`coolness` is no setting of this file"},
	{"house.yaml", "date: 2026-11-23", "date: 2026-11-31", "2026-11-31",
	 "`date` has to be a date"},
	/* Categories */
	{"categories.yaml", "id: 2\n", "id: 1\n", "1\n    title: Inquiries",
	 "the id 1 is that of `contact`"},
	{"categories.yaml", "id: 2\n", "id: 256\n", "256",
	 "a whole number from 1 to 255"},
	{"categories.yaml", "name: usage", "name: content",
	 "content\n    id: 7", "a second category `content`"},
	{"categories.yaml",
	 "    retention: {period: P90D, from: account_end, "
	 "house_decision: true}\n\n  - name: prospect",
	 "\n  - name: prospect", "name: contact",
	 "`retention` is missing: {period, from} (nothing is kept without an "
	 "end)"},
	{"categories.yaml", "{period: P12M, from: collected,",
	 "{from: collected,", "{from: collected,",
	 "`period` is missing: how long it is kept"},
	{"categories.yaml", "{period: P12M, from: collected,",
	 "{period: P12M, from: last_activity,", "last_activity",
	 "one of collected, account_end"},
	{"categories.yaml", "{period: P12M, from: collected, "
	 "house_decision: true}", "{period: P12M, from: collected}",
	 "{period: P12M, from: collected}",
	 "needs the `clause` that names the period"},
	{"categories.yaml", "{name: card_number, type: card_number,",
	 "{name: cvv, type: text,", "cvv, type: text",
	 "a card's security code is never stored"},
	{"categories.yaml", "{name: financial, type: text,",
	 "{name: financial, type: card_number,", "card_number, max_bytes",
	 "belongs to a category with `slot: billing`"},
	{"categories.yaml", "indexed: phone", "indexed: email",
	 "email, fideslang: user.contact.phone_number",
	 "`indexed` has to be the field's own type"},
	{"categories.yaml", "name: company", "name: phone",
	 "phone, type: text", "a second field `phone`"},
	{"categories.yaml", "type: phone", "type: telephone", "telephone",
	 "one of text, email, phone"},
	{"categories.yaml", "name: interest", "name: interests",
	 "- name: contact",
	 "the service needs a category `prospect` with a field `interest`"},
	/* Purposes */
	{"purposes.yaml", "category: usage", "category: usages", "usages",
	 "there is no category `usages`"},
	{"purposes.yaml", "fields: [name, email]", "fields: [name, mail]",
	 "mail]", "the category `contact` has no field `mail`"},
	{"purposes.yaml", "roles: [portal, support]", "roles: [portal, boss]",
	 "boss", "one of portal, support, billing"},
	{"purposes.yaml", "needs_consent: true", "whole_card: true",
	 "true\n    access:\n      - {category: publication}",
	 "for `collect_payment` alone"},
	{"purposes.yaml", "- {category: preferences}",
	 "- {category: contact}",
	 "contact}\n      - {category: usage}", "listed twice"},
	/* Recipients */
	{"recipients.yaml", "purposes: [collect_payment]",
	 "purposes: [collect]", "collect]", "there is no purpose `collect`"},
	{"recipients.yaml", "sole_purpose: true", "sole_purpose: false",
	 "billing}\n    countries: [US]\n    contract_from: 2020-01-01",
	 "card processors with `sole_purpose: true` alone"},
	{"recipients.yaml", "purposes: [service]\n",
	 "purposes: [publish]\n", "contact}",
	 "its purposes do not cover these fields of `contact`"},
	{"recipients.yaml", "    offer: headset\n", "",
	 "partner\n    clause",
	 "a partner needs its `offer`"},
	{"recipients.yaml", "id: 2\n", "id: 1\n",
	 "1\n    title: Provider who contacts", "is that of `card-processor`"},
	{"recipients.yaml", "contract_until: 2019-12-31",
	 "contract_until: 2017-12-31", "2017-12-31",
	 "lies before `contract_from`"},
	{"recipients.yaml", "countries: [US]", "countries: [USA]", "USA",
	 "is no country"},
	{"recipients.yaml", "contract_from: 2020-01-01",
	 "contract_from: 2020-01-01\n    public_key: AAAA", "AAAA",
	 "an X25519 key: 32 bytes in base64"},
	/* Ages */
	{"ages.yaml", "minimum: 13", "minimum: 12", "12\n",
	 "a whole number from 13"},
	{"ages.yaml", "country: US", "country: usa", "usa", "a country, as DE"},
	{"ages.yaml", "country: GB", "country: US",
	 "US, age: 13}\n  - {country: BE", "a second age for `US`"},
	/* Regimes */
	{"regimes/gdpr.yaml", "name: gdpr", "name: gdrp", "gdrp",
	 "the file of `gdrp` has to be regimes/gdrp.yaml"},
	{"regimes/gdpr.yaml", "within: P1M", "within: P1MT1S", "P1MT1S",
	 "a term, as P1M"},
	{"regimes/gdpr.yaml", "until: P3M", "until: P1M", "P1M\n  notice",
	 "longer than the answer's"},
	{"regimes/gdpr.yaml", "[complexity, number_of_requests]",
	 "[complexity, holiday]", "holiday", "has to be one of complexity"},
	{"regimes/gdpr.yaml", "other]", "boredom]", "boredom",
	 "has to be one of suspected_fraud"},
	{"regimes/gdpr.yaml", "place: DE", "place: D1", "D1",
	 "is no country or region"},
	{"regimes/gdpr.yaml", "place: DE", "place: FR",
	 "FR, time_zone: Europe/Paris", "listed twice"},
	{"regimes/gdpr.yaml", "types: [access, change, delete]",
	 "types: [access, port]", "port", "one of access, change, delete"},
};

static const char *const files[] = {
	"house.yaml",
	"categories.yaml",
	"purposes.yaml",
	"recipients.yaml",
	"ages.yaml",
	"regimes/gdpr.yaml",
	"regimes/ccpa.yaml",
};
#define N_FILES (sizeof(files) / sizeof(files[0]))

static char dir[] = "/tmp/ninety-policy-XXXXXX";
static char original[N_FILES][FILE_BYTES];
static struct policy_faults faults;

static void
path_of(const char *file, char out[256])
{
	assert_true(snprintf(out, 256, "%s/%s", dir, file) < 256);
}

static void
write_file(const char *file, const char *text)
{
	char path[256];
	FILE *f;

	path_of(file, path);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
make_dir(void **state)
{
	char path[256];

	(void)state;
	assert_non_null(mkdtemp(dir));
	path_of("regimes", path);
	assert_int_equal(mkdir(path, 0700), 0);
	for (size_t i = 0; i < N_FILES; i++) {
		FILE *f;
		size_t n;

		(void)snprintf(path, sizeof(path), "%s/policies/%s",
			       SOURCE_DIR, files[i]);
		f = fopen(path, "r");
		assert_non_null(f);
		n = fread(original[i], 1, FILE_BYTES - 1, f);
		original[i][n] = '\0';
		(void)fclose(f);
		write_file(files[i], original[i]);
	}
	return 0;
}

static int
remove_dir(void **state)
{
	char path[256];

	(void)state;
	for (size_t i = 0; i < N_FILES; i++) {
		path_of(files[i], path);
		(void)unlink(path);
	}
	path_of("regimes", path);
	(void)rmdir(path);
	return rmdir(dir);
}

static const char *
original_of(const char *file)
{
	for (size_t i = 0; i < N_FILES; i++) {
		if (strcmp(files[i], file) == 0) {
			return original[i];
		}
	}
	fail_msg("no such file: %s", file);
	return NULL;
}

/* The file's text with the case's change. */
static const char *
changed(const struct fault_case *c)
{
	static char text[FILE_BYTES];
	const char *whole = original_of(c->file);
	const char *at = strstr(whole, c->old);

	if (at == NULL) {
		fail_msg("%s: not in it: %s", c->file, c->old);
		return NULL;
	}
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - whole),
		       whole, c->text, at + strlen(c->old));
	return text;
}

/* "LINE:COLUMN" of the first place of `at`, new lines before it skipped. */
static void
place_of(const char *text, const char *at, char out[32])
{
	const char *found = strstr(text, at);
	unsigned line = 1;
	unsigned column = 1;

	if (found == NULL) {
		fail_msg("not in it: %s", at);
		return;
	}
	for (const char *p = text; p < found; p++) {
		column = *p == '\n' ? 1 : column + 1;
		line += *p == '\n';
	}
	(void)snprintf(out, 32, ":%u:%u: ", line, column);
}

static bool
has_fault(const char *file, const char *place, const char *says)
{
	char line[POLICY_FAULT_TEXT_BYTES + 160];

	for (size_t i = 0; i < faults.n; i++) {
		(void)policy_fault_print(&faults.items[i], line, sizeof(line));
		if (strncmp(line, file, strlen(file)) == 0 &&
		    strncmp(line + strlen(file), place, strlen(place)) == 0 &&
		    strstr(line, says) != NULL) {
			return true;
		}
	}
	return false;
}

static void
print_faults(void)
{
	char line[POLICY_FAULT_TEXT_BYTES + 160];

	for (size_t i = 0; i < faults.n; i++) {
		print_message("  %s\n", policy_fault_print(&faults.items[i],
							   line,
							   sizeof(line)));
	}
}

static void
each_fault_has_its_place(void **state)
{
	const struct policy *p = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct fault_case *c = &cases[i];
		const char *text = changed(c);
		char place[32] = "";

		place_of(text, c->at, place);
		write_file(c->file, text);
		assert_err(ERR_CONFIG, policy_load(dir, &p, &faults));
		if (!has_fault(c->file, place, c->says)) {
			print_message("wanted %s%s%s, got:\n", c->file, place,
				      c->says);
			print_faults();
			fail();
		}
		write_file(c->file, original_of(c->file));
	}
	assert_null(p);
	assert_ok(policy_load(dir, &p, &faults));
	policy_free(p);
}

static void
all_faults_are_told_at_once(void **state)
{
	const struct policy *p = NULL;
	const struct fault_case two[] = {
		{"house.yaml", "code_tries: 3", "code_tries: 90x", "", ""},
		{"ages.yaml", "minimum: 13", "minimum: 9", "", ""},
		{"regimes/ccpa.yaml", "within: P45D", "within: 45", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		write_file(two[i].file, changed(&two[i]));
	}
	assert_err(ERR_CONFIG, policy_load(dir, &p, &faults));
	assert_int_equal(faults.n, 3);
	assert_true(has_fault("house.yaml", ":", "code_tries"));
	assert_true(has_fault("ages.yaml", ":", "minimum"));
	assert_true(has_fault("regimes/ccpa.yaml", ":", "within"));
	/* The error names the first. */
	assert_non_null(strstr(err_last()->text, "house.yaml:"));
	for (size_t i = 0; i < 3; i++) {
		write_file(two[i].file, original_of(two[i].file));
	}
}

static void
missing_and_strange_files_are_faults(void **state)
{
	const struct policy *p = NULL;
	char path[256];

	(void)state;
	path_of("ages.yaml", path);
	assert_int_equal(unlink(path), 0);
	write_file("age.yaml", "version: 1\n");
	assert_err(ERR_CONFIG, policy_load(dir, &p, &faults));
	assert_true(has_fault("ages.yaml", ": ", "No such file"));
	assert_true(has_fault("age.yaml", ": ", "not a policy file"));
	assert_int_equal(faults.n, 2);
	path_of("age.yaml", path);
	assert_int_equal(unlink(path), 0);
	write_file("ages.yaml", original_of("ages.yaml"));
	assert_err(ERR_CONFIG, policy_load("/nonexistent", &p, &faults));
	assert_true(faults.n >= 5);
}

static void
deep_and_wide_files_are_refused(void **state)
{
	static char text[FILE_BYTES];
	const struct policy *p = NULL;

	(void)state;
	memset(text, '[', 40000);
	write_file("ages.yaml", text);
	assert_err(ERR_CONFIG, policy_load(dir, &p, &faults));
	memset(text, 0, sizeof(text));
	for (int i = 0; i < 300; i++) {
		(void)snprintf(text + strlen(text), 16, "k%d: 1\n", i);
	}
	write_file("ages.yaml", text);
	assert_err(ERR_CONFIG, policy_load(dir, &p, &faults));
	assert_true(has_fault("ages.yaml", ":257:", "too many members"));
	write_file("ages.yaml", original_of("ages.yaml"));
}

struct successor_case {
	const char *file;
	const char *old;
	const char *text;
	const char *says; /* NULL: fine */
};

static void
stored_ids_keep_their_meaning(void **state)
{
	static const struct successor_case successors[] = {
		{"categories.yaml", "id: 6\n", "id: 60\n",
		 "`usage` (id 6) is gone"},
		{"categories.yaml", "slot: profile", "slot: activity",
		 "`contact` is sealed under the slot `profile`"},
		{"categories.yaml", "{name: company, type: text,",
		 "{name: company, type: url,",
		 "the field `company` of `contact` is a `text`"},
		{"recipients.yaml", "name: court", "name: supreme-court",
		 "the id 5 is that of `court` in the log"},
		{"house.yaml", "iplum.com/ninety", "iplum.com/sixty",
		 "the log is called `iplum.com/ninety`"},
		{"house.yaml", "code_tries: 3", "code_tries: 4", NULL},
		{"recipients.yaml", "id: 8\n", "id: 9\n", NULL},
		{"categories.yaml", "period: P12M", "period: P6M", NULL},
	};
	const struct policy *old = NULL;

	(void)state;
	assert_ok(policy_load(dir, &old, &faults));
	for (size_t i = 0; i < sizeof(successors) / sizeof(successors[0]);
	     i++) {
		const struct successor_case *c = &successors[i];
		const struct fault_case change = {c->file, c->old, c->text,
						  "", ""};
		const struct policy *fresh = NULL;

		write_file(c->file, changed(&change));
		assert_ok(policy_load(dir, &fresh, &faults));
		if (c->says == NULL) {
			assert_ok(policy_succeeds(old, fresh, &faults));
		} else {
			assert_err(ERR_CONFIG,
				   policy_succeeds(old, fresh, &faults));
			assert_true(has_fault(c->file, ": ", c->says));
		}
		policy_free(fresh);
		write_file(c->file, original_of(c->file));
	}
	policy_free(old);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_has_its_place),
		cmocka_unit_test(all_faults_are_told_at_once),
		cmocka_unit_test(missing_and_strange_files_are_faults),
		cmocka_unit_test(deep_and_wide_files_are_refused),
		cmocka_unit_test(stored_ids_keep_their_meaning),
	};

	return cmocka_run_group_tests_name("faults", tests, make_dir,
					   remove_dir);
}

/* The files of policies/: that they load, and that they say what the contract
 * names. */
#include "support/test.h"

#include "policy/decide.h"

static struct policy_faults faults;

static const struct policy *p;

static int
load(void **state)
{
	int rc = policy_load(SOURCE_DIR "/policies", &p, &faults);
	char line[600];

	(void)state;

	for (size_t i = 0; i < faults.n; i++) {
		print_message("%s\n", policy_fault_print(&faults.items[i],
							 line, sizeof(line)));
	}
	return rc;
}

static int
unload(void **state)
{
	(void)state;
	/* A second reference outlives the first. */
	policy_free(policy_ref(p));
	assert_non_null(policy_category(p, "contact"));
	policy_free(p);
	return 0;
}

static void
house_is_the_statements(void **state)
{
	(void)state;

	assert_int_equal(p->house.period_ms, 90 * MS_PER_DAY);
	assert_int_equal(p->house.cool_off_ms, 0);
	assert_int_equal(p->house.code_tries, 3);
	assert_true(p->house.reply_ms >= 7 * MS_PER_DAY);
	assert_int_equal(p->house.request_retention.months, 24);
	assert_int_equal(p->house.n_alarms, 4);
	assert_int_equal(strlen(p->sha256), 64);
	assert_int_equal(p->n_files, 5 + p->n_regimes);
}

static void
categories_have_the_contracts_fields(void **state)
{
	(void)state;
	static const char *const wanted[][9] = {
		{"contact", "name", "email", "phone", "company", "address"},
		{"billing", "name", "address", "card_number", "card_expiry"},
		{"prospect", "name", "email", "interest", "message"},
		{"qualification", "employees"},
		{"account", "country"},
		{"usage", "units"},
		{"content", "text"},
		{"preferences", "language"},
		{"publication", "text"},
		{"invitation", "name", "email"},
		{"consent", "purpose"},
		{"guardian", "name", "email", "relation"},
		{"navigation", "at", "ip", "user_agent", "language", "page",
		 "action", "link", "referrer"},
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct policy_category *c =
			policy_category(p, wanted[i][0]);

		assert_non_null(c);
		assert_ptr_equal(policy_category_by_id(p, c->id), c);
		for (size_t j = 1; j < 9 && wanted[i][j] != NULL; j++) {
			assert_true(policy_field_index(c, wanted[i][j]) >= 0);
		}
	}
}

static void
every_category_has_an_end(void **state)
{
	(void)state;

	for (size_t i = 0; i < p->n_categories; i++) {
		const struct policy_category *c = &p->categories[i];
		date_t end = decide_expiry(c, 20000, 20000);

		assert_true(end > 20000);
		assert_true(c->retention.house_decision ||
			    c->retention.clause != NULL);
	}
}

static void
card_number_is_whole_for_one_purpose(void **state)
{
	(void)state;
	size_t n = 0;

	for (size_t i = 0; i < p->n_purposes; i++) {
		n += p->purposes[i].whole_card;
	}
	assert_int_equal(n, 1);
	assert_true(policy_purpose(p, "collect_payment")->whole_card);
}

static void
hosted_content_needs_a_ticket(void **state)
{
	(void)state;
	const struct policy_category *content =
		policy_category(p, "content");
	const struct policy_purpose *purpose =
		policy_purpose(p, "support_request");
	field_mask_t fields = 0;

	assert_err(ERR_NOT_PERMITTED, decide_read(purpose, ROLE_SUPPORT,
						  content, false, &fields));
	assert_ok(decide_read(purpose, ROLE_SUPPORT, content, true, &fields));
	assert_int_equal(fields, policy_field_mask(content));
	assert_err(ERR_DENIED, decide_read(purpose, ROLE_BILLING, content,
					   true, &fields));
}

static enum share_refusal
share(const char *recipient, const char *purpose,
      const char *category, field_mask_t fields, const char *day, bool basis)
{
	struct share_question q = {
		.recipient = policy_recipient(p, recipient),
		.purpose = purpose,
		.category = policy_category(p, category),
		.fields = fields,
		.has_basis = basis,
	};

	assert_ok(date_parse(day, &q.day));
	return decide_share(&q);
}

static void
recipients_get_what_the_statement_allows(void **state)
{
	static const char today[] = "2026-11-23";

	(void)state;
	assert_int_equal(share("card-processor", "collect_payment",
			       "billing", 7, today, false), SHARE_ALLOWED);
	assert_int_equal(share("card-processor", "improve", "billing", 7,
			       today, false), SHARE_PURPOSE);
	assert_int_equal(share("card-processor", "collect_payment",
			       "contact", 1, today, false), SHARE_CATEGORY);
	assert_int_equal(share("former-processor", "collect_payment",
			       "billing", 7, today, false), SHARE_NO_CONTRACT);
	assert_int_equal(share("former-processor", "collect_payment",
			       "billing", 7, "2019-12-31", false),
			 SHARE_ALLOWED);
	assert_int_equal(share("contact-provider", "service", "contact", 3,
			       today, false), SHARE_ALLOWED);
	assert_int_equal(share("contact-provider", "service", "billing", 1,
			       today, false), SHARE_CATEGORY);
	assert_int_equal(share("headset-partner", "offer:headset",
			       "contact", 3, today, false), SHARE_ALLOWED);
	assert_int_equal(share("headset-partner", "headset", "contact", 3,
			       today, false), SHARE_ALLOWED);
	assert_int_equal(share("headset-partner", "offer:desk", "contact",
			       3, today, false), SHARE_PURPOSE);
	assert_int_equal(share("court", "legal", "billing", 7, today,
			       false), SHARE_NO_BASIS);
	assert_int_equal(share("court", "legal", "billing", 7, today, true),
			 SHARE_ALLOWED);
	assert_int_equal(share("harmed-party", "legal", "billing", 7, today,
			       true), SHARE_CATEGORY);
	assert_int_equal(share("testimonials", "publish", "publication", 7,
			       today, false), SHARE_ALLOWED);
	assert_int_equal(share("contact-provider", "service", "contact", 0,
			       today, false), SHARE_FIELD);
	assert_int_equal(share("contact-provider", "service", "contact",
			       1u << 9, today, false), SHARE_FIELD);
}

static void
consent_to_look_for_is_named(void **state)
{
	(void)state;
	char name[64];

	assert_true(decide_share_consent(
		policy_recipient(p, "headset-partner"), name,
		sizeof(name)));
	assert_string_equal(name, "offer:headset");
	assert_true(decide_share_consent(
		policy_recipient(p, "testimonials"), name, sizeof(name)));
	assert_string_equal(name, "publish");
	assert_false(decide_share_consent(policy_recipient(p, "court"),
					  name, sizeof(name)));
	assert_non_null(policy_partner(p, "headset"));
	assert_null(policy_partner(p, "desk"));
}

static void
regimes_are_all_there(void **state)
{
	(void)state;
	static const char *const names[] = {
		"gdpr",	   "uk-gdpr", "ccpa",	   "virginia",
		"colorado", "texas",  "connecticut", "lgpd",
		"pipeda",  "quebec",  "swiss-fadp", "south-korea-pipa",
		"utah",	   "argentina-access", "argentina-change"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_non_null(policy_regime(p, names[i]));
	}
	assert_true(policy_regime(p, "texas")->unverified);
	assert_false(policy_regime(p, "gdpr")->unverified);
}

static void
show_tells_all_of_it(void **state)
{
	(void)state;
	struct arena *a = arena_new(4u << 20);
	struct value v;
	const struct value *categories;

	assert_ok(policy_show(p, a, &v));
	categories = value_get(&v, "categories");
	assert_int_equal(categories->of.n, 13);
	assert_string_equal(
		value_get_text(value_get(&v, "house"), "period"), "P90D");
	assert_string_equal(
		value_get_text(value_get(&v, "house"), "cool_off"), "PT0S");
	assert_int_equal(value_get(value_get(&v, "ages"), "minimum")->number,
			 13);
	assert_string_equal(
		value_get_text(&value_get(&v, "files")->of.items[0].value,
			       "file"), "house.yaml");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(house_is_the_statements),
		cmocka_unit_test(categories_have_the_contracts_fields),
		cmocka_unit_test(every_category_has_an_end),
		cmocka_unit_test(card_number_is_whole_for_one_purpose),
		cmocka_unit_test(hosted_content_needs_a_ticket),
		cmocka_unit_test(recipients_get_what_the_statement_allows),
		cmocka_unit_test(consent_to_look_for_is_named),
		cmocka_unit_test(regimes_are_all_there),
		cmocka_unit_test(show_tells_all_of_it),
	};

	return cmocka_run_group_tests_name("shipped", tests, load, unload);
}

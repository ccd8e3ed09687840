/* sharing/record: who gets what, and what is said of it. */

#include "support/test.h"

#include <sodium.h>

#include "base/base64.h"
#include "people.h"
#include "sharing/count.h"

static void
hands_out_exactly_the_fields(void **state)
{
	(void)state;
	give_card(customer);
	assert_ok(share(customer, "card-processor", "collect_payment", CARD));
	assert_string_equal(call_env_text(&env, "data.billing.name"), "Ada L");
	assert_string_equal(call_env_text(&env, "data.billing.card_number"),
			    "4111111111111111");
	assert_null(call_env_get(&env, "data.billing.card_expiry"));
	assert_int_equal(call_env_leaves(&env, LEAF_DISCLOSE), 1);
	assert_int_equal(
		vault_env_count_bytes(&env.vault, TABLE_SHARE, "card_number"),
		0);
	assert_ok(share(customer, "contact-provider", "service", CONTACT));
	assert_string_equal(call_env_text(&env, "data.contact.email"),
			    "ada@example.com");
}

static void
seals_to_a_recipient_with_a_key(void **state)
{
	const struct policy *shipped = env.vault.policy;
	struct policy p = *shipped;
	struct policy_recipient *r = calloc(p.n_recipients, sizeof(*r));
	uint8_t secret[32];
	struct bytes sealed;
	uint8_t plain[256] = {0};

	(void)state;
	assert_non_null(r);
	memcpy(r, p.recipients, p.n_recipients * sizeof(*r));
	for (size_t i = 0; i < p.n_recipients; i++) {
		r[i].has_key = true;
		assert_int_equal(crypto_box_keypair(r[i].key, secret), 0);
		if (strcmp(r[i].name, "contact-provider") == 0) {
			break;
		}
	}
	p.recipients = r;
	env.vault.policy = &p;
	assert_ok(share(customer, "contact-provider", "service", CONTACT));
	env.vault.policy = shipped;
	assert_null(call_env_get(&env, "data.contact"));
	assert_ok(base64_decode(bytes_str(call_env_text(&env, "data.sealed")),
				env.reply_arena, &sealed));
	for (size_t i = 0; i < p.n_recipients; i++) {
		if (strcmp(r[i].name, "contact-provider") == 0) {
			assert_int_equal(crypto_box_seal_open(plain, sealed.p,
							      sealed.n,
							      r[i].key, secret),
					 0);
		}
	}
	assert_memory_equal(plain, "{\"contact\":{", 12);
	assert_non_null(strstr((char *)plain, "\"ada@example.com\""));
	free(r);
}

static void
policy_refuses_with_a_leaf_each(void **state)
{
	(void)state;
	give_card(customer);
	assert_refused("no_such_recipient",
		       share(customer, "nobody", "service", CONTACT));
	assert_refused("no_contract", share(customer, "former-processor",
					    "collect_payment", CARD));
	assert_refused("purpose",
		       share(customer, "card-processor", "service", CARD));
	assert_refused("category",
		       share(customer, "contact-provider", "service", CARD));
	assert_refused("no_basis", share(customer, "court", "legal", CONTACT));
	assert_int_equal(call_env_leaves(&env, LEAF_DISCLOSE_REFUSED), 5);
	assert_int_equal(call_env_leaves(&env, LEAF_DISCLOSE), 0);
	assert_ok(share(customer, "former-processor", "collect_payment",
			CARD ",\"at\":\"2019-06-01T00:00:00Z\""));
}

static void
past_one_is_declared_and_hands_out_nothing(void **state)
{
	(void)state;
	assert_ok(share(customer, "contact-provider", "service",
			CONTACT ",\"at\":\"2026-11-01T08:00:00Z\","
				"\"country\":\"CA\""));
	assert_int_equal(call_env_get(&env, "data")->of.n, 0);
	assert_int_equal(call_env_leaves(&env, LEAF_DISCLOSE_DECLARED), 1);
	assert_ok(call_env_run(&env, ROLE_AUDITOR, CALL_OP(share_list),
			       "{\"subject\":\"%s\"}", customer));
	assert_true(call_env_bool(&env, "items.0.declared"));
	assert_string_equal(call_env_text(&env, "items.0.country"), "CA");
	assert_string_equal(call_env_text(&env, "items.0.at"),
			    "2026-11-01T08:00:00.000Z");
}

/* A declared share is judged by the day on which it was. */
static void
past_one_is_judged_by_the_consent_of_then(void **state)
{
	const char *what = "\"categories\":[\"contact\"],"
			   "\"fields\":[\"phone\"]";
	char then[TIME_TEXT_BYTES];
	char at[256];

	(void)state;
	assert_ok(put(customer, "contact",
		      "{\"name\":\"Ada\",\"email\":\"ada@example.com\","
		      "\"phone\":\"+14155550100\"}",
		      ",\"collected_with\":\"headset\""));
	assert_ok(consent(customer, "offer:headset", true, ""));
	call_env_advance(&env, MS_PER_DAY);
	time_print(env.vault.now_ms, then);
	(void)snprintf(at, sizeof(at), "%s,\"at\":\"%s\"", what, then);
	call_env_advance(&env, MS_PER_DAY);
	assert_ok(consent(customer, "offer:headset", false, ""));
	assert_ok(share(customer, "headset-partner", "offer:headset", at));
	assert_refused("no_consent", share(customer, "headset-partner",
					   "offer:headset", what));

	/* Given again: not for the days between. */
	call_env_advance(&env, MS_PER_DAY);
	time_print(env.vault.now_ms, then);
	(void)snprintf(at, sizeof(at), "%s,\"at\":\"%s\"", what, then);
	call_env_advance(&env, MS_PER_DAY);
	assert_ok(consent(customer, "offer:headset", true, ""));
	assert_refused("no_consent", share(customer, "headset-partner",
					   "offer:headset", at));
	assert_ok(share(customer, "headset-partner", "offer:headset", what));
}

static void
past_one_gets_nothing_collected_later(void **state)
{
	const char *what = "\"categories\":[\"contact\"],"
			   "\"fields\":[\"phone\"]";
	char then[TIME_TEXT_BYTES];
	char at[256];

	(void)state;
	assert_ok(consent(customer, "offer:headset", true, ""));
	call_env_advance(&env, MS_PER_DAY);
	time_print(env.vault.now_ms, then);
	(void)snprintf(at, sizeof(at), "%s,\"at\":\"%s\"", what, then);
	call_env_advance(&env, MS_PER_DAY);
	assert_ok(put(customer, "contact",
		      "{\"name\":\"Ada\",\"email\":\"ada@example.com\","
		      "\"phone\":\"+14155550100\"}",
		      ",\"collected_with\":\"headset\""));
	assert_refused("not_collected_with",
		       share(customer, "headset-partner", "offer:headset", at));
	assert_ok(share(customer, "headset-partner", "offer:headset", what));
	/* Said again without the offer: what it had brought stays its. */
	time_print(env.vault.now_ms, then);
	(void)snprintf(at, sizeof(at), "%s,\"at\":\"%s\"", what, then);
	call_env_advance(&env, MS_PER_DAY);
	assert_ok(put(customer, "contact",
		      "{\"name\":\"Ada\",\"email\":\"ada@example.com\"}",
		      ""));
	assert_ok(share(customer, "headset-partner", "offer:headset", at));
}

static void
partner_gets_what_came_with_its_offer(void **state)
{
	const char *what = "\"categories\":[\"contact\"],"
			   "\"fields\":[\"phone\"]";

	(void)state;
	assert_refused("no_consent", share(customer, "headset-partner",
					   "offer:headset", what));
	assert_ok(consent(customer, "offer:headset", true, ""));
	assert_refused("not_collected_with", share(customer, "headset-partner",
						   "offer:headset", what));
	assert_ok(put(customer, "contact",
		      "{\"name\":\"Ada\",\"email\":\"ada@example.com\","
		      "\"phone\":\"+14155550100\"}",
		      ",\"collected_with\":\"headset\""));
	assert_ok(share(customer, "headset-partner", "offer:headset", what));
	assert_string_equal(call_env_text(&env, "data.contact.phone"),
			    "+14155550100");
	assert_refused("purpose",
		       share(customer, "headset-partner", "service", what));
	assert_ok(consent(customer, "offer:headset", false, ""));
	assert_refused("no_consent", share(customer, "headset-partner",
					   "offer:headset", what));
}

static void
under_16_only_the_guardian_lets_a_partner_have_it(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	assert_ok(call_env_run(
		&env, ROLE_PORTAL, CALL_OP(subject_register),
		"{\"birth_date\":\"2012-05-05\",\"country\":\"US\","
		"\"contact\":{\"name\":\"K\",\"email\":\"k@example.com\"},"
		"\"legal_capacity\":{\"stipulated\":true,\"at\":"
		"\"2026-11-20T00:00:00Z\"},\"terms\":{\"version\":\"1\","
		"\"accepted_at\":\"2026-11-20T00:00:00Z\"}}"));
	(void)snprintf(id, sizeof(id), "%s", call_env_text(&env, "subject"));
	assert_ok(put(id, "contact",
		      "{\"name\":\"K\",\"email\":\"k@example.com\"}",
		      ",\"collected_with\":\"headset\""));
	assert_refused("no_consent",
		       share(id, "headset-partner", "offer:headset", CONTACT));
	assert_ok(consent(id, "offer:headset", true, EVIDENCE));
	assert_ok(share(id, "headset-partner", "offer:headset", CONTACT));
}

static void
law_needs_a_fitting_basis(void **state)
{
	const char *order = CONTACT ",\"basis\":{\"kind\":\"court_order\","
				    "\"reference\":\"SC-1\"}";
	const char *harm = CONTACT ",\"basis\":{\"kind\":\"harmed_party\","
				   "\"reference\":\"C-1\",\"name\":\"B\"}";

	(void)state;
	assert_ok(share(customer, "court", "legal", order));
	assert_ok(share(customer, "harmed-party", "legal", harm));
	assert_refused("no_basis", share(customer, "court", "legal", harm));
	assert_refused("no_basis",
		       share(customer, "harmed-party", "legal", order));
	/* Whole card numbers are for collect_payment alone. */
	give_card(customer);
	assert_ok(share(customer, "court", "legal",
			CARD ",\"basis\":{\"kind\":\"law\","
			     "\"reference\":\"S-1\"}"));
	assert_string_equal(call_env_text(&env, "data.billing.card_number"),
			    "1111");
}

static void
publication_needs_consent(void **state)
{
	const char *what = "\"categories\":[\"publication\"],"
			   "\"fields\":[\"text\"]";

	(void)state;
	assert_ok(put(customer, "publication",
		      "{\"kind\":\"testimonial\",\"text\":\"fine\"}", ""));
	assert_refused("no_consent",
		       share(customer, "testimonials", "publish", what));
	assert_ok(consent(customer, "publish", true, ""));
	assert_ok(share(customer, "testimonials", "publish", what));
	assert_string_equal(call_env_text(&env, "data.publication.text"),
			    "fine");
}

static void
invalid(const char *what, const char *field)
{
	assert_err(ERR_INVALID, share(customer, "court", "legal", what));
	assert_string_equal(env.refusal.field, field);
}

static void
names_are_checked(void **state)
{
	(void)state;
	invalid("\"categories\":[\"none\"],\"fields\":[\"name\"]",
		"categories");
	invalid("\"categories\":[],\"fields\":[\"name\"]", "categories");
	invalid("\"categories\":[\"contact\",\"contact\"],"
		"\"fields\":[\"name\"]",
		"categories");
	invalid("\"categories\":[\"contact\",\"billing\"],"
		"\"fields\":[\"name\",\"billing.name\"]",
		"fields");
	invalid("\"categories\":[\"contact\"],\"fields\":[\"shoe\"]", "fields");
	invalid("\"categories\":[\"contact\"],\"fields\":[]", "fields");
	invalid("\"categories\":[\"contact\"],"
		"\"fields\":[\"billing.name\"]",
		"fields");
}

static void
ambiguous_fields_are_qualified(void **state)
{
	(void)state;
	give_card(customer);
	assert_ok(share(customer, "court", "legal",
			"\"categories\":[\"contact\",\"billing\"],"
			"\"fields\":[\"contact.email\",\"billing.name\"],"
			"\"basis\":{\"kind\":\"law\","
			"\"reference\":\"S-1\"}"));
	assert_string_equal(call_env_text(&env, "data.billing.name"), "Ada L");
	assert_null(call_env_get(&env, "data.contact.name"));
	assert_int_equal(call_env_leaves(&env, LEAF_DISCLOSE), 2);
}

static void
nothing_held_is_not_found(void **state)
{
	(void)state;
	assert_err(ERR_NOT_FOUND,
		   share(customer, "card-processor", "collect_payment", CARD));
	assert_string_equal(env.refusal.field, "categories");
}

struct sum {
	uint64_t n[SHARE_OUTCOMES];
};

static int
add_up(void *ctx, const struct share_count *k)
{
	struct sum *sum = ctx;

	sum->n[k->outcome] += k->n;
	assert_string_equal(k->country, "US");
	return 0;
}

static void
counts_by_day_hold_no_person(void **state)
{
	struct sum sum = {{0}};
	struct call *c;

	(void)state;
	assert_ok(share(customer, "contact-provider", "service", CONTACT));
	assert_ok(share(customer, "contact-provider", "service", CONTACT));
	assert_refused("no_basis", share(customer, "court", "legal", CONTACT));
	c = call_env_begin(&env, ROLE_INTERNAL);
	assert_ok(
		share_count_each(c->txn, c->today, c->today + 1, add_up, &sum));
	assert_int_equal(sum.n[SHARE_OUTCOME_GIVEN], 2);
	assert_int_equal(sum.n[SHARE_OUTCOME_REFUSED], 1);
	(void)call_env_end(&env, 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_env, close_env)
	const struct CMUnitTest tests[] = {
		T(hands_out_exactly_the_fields),
		T(seals_to_a_recipient_with_a_key),
		T(policy_refuses_with_a_leaf_each),
		T(past_one_is_declared_and_hands_out_nothing),
		T(past_one_is_judged_by_the_consent_of_then),
		T(past_one_gets_nothing_collected_later),
		T(partner_gets_what_came_with_its_offer),
		T(under_16_only_the_guardian_lets_a_partner_have_it),
		T(law_needs_a_fitting_basis),
		T(publication_needs_consent),
		T(names_are_checked),
		T(ambiguous_fields_are_qualified),
		T(nothing_held_is_not_found),
		T(counts_by_day_hold_no_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

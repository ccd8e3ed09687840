/* Access, change and delete through a whole core. */

#include <sodium.h>

#include "audit/details.h"
#include "audit/proof.h"
#include "base/base64.h"
#include "people.h"
#include "request/envelope.h"

static char subject[40];
static char request[40];

static const char *
it(void)
{
	return json_of("{\"request\":\"%s\"}", request);
}

static void
asked(const char *type, const char *email)
{
	customer(email, "DE", subject);
	submit(type, subject, request);
	verified(request);
}

static void
only_in_progress_is_fulfilled(void **state)
{
	(void)state;
	customer("f0@example.com", "US", subject);
	submit("access", subject, request);
	core_env_refused(&env, ROLE_COMPLIANCE, "request.fulfil", it(),
			 "state", NULL);
	core_env_refused(&env, ROLE_PORTAL, "request.export", it(), "state",
			 NULL);
}

/* The decoded first part. */
static struct bytes
exported(void)
{
	const char *text;
	struct bytes data;

	core_env_ok(&env, ROLE_PORTAL, "request.export", it());
	assert_int_equal(core_env_number(&env, "parts"), 1);
	text = core_env_text(&env, "data");
	assert_ok(base64_decode(bytes_str(text), env.arena, &data));
	return data;
}

static void
access_makes_a_zip(void **state)
{
	struct bytes zip;

	(void)state;
	asked("access", "f1@example.com");
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil",
		    json_of("{\"request\":\"%s\",\"dry_run\":true}", request));
	assert_string_equal(core_env_text(&env, "state"), "in_progress");
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	assert_string_equal(core_env_text(&env, "state"), "fulfilled");
	zip = exported();
	assert_memory_equal(zip.p, "PK\3\4", 4);
	core_env_refused(&env, ROLE_PORTAL, "request.export",
			 json_of("{\"request\":\"%s\",\"part\":1}", request),
			 "invalid", "part");
	core_env_refused(&env, ROLE_COMPLIANCE, "request.fulfil", it(),
			 "state", NULL);
	core_env_advance(&env, 14 * MS_PER_DAY + 5 * MS_PER_SECOND);
	core_env_refused(&env, ROLE_PORTAL, "request.export", it(), "expired",
			 NULL);
}

static void
reply_key_opens_the_bundle(void **state)
{
	uint8_t pk[crypto_box_PUBLICKEYBYTES];
	uint8_t sk[crypto_box_SECRETKEYBYTES];
	uint8_t k[32];
	uint8_t commitment[32];
	crypto_secretstream_xchacha20poly1305_state st;
	struct bytes b;
	uint8_t *plain;
	unsigned long long n;
	unsigned char tag;

	(void)state;
	crypto_box_keypair(pk, sk);
	customer("f2@example.com", "DE", subject);
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    json_of("{\"type\":\"access\",\"subject\":\"%s\","
			    "\"channel\":\"portal\",\"reply_key\":\"%s\"}",
			    subject,
			    base64_encode(bytes_of(pk, sizeof(pk)),
					  env.arena)));
	(void)snprintf(request, sizeof(request), "%s",
		       core_env_text(&env, "request"));
	verified(request);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	b = exported();
	assert_true(b.n > ENVELOPE_HEAD_BYTES + 17);
	assert_int_equal(crypto_box_seal_open(k, b.p, 80, pk, sk), 0);
	crypto_generichash(commitment, 32, (const uint8_t *)"ninety bundle 1",
			   15, k, 32);
	assert_memory_equal(commitment, b.p + 80, 32);
	assert_int_equal(crypto_secretstream_xchacha20poly1305_init_pull(
				 &st, b.p + 112, k),
			 0);
	plain = malloc(b.n);
	assert_non_null(plain);
	assert_int_equal(crypto_secretstream_xchacha20poly1305_pull(
				 &st, plain, &n, &tag, b.p + 136, b.n - 136,
				 NULL, 0),
			 0);
	assert_int_equal(tag, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
	assert_memory_equal(plain, "PK\3\4", 4);
	free(plain);
}

/* Text that does not compress. */
static const char *
noise(size_t n)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"
				      "KLMNOPQRSTUVWXYZ-_";
	static char text[65536];

	for (size_t i = 0; i < n; i++) {
		text[i] = letters[randombytes_uniform(sizeof(letters) - 1)];
	}
	text[n] = '\0';
	return text;
}

static void
large_bundle_comes_in_parts(void **state)
{
	static char body[65536];
	int64_t parts;

	(void)state;
	asked("access", "large@example.com");
	for (int i = 0; i < 24; i++) {
		(void)snprintf(body, sizeof(body),
			       "{\"subject\":\"%s\",\"category\":\"content\","
			       "\"data\":{\"title\":\"t\",\"text\":"
			       "\"%.60000s\"}}",
			       subject, noise(60000));
		core_env_ok(&env, ROLE_PORTAL, "subject.write", body);
	}
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	parts = core_env_number(&env, "parts");
	assert_true(parts > 8);
	core_env_ok(&env, ROLE_PORTAL, "request.export",
		    json_of("{\"request\":\"%s\",\"part\":%d}", request,
			    (int)parts - 1));
	core_env_refused(&env, ROLE_PORTAL, "request.export",
			 json_of("{\"request\":\"%s\",\"part\":%d}", request,
				 (int)parts),
			 "invalid", "part");
}

static void
nobody_gets_an_empty_bundle(void **state)
{
	(void)state;
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    "{\"type\":\"access\",\"identity\":{\"email\":"
		    "\"stranger@example.com\"},\"channel\":\"email\"}");
	(void)snprintf(request, sizeof(request), "%s",
		       core_env_text(&env, "request"));
	verified(request);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	assert_memory_equal(exported().p, "PK\3\4", 4);
}

/* Another request has erased the person meanwhile: nothing is held, and that
 * is the answer. What was told to whom stays in the list of all. */
static void
access_after_an_erasure_is_empty(void **state)
{
	char erasing[40];
	char from[TIME_TEXT_BYTES];

	(void)state;
	core_env_advance(&env, 5);
	time_print(env.clock.wall, from);
	customer("gone@example.com", "US", subject);
	for (unsigned i = 0; i < 2; i++) {
		core_env_ok(&env, ROLE_BILLING, "share.record",
			    json_of("{\"subject\":\"%s\",\"recipient\":\"%s\","
				    "\"purpose\":\"service\",\"categories\":["
				    "\"contact\"],\"fields\":[\"name\"]}",
				    subject,
				    i == 0 ? "quality-provider"
					   : "contact-provider"));
		core_env_advance(&env, 5);
	}
	submit("delete", subject, erasing);
	verified(erasing);
	submit("access", subject, request);
	verified(request);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil",
		    json_of("{\"request\":\"%s\"}", erasing));
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	assert_string_equal(core_env_text(&env, "state"), "fulfilled");
	assert_memory_equal(exported().p, "PK\3\4", 4);
	core_env_ok(&env, ROLE_AUDITOR, "share.list",
		    json_of("{\"limit\":1,\"from\":\"%s\"}", from));
	assert_string_equal(core_env_text(&env, "items.0.recipient"),
			    "quality-provider");
	assert_null(core_env_at(&env, "items.0.subject"));
	core_env_ok(&env, ROLE_AUDITOR, "share.list",
		    json_of("{\"limit\":1,\"from\":\"%s\",\"cursor\":\"%s\"}",
			    from, core_env_text(&env, "next")));
	assert_string_equal(core_env_text(&env, "items.0.recipient"),
			    "contact-provider");
	assert_null(core_env_at(&env, "next"));
}

/* A change request is no way round what subject.write obeys. */
static void
change_obeys_what_a_write_obeys(void **state)
{
	static const char *const own[] = {"consent", "navigation",
					  "invitation"};

	(void)state;
	customer("taken@example.com", "US", subject);
	customer("chg1@example.com", "US", subject);
	for (size_t i = 0; i < 3; i++) {
		core_env_refused(
			&env, ROLE_PORTAL, "request.submit",
			json_of("{\"type\":\"change\",\"subject\":\"%s\","
				"\"channel\":\"portal\",\"change\":{"
				"\"category\":\"%s\",\"data\":{\"purpose\":"
				"\"publish\",\"granted\":true}}}",
				subject, own[i]),
			"invalid", "change.category");
	}
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    json_of("{\"type\":\"change\",\"subject\":\"%s\","
			    "\"channel\":\"portal\",\"change\":{\"category\":"
			    "\"contact\",\"data\":{\"name\":\"Ada King\","
			    "\"email\":\"taken@example.com\"}}}",
			    subject));
	(void)snprintf(request, sizeof(request), "%s",
		       core_env_text(&env, "request"));
	verified(request);
	core_env_refused(&env, ROLE_COMPLIANCE, "request.fulfil",
			 json_of("{\"request\":\"%s\",\"dry_run\":true}",
				 request),
			 "exists", "change.data.email");
	core_env_refused(&env, ROLE_COMPLIANCE, "request.fulfil", it(),
			 "exists", "change.data.email");
	core_env_ok(&env, ROLE_COMPLIANCE, "request.deny",
		    json_of("{\"request\":\"%s\",\"reason\":\"other\"}",
			    request));
}

/* Where somebody lives is known to the next request. */
static void
change_of_the_country_counts_for_the_regimes(void **state)
{
	(void)state;
	customer("chg2@example.com", "US", subject);
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    json_of("{\"type\":\"change\",\"subject\":\"%s\","
			    "\"channel\":\"portal\",\"change\":{\"category\":"
			    "\"account\",\"data\":{\"country\":\"DE\"}}}",
			    subject));
	(void)snprintf(request, sizeof(request), "%s",
		       core_env_text(&env, "request"));
	verified(request);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	submit("access", subject, request);
	assert_string_equal(core_env_text(&env, "regime"), "gdpr");
}

static void
change_writes_a_version(void **state)
{
	(void)state;
	customer("f3@example.com", "US", subject);
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    json_of("{\"type\":\"change\",\"subject\":\"%s\","
			    "\"channel\":\"portal\",\"change\":{\"category\":"
			    "\"contact\",\"data\":{\"name\":\"Ada King\","
			    "\"email\":\"f3new@example.com\"}}}",
			    subject));
	(void)snprintf(request, sizeof(request), "%s",
		       core_env_text(&env, "request"));
	verified(request);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	assert_string_equal(core_env_text(&env, "state"), "fulfilled");
	assert_int_equal(core_env_number(&env, "version"), 2);
	core_env_ok(&env, ROLE_PORTAL, "subject.find",
		    "{\"email\":\"f3new@example.com\"}");
	assert_string_equal(core_env_text(&env, "subject"), subject);
}

static void
delete_erases_before_it_answers(void **state)
{
	(void)state;
	asked("delete", "f4@example.com");
	core_env_ok(&env, ROLE_PORTAL, "subject.write",
		    json_of("{\"subject\":\"%s\",\"category\":\"billing\","
			    "\"data\":{\"name\":\"Ada\",\"card_number\":"
			    "\"4111111111111111\",\"card_expiry\":"
			    "\"2027-01\"}}",
			    subject));
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil",
		    json_of("{\"request\":\"%s\",\"dry_run\":true}", request));
	assert_string_equal(core_env_text(&env, "state"), "in_progress");
	assert_string_equal(core_env_text(&env, "erased.0.category"),
			    "contact");
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	assert_string_equal(core_env_text(&env, "state"), "fulfilled");
	assert_string_equal(core_env_text(&env, "erased.0.category"),
			    "contact");
	assert_int_equal(core_env_number(&env, "erased.0.records"), 1);
	assert_string_equal(core_env_text(&env, "erased.1.category"),
			    "billing");
	core_env_refused(&env, ROLE_PORTAL, "subject.status",
			 json_of("{\"subject\":\"%s\"}", subject),
			 "not_found", NULL);
	core_env_refused(&env, ROLE_PORTAL, "subject.find",
			 "{\"email\":\"f4@example.com\"}", "not_found", NULL);
	/* The same e-mail, presented later, finds the request. */
	core_env_ok(&env, ROLE_PORTAL, "request.list",
		    "{\"identity\":{\"email\":\"F4@example.com\"}}");
	assert_string_equal(core_env_text(&env, "items.0.request"), request);
	assert_string_equal(core_env_text(&env, "items.0.state"),
			    "fulfilled");
	/* And a new customer may have it. */
	customer("f4@example.com", "US", subject);
}

/* The receipt of `request`, checked against the log's own key. */
static struct receipt_says
receipt(struct buf *extra)
{
	static char file[65536];
	struct note_verifier known;
	struct receipt_says says;

	core_env_advance(&env, 3 * MS_PER_SECOND);
	core_env_ok(&env, ROLE_PORTAL, "request.receipt", it());
	(void)snprintf(file, sizeof(file), "%s",
		       core_env_text(&env, "receipt"));
	core_env_ok(&env, ROLE_AUDITOR, "audit.checkpoint", "{}");
	assert_ok(note_vkey_parse(
		bytes_str(core_env_text(&env, "vkey")), &known));
	assert_ok(receipt_check(bytes_str(file), &known, 1, extra, &says));
	assert_true(says.is_open);
	return says;
}

static void
receipts_open_and_outlive_the_person(void **state)
{
	struct receipt_says says;
	struct value details;
	struct buf extra;

	(void)state;
	buf_init(&extra, PROOF_EXTRA_BYTES_MAX);
	asked("delete", "f5@example.com");
	says = receipt(&extra);
	assert_int_equal(says.leaf.type, LEAF_REQUEST_SUBMITTED);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	says = receipt(&extra);
	assert_int_equal(says.leaf.type, LEAF_ERASURE);
	assert_ok(details_unpack(says.details, env.arena, &details));
	assert_string_equal(value_get_text(&details, "request"), request);
	assert_int_equal(value_get(value_get(&details, "erased"), "contact")
				 ->number,
			 1);
	buf_clear(&extra);
}

static void
receipts_name_who_must_be_told(void **state)
{
	struct receipt_says says;
	struct value details;
	const struct value *names;
	struct buf extra;

	(void)state;
	buf_init(&extra, PROOF_EXTRA_BYTES_MAX);
	asked("delete", "f7@example.com");
	for (int i = 0; i < 2; i++) {
		core_env_ok(&env, ROLE_PORTAL, "share.record",
			    json_of("{\"subject\":\"%s\",\"recipient\":"
				    "\"contact-provider\",\"purpose\":"
				    "\"service\",\"categories\":[\"contact\"],"
				    "\"fields\":[\"email\"]}",
				    subject));
	}
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	says = receipt(&extra);
	assert_ok(details_unpack(says.details, env.arena, &details));
	names = value_get(&details, "recipients");
	assert_int_equal(names->of.n, 1);
	assert_string_equal(names->of.items[0].value.text.s,
			    "contact-provider");
	core_env_ok(&env, ROLE_PORTAL, "request.receipt", it());
	assert_string_equal(core_env_text(&env, "recipients.0.recipient"),
			    "contact-provider");
	assert_string_equal(core_env_text(&env, "recipients.0.about"),
			    "erasure");
	assert_null(core_env_at(&env, "recipients.0.acknowledged_at"));
	core_env_ok(&env, ROLE_BILLING, "notice.list",
		    "{\"kind\":\"recipient\",\"state\":\"open\"}");
	core_env_ok(&env, ROLE_BILLING, "notice.acknowledge",
		    json_of("{\"notice\":\"%s\"}",
			    core_env_text(&env, "items.0.notice")));
	core_env_ok(&env, ROLE_PORTAL, "request.receipt", it());
	assert_non_null(core_env_at(&env, "recipients.0.acknowledged_at"));
	buf_clear(&extra);
}

static void
hold_keeps_until_it_is_released(void **state)
{
	char hold[40];

	(void)state;
	asked("delete", "f6@example.com");
	core_env_ok(&env, ROLE_PORTAL, "subject.write",
		    json_of("{\"subject\":\"%s\",\"category\":\"billing\","
			    "\"data\":{\"name\":\"Ada\",\"card_number\":"
			    "\"4111111111111111\",\"card_expiry\":"
			    "\"2027-01\"}}",
			    subject));
	core_env_ok(&env, ROLE_COMPLIANCE, "hold.place",
		    json_of("{\"subject\":\"%s\",\"categories\":"
			    "[\"billing\"],\"matter\":\"case 7\"}",
			    subject));
	(void)snprintf(hold, sizeof(hold), "%s", core_env_text(&env, "hold"));
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	assert_string_equal(core_env_text(&env, "kept.0.category"), "billing");
	core_env_ok(&env, ROLE_BILLING, "subject.read",
		    json_of("{\"subject\":\"%s\",\"purpose\":"
			    "\"collect_payment\",\"reason\":\"case 7\"}",
			    subject));
	assert_string_equal(core_env_text(&env, "records.0.category"),
			    "billing");
	core_env_ok(&env, ROLE_COMPLIANCE, "hold.release",
		    json_of("{\"hold\":\"%s\",\"reason\":\"closed\"}", hold));
	for (int i = 0; i < 4; i++) {
		core_env_advance(&env, MS_PER_DAY);
		core_env_advance(&env, 2 * MS_PER_SECOND);
	}
	core_env_refused(&env, ROLE_PORTAL, "subject.status",
			 json_of("{\"subject\":\"%s\"}", subject),
			 "not_found", NULL);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.get", it());
	assert_null(core_env_at(&env, "kept"));
}

static void
visits_die_with_the_person(void **state)
{
	(void)state;
	core_env_ok(&env, ROLE_PORTAL, "visit.append",
		    "{\"visitor\":\"cookie-7\",\"events\":[{\"at\":"
		    "\"2026-03-02T09:00:00Z\",\"ip\":\"192.0.2.7\","
		    "\"user_agent\":\"x\",\"language\":\"en\",\"page\":"
		    "\"/a\",\"action\":\"view\"}]}");
	customer("f7@example.com", "US", subject);
	core_env_ok(&env, ROLE_PORTAL, "visit.identify",
		    json_of("{\"visitor\":\"cookie-7\",\"subject\":\"%s\"}",
			    subject));
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    "{\"type\":\"delete\",\"identity\":{\"visitor\":"
		    "\"cookie-7\"},\"channel\":\"portal\"}");
	(void)snprintf(request, sizeof(request), "%s",
		       core_env_text(&env, "request"));
	verified(request);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	core_env_refused(&env, ROLE_PORTAL, "subject.status",
			 json_of("{\"subject\":\"%s\"}", subject),
			 "not_found", NULL);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.get", it());
	assert_string_equal(core_env_text(&env, "subject"), subject);
}

static void
visitor_alone_is_erased_too(void **state)
{
	(void)state;
	core_env_ok(&env, ROLE_PORTAL, "visit.append",
		    "{\"visitor\":\"cookie-8\",\"events\":[{\"at\":"
		    "\"2026-03-02T09:00:00Z\",\"ip\":\"192.0.2.8\","
		    "\"user_agent\":\"x\",\"language\":\"en\",\"page\":"
		    "\"/a\",\"action\":\"view\"}]}");
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    "{\"type\":\"delete\",\"identity\":{\"visitor\":"
		    "\"cookie-8\"},\"channel\":\"portal\"}");
	(void)snprintf(request, sizeof(request), "%s",
		       core_env_text(&env, "request"));
	core_env_refused(&env, ROLE_PORTAL, "request.challenge", it(),
			 "not_found", NULL);
	core_env_ok(&env, ROLE_SUPPORT, "request.verify",
		    json_of("{\"request\":\"%s\",\"method\":\"cookie\","
			    "\"evidence\":{\"method\":\"cookie\",\"reference\":"
			    "\"t\",\"at\":\"2026-03-02T09:00:00Z\"}}",
			    request));
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	assert_string_equal(core_env_text(&env, "erased.0.category"),
			    "navigation");
}

static void
delete_of_nobody_is_fulfilled(void **state)
{
	(void)state;
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    "{\"type\":\"delete\",\"identity\":{\"email\":"
		    "\"ghost@example.com\"},\"channel\":\"email\"}");
	(void)snprintf(request, sizeof(request), "%s",
		       core_env_text(&env, "request"));
	verified(request);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	assert_string_equal(core_env_text(&env, "state"), "fulfilled");
	assert_int_equal(core_env_at(&env, "erased")->of.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_in_progress_is_fulfilled),
		cmocka_unit_test(access_makes_a_zip),
		cmocka_unit_test(reply_key_opens_the_bundle),
		cmocka_unit_test(large_bundle_comes_in_parts),
		cmocka_unit_test(nobody_gets_an_empty_bundle),
		cmocka_unit_test(change_writes_a_version),
		cmocka_unit_test(change_obeys_what_a_write_obeys),
		cmocka_unit_test(change_of_the_country_counts_for_the_regimes),
		cmocka_unit_test(delete_erases_before_it_answers),
		cmocka_unit_test(receipts_open_and_outlive_the_person),
		cmocka_unit_test(receipts_name_who_must_be_told),
		cmocka_unit_test(hold_keeps_until_it_is_released),
		cmocka_unit_test(visits_die_with_the_person),
		cmocka_unit_test(visitor_alone_is_erased_too),
		cmocka_unit_test(delete_of_nobody_is_fulfilled),
		cmocka_unit_test(access_after_an_erasure_is_empty),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}

/* Every field type and every fault, by table; round trips. */

#include "support/fields.h"
#include "support/test.h"
#include "wire/schema.h"

#define CALL_BYTES_MAX (1u << 20)
#define KEY32 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define CURVE "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"

static int
setup(void **state)
{
	*state = arena_new(CALL_BYTES_MAX);
	return *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static int
decode_bytes(struct arena *a, struct bytes json, struct every *out)
{
	memset(out, 0, sizeof(*out));
	return schema_decode(every_fields, FIELD_COUNT(every_fields), json,
			     EVERY_NOW_MS, a, out);
}

static int
decode(struct arena *a, const char *json, struct every *out)
{
	return decode_bytes(a, bytes_str(json), out);
}

static void
every_type_is_read(void **state)
{
	struct every e;

	assert_ok(decode(
		*state,
		"{\"word\":\"w\",\"prose\":\"two\\nlines\\tand more\","
		"\"id\":\"0192e4a0-7b1c-7def-8123-456789abcdef\","
		"\"at\":\"2026-11-23T20:04:59.123Z\","
		"\"until\":\"2030-01-01T00:00:00Z\",\"born\":\"2000-02-29\","
		"\"within\":\"P14D\",\"count\":1000,\"granted\":true,"
		"\"channel\":\"post\",\"key\":\"" KEY32 "\",\"z85\":\"" CURVE
		"\",\"contact\":{\"name\":\"Ann\",\"email\":"
		"\" Ann@Example.com \",\"phone\":\"+4930123456\","
		"\"country\":\"US\",\"region\":\"US-CA\"},"
		"\"data\":{\"a\":[1,2.5,null,{\"b\":false}]},"
		"\"events\":[{\"at\":\"2026-01-01T00:00:00Z\",\"page\":\"/\","
		"\"action\":\"click\"},{\"action\":\"view\",\"page\":\"/x\","
		"\"at\":\"2026-01-01T00:00:01Z\",\"link\":\"l\"}],"
		"\"names\":[\"x\",\"y\"],\"channels\":[\"email\",\"post\"],"
		"\"ids\":[\"0192e4a0-7b1c-7def-8123-456789abcdef\"]}",
		&e));
	assert_string_equal(e.word, "w");
	assert_string_equal(e.prose, "two\nlines\tand more");
	assert_int_equal(e.id.b[15], 0xef);
	assert_int_equal(e.at, EVERY_NOW_MS + 299123);
	assert_true(e.has_until);
	assert_int_equal(e.born, 11016);
	assert_int_equal(e.within.days, 14);
	assert_true(e.has_count);
	assert_int_equal(e.count, 1000);
	assert_true(e.granted);
	assert_int_equal(e.channel, 2);
	assert_int_equal(e.sort, -1);
	assert_int_equal(e.key.n, 32);
	assert_int_equal(e.key.p[31], 31);
	assert_string_equal(e.z85, CURVE);
	assert_true(e.has_contact);
	assert_string_equal(e.contact.email, " Ann@Example.com ");
	assert_string_equal(e.contact.region, "US-CA");
	assert_int_equal(e.data.kind, VALUE_OBJECT);
	assert_int_equal(value_get(&e.data, "a")->of.n, 4);
	assert_int_equal(e.n_events, 2);
	assert_int_equal(e.events[0].action, 1);
	assert_string_equal(e.events[1].link, "l");
	assert_int_equal(e.n_names, 2);
	assert_string_equal(e.names[1], "y");
	assert_int_equal(e.n_channels, 2);
	assert_int_equal(e.channels[1], 2);
	assert_int_equal(e.n_ids, 1);
}

static const struct {
	const char *json;
	const char *field; /* "" for none */
} faults[] = {
	/* the body */
	{"", "word"},
	{"{}", "word"},
	{" ", ""},
	{"[]", ""},
	{"\"x\"", ""},
	{"null", ""},
	{"{", ""},
	{"{\"word\":\"w\"} x", ""},
	{"{\"word\":\"w\"}{}", ""},
	{"{\"word\":\"w\",}", ""},
	{"{'word':\"w\"}", ""},
	{"{\"word\":\"\xff\"}", ""},
	{"{\"word\":\"\xc0\xaf\"}", ""},
	{"{\"word\":\"\\ud800\"}", ""},
	{"{\"word\":\"a\nb\"}", ""},
	{"\xef\xbb\xbf{\"word\":\"w\"}", ""},
	{"{\"word\":\"w\",\"x\\u0000\":1}", ""},
	{"{\"word\":NaN}", ""},
	/* members */
	{"{\"word\":\"w\",\"extra\":1}", "extra"},
	{"{\"word\":\"w\",\"ann@example.com\":1}", ""},
	{"{\"word\":\"w\",\"\":1}", ""},
	{"{\"word\":\"w\",\"contact\":{\"ann@example.com\":1}}", "contact"},
	{"{\"word\":\"w\",\"contact\":{\"fax\":1}}", "contact.fax"},
	{"{\"word\":\"w\",\"word\":\"v\"}", "word"},
	{"{\"word\":\"w\",\"wor\\u0064\":\"v\"}", ""},
	{"{\"word\":\"w\",\"contact\":{\"name\":\"a\",\"email\":\"b@c\","
	 "\"email\":\"b@c\"}}",
	 "contact.email"},
	{"{\"word\":\"w\",\"events\":[{\"at\":\"x\"},{\"pa\\\"ge\":\"{[\","
	 "\"at\":1,\"at\":2}]}",
	 "events[1].at"},
	{"{\"word\":\"w\",\"data\":{\"a\":{\"b\":[[1],[{\"c\":1,\"c\":2}]]}}}",
	 "data.a.b[1][0].c"},
	/* text */
	{"{\"word\":null}", "word"},
	{"{\"word\":1}", "word"},
	{"{\"word\":[\"w\"]}", "word"},
	{"{\"word\":\"\"}", "word"},
	{"{\"word\":\"123456789\"}", "word"},
	{"{\"word\":\"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\"}", "word"},
	{"{\"word\":\"a\\u0000\"}", "word"},
	{"{\"word\":\"a\\nb\"}", "word"},
	{"{\"word\":\"a\\u007f\"}", "word"},
	{"{\"word\":\"a\\u0085\"}", "word"},
	{"{\"word\":\"w\",\"prose\":\"a\\u0007\"}", "prose"},
	{"{\"word\":\"w\",\"prose\":\"a\\rb\"}", "prose"},
	{"{\"word\":\"w\",\"prose\":\"card 4111 1111-1111 1111, ok?\"}",
	 "prose"},
	{"{\"word\":\"w\",\"contact\":{\"name\":\"4111111111111111\","
	 "\"email\":\"a@b\"}}",
	 "contact.name"},
	/* ids, times, dates, durations */
	{"{\"word\":\"w\",\"id\":\"0192E4A0-7b1c-7def-8123-456789abcdef\"}",
	 "id"},
	{"{\"word\":\"w\",\"id\":\"0192e4a07b1c7def8123456789abcdef\"}", "id"},
	{"{\"word\":\"w\",\"id\":\"\"}", "id"},
	{"{\"word\":\"w\",\"at\":\"2026-11-23T20:05:00.001Z\"}", "at"},
	{"{\"word\":\"w\",\"at\":\"2026-11-23T20:00:00+00:00\"}", "at"},
	{"{\"word\":\"w\",\"at\":\"2026-11-23\"}", "at"},
	{"{\"word\":\"w\",\"at\":1795464000}", "at"},
	{"{\"word\":\"w\",\"until\":\"2030-13-01T00:00:00Z\"}", "until"},
	{"{\"word\":\"w\",\"born\":\"2001-02-29\"}", "born"},
	{"{\"word\":\"w\",\"born\":\"01.02.2001\"}", "born"},
	{"{\"word\":\"w\",\"within\":\"14 days\"}", "within"},
	{"{\"word\":\"w\",\"within\":\"P\"}", "within"},
	{"{\"word\":\"w\",\"within\":14}", "within"},
	/* numbers, truths, names */
	{"{\"word\":\"w\",\"count\":0}", "count"},
	{"{\"word\":\"w\",\"count\":1001}", "count"},
	{"{\"word\":\"w\",\"count\":1.0}", "count"},
	{"{\"word\":\"w\",\"count\":\"1\"}", "count"},
	{"{\"word\":\"w\",\"count\":99999999999999999999}", "count"},
	{"{\"word\":\"w\",\"data\":{\"r\":1e999}}", "data.r"},
	{"{\"word\":\"w\",\"granted\":1}", "granted"},
	{"{\"word\":\"w\",\"granted\":\"true\"}", "granted"},
	{"{\"word\":\"w\",\"channel\":\"Portal\"}", "channel"},
	{"{\"word\":\"w\",\"channel\":0}", "channel"},
	/* addresses */
	{"{\"word\":\"w\",\"contact\":{\"email\":\"a@b\"}}", "contact.name"},
	{"{\"word\":\"w\",\"contact\":{\"name\":\"n\",\"email\":\"ab\"}}",
	 "contact.email"},
	{"{\"word\":\"w\",\"contact\":{\"name\":\"n\",\"email\":\"a@b\","
	 "\"phone\":\"030 1234567\"}}",
	 "contact.phone"},
	{"{\"word\":\"w\",\"contact\":{\"name\":\"n\",\"email\":\"a@b\","
	 "\"country\":\"us\"}}",
	 "contact.country"},
	{"{\"word\":\"w\",\"contact\":{\"name\":\"n\",\"email\":\"a@b\","
	 "\"region\":\"CA\"}}",
	 "contact.region"},
	{"{\"word\":\"w\",\"contact\":[]}", "contact"},
	/* keys */
	{"{\"word\":\"w\",\"key\":\"AAECAwQ=\"}", "key"},
	{"{\"word\":\"w\",\"key\":\"" KEY32 "=\"}", "key"},
	{"{\"word\":\"w\",\"key\":\" " KEY32 "\"}", "key"},
	{"{\"word\":\"w\",\"z85\":\"" CURVE "x\"}", "z85"},
	{"{\"word\":\"w\",\"z85\":\"%%%%%%%%%%%%%%%%%%%%"
	 "%%%%%%%%%%%%%%%%%%%%\"}",
	 "z85"},
	{"{\"word\":\"w\",\"z85\":\"Yne~$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
	 "\"}",
	 "z85"},
	/* values */
	{"{\"word\":\"w\",\"data\":[]}", "data"},
	{"{\"word\":\"w\",\"data\":\"x\"}", "data"},
	{"{\"word\":\"w\",\"data\":{\"a\":{\"b\":\"\\u0000\"}}}", "data.a.b"},
	{"{\"word\":\"w\",\"data\":{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}}",
	 "data.a[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]"},
	/* lists */
	{"{\"word\":\"w\",\"events\":{}}", "events"},
	{"{\"word\":\"w\",\"events\":[1]}", "events[0]"},
	{"{\"word\":\"w\",\"events\":[{\"at\":\"2026-01-01T00:00:00Z\","
	 "\"page\":\"/\",\"action\":\"view\"},{\"at\":\"soon\"}]}",
	 "events[1].at"},
	{"{\"word\":\"w\",\"events\":[{\"at\":\"2026-01-01T00:00:00Z\"}]}",
	 "events[0].page"},
	{"{\"word\":\"w\",\"names\":[\"a\",\"b\",\"c\",\"d\"]}", "names"},
	{"{\"word\":\"w\",\"names\":[\"a\",2]}", "names[1]"},
	{"{\"word\":\"w\",\"names\":[\"a\",\"\"]}", "names[1]"},
	{"{\"word\":\"w\",\"channels\":[\"email\",\"fax\"]}", "channels[1]"},
	{"{\"word\":\"w\",\"ids\":[\"x\"]}", "ids[0]"},
};

static void
every_fault_names_its_member(void **state)
{
	for (size_t i = 0; i < FIELD_COUNT(faults); i++) {
		struct every e;
		int rc = decode(*state, faults[i].json, &e);

		if (rc != ERR_INVALID ||
		    strcmp(err_last()->field, faults[i].field) != 0) {
			fail_msg("%s: %s, field \"%s\", %s", faults[i].json,
				 err_word(rc), err_last()->field,
				 err_last()->text);
		}
		arena_reset(*state);
	}
}

static void
blanks_may_follow_and_nothing_else(void **state)
{
	struct every e;

	assert_ok(decode(*state, "\n {\"word\":\"w\"}\r\n\t ", &e));
	assert_err(ERR_INVALID,
		   decode_bytes(*state, bytes_of("{\"word\":\"w\"}\0", 13),
				&e));
	assert_string_equal(err_last()->field, "");
}

static void
messages_repeat_nothing(void **state)
{
	static const char *const sent[] = {
		"{\"word\":\"SENT567890\"}",
		"{\"word\":\"w\",\"channel\":\"SENT\"}",
		"{\"word\":\"w\",\"id\":\"SENT\"}",
		"{\"word\":\"w\",\"at\":\"SENT\"}",
		"{\"word\":\"w\",\"SENT IN\":1}",
		"{\"word\":\"w\",\"within\":\"SENT\"}",
		"{\"word\":\"w\",\"key\":\"SENT\"}",
		"{\"word\":\"w\",\"data\":SENT}",
		"{\"word\":\"w\",\"SENT IN\":1,\"SENT IN\":2}",
		"{\"contact\":{\"name\":\"n\",\"email\":\"SENT\"}}",
	};

	for (size_t i = 0; i < FIELD_COUNT(sent); i++) {
		struct every e;

		assert_err(ERR_INVALID, decode(*state, sent[i], &e));
		assert_null(strstr(err_last()->text, "SENT"));
		assert_null(strstr(err_last()->field, "SENT"));
	}
}

static void
long_values_are_too_large(void **state)
{
	char json[512];
	struct every e;

	(void)snprintf(json, sizeof(json), "{\"word\":\"w\",\"data\":"
					   "{\"a\":\"%0248d\"}}", 0);
	assert_ok(decode(*state, json, &e));
	(void)snprintf(json, sizeof(json), "{\"word\":\"w\",\"data\":"
					   "{\"a\":\"%0249d\"}}", 0);
	assert_err(ERR_TOO_LARGE, decode(*state, json, &e));
	assert_string_equal(err_last()->field, "data");
}

static void
deep_nesting_is_refused(void **state)
{
	enum { DEPTH = 100000 };
	char *json = malloc(2 * DEPTH);
	struct every e;

	assert_non_null(json);
	memset(json, '[', DEPTH);
	memset(json + DEPTH, ']', DEPTH);
	assert_err(ERR_INVALID,
		   decode_bytes(*state, bytes_of(json, 2 * DEPTH), &e));
	free(json);
}

static void
memory_is_bounded(void **state)
{
	struct arena *small = arena_new(2048);
	struct every e;

	(void)state;
	assert_err(ERR_TOO_LARGE,
		   decode(small, "{\"data\":[{},{},{},{},{},{},{},{},{},{},{}]}",
			  &e));
	arena_free(small);
}

static void
integers_are_exact(void **state)
{
	static const char json[] =
		"[9223372036854775807,-9223372036854775808,9007199254740993]";
	struct value v;
	struct buf b;

	buf_init(&b, 4096);
	assert_ok(schema_value_decode(bytes_str(json), *state, &v));
	assert_int_equal(v.of.items[0].value.number, INT64_MAX);
	assert_int_equal(v.of.items[1].value.number, INT64_MIN);
	assert_ok(schema_value_encode(&v, 0, &b));
	assert_int_equal(b.len, strlen(json));
	assert_memory_equal(b.data, json, b.len);
	buf_clear(&b);
}

static const char *const round_trips[] = {
	"{\"word\":\"w\"}",
	"{\"word\":\"\xc3\xa4\\\"\\\\/\xe2\x82\xac\"}",
	"{\"word\":\"w\",\"prose\":\"a\\nb\\tc\\r\\n\"}",
	"{\"word\":\"w\",\"id\":\"0192e4a0-7b1c-7def-8123-456789abcdef\","
	"\"at\":\"2026-11-23T20:00:00.001Z\","
	"\"until\":\"2030-01-01T00:00:00.000Z\",\"born\":\"2000-02-29\","
	"\"within\":\"P14D\",\"count\":7,\"granted\":true,"
	"\"channel\":\"portal\",\"sort\":\"post\",\"key\":\"" KEY32
	"\",\"z85\":\"" CURVE "\",\"contact\":{\"name\":\"Ann\","
	"\"email\":\" Ann@Example.com \",\"phone\":\"+4930123456\","
	"\"country\":\"US\",\"region\":\"US-CA\"},"
	"\"data\":{\"b\":[1,2.5,null,{\"c\":false}],\"a\":{}},"
	"\"events\":[{\"at\":\"2026-01-01T00:00:00.000Z\",\"page\":\"/\","
	"\"action\":\"click\"}],\"names\":[\"x\",\"y\"],"
	"\"channels\":[\"email\",\"post\"],"
	"\"ids\":[\"0192e4a0-7b1c-7def-8123-456789abcdef\"]}",
};

static void
what_was_read_is_written_again(void **state)
{
	struct buf b;

	buf_init(&b, 4096);
	for (size_t i = 0; i < FIELD_COUNT(round_trips); i++) {
		struct every e;

		assert_ok(decode(*state, round_trips[i], &e));
		buf_reset(&b);
		assert_ok(schema_encode(every_fields,
					FIELD_COUNT(every_fields), &e, &b));
		assert_ok(buf_put(&b, "", 1));
		assert_string_equal((char *)b.data, round_trips[i]);
	}
	buf_clear(&b);
}

static void
writing_is_all_or_nothing(void **state)
{
	static const char *const none_utf8[] = {"\xff", "0123456\xff",
						"01234567\xff", "0123456\xff" "9"};
	struct every e;
	struct buf b;

	buf_init(&b, 20);
	assert_ok(buf_put(&b, "ab", 2));
	assert_ok(decode(*state, round_trips[3], &e));
	assert_err(ERR_TOO_LARGE,
		   schema_encode(every_fields, FIELD_COUNT(every_fields), &e,
				 &b));
	assert_int_equal(b.len, 2);
	for (size_t i = 0; i < sizeof(none_utf8) / sizeof(*none_utf8); i++) {
		e = (struct every){
			.word = none_utf8[i], .channel = -1, .sort = -1};
		assert_err(ERR_INTERNAL,
			   schema_encode(every_fields,
					 FIELD_COUNT(every_fields), &e, &b));
		assert_string_equal(err_last()->field, "word");
		assert_int_equal(b.len, 2);
	}
	buf_clear(&b);
}

#define LONG_LIST_ITEMS 500

/* Long lists are written item by item, short ones at once. */
static void
lists_of_any_length_are_written_alike(void **state)
{
	static struct every_event events[LONG_LIST_ITEMS];
	const char *names[LONG_LIST_ITEMS];
	struct buf b;
	struct buf expected;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_init(&expected, 1 << 20);
	for (size_t i = 0; i < LONG_LIST_ITEMS; i++) {
		events[i].at = 1000;
		events[i].page = "/\\";
		names[i] = "x";
	}
	for (size_t n = 1; n <= LONG_LIST_ITEMS; n++) {
		struct every e = {.word = "w", .channel = -1, .sort = -1,
				  .events = events, .n_events = n,
				  .names = names,
				  .n_names = LONG_LIST_ITEMS + 1 - n};

		buf_reset(&b);
		buf_reset(&expected);
		assert_ok(buf_put_str(&expected,
				      "{\"word\":\"w\",\"events\":["));
		for (size_t i = 0; i < n; i++) {
			assert_ok(buf_printf(
				&expected,
				"%s{\"at\":\"1970-01-01T00:00:01.000Z\","
				"\"page\":\"/\\\\\","
				"\"action\":\"view\"}",
				i == 0 ? "" : ","));
		}
		assert_ok(buf_put_str(&expected, "],\"names\":["));
		for (size_t i = 0; i < e.n_names; i++) {
			assert_ok(buf_put_str(&expected,
					      i == 0 ? "\"x\"" : ",\"x\""));
		}
		assert_ok(buf_put_str(&expected, "]}"));
		assert_ok(schema_encode(every_fields,
					FIELD_COUNT(every_fields), &e, &b));
		assert_int_equal(b.len, expected.len);
		assert_memory_equal(b.data, expected.data, b.len);
	}
	buf_clear(&b);
	buf_clear(&expected);
}

static void
long_list_is_written_whole_or_not_at_all(void **state)
{
	static struct every_event events[LONG_LIST_ITEMS];
	struct every e = {.word = "w", .channel = -1, .sort = -1,
			  .events = events, .n_events = LONG_LIST_ITEMS};
	struct buf b;

	(void)state;
	for (size_t i = 0; i < LONG_LIST_ITEMS; i++) {
		events[i].page = "/";
	}
	buf_init(&b, 10000); /* fewer than the list has */
	assert_ok(buf_put(&b, "ab", 2));
	assert_err(ERR_TOO_LARGE,
		   schema_encode(every_fields, FIELD_COUNT(every_fields), &e,
				 &b));
	assert_int_equal(b.len, 2);
	events[LONG_LIST_ITEMS / 2].page = "\xff";
	buf_clear(&b);
	buf_init(&b, 1 << 20);
	assert_ok(buf_put(&b, "ab", 2));
	assert_err(ERR_INTERNAL,
		   schema_encode(every_fields, FIELD_COUNT(every_fields), &e,
				 &b));
	assert_string_equal(err_last()->field, "page");
	assert_int_equal(b.len, 2);
	buf_clear(&b);
}

static void
values_are_indented(void **state)
{
	struct value v = value_object();
	struct buf b;

	buf_init(&b, 4096);
	assert_ok(value_add(&v, *state, "a", value_int(1)));
	assert_ok(schema_value_encode(&v, 2, &b));
	assert_ok(buf_put(&b, "", 1));
	assert_string_equal((char *)b.data, "{\n  \"a\": 1\n}");
	buf_clear(&b);
}

static void
body_is(const struct err_info *info, const char *expected)
{
	struct buf b;

	buf_init(&b, 4096);
	assert_ok(schema_error_body(info, &b));
	assert_ok(buf_put(&b, "", 1));
	assert_string_equal((char *)b.data, expected);
	buf_clear(&b);
}

static void
refusals_say_what_they_may(void **state)
{
	(void)state;
	(void)err_field(ERR_INVALID, "contact.email", "is missing");
	body_is(err_last(),
		      "{\"error\":\"invalid\",\"message\":\"a member of the "
		      "request is not acceptable: is missing\","
		      "\"field\":\"contact.email\"}");
	(void)err_set(ERR_STATE, "it is closed");
	err_extra_text("state", "closed");
	err_extra_number("tries_left", 2);
	body_is(err_last(),
		      "{\"error\":\"state\",\"message\":\"its present state "
		      "does not allow that: it is closed\","
		      "\"state\":\"closed\",\"tries_left\":2}");
	(void)err_set(ERR_SEAL, "record 17 does not open");
	body_is(err_last(),
		      "{\"error\":\"internal\",\"message\":\"the service "
		      "failed; the operator was told\"}");
	(void)err_set(ERR_FULL, "disk");
	body_is(err_last(),
		      "{\"error\":\"unavailable\",\"message\":\"this is not "
		      "available at present\"}");
	(void)err_set(ERR_NOT_FOUND, "no subject 17");
	body_is(err_last(),
		      "{\"error\":\"not_found\",\"message\":\"there is nothing "
		      "by that name\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_type_is_read, setup,
						teardown),
		cmocka_unit_test(lists_of_any_length_are_written_alike),
		cmocka_unit_test(long_list_is_written_whole_or_not_at_all),
		cmocka_unit_test_setup_teardown(every_fault_names_its_member,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			blanks_may_follow_and_nothing_else, setup, teardown),
		cmocka_unit_test_setup_teardown(messages_repeat_nothing,
						setup, teardown),
		cmocka_unit_test_setup_teardown(long_values_are_too_large,
						setup, teardown),
		cmocka_unit_test_setup_teardown(deep_nesting_is_refused,
						setup, teardown),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test_setup_teardown(integers_are_exact, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			what_was_read_is_written_again, setup, teardown),
		cmocka_unit_test_setup_teardown(writing_is_all_or_nothing,
						setup, teardown),
		cmocka_unit_test_setup_teardown(values_are_indented, setup,
						teardown),
		cmocka_unit_test(refusals_say_what_they_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

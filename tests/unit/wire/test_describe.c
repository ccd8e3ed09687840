/* What service.describe says of a member. */

#include "support/fields.h"
#include "support/test.h"
#include "wire/describe.h"
#include "wire/schema.h"

static const char *
described(struct arena *a, const char *name, struct buf *to)
{
	struct value all;

	assert_ok(describe_fields(every_fields, FIELD_COUNT(every_fields), a,
				  &all));
	assert_int_equal(all.of.n, FIELD_COUNT(every_fields));
	buf_reset(to);
	for (size_t i = 0; i < all.of.n; i++) {
		const struct value *v = &all.of.items[i].value;

		if (strcmp(value_get_text(v, "name"), name) == 0) {
			assert_ok(schema_value_encode(v, 0, to));
		}
	}
	assert_ok(buf_put(to, "", 1));
	return (const char *)to->data;
}

static void
members_are_described(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	assert_string_equal(described(a, "prose", &b),
			    "{\"name\":\"prose\",\"type\":\"text\","
			    "\"optional\":true,\"min\":1,\"max\":100,"
			    "\"free_text\":true,"
			    "\"help\":\"what people write\"}");
	assert_string_equal(described(a, "until", &b),
			    "{\"name\":\"until\",\"type\":\"time\","
			    "\"optional\":true,\"future\":true,"
			    "\"help\":\"may lie ahead\"}");
	assert_string_equal(described(a, "channels", &b),
			    "{\"name\":\"channels\",\"type\":\"list\","
			    "\"optional\":true,\"min\":0,\"max\":1000,"
			    "\"names\":[\"portal\",\"email\",\"post\"],"
			    "\"item\":\"enum\",\"help\":\"channels\"}");
	assert_non_null(strstr(described(a, "events", &b),
			       "\"item\":\"object\",\"fields\":[{\"name\":"
			       "\"at\",\"type\":\"time\""));
	buf_clear(&b);
	arena_free(a);
}

static void
every_type_has_its_word(void **state)
{
	(void)state;
	for (int t = FIELD_TEXT; t <= FIELD_LIST; t++) {
		const char *word = describe_type((enum field_type)t);

		assert_string_not_equal(word, "unknown");
		for (int u = FIELD_TEXT; u < t; u++) {
			assert_string_not_equal(
				word, describe_type((enum field_type)u));
		}
	}
}

static void
no_memory_is_told(void **state)
{
	struct arena *a = arena_new(256);
	struct value v;

	(void)state;
	assert_err(ERR_NOMEM,
		   describe_fields(every_fields, FIELD_COUNT(every_fields), a,
				   &v));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_described),
		cmocka_unit_test(every_type_has_its_word),
		cmocka_unit_test(no_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

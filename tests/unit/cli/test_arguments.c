/* Words of a verb as the body of its operation. */

#include <sysexits.h>

#include "ninety/arguments.h"
#include "support/test.h"
#include "wire/schema.h"

struct inner {
	const char *email;
	const char *city;
};
struct outer {
	const char *type;
	const char *name;
	int64_t at;
	int64_t limit;
	bool dry_run;
	const char **fields;
	size_t n_fields;
	struct inner identity;
	struct value data;
};

static const struct field inner_rows[] = {
	F_MAY(struct inner, email, FIELD_EMAIL, "e-mail"),
	F_MAY(struct inner, city, FIELD_TEXT, "city"),
};
static const struct field outer_rows[] = {
	F_MUST(struct outer, type, FIELD_TEXT, "type"),
	F_MAY(struct outer, name, FIELD_TEXT, "name"),
	F_MAY(struct outer, at, FIELD_TIME, "at"),
	F_INT(struct outer, limit, FIELD_OPTIONAL, 1, 10, "limit"),
	F_MAY(struct outer, dry_run, FIELD_BOOL, "only try"),
	F_LIST_OF(struct outer, fields, FIELD_OPTIONAL, FIELD_TEXT, 10, "f"),
	F_OBJECT(struct outer, identity, inner_rows, "who"),
	F_MAY(struct outer, data, FIELD_VALUE, "data"),
};
static const struct field_table table = FIELD_TABLE(struct outer, outer_rows);
static const char *const positions[] = {"type", "name", NULL};

#define BODY(expected, ...)                                                    \
	do {                                                                   \
		char *words_[] = {(char *)(uintptr_t) "verb", __VA_ARGS__};    \
		body_is(expected, words_, (int)FIELD_COUNT(words_));           \
	} while (0)
#define REFUSED(...)                                                           \
	do {                                                                   \
		char *words_[] = {(char *)(uintptr_t) "verb", __VA_ARGS__};    \
		is_refused(words_, (int)FIELD_COUNT(words_));                  \
	} while (0)
#define W(text) ((char *)(uintptr_t)(text))

static void
body_is(const char *expected, char **words, int n)
{
	struct arena *a = arena_new(1 << 20);
	struct value v;
	struct buf text;

	buf_init(&text, 1 << 16);
	assert_int_equal(arguments_body(&table, positions, n, words, a, &v), 0);
	assert_int_equal(schema_value_encode(&v, 0, &text), 0);
	assert_int_equal(buf_put(&text, "", 1), 0);
	assert_string_equal((const char *)text.data, expected);
	buf_clear(&text);
	arena_free(a);
}

static void
is_refused(char **words, int n)
{
	struct arena *a = arena_new(1 << 20);
	struct value v;

	assert_int_equal(arguments_body(&table, positions, n, words, a, &v),
			 EX_USAGE);
	arena_free(a);
}

static void
words_become_members(void **state)
{
	(void)state;
	BODY("{\"type\":\"access\",\"name\":\"x\"}", W("access"), W("x"));
	BODY("{\"type\":\"access\",\"limit\":7,\"dry_run\":true}", W("access"),
	     W("--limit"), W("7"), W("--dry-run"));
	BODY("{\"type\":\"a\",\"dry_run\":false}", W("a"),
	     W("--dry-run=false"));
	BODY("{\"type\":\"a\",\"at\":\"2026-01-02T00:00:00.000Z\"}", W("a"),
	     W("--at"), W("2026-01-02"));
	BODY("{\"type\":\"a\",\"at\":\"2026-01-02T03:04:05Z\"}", W("a"),
	     W("--at=2026-01-02T03:04:05Z"));
}

static void
members_below_go_by_path_or_name(void **state)
{
	(void)state;
	BODY("{\"type\":\"a\",\"identity\":{\"email\":\"e\",\"city\":\"c\"}}",
	     W("a"), W("--identity.email"), W("e"), W("--city"), W("c"));
}

static void
lists_and_json_are_taken(void **state)
{
	(void)state;
	BODY("{\"type\":\"a\",\"fields\":[\"x\",\"y\",\"z\"]}", W("a"),
	     W("--fields"), W("x,y"), W("--fields"), W("z"));
	BODY("{\"type\":\"a\",\"data\":{\"k\":1}}", W("a"), W("--data"),
	     W("{\"k\": 1}"));
	BODY("{\"type\":\"b\"}", W("{\"type\": \"b\"}"));
}

static void
what_cannot_be_sent_is_refused(void **state)
{
	(void)state;
	REFUSED(W("a"), W("--limit"), W("many"));
	REFUSED(W("a"), W("--limit"));
	REFUSED(W("a"), W("--no-such"), W("x"));
	REFUSED(W("a"), W("--name"), W("x"), W("--name"), W("y"));
	REFUSED(W("a"), W("--data"), W("{"));
	REFUSED(W("a"), W("b"), W("c"));
	REFUSED(W("--limit"), W("1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_members),
		cmocka_unit_test(members_below_go_by_path_or_name),
		cmocka_unit_test(lists_and_json_are_taken),
		cmocka_unit_test(what_cannot_be_sent_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "support/test.h"

#include "front/calls.h"

static struct call_origin
origin(uint8_t n)
{
	struct call_origin o = {.caller = "somebody"};

	o.routing_id[4] = n;
	return o;
}

static void
token_leads_back_once(void **state)
{
	struct calls *c = calls_new(4);
	struct call_origin o = origin(9);
	struct call_origin back;
	uint64_t token = calls_add(c, &o);

	(void)state;
	assert_true(calls_take(c, token, &back));
	assert_int_equal(9, back.routing_id[4]);
	assert_false(calls_take(c, token, &back));
	calls_free(c);
}

static void
token_of_a_reused_place_is_another(void **state)
{
	struct calls *c = calls_new(1);
	struct call_origin a = origin(1);
	struct call_origin b = origin(2);
	struct call_origin back;
	uint64_t first = calls_add(c, &a);
	uint64_t second;

	(void)state;
	assert_true(calls_take(c, first, &back));
	second = calls_add(c, &b);
	assert_true(first != second);
	assert_false(calls_take(c, first, &back));
	assert_true(calls_take(c, second, &back));
	assert_int_equal(2, back.routing_id[4]);
	calls_free(c);
}

static void
invented_tokens_find_nothing(void **state)
{
	struct calls *c = calls_new(8);
	struct call_origin back;

	(void)state;
	assert_false(calls_take(c, 0, &back));
	assert_false(calls_take(c, 7, &back));
	assert_false(calls_take(c, 8, &back));
	assert_false(calls_take(c, UINT64_MAX, &back));
	assert_false(calls_take(c, 1ULL << 32, &back));
	calls_free(c);
}

static void
table_is_full_when_all_places_are_used(void **state)
{
	struct calls *c = calls_new(3);
	struct call_origin o = origin(0);
	struct call_origin back;
	uint64_t last = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_false(calls_is_full(c));
		last = calls_add(c, &o);
	}
	assert_true(calls_is_full(c));
	assert_true(calls_take(c, last, &back));
	assert_false(calls_is_full(c));
	calls_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(token_leads_back_once),
		cmocka_unit_test(token_of_a_reused_place_is_another),
		cmocka_unit_test(invented_tokens_find_nothing),
		cmocka_unit_test(table_is_full_when_all_places_are_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* navigation/chunk: one encoding, and nothing else opens. */

#include "support/test.h"

#include "navigation/chunk.h"

static const struct visit_event sample[] = {
	{.at = 1000,
	 .ip = "::1",
	 .user_agent = "M",
	 .language = "en",
	 .page = "/a"},
	{.at = 2000,
	 .ip = "::1",
	 .user_agent = "M",
	 .language = "de",
	 .page = "/b",
	 .action = VISIT_CLICK,
	 .link = "/c",
	 .referrer = "https://example.org/"},
};

static void
pack(struct buf *to)
{
	const struct visit_event *events[] = {&sample[0], &sample[1]};
	size_t n;

	buf_init(to, CHUNK_BYTES_MAX);
	assert_ok(chunk_pack(events, 2, to, &n));
	assert_int_equal(n, 2);
}

static void
round_trip_keeps_every_member(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct visit_event *out;
	struct buf b;
	size_t n;

	(void)state;
	pack(&b);
	assert_ok(chunk_unpack(buf_bytes(&b), a, &out, &n));
	assert_int_equal(n, 2);
	assert_string_equal(out[1].ip, "::1");
	assert_string_equal(out[1].language, "de");
	assert_string_equal(out[1].referrer, "https://example.org/");
	assert_null(out[0].link);
	assert_int_equal(out[1].action, VISIT_CLICK);
	assert_int_equal(out[1].at, 2000);
	buf_clear(&b);
	arena_free(a);
}

static void
every_cut_and_every_surplus_is_corrupt(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct visit_event *out;
	struct buf b;
	size_t n;

	(void)state;
	pack(&b);
	for (size_t i = 0; i < b.len; i++) {
		assert_err(ERR_CORRUPT,
			   chunk_unpack(bytes_of(b.data, i), a, &out, &n));
	}
	assert_ok(buf_put(&b, "", 1));
	assert_err(ERR_CORRUPT, chunk_unpack(buf_bytes(&b), a, &out, &n));
	buf_clear(&b);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip_keeps_every_member),
		cmocka_unit_test(every_cut_and_every_surplus_is_corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

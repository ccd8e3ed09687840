/* Lines of web servers, and of people who wish them harm. */

#include "base/timefmt.h"
#include "ninety/access_log.h"
#include "support/test.h"

static struct access_line line;

static int
parse(const char *text)
{
	return access_log_parse(bytes_str(text), &line);
}

static int64_t
ms(const char *text)
{
	int64_t at;

	assert_int_equal(time_parse(text, &at), 0);
	return at;
}

static void
combined_lines_are_read(void **state)
{
	(void)state;
	assert_int_equal(
		parse("192.0.2.7 - - [23/Nov/2026:21:34:00 +0100] \"GET "
		      "/shop?item=1 HTTP/1.1\" 200 612 "
		      "\"https://x.example/s?q=me\" \"Mozilla/5.0\""),
		0);
	assert_string_equal(line.ip, "192.0.2.7");
	assert_int_equal(line.at_ms, ms("2026-11-23T20:34:00Z"));
	assert_string_equal(line.method, "GET");
	assert_string_equal(line.page, "/shop");
	assert_int_equal(line.status, 200);
	assert_string_equal(line.referrer, "https://x.example/s");
	assert_string_equal(line.user_agent, "Mozilla/5.0");
}

static void
ipv6_and_absent_parts_are_read(void **state)
{
	(void)state;
	assert_int_equal(
		parse("2001:DB8:0::1 - fred x [29/Feb/2024:00:00:00 -0330] "
		      "\"HEAD / HTTP/1.0\" 304 - \"-\" \"-\""),
		0);
	assert_string_equal(line.ip, "2001:db8::1");
	assert_int_equal(line.at_ms, ms("2024-02-29T03:30:00Z"));
	assert_string_equal(line.referrer, "");
	assert_string_equal(line.user_agent, "");
}

static void
escapes_are_undone_and_controls_kept_out(void **state)
{
	(void)state;
	assert_int_equal(
		parse("127.0.0.1 - - [23/Nov/2026:21:34:00 +0000] \"GET "
		      "/\\xC3\\xA4\\x1b HTTP/1.1\" 200 1 \"-\" "
		      "\"a \\\"b\\\" \\x22c\\x22 \\xff\""),
		0);
	assert_string_equal(line.page, "/\xc3\xa4\\x1b");
	assert_string_equal(line.user_agent, "a \"b\" \"c\" \\xff");
}

static void
broken_lines_are_refused(void **state)
{
	static const char *const lines[] = {
		"",
		"x",
		"192.0.2.300 - - [23/Nov/2026:21:34:00 +0100] \"GET / "
		"HTTP/1.1\" 200 1 \"-\" \"-\"",
		"192.0.2.7 - - [31/Nov/2026:21:34:00 +0100] \"GET / "
		"HTTP/1.1\" 200 1 \"-\" \"-\"",
		"192.0.2.7 - - [23/Nov/2026:21:34:00] \"GET / HTTP/1.1\" 200 "
		"1 \"-\" \"-\"",
		"192.0.2.7 - - [23/Nov/2026:21:34:00 +0100] \"\\x16\\x03\" "
		"400 1 \"-\" \"-\"",
		"192.0.2.7 - - [23/Nov/2026:21:34:00 +0100] \"GET / "
		"HTTP/1.1\" 2 1 \"-\" \"-\"",
		"192.0.2.7 - - [23/Nov/2026:21:34:00 +0100] \"GET / "
		"HTTP/1.1\" 200 1 \"-\" \"open",
		"192.0.2.7 - - [23/Nov/2026:21:34:00 +0100] \"GET / "
		"HTTP/1.1\" 200 1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(lines[i]), ERR_INVALID);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(combined_lines_are_read),
		cmocka_unit_test(ipv6_and_absent_parts_are_read),
		cmocka_unit_test(escapes_are_undone_and_controls_kept_out),
		cmocka_unit_test(broken_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

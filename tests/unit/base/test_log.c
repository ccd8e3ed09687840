/* base/log: a line is one JSON object, however long its values. The line is
 * judged by a few rules here; no JSON library is to be found in base. */

#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "support/test.h"

#define CAUGHT_BYTES 4096

/* Runs log_event with stderr in a pipe and returns what it wrote. */
static char *
caught(enum log_level level, const char *event, const struct log_value *values,
       size_t n)
{
	static char text[CAUGHT_BYTES];
	int saved = dup(STDERR_FILENO);
	int pipe_fd[2];
	ssize_t got;

	assert_int_equal(pipe2(pipe_fd, O_NONBLOCK), 0);
	assert_true(dup2(pipe_fd[1], STDERR_FILENO) >= 0);
	log_event(level, event, values, n);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	got = read(pipe_fd[0], text, sizeof(text) - 1);
	text[got < 0 ? 0 : got] = '\0';
	(void)close(saved);
	(void)close(pipe_fd[0]);
	(void)close(pipe_fd[1]);
	return text;
}

/* One flat object on one line: names and texts in quotes, no escapes, no
 * control characters, numbers bare. */
static void
assert_line(const char *text)
{
	const char *p = text;
	bool in_text = false;
	size_t quotes = 0;

	assert_int_equal(*p, '{');
	for (; *p != '\0' && *p != '\n'; p++) {
		unsigned char c = (unsigned char)*p;

		assert_true(c >= 0x20 && c < 0x7f && c != '\\');
		if (c == '"') {
			in_text = !in_text;
			quotes++;
		}
	}
	assert_false(in_text);
	assert_int_equal(quotes % 2, 0);
	assert_string_equal(p, "\n");
	assert_int_equal(p[-1], '}');
}

static void
line_holds_what_it_was_given(void **state)
{
	const struct log_value values[] = {LOG_NUMBER("pid", -42),
					   LOG_TEXT("role", "portal")};
	const char *line = caught(LOG_NOTICE, "started", values, 2);

	(void)state;
	assert_line(line);
	assert_non_null(strstr(line, "\"level\":\"notice\""));
	assert_non_null(strstr(line, "\"program\":\"tester\""));
	assert_non_null(strstr(line, "\"event\":\"started\",\"pid\":-42,"
				     "\"role\":\"portal\"}"));
}

static void
odd_characters_do_not_break_the_line(void **state)
{
	const struct log_value values[] = {
		LOG_TEXT("a", "\"},{\"x\":\"\n\\"),
		LOG_TEXT("b", "\xc3\xa9\x01\x7f"),
		LOG_TEXT("c", ""),
	};

	(void)state;
	assert_line(caught(LOG_ERROR, "odd \" event", values, 3));
}

/* Whatever the lengths, values are there whole or not at all. */
static void
long_values_never_cut_the_line(void **state)
{
	static char text[2000];
	struct log_value values[8];

	(void)state;
	for (size_t length = 0; length < 1500; length += 7) {
		const char *line;

		memset(text, 'x', length);
		text[length] = '\0';
		for (size_t i = 0; i < 8; i++) {
			values[i] = i % 3 == 2 ? LOG_NUMBER("n", INT64_MIN)
					       : LOG_TEXT("t", text);
		}
		line = caught(LOG_WARNING, "long", values, 8);
		assert_line(line);
		assert_true(strlen(line) <= 1024);
	}
	assert_line(caught(LOG_WARNING, text, values, 8));
}

static void
quieter_levels_write_nothing(void **state)
{
	(void)state;
	assert_string_equal(caught(LOG_DEBUG, "detail", NULL, 0), "");
	log_open("tester", LOG_DEBUG);
	assert_line(caught(LOG_DEBUG, "detail", NULL, 0));
}

static int
prepare(void **state)
{
	(void)state;
	log_open("tester", LOG_NOTICE);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_holds_what_it_was_given),
		cmocka_unit_test(odd_characters_do_not_break_the_line),
		cmocka_unit_test(long_values_never_cut_the_line),
		cmocka_unit_test(quieter_levels_write_nothing),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}

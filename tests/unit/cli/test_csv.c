/* Files of customers, as spreadsheets write them and as they should not be. */

#include <stdio.h>

#include "ninety/customer_row.h"
#include "support/test.h"
#include "wire/schema.h"

struct told {
	char text[4096]; /* "LINE:cell|cell;" or "LINE!fault;" a row */
};

static int
on_row(void *ctx, const struct csv_row *row)
{
	struct told *t = ctx;
	size_t n = strlen(t->text);

	n += (size_t)snprintf(t->text + n, sizeof(t->text) - n, "%lu%s%s",
			      row->line, row->fault != NULL ? "!" : ":",
			      row->fault != NULL ? "bad" : "");
	for (size_t i = 0; i < row->n; i++) {
		n += (size_t)snprintf(t->text + n, sizeof(t->text) - n, "%s%s",
				      i > 0 ? "|" : "", row->cells[i]);
	}
	(void)snprintf(t->text + n, sizeof(t->text) - n, ";");
	return 0;
}

static void
rows_are(const char *file, const char *expected)
{
	struct told t = {{0}};

	assert_int_equal(csv_rows_read(bytes_str(file), on_row, &t), 0);
	assert_string_equal(t.text, expected);
}

static void
rows_are_read(void **state)
{
	(void)state;
	rows_are("", "");
	rows_are("a,b\nc,d", "1:a|b;2:c|d;");
	rows_are("\xef\xbb\xbf"
		 "a,\"b,c\"\r\n\r\n\"x\"\"y\",\n",
		 "1:a|b,c;3:x\"y|;");
	rows_are("\"two\nlines\",b\nc,d\n", "1:two\nlines|b;3:c|d;");
}

static void
bad_rows_are_told_and_the_next_goes_on(void **state)
{
	(void)state;
	rows_are("a,b\nx\"y,z\nc,d\n", "1:a|b;2!bad;3:c|d;");
	rows_are("a\nJ\xfcrgen\nc\n", "1:a;2!bad;3:c;");
	rows_are("a,b\nc,\"open\nd,e\n", "1:a|b;2!bad;");
}

static int
on_customer(void *ctx, const struct csv_row *row)
{
	static struct customer_header header;
	struct told *t = ctx;
	struct arena *a = arena_new(1 << 20);
	struct value body;
	struct buf text;

	if (row->line == 1) {
		assert_null(customer_header_read(row, a, &header));
	} else {
		buf_init(&text, sizeof(t->text));
		assert_null(customer_row_read(&header, row, a, &body));
		assert_int_equal(schema_value_encode(&body, 0, &text), 0);
		memcpy(t->text, text.data, text.len);
		buf_clear(&text);
	}
	arena_free(a);
	return 0;
}

static void
a_row_becomes_a_registration(void **state)
{
	static const char file[] =
		"email,name,birth_date,country,terms_version,"
		"terms_accepted_at,city,legal_capacity_at,company\n"
		"a@b.example,Ada,2009-01-02,DE,3,2024-01-01,Ulm,2024-01-01,\n";
	struct told t = {{0}};

	(void)state;
	assert_int_equal(csv_rows_read(bytes_str(file), on_customer, &t), 0);
	assert_string_equal(
		t.text,
		"{\"contact\":{\"email\":\"a@b.example\",\"name\":\"Ada\","
		"\"address\":{\"city\":\"Ulm\"}},\"birth_date\":"
		"\"2009-01-02\",\"country\":\"DE\",\"terms\":{\"version\":"
		"\"3\",\"accepted_at\":\"2024-01-01T00:00:00.000Z\"},"
		"\"legal_capacity\":{\"at\":\"2024-01-01T00:00:00.000Z\","
		"\"stipulated\":true}}");
}

static int
on_bad_header(void *ctx, const struct csv_row *row)
{
	struct arena *a = arena_new(1 << 16);
	struct customer_header header;

	(void)ctx;
	assert_non_null(customer_header_read(row, a, &header));
	arena_free(a);
	return 0;
}

static void
headers_are_checked(void **state)
{
	(void)state;
	assert_int_equal(
		csv_rows_read(bytes_str("email\n"), on_bad_header, NULL), 0);
	assert_int_equal(
		csv_rows_read(bytes_str("birth_date,country,name,email,"
					"terms_version,terms_accepted_at,"
					"email\n"),
			      on_bad_header, NULL),
		0);
	assert_int_equal(
		csv_rows_read(bytes_str("birth_date,country,name,email,"
					"terms_version,terms_accepted_at,"
					"shoe_size\n"),
			      on_bad_header, NULL),
		0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_read),
		cmocka_unit_test(bad_rows_are_told_and_the_next_goes_on),
		cmocka_unit_test(a_row_becomes_a_registration),
		cmocka_unit_test(headers_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

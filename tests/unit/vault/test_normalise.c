/* vault/normalise: what is the same address, the same number. */

#include "support/test.h"

#include "vault/normalise.h"

static struct arena *arena;

static int
open_arena(void **state)
{
	(void)state;
	arena = arena_new(1u << 16);
	return arena == NULL ? -1 : 0;
}

static int
close_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
addresses_compare_without_case_and_blanks(void **state)
{
	static const struct {
		const char *sent;
		const char *normal;
	} rows[] = {
		{"ada@example.com", "ada@example.com"},
		{"  Ada@Example.COM\t", "ada@example.com"},
		{"\"a@b\"@Example.com", "\"a@b\"@example.com"},
		{"M\xc3\x9cLLER@example.de", "m\xc3\xbcller@example.de"},
		{"\xce\xa3@example.gr", "\xcf\x83@example.gr"},
		{"\xd0\x96@example.ru", "\xd0\xb6@example.ru"},
		{"\xc5\xa0@example.cz", "\xc5\xa1@example.cz"},
		{"\xc5\xbb@example.pl", "\xc5\xbc@example.pl"},
		/* no case of its own, or none that is simple */
		{"\xc3\x97@x.y", "\xc3\x97@x.y"},
		{"\xe4\xb8\xad@x.y", "\xe4\xb8\xad@x.y"},
		{"\xc4\xb0@x.y", "\xc4\xb0@x.y"},
	};
	const char *out;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_ok(normalise_email(rows[i].sent, arena, &out));
		assert_string_equal(out, rows[i].normal);
		/* What is normal stays as it is. */
		assert_ok(normalise_email(rows[i].normal, arena, &out));
		assert_string_equal(out, rows[i].normal);
	}
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"   ",
		"@example.com",
		"ada@",
		"ada",
		"a b@c.d",
		"a\nb@c.d",
		"\xff@c.d",
		"\xc3@c",
		"\xc0\xaf@c.d",
		"\xed\xa0\x80@c.d",
		"a\x7f@c.d",
		"a\xc2\xa0@c.d",
	};
	char longer[EMAIL_BYTES_MAX + 2];
	const char *out;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_err(ERR_INVALID, normalise_email(rows[i], arena, &out));
	}
	memset(longer, 'a', sizeof(longer));
	memcpy(longer + 10, "@", 1);
	longer[EMAIL_BYTES_MAX] = '\0';
	assert_ok(normalise_email(longer, arena, &out));
	longer[EMAIL_BYTES_MAX] = 'a';
	longer[EMAIL_BYTES_MAX + 1] = '\0';
	assert_err(ERR_INVALID, normalise_email(longer, arena, &out));
}

static void
numbers_are_e164(void **state)
{
	static const char *const bad[] = {
		"",           "+",           "+12",     "555",
		"0015550100", "+0155501001", "+1555x0", "+1234567890123456",
	};
	const char *out;

	(void)state;
	assert_ok(normalise_phone(" +1 (555) 010-0199 ", arena, &out));
	assert_string_equal(out, "+15550100199");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_err(ERR_INVALID, normalise_phone(bad[i], arena, &out));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_compare_without_case_and_blanks),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(numbers_are_e164),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}

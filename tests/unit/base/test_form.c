/* Forms of addresses, numbers, codes and keys. */

#include <ctype.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/form.h"
#include "support/test.h"

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef int form_check(const char *text, size_t n);

static void
expect(form_check *check, const char *const *good, const char *const *bad)
{
	for (; *good != NULL; good++) {
		if (check(*good, strlen(*good)) != 0) {
			fail_msg("refused: %s", *good);
		}
	}
	for (; *bad != NULL; bad++) {
		if (check(*bad, strlen(*bad)) != ERR_INVALID) {
			fail_msg("taken: %s", *bad);
		}
	}
}

static void
emails(void **state)
{
	static const char *const good[] = {
		"a@b", "Ann.Lee+tag@mail.example.org", " a@b.c \t",
		"j\xc3\xb6rg@b\xc3\xbc" "cher.example", "o'neil@x-y.example",
		L63 "a@" L63 "." L63, NULL};
	static const char *const bad[] = {
		"", " ", "a", "@b", "a@", "a@b@c", "a b@c", "a@b c", "a@.b",
		"a@b..c", "a@b.", "a@-b", "a@b-", "a@b-.c", "a@[1.2.3.4]", "a@b.c\n",
		"<a@b.c>", "a,b@c", "a@b_c", "a\x7f@b", "a\xc2\x85@b",
		L63 "aa@b", "a@" L63 "a", NULL};

	(void)state;
	expect(form_email, good, bad);
}

static void
phones(void **state)
{
	static const char *const good[] = {"+4930123456", "+12025550123",
					   "+6834000", "+123456789012345",
					   NULL};
	static const char *const bad[] = {"", "+", "030123456", "4930123456",
					  "+0123456789", "+49 30 123456",
					  "+49-30-123456", "+123456",
					  "+1234567890123456", "+4930123456a",
					  NULL};

	(void)state;
	expect(form_phone, good, bad);
}

static void
countries_and_regions(void **state)
{
	static const char *const good[] = {"DE", "US", "GB", "XK", "ZW",
					   "AD", NULL};
	static const char *const bad[] = {"", "D", "de", "De", "UK", "EU",
					  "ZZ", "DEU", "D1", "D\xc3", NULL};
	static const char *const good_r[] = {"US-CA", "DE-BE", "FR-75C",
					     "AT-9", "GB-ENG", NULL};
	static const char *const bad_r[] = {"", "US", "US-", "CA", "US-ca",
					    "US_CA", "ZZ-CA", "US-CALI",
					    "US-C ", NULL};

	(void)state;
	expect(form_country, good, bad);
	expect(form_region, good_r, bad_r);
}

static void
base64_is_strict(void **state)
{
	static const char *const bad[] = {"A", "AA", "AAA", "AA=", "AB==",
					  "AA==\n", " AAA", "AAA_", "AA=A",
					  "====", "AAAA=AAA", NULL};
	struct arena *a = arena_new(4096);
	struct bytes b;

	(void)state;
	for (const char *const *text = bad; *text != NULL; text++) {
		if (base64_decode(bytes_str(*text), a, &b) != ERR_INVALID) {
			fail_msg("taken: %s", *text);
		}
	}
	/* libsodium 1.0.18 by itself takes some bytes above 127. */
	for (unsigned c = 1; c < 256; c++) {
		char text[] = {'q', (char)c, 'f', 'w', 0};
		bool digit = isalnum((int)c) || c == '+' || c == '/';

		assert_int_equal(base64_decode(bytes_str(text), a, &b) == 0,
				 digit && c < 128);
	}
	assert_ok(base64_decode(bytes_str(""), a, &b));
	assert_int_equal(b.n, 0);
	for (size_t n = 0; n < 40; n++) {
		uint8_t raw[40];
		const char *text;

		for (size_t i = 0; i < n; i++) {
			raw[i] = (uint8_t)(i * 37 + n);
		}
		text = base64_encode(bytes_of(raw, n), a);
		assert_non_null(text);
		assert_int_equal(strlen(text), base64_text_bytes(n));
		assert_ok(base64_decode(bytes_str(text), a, &b));
		assert_true(bytes_equal(b, bytes_of(raw, n)));
	}
	arena_free(a);
}

/* The key pair of ZeroMQ RFC 26 and zmq_curve(7). */
static void
curve_keys_as_in_zeromq(void **state)
{
	static const char text[] = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
	static const uint8_t raw[Z85_KEY_BYTES] = {
		0xBB, 0x88, 0x47, 0x1D, 0x65, 0xE2, 0x65, 0x9B,
		0x30, 0xC5, 0x5A, 0x53, 0x21, 0xCE, 0xBB, 0x5A,
		0xAB, 0x2B, 0x70, 0xA3, 0x98, 0x64, 0x5C, 0x26,
		0xDC, 0xA2, 0xB2, 0xFC, 0xB4, 0x3F, 0xC5, 0x18};
	static const char *const bad[] = {
		"", "Yne@$w", "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hIDD",
		"########################################",
		"Yne~$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID", NULL};
	char printed[Z85_KEY_TEXT_BYTES];
	uint8_t key[Z85_KEY_BYTES];

	(void)state;
	assert_ok(z85_decode_key(text, key));
	assert_memory_equal(key, raw, sizeof(raw));
	assert_string_equal(z85_encode_key(raw, printed), text);
	for (const char *const *p = bad; *p != NULL; p++) {
		assert_err(ERR_INVALID, z85_decode_key(*p, key));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(emails),
		cmocka_unit_test(phones),
		cmocka_unit_test(countries_and_regions),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(curve_keys_as_in_zeromq),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

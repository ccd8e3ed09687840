/* Card numbers in texts. */

#include "base/card.h"
#include "support/test.h"

static const struct {
	const char *text;
	bool has;
} cases[] = {
	{"4111111111111111", true},
	{"4111 1111 1111 1111", true},
	{"4111-1111-1111-1111", true},
	{"4111 - 1111 - 1111 - 1111", true},
	{"my card is 4111 1111 1111 1111, thanks", true},
	{"378282246310005", true},
	{"4222222222222", true},
	{"6304000000000000000", true},
	{"order 12 4111111111111111", true},
	{"4111 1111 1111 1111 123", true},
	{"12 34 56 4111 1111 1111 1111 12/30", true},
	{"4111111111111112", false},
	{"41111111111111111111", false},
	{"411111111111", false},
	{"4111.1111.1111.1111", false},
	{"4111 1111\n1111 1111", false},
	{"4111    1111    1111    1111", false},
	{"", false},
	{"no digits here", false},
	{"call +49 30 123456 or come by at 10", false},
};

static void
numbers_are_found_in_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (text_has_card_number(cases[i].text,
					 strlen(cases[i].text)) !=
		    cases[i].has) {
			fail_msg("\"%s\"", cases[i].text);
		}
	}
}

static void
every_wrong_digit_is_noticed(void **state)
{
	char number[] = "4111111111111111";

	(void)state;
	for (size_t i = 0; i < sizeof(number) - 1; i++) {
		char right = number[i];

		for (char c = '0'; c <= '9'; c++) {
			number[i] = c;
			assert_int_equal(luhn_ok(number, sizeof(number) - 1),
					 c == right);
		}
		number[i] = right;
	}
	assert_false(luhn_ok("", 0));
	assert_false(luhn_ok("41a1", 4));
}

static void
a_number_alone_is_checked_whole(void **state)
{
	(void)state;
	assert_true(card_number_ok("4111 1111 1111 1111", 19));
	assert_true(card_number_ok("4111111111111111", 16));
	assert_false(card_number_ok("4111111111111112", 16));
	assert_false(card_number_ok("4111 1111 1111 1111x", 20));
	assert_false(card_number_ok("00000000000000000000", 20));
	assert_false(card_number_ok("0", 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_found_in_texts),
		cmocka_unit_test(every_wrong_digit_is_noticed),
		cmocka_unit_test(a_number_alone_is_checked_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* base/err: the context of a thread, words and classes of codes. */

#include "support/test.h"

static void
every_code_has_a_word(void **state)
{
	(void)state;
	for (int code = ERR_BASE_ + 1; code < ERR_END_; code++) {
		assert_non_null(err_word(code));
		assert_true(err_word(code)[0] != '\0');
		assert_string_not_equal(err_word(code), "unknown");
	}
	assert_string_equal(err_word(0), "ok");
	assert_string_equal(err_word(1), "unknown");
	assert_string_equal(err_word(ERR_END_), "unknown");
	assert_string_equal(err_word(ERR_BASE_), "unknown");
}

static void
inner_code_leaves_as_wire_code(void **state)
{
	(void)state;
	assert_int_equal(err_status(0), 0);
	assert_int_equal(err_status(ERR_HELD), ERR_HELD);
	assert_int_equal(err_status(ERR_INTERNAL), ERR_INTERNAL);
	assert_int_equal(err_status(ERR_FULL), ERR_UNAVAILABLE);
	assert_int_equal(err_status(ERR_NOMEM), ERR_UNAVAILABLE);
	for (int code = ERR_INTERNAL + 1; code < ERR_END_; code++) {
		int status = err_status(code);

		assert_true(status == ERR_UNAVAILABLE ||
			    status == ERR_INTERNAL);
		assert_true(err_sentence(code)[0] != '\0');
	}
	assert_int_equal(err_status(12345), ERR_INTERNAL);
	assert_string_equal(err_sentence(0), "");
}

static void
set_returns_code_and_drops_earlier_context(void **state)
{
	(void)state;
	assert_int_equal(err_field(ERR_INVALID, "at", "too late by %d", 3),
			 ERR_INVALID);
	err_extra_number("tries_left", 2);
	assert_string_equal(err_last()->field, "at");
	assert_string_equal(err_last()->text, "too late by 3");
	assert_int_equal(err_last()->n_extra, 1);
	assert_int_equal(err_set(ERR_STATE, "open"), ERR_STATE);
	assert_int_equal(err_last()->code, ERR_STATE);
	assert_string_equal(err_last()->field, "");
	assert_string_equal(err_last()->text, "open");
	assert_int_equal(err_last()->n_extra, 0);
	err_clear();
	assert_int_equal(err_last()->code, 0);
}

static void
context_may_be_its_own_argument(void **state)
{
	(void)state;
	(void)err_field(ERR_CONFIG, "ages", "line %d", 7);
	(void)err_field(ERR_CONFIG, err_last()->field, "ages.yaml: %s",
			err_last()->text);
	assert_string_equal(err_last()->field, "ages");
	assert_string_equal(err_last()->text, "ages.yaml: line 7");
}

static void
parent_stands_before_field(void **state)
{
	(void)state;
	(void)err_field(ERR_INVALID, "at", "not a time");
	err_field_within("[3]");
	err_field_within("events");
	/* An index needs no dot before it, a member one after it. */
	assert_string_equal(err_last()->field, "events[3].at");
	(void)err_set(ERR_INVALID, "no field");
	err_field_within("events");
	assert_string_equal(err_last()->field, "");
}

static void
long_texts_are_cut(void **state)
{
	char longer[2 * ERR_TEXT_BYTES];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	(void)err_field(ERR_INVALID, longer, "%s", longer);
	assert_int_equal(strlen(err_last()->text), ERR_TEXT_BYTES - 1);
	assert_int_equal(strlen(err_last()->field), ERR_FIELD_BYTES - 1);
	err_field_within(longer);
	assert_int_equal(strlen(err_last()->field), ERR_FIELD_BYTES - 1);
	for (size_t i = 0; i < 2 * ERR_EXTRA_MAX; i++) {
		err_extra_text("state", longer);
	}
	assert_int_equal(err_last()->n_extra, ERR_EXTRA_MAX);
	assert_int_equal(strlen(err_last()->extra[0].text),
			 sizeof(err_last()->extra[0].text) - 1);
}

static void
class_decides_what_is_done(void **state)
{
	(void)state;
	assert_int_equal(err_class_of(ERR_INVALID), ERR_CLASS_CALLER);
	assert_int_equal(err_class_of(ERR_HELD), ERR_CLASS_STATE);
	assert_int_equal(err_class_of(ERR_FULL), ERR_CLASS_RESOURCE);
	assert_int_equal(err_class_of(ERR_SEAL), ERR_CLASS_INTEGRITY);
	assert_int_equal(err_class_of(ERR_RETRY), ERR_CLASS_RETRY);
	assert_int_equal(err_class_of(ERR_OUTCOME), ERR_CLASS_FATAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_a_word),
		cmocka_unit_test(inner_code_leaves_as_wire_code),
		cmocka_unit_test(set_returns_code_and_drops_earlier_context),
		cmocka_unit_test(context_may_be_its_own_argument),
		cmocka_unit_test(parent_stands_before_field),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(class_decides_what_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

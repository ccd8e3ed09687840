/* request/state: which action leads where. */

#include "support/test.h"

#include "request/state.h"

static void
open_states_end_by_denial_and_revocation(void **state)
{
	enum request_state to;

	(void)state;
	for (int s = REQUEST_OPEN; s <= REQUEST_IN_PROGRESS; s++) {
		assert_ok(state_after((enum request_state)s, ACTION_DENY, &to));
		assert_int_equal(to, REQUEST_DENIED);
		assert_ok(state_after((enum request_state)s, ACTION_REVOKE,
				      &to));
		assert_int_equal(to, REQUEST_REVOKED);
	}
}

static void
ended_states_take_notes_and_notices_alone(void **state)
{
	(void)state;
	for (int s = REQUEST_FULFILLED; s < REQUEST_STATES; s++) {
		for (int a = 0; a < REQUEST_ACTIONS; a++) {
			enum request_state to;
			bool may = a == ACTION_NOTE || a == ACTION_NOTIFY ||
				   (a == ACTION_EXPORT &&
				    s == REQUEST_FULFILLED);
			int rc = state_after((enum request_state)s,
					     (enum request_action)a, &to);

			assert_int_equal(rc, may ? 0 : ERR_STATE);
		}
	}
}

static void
only_verifying_expires(void **state)
{
	enum request_state to;

	(void)state;
	assert_ok(state_after(REQUEST_VERIFYING, ACTION_EXPIRE, &to));
	assert_err(ERR_STATE, state_after(REQUEST_OPEN, ACTION_EXPIRE, &to));
	assert_err(ERR_STATE,
		   state_after(REQUEST_IN_PROGRESS, ACTION_EXPIRE, &to));
}

static void
refusal_names_the_state(void **state)
{
	enum request_state to;

	(void)state;
	assert_err(ERR_STATE, state_after(REQUEST_OPEN, ACTION_FULFIL, &to));
	assert_string_equal(err_last()->extra[0].name, "state");
	assert_string_equal(err_last()->extra[0].text, "open");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_states_end_by_denial_and_revocation),
		cmocka_unit_test(ended_states_take_notes_and_notices_alone),
		cmocka_unit_test(only_verifying_expires),
		cmocka_unit_test(refusal_names_the_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

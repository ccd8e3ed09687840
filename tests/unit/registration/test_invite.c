/* registration/invite: once each, handed out once, gone after the time. */

#include "support/test.h"

#include "registration/account.h"
#include "registration/invite.h"
#include "support/call_env.h"
#include "vault/subject.h"

static struct call_env env;
static char customer[ID_TEXT_BYTES];

static int
open_env(void **state)
{
	(void)state;
	call_env_open(&env);
	call_env_customer(&env, "inviter@example.com", customer);
	return 0;
}

static int
close_env(void **state)
{
	(void)state;
	call_env_close(&env);
	return 0;
}

static int
invite(const char *who, const char *email)
{
	return call_env_run(&env, ROLE_PORTAL, CALL_OP(invite_create),
			    "{\"subject\":\"%s\",\"friend\":{\"name\":"
			    "\"Mary Somerville\",\"email\":\"%s\"}}",
			    who, email);
}

static int
take(const char *id)
{
	return call_env_run(&env, ROLE_PORTAL, CALL_OP(invite_take),
			    "{\"invite\":\"%s\"}", id);
}

static int
expire(void)
{
	bool more;

	return call_env_end(
		&env,
		invite_expire(call_env_begin(&env, ROLE_INTERNAL), &more));
}

static void
contact_is_handed_out_once(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	assert_ok(invite(customer, "mary@example.com"));
	(void)snprintf(id, sizeof(id), "%s", call_env_text(&env, "invite"));
	assert_int_equal(
		vault_env_count_bytes(&env.vault, TABLE_INVITE, "Somerville"),
		0);
	assert_ok(take(id));
	assert_string_equal(call_env_text(&env, "friend.email"),
			    "mary@example.com");
	assert_string_equal(call_env_text(&env, "friend.name"),
			    "Mary Somerville");
	/* The answer's slot goes with the invitation. */
	assert_true(env.call.reply_slot != SLOT_NONE);
	assert_err(ERR_NOT_FOUND, take(id));
	assert_int_equal(call_env_erase(&env), 1);
	assert_err(ERR_NOT_FOUND, take(id));
}

static void
friend_is_invited_once_until_the_time_is_over(void **state)
{
	char other[ID_TEXT_BYTES];
	char id[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "second@example.com", other);
	assert_ok(invite(customer, "once@example.com"));
	(void)snprintf(id, sizeof(id), "%s", call_env_text(&env, "invite"));
	assert_err(ERR_EXISTS, invite(customer, "once@example.com"));
	assert_string_equal(env.refusal.field, "friend.email");
	assert_err(ERR_EXISTS, invite(other, " ONCE@example.com "));
	assert_ok(take(id));
	assert_err(ERR_EXISTS, invite(other, "once@example.com"));
	call_env_advance(&env, 30 * MS_PER_DAY);
	assert_ok(invite(other, "once@example.com"));
	/* Not taken, and over: gone. */
	(void)snprintf(id, sizeof(id), "%s", call_env_text(&env, "invite"));
	call_env_advance(&env, 30 * MS_PER_DAY);
	assert_err(ERR_NOT_FOUND, take(id));
	call_env_advance(&env, -60 * MS_PER_DAY);
}

static void
what_is_over_goes_whole(void **state)
{
	char id[ID_TEXT_BYTES];
	struct txn *t;
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;
	size_t n = 0;

	(void)state;
	assert_ok(invite(customer, "gone@example.com"));
	(void)snprintf(id, sizeof(id), "%s", call_env_text(&env, "invite"));
	assert_ok(expire());
	assert_int_equal(call_env_leaves(&env, LEAF_INVITE_EXPIRED), 0);
	call_env_advance(&env, 61 * MS_PER_DAY);
	assert_ok(expire());
	assert_int_equal(call_env_leaves(&env, LEAF_INVITE_EXPIRED), 1);
	/* Its own slot and the bucket's, for each that was there. */
	assert_true(call_env_erase(&env) >= 2);
	t = store_env_snapshot(&env.vault.store);
	assert_ok(range_open(t, TABLE_INVITE, bytes_of(NULL, 0),
			     bytes_of(NULL, 0), 0, &r));
	while (range_next(r, &key, &value) == 1) {
		n++;
	}
	range_close(r);
	snapshot_close(t);
	assert_int_equal(n, 0);
	assert_err(ERR_NOT_FOUND, take(id));
	assert_ok(invite(customer, "gone@example.com"));
	call_env_advance(&env, -61 * MS_PER_DAY);
}

static void
only_open_accounts_invite(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "blocked@example.com", id);
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP_QUIET(subject_block),
			       "{\"subject\":\"%s\",\"reason\":\"r\"}", id));
	assert_err(ERR_STATE, invite(id, "x@example.com"));
	assert_string_equal(env.refusal.extra[0].text, "blocked");
	assert_err(ERR_INVALID, invite(customer, "no address"));
	assert_string_equal(env.refusal.field, "friend.email");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contact_is_handed_out_once),
		cmocka_unit_test(friend_is_invited_once_until_the_time_is_over),
		cmocka_unit_test(what_is_over_goes_whole),
		cmocka_unit_test(only_open_accounts_invite),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}

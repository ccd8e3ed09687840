/* The road of a call through a whole core: roles, framing, repeated ids, the
 * log. */

#include "policy/role.h"
#include "support/core_env.h"
#include "support/test.h"

static int
setup(void **state)
{
	static struct core_env e;

	core_env_open(&e, NULL);
	*state = &e;
	return 0;
}

static int
teardown(void **state)
{
	core_env_close(*state);
	return 0;
}

static void
ping_is_answered(void **state)
{
	struct core_env *e = *state;

	core_env_ok(e, ROLE_PORTAL, "service.ping", "{}");
	assert_non_null(core_env_text(e, "version"));
}

static void
unknown_operation_is_named(void **state)
{
	core_env_refused(*state, ROLE_PORTAL, "service.nothing", "{}",
			 "unknown_operation", NULL);
}

static void
role_comes_before_content(void **state)
{
	core_env_refused(*state, ROLE_PORTAL, "principal.add", "{broken",
			 "denied", NULL);
}

static void
stranger_gets_silence(void **state)
{
	struct core_env *e = *state;
	struct origin from = {.token = 99, .roles = ROLE_ENROLLED};
	struct frames frames;
	struct id id = {{1}};
	uint8_t stranger[32] = {0xee};
	int64_t wait_ms;

	frames_build_request("service.ping", &id, bytes_str("{}"), &frames);
	e->answered = false;
	assert_ok(core_call(e->core, from, stranger, &frames));
	assert_ok(core_turn(e->core, &wait_ms));
	assert_false(e->answered);
}

#define SOME_KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

static void
repeated_write_has_its_effect_once(void **state)
{
	struct core_env *e = *state;
	struct id id = id_new(e->clock.wall, &e->keys.entropy.base);
	const char *body = "{\"name\":\"anna\",\"public_key\":\"" SOME_KEY
			   "\",\"roles\":[\"support\",\"compliance\"]}";

	core_env_call_id(e, ROLE_ADMIN, "principal.add", &id, body);
	assert_string_equal(e->status, "ok");
	assert_int_equal(e->n_keys_seen, 7);
	core_env_call_id(e, ROLE_ADMIN, "principal.add", &id, body);
	assert_string_equal(e->status, "ok");
	core_env_call_id(e, ROLE_ADMIN, "principal.add", &id,
			 "{\"name\":\"berta\",\"public_key\":\"" SOME_KEY
			 "\",\"roles\":[\"support\"]}");
	assert_string_equal(e->status, "conflict");
	core_env_refused(e, ROLE_ADMIN, "principal.add", body, "exists",
			 "name");
	core_env_ok(e, ROLE_ADMIN, "principal.revoke",
		    "{\"name\":\"anna\"}");
	assert_int_equal(e->n_keys_seen, 6);
}

static void
id_of_a_write_is_no_id_for_a_read(void **state)
{
	struct core_env *e = *state;
	struct id id = id_new(e->clock.wall, &e->keys.entropy.base);

	core_env_call_id(e, ROLE_PORTAL, "inquiry.record", &id,
			 "{\"contact\":{\"name\":\"Ada\",\"email\":"
			 "\"ada@example.org\"},\"interest\":\"phones\","
			 "\"message\":\"call me\"}");
	assert_string_equal(e->status, "ok");
	core_env_call_id(e, ROLE_PORTAL, "service.ping", &id, "{}");
	assert_string_equal(e->status, "conflict");
	core_env_call_id(e, ROLE_PORTAL, "request.list", &id, "{}");
	assert_string_equal(e->status, "conflict");
	/* Another caller's ids are its own; a read's id is a new read's. */
	core_env_call_id(e, ROLE_SUPPORT, "request.list", &id, "{}");
	assert_string_equal(e->status, "ok");
	core_env_call_id(e, ROLE_SUPPORT, "request.list", &id, "{}");
	assert_string_equal(e->status, "ok");
}

static void
members_are_checked_by_name(void **state)
{
	struct core_env *e = *state;

	core_env_refused(e, ROLE_ADMIN, "principal.add",
			 "{\"name\":\"x\"}", "invalid", "public_key");
	core_env_refused(e, ROLE_ADMIN, "principal.add",
			 "{\"name\":\"x\",\"public_key\":\"" SOME_KEY
			 "\",\"roles\":[\"king\"]}",
			 "invalid", "roles[0]");
	core_env_refused(e, ROLE_ADMIN, "service.ping", "{\"a\":1}",
			 "invalid", "a");
}

static void
log_has_a_leaf_of_each_denial_and_signs(void **state)
{
	struct core_env *e = *state;
	int64_t before;

	core_env_ok(e, ROLE_AUDITOR, "audit.entries",
		    "{\"from\":0,\"to\":0}");
	before = core_env_number(e, "size");
	for (int i = 0; i < 5; i++) {
		core_env_refused(e, ROLE_SUPPORT, "principal.list", "{}",
				 "denied", NULL);
	}
	core_env_advance(e, 120000);
	core_env_ok(e, ROLE_AUDITOR, "audit.entries",
		    json_of("{\"from\":%lld,\"to\":%lld}",
			    (long long)before, (long long)before + 10));
	assert_int_equal(core_env_number(e, "size"), before + 2);
	assert_string_equal(core_env_text(e, "items.0.type"), "denied");
	assert_int_equal(core_env_number(e, "items.1.count"), 4);
	core_env_ok(e, ROLE_AUDITOR, "audit.checkpoint", "{}");
	assert_non_null(core_env_text(e, "note"));
	core_env_ok(e, ROLE_AUDITOR, "audit.proof",
		    json_of("{\"index\":%lld}", (long long)before));
	core_env_refused(e, ROLE_AUDITOR, "audit.proof",
			 "{\"index\":3,\"size\":3}", "invalid", "index");
	core_env_refused(e, ROLE_AUDITOR, "audit.proof",
			 "{\"index\":9223372036854775807}", "invalid",
			 "index");
	core_env_refused(e, ROLE_AUDITOR, "audit.proof",
			 "{\"index\":3,\"size\":1000000}", "invalid", "size");
	core_env_refused(e, ROLE_AUDITOR, "audit.consistency",
			 "{\"from\":1,\"to\":1000000}", "invalid", "to");
	core_env_ok(e, ROLE_AUDITOR, "audit.consistency",
		    json_of("{\"from\":1,\"to\":%lld}",
			    (long long)before + 2));
}

static void
describe_lists_every_row(void **state)
{
	struct core_env *e = *state;

	core_env_ok(e, ROLE_PORTAL, "service.describe", "{}");
	for (size_t i = 0; i < n_operations; i++) {
		const struct value *all = value_get(&e->answer, "operations");

		assert_non_null(value_get(all, operations[i].name));
	}
	core_env_ok(e, ROLE_ADMIN, "service.status", "{}");
	core_env_ok(e, ROLE_PORTAL, "policy.show", "{}");
	core_env_ok(e, ROLE_AUDITOR, "key.status", "{}");
	core_env_ok(e, ROLE_ADMIN, "principal.list", "{}");
}

static void
rotation_ends_with_nothing_left(void **state)
{
	struct core_env *e = *state;
	int64_t epoch;

	core_env_ok(e, ROLE_ADMIN, "key.status", "{}");
	epoch = core_env_number(e, "epoch");
	core_env_ok(e, ROLE_ADMIN, "key.rotate", "{}");
	core_env_refused(e, ROLE_ADMIN, "key.rotate", "{}", "state", NULL);
	core_env_settle(e);
	core_env_ok(e, ROLE_ADMIN, "key.status", "{}");
	assert_true(core_env_number(e, "epoch") > epoch);
	assert_int_equal(core_env_number(e, "rotation_left"), 0);
	core_env_ok(e, ROLE_ADMIN, "service.describe", "{}");
}

static void
instance_comes_back_from_disk(void **state)
{
	static struct core_env e;
	const struct core_env_options options = {.on_disk = true};

	(void)state;
	core_env_open(&e, &options);
	core_env_ok(&e, ROLE_ADMIN, "principal.add",
		    "{\"name\":\"anna\",\"public_key\":\"" SOME_KEY
		    "\",\"roles\":[\"support\"]}");
	core_env_restart(&e);
	assert_int_equal(e.n_keys_seen, 7);
	core_env_advance(&e, 60000);
	core_env_ok(&e, ROLE_AUDITOR, "audit.checkpoint", "{}");
	core_env_restart(&e);
	core_env_ok(&e, ROLE_AUDITOR, "audit.checkpoint", "{}");
	core_env_ok(&e, ROLE_ADMIN, "backup.create",
		    json_of("{\"directory\":\"%s/backup\"}", e.directory));
	assert_true(core_env_number(&e, "files") > 0);
	core_env_refused(&e, ROLE_ADMIN, "backup.create",
			 json_of("{\"directory\":\"%s/backup\"}",
				 e.directory),
			 "exists", "directory");
	core_env_close(&e);
}

static void
one_caller_takes_no_more_than_its_share(void **state)
{
	struct core_env e;
	struct origin from = {.token = 1, .roles = ROLE_ENROLLED};
	const struct core_env_options options = {.calls_per_key_max = 4};
	struct frames frames;
	int64_t wait_ms;
	struct id id;

	(void)state;
	core_env_open(&e, &options);
	for (unsigned i = 0; i < 5; i++) {
		id = id_new(e.clock.wall, &e.keys.entropy.base);
		frames_build_request("service.ping", &id, bytes_str("{}"),
				     &frames);
		assert_ok(core_call(e.core, from, core_env_key(ROLE_PORTAL),
				    &frames));
	}
	assert_ok(core_turn(e.core, &wait_ms));
	assert_string_equal(e.status, "busy");
	core_env_ok(&e, ROLE_PORTAL, "service.ping", "{}");
	core_env_close(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ping_is_answered),
		cmocka_unit_test(unknown_operation_is_named),
		cmocka_unit_test(role_comes_before_content),
		cmocka_unit_test(stranger_gets_silence),
		cmocka_unit_test(repeated_write_has_its_effect_once),
		cmocka_unit_test(id_of_a_write_is_no_id_for_a_read),
		cmocka_unit_test(members_are_checked_by_name),
		cmocka_unit_test(log_has_a_leaf_of_each_denial_and_signs),
		cmocka_unit_test(describe_lists_every_row),
		cmocka_unit_test(instance_comes_back_from_disk),
		cmocka_unit_test(one_caller_takes_no_more_than_its_share),
		cmocka_unit_test(rotation_ends_with_nothing_left),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

#include "support/test.h"

#include <errno.h>
#include <signal.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <zmq.h>

#include "support/front_env.h"

#define WAIT_MS 5000

static struct front_env env;

static int
start(void **state)
{
	(void)state;
	front_env_start(&env, NULL, NULL);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	return front_env_stop(&env);
}

static struct ninety_client *
client(bool is_enrolled)
{
	struct ninety_key key;
	struct ninety_client *c;

	front_env_key(&env, is_enrolled, &key);
	assert_int_equal(NINETY_DONE, ninety_client_open(&key, &c));
	ninety_key_wipe(&key);
	return c;
}

static void
ping(struct ninety_client *c)
{
	struct ninety_reply r;

	assert_int_equal(NINETY_DONE,
			 ninety_call(c, "service.ping", "{\"a\":1}", WAIT_MS,
				     &r));
	assert_string_equal("ok", r.status);
	assert_string_equal("{\"a\":1}", r.body);
}

static void
enrolled_client_gets_its_answers(void **state)
{
	struct ninety_client *c = client(true);

	(void)state;
	for (int i = 0; i < 100; i++) {
		ping(c);
	}
	ninety_client_close(c);
}

static void
window_of_calls_is_answered(void **state)
{
	struct ninety_client *c = client(true);
	struct ninety_reply r;
	unsigned char id[NINETY_CALL_ID_BYTES] = {0};
	int got = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		memcpy(id, &i, sizeof(i));
		assert_int_equal(NINETY_DONE,
				 ninety_send(c, id, "service.ping", "x", 1));
	}
	while (got < 2000) {
		assert_int_equal(NINETY_DONE,
				 ninety_receive(c, WAIT_MS, &r));
		got++;
	}
	ninety_client_close(c);
}

static void
largest_message_passes(void **state)
{
	struct ninety_client *c = client(true);
	struct ninety_reply r;
	char *body = malloc(NINETY_MESSAGE_BYTES_MAX);
	const size_t n = NINETY_MESSAGE_BYTES_MAX - 100;

	(void)state;
	memset(body, 'x', n);
	body[n] = '\0';
	assert_int_equal(NINETY_DONE,
			 ninety_call(c, "echo", body, WAIT_MS, &r));
	assert_int_equal(n, r.body_bytes);
	free(body);
	ninety_client_close(c);
}

static void
unknown_key_is_refused_and_told_so(void **state)
{
	struct ninety_client *c = client(false);
	struct ninety_client *good = client(true);
	struct ninety_reply r;

	(void)state;
	assert_int_equal(NINETY_REFUSED,
			 ninety_call(c, "service.ping", NULL, WAIT_MS, &r));
	ping(good);
	ninety_client_close(c);
	ninety_client_close(good);
}

static void
wrong_server_key_is_unreachable(void **state)
{
	struct ninety_key key;
	struct ninety_key other;
	struct ninety_client *c;
	struct ninety_reply r;

	(void)state;
	front_env_key(&env, true, &key);
	assert_int_equal(NINETY_DONE, ninety_key_generate(&other));
	memcpy(key.server_key, other.public_key, sizeof(key.server_key));
	assert_int_equal(NINETY_DONE, ninety_client_open(&key, &c));
	assert_int_equal(NINETY_UNREACHABLE,
			 ninety_call(c, "service.ping", NULL, WAIT_MS, &r));
	ninety_client_close(c);
}

static void
nobody_at_home_is_unreachable(void **state)
{
	struct ninety_key key;
	struct ninety_client *c;
	struct ninety_reply r;

	(void)state;
	front_env_key(&env, true, &key);
	(void)snprintf(key.endpoint, sizeof(key.endpoint),
		       "tcp://127.0.0.1:%d", front_env_free_port());
	assert_int_equal(NINETY_DONE, ninety_client_open(&key, &c));
	assert_int_equal(NINETY_UNREACHABLE,
			 ninety_call(c, "service.ping", NULL, 300, &r));
	ninety_client_close(c);
}

static void
silence_means_unknown(void **state)
{
	struct ninety_client *c = client(true);
	struct ninety_reply r;

	(void)state;
	assert_int_equal(NINETY_TIMEOUT,
			 ninety_call(c, "hush", NULL, 300, &r));
	ping(c);
	ninety_client_close(c);
}

static void
revoked_key_gets_nothing_more(void **state)
{
	struct ninety_client *c = client(true);
	struct ninety_reply r;
	unsigned char id[NINETY_CALL_ID_BYTES] = {1};
	int before;

	(void)state;
	ping(c);
	/* One answer is pending when the key goes. */
	assert_int_equal(NINETY_DONE, ninety_send(c, id, "hold", "", 0));
	while (atomic_load(&env.held) == 0) {
		(void)usleep(1000);
	}
	front_env_revoke_all(&env);
	(void)usleep(100000);
	before = atomic_load(&env.calls);
	atomic_store(&env.is_releasing, true);
	assert_int_equal(NINETY_DONE,
			 ninety_send(c, id, "service.ping", "", 0));
	assert_int_equal(NINETY_TIMEOUT, ninety_receive(c, 500, &r));
	assert_int_equal(before, atomic_load(&env.calls));
	ninety_client_close(c);
}

static void
stats_count_connections_and_refusals(void **state)
{
	struct front_env own;
	struct ninety_key key;
	struct ninety_client *c;
	struct ninety_client *unknown;
	struct ninety_reply r;

	(void)state;
	front_env_start(&own, NULL, NULL);
	front_env_key(&own, true, &key);
	assert_int_equal(NINETY_DONE, ninety_client_open(&key, &c));
	assert_int_equal(NINETY_DONE,
			 ninety_call(c, "service.ping", NULL, WAIT_MS, &r));
	front_env_key(&own, false, &key);
	assert_int_equal(NINETY_DONE, ninety_client_open(&key, &unknown));
	assert_int_equal(NINETY_REFUSED, ninety_call(unknown, "service.ping",
						     NULL, WAIT_MS, &r));
	ninety_client_close(unknown);
	for (int i = 0; i < 300 && (front_env_stats(&own).live != 1 ||
				    front_env_stats(&own).denied == 0);
	     i++) {
		(void)usleep(10000);
	}
	assert_int_equal(1, front_env_stats(&own).live);
	assert_true(front_env_stats(&own).denied >= 1);
	ninety_client_close(c);
	assert_int_equal(0, front_env_stop(&own));
}

static void
answers_go_out_at_an_orderly_stop(void **state)
{
	struct front_env own;
	struct ninety_key key;
	struct ninety_client *c;
	struct ninety_reply r;
	unsigned char id[NINETY_CALL_ID_BYTES] = {1};

	(void)state;
	front_env_start(&own, NULL, NULL);
	front_env_key(&own, true, &key);
	assert_int_equal(NINETY_DONE, ninety_client_open(&key, &c));
	for (int i = 0; i < 100; i++) {
		id[1] = (unsigned char)i;
		assert_int_equal(NINETY_DONE,
				 ninety_send(c, id, "hold", "", 0));
	}
	while (atomic_load(&own.held) < 100) {
		(void)usleep(1000);
	}
	atomic_store(&own.is_releasing, true);
	assert_int_equal(0, front_env_stop(&own));
	for (int i = 0; i < 100; i++) {
		assert_int_equal(NINETY_DONE,
				 ninety_receive(c, WAIT_MS, &r));
		assert_string_equal("held", r.body);
	}
	ninety_client_close(c);
}

static void
ipc_endpoint_serves(void **state)
{
	struct front_env own;
	struct ninety_key key;
	struct ninety_client *c;
	struct ninety_reply r;
	char dir[] = "/tmp/ninety-front-XXXXXX";
	char endpoint[96];
	char path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/s", dir);
	(void)snprintf(endpoint, sizeof(endpoint), "ipc://%s", path);
	front_env_start(&own, endpoint, NULL);
	front_env_key(&own, true, &key);
	assert_int_equal(NINETY_DONE, ninety_client_open(&key, &c));
	assert_int_equal(NINETY_DONE,
			 ninety_call(c, "service.ping", "{}", WAIT_MS, &r));
	ninety_client_close(c);
	assert_int_equal(0, front_env_stop(&own));
	assert_int_equal(-1, access(path, F_OK));
	assert_int_equal(0, rmdir(dir));
}

/* Else whoever knocks between the two is told that the key is not enrolled. */
static void
door_stays_shut_until_the_keys_are_there(void **state)
{
	(void)state;
	assert_int_equal(EX_SOFTWARE, front_env_init_alone());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enrolled_client_gets_its_answers),
		cmocka_unit_test(window_of_calls_is_answered),
		cmocka_unit_test(largest_message_passes),
		cmocka_unit_test(unknown_key_is_refused_and_told_so),
		cmocka_unit_test(wrong_server_key_is_unreachable),
		cmocka_unit_test(nobody_at_home_is_unreachable),
		cmocka_unit_test(silence_means_unknown),
		cmocka_unit_test(revoked_key_gets_nothing_more),
		cmocka_unit_test(stats_count_connections_and_refusals),
		cmocka_unit_test(answers_go_out_at_an_orderly_stop),
		cmocka_unit_test(ipc_endpoint_serves),
		cmocka_unit_test(door_stays_shut_until_the_keys_are_there),
	};

	return cmocka_run_group_tests(tests, start, stop);
}

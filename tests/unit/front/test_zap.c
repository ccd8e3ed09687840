#include "support/test.h"

#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <zmq.h>

#include "front/zap.h"

struct bench {
	void *context;
	struct keytable *keys;
	struct zap *zap;
	void *asker;
	uint8_t known[NINETY_KEY_BYTES];
};

static void
bench_open(struct bench *b)
{
	memset(b->known, 5, sizeof(b->known));
	b->context = zmq_ctx_new();
	b->keys = keytable_new();
	assert_ok(keytable_replace(b->keys, b->known, 1));
	b->zap = zap_start(b->context, b->keys);
	assert_non_null(b->zap);
	b->asker = zmq_socket(b->context, ZMQ_REQ);
	assert_int_equal(0, zmq_connect(b->asker, "inproc://zeromq.zap.01"));
}

static void
bench_close(struct bench *b)
{
	(void)zmq_close(b->asker);
	zap_stopping(b->zap);
	(void)zmq_ctx_shutdown(b->context);
	zap_join(b->zap);
	(void)zmq_ctx_term(b->context);
	keytable_free(b->keys);
}

/* Asks as libzmq does; n_frames of the seven. */
static void
ask(struct bench *b, const char *domain, const char *mechanism,
    const uint8_t *key, size_t key_bytes, int n_frames, char out_status[8],
    char out_user[64])
{
	const struct {
		const void *p;
		size_t n;
	} frames[7] = {{"1.0", 3},
		       {"1", 1},
		       {domain, strlen(domain)},
		       {"127.0.0.1", 9},
		       {"", 0},
		       {mechanism, strlen(mechanism)},
		       {key, key_bytes}};
	char parts[6][64] = {{0}};
	int more = 1;
	size_t size = sizeof(more);

	for (int i = 0; i < n_frames; i++) {
		assert_true(zmq_send(b->asker, frames[i].p, frames[i].n,
				     i + 1 < n_frames ? ZMQ_SNDMORE : 0) >= 0);
	}
	for (int i = 0; more != 0; i++) {
		assert_true(i < 6);
		assert_true(zmq_recv(b->asker, parts[i], 63, 0) >= 0);
		assert_int_equal(0, zmq_getsockopt(b->asker, ZMQ_RCVMORE,
						   &more, &size));
		assert_int_equal(i == 5, more == 0);
	}
	assert_string_equal("1.0", parts[0]);
	memcpy(out_status, parts[2], 8);
	memcpy(out_user, parts[4], 64);
}

static void
enrolled_key_is_its_own_user_id(void **state)
{
	struct bench b;
	char status[8];
	char user[64];
	char text[NINETY_KEY_TEXT_BYTES];

	(void)state;
	bench_open(&b);
	ask(&b, "ninety", "CURVE", b.known, 32, 7, status, user);
	keytable_text(b.known, text);
	assert_string_equal("200", status);
	assert_string_equal(text, user);
	assert_int_equal(0, zap_denied(b.zap));
	bench_close(&b);
}

static void
everything_else_is_refused(void **state)
{
	struct bench b;
	uint8_t unknown[NINETY_KEY_BYTES] = {1};
	uint8_t large[300] = {5};
	char status[8];
	char user[64];

	(void)state;
	bench_open(&b);
	ask(&b, "ninety", "CURVE", unknown, 32, 7, status, user);
	assert_string_equal("400", status);
	assert_string_equal("", user);
	ask(&b, "other", "CURVE", b.known, 32, 7, status, user);
	assert_string_equal("400", status);
	ask(&b, "", "CURVE", b.known, 32, 7, status, user);
	assert_string_equal("400", status);
	ask(&b, "ninety", "NULL", b.known, 32, 7, status, user);
	assert_string_equal("400", status);
	ask(&b, "ninety", "PLAIN", b.known, 32, 7, status, user);
	assert_string_equal("400", status);
	ask(&b, "ninety", "CURVE", b.known, 31, 7, status, user);
	assert_string_equal("400", status);
	ask(&b, "ninety", "CURVE", large, sizeof(large), 7, status, user);
	assert_string_equal("400", status);
	ask(&b, "ninety", "CURVE", b.known, 32, 6, status, user);
	assert_string_equal("400", status);
	assert_int_equal(8, zap_denied(b.zap));
	bench_close(&b);
}

static void
probes_are_refused_and_counted_apart(void **state)
{
	struct bench b;
	char status[8];
	char user[64];

	(void)state;
	bench_open(&b);
	/* Even an enrolled key is refused while it is the probe's. */
	zap_expect_probe(b.zap, b.known);
	ask(&b, "ninety", "CURVE", b.known, 32, 7, status, user);
	assert_string_equal("400", status);
	assert_int_equal(1, zap_probes_refused(b.zap));
	assert_int_equal(0, zap_denied(b.zap));
	bench_close(&b);
}

/* Without its handler libzmq lets everybody in. */
static void
death_of_the_handler_ends_the_process(void **state)
{
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct bench b;

		bench_open(&b);
		(void)zmq_ctx_shutdown(b.context);
		(void)sleep(5);
		_exit(0);
	}
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_true(WIFEXITED(status));
	assert_int_equal(EX_SOFTWARE, WEXITSTATUS(status));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enrolled_key_is_its_own_user_id),
		cmocka_unit_test(everything_else_is_refused),
		cmocka_unit_test(probes_are_refused_and_counted_apart),
		cmocka_unit_test(death_of_the_handler_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

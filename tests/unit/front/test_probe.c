#include "support/test.h"

#include <unistd.h>

#include <zmq.h>

#include "base/clock.h"
#include "front/probe.h"

#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

/* A door with a lock, or one that only looks like it. */
struct door {
	void *context;
	struct keytable *keys;
	struct zap *zap;
	void *router;
	char endpoint[64];
	char *endpoints[1];
	char public_key[NINETY_KEY_TEXT_BYTES];
	struct probe *probe;
};

static int64_t
now_ms(void)
{
	return clock_boot_ms(clock_system());
}

static void
door_open(struct door *d, bool asks_zap)
{
	char secret_key[NINETY_KEY_TEXT_BYTES];
	size_t n = sizeof(d->endpoint);
	int one = 1;

	d->context = zmq_ctx_new();
	d->keys = keytable_new();
	d->zap = zap_start(d->context, d->keys);
	assert_non_null(d->zap);
	d->router = zmq_socket(d->context, ZMQ_ROUTER);
	assert_int_equal(0, zmq_curve_keypair(d->public_key, secret_key));
	assert_int_equal(0, zmq_setsockopt(d->router, ZMQ_CURVE_SERVER, &one,
					   sizeof(one)));
	assert_int_equal(0, zmq_setsockopt(d->router, ZMQ_CURVE_SECRETKEY,
					   secret_key, sizeof(secret_key)));
	if (asks_zap) {
		assert_int_equal(0, zmq_setsockopt(d->router, ZMQ_ZAP_DOMAIN,
						   "ninety", 6));
	}
	/* Enforced without a domain: libzmq lets everybody in. */
	assert_int_equal(0, zmq_setsockopt(d->router, ZMQ_ZAP_ENFORCE_DOMAIN,
					   &one, sizeof(one)));
	assert_int_equal(0, zmq_bind(d->router, "tcp://127.0.0.1:*"));
	assert_int_equal(0, zmq_getsockopt(d->router, ZMQ_LAST_ENDPOINT,
					   d->endpoint, &n));
	d->endpoints[0] = d->endpoint;
	d->probe = probe_start(d->context, d->zap, d->public_key,
			       d->endpoints, 1, now_ms());
	assert_non_null(d->probe);
}

static void
door_close(struct door *d)
{
	int none = 0;

	probe_end(d->probe);
	(void)zmq_setsockopt(d->router, ZMQ_LINGER, &none, sizeof(none));
	(void)zmq_close(d->router);
	zap_stopping(d->zap);
	(void)zmq_ctx_term(d->context);
	zap_join(d->zap);
	keytable_free(d->keys);
}

static void
locked_door_passes(void **state)
{
	struct door d;

	(void)state;
	door_open(&d, true);
	for (int i = 0;
	     i < 400 && probe_state(d.probe, now_ms()) == PROBE_RUNS; i++) {
		(void)usleep(10000);
	}
	assert_int_equal(PROBE_PASSED, probe_state(d.probe, now_ms()));
	door_close(&d);
}

static void
open_door_is_noticed(void **state)
{
	struct door d;
	uint8_t frame[64];
	int n;

	(void)state;
	door_open(&d, false);
	assert_int_equal(5, zmq_recv(d.router, frame, sizeof(frame), 0));
	assert_int_equal(0, zmq_recv(d.router, frame, sizeof(frame), 0));
	n = zmq_recv(d.router, frame, sizeof(frame), 0);
	assert_true(n > 0);
	assert_true(probe_is_message(d.probe, frame, (size_t)n));
	frame[0] ^= 1;
	assert_false(probe_is_message(d.probe, frame, (size_t)n));
	assert_false(probe_is_message(NULL, frame, (size_t)n));
	/* Nobody refused it: it never passes. */
	assert_int_equal(PROBE_RUNS, probe_state(d.probe, now_ms()));
	assert_int_equal(PROBE_FAILED,
			 probe_state(d.probe, now_ms() + PROBE_MS_MAX));
	door_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locked_door_passes),
		cmocka_unit_test(open_door_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

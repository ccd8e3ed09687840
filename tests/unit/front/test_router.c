/* front/router: what libzmq leaves to chance. */

#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include <zmq.h>

#include "front/router.h"

/* The routing id that the first peer of a new ROUTER gets. */
static void
first_id(void *context, uint8_t out[ROUTING_ID_BYTES])
{
	static unsigned n;
	char endpoint[32];
	void *router = zmq_socket(context, ZMQ_ROUTER);
	void *peer = zmq_socket(context, ZMQ_DEALER);

	(void)snprintf(endpoint, sizeof(endpoint), "inproc://%u", n++);
	assert_int_equal(zmq_bind(router, endpoint), 0);
	assert_int_equal(zmq_connect(peer, endpoint), 0);
	assert_int_equal(zmq_send(peer, "x", 1, 0), 1);
	assert_int_equal(zmq_recv(router, out, ROUTING_ID_BYTES, 0),
			 ROUTING_ID_BYTES);
	assert_int_equal(zmq_close(peer), 0);
	assert_int_equal(zmq_close(router), 0);
}

/* A peer that takes the id that libzmq gives next ends the process, so where
 * the ids begin must be known to nobody. By itself libzmq seeds rand() with
 * the time. */
static void
routing_ids_begin_anywhere(void **state)
{
	void *context = zmq_ctx_new();
	/* libzmq seeds when its first socket is made. */
	void *first = zmq_socket(context, ZMQ_REP);
	uint8_t a[ROUTING_ID_BYTES];
	uint8_t b[ROUTING_ID_BYTES];

	(void)state;
	srand(1);
	first_id(context, a);
	srand(1);
	first_id(context, b);
	assert_memory_equal(a, b, sizeof(a));
	for (unsigned i = 0; i < 4; i++) {
		srand(1);
		router_ids_begin();
		first_id(context, b);
		assert_memory_not_equal(a, b, sizeof(a));
		memcpy(a, b, sizeof(a));
	}
	assert_int_equal(zmq_close(first), 0);
	assert_int_equal(zmq_ctx_term(context), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routing_ids_begin_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#ifndef FRONT_ROUTER_H
#define FRONT_ROUTER_H

#include <zmq.h>

#include "front/calls.h"
#include "wire/ipc.h"

/* Makes the ROUTER with all its options and binds it; the handler of the
 * context's ZAP must be there already. Each endpoint is replaced by where it
 * is bound. The descriptor (ZMQ_FD) is readable when libzmq has news for a
 * socket whose last message has been taken. Returns 0 or an exit status: 73 when an endpoint is taken, 78 when
 * it cannot be bound, 71. */
int router_open(void *context, const struct ipc_init *init, char **endpoints,
		size_t n, void **out_router, int *out_fd);

/* Before a ROUTER is made, and after the context's first socket: has libzmq
 * count its routing ids on from where nobody can know. A peer that takes the id
 * which libzmq would give next ends the process (an assertion in 4.3), and by
 * itself libzmq begins at rand(), seeded with the time. router_open does it. */
void router_ids_begin(void);

/* LINGER: at an orderly stop what was answered still goes out. */
void router_close(void *router, int linger_ms);

/* A message's frames after the routing id, as many as anybody looks at:
 * delimiter and content. */
struct incoming {
	uint8_t routing_id[ROUTING_ID_BYTES];
	zmq_msg_t frames[FRAMES_MAX + 1];
	size_t n;
	size_t bytes;
	bool is_fit; /* to be passed on: a fair routing id, an empty
		      * delimiter, content, not too much of it */
};

/* Takes one whole message: 1, 0 when there is none, -1 when the socket is
 * broken (errno). After 1 it must be closed. */
int incoming_take(void *router, struct incoming *in);
void incoming_close(struct incoming *in);

/* Sends one reply to a connection; false when it is gone or takes no more. */
bool router_reply(void *router, const uint8_t routing_id[ROUTING_ID_BYTES],
		  const struct frames *frames);

#endif

#ifndef SUPPORT_RAW_PEER_H
#define SUPPORT_RAW_PEER_H

#include "ninety/client.h"

/* A ZMTP 3.0 peer with CURVE that does what libzmq's own sockets would not:
 * claims any routing id, never ends a message. Blocking, one connection. */
struct raw_peer {
	int socket;
	uint64_t nonce;
	uint8_t shared[32];
};

/* Connects to tcp://127.0.0.1:PORT; 0, or -1 when the handshake fails. */
int raw_peer_open(struct raw_peer *p, const struct ninety_key *key,
		  const void *routing_id, size_t routing_id_bytes);
void raw_peer_close(struct raw_peer *p);

/* One frame; -1 when the other side is gone. */
int raw_peer_send(struct raw_peer *p, const void *frame, size_t n, int more);

#endif

#ifndef CLIENT_DEALER_H
#define CLIENT_DEALER_H

#include <stdbool.h>
#include <stdint.h>

#include "ninety/client.h"

/*
 * One connection to the service, closed and opened again as a call needs it.
 * Results are those of ninety/client.h; deadlines are of the boot clock.
 *
 * Nothing is sent before the handshake is done: so the client knows whether a
 * call has left at all. (ZMQ_IMMEDIATE would see to that as well, but with it
 * libzmq drops the answers that are unread when a connection ends.)
 */

/* Between a lost connection and the next: a service that starts anew. */
#define DEALER_REOPEN_MS 50
#define DEALER_HANDSHAKE_MS 5000

struct dealer {
	const struct ninety_key *key; /* borrowed */
	void *context;
	void *socket; /* NULL: closed */
	void *monitor;
	int socket_fd;
	int news_fd; /* the monitor's */
	int n_foreign;
	bool is_ready;
	bool is_refused;
	bool is_lost;
};

/* NINETY_NO_MEMORY; dealer_clear is right after that too. */
int dealer_init(struct dealer *c, const struct ninety_key *key);
void dealer_clear(struct dealer *c);

/* Begins to connect; no effect on an open one. */
int dealer_open(struct dealer *c);
void dealer_close(struct dealer *c);

/* Waits until the handshake is done. */
int dealer_ready(struct dealer *c, int64_t deadline_ms);

bool dealer_has_room(struct dealer *c);

enum dealer_wait { WAIT_READY, WAIT_ROOM, WAIT_ANSWER };

/* To be called when what is waited for was looked for in vain. NINETY_DONE
 * when it is there, or may be (an answer: look again); NINETY_TIMEOUT at the
 * deadline, NINETY_REFUSED, NINETY_UNREACHABLE. A lost connection ends the
 * wait too when `until_lost`: NINETY_TIMEOUT. */
int dealer_wait(struct dealer *c, enum dealer_wait what, int64_t deadline_ms,
		bool until_lost);

#endif

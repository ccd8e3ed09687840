#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "base/err.h"

/* What the parent and the core say to each other: one datagram a message, over
 * a SOCK_SEQPACKET socket pair, a descriptor with it where one is due. */
enum control_type {
	CONTROL_NONE = 0, /* nothing there */
	/* parent to core */
	CONTROL_FRONT = 'F', /* a front's socket; number: which */
	CONTROL_RELOAD = 'H',
	CONTROL_STOP = 'T',
	CONTROL_PING = 'P',
	/* core to parent */
	CONTROL_READY = 'r',
	CONTROL_RELOADED = 'h',
	CONTROL_REFUSED = 'e', /* the reload; the core has said why */
	CONTROL_PONG = 'p'
};

struct control_message {
	enum control_type type;
	uint8_t number;
	int fd; /* -1: none; the receiver owns it */
};

/* ERR_UNAVAILABLE when the other side is gone, ERR_IO. `fd` is lent. */
int control_send(int socket, enum control_type type, uint8_t number,
		 int fd) MUST_CHECK;

/* Takes one message without waiting. ERR_UNAVAILABLE at the end, ERR_CORRUPT
 * for what is no message. */
int control_take(int socket, struct control_message *out) MUST_CHECK;

#endif

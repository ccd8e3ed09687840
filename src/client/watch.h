#ifndef CLIENT_WATCH_H
#define CLIENT_WATCH_H

/* What became of a connection: libzmq tells it on a monitor socket. */

enum watch_news {
	WATCH_NOTHING,
	WATCH_READY,   /* the handshake succeeded */
	WATCH_REFUSED, /* the service does not know our key */
	WATCH_FOREIGN, /* it is not the service that we have the key of */
	WATCH_LOST     /* connected before, now no more */
};

/* Opens a monitor for the socket; NULL on failure (errno). */
void *watch_open(void *context, void *socket);

/* Closes it; the watched socket must still be open. */
void watch_close(void *monitor, void *socket);

/* Takes one event, without waiting. */
enum watch_news watch_take(void *monitor);

#endif

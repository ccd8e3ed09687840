/* The client's handshake watch. Without it a refused key, a wrong server key
 * and a service that is slow all look like silence. */

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <zmq.h>

#include "client/watch.h"

#define WATCHED                                                               \
	(ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |    \
	 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |                                \
	 ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED)

void *
watch_open(void *context, void *socket)
{
	static atomic_uint number;
	char address[64];
	void *monitor;

	(void)snprintf(address, sizeof(address), "inproc://ninety.watch.%u",
		       atomic_fetch_add(&number, 1));
	if (zmq_socket_monitor(socket, address, WATCHED) != 0) {
		return NULL;
	}
	monitor = zmq_socket(context, ZMQ_PAIR);
	if (monitor == NULL || zmq_connect(monitor, address) != 0) {
		int saved = errno;

		(void)zmq_socket_monitor(socket, NULL, 0);
		if (monitor != NULL) {
			(void)zmq_close(monitor);
		}
		errno = saved;
		return NULL;
	}
	return monitor;
}

void
watch_close(void *monitor, void *socket)
{
	if (monitor != NULL) {
		(void)zmq_socket_monitor(socket, NULL, 0);
		(void)zmq_close(monitor);
	}
}

enum watch_news
watch_take(void *monitor)
{
	uint8_t event[6];
	char address[256];
	uint16_t kind;

	if (zmq_recv(monitor, event, sizeof(event), ZMQ_DONTWAIT) !=
	    (int)sizeof(event)) {
		return WATCH_NOTHING;
	}
	(void)zmq_recv(monitor, address, sizeof(address), ZMQ_DONTWAIT);
	memcpy(&kind, event, sizeof(kind)); /* in the host's order */
	if (kind == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
		return WATCH_READY;
	}
	if (kind == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
		return WATCH_REFUSED;
	}
	if (kind == ZMQ_EVENT_DISCONNECTED) {
		return WATCH_LOST;
	}
	return WATCH_FOREIGN;
}

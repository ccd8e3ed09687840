/* The socket that strangers reach: its options, what is taken from it and sent
 * to it. The reasons behind the options are in SECURITY.md, "ZeroMQ". */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/entropy.h"
#include "base/log.h"
#include "front/router.h"

/* In zmq.h this stands behind the draft switch; the option is in 4.3. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

/* A whole message; a little more than is allowed still gets an answer. */
#define MESSAGE_BYTES_MAX (NINETY_MESSAGE_BYTES_MAX + 1024)
/* What CURVE adds to a frame, so that a frame of the full length passes. */
#define CURVE_BYTES_MAX 64
#define HEARTBEAT_MS 10000
#define HEARTBEAT_TIMEOUT_MS 30000
#define HANDSHAKES_WAITING_MAX 512
#define RECEIVE_MESSAGES_MAX 128
#define SEND_MESSAGES_MAX 4096

static int
set_int(void *s, int option, int value)
{
	return zmq_setsockopt(s, option, &value, sizeof(value));
}

static int
router_configure(void *s, const struct ipc_init *init)
{
	const struct {
		int option;
		int value;
	} rows[] = {
		{ZMQ_CURVE_SERVER, 1},
		{ZMQ_ZAP_ENFORCE_DOMAIN, 1},
		{ZMQ_ROUTER_MANDATORY, 1},
		{ZMQ_ROUTER_HANDOVER, 0},
		{ZMQ_LINGER, 0},
		{ZMQ_BACKLOG, HANDSHAKES_WAITING_MAX},
		{ZMQ_RCVHWM, RECEIVE_MESSAGES_MAX},
		{ZMQ_SNDHWM, SEND_MESSAGES_MAX},
		{ZMQ_HANDSHAKE_IVL, (int)init->limits.handshake_ms_max},
		{ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS},
		{ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS},
		{ZMQ_HEARTBEAT_TTL, HEARTBEAT_TIMEOUT_MS},
	};
	const int64_t bytes_max =
		(int64_t)init->limits.message_bytes_max + CURVE_BYTES_MAX;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (set_int(s, rows[i].option, rows[i].value) != 0) {
			return -1;
		}
	}
	return zmq_setsockopt(s, ZMQ_ZAP_DOMAIN, NINETY_ZAP_DOMAIN,
			      strlen(NINETY_ZAP_DOMAIN)) != 0 ||
			       zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY,
					      init->secret_key,
					      IPC_KEY_BYTES) != 0 ||
			       zmq_setsockopt(s, ZMQ_MAXMSGSIZE, &bytes_max,
					      sizeof(bytes_max)) != 0
		       ? -1
		       : 0;
}

static int
bind_one(void *s, char **endpoint)
{
	char bound[IPC_ENDPOINT_BYTES_MAX + 1];
	size_t n = sizeof(bound);

	if (set_int(s, ZMQ_IPV6, strchr(*endpoint, '[') != NULL) != 0 ||
	    zmq_bind(s, *endpoint) != 0 ||
	    zmq_getsockopt(s, ZMQ_LAST_ENDPOINT, bound, &n) != 0) {
		int why = errno;

		log_write(LOG_ERROR, "endpoint_not_bound",
			  LOG_TEXT("endpoint", *endpoint),
			  LOG_TEXT("why", zmq_strerror(why)));
		return why == EADDRINUSE ? EX_CANTCREAT : EX_CONFIG;
	}
	/* Where to knock: a wildcard has become an address. */
	free(*endpoint);
	*endpoint = strdup(bound);
	return *endpoint == NULL ? EX_OSERR : EX_OK;
}

void
router_ids_begin(void)
{
	unsigned seed;

	entropy_fill(entropy_system(), &seed, sizeof(seed));
	srand(seed);
}

int
router_open(void *context, const struct ipc_init *init, char **endpoints,
	    size_t n, void **out_router, int *out_fd)
{
	size_t size = sizeof(int);
	int fd = -1;
	int rc = EX_OK;
	void *s;

	router_ids_begin();
	s = zmq_socket(context, ZMQ_ROUTER);

	if (s == NULL || router_configure(s, init) != 0 ||
	    zmq_getsockopt(s, ZMQ_FD, &fd, &size) != 0) {
		log_write(LOG_ERROR, "front_not_started",
			  LOG_TEXT("why", zmq_strerror(errno)));
		rc = EX_OSERR;
	}
	for (size_t i = 0; rc == EX_OK && i < n; i++) {
		rc = bind_one(s, &endpoints[i]);
	}
	if (rc != EX_OK) {
		router_close(s, 0);
		return rc;
	}
	*out_router = s;
	*out_fd = fd;
	return EX_OK;
}

void
router_close(void *router, int linger_ms)
{
	if (router != NULL) {
		(void)set_int(router, ZMQ_LINGER, linger_ms);
		(void)zmq_close(router);
	}
}

/* Reads what follows the routing id, to the message's end. */
static void
incoming_read(void *router, struct incoming *in)
{
	bool more = true;

	while (more) {
		zmq_msg_t frame;

		(void)zmq_msg_init(&frame);
		if (zmq_msg_recv(&frame, router, ZMQ_DONTWAIT) < 0) {
			(void)zmq_msg_close(&frame);
			in->is_fit = false;
			return;
		}
		more = zmq_msg_more(&frame) != 0;
		in->bytes += zmq_msg_size(&frame);
		in->is_fit = in->is_fit && in->bytes <= MESSAGE_BYTES_MAX;
		if (in->n <= FRAMES_MAX && in->is_fit) {
			(void)zmq_msg_init(&in->frames[in->n]);
			(void)zmq_msg_move(&in->frames[in->n], &frame);
			in->n++;
		}
		(void)zmq_msg_close(&frame);
	}
}

int
incoming_take(void *router, struct incoming *in)
{
	uint8_t id[ROUTING_ID_BYTES + 1] = {0};
	int n = zmq_recv(router, id, sizeof(id), ZMQ_DONTWAIT);
	int more = 0;
	size_t size = sizeof(more);

	if (n < 0) {
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	}
	in->n = 0;
	in->bytes = 0;
	in->is_fit = n == ROUTING_ID_BYTES && id[0] == 0;
	memcpy(in->routing_id, id, ROUTING_ID_BYTES);
	if (zmq_getsockopt(router, ZMQ_RCVMORE, &more, &size) != 0) {
		return -1;
	}
	if (more != 0) {
		incoming_read(router, in);
	}
	in->is_fit = in->is_fit && in->n >= 2 &&
		     zmq_msg_size(&in->frames[0]) == 0;
	return 1;
}

void
incoming_close(struct incoming *in)
{
	for (size_t i = 0; i < in->n; i++) {
		(void)zmq_msg_close(&in->frames[i]);
	}
}

bool
router_reply(void *router, const uint8_t routing_id[ROUTING_ID_BYTES],
	     const struct frames *frames)
{
	if (zmq_send(router, routing_id, ROUTING_ID_BYTES,
		     ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
	    zmq_send(router, "", 0,
		     ZMQ_DONTWAIT | (frames->n > 0 ? ZMQ_SNDMORE : 0)) < 0) {
		return false;
	}
	for (size_t i = 0; i < frames->n; i++) {
		int more = i + 1 < frames->n ? ZMQ_SNDMORE : 0;

		if (zmq_send(router, frames->at[i].p, frames->at[i].n,
			     ZMQ_DONTWAIT | more) < 0) {
			return false;
		}
	}
	return true;
}

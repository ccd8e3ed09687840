/* The loop of the front: one thread that reads clients' messages and the
 * core's orders, in batches. The socket is router.c's, who may connect zap.c's
 * matter, what a message means the core's. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <zmq.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "front/calls.h"
#include "front/keytable.h"
#include "front/probe.h"
#include "front/router.h"
#include "front/server.h"
#include "front/zap.h"
#include "sandbox/sandbox.h"
#include "wire/ipc.h"

#define BATCH_MESSAGES 512
#define QUEUE_BYTES_MAX (8u * IPC_MESSAGE_BYTES_MAX)
/* Above this nothing more is read from clients: what waits here waits in the
 * order of its coming, what waits in libzmq is taken from each client in turn.
 * So a client with thousands of calls in flight does not keep others waiting
 * for all of them. */
#define QUEUE_BYTES_HIGH (64u * 1024)
#define TICK_MS 1000
#define PROBE_EVERY_MS 60000
#define PROBE_AGAIN_MS 10000
#define PROBE_FAILURES_MAX 3
#define START_POLL_MS 5
#define STOP_LINGER_MS 2000
struct front {
	const struct front_options *options;
	struct ipc_reader from_core;
	struct ipc_writer to_core;
	struct keytable *keys;
	struct calls *calls;

	void *context;
	struct zap *zap;
	void *router;
	int router_fd;
	bool may_have_more; /* messages were left in the router */
	char *endpoints[IPC_ENDPOINTS_MAX];
	size_t n_endpoints;
	char server_key[NINETY_KEY_TEXT_BYTES];
	struct ipc_limits limits;

	struct probe *probe;
	int probe_failures;
	int64_t probe_at_ms;
	int64_t tick_at_ms;
	int64_t descriptors_idle;
	uint64_t dropped;
	bool is_crowded; /* said so already */
	int exit_status; /* once it is not negative, the loop ends */
};

static int64_t
now_ms(void)
{
	return clock_boot_ms(clock_system());
}

static void
leave(struct front *f, int status)
{
	if (f->exit_status < 0) {
		f->exit_status = status;
	}
}

/* --- the core's side --- */

static void
tell_core(struct front *f, const struct ipc_msg *m)
{
	if (ipc_writer_put(&f->to_core, m) != 0) {
		log_write(LOG_ERROR, "core_unreachable",
			  LOG_TEXT("why", err_last()->text));
		leave(f, EX_UNAVAILABLE);
	}
}

static void
tell_stats(struct front *f)
{
	int64_t live = usage_descriptors(&f->options->usage) - f->descriptors_idle;
	struct ipc_msg m = {
		.type = IPC_STATS,
		.stats = {.denied = zap_denied(f->zap),
			  .live = live < 0 ? 0 : (uint64_t)live,
			  .dropped = f->dropped}};
	bool is_crowded = live * 5 > (int64_t)f->limits.connections_max * 4;

	if (is_crowded && !f->is_crowded) {
		log_write(LOG_WARNING, "connections_near_limit",
			  LOG_NUMBER("open", live),
			  LOG_NUMBER("limit", f->limits.connections_max));
	}
	f->is_crowded = is_crowded;
	tell_core(f, &m);
}

static void
take_reply(struct front *f, const struct ipc_reply *reply)
{
	struct call_origin origin;

	if (!calls_take(f->calls, reply->token, &origin)) {
		log_plain(LOG_ERROR, "reply_without_call");
		leave(f, EX_SOFTWARE);
		return;
	}
	/* No frames: the core wants silence. A key that was revoked meanwhile
	 * gets nothing more. A client that is gone, or too slow to take its
	 * reply, asks again: the core keeps the answer. */
	if (reply->frames.n == 0 || !keytable_has(f->keys, origin.caller) ||
	    !router_reply(f->router, origin.routing_id, &reply->frames)) {
		f->dropped++;
	}
}

static void
take_order(struct front *f, const struct ipc_msg *m)
{
	struct ipc_msg pong = {.type = IPC_PONG};

	switch (m->type) {
	case IPC_REPLY:
		take_reply(f, &m->reply);
		break;
	case IPC_KEYS:
		if (keytable_replace(f->keys, m->keys.keys, m->keys.n) != 0) {
			leave(f, EX_OSERR);
		}
		break;
	case IPC_PING:
		pong.nonce = m->nonce;
		tell_core(f, &pong);
		break;
	case IPC_STOP:
		leave(f, EX_OK);
		break;
	case IPC_NONE:
	case IPC_READY:
	case IPC_CALL:
	case IPC_STATS:
	case IPC_PONG:
	case IPC_INIT: /* a second one */
		log_plain(LOG_ERROR, "core_out_of_order");
		leave(f, EX_SOFTWARE);
		break;
	}
}

static void
core_is_lost(struct front *f)
{
	if (f->exit_status < 0) {
		log_write(LOG_WARNING, "core_lost",
			  LOG_TEXT("why", err_last()->text));
	}
	leave(f, EX_UNAVAILABLE);
}

/* Obeys what has been read. */
static void
obey_core(struct front *f)
{
	struct ipc_msg m;

	while (f->exit_status < 0) {
		if (ipc_reader_next(&f->from_core, &m) != 0) {
			core_is_lost(f);
			return;
		}
		if (m.type == IPC_NONE) {
			return;
		}
		take_order(f, &m);
	}
}

static void
read_core(struct front *f)
{
	if (ipc_reader_fill(&f->from_core, f->options->core_fd) != 0) {
		core_is_lost(f);
		return;
	}
	obey_core(f);
}

/* --- the clients' side --- */

/* Whether it goes to the core; if so the call is at work from here on. */
static bool
pass_on(struct front *f, struct incoming *in)
{
	struct ipc_msg m = {.type = IPC_CALL};
	struct call_origin origin;
	uint8_t caller[NINETY_KEY_BYTES];
	const char *user;

	if (!in->is_fit) {
		return false;
	}
	/* From a body frame: on the routing id libzmq can lose it. */
	user = zmq_msg_gets(&in->frames[1], "User-Id");
	if (user == NULL || strlen(user) != NINETY_KEY_TEXT_BYTES - 1 ||
	    !keytable_find(f->keys, user, caller)) {
		return false;
	}
	memcpy(origin.routing_id, in->routing_id, ROUTING_ID_BYTES);
	memcpy(origin.caller, user, NINETY_KEY_TEXT_BYTES);
	for (size_t i = 1; i < in->n; i++) {
		m.call.frames.at[i - 1] =
			bytes_of(zmq_msg_data(&in->frames[i]),
				 zmq_msg_size(&in->frames[i]));
	}
	m.call.frames.n = in->n - 1;
	m.call.caller = caller;
	m.call.token = calls_add(f->calls, &origin);
	tell_core(f, &m);
	return true;
}

/* Takes one message; false when there is none. */
static bool
take_message(struct front *f)
{
	struct incoming in;
	int n = incoming_take(f->router, &in);

	if (n < 0) {
		log_write(LOG_ERROR, "router_failed",
			  LOG_TEXT("why", zmq_strerror(errno)));
		leave(f, EX_SOFTWARE);
	}
	if (n <= 0) {
		return false;
	}
	if (in.n == 2 &&
	    probe_is_message(f->probe, zmq_msg_data(&in.frames[1]),
			     zmq_msg_size(&in.frames[1]))) {
		log_plain(LOG_ERROR, "front_is_open_to_unknown_keys");
		leave(f, EX_SOFTWARE);
	} else if (!pass_on(f, &in)) {
		f->dropped++;
	}
	incoming_close(&in);
	return true;
}

static bool
takes_calls(const struct front *f)
{
	return f->exit_status < 0 && !calls_is_full(f->calls) &&
	       ipc_writer_pending(&f->to_core) < QUEUE_BYTES_HIGH;
}

/* The router's descriptor tells only of what libzmq has not been asked for
 * yet: it may be waited for after a message was looked for in vain, and at no
 * other time. */
static void
read_clients(struct front *f)
{
	f->may_have_more = true;
	for (int i = 0; i < BATCH_MESSAGES && takes_calls(f); i++) {
		if (!take_message(f)) {
			f->may_have_more = false;
			return;
		}
	}
}

/* --- the self-test and the watch over ourselves --- */

static void
probe_begin(struct front *f)
{
	f->probe = probe_start(f->context, f->zap, f->server_key, f->endpoints,
			       f->n_endpoints, now_ms());
	if (f->probe == NULL) {
		log_write(LOG_ERROR, "self_test_failed",
			  LOG_TEXT("why", err_last()->text));
		leave(f, EX_SOFTWARE);
	}
}

/* A knock that nobody answers is no proof of an open door: a front with no
 * descriptor left cannot knock. Three in a row are too many. */
static void
probe_look(struct front *f)
{
	enum probe_state state;

	if (f->probe == NULL) {
		if (now_ms() >= f->probe_at_ms) {
			probe_begin(f);
		}
		return;
	}
	state = probe_state(f->probe, now_ms());
	if (state == PROBE_RUNS) {
		return;
	}
	probe_end(f->probe);
	f->probe = NULL;
	f->probe_failures = state == PROBE_PASSED ? 0 : f->probe_failures + 1;
	f->probe_at_ms = now_ms() + (state == PROBE_PASSED ? PROBE_EVERY_MS
							   : PROBE_AGAIN_MS);
	if (state == PROBE_FAILED) {
		log_write(LOG_WARNING, "self_test_unanswered",
			  LOG_NUMBER("in_a_row", f->probe_failures));
	}
	if (f->probe_failures >= PROBE_FAILURES_MAX) {
		leave(f, EX_SOFTWARE);
	}
}

static void
tick(struct front *f)
{
	int64_t resident = usage_resident_bytes(&f->options->usage);

	f->tick_at_ms = now_ms() + TICK_MS;
	if (resident > f->options->memory_bytes_max) {
		log_write(LOG_ERROR, "front_memory_exceeded",
			  LOG_NUMBER("resident_bytes", resident),
			  LOG_NUMBER("limit", f->options->memory_bytes_max));
		leave(f, EX_OSERR);
		return;
	}
	tell_stats(f);
	probe_look(f);
}

/* --- start and end --- */

static int
take_init(struct front *f, const struct ipc_init *init)
{
	f->limits = init->limits;
	f->n_endpoints = init->n_endpoints;
	for (size_t i = 0; i < init->n_endpoints; i++) {
		f->endpoints[i] = strndup((const char *)init->endpoints[i].p,
					  init->endpoints[i].n);
		if (f->endpoints[i] == NULL) {
			return EX_OSERR;
		}
	}
	keytable_text(init->public_key, f->server_key);
	f->calls = calls_new(init->limits.calls_in_flight_max);
	return f->calls == NULL ? EX_OSERR : EX_OK;
}

/* The front opens no file again; it makes and removes the sockets of ipc
 * endpoints. */
static int
close_files(const struct front *f)
{
	struct sandbox_path paths[IPC_ENDPOINTS_MAX];
	char dirs[IPC_ENDPOINTS_MAX][IPC_ENDPOINT_BYTES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < f->n_endpoints; i++) {
		const char *path = f->endpoints[i] + strlen("ipc://");
		const char *slash = strrchr(f->endpoints[i], '/');

		if (strncmp(f->endpoints[i], "ipc:///", 7) == 0) {
			(void)snprintf(dirs[n], sizeof(dirs[n]), "%.*s",
				       (int)(slash - path) + 1, path);
			paths[n] = (struct sandbox_path){dirs[n], SANDBOX_SOCKET};
			n++;
		}
	}
	return sandbox_files(paths, n);
}

/* The order matters: file system closed before the first thread is made, the
 * handler bound before the first endpoint, the system calls closed last. */
static int
open_doors(struct front *f, const struct ipc_init *init)
{
	int rc = take_init(f, init);

	if (rc == EX_OK && f->options->is_sandboxed && close_files(f) != 0) {
		rc = EX_OSERR;
	}
	if (rc != EX_OK) {
		return rc;
	}
	f->context = zmq_ctx_new();
	f->zap = f->context == NULL ? NULL : zap_start(f->context, f->keys);
	if (f->zap == NULL) {
		log_write(LOG_ERROR, "front_not_started",
			  LOG_TEXT("why", err_last()->text));
		return EX_OSERR;
	}
	rc = router_open(f->context, init, f->endpoints, f->n_endpoints,
			 &f->router, &f->router_fd);
	if (rc == EX_OK && f->options->is_sandboxed &&
	    sandbox_calls(SANDBOX_FRONT) != 0) {
		rc = EX_OSERR;
	}
	f->descriptors_idle = usage_descriptors(&f->options->usage);
	return rc;
}

/* The core's next message, waited for. */
static int
await_order(struct front *f, struct ipc_msg *out)
{
	struct ipc_msg m = {.type = IPC_NONE};
	struct pollfd core = {f->options->core_fd, POLLIN, 0};

	for (;;) {
		if (ipc_reader_next(&f->from_core, &m) != 0) {
			return EX_UNAVAILABLE;
		}
		if (m.type != IPC_NONE) {
			*out = m;
			return EX_OK;
		}
		if (poll(&core, 1, -1) < 0 && errno != EINTR) {
			return EX_OSERR;
		}
		if (ipc_reader_fill(&f->from_core, core.fd) != 0) {
			return EX_UNAVAILABLE;
		}
	}
}

/* KEYS, and then INIT: a client that knocks as soon as there is a door is known
 * by then. INIT's secret does not stay in our buffer. */
static int
await_init(struct front *f)
{
	struct ipc_msg m;
	int rc = await_order(f, &m);

	if (rc == EX_OK && m.type != IPC_KEYS) {
		rc = EX_SOFTWARE;
	}
	while (rc == EX_OK && m.type == IPC_KEYS) {
		take_order(f, &m);
		rc = f->exit_status < 0 ? await_order(f, &m) : f->exit_status;
	}
	if (rc == EX_OK && m.type != IPC_INIT) {
		rc = EX_SOFTWARE;
	}
	if (rc != EX_OK) {
		return rc;
	}
	rc = open_doors(f, &m.init);
	secret_wipe(f->from_core.buf.data +
			    (m.init.secret_key - f->from_core.buf.data),
		    IPC_KEY_BYTES);
	return rc;
}

static void
wait_for_work(struct front *f, int timeout_ms)
{
	bool is_writing = ipc_writer_pending(&f->to_core) > 0;
	bool is_open = takes_calls(f);
	struct pollfd fds[] = {
		{f->options->core_fd,
		 (short)(POLLIN | (is_writing ? POLLOUT : 0)), 0},
		{f->router_fd, POLLIN, 0}};

	if (is_open && f->may_have_more) {
		timeout_ms = 0;
	}
	if (poll(fds, is_open ? 2 : 1, timeout_ms) > 0 &&
	    (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
		read_core(f);
	}
}

static void
turn(struct front *f, int timeout_ms)
{
	wait_for_work(f, timeout_ms);
	/* Always: what libzmq does for a reply may uncover a message. */
	read_clients(f);
	if (f->exit_status < 0 &&
	    ipc_writer_flush(&f->to_core, f->options->core_fd) != 0) {
		core_is_lost(f);
	}
}

/* Nothing is announced before the first knock was refused. */
static void
self_test(struct front *f)
{
	obey_core(f); /* what came in one piece with INIT */
	probe_begin(f);
	while (f->exit_status < 0 && f->probe != NULL) {
		turn(f, START_POLL_MS);
		if (f->exit_status < 0) {
			probe_look(f);
		}
	}
	if (f->probe_failures > 0) {
		leave(f, EX_SOFTWARE);
	}
}

static void
close_doors(struct front *f)
{
	probe_end(f->probe);
	router_close(f->router, f->exit_status == EX_OK ? STOP_LINGER_MS : 0);
	if (f->zap != NULL) {
		zap_stopping(f->zap);
	}
	if (f->context != NULL) {
		(void)zmq_ctx_term(f->context);
	}
	if (f->zap != NULL) {
		zap_join(f->zap);
	}
	for (size_t i = 0; i < f->n_endpoints; i++) {
		/* libzmq leaves the socket of an ipc endpoint behind. */
		if (strncmp(f->endpoints[i], "ipc:///", 7) == 0) {
			(void)unlink(f->endpoints[i] + strlen("ipc://"));
		}
		free(f->endpoints[i]);
	}
	calls_free(f->calls);
	keytable_free(f->keys);
	ipc_reader_clear(&f->from_core);
	ipc_writer_clear(&f->to_core);
}

int
front_run(const struct front_options *options)
{
	const struct ipc_msg ready = {.type = IPC_READY};
	struct front f = {.options = options, .exit_status = -1};
	int rc;

	ipc_reader_init(&f.from_core, IPC_FROM_CORE);
	ipc_writer_init(&f.to_core, QUEUE_BYTES_MAX);
	f.keys = keytable_new();
	rc = f.keys == NULL ? EX_OSERR : await_init(&f);
	if (rc == EX_OK) {
		self_test(&f);
	} else {
		leave(&f, rc);
	}
	if (f.exit_status < 0) {
		log_plain(LOG_NOTICE, "front_ready");
		tell_core(&f, &ready);
	}
	while (f.exit_status < 0) {
		int64_t left = f.tick_at_ms - now_ms();

		if (left <= 0) {
			tick(&f);
		}
		turn(&f, left <= 0 ? 0 : (int)left);
	}
	close_doors(&f);
	log_write(LOG_NOTICE, "front_ended",
		  LOG_NUMBER("status", f.exit_status));
	return f.exit_status;
}

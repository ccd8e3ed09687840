/* The loop between fronts and core. */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "service/owner.h"

#define CALLS_PER_FRONT_MAX 1024 /* of one turn: nobody starves */
#define WRITER_BYTES_MAX (64u << 20)
#define PING_MS 1000
#define TOKEN_GENERATION_SHIFT 8

struct front {
	int fd; /* -1: none */
	bool is_ready;
	bool has_more; /* messages were left in the reader */
	uint32_t generation;
	struct ipc_reader reader;
	struct ipc_writer writer;
};

struct owner {
	struct owner_config config;
	struct core *core;
	struct front fronts[OWNER_FRONTS_MAX];
	bool is_stopping;
	bool was_ready;
	int64_t stop_at_ms;
};

static void
front_drop(struct owner *o, size_t i, const char *why)
{
	struct front *f = &o->fronts[i];

	if (f->fd < 0) {
		return;
	}
	if (!o->is_stopping) {
		log_write(LOG_WARNING, "front_lost", LOG_NUMBER("front", i),
			  LOG_TEXT("why", why));
	}
	(void)close(f->fd);
	ipc_reader_clear(&f->reader);
	ipc_writer_clear(&f->writer);
	f->fd = -1;
	f->is_ready = false;
	f->has_more = false;
}

static void
front_put(struct owner *o, size_t i, const struct ipc_msg *m)
{
	struct front *f = &o->fronts[i];
	int rc;

	if (f->fd < 0) {
		return;
	}
	rc = ipc_writer_put(&f->writer, m);
	if (rc == ERR_BUSY) {
		/* Let it take what it can, then once more. */
		rc = ipc_writer_flush(&f->writer, f->fd);
		if (rc == 0) {
			rc = ipc_writer_put(&f->writer, m);
		}
	}
	if (rc != 0) {
		front_drop(o, i, "it does not take its replies");
	}
}

/* The number of the front's life is in origin.front: a reply never goes to a
 * front that did not bring the call. */
static void
host_reply(void *ctx, struct origin to, const struct frames *reply)
{
	struct owner *o = ctx;
	size_t i = to.front & ((1u << TOKEN_GENERATION_SHIFT) - 1);
	struct ipc_msg m = {.type = IPC_REPLY,
			    .reply = {.token = to.token, .frames = *reply}};

	if (i < o->config.n_fronts &&
	    (o->fronts[i].generation << TOKEN_GENERATION_SHIFT | i) ==
		    to.front) {
		front_put(o, i, &m);
	}
}

static void
host_keys(void *ctx, const uint8_t *keys, size_t n)
{
	struct owner *o = ctx;
	struct ipc_msg m = {.type = IPC_KEYS, .keys = {keys, n}};

	for (size_t i = 0; i < o->config.n_fronts; i++) {
		front_put(o, i, &m);
	}
}

int
owner_open(const struct owner_config *config, struct owner **out)
{
	struct owner *o = calloc(1, sizeof(*o));
	int rc;

	if (o == NULL) {
		return err_set(ERR_NOMEM, "no memory for the loop");
	}
	o->config = *config;
	o->config.core.host = (struct core_host){host_reply, host_keys, o};
	for (size_t i = 0; i < OWNER_FRONTS_MAX; i++) {
		o->fronts[i].fd = -1;
	}
	rc = core_open(&o->config.core, &o->core);
	if (rc != 0) {
		free(o);
		return rc;
	}
	*out = o;
	return 0;
}

void
owner_close(struct owner *o)
{
	if (o == NULL) {
		return;
	}
	o->is_stopping = true;
	for (size_t i = 0; i < OWNER_FRONTS_MAX; i++) {
		front_drop(o, i, "stopping");
	}
	core_close(o->core);
	free(o);
}

int
owner_add_front(struct owner *o, size_t index, int fd)
{
	const struct owner_front *cf = &o->config.fronts[index];
	struct front *f;
	struct ipc_msg keys = {.type = IPC_KEYS};
	struct ipc_msg m = {
		.type = IPC_INIT,
		.init = {.secret_key = o->config.server_secret,
			 .public_key = o->config.server_public,
			 .limits = o->config.limits,
			 .n_endpoints = 1},
	};

	if (index >= o->config.n_fronts) {
		(void)close(fd);
		return err_set(ERR_INVALID, "no such front");
	}
	front_drop(o, index, "replaced");
	f = &o->fronts[index];
	f->fd = fd;
	f->generation++;
	ipc_reader_init(&f->reader, IPC_FROM_FRONT);
	ipc_writer_init(&f->writer, WRITER_BYTES_MAX);
	m.init.endpoints[0] = bytes_str(cf->endpoint);
	core_keys(o->core, &keys.keys.keys, &keys.keys.n);
	front_put(o, index, &keys);
	front_put(o, index, &m);
	return 0;
}

int
owner_reload(struct owner *o)
{
	return core_reload(o->core);
}

void
owner_stop(struct owner *o)
{
	o->is_stopping = true;
	o->stop_at_ms = clock_boot_ms(clock_system()) + o->config.stop_ms;
}

static void
ready_tell(struct owner *o)
{
	for (size_t i = 0; i < o->config.n_fronts; i++) {
		if (!o->fronts[i].is_ready) {
			return;
		}
	}
	if (!o->was_ready) {
		o->was_ready = true;
		o->config.ready(o->config.ctx);
	}
}

static int
message_take(struct owner *o, size_t i, const struct ipc_msg *m)
{
	struct front *f = &o->fronts[i];
	struct origin from = {
		.front = (uint32_t)(f->generation << TOKEN_GENERATION_SHIFT |
				    i),
		.token = m->call.token,
		.roles = o->config.fronts[i].roles,
	};

	switch (m->type) {
	case IPC_CALL:
		return core_call(o->core, from, m->call.caller,
				 &m->call.frames);
	case IPC_READY:
		f->is_ready = true;
		ready_tell(o);
		return 0;
	case IPC_STATS:
		core_front_stats(o->core, (uint32_t)i, m->stats.denied,
				 m->stats.live, m->stats.dropped);
		return 0;
	case IPC_NONE:
	case IPC_PONG:
	case IPC_INIT:
	case IPC_REPLY:
	case IPC_KEYS:
	case IPC_PING:
	case IPC_STOP:
		break;
	}
	return 0;
}

/* Takes what a front has brought, up to the turn's bound. */
static int
front_take(struct owner *o, size_t i, bool is_readable)
{
	struct front *f = &o->fronts[i];
	struct ipc_msg m;
	int rc = 0;

	if (is_readable) {
		rc = ipc_reader_fill(&f->reader, f->fd);
		if (rc != 0) {
			front_drop(o, i, err_last()->text);
			return 0;
		}
	}
	f->has_more = true;
	for (int n = 0; n < CALLS_PER_FRONT_MAX; n++) {
		if (core_is_full(o->core)) {
			return 0;
		}
		if (ipc_reader_next(&f->reader, &m) != 0) {
			front_drop(o, i, err_last()->text);
			return 0;
		}
		if (m.type == IPC_NONE) {
			f->has_more = false;
			return 0;
		}
		rc = message_take(o, i, &m);
		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

static bool
may_stop(const struct owner *o)
{
	return o->is_stopping &&
	       (core_is_idle(o->core) ||
		clock_boot_ms(clock_system()) >= o->stop_at_ms);
}

static bool
is_flushed(const struct owner *o)
{
	for (size_t i = 0; i < o->config.n_fronts; i++) {
		if (o->fronts[i].fd >= 0 &&
		    ipc_writer_pending(&o->fronts[i].writer) > 0) {
			return false;
		}
	}
	return true;
}

struct polled {
	struct pollfd fds[OWNER_FRONTS_MAX + 2];
	size_t n;
};

static void
polled_make(const struct owner *o, struct polled *p)
{
	p->n = 0;
	for (size_t i = 0; i < o->config.n_fronts; i++) {
		const struct front *f = &o->fronts[i];
		short events = 0;

		if (f->fd >= 0 && !o->is_stopping && !f->has_more) {
			events |= POLLIN;
		}
		if (f->fd >= 0 && ipc_writer_pending(&f->writer) > 0) {
			events |= POLLOUT;
		}
		p->fds[p->n++] = (struct pollfd){f->fd, events, 0};
	}
	p->fds[p->n++] = (struct pollfd){core_fd(o->core), POLLIN, 0};
	p->fds[p->n++] = (struct pollfd){o->config.control_fd, POLLIN, 0};
}

static int
loop_turn(struct owner *o, struct polled *p, int64_t *wait_ms)
{
	size_t fronts = o->config.n_fronts;
	int rc = 0;

	for (size_t i = 0; i < fronts && rc == 0; i++) {
		struct front *f = &o->fronts[i];
		bool is_readable = (p->fds[i].revents &
				    (POLLIN | POLLHUP | POLLERR)) != 0;

		if (f->fd >= 0 && f->fd == p->fds[i].fd &&
		    !o->is_stopping && (is_readable || f->has_more)) {
			rc = front_take(o, i, is_readable);
		}
	}
	if (rc == 0) {
		rc = core_turn(o->core, wait_ms);
	}
	for (size_t i = 0; i < fronts && rc == 0; i++) {
		struct front *f = &o->fronts[i];

		if (f->fd >= 0 && ipc_writer_flush(&f->writer, f->fd) != 0) {
			front_drop(o, i, err_last()->text);
		}
		if (f->has_more) {
			*wait_ms = 0;
		}
	}
	if (rc == 0 && (p->fds[fronts + 1].revents & POLLIN) != 0) {
		o->config.control(o, o->config.ctx);
	}
	return rc;
}

/* The fronts send out what they have been given, then they end. */
static void
fronts_stop(struct owner *o)
{
	const struct ipc_msg stop = {.type = IPC_STOP};

	for (size_t i = 0; i < o->config.n_fronts; i++) {
		front_put(o, i, &stop);
		if (o->fronts[i].fd >= 0 &&
		    ipc_writer_flush(&o->fronts[i].writer, o->fronts[i].fd) !=
			    0) {
			front_drop(o, i, err_last()->text);
		}
	}
}

int
owner_run(struct owner *o)
{
	struct polled p;
	int64_t wait_ms = 0;
	int rc = 0;

	while (rc == 0 && !(may_stop(o) && is_flushed(o))) {
		if (wait_ms > PING_MS || (o->is_stopping && wait_ms > 10)) {
			wait_ms = o->is_stopping ? 10 : PING_MS;
		}
		polled_make(o, &p);
		if (poll(p.fds, p.n, (int)wait_ms) < 0 && errno != EINTR) {
			return err_set(ERR_IO, "poll fails");
		}
		rc = loop_turn(o, &p, &wait_ms);
	}
	if (rc == 0) {
		fronts_stop(o);
	}
	return rc;
}

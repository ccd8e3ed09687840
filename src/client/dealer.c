/* A client's connection: a CURVE DEALER with its watch, over the context that
 * all clients of a process share. What is sent and taken is client.c's, what
 * the monitor's events mean watch.c's. */

#include "client/dealer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <zmq.h>

#include "base/clock.h"
#include "client/watch.h"

#define WINDOW_MESSAGES 4096
/* So many connections in a row that are no handshake: wrong server key. */
#define FOREIGN_MAX 3
#define CLIENTS_MAX 4096
#define SOCKETS_PER_CLIENT 3 /* its own, and the two ends of its watch */
#define RECONNECT_MS_MAX 1000
#define HEARTBEAT_MS 10000
#define HEARTBEAT_TIMEOUT_MS 30000

/* One context for the process, as libzmq wants it: all clients share its one
 * I/O thread, which serves many connections with few wake-ups. A child made by
 * fork begins with a context of its own. */
static struct {
	pthread_mutex_t lock;
	void *context;
	size_t users;
	pid_t owner;
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* NULL when there is no memory. */
static void *
context_hold(void)
{
	void *context;

	(void)pthread_mutex_lock(&shared.lock);
	if (shared.users == 0 || shared.owner != getpid()) {
		shared.users = 0;
		shared.owner = getpid();
		shared.context = zmq_ctx_new();
		if (shared.context != NULL) {
			(void)zmq_ctx_set(shared.context, ZMQ_MAX_SOCKETS,
					  CLIENTS_MAX * SOCKETS_PER_CLIENT);
		}
	}
	context = shared.context;
	shared.users += context != NULL;
	(void)pthread_mutex_unlock(&shared.lock);
	return context;
}

static void
context_drop(void *context)
{
	(void)pthread_mutex_lock(&shared.lock);
	if (context == shared.context && --shared.users == 0) {
		(void)zmq_ctx_term(context);
		shared.context = NULL;
	}
	(void)pthread_mutex_unlock(&shared.lock);
}

static int64_t
now_ms(void)
{
	return clock_boot_ms(clock_system());
}

void
dealer_close(struct dealer *c)
{
	watch_close(c->monitor, c->socket);
	c->monitor = NULL;
	if (c->socket != NULL) {
		(void)zmq_close(c->socket);
		c->socket = NULL;
	}
	c->is_ready = false;
	c->is_lost = false;
}

static int
socket_configure(void *s, const struct ninety_key *key)
{
	static const struct {
		int option;
		int value;
	} rows[] = {
		{ZMQ_LINGER, 0},
		{ZMQ_SNDHWM, WINDOW_MESSAGES},
		{ZMQ_RCVHWM, WINDOW_MESSAGES},
		{ZMQ_HANDSHAKE_IVL, DEALER_HANDSHAKE_MS},
		{ZMQ_RECONNECT_IVL, DEALER_REOPEN_MS},
		{ZMQ_RECONNECT_IVL_MAX, RECONNECT_MS_MAX},
		{ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS},
		{ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS},
		{ZMQ_IPV6, 1},
	};
	const int64_t bytes_max = NINETY_MESSAGE_BYTES_MAX * 4;
	const size_t n = NINETY_KEY_TEXT_BYTES;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (zmq_setsockopt(s, rows[i].option, &rows[i].value,
				   sizeof(rows[i].value)) != 0) {
			return -1;
		}
	}
	return zmq_setsockopt(s, ZMQ_MAXMSGSIZE, &bytes_max,
			      sizeof(bytes_max)) != 0 ||
			       zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY,
					      key->server_key, n) != 0 ||
			       zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY,
					      key->public_key, n) != 0 ||
			       zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY,
					      key->secret_key, n) != 0
		       ? -1
		       : 0;
}

int
dealer_init(struct dealer *c, const struct ninety_key *key)
{
	*c = (struct dealer){.key = key, .context = context_hold()};
	return c->context == NULL ? NINETY_NO_MEMORY : NINETY_DONE;
}

void
dealer_clear(struct dealer *c)
{
	dealer_close(c);
	if (c->context != NULL) {
		context_drop(c->context);
	}
}

int
dealer_open(struct dealer *c)
{
	size_t size = sizeof(int);

	if (c->socket != NULL) {
		return NINETY_DONE;
	}
	c->is_ready = false;
	c->is_refused = false;
	c->is_lost = false;
	c->n_foreign = 0;
	c->socket = zmq_socket(c->context, ZMQ_DEALER);
	if (c->socket == NULL) {
		return NINETY_NO_MEMORY;
	}
	if (socket_configure(c->socket, c->key) != 0) {
		dealer_close(c);
		return NINETY_BAD_ARGUMENT;
	}
	c->monitor = watch_open(c->context, c->socket);
	if (c->monitor == NULL) {
		dealer_close(c);
		return NINETY_NO_MEMORY;
	}
	if (zmq_getsockopt(c->socket, ZMQ_FD, &c->socket_fd, &size) != 0 ||
	    zmq_getsockopt(c->monitor, ZMQ_FD, &c->news_fd, &size) != 0) {
		dealer_close(c);
		return NINETY_IO;
	}
	if (zmq_connect(c->socket, c->key->endpoint) != 0) {
		dealer_close(c);
		return NINETY_BAD_ARGUMENT;
	}
	return NINETY_DONE;
}

static void
take_news(struct dealer *c)
{
	for (;;) {
		switch (watch_take(c->monitor)) {
		case WATCH_NOTHING:
			return;
		case WATCH_READY:
			c->is_ready = true;
			c->n_foreign = 0;
			break;
		case WATCH_REFUSED:
			c->is_refused = true;
			break;
		case WATCH_FOREIGN:
			c->n_foreign++;
			break;
		case WATCH_LOST:
			c->is_lost = c->is_ready;
			c->is_ready = false;
			break;
		}
	}
}

bool
dealer_has_room(struct dealer *c)
{
	int events = 0;
	size_t n = sizeof(events);

	return zmq_getsockopt(c->socket, ZMQ_EVENTS, &events, &n) == 0 &&
	       (events & ZMQ_POLLOUT) != 0;
}

/* Why waiting is in vain; NINETY_DONE when it is not. */
static int
hopeless(const struct dealer *c, bool until_lost)
{
	if (c->is_refused) {
		return NINETY_REFUSED;
	}
	if (c->n_foreign >= FOREIGN_MAX) {
		return NINETY_UNREACHABLE;
	}
	return until_lost && c->is_lost ? NINETY_TIMEOUT : NINETY_DONE;
}

/* The sockets' own descriptors are polled, not zmq_poll asked, which makes ten
 * system calls of it. Such a descriptor is readable while libzmq has a word for
 * the socket that it has not taken yet; after a look that ended with EAGAIN it
 * has taken all, so that an answer comes with a new one. */
int
dealer_wait(struct dealer *c, enum dealer_wait what, int64_t deadline_ms,
	    bool until_lost)
{
	struct pollfd fds[] = {{c->news_fd, POLLIN, 0},
			       {c->socket_fd, POLLIN, 0}};
	int64_t left = 1;
	int rc = hopeless(c, until_lost);

	while (rc == NINETY_DONE && left > 0) {
		left = deadline_ms - now_ms();
		left = left < 0 ? 0 : left > INT_MAX ? INT_MAX : left;
		if (poll(fds, what == WAIT_READY ? 1 : 2, (int)left) < 0 &&
		    errno != EINTR) {
			return NINETY_IO;
		}
		if (fds[0].revents != 0) {
			take_news(c);
		}
		if ((what == WAIT_READY && c->is_ready) ||
		    (what == WAIT_ROOM && dealer_has_room(c)) ||
		    (what == WAIT_ANSWER && fds[1].revents != 0)) {
			return NINETY_DONE;
		}
		rc = hopeless(c, until_lost);
	}
	return rc == NINETY_DONE ? NINETY_TIMEOUT : rc;
}

int
dealer_ready(struct dealer *c, int64_t deadline_ms)
{
	take_news(c);
	return c->is_ready ? NINETY_DONE
			   : dealer_wait(c, WAIT_READY, deadline_ms, false);
}

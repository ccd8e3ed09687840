/* Lazy Pirate over a CURVE DEALER: an answer that does not come is asked for
 * again under the same id, over a new connection. Key files are keyfile.c's,
 * what became of a connection is told by watch.c. */

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <zmq.h>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/id.h"
#include "base/secret.h"
#include "client/watch.h"
#include "ninety/client.h"

/* An answer is waited for so long before it is asked for again; a quarter of
 * the whole patience if that is longer. */
#define TRY_MS 5000
/* Between a lost connection and the next: a service that starts anew. */
#define REOPEN_MS 50
#define HANDSHAKE_MS 5000
#define WINDOW_MESSAGES 4096
/* So many connections in a row that are no handshake: wrong server key. */
#define FOREIGN_MAX 3
#define CLIENTS_MAX 4096
#define SOCKETS_PER_CLIENT 3 /* its own, and the two ends of its watch */

struct ninety_client {
	struct ninety_key key;
	void *context;
	void *socket;
	void *monitor;
	int socket_fd;
	int news_fd; /* the monitor's */
	int n_foreign;
	bool is_ready;
	bool is_refused;
	bool is_lost;
	zmq_msg_t body; /* of the last reply, NUL appended in `text` */
	char *text;
	size_t text_cap;
	char status[32];
};

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

const char *
ninety_result_text(int result)
{
	switch (result) {
	case NINETY_DONE:
		return "done";
	case NINETY_TIMEOUT:
		return "no answer came: the outcome is unknown";
	case NINETY_REFUSED:
		return "the service refused our key";
	case NINETY_UNREACHABLE:
		return "the service cannot be reached, or the server key in "
		       "the key file is not its own";
	case NINETY_FULL:
		return "too many calls are in flight";
	case NINETY_BAD_REPLY:
		return "the service sent something that is no reply";
	case NINETY_BAD_ARGUMENT:
		return "bad argument";
	case NINETY_BAD_KEY_FILE:
		return "this is no key file, or its keys do not belong "
		       "together";
	case NINETY_KEY_FILE_MODE:
		return "others may read the key file: chmod 600 it";
	case NINETY_IO:
		return "input or output failed";
	case NINETY_NO_MEMORY:
		return "out of memory";
	default:
		return "unknown result";
	}
}

void
ninety_id_new(unsigned char out_id[NINETY_CALL_ID_BYTES])
{
	struct id id = id_new(clock_wall_ms(clock_system()),
			      entropy_system());

	memcpy(out_id, id.b, NINETY_CALL_ID_BYTES);
}

static int64_t
now_ms(void)
{
	return clock_boot_ms(clock_system());
}

static void
connection_close(struct ninety_client *c)
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
		{ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
		{ZMQ_RECONNECT_IVL, REOPEN_MS},
		{ZMQ_RECONNECT_IVL_MAX, 1000},
		{ZMQ_HEARTBEAT_IVL, 10000},
		{ZMQ_HEARTBEAT_TIMEOUT, 30000},
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

static int
connection_open(struct ninety_client *c)
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
	if (socket_configure(c->socket, &c->key) != 0) {
		connection_close(c);
		return NINETY_BAD_ARGUMENT;
	}
	c->monitor = watch_open(c->context, c->socket);
	if (c->monitor == NULL) {
		connection_close(c);
		return NINETY_NO_MEMORY;
	}
	if (zmq_getsockopt(c->socket, ZMQ_FD, &c->socket_fd, &size) != 0 ||
	    zmq_getsockopt(c->monitor, ZMQ_FD, &c->news_fd, &size) != 0) {
		connection_close(c);
		return NINETY_IO;
	}
	if (zmq_connect(c->socket, c->key.endpoint) != 0) {
		connection_close(c);
		return NINETY_BAD_ARGUMENT;
	}
	return NINETY_DONE;
}

int
ninety_client_open(const struct ninety_key *key,
		   struct ninety_client **out_client)
{
	struct ninety_client *c;
	int rc;

	if (key->endpoint[0] == '\0' || key->server_key[0] == '\0') {
		return NINETY_BAD_ARGUMENT;
	}
	if (secret_init() != 0) {
		return NINETY_NO_MEMORY;
	}
	c = calloc(1, sizeof(*c));
	if (c == NULL) {
		return NINETY_NO_MEMORY;
	}
	c->key = *key;
	(void)zmq_msg_init(&c->body);
	c->context = context_hold();
	rc = c->context == NULL ? NINETY_NO_MEMORY : connection_open(c);
	if (rc != NINETY_DONE) {
		ninety_client_close(c);
		return rc;
	}
	*out_client = c;
	return NINETY_DONE;
}

void
ninety_client_close(struct ninety_client *client)
{
	if (client == NULL) {
		return;
	}
	connection_close(client);
	if (client->context != NULL) {
		context_drop(client->context);
	}
	(void)zmq_msg_close(&client->body);
	if (client->text != NULL) {
		secret_wipe(client->text, client->text_cap);
		free(client->text);
	}
	ninety_key_wipe(&client->key);
	free(client);
}

static void
take_news(struct ninety_client *c)
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

/* What to wait for. Nothing is sent before the handshake is done: so we know
 * whether a call has left at all. (ZMQ_IMMEDIATE would see to that as well, but
 * with it libzmq drops the answers that are unread when a connection ends.) */
enum wait { WAIT_READY, WAIT_ROOM, WAIT_ANSWER };

static bool
has_room(struct ninety_client *c)
{
	int events = 0;
	size_t n = sizeof(events);

	return zmq_getsockopt(c->socket, ZMQ_EVENTS, &events, &n) == 0 &&
	       (events & ZMQ_POLLOUT) != 0;
}

/* Why waiting is in vain; NINETY_DONE when it is not. */
static int
hopeless(const struct ninety_client *c, bool until_lost)
{
	if (c->is_refused) {
		return NINETY_REFUSED;
	}
	if (c->n_foreign >= FOREIGN_MAX) {
		return NINETY_UNREACHABLE;
	}
	return until_lost && c->is_lost ? NINETY_TIMEOUT : NINETY_DONE;
}

/* To be called when what is waited for was looked for in vain. NINETY_DONE
 * when it is there, or may be (an answer: look again); NINETY_TIMEOUT at the
 * deadline, NINETY_REFUSED, NINETY_UNREACHABLE. A lost connection ends the
 * wait too when `until_lost`: NINETY_TIMEOUT.
 *
 * The sockets' own descriptors are polled, not zmq_poll asked, which makes ten
 * system calls of it. Such a descriptor is readable while libzmq has a word for
 * the socket that it has not taken yet; after a look that ended with EAGAIN it
 * has taken all, so that an answer comes with a new one. */
static int
connection_wait(struct ninety_client *c, enum wait what, int64_t deadline_ms,
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
		    (what == WAIT_ROOM && has_room(c)) ||
		    (what == WAIT_ANSWER && fds[1].revents != 0)) {
			return NINETY_DONE;
		}
		rc = hopeless(c, until_lost);
	}
	return rc == NINETY_DONE ? NINETY_TIMEOUT : rc;
}

/* Until the handshake is done. */
static int
connection_ready(struct ninety_client *c, int64_t deadline_ms)
{
	take_news(c);
	return c->is_ready ? NINETY_DONE
			   : connection_wait(c, WAIT_READY, deadline_ms,
					     false);
}

static int
send_frames(struct ninety_client *c, const unsigned char *id,
	    const char *operation, const void *body, size_t body_bytes)
{
	const struct {
		const void *p;
		size_t n;
	} frames[] = {{"", 0},
		      {NINETY_PROTOCOL, strlen(NINETY_PROTOCOL)},
		      {operation, strlen(operation)},
		      {id, NINETY_CALL_ID_BYTES},
		      {body, body_bytes}};
	const size_t n = sizeof(frames) / sizeof(frames[0]);

	for (size_t i = 0; i < n; i++) {
		int more = i + 1 < n ? ZMQ_SNDMORE : 0;

		/* Only the first part can find no room. */
		if (zmq_send(c->socket, frames[i].p, frames[i].n,
			     ZMQ_DONTWAIT | more) < 0) {
			return errno == EAGAIN ? NINETY_FULL : NINETY_IO;
		}
	}
	return NINETY_DONE;
}

/* The next frame of a message into `to`; false unless it fits and `more`
 * frames follow exactly when they should. */
static bool
take_frame(struct ninety_client *c, void *to, size_t cap, size_t *out_n,
	   bool want_more)
{
	int n = zmq_recv(c->socket, to, cap, ZMQ_DONTWAIT);
	int more = 0;
	size_t size = sizeof(more);

	if (n < 0 || (size_t)n > cap ||
	    zmq_getsockopt(c->socket, ZMQ_RCVMORE, &more, &size) != 0) {
		return false;
	}
	*out_n = (size_t)n;
	return (more != 0) == want_more;
}

static void
drop_rest(struct ninety_client *c)
{
	int more = 1;
	size_t size = sizeof(more);
	char scrap[1];

	while (zmq_getsockopt(c->socket, ZMQ_RCVMORE, &more, &size) == 0 &&
	       more != 0 && zmq_recv(c->socket, scrap, 1, ZMQ_DONTWAIT) >= 0) {
	}
}

static bool
take_body(struct ninety_client *c)
{
	size_t n;

	if (zmq_msg_recv(&c->body, c->socket, ZMQ_DONTWAIT) < 0 ||
	    zmq_msg_more(&c->body)) {
		return false;
	}
	n = zmq_msg_size(&c->body) + 1;
	if (n > c->text_cap) {
		char *grown = malloc(n);

		if (grown == NULL) {
			return false;
		}
		if (c->text != NULL) {
			secret_wipe(c->text, c->text_cap);
			free(c->text);
		}
		c->text = grown;
		c->text_cap = n;
	}
	memcpy(c->text, zmq_msg_data(&c->body), n - 1);
	c->text[n - 1] = '\0';
	return true;
}

/* Takes the message that is there; NINETY_TIMEOUT when there is none. */
static int
take_reply(struct ninety_client *c, struct ninety_reply *out)
{
	char empty[1];
	char version[8];
	unsigned char id[NINETY_CALL_ID_BYTES];
	size_t n_empty, n_version, n_id, n_status;

	errno = 0;
	if (!take_frame(c, empty, sizeof(empty), &n_empty, true)) {
		if (errno == EAGAIN) {
			return NINETY_TIMEOUT;
		}
		drop_rest(c);
		return NINETY_BAD_REPLY;
	}
	if (n_empty != 0 ||
	    !take_frame(c, version, sizeof(version), &n_version, true) ||
	    !take_frame(c, id, sizeof(id), &n_id, true) ||
	    !take_frame(c, c->status, sizeof(c->status) - 1, &n_status,
			true) ||
	    n_version != strlen(NINETY_PROTOCOL) ||
	    memcmp(version, NINETY_PROTOCOL, n_version) != 0 ||
	    n_id != sizeof(id) || !take_body(c)) {
		drop_rest(c);
		return NINETY_BAD_REPLY;
	}
	c->status[n_status] = '\0';
	memcpy(out->id, id, sizeof(id));
	out->status = c->status;
	out->body = c->text;
	out->body_bytes = zmq_msg_size(&c->body);
	return NINETY_DONE;
}

static bool
arguments_fit(const char *operation, size_t body_bytes)
{
	size_t n = strlen(operation);

	return n > 0 && n <= NINETY_OPERATION_BYTES_MAX &&
	       body_bytes <= NINETY_MESSAGE_BYTES_MAX;
}

struct call {
	const unsigned char *id;
	const char *operation;
	const char *body;
	int64_t deadline_ms;
	int64_t try_ms;
	bool is_sent; /* ever: then a missing answer means unknown */
};

/* Waits for the answer to this call; others are late ones, and dropped. */
static int
await_reply(struct ninety_client *c, const struct call *call, int64_t until_ms,
	    struct ninety_reply *out)
{
	for (;;) {
		int rc = take_reply(c, out);

		if (rc == NINETY_TIMEOUT) {
			rc = connection_wait(c, WAIT_ANSWER, until_ms, true);
		} else if (rc == NINETY_DONE &&
			   memcmp(out->id, call->id, sizeof(out->id)) == 0) {
			return rc;
		}
		if (rc != NINETY_DONE) {
			return rc;
		}
	}
}

/* One try: a connection, the question, the answer. */
static int
call_once(struct ninety_client *c, struct call *call, struct ninety_reply *out)
{
	int64_t until = now_ms() + call->try_ms;
	int rc = connection_open(c);

	if (until > call->deadline_ms) {
		until = call->deadline_ms;
	}
	if (rc == NINETY_DONE) {
		rc = connection_ready(c, until);
	}
	c->is_lost = false; /* before this call: no matter */
	if (rc == NINETY_DONE && !has_room(c)) {
		rc = connection_wait(c, WAIT_ROOM, until, true);
	}
	if (rc == NINETY_DONE) {
		rc = send_frames(c, call->id, call->operation, call->body,
				 strlen(call->body));
		call->is_sent = call->is_sent || rc == NINETY_DONE;
	}
	return rc == NINETY_DONE ? await_reply(c, call, until, out) : rc;
}

static void
pause_ms(int ms)
{
	const struct timespec t = {0, ms * 1000000L};

	(void)nanosleep(&t, NULL);
}

int
ninety_call_id(struct ninety_client *client,
	       const unsigned char id[NINETY_CALL_ID_BYTES],
	       const char *operation, const char *body, int timeout_ms,
	       struct ninety_reply *out_reply)
{
	struct call call = {.id = id,
			    .operation = operation,
			    .body = body == NULL ? "" : body,
			    .deadline_ms = now_ms() + timeout_ms,
			    .try_ms = timeout_ms / 4 > TRY_MS ? timeout_ms / 4
							      : TRY_MS};

	if (timeout_ms < 0 || !arguments_fit(operation, strlen(call.body))) {
		return NINETY_BAD_ARGUMENT;
	}
	for (;;) {
		int rc = call_once(client, &call, out_reply);

		if (rc == NINETY_DONE) {
			return rc;
		}
		/* Whatever went wrong, what is in flight on this connection
		 * must not be taken for an answer to the next call. */
		connection_close(client);
		if (rc != NINETY_TIMEOUT && rc != NINETY_FULL) {
			return rc;
		}
		if (now_ms() + REOPEN_MS >= call.deadline_ms) {
			return call.is_sent ? NINETY_TIMEOUT
					    : NINETY_UNREACHABLE;
		}
		pause_ms(REOPEN_MS);
	}
}

int
ninety_call(struct ninety_client *client, const char *operation,
	    const char *body, int timeout_ms, struct ninety_reply *out_reply)
{
	unsigned char id[NINETY_CALL_ID_BYTES];

	ninety_id_new(id);
	return ninety_call_id(client, id, operation, body, timeout_ms,
			      out_reply);
}

int
ninety_send(struct ninety_client *client,
	    const unsigned char id[NINETY_CALL_ID_BYTES],
	    const char *operation, const void *body, size_t body_bytes)
{
	int rc;

	if (!arguments_fit(operation, body_bytes)) {
		return NINETY_BAD_ARGUMENT;
	}
	rc = connection_open(client);
	if (rc == NINETY_DONE && !client->is_ready) {
		rc = connection_ready(client, now_ms() + HANDSHAKE_MS);
		if (rc == NINETY_TIMEOUT) {
			rc = NINETY_UNREACHABLE;
		}
	}
	return rc == NINETY_DONE ? send_frames(client, id, operation, body,
					       body_bytes)
				 : rc;
}

int
ninety_receive(struct ninety_client *client, int timeout_ms,
	       struct ninety_reply *out_reply)
{
	int64_t deadline_ms = 0;
	int rc = connection_open(client);

	while (rc == NINETY_DONE) {
		rc = take_reply(client, out_reply);
		if (rc != NINETY_TIMEOUT) {
			return rc;
		}
		/* Under load the next answer is here: no clock needed. */
		if (deadline_ms == 0) {
			deadline_ms = now_ms() + timeout_ms;
		}
		rc = connection_wait(client, WAIT_ANSWER, deadline_ms, false);
	}
	return rc;
}

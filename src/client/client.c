/* Lazy Pirate: an answer that does not come is asked for again under the same
 * id, over a new connection. The connection itself is dealer.c's, key files
 * are keyfile.c's. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zmq.h>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/id.h"
#include "base/secret.h"
#include "client/dealer.h"

/* An answer is waited for so long before it is asked for again; a quarter of
 * the whole patience if that is longer. */
#define TRY_MS 5000

struct ninety_client {
	struct ninety_key key;
	struct dealer dealer;
	zmq_msg_t body; /* of the last reply, NUL appended in `text` */
	char *text;
	size_t text_cap;
	char status[32];
};

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
	struct id id = id_new(clock_wall_ms(clock_system()), entropy_system());

	memcpy(out_id, id.b, NINETY_CALL_ID_BYTES);
}

static int64_t
now_ms(void)
{
	return clock_boot_ms(clock_system());
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
	rc = dealer_init(&c->dealer, &c->key);
	if (rc == NINETY_DONE) {
		rc = dealer_open(&c->dealer);
	}
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
	dealer_clear(&client->dealer);
	(void)zmq_msg_close(&client->body);
	if (client->text != NULL) {
		secret_wipe(client->text, client->text_cap);
		free(client->text);
	}
	ninety_key_wipe(&client->key);
	free(client);
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
		if (zmq_send(c->dealer.socket, frames[i].p, frames[i].n,
			     ZMQ_DONTWAIT | more) < 0) {
			return errno == EAGAIN ? NINETY_FULL : NINETY_IO;
		}
	}
	return NINETY_DONE;
}

/* Whether the message that is being taken has frames left. */
static bool
has_more(struct ninety_client *c)
{
	int more = 0;
	size_t size = sizeof(more);

	return zmq_getsockopt(c->dealer.socket, ZMQ_RCVMORE, &more, &size) ==
		       0 &&
	       more != 0;
}

/* The next frame of a message, not its last, into `to`; false unless it fits
 * and others follow. */
static bool
take_frame(struct ninety_client *c, void *to, size_t cap, size_t *out_n)
{
	int n = zmq_recv(c->dealer.socket, to, cap, ZMQ_DONTWAIT);

	if (n < 0 || (size_t)n > cap) {
		return false;
	}
	*out_n = (size_t)n;
	return has_more(c);
}

static void
drop_rest(struct ninety_client *c)
{
	char scrap[1];

	while (has_more(c) &&
	       zmq_recv(c->dealer.socket, scrap, 1, ZMQ_DONTWAIT) >= 0) {
	}
}

static bool
take_body(struct ninety_client *c)
{
	size_t n;

	if (zmq_msg_recv(&c->body, c->dealer.socket, ZMQ_DONTWAIT) < 0 ||
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
	char version[8];
	unsigned char id[NINETY_CALL_ID_BYTES];
	size_t n_version, n_id, n_status;
	int n_empty = zmq_recv(c->dealer.socket, version, sizeof(version),
			       ZMQ_DONTWAIT);

	if (n_empty < 0 && errno == EAGAIN) {
		return NINETY_TIMEOUT;
	}
	if (n_empty != 0 || !has_more(c) ||
	    !take_frame(c, version, sizeof(version), &n_version) ||
	    !take_frame(c, id, sizeof(id), &n_id) ||
	    !take_frame(c, c->status, sizeof(c->status) - 1, &n_status) ||
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
			rc = dealer_wait(&c->dealer, WAIT_ANSWER, until_ms,
					 true);
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
	int rc = dealer_open(&c->dealer);

	if (until > call->deadline_ms) {
		until = call->deadline_ms;
	}
	if (rc == NINETY_DONE) {
		rc = dealer_ready(&c->dealer, until);
	}
	c->dealer.is_lost = false; /* before this call: no matter */
	if (rc == NINETY_DONE && !dealer_has_room(&c->dealer)) {
		rc = dealer_wait(&c->dealer, WAIT_ROOM, until, true);
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
		dealer_close(&client->dealer);
		if (rc != NINETY_TIMEOUT && rc != NINETY_FULL) {
			return rc;
		}
		if (now_ms() + DEALER_REOPEN_MS >= call.deadline_ms) {
			return call.is_sent ? NINETY_TIMEOUT
					    : NINETY_UNREACHABLE;
		}
		pause_ms(DEALER_REOPEN_MS);
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
	    const unsigned char id[NINETY_CALL_ID_BYTES], const char *operation,
	    const void *body, size_t body_bytes)
{
	int rc;

	if (!arguments_fit(operation, body_bytes)) {
		return NINETY_BAD_ARGUMENT;
	}
	rc = dealer_open(&client->dealer);
	if (rc == NINETY_DONE && !client->dealer.is_ready) {
		rc = dealer_ready(&client->dealer,
				  now_ms() + DEALER_HANDSHAKE_MS);
		if (rc == NINETY_TIMEOUT) {
			rc = NINETY_UNREACHABLE;
		}
	}
	return rc == NINETY_DONE
		       ? send_frames(client, id, operation, body, body_bytes)
		       : rc;
}

int
ninety_receive(struct ninety_client *client, int timeout_ms,
	       struct ninety_reply *out_reply)
{
	int64_t deadline_ms = 0;
	int rc = dealer_open(&client->dealer);

	while (rc == NINETY_DONE) {
		rc = take_reply(client, out_reply);
		if (rc != NINETY_TIMEOUT) {
			return rc;
		}
		/* Under load the next answer is here: no clock needed. */
		if (deadline_ms == 0) {
			deadline_ms = now_ms() + timeout_ms;
		}
		rc = dealer_wait(&client->dealer, WAIT_ANSWER, deadline_ms,
				 false);
	}
	return rc;
}

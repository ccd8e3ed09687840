/* The ZAP handler: one thread, one REP socket, a table in memory, the same
 * work for each question. */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <zmq.h>

#include "base/log.h"
#include "base/secret.h"
#include "front/zap.h"

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_FRAMES 7
#define ZAP_FRAME_BYTES_MAX 256

struct zap {
	void *socket;
	struct keytable *keys;
	pthread_t thread;
	atomic_bool is_stopping;
	atomic_ullong denied;
	atomic_ullong probes_refused;
	pthread_mutex_t probe_lock;
	uint8_t probe[NINETY_KEY_BYTES];
};

struct question {
	uint8_t frames[ZAP_FRAMES][ZAP_FRAME_BYTES_MAX];
	size_t sizes[ZAP_FRAMES];
	size_t n;
};

/* Reads a whole question; a frame that does not fit counts as empty. False when the socket is no more. */
static bool
question_read(struct zap *z, struct question *q)
{
	int more = 1;
	size_t size = sizeof(more);

	q->n = 0;
	while (more != 0) {
		uint8_t scrap[1];
		bool fits = q->n < ZAP_FRAMES;
		int n = zmq_recv(z->socket, fits ? q->frames[q->n] : scrap,
				 fits ? ZAP_FRAME_BYTES_MAX : 1, 0);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0 || zmq_getsockopt(z->socket, ZMQ_RCVMORE, &more,
					    &size) != 0) {
			return false;
		}
		if (fits) {
			q->sizes[q->n] = n <= ZAP_FRAME_BYTES_MAX ? (size_t)n
								  : 0;
		}
		q->n++;
	}
	return true;
}

static bool
frame_is(const struct question *q, size_t i, const char *text)
{
	return q->sizes[i] == strlen(text) &&
	       memcmp(q->frames[i], text, q->sizes[i]) == 0;
}

static bool
is_probe(struct zap *z, const uint8_t *key)
{
	bool same;

	(void)pthread_mutex_lock(&z->probe_lock);
	same = secret_equal(key, z->probe, NINETY_KEY_BYTES);
	(void)pthread_mutex_unlock(&z->probe_lock);
	return same;
}

/* Frames: version, request id, domain, address, identity, mechanism, key. The
 * request id is always "1" and the identity our own: neither is used. */
static bool
question_judge(struct zap *z, const struct question *q,
	       char out_user[NINETY_KEY_TEXT_BYTES])
{
	if (q->n != ZAP_FRAMES || !frame_is(q, 0, "1.0") ||
	    !frame_is(q, 2, NINETY_ZAP_DOMAIN) || !frame_is(q, 5, "CURVE") ||
	    q->sizes[6] != NINETY_KEY_BYTES) {
		atomic_fetch_add(&z->denied, 1);
		return false;
	}
	keytable_text(q->frames[6], out_user);
	if (is_probe(z, q->frames[6])) {
		atomic_fetch_add(&z->probes_refused, 1);
		return false;
	}
	if (!keytable_has(z->keys, out_user)) {
		atomic_fetch_add(&z->denied, 1);
		return false;
	}
	return true;
}

static bool
answer(struct zap *z, const struct question *q, bool is_known,
       const char *user)
{
	const char *parts[] = {is_known ? "200" : "400",
			       is_known ? "OK" : "not enrolled",
			       is_known ? user : "", ""};

	if (zmq_send(z->socket, "1.0", 3, ZMQ_SNDMORE) < 0 ||
	    zmq_send(z->socket, q->frames[1], q->n > 1 ? q->sizes[1] : 0,
		     ZMQ_SNDMORE) < 0) {
		return false;
	}
	for (size_t i = 0; i < 4; i++) {
		if (zmq_send(z->socket, parts[i], strlen(parts[i]),
			     i < 3 ? ZMQ_SNDMORE : 0) < 0) {
			return false;
		}
	}
	return true;
}

static void *
handler(void *arg)
{
	struct zap *z = arg;
	struct question q = {.n = 0};

	while (question_read(z, &q)) {
		char user[NINETY_KEY_TEXT_BYTES] = "";
		bool is_known = question_judge(z, &q, user);

		if (!answer(z, &q, is_known, user)) {
			break;
		}
	}
	if (!atomic_load(&z->is_stopping)) {
		/* From here on libzmq would let everybody in. */
		log_plain(LOG_ERROR, "zap_handler_died");
		_exit(EX_SOFTWARE);
	}
	(void)zmq_close(z->socket);
	return NULL;
}

struct zap *
zap_start(void *zmq_context, struct keytable *keys)
{
	struct zap *z = calloc(1, sizeof(*z));

	if (z == NULL || pthread_mutex_init(&z->probe_lock, NULL) != 0) {
		free(z);
		(void)err_set(ERR_NOMEM, "no memory for the ZAP handler");
		return NULL;
	}
	z->keys = keys;
	z->socket = zmq_socket(zmq_context, ZMQ_REP);
	if (z->socket == NULL || zmq_bind(z->socket, ZAP_ENDPOINT) != 0 ||
	    pthread_create(&z->thread, NULL, handler, z) != 0) {
		(void)err_set(ERR_IO, "the ZAP handler does not start: %s",
			      zmq_strerror(errno));
		if (z->socket != NULL) {
			(void)zmq_close(z->socket);
		}
		(void)pthread_mutex_destroy(&z->probe_lock);
		free(z);
		return NULL;
	}
	return z;
}

void
zap_stopping(struct zap *z)
{
	atomic_store(&z->is_stopping, true);
}

void
zap_join(struct zap *z)
{
	(void)pthread_join(z->thread, NULL);
	(void)pthread_mutex_destroy(&z->probe_lock);
	free(z);
}

uint64_t
zap_denied(const struct zap *z)
{
	return atomic_load(&z->denied);
}

void
zap_expect_probe(struct zap *z, const uint8_t key[NINETY_KEY_BYTES])
{
	(void)pthread_mutex_lock(&z->probe_lock);
	memcpy(z->probe, key, NINETY_KEY_BYTES);
	(void)pthread_mutex_unlock(&z->probe_lock);
}

uint64_t
zap_probes_refused(struct zap *z)
{
	return atomic_load(&z->probes_refused);
}

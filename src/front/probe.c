/* CURVE is fail-open in libzmq (docs: SECURITY.md): trust is good, a knock at
 * the own door is better. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "base/entropy.h"
#include "base/secret.h"
#include "front/probe.h"

#define PROBE_WORD_BYTES 32

struct probe {
	struct zap *zap;
	void *socket;
	size_t n;
	uint64_t refused_before;
	int64_t deadline_ms;
	uint8_t word[PROBE_WORD_BYTES];
};

static int
probe_socket(struct probe *p, const char *server_key, char *const *endpoints)
{
	char public_key[NINETY_KEY_TEXT_BYTES];
	char secret_key[NINETY_KEY_TEXT_BYTES];
	uint8_t raw[NINETY_KEY_BYTES];
	const int none = 0;
	const int never = -1;
	void *s = p->socket;

	if (s == NULL || zmq_curve_keypair(public_key, secret_key) != 0 ||
	    zmq_z85_decode(raw, public_key) == NULL) {
		return -1;
	}
	zap_expect_probe(p->zap, raw);
	if (zmq_setsockopt(s, ZMQ_LINGER, &none, sizeof(none)) != 0 ||
	    zmq_setsockopt(s, ZMQ_RECONNECT_IVL, &never, sizeof(never)) != 0 ||
	    zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, server_key,
			   NINETY_KEY_TEXT_BYTES) != 0 ||
	    zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, public_key,
			   NINETY_KEY_TEXT_BYTES) != 0 ||
	    zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, secret_key,
			   NINETY_KEY_TEXT_BYTES) != 0) {
		return -1;
	}
	for (size_t i = 0; i < p->n; i++) {
		const int v6 = strchr(endpoints[i], '[') != NULL;

		if (zmq_setsockopt(s, ZMQ_IPV6, &v6, sizeof(v6)) != 0 ||
		    zmq_connect(s, endpoints[i]) != 0 ||
		    zmq_send(s, "", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
		    zmq_send(s, p->word, sizeof(p->word), ZMQ_DONTWAIT) < 0) {
			return -1;
		}
	}
	return 0;
}

struct probe *
probe_start(void *zmq_context, struct zap *zap, const char *server_key,
	    char *const *endpoints, size_t n, int64_t now_ms)
{
	struct probe *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		(void)err_set(ERR_NOMEM, "no memory for the self-test");
		return NULL;
	}
	p->zap = zap;
	p->n = n;
	p->refused_before = zap_probes_refused(zap);
	p->deadline_ms = now_ms + PROBE_MS_MAX;
	entropy_fill(entropy_system(), p->word, sizeof(p->word));
	p->socket = zmq_socket(zmq_context, ZMQ_DEALER);
	if (probe_socket(p, server_key, endpoints) != 0) {
		(void)err_set(ERR_IO, "the self-test does not start: %s",
			      zmq_strerror(errno));
		probe_end(p);
		return NULL;
	}
	return p;
}

enum probe_state
probe_state(const struct probe *p, int64_t now_ms)
{
	if (zap_probes_refused(p->zap) - p->refused_before >= p->n) {
		return PROBE_PASSED;
	}
	return now_ms >= p->deadline_ms ? PROBE_FAILED : PROBE_RUNS;
}

bool
probe_is_message(const struct probe *p, const void *frame, size_t n)
{
	return p != NULL && n == sizeof(p->word) &&
	       secret_equal(frame, p->word, n);
}

void
probe_end(struct probe *p)
{
	if (p != NULL) {
		if (p->socket != NULL) {
			(void)zmq_close(p->socket);
		}
		free(p);
	}
}

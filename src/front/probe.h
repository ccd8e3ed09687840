#ifndef FRONT_PROBE_H
#define FRONT_PROBE_H

#include "front/zap.h"

/*
 * The self-test that an unknown key is refused: a client of our own with a
 * fresh key knocks at our own endpoints. It has passed when the handler has
 * refused that key at each of them; nothing else counts as passing.
 */
struct probe;

#define PROBE_MS_MAX 5000

/* server_key in Z85. NULL on failure, with a context. */
struct probe *probe_start(void *zmq_context, struct zap *zap,
			  const char *server_key, char *const *endpoints,
			  size_t n, int64_t now_ms);

enum probe_state { PROBE_RUNS, PROBE_PASSED, PROBE_FAILED };

enum probe_state probe_state(const struct probe *p, int64_t now_ms);

/* Is this what the probe says when it is let in? Then the front is open to
 * everybody. */
bool probe_is_message(const struct probe *p, const void *frame, size_t n);

void probe_end(struct probe *p);

#endif

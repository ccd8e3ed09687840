#ifndef FRONT_ZAP_H
#define FRONT_ZAP_H

#include "front/keytable.h"

/*
 * Who may connect: the handler that libzmq asks at each CURVE handshake
 * (ZAP 1.0, rfc.zeromq.org/spec/27). libzmq lets everybody in when there is no
 * handler, so that a handler which stops for any reason but zap_stop ends the
 * process.
 */
struct zap;

/* Binds the handler in the context and starts it; must be the context's first
 * socket. `keys` must outlive it. NULL and a context text on failure. */
struct zap *zap_start(void *zmq_context, struct keytable *keys);

/* Tells it that the context is about to end; join after zmq_ctx_term. */
void zap_stopping(struct zap *z);
void zap_join(struct zap *z);

/* Handshakes refused so far. */
uint64_t zap_denied(const struct zap *z);

/* The self-test's key: its refusals are counted apart. */
void zap_expect_probe(struct zap *z, const uint8_t key[NINETY_KEY_BYTES]);
uint64_t zap_probes_refused(struct zap *z);

#endif

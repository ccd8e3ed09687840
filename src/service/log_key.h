#ifndef SERVICE_LOG_KEY_H
#define SERVICE_LOG_KEY_H

#include "audit/head.h"
#include "call/call.h"

/* The log's signing key: an Ed25519 seed, made with the instance, sealed under
 * SLOT_LOG_SIGNER in TABLE_SYSTEM "log.seed". */
int log_key_create(struct call *c) MUST_CHECK;
int log_key_load(struct call *c, struct key *out_seed) MUST_CHECK;

/* The origin the log has now: what it last signed under, or the policy's. */
int log_origin(const struct policy *p, const struct head *head,
	       char out[ORIGIN_BYTES_MAX + 1]) MUST_CHECK;

#endif

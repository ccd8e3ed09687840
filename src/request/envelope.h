#ifndef REQUEST_ENVELOPE_H
#define REQUEST_ENVELOPE_H

#include "base/buf.h"

/*
 * A bundle sealed to the person's own key, docs/protocol.md "Bundles":
 *
 *	crypto_box_seal(reply_key, K) 80 ||
 *	BLAKE2b-256(key = K, "ninety bundle 1") 32 ||
 *	crypto_secretstream_xchacha20poly1305 header 24 ||
 *	chunks of 65,536 bytes of plain text, each 17 longer, the last with
 *	TAG_FINAL
 *
 * The hash commits to K, which the stream alone does not.
 */
#define ENVELOPE_LABEL "ninety bundle 1"
#define ENVELOPE_CHUNK_BYTES 65536
#define ENVELOPE_HEAD_BYTES (80 + 32 + 24)
#define ENVELOPE_KEY_BYTES 32

/* Whether a secret can be shared with this point of X25519: a few cannot. */
bool envelope_key_is_good(const uint8_t reply_key[ENVELOPE_KEY_BYTES]);

/* ERR_INVALID: not a key that anything can be sealed to. */
int envelope_seal(const uint8_t reply_key[ENVELOPE_KEY_BYTES],
		  struct bytes plain, struct buf *to) MUST_CHECK;

#endif

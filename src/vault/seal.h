#ifndef VAULT_SEAL_H
#define VAULT_SEAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "keyring/keyring.h"

/*
 * Sealing: XChaCha20-Poly1305 under a key made for one record,
 *
 *	k_enc || k_com = BLAKE2b-512(key = K_slot,
 *	                             K_day || nonce || BLAKE2b-256(aad))
 *	stored = version 1 || nonce 24 || k_com 32 || ciphertext and tag
 *
 * with K_day zero where the record has no day. k_com commits to key and
 * context and is compared before anything is decrypted. The associated data
 * has a fixed length: a record moved, swapped or renamed does not open.
 * docs/format.md "Sealed records"; vectors in tests/vectors/seal.json.
 */
enum seal_type {
	SEAL_SUBJECT = 1,
	SEAL_RECORD = 2,
	SEAL_BUCKET = 3,
	SEAL_CALL = 5,
	SEAL_PRINCIPAL = 6,
	SEAL_REQUEST = 7,
	SEAL_VISITOR = 8,
	SEAL_VISIT = 9,
	SEAL_SHARE = 10,
	SEAL_NOTICE = 11,
	SEAL_INVITE = 12,
	SEAL_HOLD = 13,
	SEAL_JOB = 14,
	SEAL_BUNDLE = 15,
	SEAL_PAGE = 16
};

#define SEAL_VERSION 1
#define SEAL_OVERHEAD_BYTES (1 + 24 + 32 + 16)
#define SEAL_AAD_BYTES 61
#define DAY_NONE INT32_MIN

struct seal_context {
	enum seal_type type;
	uint16_t category; /* 0 where there is none */
	slot_t slot;
	struct id record;  /* the row's own id; nil where the slot names it */
	uint64_t version;
	date_t day;        /* DAY_NONE: no day key */
	uint16_t schema;   /* version of the plaintext's layout */
};

/* The associated data: "N9S1" || store id 16 || type 1 || category 2 || slot 8
 * || record 16 || version 8 || day 4 || schema 2, big-endian. */
void seal_aad(const struct seal_context *c, struct id store_id,
	      uint8_t out[SEAL_AAD_BYTES]);

/* Appends the sealed form. ERR_EXPIRED: the slot or the day is dead. */
int seal_put(struct keyring *k, const struct seal_context *c,
	     struct bytes plain, struct buf *to) MUST_CHECK;

/* The same into the arena: *out_sealed is valid as long as the arena. */
int seal_make(struct keyring *k, const struct seal_context *c,
	      struct bytes plain, struct arena *a,
	      struct bytes *out_sealed) MUST_CHECK;

/* The plaintext in the arena. ERR_EXPIRED: slot or day dead. ERR_SEAL: it does
 * not open: changed, moved, or not ours. */
int seal_open(struct keyring *k, const struct seal_context *c,
	      struct bytes sealed, struct arena *a,
	      struct bytes *out_plain) MUST_CHECK;

#endif

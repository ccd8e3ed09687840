#ifndef AUDIT_LEAF_H
#define AUDIT_LEAF_H

#include "audit/merkle.h"
#include "base/id.h"
#include "base/secret.h"
#include "base/value.h"

/*
 * One entry of the log: 64 bytes, docs/format.md "The log". It says what kind
 * of thing happened, when, and how it ended; never to whom. Who and what are
 * in the details, which the leaf only commits to; the commitment opens with a
 * key that dies with the person's last data.
 *
 * The number of a type stands in logs for ever: append, never renumber.
 */
#define LEAF_BYTES 64
#define LEAF_VERSION 1
#define COMMITMENT_BYTES 32

#define LEAF_TYPES(X)                                                         \
	/* the log and the service */                                         \
	X(SUCCESSOR, 1, "successor")                                          \
	X(GAP_ACKNOWLEDGED, 2, "gap_acknowledged")                            \
	X(KEY_ROTATION, 3, "key_rotation")                                    \
	X(GROWTH, 4, "growth")                                                \
	X(POLICY_CHANGE, 5, "policy_change")                                  \
	X(PRINCIPAL_ADDED, 6, "principal_added")                              \
	X(PRINCIPAL_REVOKED, 7, "principal_revoked")                          \
	X(BACKUP, 8, "backup")                                                \
	X(RESTORE, 9, "restore")                                              \
	X(CLOCK_STOPPED, 10, "clock_stopped")                                 \
	X(CLOCK_CONFIRMED, 11, "clock_confirmed")                             \
	X(ALARM, 12, "alarm")                                                 \
	X(REPORT, 13, "report")                                               \
	X(HISTORY, 14, "history")                                             \
	X(DENIED, 15, "denied")                                               \
	X(STARTED, 16, "started")                                             \
	/* people */                                                          \
	X(REGISTER, 32, "register")                                           \
	X(REGISTER_REFUSED_AGE, 33, "register_refused_age")                   \
	X(REGISTER_REFUSED, 34, "register_refused")                           \
	X(INQUIRY, 35, "inquiry")                                             \
	X(FIND, 36, "find")                                                   \
	X(READ, 37, "read")                                                   \
	X(WRITE, 38, "write")                                                 \
	X(REFUSED, 39, "refused")                                             \
	X(BLOCK, 40, "block")                                                 \
	X(CLOSE, 41, "close")                                                 \
	X(REOPEN, 42, "reopen")                                               \
	X(TERMS, 43, "terms")                                                 \
	X(CONSENT, 44, "consent")                                             \
	X(INVITE, 45, "invite")                                               \
	X(INVITE_TAKEN, 46, "invite_taken")                                   \
	X(INVITE_EXPIRED, 47, "invite_expired")                               \
	X(IMPORT, 48, "import")                                               \
	X(STATUS, 49, "status")                                               \
	X(UNBLOCK, 50, "unblock")                                             \
	X(ADULTHOOD, 51, "adulthood")                                         \
	/* navigation */                                                      \
	X(VISIT, 64, "visit")                                                 \
	X(IDENTIFY, 65, "identify")                                           \
	X(VISIT_READ, 66, "visit_read")                                       \
	/* sharing */                                                         \
	X(DISCLOSE, 72, "disclose")                                           \
	X(DISCLOSE_REFUSED, 73, "disclose_refused")                           \
	X(DISCLOSE_DECLARED, 74, "disclose_declared")                         \
	X(SHARES_READ, 75, "shares_read")                                     \
	/* requests */                                                        \
	X(REQUEST_SUBMITTED, 96, "request_submitted")                         \
	X(REQUEST_CHALLENGED, 97, "request_challenged")                       \
	X(REQUEST_VERIFIED, 98, "request_verified")                           \
	X(REQUEST_VERIFY_FAILED, 99, "request_verify_failed")                 \
	X(REQUEST_CONFIRMED, 100, "request_confirmed")                        \
	X(REQUEST_NOTIFIED, 101, "request_notified")                          \
	X(REQUEST_EXTENDED, 102, "request_extended")                          \
	X(REQUEST_PAUSED, 103, "request_paused")                              \
	X(REQUEST_RESUMED, 104, "request_resumed")                            \
	X(REQUEST_CORRECTED, 105, "request_corrected")                        \
	X(REQUEST_DENIED, 106, "request_denied")                              \
	X(REQUEST_REVOKED, 107, "request_revoked")                            \
	X(REQUEST_SCHEDULED, 108, "request_scheduled")                        \
	X(REQUEST_FULFILLED, 109, "request_fulfilled")                        \
	X(REQUEST_EXPIRED, 110, "request_expired")                            \
	X(REQUEST_EXPORTED, 111, "request_exported")                          \
	X(REQUEST_READ, 112, "request_read")                                  \
	X(REQUEST_ASSIGNED, 113, "request_assigned")                          \
	X(REQUEST_NOTED, 114, "request_noted")                                \
	X(REQUEST_RECEIPT, 115, "request_receipt")                            \
	/* retention and erasure */                                           \
	X(ERASURE, 128, "erasure")                                            \
	X(ERASURE_BATCH, 129, "erasure_batch")                                \
	X(EXPIRY_DAY, 130, "expiry_day")                                      \
	X(RETENTION_RUN, 131, "retention_run")                                \
	X(HOLD_PLACED, 132, "hold_placed")                                    \
	X(HOLD_RELEASED, 133, "hold_released")                                \
	X(HOLD_ENDED, 134, "hold_ended")                                      \
	/* what people and recipients must be told */                         \
	X(NOTICE, 144, "notice")                                              \
	X(NOTICE_ACKNOWLEDGED, 145, "notice_acknowledged")

enum leaf_type {
#define X(name, number, word) LEAF_##name = number,
	LEAF_TYPES(X)
#undef X
};

struct leaf {
	enum leaf_type type;
	uint8_t outcome;    /* leaf_outcome; 0: done */
	uint8_t category;   /* number in the policy, 0: none */
	uint16_t recipient; /* number in the policy, 0: none */
	uint16_t count;     /* of what the leaf stands for: calls, people */
	int64_t at_ms;
	struct id id; /* random, of this leaf alone: never the caller's */
	uint8_t commitment[COMMITMENT_BYTES]; /* zero: no details */
};

/* The two keys of one leaf, from the person's LOG slot: that of the commitment,
 * which a receipt gives away, and that of the details as the store keeps them.
 * Neither leads to the other. */
struct leaf_keys {
	struct key commit; /* k_leaf */
	struct key seal;   /* k_details */
};

static inline void
leaf_keys_wipe(struct leaf_keys *k)
{
	secret_wipe(k, sizeof(*k));
}

#define AUTO_LEAF_KEYS                                                        \
	__attribute__((cleanup(leaf_keys_wipe))) struct leaf_keys

/* An outcome's byte: 0 for 0, else the place, from 1, of the wire status that
 * a caller would be told (errors.h). */
uint8_t leaf_outcome(int rc);

/* "done" or the status's word; NULL for a number nobody has. */
const char *leaf_outcome_word(uint8_t outcome);

/* "read", "request_fulfilled", ...; NULL for a number nobody has. */
const char *leaf_type_word(unsigned number);

/* Asserts that type and outcome are known. */
void leaf_encode(const struct leaf *l, uint8_t out[LEAF_BYTES]);

/* Strict: the encoding of a leaf is the only one. ERR_CORRUPT. */
int leaf_decode(struct bytes from, struct leaf *out) MUST_CHECK;

/* For audit.entries: an object {type, at, outcome, category?, recipient?,
 * count?, id, commitment?} in the arena. ERR_NOMEM. */
int leaf_describe(const struct leaf *l, struct arena *a,
		  struct value *out) MUST_CHECK;

/* k_leaf || k_details = BLAKE2b-512(key = the LOG slot's key, salt 0, personal
 * "ninety leaf", the leaf's id). The caller wipes them (AUTO_LEAF_KEYS). */
void leaf_keys(const struct key *log_slot, struct id leaf_id,
	       struct leaf_keys *out);

/* BLAKE2b-256(key = k_leaf, details). */
void leaf_commit(const struct key *k_leaf, struct bytes details,
		 uint8_t out[COMMITMENT_BYTES]);

/* ERR_SEAL when these are not the details committed to. */
int leaf_open(const struct leaf *l, const struct key *k_leaf,
	      struct bytes details) MUST_CHECK;

/* The details for the store, as many bytes: XChaCha20 under k_details, its
 * nonce the commitment's first 24 bytes, so that the commitment is at once the
 * tag: what is not exactly the details committed to does not open. */
void leaf_seal(const struct leaf *l, const struct leaf_keys *keys,
	       struct bytes details, uint8_t *out);

/* ERR_SEAL: changed, of another leaf, or under another key. */
int leaf_unseal(const struct leaf *l, const struct leaf_keys *keys,
		struct bytes sealed, uint8_t *out_details) MUST_CHECK;

#endif

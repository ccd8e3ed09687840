#ifndef CALL_CALL_H
#define CALL_CALL_H

#include "audit/leaf.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "base/field.h"
#include "keyring/keyring.h"
#include "policy/policy.h"
#include "policy/role.h"
#include "store/txn.h"
#include "vault/seal.h"
#include "vault/vault.h"

/*
 * What every operation receives. A domain function reads facts through
 * call->txn, asks call->policy, writes its effects into call->txn and returns
 * 0 or an error; dispatch writes the leaf, stores the reply, commits. It has
 * no effect outside of its write sets: it may be run again.
 *
 *	int subject_block(struct call *c, const struct subject_block_in *in,
 *	                  struct nothing *out);
 *
 * `in` and `out` live in the call's arena. Times come from call->now_ms and
 * call->today alone.
 */
struct caller {
	uint8_t key[32];
	uint32_t number;  /* of the principal, never reused; 0: internal */
	const char *name; /* "" for the internal caller */
	unsigned roles;   /* ROLE_ bits, policy/role.h */
};

/* An entry for the log, gathered while the operation runs. */
struct call_leaf {
	enum leaf_type type;
	int outcome;        /* 0 or an enum err */
	uint8_t category;   /* numeric id by policy, 0: none */
	uint16_t recipient; /* numeric id by policy, 0: none */
	slot_t log_slot;    /* whose history it is in; SLOT_NONE: nobody's */
	struct value details; /* opened by whoever has the LOG key; an object */
};

#define CALL_LEAVES_MAX 64

struct job;
struct core;

struct call {
	const char *operation;
	struct id id;           /* the caller's own id of the call */
	struct caller caller;
	int64_t now_ms;
	date_t today;           /* in the house's time zone */
	struct txn *txn;
	struct arena *arena;
	struct keyring *keys;
	const struct policy *policy;
	struct entropy *entropy;
	struct core *core;      /* service only */

	struct call_leaf leaves[CALL_LEAVES_MAX];
	size_t n_leaves;
	/* Who the call is about: their LOG slot for leaves that dispatch makes
	 * of refusals, and the slot that seals the stored reply. */
	slot_t log_slot;
	slot_t reply_slot;
	/* The answer comes when this job ends. */
	struct id deferred_to;
};

struct nothing {
	char unused;
};

/* Gathers a leaf for when the operation succeeds. When it fails, dispatch
 * writes one leaf with the error as its outcome: of the first entry's type,
 * category and recipient if there is one. Details: kept small, no free text of
 * people beyond a reason. ERR_TOO_MANY. */
int call_leaf(struct call *c, struct call_leaf leaf) MUST_CHECK;

/* As call_leaf, but the entry is written whatever becomes of the operation: a
 * refused share, a wrong code. */
int call_leaf_always(struct call *c, struct call_leaf leaf) MUST_CHECK;

/* Sets log_slot and reply_slot from a person's base slot. */
void call_about(struct call *c, slot_t person_base);

/* A new UUIDv7. */
struct id call_new_id(struct call *c);

bool call_has_role(const struct call *c, unsigned roles);

/* The operation's reads, writes, keys and moment, as the vault wants them. */
static inline struct vault
call_vault(const struct call *c)
{
	return (struct vault){.txn = c->txn,
			      .keys = c->keys,
			      .policy = c->policy,
			      .entropy = c->entropy,
			      .arena = c->arena,
			      .now_ms = c->now_ms,
			      .today = c->today};
}

/*
 * Jobs: work that is too long for one operation. A job is a row; its kind's
 * step function is called by the internal role, one operation a step, until
 * it says JOB_DONE; after a crash the last step that was not durable runs
 * again. State is a packed value under SLOT_SYSTEM: ids, cursors and counts,
 * nothing of a person.
 */
enum job_next {
	JOB_AGAIN,   /* run the next step soon */
	JOB_WAIT,    /* sleep until job_wake (or after its `not_before_ms`) */
	JOB_DONE     /* the row goes; a deferred call gets its answer */
};

struct job {
	struct id id;
	const char *kind;       /* a row of the table of job kinds */
	int64_t not_before_ms;
	struct value state;     /* an object */
	/* The answer of the call that waits for this job, when it ends: the
	 * `out` struct of that operation. Set by the last step. */
	const void *answer;
	int answer_rc;
};

typedef int job_step_fn(struct call *c, struct job *job,
			enum job_next *out_next);

/* Makes the row; the first step runs once the call is durable. */
int job_start(struct call *c, const char *kind, struct value state,
	      struct id *out_job) MUST_CHECK;

/* The caller is answered by the job's last step instead of by this operation
 * (which must return 0). */
void job_answers(struct call *c, struct id job);

/* Makes a waiting job run; no error when it is gone. */
int job_wake(struct call *c, struct id job) MUST_CHECK;

#endif

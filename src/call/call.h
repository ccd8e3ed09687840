#ifndef CALL_CALL_H
#define CALL_CALL_H

#include "audit/leaf.h"
#include "base/buf.h"
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
	uint16_t count;     /* of what it stands for: calls, people */
	bool always;        /* written whatever becomes of the operation */
};

#define CALL_LEAVES_MAX 64
#define CALL_JOBS_MAX 128

struct job;
struct core;

struct call {
	const char *operation;
	struct id id;           /* the caller's own id of the call */
	struct caller caller;
	int64_t now_ms;
	date_t today;           /* in the house's time zone */
	int64_t boot_ms;        /* the boot clock: how time really went by */
	int64_t started_at_ms;  /* when this run of the service began */
	struct txn *txn;
	struct arena *arena;
	struct keyring *keys;
	const struct policy *policy;
	struct entropy *entropy;
	struct core *core;      /* service only */

	/* Who the call is about: their LOG slot for leaves that dispatch makes
	 * of refusals, and the slot that seals the stored reply. */
	slot_t log_slot;
	slot_t reply_slot;
	/* The answer comes when this job ends; nil: at once. */
	struct id deferred_to;
	size_t n_leaves;
	size_t n_runnable;

	/* Of these the first n count, and the others hold anything: they are
	 * the most of a call, and most calls have one leaf. */
	struct call_leaf leaves[CALL_LEAVES_MAX];
	/* Jobs that have something to do once this is durable. */
	struct id runnable[CALL_JOBS_MAX];
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
	JOB_AGAIN,    /* run the next step soon */
	JOB_AGAIN_KEEP, /* the same, and it gets the same result again */
	JOB_WAIT,     /* sleep until job_wake, or until `not_before_ms` if set */
	JOB_SNAPSHOT, /* run the kind's `read` on a reader thread, then step */
	JOB_DONE      /* the row goes; a deferred call gets its answer */
};

struct job {
	struct id id;
	const char *kind;       /* a row of the table of job kinds */
	int64_t not_before_ms;  /* JOB_WAIT: runs then at the latest */
	struct value state;     /* an object */
	/* The call that waits for the answer; caller 0: nobody does. */
	struct id answers_call;
	uint32_t answers_caller;
	const char *answers_operation;
	slot_t answers_slot;
	uint8_t answers_print[32]; /* fingerprint of that call */
	/* The answer of the call that waits for this job, when it ends: the
	 * `out` struct of that operation. Set by the last step. */
	const void *answer;
	int answer_rc;
	/* What `read` made, for the step after it alone: in memory, so that
	 * after a crash the step before runs again. */
	bool has_result;
	int result_rc;
	struct bytes result;
};

/* One step. An error drops its effect: ERR_BUSY is tried again later, any
 * other ends the job with that answer. */
typedef int job_step_fn(struct call *c, struct job *job,
			enum job_next *out_next);

/* Long reading, on a reader thread over one snapshot: call->txn reads only.
 * What it appends is the next step's job->result. */
typedef int job_read_fn(struct call *c, const struct job *job,
			struct buf *result);

struct job_kind {
	const char *name;
	job_step_fn *step;
	job_read_fn *read; /* NULL: never asks for JOB_SNAPSHOT */
};

/* Makes the row; the first step runs once the call is durable. */
int job_start(struct call *c, const char *kind, struct value state,
	      struct id *out_job) MUST_CHECK;
/* The same under an id from call_new_id that has been named already; with
 * JOB_WAIT it sleeps until job_wake first. */
int job_start_as(struct call *c, struct id id, const char *kind,
		 struct value state, enum job_next next) MUST_CHECK;

/* The caller is answered by the job's last step instead of by this operation
 * (which must return 0). */
void job_answers(struct call *c, struct id job);

/* Makes a waiting job run; no error when it is gone. */
int job_wake(struct call *c, struct id id) MUST_CHECK;

/* For the service, which runs the steps. ERR_NOT_FOUND when it is gone. */
int job_load(struct call *c, struct id id, struct job *out) MUST_CHECK;
int job_save(struct call *c, const struct job *job) MUST_CHECK;
int job_delete(struct call *c, struct id id) MUST_CHECK;

/* Writes the gathered leaves into the trace, numbered in order: those of a
 * success, or the one of a refusal (`rc`), which is of `type` where the
 * operation gathered none. */
int call_log(struct call *c, int rc, enum leaf_type type) MUST_CHECK;

#endif

#ifndef SERVICE_STATE_H
#define SERVICE_STATE_H

#include "call/call.h"
#include "call/erasure.h"
#include "keyring/slots.h"
#include "policy/decide.h"
#include "service/core.h"
#include "service/ops.h"
#include "service/principals.h"
#include "service/shelf.h"
#include "service/worker.h"

/*
 * What the files of this folder share. One owner thread touches it; readers,
 * eraser and logger get copies and answer through the inbox.
 */
#define CALL_ARENA_BYTES_MAX (32u << 20)
#define REPLY_BYTES_MAX (1u << 20)
#define GROUP_BYTES_DEFAULT (16u << 20)
#define GROUP_CALLS_MAX 8192
#define CALLS_PER_KEY_DEFAULT 4096
#define READERS 2
#define SNAPSHOTS_MAX 32
#define ID_FRAME_BYTES_MAX 64

/* An answer that waits for the group's sync. */
struct pending {
	struct origin to;
	uint8_t id[ID_FRAME_BYTES_MAX];
	size_t id_n;
	int status;    /* 0 or an enum err of the wire */
	size_t offset; /* of the body in core->bodies */
	size_t len;
};

/* A call whose answer comes from a job or a reader. */
struct waiting {
	struct id call;
	struct id job; /* nil: a reader has it */
	uint32_t caller;
	struct origin to;
};

struct op_count {
	uint64_t calls;
	uint64_t refused;
	uint64_t us_total;
	uint64_t us_max;
};

struct denials {
	uint32_t caller;
	int64_t minute;
	uint64_t count;
};

#define DENIALS_MAX 64
#define FRONTS_MAX 16

struct front_stats {
	uint64_t denied;
	uint64_t live;
	uint64_t dropped;
};

/* A page that is made before it is asked for. */
struct reader;

struct ahead {
	struct reader *page; /* NULL: none */
	bool is_made;
	bool is_void;          /* not to be told any more */
	struct reader *taker; /* asked for it before it was made */
};

struct runner;
struct logger;

struct core {
	struct core_config config;
	struct store *store;
	struct keyring *keys;
	const struct policy *policy;
	struct principals *principals;
	struct arena *arena;
	struct call call; /* there is one at a time */

	struct pending *pending;
	size_t n_pending;
	struct buf bodies;
	struct waiting *waiting;
	size_t n_waiting;
	size_t cap_waiting;

	struct inbox *inbox;
	struct worker *readers;
	struct shelf *shelf;
	struct ahead ahead;
	struct worker *eraser;
	unsigned snapshots;
	struct runner *runner; /* jobs.c */
	struct logger *logger; /* logger.c */
	struct timers *timers; /* timers.c */
	bool is_erasing;
	struct batch *ending; /* eraser.c: its keys are gone, its rows not yet */
	bool is_growing; /* or rotating: the eraser has other work */
	bool is_closing;
	bool has_gap; /* that a restore left; restore_ops.c */
	int fatal; /* what a thread reported: stop */

	struct denials denials[DENIALS_MAX];
	struct op_count *counts; /* one for each row of operations */
	struct front_stats fronts[FRONTS_MAX];
	size_t n_fronts;
	int64_t started_at_ms;
	uint64_t calls;
	uint64_t busy;
};

/* A call by the service itself, down the same road: fn in a txn, its leaves,
 * its effect. ERR_BUSY when the store cannot take it now. */
typedef int internal_fn(struct call *c, void *arg);
int core_internal(struct core *core, const char *name, internal_fn *fn,
		  void *arg) MUST_CHECK;

/* core.c: store, keys and policies alone; core_internal works, nothing turns.
 * For restore.c. Ended by core_close. */
int core_open_offline(const struct core_config *config,
		      struct core **out) MUST_CHECK;

/* Rows of TABLE_SYSTEM that a restore leaves: what is missing (a packed
 * value), which slots may have been issued meanwhile, the log's new name. */
#define RESTORE_GAP "restore.gap"
#define RESTORE_SLOTS "restore.slots"
#define LOG_ORIGIN "log.origin"

/* create.c: the three parts of a new instance. */
int create_keys(const struct core_config *config) MUST_CHECK;
int create_head(struct core *core) MUST_CHECK;
int create_rows(struct call *c, void *arg) MUST_CHECK;

/* dispatch.c: denied calls, counted by key and minute. */
int denied_count(struct core *core, uint32_t caller) MUST_CHECK;
int denied_turn(struct core *core) MUST_CHECK;

/* replies.c: queue an answer for after the sync. `body` is copied. ERR_BUSY:
 * the group holds as many as it can. */
int reply_queue(struct core *core, struct origin to, struct bytes id,
		int status, struct bytes body) MUST_CHECK;
int reply_error(struct core *core, struct origin to, struct bytes id,
		int rc) MUST_CHECK;

/* Encodes an `out` struct straight into the group's bodies. */
int reply_out(struct core *core, struct origin to, struct bytes id,
	      const struct operation *op, const void *out) MUST_CHECK;

/* The call that waits for a job or reader; false when nobody does. */
bool waiting_take(struct core *core, struct id call, uint32_t caller,
		  struct waiting *out);
bool waiting_has(const struct core *core, struct id call, uint32_t caller);
int waiting_add(struct core *core, struct waiting w) MUST_CHECK;

/* Sends all answers of the group: it is durable. */
void replies_send(struct core *core);

/* readers.c: run the operation on a snapshot and answer. `in` is the body
 * decoded, looked at for whether it goes on with a listing. */
int reader_start(struct core *core, const struct operation *op,
		 const void *in, struct origin to, struct id id, const struct caller *caller,
		 struct bytes body) MUST_CHECK;

/* ahead.c: drops what is as old as a snapshot of the shelf may become; how long
 * until there is something to drop, or -1. */
int64_t ahead_turn(struct core *core);
/* Keys have been destroyed: what was made before is told to nobody. */
void ahead_void(struct core *core);
void ahead_close(struct core *core);

/* jobs.c */
int runner_open(struct core *core) MUST_CHECK;
void runner_close(struct core *core);
void runner_add(struct core *core, struct id job, int64_t not_before_ms);
int runner_turn(struct core *core, int64_t *out_wait_ms) MUST_CHECK;
extern const struct job_kind *const job_kinds[]; /* kinds.c */
extern const size_t n_job_kinds;

/* eraser.c: batches of the key tree, on a thread of their own. */
int eraser_turn(struct core *core, int64_t *out_wait_ms) MUST_CHECK;
void eraser_close(struct core *core);
int eraser_recover(struct core *core,
		   const struct keyring_recovery *recovery) MUST_CHECK;

/* logger.c: tiles and checkpoints, on a thread of their own. */
int logger_open(struct core *core) MUST_CHECK;
void logger_close(struct core *core);
/* Leaves that the last checkpoint covers. */
/* Nothing of it is with the thread. */
bool logger_is_idle(const struct core *core);
uint64_t logger_checkpoint_size(const struct core *core);
/* `is_quiet`: the turn brought no calls. */
int logger_turn(struct core *core, bool is_quiet,
		int64_t *out_wait_ms) MUST_CHECK;

/* timers.c: what the service does by itself. */
int timers_open(struct core *core) MUST_CHECK;
void timers_close(struct core *core);
int timers_turn(struct core *core, int64_t *out_wait_ms) MUST_CHECK;

#endif

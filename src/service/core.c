/* The core's life: opened, turned, closed. */

#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "service/state.h"

#define WAIT_MS_MAX 60000
#define STORE_WAIT_MS 5000
#define STORE_RETRY_MS 10
#define READER_QUEUE_MAX SNAPSHOTS_MAX
/* A report takes a core for seconds; who writes meanwhile goes first. */
#define READER_NICENESS 10

static int
principals_read(struct call *c, void *arg)
{
	return principals_load(c, arg);
}

static int
principals_renew(struct core *core)
{
	struct principals *p = core->principals;
	int rc = core_internal(core, "principals", principals_read, p);

	if (rc == 0) {
		core->config.host.keys(core->config.host.ctx,
				       (const uint8_t *)p->keys, p->n);
	}
	return rc;
}

void
core_keys(struct core *core, const uint8_t **out_keys, size_t *out_n)
{
	*out_keys = (const uint8_t *)core->principals->keys;
	*out_n = core->principals->n;
}

bool
core_is_full(const struct core *core)
{
	return core->n_pending >= GROUP_CALLS_MAX - 64 ||
	       core->bodies.len > core->bodies.max / 2;
}

int
core_fd(const struct core *core)
{
	return inbox_fd(core->inbox);
}

bool
core_is_idle(const struct core *core)
{
	return core->n_pending == 0 && core->n_waiting == 0 &&
	       core->snapshots == 0 && !core->is_erasing &&
	       !core->is_growing && logger_is_idle(core);
}

/* Errors of timed work that leave the service able to serve. */
static int
turn_error(int rc, const char *what)
{
	if (rc == 0 || rc == ERR_BUSY || rc == ERR_RETRY) {
		return 0;
	}
	if (err_class_of(rc) == ERR_CLASS_FATAL) {
		return rc;
	}
	log_write(LOG_ERROR, "timed_work_failed", LOG_TEXT("work", what),
		  LOG_TEXT("error", err_word(rc)),
		  LOG_TEXT("text", err_last()->text));
	return 0;
}

/* -1: nothing waits for time to pass. */
static int64_t
sooner(int64_t wait_ms, int64_t left_ms)
{
	return left_ms >= 0 && left_ms < wait_ms ? left_ms : wait_ms;
}

int
core_turn(struct core *core, int64_t *out_wait_ms)
{
	int64_t wait_ms = WAIT_MS_MAX;
	bool is_quiet = core->n_pending == 0;
	int rc;

	(void)inbox_run(core->inbox);
	if (core->fatal != 0) {
		return core->fatal;
	}
	rc = turn_error(runner_turn(core, &wait_ms), "jobs");
	if (rc == 0) {
		rc = turn_error(timers_turn(core, &wait_ms), "timers");
	}
	if (rc == 0) {
		rc = turn_error(eraser_turn(core, &wait_ms), "erasure");
	}
	if (rc == 0) {
		rc = store_sync(core->store);
	}
	if (rc == 0 && core->principals->is_stale) {
		rc = principals_renew(core);
	}
	if (rc == 0) {
		replies_send(core);
		rc = turn_error(logger_turn(core, is_quiet, &wait_ms), "log");
	}
	if (rc == 0) {
		wait_ms = sooner(wait_ms,
				 shelf_turn(core->shelf,
					    clock_boot_ms(core->config.clock)));
		wait_ms = sooner(wait_ms, ahead_turn(core));
	}
	if (rc == 0) {
		*out_wait_ms = wait_ms;
	}
	return rc;
}

void
core_front_stats(struct core *core, uint32_t front, uint64_t denied,
		 uint64_t live, uint64_t dropped)
{
	if (front < FRONTS_MAX) {
		core->fronts[front] =
			(struct front_stats){denied, live, dropped};
		if (front >= core->n_fronts) {
			core->n_fronts = front + 1;
		}
	}
}

static int
policy_log(struct call *c, void *arg)
{
	const struct policy *p = arg;
	struct value details = value_object();
	int rc = value_add(&details, c->arena, "sha256",
			   value_text(p->sha256));

	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){
					      .type = LEAF_POLICY_CHANGE,
					      .log_slot = SLOT_NONE,
					      .details = details});
}

/* Reads the policies; every fault is told to the operator. With `old`, also
 * refuses what would change the meaning of data that is there. */
static int
policy_read(const struct core *core, const struct policy *old,
	    const struct policy **out)
{
	struct policy_faults *faults = malloc(sizeof(*faults));
	const struct policy *fresh = NULL;
	char line[512];
	int rc;

	if (faults == NULL) {
		return err_set(ERR_NOMEM, "no memory to read the policies");
	}
	rc = policy_load(core->config.policies, &fresh, faults);
	if (rc == 0 && old != NULL) {
		rc = policy_succeeds(old, fresh, faults);
	}
	for (size_t i = 0; rc != 0 && i < faults->n; i++) {
		log_write(LOG_ERROR, "policy_fault",
			  LOG_TEXT("fault",
				   policy_fault_print(&faults->items[i], line,
						      sizeof(line))));
	}
	free(faults);
	if (rc != 0) {
		policy_free(fresh);
		return rc;
	}
	*out = fresh;
	return 0;
}

/* The policy in force is known by its hash in the store: another one, after a
 * reload or a restart, is a change, and logged. The same files again are
 * none. */
static int
policy_settle(struct call *c, void *arg)
{
	const struct policy *p = arg;
	struct bytes name = bytes_str("policy.sha256");
	struct bytes before;
	int rc = txn_get(c->txn, TABLE_SYSTEM, name, &before);

	if (rc == 0 && bytes_equal(before, bytes_str(p->sha256))) {
		return 0;
	}
	if (rc != 0 && rc != ERR_NOT_FOUND) {
		return rc;
	}
	rc = txn_put(c->txn, TABLE_SYSTEM, name, bytes_str(p->sha256));
	return rc != 0 ? rc : policy_log(c, arg);
}

int
core_reload(struct core *core)
{
	const struct policy *fresh;
	const struct policy *old = core->policy;
	int rc = policy_read(core, old, &fresh);

	if (rc != 0) {
		return rc;
	}
	core->policy = fresh;
	rc = core_internal(core, "policy", policy_settle,
			   (void *)(uintptr_t)fresh);
	if (rc != 0) {
		core->policy = old;
		policy_free(fresh);
		return rc;
	}
	policy_free(old);
	return 0;
}

/* Also to which epoch the last batch led. */
static int
running_batch(struct core *core, struct keyring_batch *out,
	      uint64_t *out_epoch)
{
	struct erasure_batch batch = {0};
	struct txn *t;
	int rc = store_begin(core->store, &t);

	if (rc != 0) {
		return rc;
	}
	rc = erasure_running(t, &batch);
	if (rc == 0) {
		rc = txn_counter_get(t, "batch.epoch", out_epoch);
	}
	store_abandon(core->store, t);
	if (rc == 0) {
		*out = (struct keyring_batch){batch.number, batch.epoch_to};
	}
	return rc;
}

static int
core_memory(struct core *core)
{
	core->arena = arena_new(CALL_ARENA_BYTES_MAX);
	core->pending = calloc(GROUP_CALLS_MAX, sizeof(*core->pending));
	core->principals = calloc(1, sizeof(*core->principals));
	core->counts = calloc(n_operations, sizeof(*core->counts));
	buf_init(&core->bodies, core->config.group_bytes_max == 0
					? GROUP_BYTES_DEFAULT
					: core->config.group_bytes_max);
	if (core->arena == NULL || core->pending == NULL ||
	    core->principals == NULL || core->counts == NULL) {
		return err_set(ERR_NOMEM, "no memory for the core");
	}
	return 0;
}

/* A predecessor that was killed may still be on its way out of the kernel,
 * with its lock: a supervisor that restarts at once must not fail for that. */
static int
store_take(struct core *core)
{
	const struct timespec pause = {0, STORE_RETRY_MS * 1000000L};
	int rc = ERR_BUSY;

	for (int i = 0; i < STORE_WAIT_MS / STORE_RETRY_MS && rc == ERR_BUSY;
	     i++) {
		if (i > 0) {
			(void)nanosleep(&pause, NULL);
		}
		rc = store_open(&core->config.store, &core->store);
	}
	return rc;
}

/* Store, keys and policies: what a restore needs too. */
static int
core_ground(struct core *core, struct keyring_recovery *recovery)
{
	struct keyring_batch running = {0};
	uint64_t epoch = 0;
	int rc = core_memory(core);

	if (rc == 0 && core->config.creates != NULL) {
		rc = create_keys(&core->config);
	}
	if (rc == 0) {
		rc = store_take(core);
	}
	if (rc == 0) {
		rc = running_batch(core, &running, &epoch);
	}
	if (rc == 0) {
		rc = keyring_open(&core->config.keyring, running, &core->keys,
				  recovery);
	}
	if (rc == 0 && keyring_epoch(core->keys) < epoch) {
		rc = err_set(ERR_CORRUPT,
			     "the tree of keys and its keystore are older "
			     "than the store's last erasure: put back, they "
			     "would undo it");
	}
	return rc == 0 ? policy_read(core, NULL, &core->policy) : rc;
}

static int
gap_look(struct call *c, void *arg)
{
	return txn_has(c->txn, TABLE_SYSTEM, bytes_str(RESTORE_GAP), arg);
}

static int
core_start(struct core *core)
{
	struct keyring_recovery recovery = {0};
	const struct core_creation *creates = core->config.creates;
	int rc = core_ground(core, &recovery);

	if (rc == 0 && creates != NULL) {
		rc = create_head(core);
	}
	if (rc == 0 && creates != NULL) {
		rc = core_internal(core, "create", create_rows,
				   (void *)(uintptr_t)creates);
	}
	if (rc == 0) {
		rc = inbox_open(&core->inbox);
	}
	if (rc == 0) {
		rc = shelf_open(&core->shelf);
	}
	if (rc == 0) {
		rc = worker_open("reader", READERS, READER_NICENESS,
				 READER_QUEUE_MAX, &core->readers);
	}
	if (rc == 0) {
		rc = worker_open("eraser", 1, 0, 4, &core->eraser);
	}
	if (rc == 0) {
		rc = core_internal(core, "policy", policy_settle,
				   (void *)(uintptr_t)core->policy);
	}
	if (rc == 0) {
		rc = core_internal(core, "gap", gap_look, &core->has_gap);
	}
	if (rc == 0) {
		rc = eraser_recover(core, &recovery);
	}
	if (rc == 0) {
		rc = runner_open(core);
	}
	if (rc == 0) {
		rc = logger_open(core);
	}
	if (rc == 0) {
		rc = timers_open(core);
	}
	if (rc == 0) {
		rc = principals_renew(core);
	}
	return rc == 0 ? store_sync(core->store) : rc;
}

static int
core_begin(const struct core_config *config, bool is_offline,
	   struct core **out)
{
	struct core *core = calloc(1, sizeof(*core));
	struct keyring_recovery recovery = {0};
	int rc;

	if (core == NULL) {
		return err_set(ERR_NOMEM, "no memory for the core");
	}
	core->config = *config;
	core->started_at_ms = clock_wall_ms(config->clock);
	rc = is_offline ? core_ground(core, &recovery) : core_start(core);
	if (rc != 0) {
		struct err_info why = *err_last();

		core_close(core);
		err_restore(&why);
		return rc;
	}
	*out = core;
	return 0;
}

int
core_open(const struct core_config *config, struct core **out)
{
	return core_begin(config, false, out);
}

int
core_open_offline(const struct core_config *config, struct core **out)
{
	return core_begin(config, true, out);
}

void
core_close(struct core *core)
{
	if (core == NULL) {
		return;
	}
	core->is_closing = true;
	worker_stop(core->readers);
	shelf_close(core->shelf);
	worker_stop(core->eraser);
	logger_close(core);
	/* Its applier may still hand out a snapshot that a reader wished for:
	 * so what takes it goes last. */
	store_close(core->store);
	worker_close(core->readers);
	worker_close(core->eraser);
	inbox_close(core->inbox);
	ahead_close(core);
	eraser_close(core);
	timers_close(core);
	runner_close(core);
	keyring_close(core->keys);
	policy_free(core->policy);
	arena_free(core->arena);
	buf_clear(&core->bodies);
	free(core->principals);
	free(core->pending);
	free(core->waiting);
	free(core->counts);
	free(core);
}

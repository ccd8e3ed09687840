/*
 * The whole core from a seed: callers, time, faults and crashes in an order
 * that the seed draws, and after each crash the promises. Each seed runs twice
 * and must leave the same trace.
 *
 *	simulation [SEEDS [FIRST]]
 */

#include "simulation/simulation.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "policy/role.h"
#include "support/failing.h"
#include "support/rows.h"
#include "support/temp.h"
#include "support/test.h"

#define TURNS 500
#define REST_TURNS_MAX 20000
#define SEEDS_DEFAULT 3
#define RESERVE_BYTES (1u << 20) /* copied at each crash */
#define NOTES 40
#define NOTE_BYTES 300
#define QUIET_DAYS 4
#define TURN_FAULT_ONE_IN 25
#define TURN_FAULT_AT_MAX 1500
#define JUMP_DAYS_MAX 800
#define REST_EVERY_MS (5 * MS_PER_DAY)

struct sim sim;

static struct {
	char text[NOTES][NOTE_BYTES];
	unsigned n;
} notes;

/* ---- What is told ---- */

void
sim_note(const char *format, ...)
{
	char *to = notes.text[notes.n++ % NOTES];
	int n = snprintf(to, NOTE_BYTES, "%u/%u: ", sim.lives, sim.turn);
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(to + n, NOTE_BYTES - (size_t)n, format, ap);
	va_end(ap);
	sim_trace(bytes_str(to));
}

void
sim_trace(struct bytes b)
{
	sim.trace = rows_mix(sim.trace, b);
}

static bool is_over;

static void
notes_print(void)
{
	unsigned from = notes.n < NOTES ? 0 : notes.n - NOTES;

	if (is_over) {
		return;
	}
	(void)fprintf(stderr, "seed %llu, the last of %u operations:\n",
		      (unsigned long long)sim.seed, notes.n);
	for (unsigned i = from; i < notes.n; i++) {
		(void)fprintf(stderr, "  %s\n", notes.text[i % NOTES]);
	}
}

void
sim_fail(const char *format, ...)
{
	va_list ap;

	(void)fprintf(stderr, "seed %llu: ", (unsigned long long)sim.seed);
	va_start(ap, format);
	(void)vfprintf(stderr, format, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	exit(1); /* and notes_print */
}

/* ---- A core's life ---- */

static void
reply_take(struct origin to, const struct frames *frames)
{
	if (to.token < TOKEN_FIRST) {
		sim.env_host.reply(sim.env_host.ctx, to, frames);
		return;
	}
	for (size_t i = 0; i < CALLERS; i++) {
		struct sim_caller *c = &sim.callers[i];

		if (c->call == NULL || c->token != to.token ||
		    machine_draw(16) == 0) {
			continue; /* for nobody, or lost on its way */
		}
		sim.env_host.reply(sim.env_host.ctx, to, frames);
		if (strcmp(sim.e.status, "busy") != 0) {
			sim_note("%s: %s", c->call->op->name, sim.e.status);
		}
		caller_heard(c);
	}
}

static void
host_reply(void *ctx, struct origin to, const struct frames *frames)
{
	(void)ctx;
	if (disk_gone() == NULL) {
		failing_pause();
		reply_take(to, frames);
		failing_resume();
	} else if (disk_is_gone_under_journal()) {
		sim_fail("an answer after a sync that failed");
	}
	/* Else nobody hears it any more. */
}

static void
keys_step(const char *name, void *ctx)
{
	(void)ctx;
	disk_event(name);
}

/* Its store closes it. */
static void
engine_open(void)
{
	char path[200];
	struct engine *lmdb;

	(void)snprintf(path, sizeof(path), "%s/data", sim.e.store);
	assert_ok(engine_lmdb_open(path, &lmdb));
	fault_engine_init(&sim.engine, lmdb);
	sim.engine.event = disk_event;
	sim.e.config.store.engine = &sim.engine.base;
}

/* The power may go again while the core is being opened. */
static void
life_begin(void)
{
	for (;;) {
		engine_open();
		disk_fail_at(machine_draw(6) == 0 ? 1 + machine_draw(20) : 0);
		if (core_open(&sim.e.config, &sim.e.core) == 0) {
			break;
		}
		if (disk_gone() == NULL) {
			sim_fail("the core does not open: %s",
				 err_last()->text);
		}
		sim_note("power off at %s, in recovery", disk_gone());
		disk_settle();
	}
	sim.lives++;
}

static void
life_end(void)
{
	sim_note("power off at %s", disk_gone());
	core_close(sim.e.core);
	sim.e.core = NULL;
	disk_settle();
	callers_cut_off();
	life_begin();
}

/* Timed work and jobs go on without what failed, or the core stops. */
static void
turn_failed(int rc)
{
	sim_note("%s fails in a turn", failing_name());
	failing_arm(0);
	failing_disarm();
	for (size_t i = 0; i < CALLERS; i++) {
		if (sim.callers[i].call != NULL) {
			sim.callers[i].call->was_faulty = true;
		}
	}
	if (rc != 0) {
		disk_power_off("a stop");
	}
}

void
sim_turn(void)
{
	int64_t wait_ms;
	int rc;

	if (machine_draw(TURN_FAULT_ONE_IN) == 0 && sim.may_fault) {
		failing_arm(1 + machine_draw(TURN_FAULT_AT_MAX));
	}
	rc = core_turn(sim.e.core, &wait_ms);
	failing_disarm();
	sim.turn++;
	if (failing_name() != NULL) {
		sim.fault_turn = sim.turn;
		turn_failed(rc);
	} else if (rc == ERR_OUTCOME && sim.turn == sim.fault_turn + 1) {
		/* What a fault left undecided stops the core a turn later. */
		disk_power_off("a stop");
	}
	if (rc == 0 && disk_gone() == NULL) {
		machine_run(machine_draw(4));
	}
	if (disk_gone() != NULL) {
		life_end();
		return;
	}
	if (rc != 0) {
		sim_fail("the core stops: %s %s", err_word(rc),
			 err_last()->text);
	}
	promises_note();
	clock_fake_advance(&sim.e.clock, machine_draw(400));
}

static void
callers_turn(bool may_begin)
{
	for (size_t i = 0; i < CALLERS; i++) {
		caller_turn(&sim.callers[i], may_begin);
	}
}

void
sim_rest(void)
{
	disk_fail_at(0);
	sim.may_fault = false;
	fault_engine_set(&sim.engine, false, false, 0);
	for (unsigned i = 0; !callers_idle(); i++) {
		if (i == REST_TURNS_MAX) {
			sim_fail("calls that are not answered");
		}
		callers_turn(false);
		sim_turn();
		disk_fail_at(0);
	}
	core_env_settle(&sim.e);
	sim.rested_at_ms = sim.e.clock.wall;
	sim.may_fault = true;
}

/* ---- Faults ---- */

static void
days_pass(unsigned most)
{
	unsigned days = 1 + machine_draw(most);

	/* An answer is kept for a week. */
	if (sim.e.clock.wall + days * MS_PER_DAY - sim.rested_at_ms >
	    REST_EVERY_MS) {
		sim_rest();
	}
	sim_note("%u days pass", days);
	clock_fake_advance(&sim.e.clock, days * MS_PER_DAY);
	model_follow();
}

static void
policies_reload(void)
{
	int rc;

	sim_note("the policies are read again");
	rc = core_reload(sim.e.core);
	if (rc != 0 && disk_gone() == NULL) {
		sim_fail("the policies are refused: %s", err_last()->text);
	}
}

/* A wall clock that is wrong for an hour takes nothing from anybody. */
static void
clock_jumps(void)
{
	int64_t days = 2 + machine_draw(JUMP_DAYS_MAX);

	sim_rest();
	sim.jumped_ms = (machine_draw(3) == 0 ? -days : days) * MS_PER_DAY;
	sim_note("the clock jumps by %lld days",
		 (long long)(sim.jumped_ms / MS_PER_DAY));
	sim.e.clock.wall += sim.jumped_ms;
	core_env_advance(&sim.e, MS_PER_MINUTE);
	core_env_advance(&sim.e, MS_PER_HOUR);
	sim.e.clock.wall -= sim.jumped_ms;
	sim.jumped_ms = 0;
	sim_note("the clock is right again");
	core_env_advance(&sim.e, MS_PER_MINUTE);
	promises_check(false);
	callers_repeat(20);
}

static void
anything_happens(void)
{
	switch (machine_draw(240)) {
	case 0:
	case 1:
	case 2:
	case 3:
		disk_fail_at(1 + machine_draw(60));
		break;
	case 4:
		disk_power_off("no matter what");
		break;
	case 5:
	case 6:
		days_pass(3);
		break;
	case 7:
		days_pass(60);
		break;
	case 8:
		policies_reload();
		break;
	case 9:
		sim_rest();
		promises_child();
		promises_check(false);
		callers_repeat(10);
		break;
	case 10:
		clock_jumps();
		break;
	case 11:
	case 12:
		sim_note("the disk is full");
		fault_engine_set(&sim.engine, false, true, 0);
		break;
	case 13:
	case 14:
	case 15:
	case 16:
		fault_engine_set(&sim.engine, false, false, 0);
		break;
	default:
		break;
	}
}

/* ---- The order of things ---- */

static void
world_open(uint64_t seed)
{
	static const struct core_env_options options = {.on_disk = true};

	sim = (struct sim){.seed = seed, .trace = ROWS_HASH_BEGIN};
	machine_start(seed, &sim.e.clock);
	core_env_open(&sim.e, &options);
	core_close(sim.e.core);
	entropy_seeded_init(&sim.e.keys.entropy, seed);
	sim.env_host = sim.e.config.host;
	sim.e.config.host.reply = host_reply;
	sim.e.config.store.io = disk_io();
	sim.e.config.store.is_inline = true;
	sim.e.config.store.reserve_bytes = RESERVE_BYTES;
	sim.e.config.keyring.step = keys_step;
	disk_open(sim.e.directory);
	life_begin();
}

static void
quiet(void)
{
	for (unsigned i = 0; i < QUIET_DAYS; i++) {
		core_env_advance(&sim.e, MS_PER_DAY + MS_PER_MINUTE);
		core_env_advance(&sim.e, MS_PER_HOUR);
	}
}

static uint64_t
world_run(uint64_t seed)
{
	world_open(seed);
	for (unsigned i = 0; i < TURNS; i++) {
		callers_turn(true);
		anything_happens();
		sim_turn();
	}
	sim_rest();
	promises_check(false);
	callers_repeat(40);
	quiet();
	promises_check(true);
	core_env_close(&sim.e);
	for (size_t i = 0; i < sim.n_calls; i++) {
		free(sim.calls[i].json);
	}
	return sim.trace;
}

/* In a process of its own: nothing of one run is there in the next. */
static bool
seed_run(uint64_t seed, uint64_t *out_trace)
{
	int ends[2];
	int status = -1;
	ssize_t n;
	pid_t pid;

	if (pipe(ends) != 0 || (pid = fork()) < 0) {
		perror("simulation");
		exit(70);
	}
	if (pid == 0) {
		uint64_t trace;

		(void)close(ends[0]);
		(void)atexit(notes_print);
		trace = world_run(seed);
		is_over = true;
		(void)printf("seed %llu: %zu calls, %u lives, %016llx\n",
			     (unsigned long long)seed, sim.n_calls, sim.lives,
			     (unsigned long long)trace);
		exit(write(ends[1], &trace, sizeof(trace)) == sizeof(trace)
			     ? 0
			     : 70);
	}
	(void)close(ends[1]);
	n = read(ends[0], out_trace, sizeof(*out_trace));
	(void)close(ends[0]);
	(void)waitpid(pid, &status, 0);
	return status == 0 && n == sizeof(*out_trace);
}

int
main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : SEEDS_DEFAULT;
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	uint64_t failed = 0;

	if (argc > 3 || n == 0) {
		(void)fprintf(stderr, "usage: simulation SEEDS [FIRST]\n");
		return 64;
	}
	log_open("simulation", LOG_ERROR);
	if (access("/dev/shm", W_OK) == 0) {
		(void)setenv("TMPDIR", "/dev/shm", 0);
	}
	for (uint64_t seed = first; seed < first + n; seed++) {
		uint64_t traces[2];

		if (!seed_run(seed, &traces[0]) ||
		    !seed_run(seed, &traces[1])) {
			failed++;
		} else if (traces[0] != traces[1]) {
			(void)fprintf(stderr, "seed %llu: two runs differ\n",
				      (unsigned long long)seed);
			failed++;
		}
	}
	(void)printf("%llu seeds, %llu failed\n", (unsigned long long)n,
		     (unsigned long long)failed);
	return failed == 0 ? 0 : 1;
}

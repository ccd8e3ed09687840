/*
 * Threads without threads: tasks lie in queues until machine_run, or somebody
 * who waits (poll), has one of them run on the only thread there is.
 */

#include "simulation/machine.h"

#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "service/worker.h"

#define WORKERS_MAX 8
#define TASKS_MAX 128
#define TICK_US 100

struct worker {
	bool is_open;
	bool is_stopped;
	unsigned n_threads;
	size_t queue_max;
	size_t n;
	struct {
		task_fn *fn;
		void *ctx;
	} tasks[TASKS_MAX];
};

static struct {
	struct worker workers[WORKERS_MAX];
	uint64_t random;
	uint64_t bytes_drawn;
	uint64_t seed;
	int64_t us;
	struct clock_fake *clock;
} machine;

unsigned
machine_draw(unsigned n)
{
	machine.random ^= machine.random << 13;
	machine.random ^= machine.random >> 7;
	machine.random ^= machine.random << 17;
	return (unsigned)((machine.random >> 11) % n);
}

/* ---- Random bytes ---- */

static const char *
bytes_name(void)
{
	return "simulation";
}

static void
bytes_fill(void *const p, const size_t n)
{
	uint8_t seed[randombytes_SEEDBYTES] = {0};

	machine.bytes_drawn++;
	memcpy(seed, &machine.seed, sizeof(machine.seed));
	memcpy(seed + 8, &machine.bytes_drawn, sizeof(machine.bytes_drawn));
	randombytes_buf_deterministic(p, n, seed);
}

static uint32_t
bytes_word(void)
{
	uint32_t word;

	bytes_fill(&word, sizeof(word));
	return word;
}

void
machine_start(uint64_t seed, struct clock_fake *clock)
{
	static randombytes_implementation bytes = {
		.implementation_name = bytes_name,
		.random = bytes_word,
		.buf = bytes_fill,
	};

	machine.seed = seed;
	machine.random = seed * 0x9e3779b97f4a7c15u + 1;
	machine.clock = clock;
	(void)randombytes_set_implementation(&bytes);
}

/* ---- Clocks ---- */

struct clock *__wrap_clock_system(void);
int64_t __wrap_clock_boot_us(void);
uint64_t __wrap_clock_elapsed_us(void);

struct clock *
__wrap_clock_system(void)
{
	return &machine.clock->base;
}

int64_t
__wrap_clock_boot_us(void)
{
	return machine.us += TICK_US;
}

uint64_t
__wrap_clock_elapsed_us(void)
{
	return (uint64_t)__wrap_clock_boot_us();
}

/* ---- Threads ---- */

int __wrap_worker_open(const char *name, unsigned n_threads, int niceness,
		       size_t queue_max, struct worker **out);
int __wrap_worker_submit(struct worker *w, task_fn *fn, void *ctx);
void __wrap_worker_stop(struct worker *w);
void __wrap_worker_close(struct worker *w);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms);

int
__wrap_worker_open(const char *name, unsigned n_threads, int niceness,
		   size_t queue_max, struct worker **out)
{
	(void)name;
	(void)niceness;
	for (unsigned i = 0; i < WORKERS_MAX; i++) {
		struct worker *w = &machine.workers[i];

		if (!w->is_open) {
			w->is_open = true;
			w->is_stopped = false;
			w->n_threads = n_threads;
			w->queue_max = queue_max;
			w->n = 0;
			*out = w;
			return 0;
		}
	}
	return err_set(ERR_NOMEM, "no place for a worker");
}

int
__wrap_worker_submit(struct worker *w, task_fn *fn, void *ctx)
{
	if (w->is_stopped) {
		return err_set(ERR_UNAVAILABLE, "the service stops");
	}
	if (w->n >= w->queue_max || w->n == TASKS_MAX) {
		return err_set(ERR_BUSY, "%zu tasks wait already", w->n);
	}
	w->tasks[w->n].fn = fn;
	w->tasks[w->n].ctx = ctx;
	w->n++;
	return 0;
}

/* With several threads any of the first ones may be the next to end. */
static void
task_run(struct worker *w)
{
	unsigned ready = w->n < w->n_threads ? (unsigned)w->n : w->n_threads;
	unsigned at = machine_draw(ready);
	task_fn *fn = w->tasks[at].fn;
	void *ctx = w->tasks[at].ctx;

	w->n--;
	for (size_t i = at; i < w->n; i++) {
		w->tasks[i] = w->tasks[i + 1];
	}
	fn(ctx);
	err_clear(); /* a thread's own */
}

static bool
any_task_run(void)
{
	struct worker *ready[WORKERS_MAX];
	unsigned n = 0;

	for (unsigned i = 0; i < WORKERS_MAX; i++) {
		if (machine.workers[i].is_open && machine.workers[i].n > 0) {
			ready[n++] = &machine.workers[i];
		}
	}
	if (n > 0) {
		task_run(ready[machine_draw(n)]);
	}
	return n > 0;
}

void
machine_run(unsigned n)
{
	while (n > 0 && any_task_run()) {
		n--;
	}
}

void
__wrap_worker_stop(struct worker *w)
{
	while (w != NULL && w->n > 0) {
		task_run(w);
	}
	if (w != NULL) {
		w->is_stopped = true;
	}
}

void
__wrap_worker_close(struct worker *w)
{
	__wrap_worker_stop(w);
	if (w != NULL) {
		w->is_open = false;
	}
}

/* Who waits is woken by what a thread did. */
int
__wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	(void)fds;
	(void)n;
	(void)timeout_ms;
	return any_task_run() ? 1 : 0;
}

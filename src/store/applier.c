/*
 * The thread that owns the engine's writes. It takes all frozen overlays that
 * are there and applies them as one batch. Without room it keeps them and
 * tries again: everything is in the journal. Any other failure stops it for
 * good, and the owner with it.
 */
#include "store/applier.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

#define RETRY_US 200000
/* A segment that found no room has written much for nothing. */
#define TEND_RETRY_US 2000000

struct wish {
	struct wish *next;
	uint64_t sequence;
	size_t arena_bytes_max;
	snapshot_fn *then;
	void *ctx;
};

struct grave {
	struct grave *next;
	struct write_set *set;
};

struct applier {
	struct applier_config config;
	pthread_t thread;
	pthread_mutex_t lock; /* all below */
	pthread_cond_t work;
	pthread_cond_t done;
	bool is_stopping;
	struct write_set *queue[OVERLAYS_FROZEN_MAX];
	uint64_t sequences[OVERLAYS_FROZEN_MAX];
	size_t n_queue;
	uint64_t applied;
	int health;
	int tend_rc;
	struct wish *wishes;
	struct grave *graves;
	uint64_t applies;
	uint64_t apply_us_total;
};

static void
bury(struct applier *a)
{
	struct grave *g = a->graves;

	a->graves = NULL;
	if (g == NULL) {
		return;
	}
	pthread_mutex_unlock(&a->lock);
	while (g != NULL) {
		struct grave *next = g->next;

		write_set_free(g->set);
		free(g);
		g = next;
	}
	pthread_mutex_lock(&a->lock);
}

static void
count_apply(struct applier *a, size_t n, uint64_t us)
{
	a->applied = a->sequences[n - 1];
	a->n_queue -= n;
	memmove(a->queue, a->queue + n, a->n_queue * sizeof(*a->queue));
	memmove(a->sequences, a->sequences + n,
		a->n_queue * sizeof(*a->sequences));
	a->applies++;
	a->apply_us_total += us;
}

static void
apply_queued(struct applier *a)
{
	struct engine *engine = a->config.engine;
	struct write_set *sets[OVERLAYS_FROZEN_MAX];
	size_t n = a->n_queue;
	uint64_t sequence;
	uint64_t from;
	int rc;

	if (n == 0 || a->health == ERR_OUTCOME) {
		return;
	}
	memcpy(sets, a->queue, sizeof(sets));
	sequence = a->sequences[n - 1];
	pthread_mutex_unlock(&a->lock);
	from = clock_elapsed_us();
	do {
		rc = engine->ops->apply(engine, sets, n, sequence);
	} while (rc == ERR_RETRY);
	if (rc == 0 && a->config.journal != NULL) {
		journal_applied(a->config.journal, sequence);
	}
	from = clock_elapsed_us() - from;
	pthread_mutex_lock(&a->lock);
	if (rc == 0) {
		count_apply(a, n, from);
	}
	a->health = rc == 0 || rc == ERR_FULL ? rc : ERR_OUTCOME;
	pthread_cond_broadcast(&a->done);
}

/* Wishes that can be granted, or never will. */
static struct wish *
take_wish(struct applier *a)
{
	for (struct wish **at = &a->wishes; *at != NULL; at = &(*at)->next) {
		struct wish *w = *at;

		if (w->sequence <= a->applied || a->health == ERR_OUTCOME) {
			*at = w->next;
			return w;
		}
	}
	return NULL;
}

static void
grant(struct applier *a)
{
	struct wish *w;

	while ((w = take_wish(a)) != NULL) {
		struct txn *snapshot = NULL;
		int rc = a->health == ERR_OUTCOME ? ERR_OUTCOME : 0;

		pthread_mutex_unlock(&a->lock);
		if (rc == 0) {
			rc = snapshot_open(a->config.engine, w->arena_bytes_max,
					   &snapshot);
		}
		w->then(w->ctx, rc, snapshot);
		free(w);
		pthread_mutex_lock(&a->lock);
	}
}

static void
tend(struct applier *a)
{
	int rc;

	if (a->config.journal == NULL ||
	    !journal_needs_tending(a->config.journal, NULL)) {
		a->tend_rc = 0;
		return;
	}
	pthread_mutex_unlock(&a->lock);
	rc = journal_tend(a->config.journal);
	pthread_mutex_lock(&a->lock);
	a->tend_rc = rc;
}

static bool
has_work(const struct applier *a)
{
	return a->is_stopping || a->graves != NULL ||
	       (a->n_queue > 0 && a->health == 0) ||
	       (a->config.journal != NULL && a->tend_rc == 0 &&
		journal_needs_tending(a->config.journal, NULL));
}

static bool
has_grantable(const struct applier *a)
{
	for (const struct wish *w = a->wishes; w != NULL; w = w->next) {
		if (w->sequence <= a->applied || a->health == ERR_OUTCOME) {
			return true;
		}
	}
	return false;
}

/* Sleeps until there is work; what failed for want of room is tried again
 * after a while. */
static void
sleep_for_work(struct applier *a)
{
	uint64_t until_us = clock_elapsed_us() +
			    (a->health == ERR_FULL ? RETRY_US : TEND_RETRY_US);
	const struct timespec until = {(time_t)(until_us / 1000000),
				       (long)(until_us % 1000000) * 1000};

	while (!has_work(a) && !has_grantable(a)) {
		bool must_retry = a->health == ERR_FULL || a->tend_rc != 0;

		if (!must_retry) {
			pthread_cond_wait(&a->work, &a->lock);
		} else if (pthread_cond_timedwait(&a->work, &a->lock, &until) !=
			   0) {
			break;
		}
	}
}

static void
turn(struct applier *a)
{
	bury(a);
	apply_queued(a);
	grant(a);
	tend(a);
}

static void *
run(void *arg)
{
	struct applier *a = arg;

	pthread_mutex_lock(&a->lock);
	for (;;) {
		sleep_for_work(a);
		turn(a);
		if (a->is_stopping && (a->n_queue == 0 || a->health != 0)) {
			break;
		}
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

static void
applier_free(struct applier *a)
{
	pthread_cond_destroy(&a->work);
	pthread_cond_destroy(&a->done);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

/* Signals are for the threads that asked for them. */
static int
start_thread(struct applier *a)
{
	sigset_t all;
	sigset_t before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&a->thread, NULL, run, a);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0 ? 0 : err_set(ERR_NOMEM, "no thread for the applier");
}

int
applier_start(const struct applier_config *config, struct applier **out)
{
	struct applier *a = calloc(1, sizeof(*a));
	pthread_condattr_t attr;
	int rc = 0;

	if (a == NULL) {
		return err_set(ERR_NOMEM, "no memory for the applier");
	}
	a->config = *config;
	a->applied = config->sequence;
	(void)pthread_mutex_init(&a->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&a->work, &attr);
	(void)pthread_cond_init(&a->done, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (!config->is_inline) {
		rc = start_thread(a);
	}
	if (rc != 0) {
		applier_free(a);
		return rc;
	}
	*out = a;
	return 0;
}

static void
poke(struct applier *a)
{
	if (a->config.is_inline) {
		turn(a);
	} else {
		pthread_cond_signal(&a->work);
	}
}

void
applier_stop(struct applier *a)
{
	if (a == NULL) {
		return;
	}
	pthread_mutex_lock(&a->lock);
	a->is_stopping = true;
	poke(a);
	pthread_mutex_unlock(&a->lock);
	if (!a->config.is_inline) {
		(void)pthread_join(a->thread, NULL);
	}
	pthread_mutex_lock(&a->lock);
	bury(a); /* what came during the last turn */
	pthread_mutex_unlock(&a->lock);
	while (a->wishes != NULL) {
		struct wish *w = a->wishes;

		a->wishes = w->next;
		w->then(w->ctx, ERR_UNAVAILABLE, NULL);
		free(w);
	}
	applier_free(a);
}

void
applier_offer(struct applier *a, struct write_set *set, uint64_t sequence)
{
	pthread_mutex_lock(&a->lock);
	assert(a->n_queue < OVERLAYS_FROZEN_MAX);
	a->queue[a->n_queue] = set;
	a->sequences[a->n_queue] = sequence;
	a->n_queue++;
	poke(a);
	pthread_mutex_unlock(&a->lock);
}

void
applier_retire(struct applier *a, struct write_set *set)
{
	struct grave *g = a->config.is_inline ? NULL : malloc(sizeof(*g));

	if (g == NULL) {
		write_set_free(set);
		return;
	}
	pthread_mutex_lock(&a->lock);
	*g = (struct grave){a->graves, set};
	a->graves = g;
	poke(a);
	pthread_mutex_unlock(&a->lock);
}

int
applier_wish(struct applier *a, uint64_t sequence, size_t arena_bytes_max,
	     snapshot_fn *then, void *ctx)
{
	struct wish *w = malloc(sizeof(*w));
	struct wish **at;

	if (w == NULL) {
		return err_set(ERR_NOMEM, "no memory for a snapshot");
	}
	*w = (struct wish){NULL, sequence, arena_bytes_max, then, ctx};
	pthread_mutex_lock(&a->lock);
	at = &a->wishes;
	while (*at != NULL) {
		at = &(*at)->next;
	}
	*at = w;
	poke(a);
	pthread_mutex_unlock(&a->lock);
	return 0;
}

uint64_t
applier_sequence(struct applier *a)
{
	uint64_t sequence;

	pthread_mutex_lock(&a->lock);
	sequence = a->applied;
	pthread_mutex_unlock(&a->lock);
	return sequence;
}

/* The journal's want of room counts as well. */
static int
health(const struct applier *a)
{
	if (a->health == ERR_OUTCOME) {
		return err_set(ERR_OUTCOME, "a batch may not be durable");
	}
	if (a->health == ERR_FULL || a->tend_rc != 0) {
		return err_set(ERR_FULL, "the disk has no room");
	}
	return 0;
}

int
applier_health(struct applier *a)
{
	int rc;

	pthread_mutex_lock(&a->lock);
	if (a->config.is_inline && a->health == ERR_FULL) {
		turn(a); /* no thread tries again */
	}
	rc = health(a);
	pthread_mutex_unlock(&a->lock);
	return rc;
}

void
applier_wake(struct applier *a)
{
	pthread_mutex_lock(&a->lock);
	poke(a);
	pthread_mutex_unlock(&a->lock);
}

int
applier_wait(struct applier *a, uint64_t sequence)
{
	int rc = 0;

	pthread_mutex_lock(&a->lock);
	while (a->applied < sequence && a->health == 0) {
		if (a->config.is_inline) {
			turn(a);
		} else {
			pthread_cond_wait(&a->done, &a->lock);
		}
	}
	if (a->applied < sequence) {
		rc = health(a);
	}
	pthread_mutex_unlock(&a->lock);
	return rc;
}

void
applier_status(struct applier *a, struct store_status *io_status)
{
	pthread_mutex_lock(&a->lock);
	io_status->sequence_applied = a->applied;
	io_status->applies = a->applies;
	io_status->apply_us_total = a->apply_us_total;
	io_status->health =
		a->health == 0 && a->tend_rc != 0 ? ERR_FULL : a->health;
	pthread_mutex_unlock(&a->lock);
}

/*
 * ninetyd and the peers in turns: every side does a second or two of a work in
 * a shape, then the next, round after round, so that what else the machine
 * does hits all alike. Ratios are taken within a round.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "due.h"
#include "figures.h"
#include "peer.h"

#define ROUNDS_MAX 99
#define SIDES_MAX 8

struct shape {
	unsigned clients;
	unsigned window;
};

static const struct shape shapes[] = {{4, 64}, {16, 1}, {1, 1}};
#define N_SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static const char *const compared[] = {"write", "read"};
#define N_WORKS (sizeof(compared) / sizeof(compared[0]))

struct cell {
	double per_s[ROUNDS_MAX];
	double p50_us[ROUNDS_MAX];
	double p99_us[ROUNDS_MAX];
};

/* All due dates listed, once a round. */
struct listings {
	uint64_t open; /* 0: not compared */
	struct due_peer *peer;
	double ninety_s[ROUNDS_MAX];
	double postgres_s[ROUNDS_MAX];
};

struct table {
	const struct bench_options *o;
	struct listings due;
	size_t n_sides; /* ninetyd is the first */
	uint64_t wrong;
	struct cell cells[N_WORKS][N_SHAPES][SIDES_MAX];
};

static int
compare_numbers(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

struct spread {
	double median;
	double least;
	double most;
};

static struct spread
spread_of(const double *values, size_t n)
{
	double sorted[ROUNDS_MAX];

	memcpy(sorted, values, n * sizeof(*values));
	qsort(sorted, n, sizeof(*sorted), compare_numbers);
	return (struct spread){sorted[n / 2], sorted[0], sorted[n - 1]};
}

static const struct peer_kind *
peer_of(size_t side)
{
	return side == 0 ? NULL : peers[side - 1];
}

static const char *
name_of(size_t side)
{
	return side == 0 ? "ninety" : peers[side - 1]->name;
}

static int
run_one(struct table *t, size_t work, size_t shape, size_t side, size_t round)
{
	static struct bench_result r;
	struct bench_options o = *t->o;
	struct cell *cell = &t->cells[work][shape][side];
	int rc;

	o.work = work_find(compared[work]);
	o.clients = shapes[shape].clients;
	o.window = shapes[shape].window;
	o.rate = 0;
	o.peer = peer_of(side);
	o.peer_at = NULL;
	o.seed = t->o->seed + (unsigned)round;
	rc = side == 0 ? bench_ninety(&o, &r) : bench_peer(&o, &r);
	if (rc != 0) {
		return rc;
	}
	t->wrong += r.refused;
	cell->per_s[round] = (double)r.done / r.seconds;
	cell->p50_us[round] = (double)histogram_at(&r.latency, 0.5);
	cell->p99_us[round] = (double)histogram_at(&r.latency, 0.99);
	return 0;
}

#ifdef BENCH_POSTGRES
static int
due_begin(struct table *t)
{
	int rc = due_fill(t->o, t->o->requests, &t->due.open);

	return rc != 0 ? rc : due_peer_open(NULL, t->due.open, &t->due.peer);
}

static int
due_round(struct table *t, size_t round)
{
	struct due_listing ours;
	struct due_listing theirs;
	int rc = due_list(t->o, true, NULL, &ours);

	if (rc == 0) {
		rc = due_peer_list(t->due.peer, &theirs);
	}
	if (rc == 0) {
		t->due.ninety_s[round] = ours.seconds;
		t->due.postgres_s[round] = theirs.seconds;
		t->wrong += ours.wrong + (ours.items == theirs.items ? 0 : 1);
	}
	return rc;
}

static void
due_end(struct table *t)
{
	due_peer_close(t->due.peer);
}
#else
static int
due_begin(struct table *t)
{
	(void)t;
	return 0;
}

static int
due_round(struct table *t, size_t round)
{
	(void)t;
	(void)round;
	return 0;
}

static void
due_end(struct table *t)
{
	(void)t;
}
#endif

static void
due_print(const struct table *t)
{
	const struct listings *d = &t->due;
	const size_t n = t->o->rounds;
	struct spread ours = spread_of(d->ninety_s, n);
	struct spread theirs = spread_of(d->postgres_s, n);
	double ratios[ROUNDS_MAX];
	struct spread ratio;

	for (size_t i = 0; i < n; i++) {
		ratios[i] = d->postgres_s[i] / d->ninety_s[i];
	}
	ratio = spread_of(ratios, n);
	(void)printf("due    %llu due dates in order: ninety, CSV pages "
		     "%.3f s (%.3f..%.3f)  postgres, COPY %.3f s "
		     "(%.3f..%.3f)  ninety is %.2f x (%.2f..%.2f)\n",
		     (unsigned long long)d->open, ours.median, ours.least,
		     ours.most, theirs.median, theirs.least, theirs.most,
		     ratio.median, ratio.least, ratio.most);
}

static void
machine_print(void)
{
	char line[512];

	machine_line(line, sizeof(line));
	(void)printf("machine: %s\n", line);
}

static void
sides_print(const struct table *t)
{
	(void)printf("all: client and server on this machine, loopback, "
		     "%u bytes of text a write, %u people a client\n",
		     t->o->payload, t->o->people);
	(void)printf("%-13s CURVE, journal synced before the answer, key for "
		     "each person, roles, policy,\n%-13s exactly-once, leaf in "
		     "a verifiable log, card-number check\n",
		     "ninety:", "");
	for (size_t i = 1; i < t->n_sides; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "%s:", name_of(i));
		(void)printf("%-13s %s; no roles, policy, exactly-once, or "
			     "log that proves itself\n",
			     name, peers[i - 1]->summary);
	}
}

static void
row_print(const struct table *t, size_t work, size_t shape, size_t side)
{
	const struct cell *c = &t->cells[work][shape][side];
	const struct cell *ours = &t->cells[work][shape][0];
	size_t n = t->o->rounds;
	struct spread per_s = spread_of(c->per_s, n);
	double ratios[ROUNDS_MAX];
	struct spread ratio;

	for (size_t i = 0; i < n; i++) {
		ratios[i] = ours->per_s[i] / c->per_s[i];
	}
	ratio = spread_of(ratios, n);
	(void)printf("%-6s %2u x %-3u %-13s %9.0f (%.0f..%.0f)  p50 %.0f us  "
		     "p99 %.0f us",
		     compared[work], shapes[shape].clients,
		     shapes[shape].window, name_of(side), per_s.median,
		     per_s.least, per_s.most, spread_of(c->p50_us, n).median,
		     spread_of(c->p99_us, n).median);
	if (side > 0) {
		(void)printf("  ninety is %.2f x (%.2f..%.2f)", ratio.median,
			     ratio.least, ratio.most);
	}
	(void)printf("\n");
}

/* Our 4 x 64 against the peer in the shape that suits it best. */
static void
best_print(const struct table *t, size_t work, size_t side)
{
	const size_t n = t->o->rounds;
	double ratios[ROUNDS_MAX];
	struct spread ratio;
	size_t best = 0;

	for (size_t s = 1; s < N_SHAPES; s++) {
		if (spread_of(t->cells[work][s][side].per_s, n).median >
		    spread_of(t->cells[work][best][side].per_s, n).median) {
			best = s;
		}
	}
	for (size_t i = 0; i < n; i++) {
		ratios[i] = t->cells[work][0][0].per_s[i] /
			    t->cells[work][best][side].per_s[i];
	}
	ratio = spread_of(ratios, n);
	(void)printf("%-6s ninety 4 x 64 against %s at its best (%u x %u): "
		     "%.2f x (%.2f..%.2f)\n",
		     compared[work], name_of(side), shapes[best].clients,
		     shapes[best].window, ratio.median, ratio.least,
		     ratio.most);
}

static void
table_print(const struct table *t)
{
	double load = 0;

	for (size_t w = 0; w < N_WORKS; w++) {
		for (size_t s = 0; s < N_SHAPES; s++) {
			for (size_t i = 0; i < t->n_sides; i++) {
				row_print(t, w, s, i);
			}
		}
		for (size_t i = 1; i < t->n_sides; i++) {
			best_print(t, w, i);
		}
	}
	if (t->due.open > 0) {
		due_print(t);
	}
	(void)getloadavg(&load, 1);
	(void)printf("%u rounds of %.0f s, interleaved; operations a second: "
		     "median (least..most); wrong or refused answers: %llu; "
		     "load after %.1f\n",
		     t->o->rounds, t->o->seconds, (unsigned long long)t->wrong,
		     load);
}

int
bench_compare(const struct bench_options *o)
{
	static struct table t;
	int rc = 0;

	t = (struct table){.o = o, .n_sides = 1 + n_peers};
	machine_print();
	sides_print(&t);
	if (o->requests > 0) {
		rc = due_begin(&t);
	}
	for (size_t round = 0; round < o->rounds && rc == 0; round++) {
		for (size_t w = 0; w < N_WORKS; w++) {
			for (size_t s = 0; s < N_SHAPES; s++) {
				for (size_t i = 0; i < t.n_sides && rc == 0;
				     i++) {
					rc = run_one(&t, w, s, i, round);
				}
			}
		}
		if (rc == 0 && t.due.open > 0) {
			rc = due_round(&t, round);
		}
	}
	due_end(&t);
	if (rc != 0) {
		return rc;
	}
	table_print(&t);
	return t.wrong > 0 ? 1 : 0;
}

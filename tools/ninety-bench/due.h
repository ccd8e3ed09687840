#ifndef BENCH_DUE_H
#define BENCH_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench.h"

/*
 * Due dates of many requests: submitted, listed in order, the first hundred of
 * them; from ninetyd by its pages of JSON or CSV, from PostgreSQL 15 by COPY
 * and by an indexed query over a table with the same columns. As everywhere
 * else the peer leaves a row that says who asked, in the same transaction.
 */
#define DUE_FIRST 100

struct due_listing {
	double seconds;
	uint64_t items;
	uint64_t bytes;
	uint64_t wrong; /* out of order, or refused */
	int64_t memory_bytes; /* the most seen meanwhile; -1: not seen */
};

/* Submits until `n` are open; *out_open is how many are. 0 or an exit
 * status. */
int due_fill(const struct bench_options *o, uint64_t n, uint64_t *out_open);

/* All of them, as JSON or as CSV. `directory` for its memory, or NULL. */
int due_list(const struct bench_options *o, bool as_csv, const char *directory,
	     struct due_listing *out);

/* Between two questions for the first hundred: whoever asks finds a service
 * that did something else before, as a person's question does. */
void due_pause(void);

/* How long the first hundred take, as the median of `rounds` questions. */
int due_first(const struct bench_options *o, unsigned rounds,
	      double *out_seconds);

/* The same of PostgreSQL; `at` NULL: as tools/bench-peers has it. */
struct due_peer;

int due_peer_open(const char *at, uint64_t n, struct due_peer **out);
int due_peer_list(struct due_peer *p, struct due_listing *out);
/* `with_trace` false: the bare query, which leaves no row behind. */
int due_peer_first(struct due_peer *p, bool with_trace, unsigned rounds,
		   double *out_seconds);
void due_peer_close(struct due_peer *p);

#endif

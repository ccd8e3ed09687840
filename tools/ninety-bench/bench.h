#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "histogram.h"
#include "work.h"

/* One run and what came of it. Every answer is checked; what was refused,
 * wrong or never came counts in `refused` and nowhere else. */
#define BENCH_CLIENTS_MAX 64
#define BENCH_WINDOW_MAX 1024

struct peer_kind;
struct population;

struct bench_options {
	const struct work *work;
	const struct peer_kind *peer; /* NULL: ninetyd */
	const char *peer_at;          /* NULL: where tools/bench-peers has it */
	const char *clients_dir;
	const char *endpoint;
	unsigned clients;
	unsigned window;
	unsigned people; /* of each client */
	unsigned events;
	unsigned payload; /* bytes */
	unsigned seed;
	unsigned rounds; /* of a comparison */
	unsigned requests; /* open ones, listed in it; 0: none */
	/* People that are there already; NULL: each client makes its own. */
	struct population *everybody;
	uint64_t calls;  /* of each client, if the time lasts; 0: no end */
	double seconds;
	double rate; /* of all clients together; 0: closed loop */
	bool compare;
	bool json;
};

struct bench_result {
	struct histogram latency;
	double seconds;
	uint64_t done;
	uint64_t units;
	uint64_t refused;
	uint64_t busy;
};

uint64_t bench_now_us(void);

/* 0 or an exit status; the reason is on stderr. */
int bench_ninety(const struct bench_options *o, struct bench_result *out);
int bench_peer(const struct bench_options *o, struct bench_result *out);

/* Interleaved runs of ninetyd and all peers: a report on stdout. */
int bench_compare(const struct bench_options *o);

#endif

/*
 * `ninety-bench report`: the deadline report over many open requests, beside
 * the same question to PostgreSQL in the same rounds, and what writers feel of
 * it meanwhile.
 */

#include <argp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sysexits.h>
#include <unistd.h>

#include "due.h"
#include "expiry.h"
#include "figures.h"
#include "instance.h"
#include "suite.h"

#define REQUESTS_DEFAULT 1000000
#define REQUESTS_MAX 100000000
#define ROUNDS_DEFAULT 3
#define ROUNDS_MAX 99
#define FIRSTS_DEFAULT 20
#define RATE_DEFAULT 500
#define EXPIRING_DEFAULT 1000000
#define SECONDS_DEFAULT 5
#define MEMORY_BYTES_ASIDE (64.0 * 1024 * 1024)

struct report_bench {
	const char *directory;
	const char *endpoint;
	const char *peer_at;
	bool has_peer;
	bool json;
	unsigned long requests;
	unsigned long rounds;
	unsigned long rate;
	unsigned long seconds;
	unsigned long expiring;
	const char *under;

	struct bench_options o;
	uint64_t open;
	int64_t idle_bytes;
	uint64_t wrong;
	int64_t memory_bytes;
	uint64_t list_bytes;
	double list_s[ROUNDS_MAX];
	double csv_s[ROUNDS_MAX];
	double first_s[ROUNDS_MAX];
	double peer_list_s[ROUNDS_MAX];
	double peer_first_s[ROUNDS_MAX];
	double peer_bare_s[ROUNDS_MAX]; /* without a row of who asked */
	double idle_p99_us[ROUNDS_MAX];
	double busy_p99_us[ROUNDS_MAX];
	double expiry_s;
	unsigned long listings; /* while writes went on */
};

#ifdef BENCH_POSTGRES
static int
peer_round(struct report_bench *b, struct due_peer *peer, size_t round)
{
	struct due_listing l;
	int rc = due_peer_list(peer, &l);

	if (rc != 0) {
		return rc;
	}
	b->peer_list_s[round] = l.seconds;
	b->wrong += l.items == b->open ? 0 : 1;
	rc = due_peer_first(peer, true, FIRSTS_DEFAULT,
			    &b->peer_first_s[round]);
	return rc != 0 ? rc
		       : due_peer_first(peer, false, FIRSTS_DEFAULT,
					&b->peer_bare_s[round]);
}
#endif

static int
list_round(struct report_bench *b, bool as_csv, double *out_seconds)
{
	struct due_listing l;
	int rc = due_list(&b->o, as_csv, b->directory, &l);

	if (rc != 0) {
		return rc;
	}
	*out_seconds = l.seconds;
	b->list_bytes = as_csv ? b->list_bytes : l.bytes;
	b->wrong += l.wrong + (l.items == b->open ? 0 : 1);
	if (l.memory_bytes > b->memory_bytes) {
		b->memory_bytes = l.memory_bytes;
	}
	return 0;
}

static int
round_run(struct report_bench *b, size_t round)
{
	int rc = list_round(b, false, &b->list_s[round]);

	if (rc == 0) {
		rc = list_round(b, true, &b->csv_s[round]);
	}
	return rc != 0 ? rc : due_first(&b->o, FIRSTS_DEFAULT, &b->first_s[round]);
}

struct lister {
	struct report_bench *b;
	atomic_bool is_over;
	unsigned long n;
	int rc;
};

static void *
lister_run(void *arg)
{
	struct lister *l = arg;
	struct due_listing listing;

	while (l->rc == 0 && !atomic_load(&l->is_over)) {
		l->rc = due_list(&l->b->o, false, NULL, &listing);
		l->n++;
	}
	return NULL;
}

/* Writes at a fixed rate, their p99 from when each was due. Nothing that came
 * before is still on its way to the disk, neither ours nor PostgreSQL's. */
static int
write_run(struct report_bench *b, double *out_p99_us)
{
	static struct bench_result r;
	struct bench_options o = b->o;
	int rc = instance_settle(&b->o);

	if (rc != 0) {
		return rc;
	}
	sync();
	o.work = work_find("write");
	o.rate = (double)b->rate;
	o.seconds = (double)b->seconds;
	rc = bench_ninety(&o, &r);
	b->wrong += r.refused;
	*out_p99_us = (double)histogram_at(&r.latency, 0.99);
	return rc;
}

/* Without a report, then while one is read again and again. */
static int
writers_round(struct report_bench *b, size_t round)
{
	struct lister l = {.b = b};
	pthread_t thread;
	int rc = write_run(b, &b->idle_p99_us[round]);

	if (rc != 0 || pthread_create(&thread, NULL, lister_run, &l) != 0) {
		return rc != 0 ? rc : EX_OSERR;
	}
	rc = write_run(b, &b->busy_p99_us[round]);
	atomic_store(&l.is_over, true);
	(void)pthread_join(thread, NULL);
	b->listings += l.n;
	return rc != 0 ? rc : l.rc;
}

static int
measure(struct report_bench *b, struct due_peer *peer)
{
	int rc = 0;

	for (size_t i = 0; i < b->rounds && rc == 0; i++) {
		rc = round_run(b, i);
#ifdef BENCH_POSTGRES
		if (rc == 0 && peer != NULL) {
			rc = peer_round(b, peer, i);
		}
#else
		(void)peer;
#endif
		if (rc == 0) {
			rc = writers_round(b, i);
		}
	}
	return rc;
}

static void
ratio_add(struct report_bench *b, struct figures *f)
{
	double ratios[ROUNDS_MAX];

	for (size_t i = 0; i < b->rounds; i++) {
		ratios[i] = b->busy_p99_us[i] / b->idle_p99_us[i];
	}
	figures_add(f, (struct figure){"write_p99_ratio",
				       "the same, while the report is read / at rest",
				       "x", figures_median(ratios, b->rounds),
				       FIGURE_AT_MOST, 2});
}

static void
peer_add(struct report_bench *b, struct figures *f)
{
	double lists[ROUNDS_MAX];
	double firsts[ROUNDS_MAX];
	size_t n = b->rounds;

	for (size_t i = 0; i < n; i++) {
		lists[i] = b->peer_list_s[i] / b->csv_s[i];
		firsts[i] = b->peer_first_s[i] / b->first_s[i];
	}
	figures_add(f, (struct figure){"postgres_list_s",
				       "PostgreSQL, the same rows by COPY", "s",
				       figures_median(b->peer_list_s, n),
				       FIGURE_PLAIN, 0});
	figures_add(f, (struct figure){"postgres_first_ms",
				       "PostgreSQL, the first 100, and who asked",
				       "ms",
				       1000 * figures_median(b->peer_first_s, n),
				       FIGURE_PLAIN, 0});
	figures_add(f, (struct figure){"postgres_bare_ms",
				       "the same without a row of who asked",
				       "ms",
				       1000 * figures_median(b->peer_bare_s, n),
				       FIGURE_PLAIN, 0});
	figures_add(f, (struct figure){"list_ratio",
				       "all: PostgreSQL's time / ninety's as CSV",
				       "x",
				       figures_median(lists, n),
				       FIGURE_AT_LEAST, 2});
	figures_add(f, (struct figure){"first_ratio",
				       "first 100: PostgreSQL's time / ninety's",
				       "x", figures_median(firsts, n),
				       FIGURE_AT_LEAST, 1});
}

static int
print(struct report_bench *b)
{
	struct figures f = {.suite = "report"};
	size_t n = b->rounds;

	figures_add(&f, (struct figure){"requests", "open requests", "",
					(double)b->open, FIGURE_PLAIN, 0});
	figures_add(&f, (struct figure){"list_s",
					"all of them listed, as pages of JSON",
					"s", figures_median(b->list_s, n),
					FIGURE_AT_MOST, 3});
	figures_add(&f, (struct figure){"list_bytes", "JSON of a listing", "B",
					(double)b->list_bytes, FIGURE_PLAIN, 0});
	figures_add(&f, (struct figure){"csv_s", "the same as pages of CSV",
					"s", figures_median(b->csv_s, n),
					FIGURE_PLAIN, 0});
	figures_add(&f, (struct figure){"first_ms", "the first 100 due", "ms",
					1000 * figures_median(b->first_s, n),
					FIGURE_AT_MOST, 5});
	if (b->idle_bytes >= 0 && b->memory_bytes >= 0) {
		figures_add(&f, (struct figure){
					"memory_bytes",
					"core's memory above rest, listing", "B",
					(double)(b->memory_bytes - b->idle_bytes),
					FIGURE_AT_MOST, MEMORY_BYTES_ASIDE});
	}
	if (b->has_peer) {
		peer_add(b, &f);
	}
	figures_add(&f, (struct figure){"write_p99_idle_us",
					"p99 of writes at a fixed rate, at rest",
					"us", figures_median(b->idle_p99_us, n),
					FIGURE_PLAIN, 0});
	ratio_add(b, &f);
	figures_add(&f, (struct figure){"listings_meanwhile",
					"listings read while writes went on", "",
					(double)b->listings, FIGURE_PLAIN, 0});
	figures_add(&f, (struct figure){"expiring",
					"people with a record that ends on a day",
					"", (double)b->expiring, FIGURE_PLAIN,
					0});
	figures_add(&f, (struct figure){"expiry_s",
					"the day is over: its key is destroyed after",
					"s", b->expiry_s, FIGURE_AT_MOST, 1});
	figures_add(&f, (struct figure){"wrong", "wrong or refused answers", "",
					(double)b->wrong, FIGURE_AT_MOST, 0});
	return figures_print(&f, b->json);
}

static const struct argp_option rows[] = {
	{"instance", 'i', "DIR", 0, "the instance (.)", 0},
	{"endpoint", 'e', "E", 0, "another than the key file's", 0},
	{"requests", 'n', "N", 0, "submitted until so many are open (1000000)",
	 0},
	{"rounds", 'R', "N", 0, "each figure is the median of (3)", 0},
	{"rate", 'r', "N", 0, "writes a second beside the report (500)", 0},
	{"seconds", 't', "S", 0, "of writing, a round (5)", 0},
	{"no-peer", 'N', NULL, 0, "without PostgreSQL", 0},
	{"peer-at", 'a', "WHERE", 0, "another than tools/bench-peers'", 0},
	{"expiring", 'x', "N", 0, "people whose records end on a day (1000000)",
	 0},
	{"dir", 'd', "DIR", 0, "for those, a folder is made in it and removed "
			       "again (/var/tmp)", 0},
	{"json", 'j', NULL, 0, "one JSON object", 0},
	{NULL, 0, NULL, 0, NULL, 0},
};

static error_t
parse(int key, char *arg, struct argp_state *state)
{
	struct report_bench *b = state->input;

	switch (key) {
	case 'i':
		b->directory = arg;
		return 0;
	case 'e':
		b->endpoint = arg;
		return 0;
	case 'n':
		b->requests = suite_number(state, arg, REQUESTS_MAX);
		return 0;
	case 'R':
		b->rounds = suite_number(state, arg, ROUNDS_MAX);
		return 0;
	case 'r':
		b->rate = suite_number(state, arg, 1000000);
		return 0;
	case 't':
		b->seconds = suite_number(state, arg, 3600);
		return 0;
	case 'N':
		b->has_peer = false;
		return 0;
	case 'a':
		b->peer_at = arg;
		return 0;
	case 'x':
		b->expiring = suite_number(state, arg, REQUESTS_MAX);
		return 0;
	case 'd':
		b->under = arg;
		return 0;
	case 'j':
		b->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int
run(int argc, char **argv)
{
	static const struct argp argp = {
		rows, parse, NULL,
		"The deadline report over many open requests, and PostgreSQL's "
		"answer to the same question. Submits what is missing first.",
		NULL, NULL, NULL};
	static struct report_bench b = {.directory = ".",
					.has_peer = true,
					.requests = REQUESTS_DEFAULT,
					.rounds = ROUNDS_DEFAULT,
					.rate = RATE_DEFAULT,
					.expiring = EXPIRING_DEFAULT,
					.under = "/var/tmp",
					.seconds = SECONDS_DEFAULT};
	struct due_peer *peer = NULL;
	int rc;

	if (argp_parse(&argp, argc, argv, 0, NULL, &b) != 0) {
		return EX_USAGE;
	}
	b.o = instance_options(b.directory, b.endpoint);
	rc = due_fill(&b.o, b.requests, &b.open);
	if (rc == 0) {
		rc = instance_settle(&b.o);
	}
	b.idle_bytes = instance_memory_bytes(b.directory);
#ifdef BENCH_POSTGRES
	if (rc == 0 && b.has_peer) {
		rc = due_peer_open(b.peer_at, b.open, &peer);
	}
#else
	b.has_peer = false;
#endif
	if (rc == 0) {
		rc = measure(&b, peer);
	}
	if (rc == 0) {
		rc = expiry_measure(b.under, b.expiring, &b.expiry_s);
	}
	if (rc == 0) {
		rc = print(&b);
	}
#ifdef BENCH_POSTGRES
	due_peer_close(peer);
#endif
	return rc != 0 ? rc : b.wrong > 0 ? 1 : 0;
}

const struct suite suite_report = {
	"report", "the deadline report over many requests", run};

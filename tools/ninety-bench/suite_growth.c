/*
 * `ninety-bench growth`: what a customer costs when there are more of them.
 * The population grows tenfold at a time; at each size writes at full load,
 * reads at a fixed rate, both of people picked among all, and bytes on disk.
 */

#include <argp.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "figures.h"
#include "instance.h"
#include "population.h"
#include "suite.h"

#define FROM_DEFAULT 10000
#define TO_DEFAULT 1000000
#define PEOPLE_MAX 100000000
#define SECONDS_DEFAULT 5
#define RATE_DEFAULT 1000
#define STEPS_MAX 8
#define FILL_S 86400
#define FILL_TRIES 20
/* What work_register sends of a person: name, e-mail, country. */
#define CONTACT_BYTES 40
#define NAME_BYTES 40

struct step {
	unsigned long people;
	double register_per_s;
	double write_per_s;
	double read_p50_us;
	double read_p99_us;
	double disk_bytes;
	double personal_bytes;
};

struct growth {
	const char *directory;
	const char *endpoint;
	bool json;
	unsigned long from;
	unsigned long to;
	unsigned long seconds;
	unsigned long rate;

	struct bench_options o;
	struct population everybody;
	uint64_t records; /* of 300 bytes, written so far */
	uint64_t wrong;
	struct step steps[STEPS_MAX];
	size_t n;
};

/* Bytes that a folder's files take of the disk, without the room that a
 * running store holds behind their end. */
static double
disk_bytes(const char *directory, const char *part)
{
	char path[PATH_MAX];
	char *paths[] = {path, NULL};
	double bytes = 0;
	FTSENT *e;
	FTS *fts;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, part);
	fts = fts_open(paths, FTS_PHYSICAL, NULL);
	while (fts != NULL && (e = fts_read(fts)) != NULL) {
		if (e->fts_info == FTS_F) {
			double held = (double)e->fts_statp->st_blocks * 512;
			double size = (double)e->fts_statp->st_size;

			bytes += held < size ? held : size;
		}
	}
	if (fts != NULL) {
		(void)fts_close(fts);
	}
	return bytes;
}

/* All that is kept for good; the journal is a ring of a fixed size. */
static double
kept_bytes(const char *directory)
{
	return disk_bytes(directory, "store/data") +
	       disk_bytes(directory, "keys") + disk_bytes(directory, "log");
}

static int
run_work(struct growth *g, const char *name, uint64_t calls, double rate,
	 struct bench_result *r)
{
	struct bench_options o = g->o;
	int rc;

	o.work = work_find(name);
	o.everybody = &g->everybody;
	o.seconds = calls > 0 ? FILL_S : (double)g->seconds;
	o.calls = (calls + o.clients - 1) / o.clients;
	o.rate = rate;
	o.seed = g->o.seed++;
	rc = bench_ninety(&o, r);
	g->wrong += r->refused;
	return rc;
}

/* Registers up to the size, and gives each newcomer, on the average, a record:
 * calls that met `busy` are made up for. */
static int
grow(struct growth *g, struct step *s)
{
	static struct bench_result r;
	uint64_t records = g->records + s->people - g->everybody.n;
	double seconds = 0;
	double people = 0;
	int rc = 0;

	for (int i = 0;
	     i < FILL_TRIES && rc == 0 && g->everybody.n < s->people; i++) {
		size_t before = g->everybody.n;

		rc = run_work(g, "register", s->people - before, 0, &r);
		seconds += r.seconds;
		people += (double)(g->everybody.n - before);
	}
	s->register_per_s = people / seconds;
	for (int i = 0; i < FILL_TRIES && rc == 0 && g->records < records;
	     i++) {
		rc = run_work(g, "write", records - g->records, 0, &r);
		g->records += r.done;
	}
	return rc != 0 ? rc : instance_settle(&g->o);
}

static int
step_run(struct growth *g, unsigned long people)
{
	static struct bench_result r;
	struct step *s = &g->steps[g->n];
	int rc;

	*s = (struct step){.people = people};
	rc = grow(g, s);
	s->disk_bytes = kept_bytes(g->directory);
	s->personal_bytes = (double)g->everybody.n * CONTACT_BYTES +
			    (double)g->records * g->o.payload;
	if (rc == 0) {
		rc = run_work(g, "write", 0, 0, &r);
		s->write_per_s = (double)r.done / r.seconds;
		g->records += r.done;
	}
	if (rc == 0) {
		rc = instance_settle(&g->o);
	}
	if (rc == 0) {
		rc = run_work(g, "read", 0, (double)g->rate, &r);
		s->read_p50_us = (double)histogram_at(&r.latency, 0.5);
		s->read_p99_us = (double)histogram_at(&r.latency, 0.99);
	}
	g->n += rc == 0 ? 1 : 0;
	return rc;
}

/* A size as in the figures' names: 10k, 3m. */
static void
size_print(unsigned long people, char *out, size_t n)
{
	if (people >= 1000000 && people % 1000000 == 0) {
		(void)snprintf(out, n, "%lum", people / 1000000);
	} else if (people >= 1000 && people % 1000 == 0) {
		(void)snprintf(out, n, "%luk", people / 1000);
	} else {
		(void)snprintf(out, n, "%lu", people);
	}
}

static void
figure_add(struct figures *f, const char *size, const char *name,
	   const char *what, struct figure row)
{
	static char names[FIGURES_MAX][2][128];
	char *own_name = names[f->n][0];
	char *own_what = names[f->n][1];

	(void)snprintf(own_name, sizeof(names[0][0]), "%s_%s", name, size);
	(void)snprintf(own_what, sizeof(names[0][1]), "%s customers: %s", size,
		       what);
	row.name = own_name;
	row.what = own_what;
	figures_add(f, row);
}

static void
step_add(struct figures *f, const struct growth *g, size_t i)
{
	const struct step *s = &g->steps[i];
	const struct step *least = &g->steps[0];
	char size[NAME_BYTES];

	size_print(s->people, size, sizeof(size));
	figure_add(f, size, "register_per_s", "registrations a second",
		   (struct figure){.value = s->register_per_s, .unit = ""});
	figure_add(f, size, "write_per_s", "writes a second, 4 x 64",
		   (struct figure){.value = s->write_per_s, .unit = ""});
	figure_add(f, size, "read_p50_us", "read p50, fixed rate",
		   (struct figure){.value = s->read_p50_us, .unit = "us"});
	figure_add(f, size, "read_p99_us", "read p99, fixed rate",
		   (struct figure){.value = s->read_p99_us, .unit = "us"});
	figure_add(f, size, "disk_ratio", "bytes on disk / personal bytes",
		   (struct figure){.value = s->disk_bytes / s->personal_bytes,
				   .unit = "x",
				   .mark = FIGURE_AT_MOST,
				   .reach = 2.5});
	if (i == 0) {
		return;
	}
	figure_add(f, size, "write_ratio", "writes / those of the smallest",
		   (struct figure){.value = s->write_per_s /
					    least->write_per_s,
				   .unit = "x",
				   .mark = FIGURE_AT_LEAST,
				   .reach = 0.7});
	figure_add(f, size, "read_p99_ratio",
		   "read p99 / that of the smallest",
		   (struct figure){.value = s->read_p99_us /
					    least->read_p99_us,
				   .unit = "x",
				   .mark = FIGURE_AT_MOST,
				   .reach = 2});
}

static int
measure(struct growth *g)
{
	struct figures f = {.suite = "growth"};
	int rc = 0;

	for (unsigned long people = g->from; rc == 0 && g->n < STEPS_MAX;
	     people = people < g->to / 10 ? people * 10 : g->to) {
		rc = step_run(g, people);
		if (people == g->to) {
			break;
		}
	}
	if (rc != 0) {
		return rc;
	}
	for (size_t i = 0; i < g->n; i++) {
		step_add(&f, g, i);
	}
	figures_add(&f, (struct figure){"wrong", "wrong or refused answers", "",
					(double)g->wrong, FIGURE_AT_MOST, 0});
	rc = figures_print(&f, g->json);
	return rc != 0 ? rc : g->wrong > 0 ? 1 : 0;
}

static const struct argp_option rows[] = {
	{"instance", 'i', "DIR", 0, "a new instance (.)", 0},
	{"endpoint", 'e', "E", 0, "another than the key file's", 0},
	{"from", 'f', "N", 0, "customers at first (10000)", 0},
	{"to", 'n', "N", 0, "customers in the end (1000000)", 0},
	{"seconds", 't', "S", 0, "of writing and of reading (5)", 0},
	{"rate", 'r', "N", 0, "reads a second (1000)", 0},
	{"json", 'j', NULL, 0, "one JSON object", 0},
	{NULL, 0, NULL, 0, NULL, 0},
};

static error_t
parse(int key, char *arg, struct argp_state *state)
{
	struct growth *g = state->input;

	switch (key) {
	case 'i':
		g->directory = arg;
		return 0;
	case 'e':
		g->endpoint = arg;
		return 0;
	case 'f':
		g->from = suite_number(state, arg, PEOPLE_MAX);
		return 0;
	case 'n':
		g->to = suite_number(state, arg, PEOPLE_MAX);
		return 0;
	case 't':
		g->seconds = suite_number(state, arg, 3600);
		return 0;
	case 'r':
		g->rate = suite_number(state, arg, 1000000);
		return 0;
	case 'j':
		g->json = true;
		return 0;
	case ARGP_KEY_END:
		if (g->to < g->from) {
			argp_error(state, "--to lies below --from");
		}
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
		"Writes, reads and bytes on disk while the customers of an "
		"instance grow tenfold at a time.",
		NULL, NULL, NULL};
	static struct growth g = {.directory = ".",
				  .from = FROM_DEFAULT,
				  .to = TO_DEFAULT,
				  .seconds = SECONDS_DEFAULT,
				  .rate = RATE_DEFAULT};
	int rc;

	if (argp_parse(&argp, argc, argv, 0, NULL, &g) != 0) {
		return EX_USAGE;
	}
	g.o = instance_options(g.directory, g.endpoint);
	if (population_open(&g.everybody, g.to) != 0) {
		(void)fprintf(stderr, "ninety-bench: no memory for so many\n");
		return EX_OSERR;
	}
	rc = measure(&g);
	population_close(&g.everybody);
	return rc;
}

const struct suite suite_growth = {
	"growth", "what a customer costs when there are more of them", run};

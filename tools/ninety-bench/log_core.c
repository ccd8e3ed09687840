/*
 * The log inside the group commit: two instances in this process, the same
 * core, the same calls in turns, and one of them without leaves. No setting of
 * the service can do that: this program is linked so that the one function
 * which writes a call's leaves (call/log.c) comes by here (CMakeLists.txt,
 * --wrap), and can be left out.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>

#include "audit/leaf.h"
#include "bench.h"
#include "call/call.h"
#include "local.h"
#include "log.h"
#include "policy/role.h"

#define GROUP 256 /* as 4 clients with 64 in flight each */
#define ROUNDS_MAX 99
#define TEXT_BYTES 300
#define BODY_BYTES 1024
#define ID_TEXT_BYTES 37
#define PATH_BYTES (LOCAL_PATH_BYTES + 32)

#define SLICE_US 100000
#define SLICES_MAX 6000

int __real_call_log(struct call *c, int rc, enum leaf_type type);
int __wrap_call_log(struct call *c, int rc, enum leaf_type type);

static bool is_without;

int
__wrap_call_log(struct call *c, int rc, enum leaf_type type)
{
	return is_without ? 0 : __real_call_log(c, rc, type);
}

struct side {
	struct local l;
	char (*people)[ID_TEXT_BYTES];
	double wall_us[ROUNDS_MAX]; /* a call */
	double cpu_us[ROUNDS_MAX];
	uint64_t written; /* calls, those to people included */
};

struct core_run {
	const struct log_options *o;
	struct figures *f;
	struct work_state random;
	struct side sides[2]; /* with, without */
};

static int
people_register(struct core_run *r, struct side *s)
{
	char body[BODY_BYTES];
	int rc = 0;

	for (uint32_t i = 0; i < r->o->people && rc == 0; i++) {
		(void)snprintf(
			body, sizeof(body),
			"{\"birth_date\":\"1980-05-05\",\"country\":\"US\","
			"\"contact\":{\"name\":\"Bench %u\",\"email\":"
			"\"u%u@bench.example\"},\"terms\":{\"version\":\"1\","
			"\"accepted_at\":\"2026-01-01T00:00:00Z\"}}",
			i, i);
		rc = local_call(&s->l, ROLE_PORTAL, "subject.register", body);
		if (rc == 0 && !local_text(&s->l, "subject", s->people[i],
					   ID_TEXT_BYTES)) {
			rc = EX_SOFTWARE;
		}
	}
	s->written += r->o->people;
	return rc;
}

/* One group: as many writes as are in flight, one sync, their answers. */
static int
group(struct core_run *r, struct side *s)
{
	char body[BODY_BYTES];
	char text[TEXT_BYTES + 1];
	int rc = 0;

	for (unsigned i = 0; i < GROUP && rc == 0; i++) {
		uint64_t who = work_random(&r->random) % r->o->people;

		(void)snprintf(body, sizeof(body),
			       "{\"subject\":\"%s\",\"category\":"
			       "\"publication\",\"data\":{\"kind\":\"forum\","
			       "\"text\":\"%s\"}}",
			       s->people[who],
			       work_filler(&r->random, text, TEXT_BYTES));
		rc = local_send(&s->l, ROLE_PORTAL, "subject.write", body);
	}
	while (rc == 0 && s->l.answered < s->l.token) {
		rc = local_turn(&s->l);
	}
	s->written += GROUP;
	if (rc == 0 && s->l.refused > 0) {
		(void)fprintf(stderr, "ninety-bench: subject.write: %s\n",
			      s->l.first_refusal);
		rc = EX_SOFTWARE;
	}
	return rc;
}

/* Of all threads of this process: what the log's do counts, too. */
static double
cpu_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int
round_run(struct core_run *r, struct side *s, uint32_t round)
{
	uint32_t groups = (r->o->calls + GROUP - 1) / GROUP;
	uint64_t began = bench_now_us();
	double cpu = cpu_us();
	int rc = 0;

	is_without = s == &r->sides[1];
	for (uint32_t i = 0; i < groups && rc == 0; i++) {
		rc = group(r, s);
	}
	/* What is applied and hashed behind belongs to the round. */
	if (rc == 0) {
		rc = local_rest(&s->l);
	}
	s->cpu_us[round] = (cpu_us() - cpu) / (groups * GROUP);
	s->wall_us[round] =
		(double)(bench_now_us() - began - LOCAL_REST_US) /
		(groups * GROUP);
	is_without = false;
	return rc;
}

static int
number_compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
quantile(double *values, size_t n, double q)
{
	qsort(values, n, sizeof(*values), number_compare);
	return n == 0 ? 0 : values[(size_t)((double)(n - 1) * q)];
}

static void
cost_tell(struct core_run *r)
{
	struct side *with = &r->sides[0];
	struct side *without = &r->sides[1];
	size_t n = r->o->rounds;
	double costs[ROUNDS_MAX];
	double cpu[ROUNDS_MAX];
	double share[ROUNDS_MAX];

	for (size_t i = 0; i < n; i++) {
		costs[i] = 100 * (1 - without->wall_us[i] / with->wall_us[i]);
		cpu[i] = with->cpu_us[i] - without->cpu_us[i];
		share[i] = 100 * cpu[i] / with->cpu_us[i];
	}
	figure_plain(r->f, "writes_per_s", "writes, the log as it is", "/s",
		     1e6 / quantile(with->wall_us, n, 0.5));
	figure_plain(r->f, "writes_without_per_s", "  without leaves", "/s",
		     1e6 / quantile(without->wall_us, n, 0.5));
	figure_at_most(r->f, "leaf_cost_percent",
		       "  throughput that leaves cost, median of rounds", "%",
		       quantile(costs, n, 0.5), 10);
	figure_plain(r->f, "leaf_cost_least", "  least", "%", costs[0]);
	figure_plain(r->f, "leaf_cost_most", "  most", "%", costs[n - 1]);
	figure_plain(r->f, "leaf_cpu_us",
		     "  processor time a leaf, log's thread included", "us",
		     quantile(cpu, n, 0.5));
	figure_plain(r->f, "leaf_cpu_percent", "  of all of a write's", "%",
		     quantile(share, n, 0.5));
}

/* Latency of a group's calls is that of the group. Those of a slice of time in
 * which a checkpoint was signed are kept apart. */
struct slices {
	double with[SLICES_MAX];
	double without[SLICES_MAX];
	size_t n_with;
	size_t n_without;
};

static bool
checkpoint_moved(const struct local *l, struct timespec *last)
{
	char path[PATH_BYTES];
	struct stat st = {.st_size = 0};
	bool moved;

	(void)snprintf(path, sizeof(path), "%s/checkpoint", l->log);
	(void)stat(path, &st);
	moved = st.st_mtim.tv_sec != last->tv_sec ||
		st.st_mtim.tv_nsec != last->tv_nsec;
	*last = st.st_mtim;
	return moved;
}

static int
slice_run(struct core_run *r, struct slices *out, struct timespec *last)
{
	static struct histogram h;
	uint64_t began = bench_now_us();
	uint64_t now = began;
	int rc = 0;

	h = (struct histogram){.max = 0};
	while (rc == 0 && now - began < SLICE_US) {
		uint64_t from = now;

		rc = group(r, &r->sides[0]);
		now = bench_now_us();
		histogram_add(&h, now - from);
	}
	if (checkpoint_moved(&r->sides[0].l, last)) {
		out->with[out->n_with++] = (double)histogram_at(&h, 0.99);
	} else {
		out->without[out->n_without++] =
			(double)histogram_at(&h, 0.99);
	}
	return rc;
}

static int
checkpoints(struct core_run *r)
{
	static struct slices s;
	struct timespec last = {.tv_sec = 0};
	uint64_t end = bench_now_us() + (uint64_t)(r->o->seconds * 1e6);
	int rc = 0;

	s = (struct slices){.n_with = 0};
	(void)checkpoint_moved(&r->sides[0].l, &last);
	while (rc == 0 && bench_now_us() < end &&
	       s.n_with + s.n_without < SLICES_MAX) {
		rc = slice_run(r, &s, &last);
	}
	figure_plain(r->f, "checkpoints",
		     "full load: slices of 100 ms with a checkpoint", "",
		     (double)s.n_with);
	figure_plain(r->f, "p99_quiet_us", "  p99 of slices without, median",
		     "us", quantile(s.without, s.n_without, 0.5));
	figure_at_most(r->f, "p99_checkpoint_us",
		       "  p99 of slices with, median; against the others' "
		       "90 %",
		       "us", quantile(s.with, s.n_with, 0.5),
		       quantile(s.without, s.n_without, 0.9));
	return rc;
}

/* A backup holds the pages in use and no others. */
static int
store_bytes(struct side *s, double *out)
{
	char path[PATH_BYTES];
	char body[PATH_BYTES + 32];
	int rc;

	(void)snprintf(path, sizeof(path), "%s/backup", s->l.directory);
	(void)snprintf(body, sizeof(body), "{\"directory\":\"%s\"}", path);
	rc = local_call(&s->l, ROLE_ADMIN, "backup.create", body);
	(void)snprintf(path, sizeof(path), "%s/backup/data/data.mdb",
		       s->l.directory);
	*out = tree_bytes(path) / (double)s->written;
	return rc;
}

/* The store without leaves is the ground: the same calls were made to it. */
static int
storage(struct core_run *r)
{
	double data[2] = {0, 0};
	double leaves;
	double files;
	int rc = 0;

	for (int i = 0; i < 2 && rc == 0; i++) {
		rc = store_bytes(&r->sides[i], &data[i]);
	}
	if (rc == 0) {
		rc = local_call(&r->sides[0].l, ROLE_ADMIN, "service.status",
				"{}");
	}
	leaves = (double)local_number(&r->sides[0].l, "size");
	files = tree_bytes(r->sides[0].l.log) / leaves;
	figure_plain(r->f, "core_leaves", "  leaves by then", "", leaves);
	figure_plain(r->f, "core_row_bytes",
		     "  a leaf's in the store, its sealed opening included",
		     "bytes", data[0] - data[1]);
	figure_plain(r->f, "core_file_bytes", "  in the log's files", "bytes",
		     files);
	return rc;
}

static int
side_open(struct core_run *r, struct side *s)
{
	static const char *const house[] = {"checkpoint_interval: PT1S",
					    "checkpoint_leaves: 1000000", NULL};
	const struct local_options options = {.under = r->o->under,
					      .house = house};
	int rc;

	s->people = calloc(r->o->people, ID_TEXT_BYTES);
	is_without = s == &r->sides[1];
	rc = s->people == NULL ? EX_OSERR : local_open(&options, &s->l);
	if (rc == 0) {
		rc = people_register(r, s);
	}
	is_without = false;
	return rc;
}

int
log_core(const struct log_options *o, struct figures *f)
{
	static struct core_run r;
	double per_s = 0;
	int rc = 0;

	r = (struct core_run){
		.o = o, .f = f, .random = {.random = o->seed}};
	for (int i = 0; i < 2 && rc == 0; i++) {
		rc = side_open(&r, &r.sides[i]);
	}
	for (uint32_t i = 0; i < o->rounds && rc == 0; i++) {
		/* Who goes first changes. */
		rc = round_run(&r, &r.sides[i % 2], i);
		if (rc == 0) {
			rc = round_run(&r, &r.sides[1 - i % 2], i);
		}
	}
	if (rc == 0) {
		cost_tell(&r);
		rc = storage(&r);
	}
	for (int i = 0; i < 2; i++) {
		local_stop(&r.sides[i].l);
	}
	if (rc == 0) {
		rc = log_audit(r.sides[0].l.directory,
			       (uint64_t)figure_value(f, "core_leaves"), &per_s);
	}
	if (rc == 0) {
		figure_plain(f, "audit_instance_per_s",
			     "ninety-audit log, the store compared: leaves",
			     "/s", per_s);
		rc = local_start(&r.sides[0].l);
	}
	if (rc == 0) {
		rc = checkpoints(&r);
	}
	for (int i = 0; i < 2; i++) {
		local_close(&r.sides[i].l);
		free(r.sides[i].people);
	}
	return rc;
}

/* Requests and their due dates, through the public wire. */

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/timefmt.h"
#include "due.h"
#include "figures.h"
#include "instance.h"

#define CALL_MS 60000
#define FILL_S 3600
#define FILL_TRIES 5
#define ARENA_BYTES_MAX (64u << 20)
#define DUE_COLUMN 6 /* commas before it, of CSV */
/* Received at any time of so many days: some are overdue, most are not. */
#define SPREAD_DAYS 60
#define PAUSE_NS 300000000L

static const char due_member[] = "\"due_at\":\"";
static const char csv_member[] = "\"csv\":\"";
static const char next_member[] = "\"next\":\"";

static const char *
make_request(struct work_state *s, char *body, size_t n)
{
	static const char *const types[] = {"access", "change", "delete"};
	static const char *const countries[] = {"DE", "US", "GB", "FR"};
	struct timespec now;
	char at[TIME_TEXT_BYTES];
	int64_t ms;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	ms = (int64_t)now.tv_sec * 1000 -
	     (int64_t)(work_random(s) % (SPREAD_DAYS * MS_PER_DAY));
	(void)snprintf(body, n,
		       "{\"type\":\"%s\",\"identity\":{\"email\":"
		       "\"d%llu.%u.%s@bench.example\"},\"channel\":"
		       "\"portal\",\"country\":\"%s\",\"received_at\":"
		       "\"%s\"}",
		       types[s->made % 2 * 2], (unsigned long long)s->made,
		       s->client, s->run, countries[work_random(s) % 4],
		       time_print(ms, at));
	s->made++;
	return "request.submit";
}

static unsigned
one(const struct work_state *s)
{
	(void)s;
	return 1;
}

static const struct work fill = {
	.name = "fill",
	.proof = "\"due_at\":\"",
	.role = "portal",
	.make = make_request,
	.units = one,
};

static int
open_count(const struct bench_options *o, uint64_t *out)
{
	struct ninety_client *c = NULL;
	struct arena *a = arena_new(ARENA_BYTES_MAX);
	struct value answer;
	int rc = a == NULL ? EX_OSERR : instance_client(o, "compliance", &c);

	if (rc == 0) {
		rc = instance_ask(c, "report.deadlines", "{\"limit\":1}", a,
				  &answer);
	}
	if (rc == 0) {
		*out = (uint64_t)instance_number(&answer, "summary.open");
	}
	ninety_client_close(c);
	arena_free(a);
	return rc;
}

int
due_fill(const struct bench_options *o, uint64_t n, uint64_t *out_open)
{
	static struct bench_result r;
	struct bench_options run = *o;
	uint64_t open = 0;
	int rc = open_count(o, &open);

	run.work = &fill;
	run.rate = 0;
	run.seconds = FILL_S;
	/* Calls that met `busy` are made up for. */
	for (int i = 0; i < FILL_TRIES && rc == 0 && open < n; i++) {
		run.seed = o->seed + (unsigned)i;
		run.calls = (n - open + run.clients - 1) / run.clients;
		rc = bench_ninety(&run, &r);
		if (rc == 0) {
			rc = open_count(o, &open);
		}
	}
	if (rc == 0) {
		*out_open = open;
	}
	return rc;
}

static void
due_take(struct due_listing *l, const char *at, char last[TIME_TEXT_BYTES])
{
	l->wrong += strncmp(last, at, TIME_TEXT_BYTES - 1) > 0 ? 1 : 0;
	memcpy(last, at, TIME_TEXT_BYTES - 1);
	l->items++;
}

static void
items_read(const char *body, struct due_listing *l, char last[TIME_TEXT_BYTES])
{
	const char *at = body;

	while ((at = strstr(at, due_member)) != NULL) {
		at += sizeof(due_member) - 1;
		due_take(l, at, last);
	}
}

/* Lines of a JSON string: each ends with the four bytes \\r\\n; no member
 * before the due date has a comma in it. */
static void
lines_read(const char *body, struct due_listing *l, char last[TIME_TEXT_BYTES])
{
	const char *at = strstr(body, csv_member);
	const char *end;

	at = at == NULL ? body + strlen(body) : at + sizeof(csv_member) - 1;
	for (; (end = strstr(at, "\\r\\n")) != NULL; at = end + 4) {
		bool is_header = strncmp(at, "request,", 8) == 0;

		for (int i = 0; i < DUE_COLUMN && at < end; i++) {
			at = memchr(at, ',', (size_t)(end - at));
			at = at == NULL ? end : at + 1;
		}
		if (!is_header) {
			due_take(l, at, last);
		}
	}
}

/* The items of a page: how many, whether in order, where the next begins. */
static bool
page_read(const char *body, bool as_csv, struct due_listing *l,
	  char last[TIME_TEXT_BYTES], char *cursor, size_t n_cursor)
{
	const char *at;

	if (as_csv) {
		lines_read(body, l, last);
	} else {
		items_read(body, l, last);
	}
	at = strstr(body, next_member);
	if (at == NULL) {
		return false;
	}
	at += sizeof(next_member) - 1;
	(void)snprintf(cursor, n_cursor, "%.*s", (int)strcspn(at, "\""), at);
	return true;
}

int
due_list(const struct bench_options *o, bool as_csv, const char *directory,
	 struct due_listing *out)
{
	const char *format = as_csv ? "csv" : "json";
	char body[256];
	char last[TIME_TEXT_BYTES] = "";
	char cursor[128];
	struct due_listing l = {.memory_bytes = -1};
	struct ninety_client *c = NULL;
	uint64_t from;
	bool has_more = true;
	int rc = instance_client(o, "compliance", &c);

	/* A text of all of them has no place for the counts; as JSON they are
	 * part of the report. */
	(void)snprintf(body, sizeof(body), "{\"format\":\"%s\"%s}", format,
		       as_csv ? ",\"summary\":false" : "");
	from = bench_now_us();
	for (unsigned page = 0; rc == 0 && has_more; page++) {
		struct ninety_reply r;
		int64_t memory;

		if (ninety_call(c, "report.deadlines", body, CALL_MS, &r) !=
			    NINETY_DONE ||
		    strcmp(r.status, "ok") != 0) {
			(void)fprintf(stderr, "ninety-bench: a page of "
					      "report.deadlines was refused\n");
			rc = EX_UNAVAILABLE;
			break;
		}
		l.bytes += r.body_bytes;
		has_more = page_read(r.body, as_csv, &l, last, cursor,
				     sizeof(cursor));
		(void)snprintf(body, sizeof(body),
			       "{\"format\":\"%s\",\"cursor\":\"%s\"}",
			       format, cursor);
		if (directory != NULL && page % 16 == 0) {
			memory = instance_memory_bytes(directory);
			l.memory_bytes = memory > l.memory_bytes
						 ? memory
						 : l.memory_bytes;
		}
	}
	l.seconds = (double)(bench_now_us() - from) / 1e6;
	ninety_client_close(c);
	if (rc == 0) {
		*out = l;
	}
	return rc;
}

void
due_pause(void)
{
	static const struct timespec pause = {0, PAUSE_NS};

	(void)nanosleep(&pause, NULL);
}

int
due_first(const struct bench_options *o, unsigned rounds, double *out_seconds)
{
	double seconds[FIGURES_VALUES_MAX];
	struct ninety_client *c = NULL;
	int rc = instance_client(o, "compliance", &c);

	rounds = rounds < FIGURES_VALUES_MAX ? rounds : FIGURES_VALUES_MAX;
	for (unsigned i = 0; i <= rounds && rc == 0; i++) {
		char last[TIME_TEXT_BYTES] = "";
		struct due_listing l = {.items = 0};
		char cursor[128];
		struct ninety_reply r;
		uint64_t from = bench_now_us();

		if (ninety_call(c, "report.deadlines",
				"{\"summary\":false,\"limit\":100}", CALL_MS,
				&r) != NINETY_DONE ||
		    strcmp(r.status, "ok") != 0) {
			rc = EX_UNAVAILABLE;
			break;
		}
		if (i > 0) { /* the first one makes the connection */
			seconds[i - 1] =
				(double)(bench_now_us() - from) / 1e6;
		}
		(void)page_read(r.body, false, &l, last, cursor,
				sizeof(cursor));
		if (l.items > DUE_FIRST || l.wrong > 0) {
			rc = 1;
		}
		due_pause();
	}
	ninety_client_close(c);
	if (rc == 0) {
		*out_seconds = figures_median(seconds, rounds);
	}
	return rc;
}

/*
 * The clients of a ninetyd, each a thread with its own connection. Closed loop:
 * a window of calls in flight; open loop (rate): calls are due at fixed times,
 * and latency counts from when a call was due, so that a stall is not hidden.
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <ninety/client.h>

#include "bench.h"

#define CALL_MS 30000
#define LAST_ANSWER_US 5000000

struct flight {
	unsigned char id[NINETY_CALL_ID_BYTES];
	uint64_t due_us;
	bool is_busy;
};

struct client {
	const struct bench_options *o;
	pthread_t thread;
	pthread_barrier_t *start;
	struct ninety_client *wire;
	struct work_state state;
	struct histogram latency;
	uint64_t done;
	uint64_t units;
	uint64_t refused;
	uint64_t busy;
	uint64_t sent;
	char first_refusal[256];
	struct flight flights[BENCH_WINDOW_MAX];
	unsigned free_flights[BENCH_WINDOW_MAX]; /* the first n_free */
	unsigned n_free;
	int rc;
};

static int
call(struct client *c, const char *op, const char *body, struct ninety_reply *r)
{
	int rc = ninety_call(c->wire, op, body, CALL_MS, r);

	if (rc != NINETY_DONE || strcmp(r->status, "ok") != 0) {
		(void)fprintf(stderr, "ninety-bench: %s: %s\n", op,
			      rc != NINETY_DONE ? ninety_result_text(rc)
						: r->body);
		return -1;
	}
	return 0;
}

static int
people_make(struct client *c)
{
	const struct work *work = c->o->work;
	struct ninety_reply r;
	char body[512];
	const char *at;

	for (unsigned i = 0; i < c->o->people; i++) {
		const char *op = work_register(&c->state, body, sizeof(body));

		if (call(c, op, body, &r) != 0) {
			return -1;
		}
		at = strstr(r.body, "\"subject\":\"");
		if (at == NULL) {
			return -1;
		}
		(void)snprintf(c->state.people[i], 37, "%.36s", at + 11);
		c->state.n_people++;
		if (work->prepare != NULL &&
		    call(c,
			 work->prepare(&c->state, c->state.people[i], body,
				       sizeof(body)),
			 body, &r) != 0) {
			return -1;
		}
	}
	return 0;
}

/* A call's number stands in the end of its id: the answer is matched without a
 * search. */
static void
id_make(unsigned char id[NINETY_CALL_ID_BYTES], unsigned number)
{
	ninety_id_new(id);
	id[NINETY_CALL_ID_BYTES - 2] = (unsigned char)(number >> 8);
	id[NINETY_CALL_ID_BYTES - 1] = (unsigned char)number;
}

static struct flight *
flight_find(struct client *c, const unsigned char id[NINETY_CALL_ID_BYTES])
{
	unsigned number = (unsigned)id[NINETY_CALL_ID_BYTES - 2] << 8 |
			  id[NINETY_CALL_ID_BYTES - 1];
	struct flight *f = &c->flights[number % BENCH_WINDOW_MAX];

	return f->is_busy && memcmp(f->id, id, sizeof(f->id)) == 0 ? f : NULL;
}

static void
judge(struct client *c, const struct flight *f, const struct ninety_reply *r)
{
	if (strcmp(r->status, "ok") == 0 &&
	    strstr(r->body, c->o->work->proof) != NULL) {
		c->done++;
		c->units += c->o->work->units(&c->state);
		histogram_add(&c->latency, bench_now_us() - f->due_us);
		if (c->o->work->took != NULL) {
			c->o->work->took(&c->state, r->body);
		}
	} else if (strcmp(r->status, "busy") == 0) {
		c->busy++;
	} else if (c->refused++ == 0) {
		(void)snprintf(c->first_refusal, sizeof(c->first_refusal),
			       "%s", r->body);
	}
}

/* Waits for an answer, then takes all that are there. */
static void
receive(struct client *c, int timeout_ms)
{
	struct ninety_reply r;

	while (ninety_receive(c->wire, timeout_ms, &r) == NINETY_DONE) {
		struct flight *f = flight_find(c, r.id);

		if (f != NULL) {
			judge(c, f, &r);
			f->is_busy = false;
			c->free_flights[c->n_free++] =
				(unsigned)(f - c->flights);
		}
		timeout_ms = 0;
	}
}

/* It has made all the calls that it was to make. */
static bool
is_over(const struct client *c)
{
	return c->o->calls > 0 && c->sent >= c->o->calls;
}

/* Sends what is due and fits the window. */
static void
send_due(struct client *c, char *body, double gap_us, double *due_us)
{
	uint64_t now = bench_now_us();

	while (c->n_free > 0 && !is_over(c) &&
	       (gap_us <= 0 || *due_us <= (double)now)) {
		unsigned number = c->free_flights[c->n_free - 1];
		struct flight *f = &c->flights[number];
		const char *op = c->o->work->make(&c->state, body,
						  WORK_BODY_BYTES);

		id_make(f->id, number);
		f->due_us = gap_us > 0 ? (uint64_t)*due_us : now;
		*due_us += gap_us;
		if (ninety_send(c->wire, f->id, op, body, strlen(body)) !=
		    NINETY_DONE) {
			c->refused++;
			return;
		}
		f->is_busy = true;
		c->n_free--;
		c->sent++;
		now = bench_now_us();
	}
}

/* Until there is something to send again, or the end. */
static int
wait_ms(const struct client *c, double gap_us, double due_us, uint64_t end_us)
{
	double now = (double)bench_now_us();
	double until = (double)end_us;

	if (gap_us > 0 && c->n_free > 0 && due_us < until) {
		until = due_us;
	}
	return until < now + 1000 ? 1 : (int)((until - now) / 1000);
}

static void
drive(struct client *c, char *body)
{
	uint64_t begin = bench_now_us();
	uint64_t end = begin + (uint64_t)(c->o->seconds * 1e6);
	double gap = c->o->rate > 0
			     ? 1e6 * c->o->clients / c->o->rate
			     : 0;
	double due = (double)begin;

	c->n_free = c->o->window;
	for (unsigned i = 0; i < c->n_free; i++) {
		c->free_flights[i] = i;
	}
	while (bench_now_us() < end && !is_over(c)) {
		send_due(c, body, gap, &due);
		receive(c, wait_ms(c, gap, due, end));
	}
	while (c->n_free < c->o->window &&
	       bench_now_us() < end + LAST_ANSWER_US) {
		receive(c, 100);
	}
	c->refused += c->o->window - c->n_free; /* never answered */
}

static void *
client_run(void *arg)
{
	struct client *c = arg;
	char *body = malloc(WORK_BODY_BYTES);

	c->state.people = calloc(WORK_PEOPLE_MAX, 37);
	c->rc = body == NULL || c->state.people == NULL ? -1 : 0;
	if (c->rc == 0 && c->o->work->needs_people &&
	    c->o->everybody == NULL) {
		c->rc = people_make(c);
	}
	(void)pthread_barrier_wait(c->start);
	if (c->rc == 0) {
		drive(c, body);
	}
	free(body);
	free(c->state.people);
	return NULL;
}

/* The clients' own threads have ended: what they did together. */
static int
gather(const struct bench_options *o, struct client *clients,
       struct bench_result *out)
{
	int rc = 0;

	for (unsigned i = 0; i < o->clients; i++) {
		struct client *c = &clients[i];

		(void)pthread_join(c->thread, NULL);
		histogram_merge(&out->latency, &c->latency);
		out->done += c->done;
		out->units += c->units;
		out->busy += c->busy;
		out->refused += c->refused;
		rc = rc != 0 ? rc : c->rc;
		if (c->first_refusal[0] != '\0') {
			(void)fprintf(stderr, "ninety-bench: refused: %s\n",
				      c->first_refusal);
		}
		ninety_client_close(c->wire);
	}
	return rc != 0 ? EX_UNAVAILABLE : 0;
}

static int
key_take(const struct bench_options *o, struct ninety_key *key)
{
	char path[4096];
	int rc;

	(void)snprintf(path, sizeof(path), "%s/%s.key", o->clients_dir,
		       o->work->role);
	rc = ninety_key_read(path, key);
	if (rc != NINETY_DONE) {
		(void)fprintf(stderr, "ninety-bench: %s: %s\n", path,
			      ninety_result_text(rc));
		return EX_NOINPUT;
	}
	if (o->endpoint != NULL) {
		(void)snprintf(key->endpoint, sizeof(key->endpoint), "%s",
			       o->endpoint);
	}
	return 0;
}

int
bench_ninety(const struct bench_options *o, struct bench_result *out)
{
	static struct client clients[BENCH_CLIENTS_MAX];
	pthread_barrier_t start;
	struct ninety_key key;
	char run[32];
	uint64_t began;
	int rc = key_take(o, &key);

	if (rc != 0) {
		return rc;
	}
	(void)snprintf(run, sizeof(run), "%x%x", o->seed,
		       (unsigned)(bench_now_us() & 0xffffff));
	(void)pthread_barrier_init(&start, NULL, o->clients + 1);
	for (unsigned i = 0; i < o->clients; i++) {
		clients[i] = (struct client){
			.o = o,
			.start = &start,
			.state = {.random = o->seed * 1000003ULL + i,
				  .client = i,
				  .payload = o->payload,
				  .events = o->events,
				  .everybody = o->everybody,
				  .run = run},
		};
		rc = ninety_client_open(&key, &clients[i].wire);
		if (rc != NINETY_DONE ||
		    pthread_create(&clients[i].thread, NULL, client_run,
				   &clients[i]) != 0) {
			(void)fprintf(stderr, "ninety-bench: %s\n",
				      ninety_result_text(rc));
			return EX_UNAVAILABLE;
		}
	}
	ninety_key_wipe(&key);
	(void)pthread_barrier_wait(&start);
	*out = (struct bench_result){.done = 0};
	began = bench_now_us();
	rc = gather(o, clients, out);
	out->seconds = (double)(bench_now_us() - began) / 1e6;
	(void)pthread_barrier_destroy(&start);
	return rc;
}

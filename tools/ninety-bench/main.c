/*
 * ninety-bench: load through the public wire, closed loop (a window of calls
 * in flight a client) or open loop (--rate: calls are due at fixed times, and
 * latency counts from when a call was due, so that a stall is not hidden).
 */

#include <argp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <ninety/client.h>

#include "histogram.h"
#include "work.h"

#define CLIENTS_MAX 64
#define WINDOW_MAX 1024
#define PEOPLE_DEFAULT 500
#define CALL_MS 30000

const char *argp_program_version = "ninety-bench " NINETY_VERSION;

struct options {
	const struct work *work;
	const char *clients_dir;
	const char *endpoint;
	unsigned clients;
	unsigned window;
	unsigned people;
	unsigned events;
	unsigned payload;
	unsigned seed;
	double seconds;
	double rate; /* of all clients together; 0: closed loop */
	bool json;
};

struct flight {
	unsigned char id[NINETY_CALL_ID_BYTES];
	uint64_t due_us;
	bool is_busy;
};

struct client {
	const struct options *o;
	pthread_t thread;
	struct ninety_client *wire;
	struct work_state state;
	struct histogram latency;
	uint64_t done;
	uint64_t units;
	uint64_t refused;
	uint64_t busy;
	char first_refusal[256];
	struct flight flights[WINDOW_MAX];
	pthread_barrier_t *start;
	int rc;
};

static uint64_t
now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static int
people_make(struct client *c)
{
	struct ninety_reply r;
	char body[512];
	const char *at;

	for (unsigned i = 0; i < c->o->people; i++) {
		const char *op = work_register(&c->state, body, sizeof(body));

		if (ninety_call(c->wire, op, body, CALL_MS, &r) !=
			    NINETY_DONE ||
		    strcmp(r.status, "ok") != 0) {
			(void)fprintf(stderr, "ninety-bench: %s: %s\n", op,
				      r.body);
			return -1;
		}
		at = strstr(r.body, "\"subject\":\"");
		if (at == NULL) {
			return -1;
		}
		(void)snprintf(c->state.people[i], 37, "%.36s", at + 11);
		c->state.n_people++;
	}
	return 0;
}

static void
receive(struct client *c, int timeout_ms, unsigned *in_flight)
{
	struct ninety_reply r;
	uint64_t at;

	if (ninety_receive(c->wire, timeout_ms, &r) != NINETY_DONE) {
		return;
	}
	at = now_us();
	for (unsigned i = 0; i < c->o->window; i++) {
		struct flight *f = &c->flights[i];

		if (!f->is_busy || memcmp(f->id, r.id, sizeof(f->id)) != 0) {
			continue;
		}
		f->is_busy = false;
		--*in_flight;
		if (strcmp(r.status, "ok") == 0) {
			c->done++;
			c->units += c->o->work->units(&c->state);
			histogram_add(&c->latency, at - f->due_us);
		} else if (strcmp(r.status, "busy") == 0) {
			c->busy++;
		} else if (c->refused++ == 0) {
			(void)snprintf(c->first_refusal,
				       sizeof(c->first_refusal), "%s", r.body);
		}
		return;
	}
}

static struct flight *
flight_free(struct client *c)
{
	for (unsigned i = 0; i < c->o->window; i++) {
		if (!c->flights[i].is_busy) {
			return &c->flights[i];
		}
	}
	return NULL;
}

static void
drive(struct client *c, char *body)
{
	uint64_t begin = now_us();
	uint64_t end = begin + (uint64_t)(c->o->seconds * 1e6);
	double gap = c->o->rate > 0
			     ? 1e6 * c->o->clients / c->o->rate
			     : 0;
	double due = (double)begin;
	unsigned in_flight = 0;
	uint64_t now;

	while ((now = now_us()) < end) {
		struct flight *f = flight_free(c);
		bool may_send = f != NULL && (gap <= 0 || due <= (double)now);

		if (may_send) {
			const char *op = c->o->work->make(&c->state, body,
							  WORK_BODY_BYTES);

			ninety_id_new(f->id);
			f->due_us = gap > 0 ? (uint64_t)due : now;
			due += gap;
			if (ninety_send(c->wire, f->id, op, body,
					strlen(body)) == NINETY_DONE) {
				f->is_busy = true;
				in_flight++;
			}
		}
		/* Wait only when nothing can be sent. */
		if (!may_send || in_flight == c->o->window) {
			receive(c, 1, &in_flight);
		} else {
			receive(c, 0, &in_flight);
		}
	}
	while (in_flight > 0 && now_us() < end + 5000000) {
		receive(c, 100, &in_flight);
	}
	c->refused += in_flight; /* never answered */
}

static void *
client_run(void *arg)
{
	struct client *c = arg;
	char *body = malloc(WORK_BODY_BYTES);

	c->state.people = calloc(WORK_PEOPLE_MAX, 37);
	c->rc = body == NULL || c->state.people == NULL ? -1 : 0;
	if (c->rc == 0 && c->o->work->needs_people) {
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

static void
print(const struct options *o, const struct client *total, double seconds)
{
	const struct histogram *h = &total->latency;

	if (o->json) {
		(void)printf("{\"work\":\"%s\",\"clients\":%u,\"window\":%u,"
			     "\"rate\":%.0f,\"seconds\":%.3f,\"calls\":%llu,"
			     "\"calls_per_s\":%.1f,\"units_per_s\":%.1f,"
			     "\"p50_us\":%llu,\"p99_us\":%llu,\"p999_us\":"
			     "%llu,\"max_us\":%llu,\"busy\":%llu,\"refused\":"
			     "%llu}\n",
			     o->work->name, o->clients, o->window, o->rate,
			     seconds, (unsigned long long)total->done,
			     (double)total->done / seconds,
			     (double)total->units / seconds,
			     (unsigned long long)histogram_at(h, 0.5),
			     (unsigned long long)histogram_at(h, 0.99),
			     (unsigned long long)histogram_at(h, 0.999),
			     (unsigned long long)h->max,
			     (unsigned long long)total->busy,
			     (unsigned long long)total->refused);
		return;
	}
	(void)printf("%-9s %u x %u  %9.0f calls/s", o->work->name, o->clients,
		     o->window, (double)total->done / seconds);
	if (total->units != total->done) {
		(void)printf("  %9.0f events/s",
			     (double)total->units / seconds);
	}
	(void)printf("  p50 %llu us  p99 %llu us  p99.9 %llu us  max %llu us",
		     (unsigned long long)histogram_at(h, 0.5),
		     (unsigned long long)histogram_at(h, 0.99),
		     (unsigned long long)histogram_at(h, 0.999),
		     (unsigned long long)h->max);
	(void)printf("  busy %llu  refused %llu\n",
		     (unsigned long long)total->busy,
		     (unsigned long long)total->refused);
}

static int
bench(const struct options *o)
{
	static struct client clients[CLIENTS_MAX];
	static struct client total;
	pthread_barrier_t start;
	struct ninety_key key;
	char path[4096];
	char run[32];
	uint64_t began;
	int rc = 0;

	(void)snprintf(path, sizeof(path), "%s/%s.key", o->clients_dir,
		       o->work->role);
	rc = ninety_key_read(path, &key);
	if (rc != NINETY_DONE) {
		(void)fprintf(stderr, "ninety-bench: %s: %s\n", path,
			      ninety_result_text(rc));
		return EX_NOINPUT;
	}
	if (o->endpoint != NULL) {
		(void)snprintf(key.endpoint, sizeof(key.endpoint), "%s",
			       o->endpoint);
	}
	(void)snprintf(run, sizeof(run), "%x%x", o->seed,
		       (unsigned)(now_us() & 0xffffff));
	(void)pthread_barrier_init(&start, NULL, o->clients + 1);
	for (unsigned i = 0; i < o->clients; i++) {
		clients[i] = (struct client){
			.o = o,
			.start = &start,
			.state = {.random = o->seed * 1000003ULL + i,
				  .client = i,
				  .payload = o->payload,
				  .events = o->events,
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
	began = now_us();
	for (unsigned i = 0; i < o->clients; i++) {
		(void)pthread_join(clients[i].thread, NULL);
		histogram_merge(&total.latency, &clients[i].latency);
		total.done += clients[i].done;
		total.units += clients[i].units;
		total.busy += clients[i].busy;
		total.refused += clients[i].refused;
		rc = rc != 0 ? rc : clients[i].rc;
		if (clients[i].first_refusal[0] != '\0') {
			(void)fprintf(stderr, "ninety-bench: refused: %s\n",
				      clients[i].first_refusal);
		}
		ninety_client_close(clients[i].wire);
	}
	print(o, &total, (double)(now_us() - began) / 1e6);
	return rc != 0 || total.done == 0 || total.refused > 0 ? 1 : 0;
}

static const struct argp_option rows[] = {
	{"instance", 'i', "DIR", 0, "its clients' keys are used (.)", 0},
	{"endpoint", 'e', "E", 0, "another than the key file's", 0},
	{"clients", 'c', "N", 0, "connections (4)", 0},
	{"window", 'w', "N", 0, "calls in flight of each (64)", 0},
	{"seconds", 't', "S", 0, "how long (5)", 0},
	{"rate", 'r', "N", 0, "calls/s in all, open loop; 0: closed (0)", 0},
	{"people", 'p', "N", 0, "registered by each client before (500)", 0},
	{"payload", 'b', "N", 0, "bytes of text in a write (300)", 0},
	{"events", 'n', "N", 0, "in one visit.append (1000)", 0},
	{"seed", 's', "N", 0, "of what is picked (1)", 0},
	{"json", 'j', NULL, 0, "one JSON object", 0},
	{NULL, 0, NULL, 0, NULL, 0},
};

static unsigned
number(struct argp_state *state, const char *arg, unsigned most)
{
	char *end;
	unsigned long v = strtoul(arg, &end, 10);

	if (*end != '\0' || *arg == '\0' || v > most) {
		argp_error(state, "%s: not a number up to %u", arg, most);
	}
	return (unsigned)v;
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
	static char path[4096];
	struct options *o = state->input;

	switch (key) {
	case 'i':
		(void)snprintf(path, sizeof(path), "%s/clients", arg);
		o->clients_dir = path;
		return 0;
	case 'e':
		o->endpoint = arg;
		return 0;
	case 'c':
		o->clients = number(state, arg, CLIENTS_MAX);
		return 0;
	case 'w':
		o->window = number(state, arg, WINDOW_MAX);
		return 0;
	case 't':
		o->seconds = number(state, arg, 86400);
		return 0;
	case 'r':
		o->rate = number(state, arg, 10000000);
		return 0;
	case 'p':
		o->people = number(state, arg, WORK_PEOPLE_MAX);
		return 0;
	case 'b':
		o->payload = number(state, arg, 4000);
		return 0;
	case 'n':
		o->events = number(state, arg, WORK_EVENTS_MAX);
		return 0;
	case 's':
		o->seed = number(state, arg, UINT32_MAX);
		return 0;
	case 'j':
		o->json = true;
		return 0;
	case ARGP_KEY_ARG:
		for (size_t i = 0; i < n_works && o->work == NULL; i++) {
			if (strcmp(works[i].name, arg) == 0) {
				o->work = &works[i];
			}
		}
		if (o->work == NULL) {
			argp_error(state, "%s: no such work", arg);
		}
		return 0;
	case ARGP_KEY_END:
		if (o->work == NULL || o->clients == 0 || o->window == 0 ||
		    o->people == 0) {
			argp_usage(state);
		}
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int
main(int argc, char **argv)
{
	static const struct argp argp = {
		rows, parse, "WORK",
		"Load on a running ninetyd, through its public wire.\v"
		"WORK is one of: ping, register, write, read, visit, submit, "
		"mixed.\nEvery answer is checked; a refusal makes the exit "
		"status 1.",
		NULL, NULL, NULL};
	struct options o = {
		.clients_dir = "./clients",
		.clients = 4,
		.window = 64,
		.people = PEOPLE_DEFAULT,
		.events = WORK_EVENTS_MAX,
		.payload = 300,
		.seed = 1,
		.seconds = 5,
	};

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) {
		return EX_USAGE;
	}
	return bench(&o);
}

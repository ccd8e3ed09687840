/* ninety-bench: options, and what a run prints. */

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "bench.h"
#include "peer.h"
#include "suite.h"

#define PEOPLE_DEFAULT 500
#define ROUNDS_DEFAULT 3
#define ROUNDS_MAX 99
#define REQUESTS_DEFAULT 100000
#define REQUESTS_MAX 100000000

const char *argp_program_version = "ninety-bench " NINETY_VERSION;

uint64_t
bench_now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void
print(const struct bench_options *o, const struct bench_result *r)
{
	const char *side = o->peer == NULL ? "ninety" : o->peer->name;
	const struct histogram *h = &r->latency;

	if (o->json) {
		(void)printf("{\"side\":\"%s\",\"work\":\"%s\","
			     "\"clients\":%u,\"window\":%u,\"rate\":%.0f,\"seconds\":%.3f,\"calls\":%llu,"
			     "\"calls_per_s\":%.1f,\"units_per_s\":%.1f,"
			     "\"p50_us\":%llu,\"p99_us\":%llu,\"p999_us\":"
			     "%llu,\"max_us\":%llu,\"busy\":%llu,\"refused\":"
			     "%llu}\n",
			     side, o->work->name, o->clients, o->window,
			     o->rate, r->seconds,
			     (unsigned long long)r->done,
			     (double)r->done / r->seconds,
			     (double)r->units / r->seconds,
			     (unsigned long long)histogram_at(h, 0.5),
			     (unsigned long long)histogram_at(h, 0.99),
			     (unsigned long long)histogram_at(h, 0.999),
			     (unsigned long long)h->max,
			     (unsigned long long)r->busy,
			     (unsigned long long)r->refused);
		return;
	}
	(void)printf("%s %-9s %u x %u  %9.0f calls/s", side, o->work->name,
		     o->clients, o->window, (double)r->done / r->seconds);
	if (r->units != r->done) {
		(void)printf("  %9.0f events/s",
			     (double)r->units / r->seconds);
	}
	(void)printf("  p50 %llu us  p99 %llu us  p99.9 %llu us  max %llu us",
		     (unsigned long long)histogram_at(h, 0.5),
		     (unsigned long long)histogram_at(h, 0.99),
		     (unsigned long long)histogram_at(h, 0.999),
		     (unsigned long long)h->max);
	(void)printf("  busy %llu  refused %llu\n",
		     (unsigned long long)r->busy,
		     (unsigned long long)r->refused);
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
	{"peer", 'P', "NAME", 0, "the same work on a peer; see below", 0},
	{"peer-at", 'a', "WHERE", 0, "another than tools/bench-peers'", 0},
	{"compare", 'C', NULL, 0, "ninetyd and all peers in turns", 0},
	{"rounds", 'R', "N", 0, "of a comparison (3)", 0},
	{"requests", 'q', "N", 0,
	 "of a comparison: their due dates listed; 0: not (100000)", 0},
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
	struct bench_options *o = state->input;

	switch (key) {
	case 'i':
		(void)snprintf(path, sizeof(path), "%s/clients", arg);
		o->clients_dir = path;
		return 0;
	case 'e':
		o->endpoint = arg;
		return 0;
	case 'c':
		o->clients = number(state, arg, BENCH_CLIENTS_MAX);
		return 0;
	case 'w':
		o->window = number(state, arg, BENCH_WINDOW_MAX);
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
	case 'P':
		o->peer = peer_find(arg);
		if (o->peer == NULL) {
			argp_error(state, "%s: no such peer, or built without "
					  "its library", arg);
		}
		return 0;
	case 'a':
		o->peer_at = arg;
		return 0;
	case 'C':
		o->compare = true;
		return 0;
	case 'R':
		o->rounds = number(state, arg, ROUNDS_MAX);
		return 0;
	case 'q':
		o->requests = number(state, arg, REQUESTS_MAX);
		return 0;
	case 'j':
		o->json = true;
		return 0;
	case ARGP_KEY_ARG:
		o->work = work_find(arg);
		if (o->work == NULL) {
			argp_error(state, "%s: no such work", arg);
		}
		return 0;
	case ARGP_KEY_END:
		if (o->compare && o->work == NULL) {
			o->work = &works[0];
		}
		if (o->work == NULL || o->rounds == 0 || o->clients == 0 || o->window == 0 ||
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
		"Load on a running ninetyd, through its public wire; or the "
		"same work on a peer.\v"
		"WORK is one of: ping, register, write, read, visit, share, "
		"submit, mixed.\nPeers, for write and read, as tools/bench-peers "
		"starts them: postgres, postgres-pgp, redis.\nEvery answer is "
		"checked; a refusal makes the exit status 1.\nSuites, each with its "
		"own --help: erase, report, growth.",
		NULL, NULL, NULL};
	struct bench_options o = {
		.clients_dir = "./clients",
		.clients = 4,
		.window = 64,
		.people = PEOPLE_DEFAULT,
		.events = WORK_EVENTS_MAX,
		.payload = 300,
		.seed = 1,
		.rounds = ROUNDS_DEFAULT,
		.requests = REQUESTS_DEFAULT,
		.seconds = 5,
	};
	static struct bench_result result;
	const struct suite *suite = argc > 1 ? suite_find(argv[1]) : NULL;
	int rc;

	argp_err_exit_status = EX_USAGE;
	if (suite != NULL) {
		return suite->run(argc - 1, argv + 1);
	}
	if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) {
		return EX_USAGE;
	}
	if (o.compare) {
		return bench_compare(&o);
	}
	rc = o.peer == NULL ? bench_ninety(&o, &result)
			    : bench_peer(&o, &result);
	if (rc != 0) {
		return rc;
	}
	print(&o, &result);
	return result.done == 0 || result.refused > 0 ? 1 : 0;
}

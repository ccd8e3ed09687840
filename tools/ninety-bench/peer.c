/*
 * The clients of a peer: threads like those of a ninetyd, each with its own
 * connection and a window of operations in flight. A peer answers in order.
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "peer.h"

const struct peer_kind *const peers[] = {
#ifdef BENCH_POSTGRES
	&peer_postgres,
	&peer_postgres_pgp,
#endif
#ifdef BENCH_REDIS
	&peer_redis,
#endif
	NULL,
};
const size_t n_peers = sizeof(peers) / sizeof(peers[0]) - 1;

struct sent {
	uint64_t at_us;
	uint64_t person;
};

struct client {
	const struct bench_options *o;
	pthread_t thread;
	pthread_barrier_t *start;
	struct peer *peer;
	uint64_t first; /* person */
	struct work_state state;
	struct sent sent[BENCH_WINDOW_MAX];
	struct bench_result result;
	enum peer_work work;
	int rc;
};

const struct peer_kind *
peer_find(const char *name)
{
	for (size_t i = 0; i < n_peers; i++) {
		if (strcmp(peers[i]->name, name) == 0) {
			return peers[i];
		}
	}
	return NULL;
}

static int
people_make(struct client *c)
{
	const struct peer_kind *kind = c->o->peer;
	char text[256];
	int rc = 0;

	for (unsigned i = 0; i < c->o->people && rc == 0; i++) {
		(void)snprintf(text, sizeof(text),
			       "{\"name\":\"Bench %u\",\"email\":"
			       "\"u%u.%u@bench.example\"}",
			       c->state.client, i, c->state.client);
		rc = kind->send(c->peer, PEER_CONTACT, c->first + i, text);
		if (rc == 0) {
			rc = kind->receive(c->peer, PEER_CONTACT,
					   c->first + i);
		}
	}
	return rc;
}

static int
drive(struct client *c)
{
	const struct peer_kind *kind = c->o->peer;
	uint64_t end = bench_now_us() + (uint64_t)(c->o->seconds * 1e6);
	char text[PEER_TEXT_BYTES_MAX + 1];
	uint64_t head = 0;
	uint64_t tail = 0;

	for (;;) {
		uint64_t now = bench_now_us();
		struct sent *s;
		int rc;

		while (now < end && head - tail < c->o->window) {
			s = &c->sent[head++ % BENCH_WINDOW_MAX];
			s->at_us = bench_now_us();
			s->person = c->first +
				    work_random(&c->state) % c->o->people;
			if (c->work == PEER_WRITE) {
				(void)work_filler(&c->state, text,
						  c->o->payload);
			}
			if (kind->send(c->peer, c->work, s->person, text) !=
			    0) {
				return -1;
			}
		}
		if (head == tail) {
			return 0;
		}
		s = &c->sent[tail++ % BENCH_WINDOW_MAX];
		rc = kind->receive(c->peer, c->work, s->person);
		if (rc < 0) {
			return rc;
		}
		if (rc > 0) {
			c->result.refused++;
			continue;
		}
		c->result.done++;
		histogram_add(&c->result.latency, bench_now_us() - s->at_us);
	}
}

static void *
client_run(void *arg)
{
	struct client *c = arg;

	c->peer = c->o->peer->open(c->o->peer,
				   c->o->peer_at == NULL ? c->o->peer->at
							 : c->o->peer_at,
				   c->o->window);
	c->rc = c->peer == NULL ? -1 : people_make(c);
	(void)pthread_barrier_wait(c->start);
	if (c->rc == 0) {
		c->rc = drive(c);
	}
	if (c->peer != NULL) {
		c->o->peer->close(c->peer);
	}
	return NULL;
}

int
bench_peer(const struct bench_options *o, struct bench_result *out)
{
	static struct client clients[BENCH_CLIENTS_MAX];
	bool is_write = strcmp(o->work->name, "write") == 0;
	uint64_t run = bench_now_us() << 24;
	pthread_barrier_t start;
	uint64_t began;
	int rc = 0;

	if (!is_write && strcmp(o->work->name, "read") != 0) {
		(void)fprintf(stderr, "ninety-bench: peers write and read\n");
		return EX_USAGE;
	}
	(void)pthread_barrier_init(&start, NULL, o->clients + 1);
	for (unsigned i = 0; i < o->clients; i++) {
		clients[i] = (struct client){
			.o = o,
			.start = &start,
			.work = is_write ? PEER_WRITE : PEER_READ,
			.first = run + (uint64_t)i * WORK_PEOPLE_MAX,
			.state = {.random = o->seed * 1000003ULL + i,
				  .client = i},
		};
		if (pthread_create(&clients[i].thread, NULL, client_run,
				   &clients[i]) != 0) {
			return EX_OSERR;
		}
	}
	(void)pthread_barrier_wait(&start);
	*out = (struct bench_result){.done = 0};
	began = bench_now_us();
	for (unsigned i = 0; i < o->clients; i++) {
		struct client *c = &clients[i];

		(void)pthread_join(c->thread, NULL);
		histogram_merge(&out->latency, &c->result.latency);
		out->done += c->result.done;
		out->refused += c->result.refused;
		rc = rc != 0 ? rc : c->rc;
	}
	out->units = out->done;
	out->seconds = (double)(bench_now_us() - began) / 1e6;
	(void)pthread_barrier_destroy(&start);
	return rc != 0 ? EX_UNAVAILABLE : 0;
}

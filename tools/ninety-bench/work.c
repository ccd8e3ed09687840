/* The workloads, one function each. Bodies are JSON without anything that
 * would need an escape. */

#include <stdio.h>
#include <string.h>

#include "population.h"
#include "work.h"

/* splitmix64: good enough to pick people, the same for the same seed. */
uint64_t
work_random(struct work_state *s)
{
	uint64_t z = s->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static const char *
person(struct work_state *s)
{
	if (s->everybody == NULL) {
		return s->people[work_random(s) % s->n_people];
	}
	population_pick(s->everybody, work_random(s), s->picked);
	return s->picked;
}

const char *
work_filler(struct work_state *s, char *text, size_t n)
{
	/* 32, so that a random number holds many. */
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz      ";
	uint64_t random = 0;

	if (n > 4000) {
		n = 4000;
	}
	for (size_t i = 0; i < n; i++) {
		random = i % 12 == 0 ? work_random(s) : random >> 5;
		text[i] = letters[random & 31];
	}
	text[n] = '\0';
	return text;
}

const char *
work_register(struct work_state *s, char *body, size_t n)
{
	(void)snprintf(body, n,
		       "{\"birth_date\":\"1980-05-05\",\"country\":\"US\","
		       "\"contact\":{\"name\":\"Bench %u\",\"email\":"
		       "\"u%llu.%u.%s@bench.example\"},\"terms\":{\"version\":"
		       "\"1\",\"accepted_at\":\"2026-01-01T00:00:00Z\"}}",
		       s->client, (unsigned long long)s->made, s->client,
		       s->run);
	s->made++;
	return "subject.register";
}

static const char *
make_write(struct work_state *s, char *body, size_t n)
{
	char text[4001];

	(void)snprintf(body, n,
		       "{\"subject\":\"%s\",\"category\":\"publication\","
		       "\"data\":{\"kind\":\"forum\",\"text\":\"%s\"}}",
		       person(s), work_filler(s, text, s->payload));
	s->made++;
	return "subject.write";
}

static const char *
make_read(struct work_state *s, char *body, size_t n)
{
	(void)snprintf(body, n,
		       "{\"subject\":\"%s\",\"purpose\":\"service\","
		       "\"reason\":\"bench\",\"categories\":[\"contact\"]}",
		       person(s));
	s->made++;
	return "subject.read";
}

static const char *
make_visit(struct work_state *s, char *body, size_t n)
{
	int used = snprintf(body, n, "{\"visitor\":\"v%llu-%s\",\"events\":[",
			    (unsigned long long)(work_random(s) % 10000),
			    s->run);
	size_t at = (size_t)used;

	for (unsigned i = 0; i < s->events && at + 300 < n; i++) {
		used = snprintf(body + at, n - at,
				"%s{\"at\":\"2026-01-01T00:00:00Z\",\"ip\":"
				"\"192.0.2.%u\",\"user_agent\":\"Bench/1\","
				"\"language\":\"en\",\"page\":\"/p/%u\","
				"\"action\":\"view\"}",
				i == 0 ? "" : ",",
				(unsigned)(work_random(s) % 250),
				(unsigned)(work_random(s) % 100));
		at += (size_t)used;
	}
	(void)snprintf(body + at, n - at, "]}");
	s->made++;
	return "visit.append";
}

static const char *
make_submit(struct work_state *s, char *body, size_t n)
{
	(void)snprintf(body, n,
		       "{\"type\":\"access\",\"identity\":{\"email\":"
		       "\"q%llu.%u.%s@bench.example\"},\"channel\":"
		       "\"portal\",\"country\":\"DE\"}",
		       (unsigned long long)s->made, s->client, s->run);
	s->made++;
	return "request.submit";
}

static const char *
prepare_share(struct work_state *s, const char *whose, char *body, size_t n)
{
	(void)s;
	(void)snprintf(body, n,
		       "{\"subject\":\"%s\",\"category\":\"billing\","
		       "\"data\":{\"name\":\"Bench\",\"card_number\":"
		       "\"4111111111111111\",\"card_expiry\":\"2031-12\"}}",
		       whose);
	return "subject.write";
}

static const char *
make_share(struct work_state *s, char *body, size_t n)
{
	(void)snprintf(body, n,
		       "{\"subject\":\"%s\",\"recipient\":"
		       "\"card-processor\",\"purpose\":\"collect_payment\","
		       "\"categories\":[\"billing\"],\"fields\":[\"name\","
		       "\"card_number\",\"card_expiry\"]}",
		       person(s));
	s->made++;
	return "share.record";
}

static const char *
make_ping(struct work_state *s, char *body, size_t n)
{
	(void)snprintf(body, n, "{}");
	s->made++;
	return "service.ping";
}

/* Nine reads, one write. */
static const char *
make_mixed(struct work_state *s, char *body, size_t n)
{
	return work_random(s) % 10 == 0 ? make_write(s, body, n)
					: make_read(s, body, n);
}

static unsigned
one(const struct work_state *s)
{
	(void)s;
	return 1;
}

static unsigned
events(const struct work_state *s)
{
	return s->events;
}

static void
took_person(struct work_state *s, const char *answer)
{
	const char *at = strstr(answer, "\"subject\":\"");

	if (s->everybody != NULL && at != NULL) {
		population_add(s->everybody, at + 11);
	}
}

const struct work works[] = {
	{"ping", "{", "nothing but the road there and back", "portal", 0,
	 make_ping, one, NULL, NULL},
	{"register", "\"subject\":\"",
	 "age gate, look-up index, duplicate check, leaf", "portal", 0,
	 work_register, one, NULL, took_person},
	{"write", "\"record\":\"",
	 "a record of personal data, durable, sealed, logged", "portal", 1,
	 make_write, one, NULL, NULL},
	{"read", "@bench.example", "personal data with its durable log entry",
	 "portal", 1, make_read, one, NULL, NULL},
	{"visit", "\"accepted\":", "navigation events in chunks", "portal", 0,
	 make_visit, events, NULL, NULL},
	{"share", "\"card_number\":\"4111111111111111\"",
	 "billing data to the card processor, checked, logged", "portal", 1,
	 make_share, one, prepare_share, NULL},
	{"submit", "\"due_at\":\"", "a request, dated by law", "portal", 0,
	 make_submit, one, NULL, NULL},
	{"mixed", "\"record", "nine reads, one write", "portal", 1, make_mixed,
	 one, NULL, NULL},
};

const size_t n_works = sizeof(works) / sizeof(works[0]);

const struct work *
work_find(const char *name)
{
	for (size_t i = 0; i < n_works; i++) {
		if (strcmp(works[i].name, name) == 0) {
			return &works[i];
		}
	}
	return NULL;
}

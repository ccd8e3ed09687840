#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include <stddef.h>
#include <stdint.h>

/*
 * What one call of a workload is: its operation and body, made from the
 * client's own random numbers and the people it has registered. A workload
 * says by `needs_people` that each client registers some before the clock
 * starts.
 */
#define WORK_BODY_BYTES (256 * 1024)
#define WORK_PEOPLE_MAX 4096
#define WORK_EVENTS_MAX 1000

struct population;

struct work_state {
	uint64_t random;
	unsigned client;
	uint64_t made;    /* calls made so far */
	size_t payload;   /* bytes of personal data in a write */
	unsigned events;  /* of one visit.append */
	char (*people)[37];
	size_t n_people;
	/* Instead of people of its own: everybody, for all clients. */
	struct population *everybody;
	char picked[37];
	const char *run;  /* a word that no other run has */
};

struct work {
	const char *name;
	const char *proof; /* what every right answer has in it */
	const char *summary;
	const char *role;
	int needs_people;
	/* Writes the body, returns the operation. */
	const char *(*make)(struct work_state *s, char *body, size_t n);
	/* Units in one call: events of a visit, else 1. */
	unsigned (*units)(const struct work_state *s);
	/* What each person needs beside the registration; NULL: nothing. */
	const char *(*prepare)(struct work_state *s, const char *person,
			       char *body, size_t n);
	/* Keeps something of a right answer; NULL: nothing. */
	void (*took)(struct work_state *s, const char *answer);
};

extern const struct work works[];
extern const size_t n_works;
const struct work *work_find(const char *name);

/* How each client's people are made. */
const char *work_register(struct work_state *s, char *body, size_t n);
uint64_t work_random(struct work_state *s);

/* `n` letters (at most 4,000) and a NUL. */
const char *work_filler(struct work_state *s, char *text, size_t n);

#endif

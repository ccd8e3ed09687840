#ifndef BENCH_POPULATION_H
#define BENCH_POPULATION_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The people of an instance, 16 bytes each, for runs that pick among all of
 * them. Added to by every client's thread; picked from once nobody adds.
 */
struct population {
	unsigned char (*ids)[16];
	size_t n;
	size_t cap;
	pthread_mutex_t lock;
};

/* 0 or -1: no memory. */
int population_open(struct population *p, size_t cap);
void population_close(struct population *p);

/* The UUID at the beginning of `text`; one too many is left out. */
void population_add(struct population *p, const char *text);

/* Somebody, as a UUID; there is one at least. */
void population_pick(const struct population *p, uint64_t random,
		     char out[37]);

#endif

#ifndef BENCH_ERASE_H
#define BENCH_ERASE_H

#include <stdint.h>

#include "figures.h"

/* What `ninety-bench erase` measures, in two parts: the key tree of a large
 * population, by the keyring library; and the rows beside it, by a whole
 * core. 0 or an exit status. */
struct erase_options {
	const char *under;     /* where folders are made */
	uint64_t people;       /* whose slots the tree holds */
	uint32_t batch;        /* people of the batch */
	uint32_t large;        /* and of a large one; 0: none */
	uint32_t batches;      /* that the closure scan must have behind it */
	uint32_t registered;   /* people of the core's instance */
	unsigned seed;
};

int erase_tree(const struct erase_options *o, struct figures *f);
int erase_control(const struct erase_options *o, struct figures *f);
int erase_people(const struct erase_options *o, struct figures *f);

/* Bytes that this process, or its thread of that name, has sent towards the
 * disk. 0 where the kernel does not count them. */
uint64_t written_bytes(const char *thread);

/* Bytes of this process's memory that are locked. */
uint64_t locked_bytes(void);

#endif

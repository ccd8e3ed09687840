#ifndef SUPPORT_ROWS_H
#define SUPPORT_ROWS_H

#include "support/core_env.h"

/* What is stored, but for the log and the answers kept for repeated calls:
 * those are the trace of a refusal. */
struct rows {
	uint64_t n[TABLE_END];
	uint64_t hash[TABLE_END];
};

/* Once the core is at rest. */
struct rows rows_of(struct core_env *e);

/* FNV-1a goes on. */
#define ROWS_HASH_BEGIN 0xcbf29ce484222325u
uint64_t rows_mix(uint64_t h, struct bytes b);

#endif

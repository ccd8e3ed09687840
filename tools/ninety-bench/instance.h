#ifndef BENCH_INSTANCE_H
#define BENCH_INSTANCE_H

#include <stdint.h>

#include <ninety/client.h>

#include "base/value.h"
#include "bench.h"

/* A running instance on this machine, as suites use it. */

/* Options of a run over it: its keys, four clients, 64 in flight. `directory`
 * lives as long as the result is used. */
struct bench_options instance_options(const char *directory,
				      const char *endpoint);

/* 0 or an exit status; the reason is on stderr. */
int instance_client(const struct bench_options *o, const char *role,
		    struct ninety_client **out);

/* One call and its answer; 0 or an exit status, as above. */
int instance_ask(struct ninety_client *c, const char *operation,
		 const char *body, struct arena *a, struct value *out);

/* A number of an answer by its path ("store.applies"); -1 without one. */
int64_t instance_number(const struct value *answer, const char *path);

/* Waits until LMDB has all that the journal has. 0 or an exit status. */
int instance_settle(const struct bench_options *o);

/* The core's own memory, without the pages of its files: RssAnon of the
 * ninetyd --core that serves `directory`. -1 when it is not to be seen. */
int64_t instance_memory_bytes(const char *directory);

#endif

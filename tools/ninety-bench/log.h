#ifndef BENCH_LOG_H
#define BENCH_LOG_H

#include <stdint.h>

#include "figures.h"

/* What `ninety-bench log` measures: a core with and without its log, and the
 * log's files by themselves. 0 or an exit status. */
struct log_options {
	const char *under;   /* where folders are made */
	uint32_t rounds;     /* with and without, in turns */
	uint32_t calls;      /* of a round */
	uint32_t people;
	double seconds;      /* at full load, with a checkpoint each second */
	uint64_t leaves;     /* of the log that is proved and audited */
	unsigned seed;
};

int log_core(const struct log_options *o, struct figures *f);
int log_files(const struct log_options *o, struct figures *f);

/* `ninety-audit log FOLDER`, the one beside this program: its leaves a second,
 * start and report included. EX_UNAVAILABLE: it is not there. */
int log_audit(const char *folder, uint64_t leaves, double *out_per_s);

#endif

#ifndef DAEMON_CHILD_H
#define DAEMON_CHILD_H

#include <sys/types.h>

#include "base/err.h"

/* One process that the parent has started, and when it may start again. */
struct child {
	pid_t pid;              /* 0: does not run */
	int64_t started_ms;
	int64_t restart_at_ms;  /* meant while it does not run */
	int64_t delay_ms;       /* the last one */
};

#define CHILD_FD 3

/* Executes `program` with one descriptor open besides the standard ones, as
 * CHILD_FD. ERR_IO. */
int child_start(struct child *c, const char *program, char *const argv[],
		int fd, int64_t now_ms) MUST_CHECK;

/* After its end: when it may start again. Each end that comes soon after the
 * start doubles the delay, from 50 ms to the maximum. */
void child_ended(struct child *c, int64_t now_ms, int64_t delay_ms_max);

/* Whether it does not run and its time has come. */
bool child_is_due(const struct child *c, int64_t now_ms);

#endif

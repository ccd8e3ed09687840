#ifndef SERVICE_WORKER_H
#define SERVICE_WORKER_H

#include "base/err.h"

/*
 * Threads beside the owner, for what must not hold it up: reading snapshots,
 * destroying keys, writing the log's files. Work goes out through a bounded
 * queue; what comes of it goes back through the owner's inbox, so that the
 * store has one thread and nothing else needs a lock.
 */
typedef void task_fn(void *ctx);

struct inbox;

/* *out_fd is readable while something is in the inbox. */
int inbox_open(struct inbox **out) MUST_CHECK;
void inbox_close(struct inbox *i);
int inbox_fd(const struct inbox *i);

/* From any thread; never refused: each task was counted when it went out. */
void inbox_post(struct inbox *i, task_fn *fn, void *ctx);

/* The owner runs what has come; returns how many. */
size_t inbox_run(struct inbox *i);

struct worker;

/* A queue of at most queue_max tasks, served by n threads, which give way to
 * others by so many steps of nice(2). */
int worker_open(const char *name, unsigned n_threads, int niceness,
		size_t queue_max, struct worker **out) MUST_CHECK;

/* ERR_BUSY when the queue is full, ERR_UNAVAILABLE when it was stopped. */
int worker_submit(struct worker *w, task_fn *fn, void *ctx) MUST_CHECK;

/* Finishes what is queued, then joins the threads: from then on nothing can be
 * submitted (ERR_UNAVAILABLE). */
void worker_stop(struct worker *w);
/* The same, and gives it back: nobody knows it any more. */
void worker_close(struct worker *w);

#endif

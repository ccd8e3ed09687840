#ifndef SERVICE_READER_H
#define SERVICE_READER_H

#include "service/state.h"

/* One read over a snapshot, from the call to its answer: what readers.c and
 * ahead.c share. The owner's but while a reader thread has it. */
struct reader {
	struct core *core;
	const struct operation *op;
	struct origin to;
	struct id id;
	struct caller caller;
	char caller_name[PRINCIPAL_NAME_BYTES_MAX + 1];
	const struct policy *policy;
	int64_t now_ms;
	date_t today;
	struct buf in;
	struct buf out;
	struct buf next; /* of a listing: what would ask for the next page */
	bool goes_on;    /* it is not the first page */
	struct txn *snapshot;
	int64_t taken_ms; /* by the boot clock */
	int rc;
	struct err_info info;
};

/* A reader for the operation, with a copy of the body. NULL: no memory. */
struct reader *reader_new(struct core *core, const struct operation *op,
			  const struct caller *caller, struct bytes body);
void reader_free(struct reader *r);

/* On a reader thread: the operation over the snapshot, its answer into `out`;
 * the snapshot is closed, or a listing's put on the shelf. */
void reader_work(struct reader *r);

/* An inbox task: answers whoever waits, frees. */
void reader_done(void *ctx);

/* ahead.c: a listing's next page is made while its reader reads the page
 * before. Starts with what `r` says comes next, if no other page is being made
 * ahead; `r` keeps nothing of it. */
void ahead_start(struct core *core, struct reader *r);

/* Whether the page that `r` asks for, with `asked` as its input written anew,
 * is made or being made: `r` will be answered with it. */
bool ahead_take(struct core *core, struct bytes asked, struct reader *r);

#endif

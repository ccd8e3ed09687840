#ifndef SERVICE_SETTLE_H
#define SERVICE_SETTLE_H

#include "audit/head.h"
#include "service/restore.h"
#include "service/state.h"

/*
 * The steps that bring a restored store in step with what was not restored:
 * the log, which knows leaves that the store may lack, and the tree of keys,
 * in which slots have died. Each is a few calls by the service itself; the
 * store is synced between them. `core` is one that core_open_offline made.
 */

/* The log's files hold the store's last leaf at its place; leaves that the
 * store lacks come back from them, or a successor of the log is begun. */
int settle_log(struct core *core, const struct head *head,
	       struct restore_report *r) MUST_CHECK;

/* For a store that lacks operations: what a batch held waits again, under a
 * number that the tree has not seen; slots that may have been issued are
 * stepped over. */
int settle_slots(struct core *core) MUST_CHECK;

/* Buckets of dead slots filled again from who lives; the rest of people who
 * were erased since the backup is left to their jobs. */
int settle_people(struct core *core, struct restore_report *r) MUST_CHECK;

/* The row that says what is missing, or none; and the leaf. */
int settle_end(struct core *core, struct restore_report *r) MUST_CHECK;

/* As core_internal, and syncs when the group is full. */
int settle_call(struct core *core, internal_fn *fn, void *arg) MUST_CHECK;

#endif

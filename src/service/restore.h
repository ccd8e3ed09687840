#ifndef SERVICE_RESTORE_H
#define SERVICE_RESTORE_H

#include "call/call.h"
#include "service/core.h"

/*
 * A lost store put back, offline: the service is stopped. What is done when
 * operations are missing is docs/operations.md "Restore".
 */
struct restore_report {
	bool has_gap;
	char gap[ID_TEXT_BYTES]; /* its id, for restore.acknowledge */
	uint64_t from_leaf;      /* the first leaf that the store lacked */
	uint64_t to_leaf;        /* the first that nobody knows of */
	int64_t from_ms; /* time of the last operation that is back */
	int64_t to_ms;   /* of the last one known to be lost, or the restore's */
	uint64_t leaves_put_back; /* from the log's files */
	bool log_closed;          /* leaves are nowhere: a new log begins */
	uint64_t groups_replayed; /* from segments, behind the backup */
	uint64_t buckets_rebuilt;
	uint64_t people_erased; /* in the backup, and erased since */
	char aside[1024];       /* where the lost store is now; "" */
};

/*
 * Makes a store from `backup` (as backup.create left it), the archive's
 * segments and the lost store's own journal, beside the lost one; brings it in
 * step with the tree of keys and the log; then changes places. The lost store
 * is kept. Until the places change nothing that was is touched, and the whole
 * may be run again.
 *
 * ERR_BUSY: the service runs. ERR_NOT_FOUND: no backup there. ERR_CORRUPT: it
 * is none, or of another instance or another history than the log's. ERR_IO,
 * ERR_FULL.
 */
int restore_run(const struct core_config *config, const char *backup,
		struct restore_report *out) MUST_CHECK;

struct restore_acknowledge_in {
	struct id gap;
	const char *note;
};
extern const struct field_table restore_acknowledge_in_table;
/* ERR_NOT_FOUND: no such gap. From then on everybody is served, and what may
 * have been issued in the gap is destroyed, by a job. */
int restore_acknowledge(struct call *c, const void *in, void *out);

extern const struct job_kind restore_slots_job;

/* Whether this caller must wait for an acknowledgement: ERR_UNAVAILABLE. */
int restore_gap_check(struct core *core, unsigned roles) MUST_CHECK;

#endif

#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "base/buf.h"
#include "base/err.h"
#include "store/io.h"
#include "store/journal_record.h"

/*
 * Groups that are durable and may not be in the engine yet: a ring of segment
 * files, written in advance so that a sync writes no metadata, used again when
 * all in them is applied, and archived before that when an archive is set.
 *
 * The owner appends; the applier says what is applied and tends the ring. Both
 * may call at once.
 */
struct journal;

#define JOURNAL_SEGMENT_BYTES_DEFAULT ((size_t)16 << 20)
#define JOURNAL_SEGMENT_BYTES_MIN ((size_t)64 << 10)
#define JOURNAL_SEGMENTS_MAX 24
#define JOURNAL_SPARES_WANTED 2

struct journal_config {
	struct io *io;
	const char *directory;
	const char *archive; /* NULL: segments are not kept */
	size_t segment_bytes;
	struct incarnation incarnation;
	uint64_t started; /* the sequence at which the incarnation began */
	uint64_t applied; /* the engine's */
	bool is_readonly;
};

/*
 * Finds the records behind `applied` and checks that they are one unbroken
 * row; changes nothing. A bad record with none behind it is a torn tail, its
 * group was never answered. ERR_CORRUPT: a bad record before a good one, or a
 * gap between engine and journal. ERR_IO.
 */
int journal_open(const struct journal_config *config,
		 struct journal **out) MUST_CHECK;
void journal_close(struct journal *j);

/* The records behind `applied`, in order; stops when `then` returns other
 * than 0, and returns that. */
typedef int journal_fn(void *ctx, uint64_t sequence, struct bytes payload);
int journal_replay(struct journal *j, journal_fn *then, void *ctx) MUST_CHECK;

/* The sequence of the last record. */
uint64_t journal_last(const struct journal *j);

/* Makes the ring ready to append, once all that was replayed is applied. */
int journal_start(struct journal *j) MUST_CHECK;

/* Whether groups of so many bytes together can be appended now. */
bool journal_has_room(struct journal *j, size_t payload_n);

/*
 * One write, one sync. `group` holds RECORD_HEAD_BYTES and then the payload.
 * ERR_OUTCOME when either failed: whether the group is durable is unknown, and
 * nothing more is taken.
 */
int journal_append(struct journal *j, struct buf *group) MUST_CHECK;

/* The engine holds all up to this sequence, durably. */
void journal_applied(struct journal *j, uint64_t sequence);

/* Whether journal_tend has something to do; with `urgent`, whether appending
 * may soon wait for it. */
bool journal_needs_tending(struct journal *j, bool *out_urgent);
/* Archives what is full, makes spare segments. ERR_FULL, ERR_IO: try again. */
int journal_tend(struct journal *j) MUST_CHECK;

/* Bytes of all segments. */
uint64_t journal_bytes(struct journal *j);

#endif

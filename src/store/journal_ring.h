#ifndef STORE_JOURNAL_RING_H
#define STORE_JOURNAL_RING_H

#include <pthread.h>

#include "store/journal.h"

/* What journal.c and journal_open.c share. */

#define SEGMENT_NAME "segment-%02u"
#define SEGMENT_NAME_BYTES 16
#define ARCHIVE_NAME_BYTES 64

struct segment {
	int fd;
	unsigned number;
	size_t bytes;
	size_t end;     /* of the records that were written since its turn */
	uint64_t first; /* of those; 0: none */
	uint64_t last;
	bool is_archived; /* or need not be */
};

/* A record behind `applied`, found when the ring was opened. */
struct found {
	uint64_t sequence;
	size_t segment;
	size_t at;
	size_t payload_n;
};

struct journal {
	struct journal_config config; /* its paths are these: */
	char directory[IO_PATH_BYTES_MAX];
	char archive[IO_PATH_BYTES_MAX];
	pthread_mutex_t lock; /* the states of segments, `applied`, `last` */
	struct segment segments[JOURNAL_SEGMENTS_MAX];
	size_t n_segments;
	struct segment *current; /* the owner's alone */
	uint8_t *aligned; /* what is written past the page cache; or NULL */
	bool is_direct;   /* the current segment takes it */
	uint64_t last;
	uint64_t applied;
	bool failed;
	struct found *found; /* until replayed */
	size_t n_found;
	size_t found_cap;
};

/* "5f3a9c01-0000000000000001-00000000000000ff.journal": of the incarnation,
 * so that segments of a store and of one restored from it stand side by side;
 * first and last group. */
void archive_name(const struct incarnation *incarnation, uint64_t first,
		  uint64_t last, char out[ARCHIVE_NAME_BYTES]);

#endif

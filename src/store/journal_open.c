/*
 * What a ring holds when it is opened. Every block of every segment is looked
 * at, because only a good record further on tells damage from a torn tail, and
 * it may stand anywhere. Records up to `applied` are of no more interest.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pack.h"
#include "store/journal_ring.h"

#define FOUND_FIRST 256

void
archive_name(const struct incarnation *incarnation, uint64_t first,
	     uint64_t last, char out[ARCHIVE_NAME_BYTES])
{
	(void)snprintf(out, ARCHIVE_NAME_BYTES,
		       "%08" PRIx32 "-%016" PRIx64 "-%016" PRIx64 ".journal",
		       get_u32(incarnation->b), first, last);
}

struct scan {
	struct journal *j;
	size_t segment;
	size_t run_end; /* of records that follow one another from the start */
	uint64_t highest;
};

static int
keep(struct journal *j, const struct found *f)
{
	if (j->n_found == j->found_cap) {
		size_t cap = j->found_cap == 0 ? FOUND_FIRST : 2 * j->found_cap;
		struct found *more = realloc(j->found, cap * sizeof(*more));

		if (more == NULL) {
			return err_set(ERR_NOMEM, "no memory for a journal");
		}
		j->found = more;
		j->found_cap = cap;
	}
	j->found[j->n_found++] = *f;
	return 0;
}

static int
found_record(void *ctx, size_t at, const struct record *record)
{
	struct scan *scan = ctx;
	struct journal *j = scan->j;
	struct segment *s = &j->segments[scan->segment];
	struct found f = {record->sequence, scan->segment, at,
			  record->payload.n};

	if (at == scan->run_end &&
	    (at == 0 || record->sequence == s->last + 1)) {
		s->first = at == 0 ? record->sequence : s->first;
		s->last = record->sequence;
		s->end = at + journal_record_padded_bytes(record->payload.n);
		scan->run_end = s->end;
	}
	if (record->sequence > scan->highest) {
		scan->highest = record->sequence;
	}
	return record->sequence > j->config.applied ? keep(j, &f) : 0;
}

static int
scan_segment(struct scan *scan)
{
	struct segment *s = &scan->j->segments[scan->segment];
	uint8_t *bytes = malloc(s->bytes);
	size_t n;
	int rc;

	if (bytes == NULL) {
		return err_set(ERR_NOMEM, "no memory for a segment");
	}
	rc = io_read(scan->j->config.io, s->fd, bytes, s->bytes, 0, &n);
	if (rc == 0) {
		scan->run_end = 0;
		rc = journal_record_scan(&scan->j->config.incarnation,
					 bytes_of(bytes, n), found_record,
					 scan);
	}
	free(bytes);
	return rc;
}

/* 1 when it is there, 0 when not. */
static int
open_segment(struct journal *j, unsigned number)
{
	char path[IO_PATH_BYTES_MAX];
	char name[SEGMENT_NAME_BYTES];
	struct stat st;
	int fd;
	int rc;

	(void)snprintf(name, sizeof(name), SEGMENT_NAME, number);
	rc = io_path(path, j->config.directory, name);
	if (rc != 0) {
		return rc;
	}
	fd = j->config.io->open(j->config.io, path,
				j->config.is_readonly ? O_RDONLY : O_RDWR);
	if (fd < 0) {
		return errno == ENOENT ? 0 : io_error("journal: open");
	}
	if (fstat(fd, &st) != 0) {
		rc = io_error("journal: open");
		(void)close(fd);
		return rc;
	}
	j->segments[j->n_segments++] = (struct segment){
		.fd = fd,
		.number = number,
		.bytes = (size_t)st.st_size / RECORD_BLOCK_BYTES *
			 RECORD_BLOCK_BYTES};
	return 1;
}

static int
by_sequence(const void *a, const void *b)
{
	const struct found *x = a;
	const struct found *y = b;

	return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

/* One unbroken row behind what is applied. */
static int
check_row(struct journal *j, uint64_t highest)
{
	uint64_t expected = j->config.applied;

	if (highest < j->config.applied &&
	    j->config.applied != j->config.started) {
		return err_set(ERR_CORRUPT,
			       "the journal ends at %" PRIu64
			       ", before the data at %" PRIu64,
			       highest, j->config.applied);
	}
	if (j->n_found > 0) {
		qsort(j->found, j->n_found, sizeof(*j->found), by_sequence);
	}
	for (size_t i = 0; i < j->n_found; i++) {
		expected++;
		if (j->found[i].sequence != expected) {
			return err_set(ERR_CORRUPT,
				       "journal: group %" PRIu64
				       " is damaged, or there twice",
				       expected);
		}
	}
	j->last = expected;
	return 0;
}

/* Segments of an earlier run that the archive may lack. */
static int
find_unarchived(struct journal *j)
{
	for (size_t i = 0; i < j->n_segments; i++) {
		struct segment *s = &j->segments[i];
		char path[IO_PATH_BYTES_MAX];
		char name[ARCHIVE_NAME_BYTES];
		int rc;

		s->is_archived = true;
		if (j->config.archive == NULL || s->last == 0) {
			continue;
		}
		archive_name(&j->config.incarnation, s->first, s->last, name);
		rc = io_path(path, j->config.archive, name);
		if (rc != 0) {
			return rc;
		}
		s->is_archived = access(path, F_OK) == 0;
	}
	return 0;
}

static int
open_ring(struct journal *j)
{
	struct scan scan = {.j = j};
	int rc = 0;

	if (!j->config.is_readonly) {
		rc = io_make_directory(j->config.io, j->config.directory);
	}
	for (unsigned i = 0; rc == 0 && i < JOURNAL_SEGMENTS_MAX; i++) {
		rc = open_segment(j, i);
		if (rc == 1) {
			scan.segment = j->n_segments - 1;
			rc = scan_segment(&scan);
		}
	}
	if (rc == 0) {
		rc = check_row(j, scan.highest);
	}
	return rc == 0 ? find_unarchived(j) : rc;
}

static int
keep_path(char to[IO_PATH_BYTES_MAX], const char *path)
{
	size_t n = strlen(path);

	if (n >= IO_PATH_BYTES_MAX) {
		return err_set(ERR_TOO_LARGE, "a path is too long");
	}
	memcpy(to, path, n + 1);
	return 0;
}

int
journal_open(const struct journal_config *config, struct journal **out)
{
	struct journal *j = calloc(1, sizeof(*j));
	int rc;

	if (j == NULL || pthread_mutex_init(&j->lock, NULL) != 0) {
		free(j);
		return err_set(ERR_NOMEM, "no memory for a journal");
	}
	j->config = *config;
	if (j->config.segment_bytes == 0) {
		j->config.segment_bytes = JOURNAL_SEGMENT_BYTES_DEFAULT;
	}
	j->applied = config->applied;
	rc = keep_path(j->directory, config->directory);
	j->config.directory = j->directory;
	if (rc == 0 && config->archive != NULL) {
		rc = keep_path(j->archive, config->archive);
		j->config.archive = j->archive;
	}
	if (rc == 0) {
		rc = open_ring(j);
	}
	if (rc != 0) {
		journal_close(j);
		return rc;
	}
	*out = j;
	return 0;
}

int
journal_replay(struct journal *j, journal_fn *then, void *ctx)
{
	uint8_t *bytes = NULL;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < j->n_found; i++) {
		const struct found *f = &j->found[i];
		size_t n = RECORD_HEAD_BYTES + f->payload_n;
		struct record record;
		size_t got;

		free(bytes);
		bytes = malloc(n);
		if (bytes == NULL) {
			return err_set(ERR_NOMEM, "no memory for a group");
		}
		rc = io_read(j->config.io, j->segments[f->segment].fd, bytes, n,
			     f->at, &got);
		if (rc == 0 &&
		    !journal_record_read(&j->config.incarnation,
					 bytes_of(bytes, got), &record)) {
			rc = err_set(ERR_CORRUPT,
				     "journal: group %" PRIu64
				     " reads otherwise than before",
				     f->sequence);
		}
		if (rc == 0) {
			rc = then(ctx, f->sequence, record.payload);
		}
	}
	free(bytes);
	return rc;
}

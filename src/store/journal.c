/*
 * Appending to the ring and turning it. What a ring holds when it is opened is
 * found by journal_open.c; what a record looks like is journal_record.c's.
 */
#include "store/journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/journal_ring.h"

#define ZEROS_BYTES ((size_t)1 << 20)
#define COPY_BYTES ((size_t)1 << 20)
#define DIRECT_BYTES ((size_t)256 << 10)

static bool
is_free(const struct journal *j, const struct segment *s)
{
	return s != j->current && s->last <= j->applied &&
	       (s->is_archived || s->last == 0);
}

/* The free segment whose records are the oldest; NULL: none. */
static struct segment *
find_spare(struct journal *j, size_t *out_n)
{
	struct segment *oldest = NULL;
	size_t n = 0;

	for (size_t i = 0; i < j->n_segments; i++) {
		struct segment *s = &j->segments[i];

		if (is_free(j, s)) {
			n++;
			if (oldest == NULL || s->last < oldest->last) {
				oldest = s;
			}
		}
	}
	if (out_n != NULL) {
		*out_n = n;
	}
	return oldest;
}

static bool
fits_current(const struct journal *j, size_t payload_n)
{
	return j->current != NULL &&
	       journal_record_padded_bytes(payload_n) <=
		       j->current->bytes - j->current->end;
}

bool
journal_has_room(struct journal *j, size_t payload_n)
{
	bool has = fits_current(j, payload_n);

	if (!has) {
		struct segment *spare;

		pthread_mutex_lock(&j->lock);
		spare = find_spare(j, NULL);
		has = spare != NULL &&
		      journal_record_padded_bytes(payload_n) <= spare->bytes;
		pthread_mutex_unlock(&j->lock);
	}
	return has;
}

/*
 * The current segment is written past the page cache: that saves a copy, and
 * its sync finds nothing left to write, only the flush. A file system that
 * does not do that, or not in our blocks, is written through the cache. Other
 * segments are read through it.
 */
static void
direct_begin(struct journal *j)
{
	struct io *io = j->config.io;
	int fd = j->current->fd;

	j->is_direct = false;
	if (io->set_direct == NULL) {
		return;
	}
	if (j->aligned == NULL) {
		j->aligned = aligned_alloc(RECORD_BLOCK_BYTES, DIRECT_BYTES);
	}
	if (j->aligned == NULL || io->set_direct(io, fd, true) != 0) {
		return;
	}
	j->is_direct = io->pread(io, fd, j->aligned, RECORD_BLOCK_BYTES, 0) ==
		       RECORD_BLOCK_BYTES;
	if (!j->is_direct) {
		(void)io->set_direct(io, fd, false);
	}
}

static void
direct_end(struct journal *j)
{
	struct io *io = j->config.io;

	if (j->is_direct) {
		(void)io->set_direct(io, j->current->fd, false);
		j->is_direct = false;
	}
}

/* Whole blocks, at a block. */
static int
write_blocks(struct journal *j, struct bytes b, uint64_t at)
{
	struct io *io = j->config.io;
	int fd = j->current->fd;
	int rc = 0;

	if (!j->is_direct) {
		return io_write(io, fd, b, at);
	}
	while (rc == 0 && b.n > 0) {
		size_t n = b.n < DIRECT_BYTES ? b.n : DIRECT_BYTES;

		memcpy(j->aligned, b.p, n);
		rc = io_write(io, fd, bytes_of(j->aligned, n), at);
		b = bytes_of(b.p + n, b.n - n);
		at += n;
	}
	return rc;
}

static int
turn(struct journal *j)
{
	struct segment *spare;

	pthread_mutex_lock(&j->lock);
	spare = find_spare(j, NULL);
	if (spare != NULL) {
		spare->first = 0;
		spare->last = 0;
		spare->end = 0;
		spare->is_archived = j->config.archive == NULL;
		direct_end(j);
		j->current = spare;
	}
	pthread_mutex_unlock(&j->lock);
	if (spare != NULL) {
		direct_begin(j);
	}
	return spare == NULL ? ERR_BUSY : 0;
}

static int
pad(struct buf *group, size_t padded)
{
	size_t n = padded - group->len;
	uint8_t *p;

	if (n == 0) {
		return 0;
	}
	p = buf_room(group, n);
	if (p == NULL) {
		return ERR_NOMEM;
	}
	memset(p, 0, n);
	buf_grown(group, n);
	return 0;
}

int
journal_append(struct journal *j, struct buf *group)
{
	size_t payload_n = group->len - RECORD_HEAD_BYTES;
	size_t padded = journal_record_padded_bytes(payload_n);
	struct io *io = j->config.io;
	int rc = j->failed ? ERR_OUTCOME : pad(group, padded);

	if (rc == 0 && !fits_current(j, payload_n)) {
		rc = turn(j);
	}
	if (rc == 0) {
		assert(padded <= j->current->bytes - j->current->end);
		journal_record_seal(&j->config.incarnation, j->last + 1,
				    group->data, payload_n);
		rc = write_blocks(j, bytes_of(group->data, padded),
				  j->current->end);
	}
	if (rc == 0 && io->fdatasync(io, j->current->fd) != 0) {
		rc = io_error("journal: sync");
	}
	if (rc != 0) {
		j->failed = true;
		return err_set(ERR_OUTCOME, "a group may not be durable: %s",
			       err_word(rc));
	}
	pthread_mutex_lock(&j->lock);
	j->last++;
	if (j->current->first == 0) {
		j->current->first = j->last;
	}
	j->current->last = j->last;
	j->current->end += padded;
	pthread_mutex_unlock(&j->lock);
	return 0;
}

void
journal_applied(struct journal *j, uint64_t sequence)
{
	pthread_mutex_lock(&j->lock);
	j->applied = sequence;
	pthread_mutex_unlock(&j->lock);
}

/* Full, or never to be appended to again, and not in the archive yet. */
static struct segment *
find_to_archive(struct journal *j)
{
	struct segment *oldest = NULL;

	for (size_t i = 0; i < j->n_segments; i++) {
		struct segment *s = &j->segments[i];

		if (s != j->current && s->last > 0 && !s->is_archived &&
		    (oldest == NULL || s->last < oldest->last)) {
			oldest = s;
		}
	}
	return oldest;
}

bool
journal_needs_tending(struct journal *j, bool *out_urgent)
{
	size_t spares;
	bool needs;

	pthread_mutex_lock(&j->lock);
	(void)find_spare(j, &spares);
	needs = find_to_archive(j) != NULL ||
		(spares < JOURNAL_SPARES_WANTED &&
		 j->n_segments < JOURNAL_SEGMENTS_MAX);
	pthread_mutex_unlock(&j->lock);
	if (out_urgent != NULL) {
		*out_urgent = spares == 0;
	}
	return needs;
}

static int
fill(struct io *io, int fd, size_t bytes)
{
	uint8_t *zeros = calloc(1, ZEROS_BYTES);
	int rc = 0;

	if (zeros == NULL) {
		return err_set(ERR_NOMEM, "no memory for a segment");
	}
	for (size_t at = 0; rc == 0 && at < bytes; at += ZEROS_BYTES) {
		size_t n = bytes - at < ZEROS_BYTES ? bytes - at : ZEROS_BYTES;

		rc = io_write(io, fd, bytes_of(zeros, n), at);
	}
	free(zeros);
	if (rc == 0 && io->fsync(io, fd) != 0) {
		rc = io_error("journal: segment");
	}
	return rc;
}

/* Under another name until it is whole. */
static int
make_segment(struct journal *j, unsigned number, int *out_fd)
{
	struct io *io = j->config.io;
	char path[IO_PATH_BYTES_MAX];
	char made[IO_PATH_BYTES_MAX];
	char name[SEGMENT_NAME_BYTES];
	int rc = io_path(made, j->config.directory, "new");
	int fd;

	(void)snprintf(name, sizeof(name), SEGMENT_NAME, number);
	if (rc == 0) {
		rc = io_path(path, j->config.directory, name);
	}
	if (rc != 0) {
		return rc;
	}
	fd = io->open(io, made, O_RDWR | O_CREAT | O_TRUNC);
	if (fd < 0) {
		return io_error("journal: segment");
	}
	rc = fill(io, fd, j->config.segment_bytes);
	if (rc == 0 && io->rename(io, made, path) != 0) {
		rc = io_error("journal: segment");
	}
	if (rc == 0) {
		rc = io_sync_directory(io, j->config.directory);
	}
	if (rc != 0) {
		/* What is there of it must not take up room that is short. */
		(void)unlink(made);
		(void)close(fd);
		return rc;
	}
	*out_fd = fd;
	return 0;
}

static unsigned
unused_number(const struct journal *j)
{
	unsigned number = 0;

	for (size_t i = 0; i < j->n_segments; i++) {
		if (j->segments[i].number == number) {
			number++;
			i = (size_t)-1;
		}
	}
	return number;
}

static int
add_spare(struct journal *j)
{
	unsigned number = unused_number(j);
	int fd;
	int rc = make_segment(j, number, &fd);

	if (rc != 0) {
		return rc;
	}
	pthread_mutex_lock(&j->lock);
	j->segments[j->n_segments++] =
		(struct segment){.fd = fd,
				 .number = number,
				 .bytes = j->config.segment_bytes,
				 .is_archived = true};
	pthread_mutex_unlock(&j->lock);
	return 0;
}

static int
copy_bytes(struct io *io, int from, int to, uint64_t n)
{
	uint8_t *chunk = malloc(COPY_BYTES);
	int rc = 0;

	if (chunk == NULL) {
		return err_set(ERR_NOMEM, "no memory for the archive");
	}
	for (uint64_t at = 0; rc == 0 && at < n;) {
		size_t want =
			n - at < COPY_BYTES ? (size_t)(n - at) : COPY_BYTES;
		size_t got;

		rc = io_read(io, from, chunk, want, at, &got);
		if (rc == 0 && got != want) {
			rc = err_set(ERR_IO, "journal: a segment is short");
		}
		if (rc == 0) {
			rc = io_write(io, to, bytes_of(chunk, want), at);
		}
		at += want;
	}
	free(chunk);
	if (rc == 0 && io->fsync(io, to) != 0) {
		rc = io_error("archive");
	}
	return rc;
}

static int
archive(struct journal *j, const struct segment *s)
{
	struct io *io = j->config.io;
	char path[IO_PATH_BYTES_MAX];
	char made[IO_PATH_BYTES_MAX];
	char name[ARCHIVE_NAME_BYTES];
	int rc = io_path(made, j->config.archive, "new");
	int fd;

	archive_name(&j->config.incarnation, s->first, s->last, name);
	if (rc == 0) {
		rc = io_path(path, j->config.archive, name);
	}
	if (rc != 0) {
		return rc;
	}
	fd = io->open(io, made, O_WRONLY | O_CREAT | O_TRUNC);
	if (fd < 0) {
		return io_error("archive");
	}
	rc = copy_bytes(io, s->fd, fd, s->end);
	(void)close(fd);
	if (rc == 0 && io->rename(io, made, path) != 0) {
		rc = io_error("archive");
	}
	return rc == 0 ? io_sync_directory(io, j->config.archive) : rc;
}

int
journal_tend(struct journal *j)
{
	int rc = 0;

	while (rc == 0) {
		struct segment *s;
		size_t spares;

		pthread_mutex_lock(&j->lock);
		(void)find_spare(j, &spares);
		s = find_to_archive(j);
		pthread_mutex_unlock(&j->lock);
		/* The slots of a ring never move, and a full one is no longer
		 * written to, so that it is read without the lock. */
		if (spares < JOURNAL_SPARES_WANTED &&
		    j->n_segments < JOURNAL_SEGMENTS_MAX) {
			rc = add_spare(j);
		} else if (s != NULL) {
			rc = archive(j, s);
			if (rc == 0) {
				pthread_mutex_lock(&j->lock);
				s->is_archived = true;
				pthread_mutex_unlock(&j->lock);
			}
		} else {
			break;
		}
	}
	return rc;
}

int
journal_start(struct journal *j)
{
	int rc = 0;

	if (j->config.archive != NULL) {
		rc = io_make_directory(j->config.io, j->config.archive);
	}
	j->applied = j->last;
	return rc == 0 ? journal_tend(j) : rc;
}

uint64_t
journal_last(const struct journal *j)
{
	return j->last;
}

uint64_t
journal_bytes(struct journal *j)
{
	uint64_t bytes = 0;

	pthread_mutex_lock(&j->lock);
	for (size_t i = 0; i < j->n_segments; i++) {
		bytes += j->segments[i].bytes;
	}
	pthread_mutex_unlock(&j->lock);
	return bytes;
}

void
journal_close(struct journal *j)
{
	if (j == NULL) {
		return;
	}
	for (size_t i = 0; i < j->n_segments; i++) {
		(void)close(j->segments[i].fd);
	}
	pthread_mutex_destroy(&j->lock);
	free(j->aligned);
	free(j->found);
	free(j);
}

/*
 * A store made from a copy and the segments archived since. What cannot be
 * bridged is named, not hidden: the caller decides what a gap means.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/journal_ring.h"
#include "store/parts.h"
#include "store/replay.h"

#define SEGMENT_FILE_BYTES_MAX ((uint64_t)1 << 30)
#define COPY_BYTES ((size_t)1 << 20)

struct archived {
	uint64_t first;
	uint64_t last;
	char name[ARCHIVE_NAME_BYTES];
};

struct archive_list {
	struct archived *items;
	size_t n;
	size_t cap;
};

static int
add_archived(struct archive_list *l, const struct archived *a)
{
	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 64 : 2 * l->cap;
		struct archived *more = realloc(l->items, cap * sizeof(*more));

		if (more == NULL) {
			return err_set(ERR_NOMEM, "no memory for an archive");
		}
		l->items = more;
		l->cap = cap;
	}
	l->items[l->n++] = *a;
	return 0;
}

static int
by_first(const void *a, const void *b)
{
	const struct archived *x = a;
	const struct archived *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* The segments of this incarnation, by their names alone. */
static int
list_archive(const char *directory, const struct incarnation *incarnation,
	     struct archive_list *out)
{
	DIR *d = opendir(directory);
	const struct dirent *entry;
	int rc = 0;

	if (d == NULL) {
		return io_error("archive");
	}
	while (rc == 0 && (entry = readdir(d)) != NULL) {
		char expected[ARCHIVE_NAME_BYTES];
		struct archived a;
		char tail;

		if (sscanf(entry->d_name,
			   "%*8[0-9a-f]-%16" SCNx64 "-%16" SCNx64 ".journa%c",
			   &a.first, &a.last, &tail) != 3) {
			continue;
		}
		archive_name(incarnation, a.first, a.last, expected);
		if (strcmp(entry->d_name, expected) == 0) {
			memcpy(a.name, expected, sizeof(a.name));
			rc = add_archived(out, &a);
		}
	}
	(void)closedir(d);
	if (out->n > 0) {
		qsort(out->items, out->n, sizeof(*out->items), by_first);
	}
	return rc;
}

/* In order, each once; what comes out of order is a gap. */
static int
take_record(void *ctx, size_t at, const struct record *record)
{
	struct replay *r = ctx;

	(void)at;
	if (record->sequence != r->last + 1) {
		return 0;
	}
	return replay_group(r, record->sequence, record->payload);
}

static int
replay_file(struct replay *r, const struct incarnation *incarnation,
	    const char *directory, const char *name)
{
	char path[IO_PATH_BYTES_MAX];
	uint8_t *bytes = NULL;
	struct stat st = {0};
	size_t n = 0;
	int fd;
	int rc = io_path(path, directory, name);

	if (rc != 0) {
		return rc;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		rc = io_error("archive");
	} else if ((uint64_t)st.st_size > SEGMENT_FILE_BYTES_MAX) {
		rc = err_set(ERR_CORRUPT, "an archived segment is too large");
	} else {
		bytes = malloc((size_t)st.st_size + 1);
		rc = bytes == NULL
			     ? err_set(ERR_NOMEM, "no memory for a segment")
			     : io_read(io_system(), fd, bytes,
				       (size_t)st.st_size, 0, &n);
	}
	if (rc == 0) {
		rc = journal_record_scan(incarnation, bytes_of(bytes, n),
					 take_record, r);
	}
	free(bytes);
	if (fd >= 0) {
		(void)close(fd);
	}
	return rc;
}

static int
replay_archive(struct replay *r, const struct incarnation *incarnation,
	       const char *directory, uint64_t *io_highest)
{
	struct archive_list list = {0};
	int rc = list_archive(directory, incarnation, &list);

	for (size_t i = 0; rc == 0 && i < list.n; i++) {
		const struct archived *a = &list.items[i];

		if (a->last > *io_highest) {
			*io_highest = a->last;
		}
		if (a->first <= r->last + 1 && a->last > r->last) {
			rc = replay_file(r, incarnation, directory, a->name);
		}
	}
	free(list.items);
	return rc;
}

/* What the lost store's own ring still holds. Damage in it is a gap, and so is
 * a ring that ends before what is known already: it is not the lost one's. */
static int
replay_ring(struct replay *r, const struct incarnation *incarnation,
	    uint64_t started, const char *directory, uint64_t *io_highest)
{
	struct journal_config config = {.io = io_system(),
					.directory = directory,
					.incarnation = *incarnation,
					.started = started,
					.applied = r->last,
					.is_readonly = true};
	struct journal *j;
	int rc = journal_open(&config, &j);

	if (rc == ERR_CORRUPT) {
		*io_highest = r->last + 1;
		return 0;
	}
	if (rc != 0) {
		return rc;
	}
	if (journal_last(j) > *io_highest) {
		*io_highest = journal_last(j);
	}
	rc = journal_replay(j, replay_group, r);
	journal_close(j);
	return rc;
}

static int
copy_file(const char *from, const char *to)
{
	uint8_t *chunk = malloc(COPY_BYTES);
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out =
		io_system()->open(io_system(), to, O_WRONLY | O_CREAT | O_EXCL);
	uint64_t at = 0;
	size_t n = 0;
	int rc = 0;

	if (chunk == NULL || in < 0 || out < 0) {
		rc = io_error("restore");
	}
	while (rc == 0) {
		rc = io_read(io_system(), in, chunk, COPY_BYTES, at, &n);
		if (rc != 0 || n == 0) {
			break;
		}
		rc = io_write(io_system(), out, bytes_of(chunk, n), at);
		at += n;
	}
	if (rc == 0 && fsync(out) != 0) {
		rc = io_error("restore");
	}
	free(chunk);
	if (in >= 0) {
		(void)close(in);
	}
	if (out >= 0) {
		(void)close(out);
	}
	return rc;
}

/* The copy's data become the store's. */
static int
place_data(const char *copy, const char *directory, struct engine **out)
{
	char from[IO_PATH_BYTES_MAX];
	char data[IO_PATH_BYTES_MAX];
	char to[IO_PATH_BYTES_MAX];
	int rc = io_path(from, copy, "data/data.mdb");

	if (rc == 0) {
		rc = io_path(data, directory, "data");
	}
	if (rc == 0) {
		rc = io_path(to, data, "data.mdb");
	}
	if (rc == 0 && access(to, F_OK) == 0) {
		rc = err_set(ERR_EXISTS, "there is a store already");
	}
	if (rc == 0) {
		rc = io_make_directory(io_system(), data);
	}
	if (rc == 0) {
		rc = copy_file(from, to);
	}
	if (rc == 0) {
		rc = io_sync_directory(io_system(), data);
	}
	return rc == 0 ? engine_lmdb_open(data, out) : rc;
}

static int
replay_all(const struct store_restoring *what, struct engine *engine,
	   struct entropy *entropy, struct store_restored *out)
{
	struct store_restored done = {0};
	struct incarnation incarnation;
	struct replay r = {0};
	uint64_t started;
	uint64_t highest;
	int rc = parts_incarnation_get(engine, &incarnation, &started,
				       &done.sequence_copied);

	if (rc == 0) {
		rc = replay_init(&r, engine, done.sequence_copied);
	}
	highest = done.sequence_copied;
	if (rc == 0 && what->archive != NULL) {
		rc = replay_archive(&r, &incarnation, what->archive, &highest);
	}
	if (rc == 0 && what->journal != NULL) {
		rc = replay_ring(&r, &incarnation, started, what->journal,
				 &highest);
	}
	if (rc == 0) {
		rc = replay_finish(&r);
	}
	done.sequence = r.applied;
	done.has_gap = highest > r.applied;
	done.sequence_known = highest;
	replay_clear(&r);
	if (rc == 0) {
		rc = parts_incarnation_draw(engine, entropy, done.sequence);
	}
	if (rc == 0) {
		*out = done;
	}
	return rc;
}

int
store_restore(const struct store_restoring *what, struct store_restored *out)
{
	struct engine *engine = NULL;
	int fd = -1;
	int rc = io_make_directory(io_system(), what->directory);

	if (rc == 0) {
		rc = parts_lock(what->directory, false, &fd);
	}
	if (rc == 0) {
		rc = place_data(what->copy, what->directory, &engine);
	}
	if (rc == 0) {
		rc = replay_all(what, engine, what->entropy, out);
	}
	if (engine != NULL) {
		engine->ops->close(engine);
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return rc;
}

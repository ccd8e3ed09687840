/*
 * The journal's calls, and copies of a directory. Other files (the tree of
 * keys, LMDB, the log) are written through to the copy as they stand: theirs
 * are synced in order, and the events lie between them.
 */

#include "simulation/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/file.h"
#include "audit/head.h"
#include "simulation/machine.h"
#include "support/temp.h"
#include "support/test.h"

#define FILES_MAX 64
#define WRITES_MAX 256
#define SECTOR_BYTES 512
#define PATH_BYTES 300

/* What a write found, until it is synced. */
struct unsynced {
	int fd;
	off_t at;
	size_t n;
	uint8_t *before;
};

static struct {
	char directory[PATH_BYTES / 2];
	char copy[PATH_BYTES / 2 + 8];
	unsigned long events;
	unsigned long fail_at;
	const char *gone;
	bool is_told;
	struct {
		int fd;
		char path[PATH_BYTES];
	} files[FILES_MAX];
	size_t n_files;
	struct unsynced writes[WRITES_MAX];
	size_t n_writes;
} disk;

/* ---- Copies ---- */

static void
file_copy(const char *path, const struct stat *st)
{
	static uint8_t block[1 << 16];
	char to[2 * PATH_BYTES];
	int in = open(path, O_RDONLY | O_CLOEXEC);
	int out;
	off_t at = 0;
	ssize_t n;

	(void)snprintf(to, sizeof(to), "%s%s", disk.copy,
		       path + strlen(disk.directory));
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		   st->st_mode & 0777);
	assert_true(in >= 0 && out >= 0);
	/* Holes stay holes. */
	while ((at = lseek(in, at, SEEK_DATA)) >= 0 && at < st->st_size) {
		n = pread(in, block, sizeof(block), at);
		assert_true(n > 0 && pwrite(out, block, (size_t)n, at) == n);
		at += n;
	}
	assert_int_equal(ftruncate(out, st->st_size), 0);
	(void)close(in);
	(void)close(out);
}

static int
copy_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char to[2 * PATH_BYTES];

	(void)ftw;
	if (type == FTW_D) {
		(void)snprintf(to, sizeof(to), "%s%s", disk.copy,
			       path + strlen(disk.directory));
		return mkdir(to, 0700);
	}
	/* A socket or a lock is nothing that a disk keeps. */
	if (S_ISREG(st->st_mode)) {
		file_copy(path, st);
	}
	return 0;
}

static const char *
path_of(int fd)
{
	for (size_t i = disk.n_files; i-- > 0;) {
		if (disk.files[i].fd == fd) {
			return disk.files[i].path;
		}
	}
	return NULL;
}

/* Each sector for itself, the last write first: so a sector may keep any of
 * the contents it had. */
static void
write_undo(const struct unsynced *w)
{
	char path[2 * PATH_BYTES];
	const char *of = path_of(w->fd);
	int fd;

	assert_non_null(of);
	(void)snprintf(path, sizeof(path), "%s%s", disk.copy,
		       of + strlen(disk.directory));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		return; /* removed since */
	}
	for (size_t i = 0; i < w->n; i += SECTOR_BYTES) {
		size_t n = w->n - i < SECTOR_BYTES ? w->n - i : SECTOR_BYTES;

		if (machine_draw(2) == 0) {
			assert_int_equal(
				pwrite(fd, w->before + i, n, w->at + (off_t)i),
				n);
		}
	}
	(void)close(fd);
}

void
disk_power_off(const char *name)
{
	if (disk.gone != NULL) {
		return;
	}
	disk.gone = name;
	assert_int_equal(nftw(disk.directory, copy_one, 16, FTW_PHYS), 0);
	for (size_t i = disk.n_writes; i-- > 0;) {
		write_undo(&disk.writes[i]);
	}
}

void
disk_settle(void)
{
	struct temp old;

	for (size_t i = 0; i < disk.n_writes; i++) {
		free(disk.writes[i].before);
	}
	disk.n_writes = 0;
	disk.n_files = 0;
	if (disk.gone != NULL) {
		(void)snprintf(old.path, sizeof(old.path), "%s",
			       disk.directory);
		temp_remove(&old);
		assert_int_equal(rename(disk.copy, disk.directory), 0);
	}
	disk.gone = NULL;
	disk.is_told = false;
	disk.fail_at = 0;
}

void
disk_open(const char *directory)
{
	(void)snprintf(disk.directory, sizeof(disk.directory), "%s", directory);
	(void)snprintf(disk.copy, sizeof(disk.copy), "%s.copy", directory);
}

/* ---- Events ---- */

void
disk_fail_at(unsigned long n)
{
	disk.fail_at = n == 0 ? 0 : disk.events + n;
}

const char *
disk_gone(void)
{
	return disk.gone;
}

bool
disk_is_gone_under_journal(void)
{
	return disk.gone != NULL && disk.is_told;
}

void
disk_event(const char *name)
{
	if (++disk.events == disk.fail_at) {
		disk_power_off(name);
	}
}

static bool
is_off(void)
{
	errno = EIO;
	disk.is_told = disk.is_told || disk.gone != NULL;
	return disk.gone != NULL;
}

static int
disk_open_file(struct io *io, const char *path, int flags)
{
	int fd = is_off() ? -1 : io_system()->open(io, path, flags);

	size_t i = 0;

	if (fd < 0) {
		return fd;
	}
	/* The number of a file that was closed comes again. */
	while (i < disk.n_files && disk.files[i].fd != fd) {
		i++;
	}
	assert_true(i < FILES_MAX);
	disk.n_files += i == disk.n_files ? 1 : 0;
	disk.files[i].fd = fd;
	(void)snprintf(disk.files[i].path, PATH_BYTES, "%s", path);
	return fd;
}

static ssize_t
disk_pread(struct io *io, int fd, void *p, size_t n, off_t at)
{
	return is_off() ? -1 : io_system()->pread(io, fd, p, n, at);
}

static void
write_remember(int fd, size_t n, off_t at)
{
	struct unsynced *w = &disk.writes[disk.n_writes];

	assert_true(disk.n_writes < WRITES_MAX);
	*w = (struct unsynced){fd, at, n, calloc(1, n)};
	assert_non_null(w->before);
	(void)!pread(fd, w->before, n, at);
	disk.n_writes++;
}

static ssize_t
disk_pwrite(struct io *io, int fd, const void *p, size_t n, off_t at)
{
	if (is_off()) {
		return -1;
	}
	write_remember(fd, n, at);
	n = (size_t)io_system()->pwrite(io, fd, p, n, at);
	disk_event("write");
	return is_off() ? -1 : (ssize_t)n;
}

static int
synced(int fd, int rc)
{
	size_t n = 0;

	for (size_t i = 0; i < disk.n_writes; i++) {
		if (disk.writes[i].fd == fd) {
			free(disk.writes[i].before);
		} else {
			disk.writes[n++] = disk.writes[i];
		}
	}
	disk.n_writes = n;
	disk_event("synced");
	return is_off() ? -1 : rc;
}

/* Before it, all of what it would sync may be lost; after it, only the news
 * that it was synced. */
static int
disk_fdatasync(struct io *io, int fd)
{
	(void)io;
	disk_event("sync");
	return is_off() ? -1 : synced(fd, 0);
}

static int
disk_rename(struct io *io, const char *from, const char *to)
{
	int rc = is_off() ? -1 : io_system()->rename(io, from, to);

	for (size_t i = 0; rc == 0 && i < disk.n_files; i++) {
		if (strcmp(disk.files[i].path, from) == 0) {
			(void)snprintf(disk.files[i].path, PATH_BYTES, "%s",
				       to);
		}
	}
	if (rc == 0) {
		disk_event("rename");
	}
	return is_off() ? -1 : rc;
}

struct io *
disk_io(void)
{
	static struct io io = {
		disk_open_file, disk_pread,  disk_pwrite, disk_fdatasync,
		disk_fdatasync, disk_rename, NULL};

	return &io;
}

/* ---- The log's own files: a crash comes before any of their moves ---- */

int __real_head_move(struct head *h, struct bytes note);
int __wrap_head_move(struct head *h, struct bytes note);
int __real_file_batch_flush(struct file_batch *b);
int __wrap_file_batch_flush(struct file_batch *b);

int
__wrap_head_move(struct head *h, struct bytes note)
{
	disk_event("head");
	return __real_head_move(h, note);
}

int
__wrap_file_batch_flush(struct file_batch *b)
{
	disk_event("log");
	return __real_file_batch_flush(b);
}

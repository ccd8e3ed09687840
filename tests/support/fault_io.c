/* Counts calls and lets the chosen one fail. */

#include "support/fault_io.h"

#include <errno.h>
#include <stdlib.h>

static bool
fails(struct io *io)
{
	struct fault_io *f = (struct fault_io *)io;
	bool is_hit;

	f->calls++;
	is_hit = f->fail_at != 0 && (f->calls == f->fail_at ||
				     (f->forever && f->calls > f->fail_at));
	if (is_hit) {
		f->failed = true;
		errno = f->kind == FAULT_ENOSPC ? ENOSPC : EIO;
	}
	return is_hit;
}

static int
fault_open(struct io *io, const char *path, int flags)
{
	return fails(io) ? -1 : io_system()->open(io, path, flags);
}

static ssize_t
fault_pread(struct io *io, int fd, void *p, size_t n, off_t at)
{
	return fails(io) ? -1 : io_system()->pread(io, fd, p, n, at);
}

/* Writes about half of the sectors, as a disk may have done. */
static void
write_some(struct fault_io *f, int fd, const uint8_t *p, size_t n, off_t at)
{
	for (size_t i = 0; i < n; i += FAULT_SECTOR_BYTES) {
		size_t k =
			n - i < FAULT_SECTOR_BYTES ? n - i : FAULT_SECTOR_BYTES;

		if (rand_r(&f->random) % 2 == 0) {
			(void)!io_system()->pwrite(io_system(), fd, p + i, k,
						   at + (off_t)i);
		}
	}
}

/* Larger writes only prepare segments: there is nothing to lose in them. */
static void
remember(struct fault_io *f, int fd, size_t n, off_t at)
{
	f->last_fd = fd;
	f->last_at = at;
	f->last_n = 0;
	if (n <= sizeof(f->before) &&
	    io_system()->pread(io_system(), fd, f->before, n, at) ==
		    (ssize_t)n) {
		f->last_n = n;
	}
}

static ssize_t
fault_pwrite(struct io *io, int fd, const void *p, size_t n, off_t at)
{
	struct fault_io *f = (struct fault_io *)io;

	if (!fails(io)) {
		if (f->kind == FAULT_POWER) {
			remember(f, fd, n, at);
		}
		return io_system()->pwrite(io, fd, p, n, at);
	}
	if (f->kind == FAULT_POWER && f->calls == f->fail_at) {
		write_some(f, fd, p, n, at);
	}
	if (f->kind == FAULT_TORN && n > 1) {
		(void)!io_system()->pwrite(io, fd, p, n / 2, at);
		errno = EIO;
	}
	return -1;
}

static int
fault_fdatasync(struct io *io, int fd)
{
	struct fault_io *f = (struct fault_io *)io;

	if (!fails(io)) {
		return io_system()->fdatasync(io, fd);
	}
	if (f->kind == FAULT_POWER && f->calls == f->fail_at &&
	    f->last_fd == fd) {
		write_some(f, fd, f->before, f->last_n, f->last_at);
		errno = EIO;
	}
	return -1;
}

static int
fault_fsync(struct io *io, int fd)
{
	return fails(io) ? -1 : io_system()->fsync(io, fd);
}

static int
fault_rename(struct io *io, const char *from, const char *to)
{
	return fails(io) ? -1 : io_system()->rename(io, from, to);
}

void
fault_io_init(struct fault_io *f, enum fault_kind kind, unsigned long fail_at,
	      bool forever)
{
	*f = (struct fault_io){
		.base = {fault_open, fault_pread, fault_pwrite, fault_fdatasync,
			 fault_fsync, fault_rename, NULL},
		.kind = kind,
		.fail_at = fail_at,
		.forever = forever || kind == FAULT_POWER,
		.random = (unsigned)fail_at,
	};
}

/* Counts calls and lets the chosen one fail. */

#include "support/fault_io.h"

#include <errno.h>

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

static ssize_t
fault_pwrite(struct io *io, int fd, const void *p, size_t n, off_t at)
{
	if (!fails(io)) {
		return io_system()->pwrite(io, fd, p, n, at);
	}
	if (((struct fault_io *)io)->kind == FAULT_TORN && n > 1) {
		(void)!io_system()->pwrite(io, fd, p, n / 2, at);
		errno = EIO;
	}
	return -1;
}

static int
fault_fdatasync(struct io *io, int fd)
{
	return fails(io) ? -1 : io_system()->fdatasync(io, fd);
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
			 fault_fsync, fault_rename},
		.kind = kind,
		.fail_at = fail_at,
		.forever = forever,
	};
}

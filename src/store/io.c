/* The system's own disk, and the loops that everybody needs around it. */

#include "store/io.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0600
#define DIRECTORY_MODE 0700

static int
system_open(struct io *io, const char *path, int flags)
{
	(void)io;
	return open(path, flags | O_CLOEXEC, FILE_MODE);
}

static ssize_t
system_pread(struct io *io, int fd, void *p, size_t n, off_t at)
{
	(void)io;
	return pread(fd, p, n, at);
}

static ssize_t
system_pwrite(struct io *io, int fd, const void *p, size_t n, off_t at)
{
	(void)io;
	return pwrite(fd, p, n, at);
}

static int
system_fdatasync(struct io *io, int fd)
{
	(void)io;
	return fdatasync(fd);
}

static int
system_fsync(struct io *io, int fd)
{
	(void)io;
	return fsync(fd);
}

static int
system_rename(struct io *io, const char *from, const char *to)
{
	(void)io;
	return rename(from, to);
}

static int
system_set_direct(struct io *io, int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	(void)io;
	if (flags < 0) {
		return -1;
	}
	return fcntl(fd, F_SETFL,
		     on ? flags | O_DIRECT : flags & ~O_DIRECT);
}

struct io *
io_system(void)
{
	static struct io io = {
		system_open,  system_pread,  system_pwrite,     system_fdatasync,
		system_fsync, system_rename, system_set_direct,
	};

	return &io;
}

int
io_error(const char *what)
{
	int code = errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;

	return err_set(code, "%s: %s", what, strerror(errno));
}

int
io_path(char out[IO_PATH_BYTES_MAX], const char *directory, const char *name)
{
	int n = snprintf(out, IO_PATH_BYTES_MAX, "%s/%s", directory, name);

	if (n < 0 || n >= IO_PATH_BYTES_MAX) {
		return err_set(ERR_TOO_LARGE, "a path is too long");
	}
	return 0;
}

int
io_sync_directory(struct io *io, const char *path)
{
	int fd = io->open(io, path, O_RDONLY | O_DIRECTORY);
	int rc = 0;

	if (fd < 0) {
		return io_error("directory");
	}
	if (io->fsync(io, fd) != 0) {
		rc = io_error("directory: sync");
	}
	(void)close(fd);
	return rc;
}

int
io_make_directory(struct io *io, const char *path)
{
	char copy[IO_PATH_BYTES_MAX];

	if (mkdir(path, DIRECTORY_MODE) != 0) {
		return errno == EEXIST ? 0 : io_error("directory");
	}
	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy)) {
		return err_set(ERR_TOO_LARGE, "a path is too long");
	}
	return io_sync_directory(io, dirname(copy));
}

int
io_write(struct io *io, int fd, struct bytes b, uint64_t at)
{
	while (b.n > 0) {
		ssize_t n = io->pwrite(io, fd, b.p, b.n, (off_t)at);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			errno = n == 0 ? EIO : errno;
			return io_error("write");
		}
		b.p += n;
		b.n -= (size_t)n;
		at += (uint64_t)n;
	}
	return 0;
}

int
io_read(struct io *io, int fd, void *p, size_t n, uint64_t at, size_t *out_n)
{
	uint8_t *to = p;
	size_t got = 0;

	while (got < n) {
		ssize_t k =
			io->pread(io, fd, to + got, n - got, (off_t)(at + got));

		if (k < 0 && errno == EINTR) {
			continue;
		}
		if (k < 0) {
			return io_error("read");
		}
		if (k == 0) {
			break;
		}
		got += (size_t)k;
	}
	*out_n = got;
	return 0;
}

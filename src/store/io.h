#ifndef STORE_IO_H
#define STORE_IO_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/err.h"

/*
 * The disk as the journal sees it, so that a test can make any call of it
 * fail. Each is its namesake of POSIX: -1 and errno. LMDB has its own.
 */
struct io {
	int (*open)(struct io *, const char *path, int flags);
	ssize_t (*pread)(struct io *, int fd, void *, size_t, off_t);
	ssize_t (*pwrite)(struct io *, int fd, const void *, size_t, off_t);
	int (*fdatasync)(struct io *, int fd);
	int (*fsync)(struct io *, int fd);
	int (*rename)(struct io *, const char *from, const char *to);
	/* O_DIRECT on or off; NULL: this disk has no such thing. */
	int (*set_direct)(struct io *, int fd, bool on);
};

struct io *io_system(void);

#define IO_PATH_BYTES_MAX 4096

/* directory/name; ERR_TOO_LARGE. */
int io_path(char out[IO_PATH_BYTES_MAX], const char *directory,
	    const char *name) MUST_CHECK;

/* Makes it, 0700, and its entry durable, unless it is there. ERR_IO. */
int io_make_directory(struct io *io, const char *path) MUST_CHECK;
/* Makes the names in it durable. ERR_IO. */
int io_sync_directory(struct io *io, const char *path) MUST_CHECK;

/* All of it, however often the system stops short. ERR_FULL, ERR_IO. */
int io_write(struct io *io, int fd, struct bytes b, uint64_t at) MUST_CHECK;
/* Until n bytes or the end of the file. ERR_IO. */
int io_read(struct io *io, int fd, void *p, size_t n, uint64_t at,
	    size_t *out_n) MUST_CHECK;

/* errno as an error: ERR_FULL when there is no room, else ERR_IO. */
int io_error(const char *what) MUST_CHECK;

#endif

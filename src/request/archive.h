#ifndef REQUEST_ARCHIVE_H
#define REQUEST_ARCHIVE_H

#include "base/buf.h"

/* A zip of a few files, made in memory: nothing touches a disk. */
struct archive_file {
	const char *name;
	struct bytes content;
};

/* Appends the zip. ERR_TOO_LARGE, ERR_NOMEM. */
int archive_make(const struct archive_file *files, size_t n, int64_t at_ms,
		 struct buf *to) MUST_CHECK;

#endif

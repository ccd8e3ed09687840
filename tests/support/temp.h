#ifndef SUPPORT_TEMP_H
#define SUPPORT_TEMP_H

#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* A directory for one test, under TMPDIR; temp_remove takes all of it away. */
struct temp {
	char path[PATH_MAX];
};

static inline void
temp_make_under(struct temp *t, const char *base)
{
	(void)snprintf(t->path, sizeof(t->path), "%s/ninety-test-XXXXXX",
		       base == NULL ? "/tmp" : base);
	if (mkdtemp(t->path) == NULL) {
		perror("mkdtemp");
		abort();
	}
}

static inline void
temp_make(struct temp *t)
{
	temp_make_under(t, getenv("TMPDIR"));
}

/* What tests that run beside each other may fill. A container's default of
 * 64 MiB is too small, and a mapped file on a full one is a bus error. */
#define QUICK_BYTES_MIN (1ull << 30)

/* In memory where the system has that: for many small files and syncs. */
static inline void
temp_make_quick(struct temp *t)
{
	const char *base = "/dev/shm";
	struct statvfs room;
	bool is_quick = access(base, W_OK) == 0 && statvfs(base, &room) == 0 &&
			room.f_bavail * room.f_frsize >= QUICK_BYTES_MIN;

	temp_make_under(t, is_quick ? base : getenv("TMPDIR"));
}

static inline int
temp_remove_one(const char *path, const struct stat *st, int type,
		struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void
temp_remove(const struct temp *t)
{
	(void)nftw(t->path, temp_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif

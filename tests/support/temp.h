#ifndef SUPPORT_TEMP_H
#define SUPPORT_TEMP_H

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
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

/* In memory where the system has that: for many small files and syncs. */
static inline void
temp_make_quick(struct temp *t)
{
	const char *base = "/dev/shm";

	temp_make_under(t, access(base, W_OK) == 0 ? base : getenv("TMPDIR"));
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

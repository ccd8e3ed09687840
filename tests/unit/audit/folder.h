#ifndef UNIT_AUDIT_FOLDER_H
#define UNIT_AUDIT_FOLDER_H

/* A folder of its own for a test, and looks at the files in it. */

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/file.h"
#include "audit/merkle.h"
#include "support/test.h"

static inline int
remove_entry(const char *path, const struct stat *st, int kind,
	     struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static inline void
folder_remove(const char *path)
{
	(void)nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* A fresh path below /tmp; the folder itself is there. */
static inline char *
folder_make(char out[64])
{
	(void)snprintf(out, 64, "/tmp/ninety.audit.XXXXXX");
	assert_non_null(mkdtemp(out));
	return out;
}

static inline void
folder_load(const char *folder, const char *path, struct buf *out)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY);

	assert_true(fd >= 0);
	assert_ok(file_read(fd, path, out));
	(void)close(fd);
}

static inline bool
folder_has(const char *folder, const char *path)
{
	char whole[256];

	(void)snprintf(whole, sizeof(whole), "%s/%s", folder, path);
	return access(whole, F_OK) == 0;
}

static inline void
folder_flip(const char *folder, const char *path, long at)
{
	char whole[256];
	FILE *f;
	int c;

	(void)snprintf(whole, sizeof(whole), "%s/%s", folder, path);
	f = fopen(whole, "r+");
	assert_non_null(f);
	(void)fseek(f, at, SEEK_SET);
	c = fgetc(f);
	assert_true(c != EOF);
	(void)fseek(f, at, SEEK_SET);
	(void)fputc(c ^ 0x10, f);
	(void)fclose(f);
}

#endif

/* Landlock by its system calls: Debian 12's libc has no names for them, and
 * its headers stop at the second version of the interface. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/landlock.h>

#include "base/log.h"
#include "sandbox/sandbox.h"

#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

#define RIGHTS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_WRITE                                                          \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |      \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |       \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |         \
	 LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE)
#define RIGHTS_CREATE                                                         \
	(LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_WRITE_FILE |        \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |          \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_TRUNCATE)
#define RIGHTS_SOCKET                                                         \
	(LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define RIGHTS_NEVER                                                          \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |          \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |       \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)
#define RIGHTS_OF_A_FILE                                                      \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |       \
	 LANDLOCK_ACCESS_FS_TRUNCATE)

#ifdef SANDBOX_OFF

int
sandbox_files_as(long version, const struct sandbox_path *paths, size_t n)
{
	(void)version;
	(void)paths;
	(void)n;
	return 0;
}

int
sandbox_files(const struct sandbox_path *paths, size_t n)
{
	return sandbox_files_as(0, paths, n);
}

#else

/* What this kernel's version of the interface knows. */
static uint64_t
rights_known(long version)
{
	uint64_t rights = RIGHTS_READ | RIGHTS_WRITE | RIGHTS_NEVER;

	if (version < 3) {
		rights &= ~LANDLOCK_ACCESS_FS_TRUNCATE;
	}
	if (version < 2) {
		rights &= ~LANDLOCK_ACCESS_FS_REFER;
	}
	return rights;
}

static uint64_t
rights_of(enum sandbox_access access)
{
	switch (access) {
	case SANDBOX_READ:
		return RIGHTS_READ;
	case SANDBOX_WRITE:
		return RIGHTS_READ | RIGHTS_WRITE;
	case SANDBOX_SOCKET:
		return RIGHTS_SOCKET;
	case SANDBOX_CREATE:
		break;
	}
	return RIGHTS_CREATE;
}

static int
allow_path(int ruleset, const struct sandbox_path *path, uint64_t known)
{
	struct landlock_path_beneath_attr rule = {.parent_fd = -1};
	struct stat st;
	int rc = 0;

	rule.allowed_access = known & rights_of(path->access);
	rule.parent_fd = open(path->path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0) {
		return errno == ENOENT ? 0 : -1;
	}
	if (fstat(rule.parent_fd, &st) != 0) {
		rc = -1;
	} else {
		if (!S_ISDIR(st.st_mode)) {
			rule.allowed_access &= RIGHTS_OF_A_FILE;
		}
		rc = (int)syscall(SYS_landlock_add_rule, ruleset,
				  LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	}
	(void)close(rule.parent_fd);
	return rc;
}

/* Version 1 refuses every move from one folder to another, and that is how the
 * log's files come into their places whole. */
static bool
suffices(long version, const struct sandbox_path *paths, size_t n)
{
	bool moves = false;

	for (size_t i = 0; i < n; i++) {
		moves = moves || paths[i].access == SANDBOX_WRITE;
	}
	return version >= (moves ? 2 : 1);
}

int
sandbox_files(const struct sandbox_path *paths, size_t n)
{
	return sandbox_files_as(syscall(SYS_landlock_create_ruleset, NULL, 0,
					LANDLOCK_CREATE_RULESET_VERSION),
				paths, n);
}

int
sandbox_files_as(long version, const struct sandbox_path *paths, size_t n)
{
	struct landlock_ruleset_attr attr = {0};
	int ruleset;
	int rc = 0;

	if (!suffices(version, paths, n)) {
		log_write(LOG_NOTICE, "landlock_absent",
			  LOG_TEXT("why", version < 1
						  ? "the kernel has none"
						  : "version 1 lets nothing be "
						    "moved"));
		return 0;
	}
	attr.handled_access_fs = rights_known(version);
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr),
			       0);
	if (ruleset < 0) {
		return err_set(ERR_INTERNAL, "landlock: %s", strerror(errno));
	}
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = allow_path(ruleset, &paths[i], attr.handled_access_fs);
	}
	if (rc == 0) {
		rc = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
	}
	if (rc != 0) {
		rc = err_set(ERR_INTERNAL, "landlock: %s", strerror(errno));
	}
	(void)close(ruleset);
	return rc;
}

#endif

#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "base/err.h"

/*
 * What each process gives up. Builds with sanitizers keep their file system
 * and system calls, as their run time needs more than ours.
 */
enum sandbox_role {
	SANDBOX_PARENT, /* its children's calls too: they inherit the filter */
	SANDBOX_CORE,
	SANDBOX_FRONT
};

/* At the very start of a process: no new privileges, not dumpable, no core
 * files, no SIGPIPE, no access for others to what it creates. ERR_INTERNAL. */
int sandbox_begin(void) MUST_CHECK;

/* Raises the soft limit of descriptors to `wanted`, or as far as allowed;
 * returns what it is then. */
int64_t sandbox_raise_descriptors(int64_t wanted);

enum sandbox_access {
	SANDBOX_READ,
	SANDBOX_WRITE, /* read too, make, move, remove */
	SANDBOX_CREATE, /* make and fill, remove empty folders, read names */
	SANDBOX_SOCKET /* make and remove sockets, and nothing else */
};

struct sandbox_path {
	const char *path; /* a missing one is left out */
	enum sandbox_access access;
};

/* Landlock: from here on this thread, and those that it makes, open nothing
 * but what lies below these paths; so before the first thread. A kernel that
 * has not enough of Landlock is told once in the log and is no error: one that
 * has none, or, where a path is SANDBOX_WRITE, the first version of it (Linux
 * 5.13 to 5.18), which refuses every move from one folder to another.
 * ERR_INTERNAL. */
int sandbox_files(const struct sandbox_path *paths, size_t n) MUST_CHECK;

/* The same as on a kernel of that version of Landlock's interface (0: none). */
int sandbox_files_as(long version, const struct sandbox_path *paths,
		     size_t n) MUST_CHECK;

/* seccomp: from here on, for all threads, only the role's system calls;
 * another one ends the process. ERR_INTERNAL. */
int sandbox_calls(enum sandbox_role role) MUST_CHECK;

#endif

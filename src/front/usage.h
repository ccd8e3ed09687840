#ifndef FRONT_USAGE_H
#define FRONT_USAGE_H

#include <stdint.h>

/* What this process uses of the machine, told by /proc. Opened first of all: a
 * process that is not dumpable may not look at its own descriptors there, and
 * the sandbox closes the file system. */
struct usage {
	int statm_fd;
	int fd_dir_fd;
};

/* -1 in a member where /proc does not tell. */
void usage_open(struct usage *u);
void usage_close(struct usage *u);

/* Resident bytes; -1 when unknown. */
int64_t usage_resident_bytes(const struct usage *u);

/* Open file descriptors; -1 when unknown. */
int64_t usage_descriptors(const struct usage *u);

#endif

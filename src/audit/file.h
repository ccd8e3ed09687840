#ifndef AUDIT_FILE_H
#define AUDIT_FILE_H

#include "base/buf.h"

/*
 * Files below one folder that are either whole or not there: written under
 * "tmp/", synced, moved to their place, and the folder synced. A batch shares
 * the waiting among its files.
 */
#define FILE_PATH_BYTES 96
#define FILE_BATCH_MAX 64
#define FILE_FOLDERS_MAX 32

struct file_batch {
	int root; /* the folder, open */
	size_t n;
	struct {
		int fd;
		char path[FILE_PATH_BYTES];
	} files[FILE_BATCH_MAX];
	size_t n_folders; /* to be synced */
	char folders[FILE_FOLDERS_MAX][FILE_PATH_BYTES];
};

/* Opens the folder, and makes it and its "tmp" where they are missing. The
 * parent must exist. ERR_IO. */
int file_root_open(const char *folder, int *out_fd) MUST_CHECK;

void file_batch_init(struct file_batch *b, int root);
/* Gives up what was not flushed. */
void file_batch_clear(struct file_batch *b);

/* Takes a file in; flushes when the batch is full. ERR_IO, ERR_FULL,
 * ERR_OUTCOME. */
int file_batch_put(struct file_batch *b, const char *path,
		   struct bytes content) MUST_CHECK;

/* After it all files are in place and durable. ERR_OUTCOME when a sync
 * failed. */
int file_batch_flush(struct file_batch *b) MUST_CHECK;

/* One file at once, durable. */
int file_put(int root, const char *path, struct bytes content) MUST_CHECK;

/* Appends the whole file. ERR_NOT_FOUND, ERR_TOO_LARGE (past what the buffer
 * takes), ERR_IO. */
int file_read(int root, const char *path, struct buf *out) MUST_CHECK;

/* Removes a folder and all that is in it; one that is absent is fine. */
int file_remove_tree(int root, const char *path) MUST_CHECK;

#endif

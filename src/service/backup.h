#ifndef SERVICE_BACKUP_H
#define SERVICE_BACKUP_H

#include "call/call.h"

/*
 * backup.create: a copy of the store and of the log's files in a directory
 * that must not exist, made while serving. It holds ciphertext only: no tree
 * of keys, no keystore, no head, no server key. docs/operations.md, "Backup".
 */
struct backup_create_in {
	const char *directory;
};
struct backup_create_out {
	const char *directory;
	int64_t leaves; /* of the log, at least so many are in it */
	int64_t files;
	int64_t bytes;
};
extern const struct field_table backup_create_in_table;
extern const struct field_table backup_create_out_table;
int backup_create(struct call *c, const void *in, void *out);

extern const struct job_kind backup_job;

#endif

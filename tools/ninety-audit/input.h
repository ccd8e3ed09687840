#ifndef NINETY_AUDIT_INPUT_H
#define NINETY_AUDIT_INPUT_H

#include "audit/note.h"
#include "base/buf.h"

/* What the arguments name. These functions print their complaint to standard
 * error and return an exit status, 0 when all is well. */

/* Appends a file, "-" for standard input. 66, 65 when too long, 74. */
int input_file(const char *path, struct buf *out);

/* A verifier key, given itself or as the name of a file that holds it. */
int input_vkey(const char *key_or_file, struct note_verifier *out);

/* Takes the lock that a service holds on its store's directory, shared, so that
 * none starts meanwhile; a directory that is not there is fine. 69 when a
 * service holds it. *out_fd may be -1. */
int input_lock(const char *store, int *out_fd);

/* The configuration of the instance in DIR: DIR/ninety.yaml, or the defaults
 * where there is none. 66 without DIR, 65. The caller frees it. */
struct config;
int input_config(const char *dir, struct config **out);

/* What `ninety-audit log DIR` is about: the log of an instance, or DIR itself
 * when it is the folder of a log. */
#define INPUT_PATH_BYTES 4096
struct input_log {
	char folder[INPUT_PATH_BYTES];
	char store[INPUT_PATH_BYTES]; /* the instance's; "": there is none */
	int store_lock; /* as input_lock */
};

/* 66 when there is no log, 69 when a service has it open. Ended by
 * input_log_close, after a failure too. */
int input_log_open(const char *dir, struct input_log *out);
void input_log_close(struct input_log *in);

#endif

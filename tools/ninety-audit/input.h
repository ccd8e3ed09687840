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

/* Takes DIR/lock shared, so that no daemon starts meanwhile; a file that is
 * not there is fine. 69 when a daemon holds it. *out_fd may be -1. */
int input_lock(const char *dir, int *out_fd);

/* The folder of a log: DIR/log, or DIR itself when it is one. Takes the lock
 * of the instance as input_lock does. 66 when there is no log. */
#define INPUT_PATH_BYTES 4096
int input_log_folder(const char *dir, char out[INPUT_PATH_BYTES],
		     int *out_lock_fd);

#endif

#ifndef NINETY_AUDIT_INSTANCE_H
#define NINETY_AUDIT_INSTANCE_H

#include "daemon/config.h"
#include "input.h"
#include "keyring/keyring.h"
#include "report.h"

/* An instance that nobody runs, and what is found out about it. */
struct instance {
	struct config *config;
	struct keyring *keyring; /* by instance_keys; NULL: not at hand */
	struct arena *arena;     /* of the row at hand */
	struct report report;
	int lock;
};

/* DIR/ninety.yaml, or the defaults without one, and the instance's lock.
 * Complains on standard error: 66, 65, 69. Ended by instance_close, after a
 * failure too. */
int instance_open(const char *dir, const char *command, struct instance *out);
void instance_close(struct instance *in);

/* Its keys, to read, unless keystore or passphrase are not at hand (a remark
 * says so) or do not fit the tree (a fault). */
void instance_keys(struct instance *in);

/* The file of the log's head: beside the first keystore. */
void instance_head(const struct config *c, char out[INPUT_PATH_BYTES]);

/* DIRECTORY/NAME; empty when that is too long. */
void path_join(char out[INPUT_PATH_BYTES], const char *directory,
	       const char *name);

#endif

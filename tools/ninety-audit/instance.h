#ifndef NINETY_AUDIT_INSTANCE_H
#define NINETY_AUDIT_INSTANCE_H

#include "daemon/config.h"
#include "input.h"
#include "keyring/keyring.h"
#include "report.h"

/* An instance that nobody runs, by its directory. */

/* DIR/ninety.yaml, or the defaults without one, and the instance's lock
 * (*out_lock may be -1). Complains on standard error: 66, 65, 69. */
int instance_config(const char *dir, struct config **out, int *out_lock);

/* Its keys, to read; NULL when the keystore or its passphrase is not at hand
 * (a remark says so) or does not fit the tree (a fault). */
struct keyring *instance_keyring(const struct config *c, struct report *r);

/* DIRECTORY/NAME; empty when that is too long. */
void path_join(char out[INPUT_PATH_BYTES], const char *directory,
	       const char *name);

#endif

#ifndef SERVICE_PASSPHRASE_H
#define SERVICE_PASSPHRASE_H

#include "service/core.h"

/*
 * Another passphrase for the keystore of a stopped instance: the leaf is
 * durable first, then keyring_change_passphrase. ERR_BUSY: the service is
 * running. ERR_CONFIG, ERR_OUTCOME as there; others as core_open.
 */
int passphrase_change(const struct core_config *config,
		      const char *from) MUST_CHECK;

#endif

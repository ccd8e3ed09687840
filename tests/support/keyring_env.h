#ifndef SUPPORT_KEYRING_ENV_H
#define SUPPORT_KEYRING_ENV_H

#include "keyring/keyring.h"

/*
 * A throw-away keyring in a temporary directory: the real tree, with a
 * passphrase hash that costs nothing. Everything goes with keyring_env_close.
 * Failures end the test.
 */
struct keyring_env {
	char directory[64];
	char keys[96];
	char mirror[96];
	char keystore[96];
	char second[96];
	char passphrase[96];
	struct entropy_seeded entropy;
	struct keyring_config config;
	struct id store_id;
	struct keyring *keyring;
};

/* Makes and opens it, with room for `slots` beyond the days. */
void keyring_env_open(struct keyring_env *e, uint64_t slots);

/* The same with a mirror and a second keystore. */
void keyring_env_open_mirrored(struct keyring_env *e, uint64_t slots);

/* Only the directory, the passphrase and the configuration. */
void keyring_env_init(struct keyring_env *e);

/* Closes the keyring and opens it again, as a restart does. */
void keyring_env_reopen(struct keyring_env *e);

void keyring_env_close(struct keyring_env *e);

#endif

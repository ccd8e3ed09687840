/* Where an instance's files are, and its keys. */

#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "instance.h"

void
path_join(char out[INPUT_PATH_BYTES], const char *directory, const char *name)
{
	int n = snprintf(out, INPUT_PATH_BYTES, "%s/%s", directory, name);

	if (n < 0 || n >= INPUT_PATH_BYTES) {
		out[0] = '\0';
	}
}

int
instance_config(const char *dir, struct config **out, int *out_lock)
{
	struct config *config = NULL;
	int status = input_config(dir, &config);

	*out_lock = -1;
	if (status != EXIT_GOOD) {
		return status;
	}
	status = input_lock(config->store, out_lock);
	if (status != EXIT_GOOD) {
		config_free(config);
		return status;
	}
	*out = config;
	return EXIT_GOOD;
}

struct keyring *
instance_keyring(const struct config *c, struct report *r)
{
	const struct keyring_config config = {
		.directory = c->keys,
		.keystore = c->keystores[0],
		.keystore_second = c->n_keystores > 1 ? c->keystores[1] : NULL,
		.passphrase_file = c->passphrase_file,
		.accept_weak_keystore = true,
		.entropy = entropy_system(),
	};
	struct keyring *k = NULL;
	bool any = false;
	int rc;

	for (size_t i = 0; i < c->n_keystores; i++) {
		any = any || access(c->keystores[i], R_OK) == 0;
	}
	if (!any) {
		report_remark(r, "the keystore is not at hand: structure only, "
				 "no key was tried on anything");
		return NULL;
	}
	rc = keyring_open_readonly(&config, &k);
	if (rc == ERR_CONFIG) {
		report_remark(r,
			      "the keystore cannot be opened (%s): structure "
			      "only, no key was tried on anything",
			      err_last()->text);
	} else if (rc != 0) {
		report_fault(r, "%s", err_last()->text);
	}
	return k;
}

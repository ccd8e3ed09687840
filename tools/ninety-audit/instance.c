/* Where an instance's files are, and its keys. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "instance.h"

#define ROW_BYTES_MAX (1u << 20)

void
path_join(char out[INPUT_PATH_BYTES], const char *directory, const char *name)
{
	int n = snprintf(out, INPUT_PATH_BYTES, "%s/%s", directory, name);

	if (n < 0 || n >= INPUT_PATH_BYTES) {
		out[0] = '\0';
	}
}

int
instance_open(const char *dir, const char *command, struct instance *out)
{
	int status;

	*out = (struct instance){.lock = -1};
	status = input_config(dir, &out->config);
	if (status == EXIT_GOOD) {
		status = input_lock(out->config->store, &out->lock);
	}
	if (status == EXIT_GOOD) {
		out->arena = arena_new(ROW_BYTES_MAX);
		status = out->arena == NULL ? EXIT_BUG : EXIT_GOOD;
	}
	return status == EXIT_GOOD ? report_init(&out->report, command, dir)
				   : status;
}

void
instance_close(struct instance *in)
{
	keyring_close(in->keyring);
	report_clear(&in->report);
	arena_free(in->arena);
	if (in->lock >= 0) {
		(void)close(in->lock);
	}
	config_free(in->config);
}

void
instance_keys(struct instance *in)
{
	const struct config *c = in->config;
	const struct keyring_config config = {
		.directory = c->keys,
		.keystore = c->keystores[0],
		.keystore_second = c->n_keystores > 1 ? c->keystores[1] : NULL,
		.passphrase_file = c->passphrase_file,
		.accept_weak_keystore = true,
		.entropy = entropy_system(),
	};
	bool any = false;
	int rc;

	for (size_t i = 0; i < c->n_keystores; i++) {
		any = any || access(c->keystores[i], R_OK) == 0;
	}
	if (!any) {
		report_remark(&in->report,
			      "the keystore is not at hand: structure only, "
			      "no key was tried on anything");
		return;
	}
	rc = keyring_open_readonly(&config, &in->keyring);
	if (rc == ERR_CONFIG) {
		report_remark(&in->report,
			      "the keystore cannot be opened (%s): structure "
			      "only, no key was tried on anything",
			      err_last()->text);
	} else if (rc != 0) {
		report_fault(&in->report, "%s", err_last()->text);
	}
}

void
instance_head(const struct config *c, char out[INPUT_PATH_BYTES])
{
	const char *slash = strrchr(c->keystores[0], '/');
	char folder[INPUT_PATH_BYTES];
	size_t n = slash == NULL ? 0 : (size_t)(slash - c->keystores[0]);

	out[0] = '\0';
	if (slash != NULL && n < sizeof(folder)) {
		memcpy(folder, c->keystores[0], n);
		folder[n] = '\0';
		path_join(out, folder, "head");
	}
}

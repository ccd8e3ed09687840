/* The order of a change of passphrase: leaf, then keystore. */

#include <unistd.h>

#include "service/passphrase.h"
#include "service/rotation.h"
#include "service/settle.h"
#include "store/parts.h"

static int
change_leaf(struct call *c, void *arg)
{
	(void)arg;
	return rotation_leaf(c, ROTATE_PASSPHRASE, "begun");
}

static int
change_log(const struct core_config *config)
{
	struct core *core;
	int rc = core_open_offline(config, &core);

	if (rc != 0) {
		return rc;
	}
	rc = settle_call(core, change_leaf, NULL);
	if (rc == 0) {
		rc = store_sync(core->store);
	}
	core_close(core);
	return rc;
}

int
passphrase_change(const struct core_config *config, const char *from)
{
	int lock;
	int rc = change_log(config);

	if (rc == 0) {
		rc = parts_lock(config->store.directory, false, &lock);
	}
	if (rc != 0) {
		return rc == ERR_BUSY ? err_set(ERR_BUSY,
						"the service is running: stop "
						"it first")
				      : rc;
	}
	rc = keyring_change_passphrase(&config->keyring, from);
	(void)close(lock);
	return rc;
}

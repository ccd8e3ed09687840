#include <stdio.h>
#include <string.h>

#include "daemon/instance.h"

#define HEAD_BYTES 4096

void
instance_core_config(const struct config *c, char head[HEAD_BYTES],
		     struct core_config *out)
{
	const char *slash = strrchr(c->keystores[0], '/');

	(void)snprintf(head, HEAD_BYTES, "%.*s/head",
		       slash == NULL ? 1 : (int)(slash - c->keystores[0]),
		       slash == NULL ? "." : c->keystores[0]);
	*out = (struct core_config){
		.store = {.directory = c->store,
			  .archive = c->archive,
			  .overlay_bytes_max =
				  (size_t)c->limits.unapplied_bytes / 2,
			  .entropy = entropy_system()},
		.keyring = {.directory = c->keys,
			    .n_mirrors = c->n_key_mirrors,
			    .keystore = c->keystores[0],
			    .keystore_second = c->n_keystores > 1
						       ? c->keystores[1]
						       : NULL,
			    .passphrase_file = c->passphrase_file,
			    .entropy = entropy_system()},
		.policies = c->policies,
		.log = c->log,
		.head = head,
		.clock = clock_system(),
		.entropy = entropy_system(),
		.calls_per_key_max = (unsigned)c->limits.calls_per_key,
	};
	for (size_t i = 0; i < c->n_key_mirrors; i++) {
		out->keyring.mirrors[i] = c->key_mirrors[i];
	}
}

void
instance_warn(const struct config *c)
{
	if (c->n_key_mirrors == 0) {
		log_write(LOG_WARNING, "keys_have_one_copy",
			  LOG_TEXT("means", "losing their disk erases "
					    "everybody"),
			  LOG_TEXT("remedy", "key_mirrors on another disk"));
	}
	if (c->n_keystores < 2) {
		log_write(LOG_WARNING, "keystore_has_one_copy",
			  LOG_TEXT("means", "losing its disk erases "
					    "everybody"),
			  LOG_TEXT("remedy", "a second entry in keystores"));
	}
}

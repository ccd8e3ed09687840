/* make-instance DIR ENDPOINT: an instance for the system tests, with keys of
 * every role in DIR/clients and a passphrase hash that hinders nobody. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/secret.h"
#include "daemon/config.h"
#include "daemon/instance.h"
#include "ninety/client.h"
#include "policy/role.h"

static void
check(int rc, const char *what)
{
	if (rc != 0) {
		(void)fprintf(stderr, "make-instance: %s: %d %s\n", what, rc,
			      err_last()->text);
		exit(EX_SOFTWARE);
	}
}

static void
write_text(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 ||
	    chmod(path, mode) != 0) {
		check(-1, path);
	}
}

static void
make_keys(const char *dir, const char *endpoint,
	  struct core_principal principals[6])
{
	struct ninety_key server = {.name = "server"};
	char path[4096];

	check(ninety_key_generate(&server), "server key");
	(void)snprintf(path, sizeof(path), "%s/server.key", dir);
	check(ninety_key_write(path, &server), path);
	(void)snprintf(path, sizeof(path), "%s/server.pub", dir);
	write_text(path, server.public_key, 0644);
	(void)snprintf(path, sizeof(path), "%s/clients", dir);
	check(mkdir(path, 0700), path);
	for (unsigned i = 0; i < 6; i++) {
		struct ninety_key key = {.name = ""};
		unsigned char secret[NINETY_KEY_BYTES];

		check(ninety_key_generate(&key), "key");
		(void)snprintf(key.name, sizeof(key.name), "%s",
			       role_name(role_at(i)));
		(void)snprintf(key.role, sizeof(key.role), "%s",
			       role_name(role_at(i)));
		(void)snprintf(key.endpoint, sizeof(key.endpoint), "%s",
			       endpoint);
		memcpy(key.server_key, server.public_key,
		       sizeof(key.server_key));
		(void)snprintf(path, sizeof(path), "%s/clients/%s.key", dir,
			       key.name);
		check(ninety_key_write(path, &key), path);
		principals[i].name = role_name(role_at(i));
		principals[i].roles = role_at(i);
		check(ninety_key_raw(&key, secret, principals[i].key), "raw");
	}
}

static void
no_reply(void *ctx, struct origin to, const struct frames *reply)
{
	(void)ctx;
	(void)to;
	(void)reply;
}

static void
no_keys(void *ctx, const uint8_t *keys, size_t n)
{
	(void)ctx;
	(void)keys;
	(void)n;
}

int
main(int argc, char **argv)
{
	struct core_principal principals[6];
	struct core_creation creation = {.index_buckets = 65536,
					 .principals = principals,
					 .n = 6};
	struct core_config core_config;
	struct config *config;
	struct core *core;
	char path[4096];
	char head[4096];
	char text[8192];

	if (argc != 3 && argc != 4) {
		return EX_USAGE;
	}
	if (argc == 4) {
		creation.index_buckets = (uint32_t)atoi(argv[3]);
	}
	check(secret_init(), "sodium");
	secret_unlocked_ok(true);
	check(mkdir(argv[1], 0700), argv[1]);
	(void)snprintf(path, sizeof(path), "%s/passphrase", argv[1]);
	write_text(path, "correct horse battery staple\n", 0600);
	(void)snprintf(path, sizeof(path), "%s/ninety.yaml", argv[1]);
	(void)snprintf(text, sizeof(text),
		       "endpoint: %s\npolicies: %s\n"
		       "allow_unlocked_memory: yes\n",
		       argv[2], SOURCE_DIR "/policies");
	write_text(path, text, 0644);
	make_keys(argv[1], argv[2], principals);
	check(config_read(path, &config), path);
	instance_core_config(config, head, &core_config);
	core_config.creates = &creation;
	core_config.keyring.accept_weak_keystore = true;
	core_config.keyring.cheap_kdf_for_tests = true;
	core_config.host = (struct core_host){no_reply, no_keys, NULL};
	check(mkdir(config->store, 0700), config->store);
	(void)snprintf(path, sizeof(path), "%s/keystore", argv[1]);
	check(mkdir(path, 0700), path);
	check(core_open(&core_config, &core), "core");
	core_close(core);
	config_free(config);
	return EX_OK;
}

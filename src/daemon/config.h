#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/log.h"

/*
 * The instance's configuration: DIR/ninety.yaml, docs/configuration.md. What
 * the file leaves out has a default, so that one line `endpoint:` is a whole
 * configuration. Paths are absolute here; in the file they are relative to the
 * directory of the file.
 */

#define CONFIG_FILE_BYTES_MAX 65536
#define CONFIG_ENDPOINTS_MAX 16
#define CONFIG_ENDPOINT_BYTES_MAX 200
#define CONFIG_MIRRORS_MAX 4
#define CONFIG_KEYSTORES_MAX 2
#define CONFIG_BACKUPS_MAX 8

struct config_endpoint {
	char *address;  /* tcp://HOST:PORT or ipc:///PATH */
	unsigned roles; /* mask of enum ninety_role that may come in here */
};

struct config_limits {
	int64_t connections;         /* open at an endpoint */
	int64_t calls;               /* at work at an endpoint */
	int64_t calls_per_key;       /* at work for one caller */
	int64_t front_memory_bytes;  /* a front that grows past it is renewed */
	int64_t unapplied_bytes;     /* journaled, not yet in the store */
	int64_t stop_ms;             /* a stop waits so long for open calls */
};

struct config {
	char *file; /* where it was read from */
	char *dir;  /* of the instance: the file's */

	struct config_endpoint *endpoints;
	size_t n_endpoints;

	char *store;    /* data and journal; default DIR/store */
	char *keys;     /* tree of keys; default DIR/keys */
	char *log;      /* tiles and checkpoints of the log; default DIR/log */
	char *policies; /* default DIR/policies */
	char *archive;  /* journal segments are kept there; NULL: not kept */
	char *clients;  /* key files of clients; default DIR/clients */
	char *server_key; /* default DIR/server.key */

	char **key_mirrors; /* further copies of `keys` */
	size_t n_key_mirrors;
	char **keystores; /* at least one; default DIR/keystore/keystore,
			    in a folder of its own with the log's head */
	size_t n_keystores;

	/* Folders below which backup.create may write; none: anywhere, and
	 * then the core can make files wherever its user can. */
	char **backups;
	size_t n_backups;

	/* Where the passphrase of the keystore comes from: a file, default
	 * DIR/passphrase, or a systemd credential (then also a file's path). */
	char *passphrase_file;

	bool allow_unlocked_memory;
	bool is_sandboxed; /* default true; false is for debuggers */
	char *front; /* the program; NULL: beside ninetyd, else in libexec */
	enum log_level log_level;
	struct config_limits limits;
};

/* Reads and checks the file. On ERR_CONFIG the context's text is
 * "FILE:LINE:COLUMN: what is wrong; what would be right" ready to print;
 * ERR_IO when the file cannot be read. */
int config_read(const char *file, struct config **out) MUST_CHECK;

/* The defaults for an instance directory, as with an empty file. */
int config_default(const char *dir, struct config **out) MUST_CHECK;

void config_free(struct config *c);

/* Checks that the files which hold secrets are there and are readable by
 * their owner alone (0600, 0700 for directories): ERR_CONFIG with the chmod
 * that repairs it. Missing ones are not looked at. */
int config_check_secrets(const struct config *c) MUST_CHECK;

/* The effective configuration as YAML; no secret is in it. */
int config_print(const struct config *c, FILE *to) MUST_CHECK;

/* Is this an endpoint that can be served? ERR_CONFIG says why not. */
int config_check_endpoint(const char *address) MUST_CHECK;

#endif

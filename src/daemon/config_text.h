#ifndef DAEMON_CONFIG_TEXT_H
#define DAEMON_CONFIG_TEXT_H

#include "base/buf.h"
#include "base/err.h"

/*
 * The configuration as it is written: every scalar a text, because libcyaml
 * 1.3.1 reads "90x" as 90 and any word as true. NULL is absent.
 */
struct config_text_endpoint {
	char *address;
	char **roles;
	unsigned n_roles;
};

struct config_text_limits {
	char *connections;
	char *calls;
	char *calls_per_key;
	char *front_memory_mib;
	char *unapplied_mib;
	char *stop_seconds;
};

struct config_text {
	char *endpoint;
	struct config_text_endpoint *endpoints;
	unsigned n_endpoints;
	char *store;
	char *keys;
	char *log;
	char *policies;
	char *archive;
	char *clients;
	char *server_key;
	char **key_mirrors;
	unsigned n_key_mirrors;
	char **keystores;
	unsigned n_keystores;
	char **backups;
	unsigned n_backups;
	char *passphrase_file;
	char *credential;
	char *allow_unlocked_memory;
	char *sandbox;
	char *front;
	char *log_level;
	struct config_text_limits *limits;
};

/* Loads YAML; an empty text is an empty configuration. ERR_CONFIG with
 * "FILE:LINE:COLUMN: ..." in the context. */
int config_text_load(const char *file, struct bytes yaml,
		     struct config_text **out) MUST_CHECK;

/* Where a setting stands: line and column of its first value, or of the last
 * line that has its name; 1:1 when none does. For messages only. */
void config_text_place(struct bytes yaml, const char *setting, bool of_value,
		       int *out_line, int *out_column);

void config_text_free(struct config_text *t);

/* Writes it as YAML. */
int config_text_save(const struct config_text *t, struct buf *to) MUST_CHECK;

#endif

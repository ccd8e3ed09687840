/* What each setting means, its default and its bounds. The form of the file is
 * config_text.c's matter. */

#include <ctype.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/config_check.h"
#include "ninety/protocol.h"

#define MIB 1048576LL

struct source {
	const char *file;
	const char *dir;
	struct bytes yaml;
};

static int __attribute__((format(printf, 3, 4)))
refuse(const struct source *src, const char *setting, const char *format, ...)
{
	char why[160];
	va_list args;
	int line;
	int column;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	config_text_place(src->yaml, setting, true, &line, &column);
	return err_set(ERR_CONFIG, "%s:%d:%d: %s: %s", src->file, line, column,
		       setting, why);
}

static int
no_memory(void)
{
	return err_set(ERR_NOMEM, "no memory");
}

/* The path as it is, or below the instance's directory. */
static int
take_path(const struct source *src, const char *setting, const char *text,
	  const char *otherwise, char **out)
{
	const char *given = text == NULL ? otherwise : text;

	if (given == NULL) {
		return 0;
	}
	if (given[0] == '\0') {
		return refuse(src, setting,
			      "is empty; write a path, or leave it out");
	}
	if (given[0] == '/') {
		*out = strdup(given);
	} else if (asprintf(out, "%s/%s", src->dir, given) < 0) {
		*out = NULL;
	}
	return *out == NULL ? no_memory() : 0;
}

static int
take_paths(const struct source *src, const char *setting, char *const *texts,
	   size_t n, const char *otherwise, char ***out, size_t *out_n)
{
	size_t count = n == 0 && otherwise != NULL ? 1 : n;

	*out = calloc(count == 0 ? 1 : count, sizeof(**out));
	if (*out == NULL) {
		return no_memory();
	}
	for (size_t i = 0; i < count; i++) {
		int rc = take_path(src, setting, n == 0 ? NULL : texts[i],
				   otherwise, &(*out)[i]);

		if (rc != 0) {
			return rc;
		}
		*out_n = i + 1;
	}
	return 0;
}

static int
take_bool(const struct source *src, const char *setting, const char *text,
	  bool otherwise, bool *out)
{
	static const char *const words[] = {"no",    "yes", "false",
					    "true", "off", "on"};

	if (text == NULL) {
		*out = otherwise;
		return 0;
	}
	for (size_t i = 0; i < 6; i++) {
		if (strcmp(text, words[i]) == 0) {
			*out = i % 2 == 1;
			return 0;
		}
	}
	return refuse(src, setting, "is neither yes nor no");
}

static int
take_number(const struct source *src, const char *setting, const char *text,
	    int64_t otherwise, int64_t min, int64_t max, int64_t *out)
{
	int64_t n = 0;

	if (text == NULL) {
		*out = otherwise;
		return 0;
	}
	for (const char *p = text; *p != '\0' || p == text; p++) {
		if (!isdigit((unsigned char)*p) || p - text >= 12) {
			return refuse(src, setting,
				      "is not a number from %lld to %lld",
				      (long long)min, (long long)max);
		}
		n = n * 10 + (*p - '0');
	}
	if (n < min || n > max) {
		return refuse(src, setting, "is not from %lld to %lld",
			      (long long)min, (long long)max);
	}
	*out = n;
	return 0;
}

static bool
port_is_good(const char *s)
{
	long port = 0;

	for (const char *p = s; *p != '\0'; p++) {
		if (!isdigit((unsigned char)*p) || p - s >= 5) {
			return false;
		}
		port = port * 10 + (*p - '0');
	}
	return port >= 1 && port <= 65535;
}

int
config_check_endpoint(const char *address)
{
	/* sun_path holds 108 bytes with its end. */
	if (strncmp(address, "ipc://", 6) == 0) {
		return (address[6] == '/' || address[6] == '@') &&
				       address[7] != '\0' &&
				       strlen(address + 6) < 108
			       ? 0
			       : err_set(ERR_CONFIG,
					 "the path of an ipc endpoint is "
					 "absolute and shorter than 108 bytes");
	}
	if (strncmp(address, "tcp://", 6) == 0) {
		const char *colon = strrchr(address + 6, ':');

		if (colon != NULL && colon > address + 6 &&
		    port_is_good(colon + 1) && strchr(address, ' ') == NULL) {
			return 0;
		}
		return err_set(ERR_CONFIG, "write tcp://ADDRESS:PORT, as "
					   "tcp://127.0.0.1:5390");
	}
	return err_set(ERR_CONFIG, "write tcp://ADDRESS:PORT or ipc:///PATH");
}

static int
take_role(const struct source *src, const char *word, unsigned *roles)
{
	static const struct {
		const char *word;
		unsigned bit;
	} rows[] = {
#define X(name, w) {w, NINETY_ROLE_##name},
		NINETY_ROLES(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(word, rows[i].word) == 0) {
			*roles |= rows[i].bit;
			return 0;
		}
	}
	return refuse(src, "roles",
		      "there is no such role; the roles are portal, support, "
		      "billing, compliance, auditor, admin");
}

static int
take_address(const struct source *src, const char *setting, const char *text,
	     struct config_endpoint *e)
{
	char why[ERR_TEXT_BYTES];

	if (strncmp(text, "ipc://", 6) == 0 && text[6] != '/' &&
	    text[6] != '@' && text[6] != '\0') {
		if (asprintf(&e->address, "ipc://%s/%s", src->dir, text + 6) <
		    0) {
			e->address = NULL;
		}
	} else {
		e->address = strdup(text);
	}
	if (e->address == NULL) {
		return no_memory();
	}
	if (config_check_endpoint(e->address) != 0) {
		(void)snprintf(why, sizeof(why), "%s", err_last()->text);
		return refuse(src, setting, "%s", why);
	}
	return 0;
}

static int
take_endpoint_item(const struct source *src,
		   const struct config_text_endpoint *t,
		   struct config_endpoint *e)
{
	int rc = take_address(src, "address", t->address, e);

	e->roles = t->n_roles == 0 ? NINETY_ROLE_ALL : 0;
	for (size_t i = 0; rc == 0 && i < t->n_roles; i++) {
		rc = take_role(src, t->roles[i], &e->roles);
	}
	return rc;
}

static int
take_endpoints(const struct source *src, const struct config_text *t,
	       struct config *c)
{
	size_t n = t->endpoints == NULL ? 1 : t->n_endpoints;
	int rc = 0;

	if (t->endpoint != NULL && t->endpoints != NULL) {
		return refuse(src, "endpoints", "stands beside 'endpoint'; "
						"keep one of them");
	}
	c->endpoints = calloc(n, sizeof(*c->endpoints));
	if (c->endpoints == NULL) {
		return no_memory();
	}
	c->n_endpoints = n;
	if (t->endpoints == NULL) {
		c->endpoints[0].roles = NINETY_ROLE_ALL;
		return take_address(src, "endpoint",
				    t->endpoint == NULL
					    ? NINETY_ENDPOINT_DEFAULT
					    : t->endpoint,
				    &c->endpoints[0]);
	}
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = take_endpoint_item(src, &t->endpoints[i],
					&c->endpoints[i]);
		for (size_t j = 0; rc == 0 && j < i; j++) {
			if (strcmp(c->endpoints[i].address,
				   c->endpoints[j].address) == 0) {
				rc = refuse(src, "endpoints",
					    "an address stands there twice");
			}
		}
	}
	return rc;
}

static int
take_passphrase(const struct source *src, const struct config_text *t,
		struct config *c)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");

	if (t->credential == NULL) {
		return take_path(src, "passphrase_file", t->passphrase_file,
				 "passphrase", &c->passphrase_file);
	}
	if (t->passphrase_file != NULL) {
		return refuse(src, "credential",
			      "stands beside 'passphrase_file'; keep one");
	}
	if (t->credential[0] == '\0' || strchr(t->credential, '/') != NULL) {
		return refuse(src, "credential",
			      "is the name of a systemd credential, no path");
	}
	if (credentials == NULL || credentials[0] != '/') {
		return refuse(src, "credential",
			      "systemd passed no credentials; add "
			      "LoadCredentialEncrypted= to the unit");
	}
	if (asprintf(&c->passphrase_file, "%s/%s", credentials,
		     t->credential) < 0) {
		c->passphrase_file = NULL;
		return no_memory();
	}
	return 0;
}

static int
take_log_level(const struct source *src, const char *text,
	       enum log_level *out)
{
	static const char *const words[] = {"error", "warning", "notice",
					    "debug"};

	*out = LOG_NOTICE;
	for (int i = 0; text != NULL; i++) {
		if (i == 4) {
			return refuse(src, "log_level",
				      "is none of error, warning, notice, "
				      "debug");
		}
		if (strcmp(text, words[i]) == 0) {
			*out = (enum log_level)i;
			return 0;
		}
	}
	return 0;
}

static int
take_limits(const struct source *src, const struct config_text_limits *t,
	    struct config_limits *l)
{
	static const struct config_text_limits none;
	/* setting, default, least, most, unit */
#define LIMIT(m, to, d, lo, hi, unit)                                         \
	{#m, offsetof(struct config_text_limits, m),                          \
	 offsetof(struct config_limits, to), d, lo, hi, unit}
	static const struct {
		const char *setting;
		size_t from;
		size_t to;
		int64_t otherwise;
		int64_t min;
		int64_t max;
		int64_t unit;
	} rows[] = {
		LIMIT(connections, connections, 4096, 16, 60000, 1),
		LIMIT(calls, calls, 16384, 64, 1000000, 1),
		LIMIT(calls_per_key, calls_per_key, 4096, 16, 1000000, 1),
		LIMIT(front_memory_mib, front_memory_bytes, 512, 64, 65536,
		      MIB),
		LIMIT(unapplied_mib, unapplied_bytes, 64, 4, 4096, MIB),
		LIMIT(stop_seconds, stop_ms, 10, 1, 600, 1000),
	};

	if (t == NULL) {
		t = &none;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text;
		int64_t n = 0;
		int rc;

		memcpy(&text, (const char *)t + rows[i].from, sizeof(text));
		rc = take_number(src, rows[i].setting, text, rows[i].otherwise,
				 rows[i].min, rows[i].max, &n);
		if (rc != 0) {
			return rc;
		}
		n *= rows[i].unit;
		memcpy((char *)l + rows[i].to, &n, sizeof(n));
	}
	return 0;
}

/* By whatever names: links and `..` too, once both are there. */
static bool
is_same_place(const char *a, const char *b)
{
	struct stat one;
	struct stat two;

	return strcmp(a, b) == 0 ||
	       (stat(a, &one) == 0 && stat(b, &two) == 0 &&
		one.st_dev == two.st_dev && one.st_ino == two.st_ino);
}

/* A copy that is the original saves nobody, and two owners of one folder
 * wait for each other's locks. */
static int
check_apart(const struct source *src, const struct config *c)
{
	const char *const folders[] = {c->store, c->keys, c->log, c->archive};
	const char *const names[] = {"store", "keys", "log", "archive"};
	const size_t n = sizeof(folders) / sizeof(folders[0]);

	for (size_t i = 0; i < c->n_key_mirrors + n; i++) {
		const char *at = i < n ? folders[i] : c->key_mirrors[i - n];

		for (size_t j = 0; at != NULL && j < i; j++) {
			const char *other =
				j < n ? folders[j] : c->key_mirrors[j - n];

			if (other != NULL && is_same_place(at, other)) {
				return refuse(src,
					      i < n ? names[i] : "key_mirrors",
					      "is the same folder as '%s'; "
					      "give it one of its own",
					      j < n ? names[j] : "key_mirrors");
			}
		}
	}
	for (size_t i = 1; i < c->n_keystores; i++) {
		for (size_t j = 0; j < i; j++) {
			if (is_same_place(c->keystores[i], c->keystores[j])) {
				return refuse(src, "keystores",
					      "names one file twice; a second "
					      "copy goes on another disk");
			}
		}
	}
	return 0;
}

static int
take_places(const struct source *src, const struct config_text *t,
	    struct config *c)
{
	const struct {
		const char *setting;
		const char *text;
		const char *otherwise;
		char **out;
	} rows[] = {
		{"store", t->store, "store", &c->store},
		{"keys", t->keys, "keys", &c->keys},
		{"log", t->log, "log", &c->log},
		{"policies", t->policies, "policies", &c->policies},
		{"archive", t->archive, NULL, &c->archive},
		{"clients", t->clients, "clients", &c->clients},
		{"server_key", t->server_key, "server.key", &c->server_key},
		{"front", t->front, NULL, &c->front},
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(rows) / sizeof(rows[0]);
	     i++) {
		rc = take_path(src, rows[i].setting, rows[i].text,
			       rows[i].otherwise, rows[i].out);
	}
	if (rc == 0) {
		rc = take_paths(src, "key_mirrors", t->key_mirrors,
				t->n_key_mirrors, NULL, &c->key_mirrors,
				&c->n_key_mirrors);
	}
	if (rc == 0) {
		rc = take_paths(src, "backups", t->backups, t->n_backups, NULL,
				&c->backups, &c->n_backups);
	}
	if (rc == 0) {
		rc = take_paths(src, "keystores", t->keystores, t->n_keystores,
				"keystore/keystore", &c->keystores, &c->n_keystores);
	}
	if (rc == 0) {
		rc = check_apart(src, c);
	}
	return rc;
}

int
config_check(const struct config_text *t, struct bytes yaml, struct config *c)
{
	const struct source src = {c->file, c->dir, yaml};
	int rc = take_endpoints(&src, t, c);

	if (rc == 0) {
		rc = take_places(&src, t, c);
	}
	if (rc == 0) {
		rc = take_passphrase(&src, t, c);
	}
	if (rc == 0) {
		rc = take_bool(&src, "allow_unlocked_memory",
			       t->allow_unlocked_memory, false,
			       &c->allow_unlocked_memory);
	}
	if (rc == 0) {
		rc = take_bool(&src, "sandbox", t->sandbox, true,
			       &c->is_sandboxed);
	}
	if (rc == 0) {
		rc = take_log_level(&src, t->log_level, &c->log_level);
	}
	if (rc == 0) {
		rc = take_limits(&src, t->limits, &c->limits);
	}
	return rc;
}

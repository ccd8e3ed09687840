/* The configuration of an instance: read, checked, printed. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/config.h"
#include "daemon/config_check.h"
#include "daemon/config_text.h"
#include "ninety/protocol.h"

#define NUMBER_BYTES 24
#define PRINTED_BYTES_MAX (1u << 20)

static void
free_texts(char **texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(texts[i]);
	}
	free(texts);
}

void
config_free(struct config *c)
{
	if (c == NULL) {
		return;
	}
	for (size_t i = 0; i < c->n_endpoints; i++) {
		free(c->endpoints[i].address);
	}
	free(c->endpoints);
	free_texts(c->key_mirrors, c->n_key_mirrors);
	free_texts(c->keystores, c->n_keystores);
	free_texts(c->backups, c->n_backups);
	free(c->file);
	free(c->dir);
	free(c->store);
	free(c->keys);
	free(c->log);
	free(c->policies);
	free(c->archive);
	free(c->clients);
	free(c->server_key);
	free(c->passphrase_file);
	free(c->front);
	free(c);
}

static int
read_file(const char *file, struct buf *to)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	uint8_t *room;
	ssize_t n = 0;

	if (fd < 0) {
		return err_set(ERR_IO, "%s: %s", file, strerror(errno));
	}
	room = buf_room(to, CONFIG_FILE_BYTES_MAX);
	while (room != NULL && to->len < CONFIG_FILE_BYTES_MAX) {
		n = read(fd, to->data + to->len,
			 CONFIG_FILE_BYTES_MAX - to->len);
		if (n <= 0) {
			break;
		}
		buf_grown(to, (size_t)n);
	}
	if (n < 0) {
		int saved = errno;

		(void)close(fd);
		return err_set(ERR_IO, "%s: %s", file, strerror(saved));
	}
	(void)close(fd);
	if (room == NULL) {
		return err_set(ERR_NOMEM, "no memory");
	}
	return to->len == CONFIG_FILE_BYTES_MAX
		       ? err_set(ERR_CONFIG,
				 "%s:1:1: is longer than %d bytes; it is no "
				 "configuration",
				 file, CONFIG_FILE_BYTES_MAX - 1)
		       : 0;
}

/* A configuration that knows its place and nothing else. */
static struct config *
config_new(const char *file, const char *dir)
{
	struct config *c = calloc(1, sizeof(*c));

	if (c != NULL) {
		c->file = strdup(file);
		c->dir = realpath(dir, NULL);
		if (c->dir == NULL) {
			c->dir = strdup(dir);
		}
		if (c->file == NULL || c->dir == NULL) {
			config_free(c);
			c = NULL;
		}
	}
	if (c == NULL) {
		(void)err_set(ERR_NOMEM, "no memory");
	}
	return c;
}

static int
config_make(const char *file, const char *dir, struct bytes yaml,
	    struct config **out)
{
	struct config_text *text;
	struct config *c;
	int rc = config_text_load(file, yaml, &text);

	if (rc != 0) {
		return rc;
	}
	c = config_new(file, dir);
	rc = c == NULL ? ERR_NOMEM : config_check(text, yaml, c);
	config_text_free(text);
	if (rc != 0) {
		config_free(c);
		return rc;
	}
	*out = c;
	return 0;
}

int
config_read(const char *file, struct config **out)
{
	struct buf yaml;
	char *dir = strdup(file);
	char *slash;
	int rc;

	if (dir == NULL) {
		return err_set(ERR_NOMEM, "no memory");
	}
	slash = strrchr(dir, '/');
	if (slash == NULL) {
		memcpy(dir, ".", strlen(file) > 0 ? 2 : 1);
	} else {
		slash[slash == dir ? 1 : 0] = '\0';
	}
	buf_init(&yaml, CONFIG_FILE_BYTES_MAX);
	rc = read_file(file, &yaml);
	if (rc == 0) {
		rc = config_make(file, dir, buf_bytes(&yaml), out);
	}
	buf_clear(&yaml);
	free(dir);
	return rc;
}

int
config_default(const char *dir, struct config **out)
{
	char *file;
	int rc;

	if (asprintf(&file, "%s/ninety.yaml", dir) < 0) {
		return err_set(ERR_NOMEM, "no memory");
	}
	rc = config_make(file, dir, bytes_of("", 0), out);
	free(file);
	return rc;
}

static int
check_secret(const char *path)
{
	struct stat st;

	if (path == NULL || stat(path, &st) != 0) {
		return 0;
	}
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		return err_set(ERR_CONFIG,
			       "%s:1:1: others can reach it (mode %04o); "
			       "chmod %s it",
			       path, (unsigned)st.st_mode & 07777,
			       S_ISDIR(st.st_mode) ? "700" : "600");
	}
	if (st.st_uid != geteuid()) {
		return err_set(ERR_CONFIG,
			       "%s:1:1: belongs to another user; chown it to "
			       "the one that runs the service",
			       path);
	}
	return 0;
}

int
config_check_secrets(const struct config *c)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	int rc = check_secret(c->server_key);

	/* systemd guards its credentials in a way of its own. */
	if (rc == 0 && (credentials == NULL ||
			strncmp(c->passphrase_file, credentials,
				strlen(credentials)) != 0)) {
		rc = check_secret(c->passphrase_file);
	}
	if (rc == 0) {
		rc = check_secret(c->keys);
	}
	for (size_t i = 0; rc == 0 && i < c->n_keystores; i++) {
		rc = check_secret(c->keystores[i]);
	}
	for (size_t i = 0; rc == 0 && i < c->n_key_mirrors; i++) {
		rc = check_secret(c->key_mirrors[i]);
	}
	return rc;
}

/* All that a printed configuration borrows. */
struct printed {
	struct config_text text;
	struct config_text_limits limits;
	struct config_text_endpoint endpoints[CONFIG_ENDPOINTS_MAX];
	char *roles[CONFIG_ENDPOINTS_MAX][NINETY_ROLE_COUNT];
	char words[NINETY_ROLE_COUNT][16];
	char numbers[6][NUMBER_BYTES];
	char yes[4];
	char no[4];
	char level[8];
};

static char *
printed_number(char to[NUMBER_BYTES], int64_t n)
{
	(void)snprintf(to, NUMBER_BYTES, "%lld", (long long)n);
	return to;
}

static void
print_limits(struct printed *p, const struct config_limits *l)
{
	const int64_t mib = 1048576;

	p->limits = (struct config_text_limits){
		.connections = printed_number(p->numbers[0], l->connections),
		.calls = printed_number(p->numbers[1], l->calls),
		.calls_per_key = printed_number(p->numbers[2],
						l->calls_per_key),
		.front_memory_mib = printed_number(
			p->numbers[3], l->front_memory_bytes / mib),
		.unapplied_mib = printed_number(p->numbers[4],
						l->unapplied_bytes / mib),
		.stop_seconds = printed_number(p->numbers[5],
					       l->stop_ms / 1000),
	};
	p->text.limits = &p->limits;
}

static void
print_endpoints(struct printed *p, const struct config *c)
{
	static const char *const words[] = {
#define X(name, word) word,
		NINETY_ROLES(X)
#undef X
	};

	for (size_t r = 0; r < NINETY_ROLE_COUNT; r++) {
		(void)snprintf(p->words[r], sizeof(p->words[r]), "%s",
			       words[r]);
	}
	for (size_t i = 0; i < c->n_endpoints; i++) {
		struct config_text_endpoint *e = &p->endpoints[i];

		e->address = c->endpoints[i].address;
		e->roles = p->roles[i];
		for (size_t r = 0; r < NINETY_ROLE_COUNT; r++) {
			if ((c->endpoints[i].roles >> r & 1) != 0) {
				e->roles[e->n_roles++] = p->words[r];
			}
		}
	}
	p->text.endpoints = p->endpoints;
	p->text.n_endpoints = (unsigned)c->n_endpoints;
}

static void
print_settings(struct printed *p, const struct config *c)
{
	static const char *const levels[] = {"error", "warning", "notice",
					     "debug"};
	struct config_text *t = &p->text;

	(void)snprintf(p->yes, sizeof(p->yes), "yes");
	(void)snprintf(p->no, sizeof(p->no), "no");
	(void)snprintf(p->level, sizeof(p->level), "%s",
		       levels[c->log_level]);
	t->store = c->store;
	t->keys = c->keys;
	t->log = c->log;
	t->policies = c->policies;
	t->archive = c->archive;
	t->clients = c->clients;
	t->server_key = c->server_key;
	t->key_mirrors = c->key_mirrors;
	t->n_key_mirrors = (unsigned)c->n_key_mirrors;
	t->keystores = c->keystores;
	t->n_keystores = (unsigned)c->n_keystores;
	t->backups = c->backups;
	t->n_backups = (unsigned)c->n_backups;
	t->passphrase_file = c->passphrase_file;
	t->allow_unlocked_memory = c->allow_unlocked_memory ? p->yes : p->no;
	t->sandbox = c->is_sandboxed ? p->yes : p->no;
	t->front = c->front;
	t->log_level = p->level;
}

int
config_print(const struct config *c, FILE *to)
{
	struct printed *p = calloc(1, sizeof(*p));
	struct buf yaml;
	int rc;

	if (p == NULL) {
		return err_set(ERR_NOMEM, "no memory");
	}
	print_endpoints(p, c);
	print_settings(p, c);
	print_limits(p, &c->limits);
	buf_init(&yaml, PRINTED_BYTES_MAX);
	rc = config_text_save(&p->text, &yaml);
	if (rc == 0 && (fwrite(yaml.data, 1, yaml.len, to) != yaml.len ||
			fflush(to) != 0)) {
		rc = err_set(ERR_IO, "cannot write");
	}
	buf_clear(&yaml);
	free(p);
	return rc;
}

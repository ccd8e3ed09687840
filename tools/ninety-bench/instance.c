/* What suites ask of an instance besides load: answers, memory, rest. */

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "instance.h"
#include "wire/schema.h"

#define CALL_MS 60000
#define SETTLE_S 60
#define ARENA_BYTES_MAX (64u << 20)
#define NAME_BYTES_MAX 64

struct bench_options
instance_options(const char *directory, const char *endpoint)
{
	static char clients[PATH_MAX];

	(void)snprintf(clients, sizeof(clients), "%s/clients", directory);
	return (struct bench_options){.clients_dir = clients,
				      .endpoint = endpoint,
				      .clients = 4,
				      .window = 64,
				      .people = 100,
				      .events = 1,
				      .payload = 300,
				      .seed = 1,
				      .seconds = 1};
}

int
instance_client(const struct bench_options *o, const char *role,
		struct ninety_client **out)
{
	char path[PATH_MAX];
	struct ninety_key key;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/%s.key", o->clients_dir, role);
	rc = ninety_key_read(path, &key);
	if (rc == NINETY_DONE && o->endpoint != NULL) {
		(void)snprintf(key.endpoint, sizeof(key.endpoint), "%s",
			       o->endpoint);
	}
	if (rc == NINETY_DONE) {
		rc = ninety_client_open(&key, out);
	}
	ninety_key_wipe(&key);
	if (rc != NINETY_DONE) {
		(void)fprintf(stderr, "ninety-bench: %s: %s\n", path,
			      ninety_result_text(rc));
		return EX_NOINPUT;
	}
	return 0;
}

int
instance_ask(struct ninety_client *c, const char *operation, const char *body,
	     struct arena *a, struct value *out)
{
	struct ninety_reply r;
	int rc = ninety_call(c, operation, body, CALL_MS, &r);

	if (rc != NINETY_DONE || strcmp(r.status, "ok") != 0) {
		(void)fprintf(stderr, "ninety-bench: %s: %s\n", operation,
			      rc != NINETY_DONE ? ninety_result_text(rc)
						: r.body);
		return EX_UNAVAILABLE;
	}
	if (schema_value_decode(bytes_of(r.body, r.body_bytes), a, out) != 0) {
		(void)fprintf(stderr, "ninety-bench: %s: no JSON\n",
			      operation);
		return EX_PROTOCOL;
	}
	return 0;
}

int64_t
instance_number(const struct value *answer, const char *path)
{
	const struct value *v = answer;

	while (v != NULL && *path != '\0') {
		char name[NAME_BYTES_MAX];
		size_t n = strcspn(path, ".");

		(void)snprintf(name, sizeof(name), "%.*s", (int)n, path);
		v = value_get(v, name);
		path += path[n] == '.' ? n + 1 : n;
	}
	return v != NULL && v->kind == VALUE_INT ? v->number : -1;
}

int
instance_settle(const struct bench_options *o)
{
	struct ninety_client *c = NULL;
	struct arena *a = arena_new(ARENA_BYTES_MAX);
	struct value status;
	int64_t applies = -1;
	int rc = a == NULL ? EX_OSERR : instance_client(o, "admin", &c);

	/* Looking leaves nothing behind that would have to be applied. */
	for (int i = 0; i < SETTLE_S && rc == 0; i++) {
		int64_t before = applies;

		(void)sleep(1);
		arena_reset(a);
		rc = instance_ask(c, "service.status", "{}", a, &status);
		applies = rc == 0 ? instance_number(&status, "store.applies")
				  : -1;
		if (applies == before) {
			break;
		}
	}
	ninety_client_close(c);
	arena_free(a);
	return rc;
}

/* Whether a process is the core of the instance: it was started with
 * `--core N --config FILE`. */
static bool
is_core(const char *pid, const char *config)
{
	char path[PATH_MAX];
	char cwd[PATH_MAX];
	char line[PATH_MAX];
	const char *word = line;
	bool is_one = false;
	ssize_t n_cwd;
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/cmdline", pid);
	f = fopen(path, "re");
	if (f == NULL) {
		return false;
	}
	n = fread(line, 1, sizeof(line) - 1, f);
	line[n] = '\0';
	(void)fclose(f);
	(void)snprintf(path, sizeof(path), "/proc/%.20s/cwd", pid);
	n_cwd = readlink(path, cwd, sizeof(cwd) - 1);
	if (n_cwd < 0) {
		return false;
	}
	cwd[n_cwd] = '\0';
	for (; word < line + n; word += strlen(word) + 1) {
		char whole[2 * PATH_MAX];
		char real[PATH_MAX];

		is_one = is_one || strcmp(word, "--core") == 0;
		(void)snprintf(whole, sizeof(whole), "%s%s%s",
			       *word == '/' ? "" : cwd,
			       *word == '/' ? "" : "/", word);
		if (is_one && realpath(whole, real) != NULL &&
		    strcmp(real, config) == 0) {
			return true;
		}
	}
	return false;
}

static int64_t
anonymous_bytes(const char *pid)
{
	char path[64];
	char line[256];
	long long kb = -1;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/status", pid);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "RssAnon: %lld", &kb) == 1) {
			break;
		}
	}
	if (f != NULL) {
		(void)fclose(f);
	}
	return kb < 0 ? -1 : kb * 1024;
}

int64_t
instance_memory_bytes(const char *directory)
{
	static char pid[32];
	char path[PATH_MAX];
	char config[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	if (pid[0] != '\0') {
		return anonymous_bytes(pid);
	}
	(void)snprintf(path, sizeof(path), "%s/ninety.yaml", directory);
	dir = opendir("/proc");
	if (dir == NULL || realpath(path, config) == NULL) {
		config[0] = '\0';
	}
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    is_core(entry->d_name, config)) {
			(void)snprintf(pid, sizeof(pid), "%.20s",
				       entry->d_name);
			break;
		}
	}
	if (dir != NULL) {
		(void)closedir(dir);
	}
	return pid[0] == '\0' ? -1 : anonymous_bytes(pid);
}

/* An instance in this process: its files, its policies with a few lines
 * changed, calls into its core. */

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/secret.h"
#include "local.h"
#include "policy/role.h"
#include "vault/index.h"

#define LINE_BYTES 4096
#define FTW_FILES 16
#define SETTLE_TURNS_MAX 1000000
#define ROLES 6
#define REST_TURNS (LOCAL_REST_US / 1000)

int
local_failed(const char *what)
{
	(void)fprintf(stderr, "ninety-bench: %s: %s\n", what,
		      err_last()->text);
	return EX_SOFTWARE;
}

static int
cannot(const char *path)
{
	(void)fprintf(stderr, "ninety-bench: %s: %s\n", path, strerror(errno));
	return EX_CANTCREAT;
}

static void
join(char out[LOCAL_PATH_BYTES], const char *directory, const char *name)
{
	int n = snprintf(out, LOCAL_PATH_BYTES, "%s/%s", directory, name);

	/* local_folder leaves room for every name that is used. */
	if (n < 0 || n >= LOCAL_PATH_BYTES) {
		abort();
	}
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void
local_remove(const char *directory)
{
	(void)nftw(directory, remove_one, FTW_FILES, FTW_DEPTH | FTW_PHYS);
}

static double counted; /* nftw has no context */

static int
count_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)path;
	(void)ftw;
	counted += flag == FTW_F ? (double)st->st_size : 0;
	return 0;
}

double
tree_bytes(const char *directory)
{
	counted = 0;
	(void)nftw(directory, count_one, FTW_FILES, FTW_PHYS);
	return counted;
}

int
local_folder(const char *under, char out[LOCAL_PATH_BYTES])
{
	if (strlen(under) > LOCAL_PATH_BYTES / 2) {
		errno = ENAMETOOLONG;
		return cannot(under);
	}
	join(out, under, "ninety-bench-XXXXXX");
	return mkdtemp(out) == NULL ? cannot(out) : 0;
}

/* The line that stands in for this one, or the line itself. */
static const char *
line_of(const char *line, const char *const *changes)
{
	for (; changes != NULL && *changes != NULL; changes++) {
		size_t n = strcspn(*changes, ":") + 1;

		if (strncmp(line, *changes, n) == 0) {
			return *changes;
		}
	}
	return line;
}

static int
file_copy(const char *from, const char *to, const char *const *changes)
{
	char line[LINE_BYTES];
	FILE *in = fopen(from, "re");
	FILE *out = in == NULL ? NULL : fopen(to, "wxe");
	int rc = 0;

	if (out == NULL) {
		rc = cannot(in == NULL ? from : to);
	}
	while (rc == 0 && fgets(line, sizeof(line), in) != NULL) {
		const char *put = line_of(line, changes);

		if (fputs(put, out) < 0 ||
		    (put != line && fputc('\n', out) == EOF)) {
			rc = cannot(to);
		}
	}
	if (in != NULL) {
		(void)fclose(in);
	}
	if (out != NULL && fclose(out) != 0 && rc == 0) {
		rc = cannot(to);
	}
	return rc;
}

/* Files and one level of folders below: the shipped set. */
static int
policies_copy(const char *from, const char *to, const char *const *house)
{
	char source[LOCAL_PATH_BYTES];
	char target[LOCAL_PATH_BYTES];
	struct dirent *e;
	struct stat st;
	DIR *d = opendir(from);
	int rc = d == NULL || mkdir(to, 0700) != 0 ? cannot(from) : 0;

	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.') {
			continue;
		}
		join(source, from, e->d_name);
		join(target, to, e->d_name);
		if (stat(source, &st) != 0) {
			rc = cannot(source);
		} else if (S_ISDIR(st.st_mode)) {
			rc = policies_copy(source, target, NULL);
		} else {
			rc = file_copy(source, target,
				       strcmp(e->d_name, "house.yaml") == 0
					       ? house
					       : NULL);
		}
	}
	if (d != NULL) {
		(void)closedir(d);
	}
	return rc;
}

static const char *
policies_shipped(void)
{
	const char *env = getenv("NINETY_POLICIES");

	if (env != NULL) {
		return env;
	}
	return access(NINETY_POLICIES_INSTALLED "/house.yaml", R_OK) == 0
		       ? NINETY_POLICIES_INSTALLED
		       : NINETY_POLICIES_SOURCE;
}

static void
host_reply(void *ctx, struct origin to, const struct frames *frames)
{
	struct local *l = ctx;
	struct reply_frames reply;

	l->answered++;
	if (frames_parse_reply(frames, &reply) != 0) {
		l->refused++;
		return;
	}
	if (strcmp(reply.status, "ok") != 0 && l->refused++ == 0) {
		(void)snprintf(l->first_refusal, sizeof(l->first_refusal),
			       "%s %.*s", reply.status, (int)reply.body.n,
			       (const char *)reply.body.p);
	}
	if (to.token == l->awaited || l->heard != NULL) {
		free(l->body);
		l->body = strndup((const char *)reply.body.p, reply.body.n);
	}
	if (to.token == l->awaited) {
		l->awaited = 0;
	}
	if (l->heard != NULL) {
		l->heard(l->heard_ctx, to.token);
	}
}

static void
host_keys(void *ctx, const uint8_t *keys, size_t n)
{
	(void)ctx;
	(void)keys;
	(void)n;
}

/* One made-up key for each role: no front checks it here. */
static void
caller_key(unsigned role, uint8_t out[32])
{
	memset(out, (int)role, 32);
}

int
local_keyring(const char *directory, struct local *l,
	      struct keyring_config *out)
{
	FILE *f;

	join(l->keys, directory, "keys");
	join(l->keystore, directory, "keystore");
	join(l->passphrase, directory, "passphrase");
	f = fopen(l->passphrase, "wxe");
	if (f == NULL || fchmod(fileno(f), 0600) != 0 ||
	    fputs("a measurement, nobody's data\n", f) < 0 || fclose(f) != 0) {
		return cannot(l->passphrase);
	}
	*out = (struct keyring_config){
		.directory = l->keys,
		.keystore = l->keystore,
		.passphrase_file = l->passphrase,
		.accept_weak_keystore = true,
		.entropy = entropy_system(),
	};
	return 0;
}

static int
files_make(const struct local_options *o, struct local *l,
	   struct keyring_config *keyring)
{
	int rc = local_folder(o->under, l->directory);

	if (rc != 0) {
		return rc;
	}
	join(l->store, l->directory, "store");
	join(l->policies, l->directory, "policies");
	join(l->log, l->directory, "log");
	join(l->head, l->directory, "head");
	if (mkdir(l->store, 0700) != 0) {
		return cannot(l->store);
	}
	rc = local_keyring(l->directory, l, keyring);
	return rc != 0 ? rc
		       : policies_copy(policies_shipped(), l->policies,
				       o->house);
}

int
local_open(const struct local_options *o, struct local *l)
{
	struct core_principal principals[ROLES];
	struct core_creation creation = {
		.index_buckets =
			o->buckets == 0 ? INDEX_BUCKETS_DEFAULT : o->buckets,
		.principals = principals,
		.n = ROLES,
	};
	struct core_config *config = &l->config;
	int rc;

	*l = (struct local){.answered = 0};
	clock_fake_init(&l->stands, clock_wall_ms(clock_system()));
	for (unsigned i = 0; i < ROLES; i++) {
		principals[i] = (struct core_principal){
			.name = role_name(role_at(i)), .roles = role_at(i)};
		caller_key(role_at(i), principals[i].key);
	}
	rc = files_make(o, l, &config->keyring);
	if (rc != 0) {
		return rc;
	}
	config->store = (struct store_config){.directory = l->store,
					      .entropy = entropy_system()};
	config->policies = l->policies;
	config->log = l->log;
	config->head = l->head;
	config->clock = o->time_stands ? &l->stands.base : clock_system();
	config->entropy = entropy_system();
	config->host = (struct core_host){host_reply, host_keys, l};
	config->creates = &creation;
	rc = local_start(l);
	config->creates = NULL;
	return rc;
}

int
local_start(struct local *l)
{
	return core_open(&l->config, &l->core) == 0
		       ? local_settle(l)
		       : local_failed(l->directory);
}

void
local_stop(struct local *l)
{
	core_close(l->core);
	l->core = NULL;
}

void
local_close(struct local *l)
{
	local_stop(l);
	free(l->body);
	if (l->directory[0] != '\0') {
		local_remove(l->directory);
	}
	*l = (struct local){.answered = 0};
}

int
local_send(struct local *l, unsigned role, const char *operation,
	   const char *body)
{
	struct origin from = {.token = ++l->token, .roles = ROLE_ENROLLED};
	struct id id = id_new(clock_wall_ms(clock_system()), entropy_system());
	struct frames frames;
	uint8_t caller[32];

	caller_key(role, caller);
	frames_build_request(operation, &id, bytes_str(body), &frames);
	return core_call(l->core, from, caller, &frames) == 0
		       ? 0
		       : local_failed(operation);
}

int
local_turn(struct local *l)
{
	int64_t wait_ms;

	return core_turn(l->core, &wait_ms) == 0 ? 0 : local_failed("core");
}

int
local_settle(struct local *l)
{
	struct pollfd p = {core_fd(l->core), POLLIN, 0};
	int64_t wait_ms = 0;
	int quiet = 0;

	/* Work that one turn finishes may make the next one's. */
	for (int i = 0; i < SETTLE_TURNS_MAX && quiet < 3; i++) {
		if (core_turn(l->core, &wait_ms) != 0) {
			return local_failed("core");
		}
		if (!core_is_idle(l->core)) {
			(void)poll(&p, 1, 1);
		}
		quiet = wait_ms > 0 && core_is_idle(l->core) ? quiet + 1 : 0;
	}
	if (quiet == 3) {
		return 0;
	}
	(void)fputs("ninety-bench: the core does not come to rest\n", stderr);
	return EX_SOFTWARE;
}

int
local_call(struct local *l, unsigned role, const char *operation,
	   const char *body)
{
	uint64_t refused = l->refused;
	int rc = local_send(l, role, operation, body);

	l->awaited = l->token;
	while (rc == 0 && l->awaited != 0) {
		rc = local_turn(l);
	}
	if (rc == 0 && l->refused > refused) {
		(void)fprintf(stderr, "ninety-bench: %s: %s\n", operation,
			      l->first_refusal);
		rc = EX_SOFTWARE;
	}
	return rc;
}

int
local_rest(struct local *l)
{
	struct pollfd p = {core_fd(l->core), POLLIN, 0};
	int64_t wait_ms = 0;
	int quiet = 0;

	while (quiet < REST_TURNS) {
		if (core_turn(l->core, &wait_ms) != 0) {
			return local_failed("core");
		}
		quiet = wait_ms > 0 && poll(&p, 1, 1) == 0 ? quiet + 1 : 0;
	}
	return 0;
}

void
local_advance(struct local *l, int64_t ms)
{
	clock_fake_advance(&l->stands, ms);
}

static const char *
member_find(const struct local *l, const char *name)
{
	char pattern[64];
	const char *at;

	(void)snprintf(pattern, sizeof(pattern), "\"%s\":", name);
	at = l->body == NULL ? NULL : strstr(l->body, pattern);
	if (at == NULL) {
		return NULL;
	}
	at += strlen(pattern);
	return at + strspn(at, " ");
}

bool
local_text(const struct local *l, const char *name, char *out, size_t n)
{
	const char *at = member_find(l, name);

	if (at == NULL || *at != '"') {
		return false;
	}
	(void)snprintf(out, n, "%.*s", (int)strcspn(at + 1, "\""), at + 1);
	return true;
}

int64_t
local_number(const struct local *l, const char *name)
{
	const char *at = member_find(l, name);

	return at == NULL ? -1 : strtoll(at, NULL, 10);
}

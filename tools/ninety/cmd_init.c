/*
 * `ninety init`: a new instance in an empty directory: keys, store, server
 * key, policies, one client key for each role. Everything is made for the
 * owner alone; a step that fails says which, and leaves what it made to be
 * looked at, since there may be a key in it.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/entropy.h"
#include "base/secret.h"
#include "command.h"
#include "daemon/config.h"
#include "daemon/instance.h"
#include "keyring/filesystem.h"
#include "ninety/client.h"
#include "policy/policy.h"
#include "policy/role.h"
#include "service/core.h"
#include "verbs.h"

#define PASSPHRASE_BYTES 32
#define COPY_BYTES 65536
#define BUCKETS_DEFAULT (1u << 16)
#define BUCKETS_LARGE (1u << 20)
#define ROLES 6
#define PEOPLE_MAX 40000000u

struct init {
	const char *dir;
	const char *endpoint;
	bool accept_weak_keystore;
	uint32_t buckets;
	uint64_t people;
	struct ninety_key server;
	struct ninety_key clients[ROLES];
};

static int
join(char out[PATH_BYTES], const char *dir, const char *name)
{
	int n = snprintf(out, PATH_BYTES, "%s/%s", dir, name);

	return n < 0 || n >= PATH_BYTES
		       ? say(EX_USAGE, "%s: the path is too long", dir)
		       : 0;
}

static int
make_dir(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST
		       ? 0
		       : say(EX_CANTCREAT, "%s: %s", path, strerror(errno));
}

static int
write_file(const char *path, const void *p, size_t n, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	bool ok;

	if (fd < 0) {
		return say(EX_CANTCREAT, "%s: %s", path, strerror(errno));
	}
	ok = write(fd, p, n) == (ssize_t)n && fsync(fd) == 0;
	if (close(fd) != 0 || !ok) {
		return say(EX_IOERR, "%s: %s", path, strerror(errno));
	}
	return 0;
}

static bool
dir_is_free(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	bool is_free = true;

	if (d == NULL) {
		return errno == ENOENT;
	}
	while ((e = readdir(d)) != NULL) {
		is_free = is_free && (strcmp(e->d_name, ".") == 0 ||
				      strcmp(e->d_name, "..") == 0);
	}
	(void)closedir(d);
	return is_free;
}

static int
file_copy(const char *from, const char *to)
{
	static char block[COPY_BYTES * 4];
	FILE *f = fopen(from, "rbe");
	size_t n;

	if (f == NULL) {
		return say(EX_NOINPUT, "%s: %s", from, strerror(errno));
	}
	n = fread(block, 1, sizeof(block), f);
	(void)fclose(f);
	if (n == sizeof(block)) {
		return say(EX_DATAERR, "%s: too large for a policy", from);
	}
	return write_file(to, block, n, 0644);
}

/* Regular files and one level of folders: the shipped set. */
static int
tree_copy(const char *from, const char *to)
{
	char source[PATH_BYTES];
	char target[PATH_BYTES];
	struct dirent *e;
	struct stat st;
	DIR *d = opendir(from);
	int rc = make_dir(to);

	if (d == NULL) {
		return say(EX_NOINPUT, "%s: %s", from, strerror(errno));
	}
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.') {
			continue;
		}
		rc = join(source, from, e->d_name);
		if (rc == 0) {
			rc = join(target, to, e->d_name);
		}
		if (rc == 0 && stat(source, &st) != 0) {
			rc = say(EX_NOINPUT, "%s: %s", source, strerror(errno));
		}
		if (rc == 0) {
			rc = S_ISDIR(st.st_mode) ? tree_copy(source, target)
						 : file_copy(source, target);
		}
	}
	(void)closedir(d);
	return rc;
}

/* $NINETY_POLICIES, the installed ones, those of the source tree. */
static const char *
policies_dir(void)
{
	const char *env = getenv("NINETY_POLICIES");

	if (env != NULL) {
		return env;
	}
	return access(NINETY_POLICIES_INSTALLED "/house.yaml", R_OK) == 0
		       ? NINETY_POLICIES_INSTALLED
		       : NINETY_POLICIES_SOURCE;
}

static int
make_files(const struct init *in)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t secret[PASSPHRASE_BYTES];
	char text[2 * PASSPHRASE_BYTES + 1];
	char path[PATH_BYTES];
	char line[512];
	int n;
	int rc = join(path, in->dir, "passphrase");

	entropy_fill(entropy_system(), secret, sizeof(secret));
	for (size_t i = 0; i < sizeof(secret); i++) {
		text[2 * i] = hex[secret[i] >> 4];
		text[2 * i + 1] = hex[secret[i] & 15];
	}
	text[2 * PASSPHRASE_BYTES] = '\n';
	if (rc == 0) {
		rc = write_file(path, text, sizeof(text), 0600);
	}
	secret_wipe(secret, sizeof(secret));
	secret_wipe(text, sizeof(text));
	n = snprintf(line, sizeof(line), "endpoint: %s\n", in->endpoint);
	if (rc == 0) {
		rc = join(path, in->dir, "ninety.yaml");
	}
	if (rc == 0) {
		rc = write_file(path, line, (size_t)n, 0644);
	}
	if (rc == 0) {
		rc = join(path, in->dir, "policies");
	}
	return rc != 0 ? rc : tree_copy(policies_dir(), path);
}

static int
make_keys(struct init *in)
{
	char path[PATH_BYTES];
	char name[32];
	int rc = ninety_key_generate(&in->server);

	(void)snprintf(in->server.name, sizeof(in->server.name), "server");
	for (unsigned i = 0; i < ROLES && rc == 0; i++) {
		struct ninety_key *key = &in->clients[i];
		const char *role = role_name(role_at(i));

		rc = ninety_key_generate(key);
		(void)snprintf(key->name, sizeof(key->name), "%s", role);
		(void)snprintf(key->role, sizeof(key->role), "%s", role);
		(void)snprintf(key->server_key, sizeof(key->server_key), "%s",
			       in->server.public_key);
		(void)snprintf(key->endpoint, sizeof(key->endpoint), "%s",
			       in->endpoint);
		(void)snprintf(name, sizeof(name), "clients/%s.key", role);
		if (rc == NINETY_DONE && join(path, in->dir, name) == 0) {
			rc = ninety_key_write(path, key);
		}
	}
	if (rc == NINETY_DONE && join(path, in->dir, "server.key") == 0) {
		rc = ninety_key_write(path, &in->server);
	}
	if (rc != NINETY_DONE) {
		return say(EX_CANTCREAT, "keys: %s", ninety_result_text(rc));
	}
	rc = join(path, in->dir, "server.pub");
	return rc != 0 ? rc
		       : write_file(path, in->server.public_key,
				    strlen(in->server.public_key), 0644);
}

static void
host_reply(void *ctx, struct origin to, const struct frames *reply)
{
	(void)ctx;
	(void)to;
	(void)reply;
}

static void
host_keys(void *ctx, const uint8_t *keys, size_t n)
{
	(void)ctx;
	(void)keys;
	(void)n;
}

/* The instance itself: opened once with `creates`, closed in good order. */
static int
make_instance(struct init *in)
{
	struct core_principal principals[ROLES];
	struct core_creation creation = {in->buckets, in->people,
					 principals, ROLES};
	struct core_config core_config;
	struct config *config;
	struct core *core;
	char path[PATH_BYTES];
	char head[PATH_BYTES];
	uint8_t secret[NINETY_KEY_BYTES];
	int rc = join(path, in->dir, "ninety.yaml");

	for (unsigned i = 0; i < ROLES && rc == 0; i++) {
		principals[i].name = in->clients[i].name;
		principals[i].roles = role_at(i);
		rc = ninety_key_raw(&in->clients[i], secret, principals[i].key);
	}
	secret_wipe(secret, sizeof(secret));
	if (rc != 0) {
		return say(EX_SOFTWARE, "keys: %s", ninety_result_text(rc));
	}
	if (config_read(path, &config) != 0) {
		return say(EX_CONFIG, "%s", err_last()->text);
	}
	instance_core_config(config, head, &core_config);
	core_config.creates = &creation;
	core_config.keyring.accept_weak_keystore = in->accept_weak_keystore;
	core_config.host = (struct core_host){host_reply, host_keys, NULL};
	secret_unlocked_ok(true); /* nothing of anybody is in it yet */
	rc = core_open(&core_config, &core);
	if (rc == 0) {
		core_close(core);
	} else {
		rc = say(rc == ERR_CONFIG ? EX_CONFIG : EX_CANTCREAT, "%s: %s",
			 in->dir, err_last()->text);
	}
	config_free(config);
	return rc;
}

/* Before anything is made: the next try, with consent, finds the place as it
 * was. */
static int
check_place(const struct init *in)
{
	char path[PATH_BYTES];
	const char *name = NULL;
	char *slash;
	int rc = join(path, in->dir, "");

	if (rc != 0 || in->accept_weak_keystore) {
		return rc;
	}
	/* The nearest folder that is there. */
	while (access(path, F_OK) != 0 &&
	       (slash = strrchr(path, '/')) != NULL && slash != path) {
		*slash = '\0';
	}
	if (filesystem_forgets_not(access(path, F_OK) == 0 ? path : ".",
				   &name) == 0 &&
	    name != NULL) {
		return say(EX_CONFIG,
			   "%s: on %s overwriting a file destroys nothing: an "
			   "erased key may still lie there. Give another "
			   "place, or --accept-weak-keystore, and each "
			   "erasure's receipt says so",
			   in->dir, name);
	}
	return 0;
}

/* The tree, the store and the log make their own. */
static int
make_folders(const struct init *in)
{
	static const char *const names[] = {"clients", "keystore"};
	char path[PATH_BYTES];
	int rc = make_dir(in->dir);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && rc == 0;
	     i++) {
		rc = join(path, in->dir, names[i]);
		if (rc == 0) {
			rc = make_dir(path);
		}
	}
	return rc;
}

static void
say_next(const struct init *in)
{
	(void)printf("A new instance is in %s.\n\n"
		     "  start it     ninetyd --config %s/ninety.yaml\n"
		     "  try it       ninety --config %s/ninety.yaml call "
		     "service.ping\n"
		     "  change it    edit %s/policies, then send ninetyd a "
		     "SIGHUP\n\n"
		     "Keep the keystore and the passphrase out of every "
		     "backup of the data: whoever\nhas an old one together "
		     "with old data can undo an erasure. Losing the keystore\n"
		     "or the tree of keys erases everybody: put copies on "
		     "another disk (keystores and\nkey_mirrors in "
		     "ninety.yaml).\n",
		     in->dir, in->dir, in->dir, in->dir);
}

static const char usage[] =
	"usage: ninety init DIR [--endpoint E] [--millions] "
	"[--people N]\n\t[--accept-weak-keystore]\n\n"
	"A new instance in DIR, absent or empty: keys, store, server key, "
	"policies, and a\nclient key for each role in DIR/clients. "
	"--millions makes the look-up index large; --people makes\nthe keys "
	"of so many ahead (the tree grows by itself later);\n--accept-weak-keystore "
	"takes a file system on which an overwritten key may survive.";

static bool
people_read(const char *text, uint64_t *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	*out = n;
	return *text >= '0' && *text <= '9' && *end == '\0' &&
	       n <= PEOPLE_MAX;
}

static int
parse(struct init *in, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--accept-weak-keystore") == 0) {
			in->accept_weak_keystore = true;
		} else if (strcmp(argv[i], "--millions") == 0) {
			in->buckets = BUCKETS_LARGE;
		} else if (strcmp(argv[i], "--people") == 0 && i + 1 < argc) {
			if (!people_read(argv[++i], &in->people)) {
				return say(EX_USAGE, "--people: a number up to "
						     "%u", PEOPLE_MAX);
			}
		} else if (strcmp(argv[i], "--endpoint") == 0 && i + 1 < argc) {
			in->endpoint = argv[++i];
		} else if (argv[i][0] == '-' || in->dir != NULL) {
			return say(EX_USAGE, "%s", usage);
		} else {
			in->dir = argv[i];
		}
	}
	return in->dir == NULL ? say(EX_USAGE, "%s", usage) : 0;
}

int
cmd_init(const struct options *o, int argc, char **argv)
{
	static struct init in;
	int rc;

	if (words_ask_help(argc, argv)) {
		(void)puts(usage);
		return 0;
	}
	in = (struct init){.endpoint = o->endpoint != NULL
					       ? o->endpoint
					       : NINETY_ENDPOINT_DEFAULT,
			   .buckets = BUCKETS_DEFAULT};
	rc = parse(&in, argc, argv);
	if (rc == 0 && config_check_endpoint(in.endpoint) != 0) {
		rc = say(EX_USAGE, "%s: %s", in.endpoint, err_last()->text);
	}
	if (rc == 0 && !dir_is_free(in.dir)) {
		rc = say(EX_CANTCREAT, "%s: is not an empty folder", in.dir);
	}
	if (rc == 0) {
		rc = check_place(&in);
	}
	(void)umask(0077);
	if (rc == 0) {
		rc = make_folders(&in);
	}
	if (rc == 0) {
		rc = make_files(&in);
	}
	if (rc == 0) {
		rc = make_keys(&in);
	}
	if (rc == 0) {
		rc = make_instance(&in);
	}
	if (rc == 0) {
		say_next(&in);
	}
	secret_wipe(&in, sizeof(in));
	return rc;
}

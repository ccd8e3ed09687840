/* `ninety key new`: a key pair, enrolled by the admin, written as a key file.
 * The secret half never leaves this machine. `ninety key passphrase`: offline,
 * another passphrase for the keystore. The other verbs on keys are plain
 * operations. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "connect.h"
#include "offline.h"
#include "service/passphrase.h"
#include "verbs.h"

static const char usage[] =
	"usage: ninety key new NAME --role ROLE[,ROLE] [-o FILE]\n\n"
	"Makes a key pair, enrols it, and writes FILE (NAME.key in the "
	"instance's folder of\nclients by default), for its owner alone. The "
	"admin's key is needed.";

struct key_words {
	const char *name;
	const char *roles;
	const char *file;
};

static int
parse(int argc, char **argv, struct key_words *out)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--role") == 0 && i + 1 < argc) {
			out->roles = argv[++i];
		} else if (strncmp(argv[i], "--role=", 7) == 0) {
			out->roles = argv[i] + 7;
		} else if (strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
			out->file = argv[++i];
		} else if (argv[i][0] == '-' || out->name != NULL) {
			return say(EX_USAGE, "%s", usage);
		} else {
			out->name = argv[i];
		}
	}
	if (out->name == NULL || out->roles == NULL) {
		return say(EX_USAGE, "%s", usage);
	}
	if (strlen(out->name) >= NINETY_NAME_BYTES ||
	    strspn(out->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST"
			      "UVWXYZ0123456789._-") != strlen(out->name) ||
	    out->name[0] == '.') {
		return say(EX_USAGE, "a name has letters, digits, '.', '_' "
				     "and '-', 64 at most");
	}
	return 0;
}

static int
add_roles(const char *roles, struct arena *a, struct value *list)
{
	int rc = 0;

	while (rc == 0) {
		size_t n = strcspn(roles, ",");
		char *word = arena_text(a, roles, n);
		unsigned role;

		if (word == NULL || role_parse(word, &role) != 0 ||
		    (role & ROLE_ENROLLED) == 0) {
			return say(EX_USAGE, "--role takes portal, support, "
					     "billing, compliance, auditor, "
					     "admin");
		}
		rc = value_push(list, a, value_text(word));
		if (roles[n] == '\0') {
			break;
		}
		roles += n + 1;
	}
	return rc;
}

/* The file first: a key that is enrolled and lost helps nobody. */
static int
enrol(const struct options *o, const struct key_words *w, const char *path,
      struct arena *a)
{
	struct connection *c = NULL;
	struct ninety_key key = {0};
	struct value body = value_object();
	struct value roles = value_list();
	struct value answer;
	int rc = add_roles(w->roles, a, &roles);

	if (rc != 0) {
		return rc;
	}
	rc = connection_open(o, ROLE_ADMIN, 0, &c);
	if (rc != 0) {
		return rc;
	}
	(void)snprintf(key.name, sizeof(key.name), "%s", w->name);
	(void)snprintf(key.role, sizeof(key.role), "%.*s",
		       (int)strcspn(w->roles, ","), w->roles);
	(void)snprintf(key.server_key, sizeof(key.server_key), "%s",
		       connection_key(c)->server_key);
	(void)snprintf(key.endpoint, sizeof(key.endpoint), "%s",
		       connection_key(c)->endpoint);
	rc = ninety_key_generate(&key);
	if (rc == NINETY_DONE) {
		rc = ninety_key_write(path, &key);
	}
	if (rc != NINETY_DONE) {
		rc = say(EX_CANTCREAT, "%s: %s", path,
			 rc == NINETY_IO ? strerror(errno)
					 : ninety_result_text(rc));
	} else if (value_add(&body, a, "name", value_text(w->name)) != 0 ||
		   value_add(&body, a, "public_key",
			     value_text(key.public_key)) != 0 ||
		   value_add(&body, a, "roles", roles) != 0) {
		rc = EX_OSERR;
	} else {
		rc = connection_call_value(c, "principal.add", &body, a,
					   &answer);
		if (rc != 0 && connection_answered(c)) {
			(void)unlink(path);
		}
	}
	ninety_key_wipe(&key);
	connection_close(c);
	return rc;
}

static int
key_new(const struct options *o, int argc, char **argv)
{
	struct key_words w = {0};
	char folder[PATH_BYTES];
	char path[PATH_BYTES + NINETY_NAME_BYTES + 8];
	struct arena *a;
	int rc = 0;

	if (words_ask_help(argc, argv)) {
		(void)puts(usage);
		return 0;
	}
	rc = parse(argc, argv, &w);
	if (rc == 0 && w.file == NULL) {
		rc = connection_folder(o, folder);
		(void)snprintf(path, sizeof(path), "%s/%s.key",
			       rc == 0 ? folder : "", w.name);
	} else if (rc == 0) {
		(void)snprintf(path, sizeof(path), "%s", w.file);
	}
	if (rc != 0) {
		return rc;
	}
	a = arena_new(COMMAND_ARENA_BYTES_MAX);
	rc = a == NULL ? say(EX_OSERR, "no memory") : enrol(o, &w, path, a);
	arena_free(a);
	if (rc == 0) {
		(void)printf("%s\n", path);
	}
	return rc;
}

static const char passphrase_usage[] =
	"usage: ninety key passphrase FILE\n\n"
	"Seals the keystore, every copy of it, under the passphrase in FILE "
	"(mode 0600), and puts\nit in place of the present passphrase file. "
	"The service must be stopped. Stopped at any\nmoment itself, it leaves "
	"a keystore that opens; then call it again.";

static int
key_passphrase(const struct options *o, int argc, char **argv)
{
	struct offline instance;
	int rc;

	if (words_ask_help(argc, argv)) {
		(void)puts(passphrase_usage);
		return 0;
	}
	if (argc != 2 || argv[1][0] == '-') {
		return say(EX_USAGE, "%s", passphrase_usage);
	}
	rc = offline_open(o, &instance);
	if (rc != 0) {
		return rc;
	}
	rc = passphrase_change(&instance.core, argv[1]);
	offline_close(&instance);
	return rc == 0 ? say(0, "the keystore has its new passphrase; %s is "
				"not needed any more", argv[1])
		       : offline_refusal(rc);
}

int
cmd_key(const struct options *o, int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "new") == 0) {
		return key_new(o, argc - 1, argv + 1);
	}
	if (argc > 1 && strcmp(argv[1], "passphrase") == 0) {
		return key_passphrase(o, argc - 1, argv + 1);
	}
	if (words_ask_help(argc, argv) && argc == 2) {
		(void)printf("  key new NAME --role ROLE\n        a new key, "
			     "enrolled\n  key passphrase FILE\n        another "
			     "passphrase for the keystore, offline\n");
	}
	return cmd_verb(o, argc, argv);
}

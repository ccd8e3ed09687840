/* `ninety backup DIR`: a path as the shell means it is made absolute, since the
 * service has a working directory of its own. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "connect.h"
#include "table.h"
#include "verbs.h"

static const char usage[] =
	"usage: ninety backup DIR\n\n"
	"Copies store and log into DIR, which must not exist, while the "
	"service serves.\nNeither keystore nor passphrase are in it: without "
	"them nobody can read it.";

static int
backup(const struct options *o, const char *path)
{
	struct arena *a = arena_new(COMMAND_ARENA_BYTES_MAX);
	struct connection *c = NULL;
	struct value body = value_object();
	struct value answer;
	int rc = a == NULL ? say(EX_OSERR, "no memory")
			   : connection_open(o, ROLE_ADMIN, 0, &c);

	if (rc == 0 &&
	    value_add(&body, a, "directory", value_text(path)) != 0) {
		rc = EX_OSERR;
	}
	if (rc == 0) {
		rc = connection_call_value(c, "backup.create", &body, a,
					   &answer);
	}
	if (rc == 0) {
		rc = answer_print(o, &answer);
	}
	connection_close(c);
	arena_free(a);
	return rc;
}

int
cmd_backup(const struct options *o, int argc, char **argv)
{
	char here[PATH_BYTES];
	char path[2 * PATH_BYTES];

	if (words_ask_help(argc, argv)) {
		(void)puts(usage);
		return 0;
	}
	if (argc != 2 || argv[1][0] == '-') {
		return say(EX_USAGE, "%s", usage);
	}
	if (argv[1][0] == '/') {
		return backup(o, argv[1]);
	}
	if (getcwd(here, sizeof(here)) == NULL) {
		return say(EX_OSERR, "working directory: %s", strerror(errno));
	}
	(void)snprintf(path, sizeof(path), "%s/%s", here, argv[1]);
	return backup(o, path);
}

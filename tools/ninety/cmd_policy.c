/* `ninety policy check`: the files alone, no service needed. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connect.h"
#include "policy/policy.h"
#include "verbs.h"

static const char usage[] =
	"usage: ninety policy check [DIR]\n\n"
	"Reads the policies in DIR (by default those of the "
	"configuration, else\n./policies) and prints every fault as "
	"FILE:LINE:COLUMN: what is wrong.\nExits 78 when there is one.";

static int
default_dir(const struct options *o, char out[PATH_BYTES])
{
	struct config *config;
	int rc;

	if (o->config == NULL && getenv("NINETY_CONFIG") == NULL &&
	    access("ninety.yaml", F_OK) != 0) {
		(void)snprintf(out, PATH_BYTES, "policies");
		return 0;
	}
	rc = connection_config(o, &config);
	if (rc == 0) {
		(void)snprintf(out, PATH_BYTES, "%s", config->policies);
		config_free(config);
	}
	return rc;
}

static int
print_faults(const struct policy_faults *faults)
{
	char line[POLICY_FAULT_TEXT_BYTES + 256];

	for (size_t i = 0; i < faults->n; i++) {
		(void)fprintf(stderr, "%s\n",
			      policy_fault_print(&faults->items[i], line,
						 sizeof(line)));
	}
	return say(EX_CONFIG, "%zu fault%s", faults->n + faults->dropped,
		   faults->n + faults->dropped == 1 ? "" : "s");
}

static int
check(const char *dir)
{
	static struct policy_faults faults;
	const struct policy *p;
	int rc = policy_load(dir, &p, &faults);

	if (rc != 0 && faults.n > 0) {
		return print_faults(&faults);
	}
	if (rc != 0) {
		return say(rc == ERR_IO ? EX_NOINPUT : EX_CONFIG, "%s: %s", dir,
			   err_last()->text);
	}
	(void)printf("%zu files, %zu categories, %zu purposes, %zu recipients, "
		     "%zu regimes: no fault\n%s\n",
		     p->n_files, p->n_categories, p->n_purposes,
		     p->n_recipients, p->n_regimes, p->sha256);
	policy_free(p);
	return 0;
}

int
cmd_policy(const struct options *o, int argc, char **argv)
{
	char dir[PATH_BYTES];
	int rc;

	if (argc < 2 || strcmp(argv[1], "check") != 0) {
		if (argc == 2 && words_ask_help(argc, argv)) {
			(void)printf("  policy check [DIR]\n        every "
				     "fault of the policy files\n");
		}
		return cmd_verb(o, argc, argv);
	}
	if (words_ask_help(argc, argv)) {
		(void)puts(usage);
		return 0;
	}
	if (argc > 3 || (argc == 3 && argv[2][0] == '-')) {
		return say(EX_USAGE, "%s", usage);
	}
	if (argc == 3) {
		return check(argv[2]);
	}
	rc = default_dir(o, dir);
	return rc != 0 ? rc : check(dir);
}

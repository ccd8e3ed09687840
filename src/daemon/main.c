/* ninetyd: the keyless parent, or, executed anew by it, the core. */

#include <stdio.h>
#include <sysexits.h>

#include "base/secret.h"
#include "daemon/config.h"
#include "daemon/core_main.h"
#include "daemon/options.h"
#include "daemon/parent.h"
#include "policy/policy.h"
#include "sandbox/sandbox.h"

static int
complain(int rc)
{
	(void)fprintf(stderr, "ninetyd: %s\n", err_last()->text);
	return rc == ERR_CONFIG ? EX_CONFIG
	       : rc == ERR_IO	? EX_NOINPUT
				: EX_SOFTWARE;
}

/* Everything that can be wrong before a start: all faults of the policies, not
 * the first alone. */
static int
check(const struct config *c)
{
	struct policy_faults faults = {.n = 0};
	const struct policy *policy = NULL;
	char text[POLICY_FAULT_TEXT_BYTES + 256];
	int rc = config_check_secrets(c);

	if (rc != 0) {
		return complain(rc);
	}
	rc = policy_load(c->policies, &policy, &faults);
	policy_free(policy);
	for (size_t i = 0; i < faults.n; i++) {
		(void)fprintf(stderr, "ninetyd: %s\n",
			      policy_fault_print(&faults.items[i], text,
						 sizeof(text)));
	}
	if (rc != 0) {
		return faults.n > 0 ? EX_CONFIG : complain(rc);
	}
	(void)printf("%s and the policies in %s are good\n", c->file,
		     c->policies);
	return EX_OK;
}

static int
run(const struct options *o, const struct config *c)
{
	if (o->prints_config) {
		int rc = config_print(c, stdout);

		return rc == 0 ? EX_OK : complain(rc);
	}
	if (o->checks_config) {
		return check(c);
	}
	if (sandbox_begin() != 0) {
		return complain(ERR_INTERNAL);
	}
	if (o->is_core) {
		log_open("ninetyd-core", c->log_level);
		return core_main(c, o->control_fd);
	}
	log_open("ninetyd", c->log_level);
	return parent_run(c);
}

int
main(int argc, char **argv)
{
	struct options o;
	struct config *c;
	int status;
	int rc;

	options_parse(argc, argv, &o);
	rc = config_read(o.config, &c);
	if (rc != 0) {
		return complain(rc);
	}
	status = run(&o, c);
	config_free(c);
	return status;
}

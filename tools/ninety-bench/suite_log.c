/* `ninety-bench log`: its options and the order of its parts. */

#include <argp.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/secret.h"
#include "log.h"
#include "suite.h"

#define ROUNDS_DEFAULT 9
#define ROUNDS_MAX 99
#define CALLS_DEFAULT 8192
#define PEOPLE_DEFAULT 2000
#define LEAVES_DEFAULT 1000000
#define SECONDS_DEFAULT 20

struct options {
	struct log_options log;
	bool json;
};

static const struct argp_option rows[] = {
	{"rounds", 'R', "N", 0, "with and without leaves, in turns (9)", 0},
	{"calls", 'c', "N", 0, "writes of a round (8192)", 0},
	{"people", 'p', "N", 0, "whom the writes are about (2000)", 0},
	{"seconds", 't', "S", 0, "at full load, a checkpoint a second (20)",
	 0},
	{"leaves", 'n', "N", 0, "of the log that is proved and audited "
				"(1000000)", 0},
	{"dir", 'd', "DIR", 0, "folders are made in it, and removed again "
			       "(/var/tmp)", 0},
	{"seed", 's', "N", 0, "of what is picked (1)", 0},
	{"json", 'j', NULL, 0, "one JSON object", 0},
	{NULL, 0, NULL, 0, NULL, 0},
};

static uint32_t
number(struct argp_state *state, const char *arg, uint32_t most)
{
	char *end;
	unsigned long v = strtoul(arg, &end, 10);

	if (*end != '\0' || *arg == '\0' || v < 1 || v > most) {
		argp_error(state, "%s: not a number from 1 to %u", arg, most);
	}
	return (uint32_t)v;
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'R':
		o->log.rounds = number(state, arg, ROUNDS_MAX);
		return 0;
	case 'c':
		o->log.calls = number(state, arg, 1000000);
		return 0;
	case 'p':
		o->log.people = number(state, arg, 20000);
		return 0;
	case 't':
		o->log.seconds = number(state, arg, 600);
		return 0;
	case 'n':
		o->log.leaves = number(state, arg, 100000000);
		return 0;
	case 'd':
		o->log.under = arg;
		return 0;
	case 's':
		o->log.seed = number(state, arg, UINT32_MAX);
		return 0;
	case 'j':
		o->json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "%s: no such word", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int
run(int argc, char **argv)
{
	static const struct argp argp = {
		rows, parse, NULL,
		"What the log costs: writes to a whole core with and without "
		"leaves, in turns; storage; checkpoints under load; proofs; "
		"ninety-audit.\v"
		"Everything is measured in this process, on the disk of DIR, "
		"but for ninety-audit, which must stand beside this program.",
		NULL, NULL, NULL};
	static struct figures f;
	struct options o = {.log = {.under = "/var/tmp",
				    .rounds = ROUNDS_DEFAULT,
				    .calls = CALLS_DEFAULT,
				    .people = PEOPLE_DEFAULT,
				    .seconds = SECONDS_DEFAULT,
				    .leaves = LEAVES_DEFAULT,
				    .seed = 1}};
	int rc;

	if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) {
		return EX_USAGE;
	}
	if (secret_init() != 0) {
		return EX_OSERR;
	}
	secret_unlocked_ok(true);
	f.suite = "log";
	rc = log_core(&o.log, &f);
	if (rc == 0) {
		rc = log_files(&o.log, &f);
	}
	return rc != 0 ? rc : figures_print(&f, o.json);
}

const struct suite suite_log = {
	"log", "what leaves cost; storage; checkpoints; proofs; audit", run};

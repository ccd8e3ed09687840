/* `ninety-bench erase`: its options and the order of its parts. */

#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/secret.h"
#include "erase.h"
#include "suite.h"

#define PEOPLE_DEFAULT 1000000u
#define PEOPLE_LEAST 1000u
#define PEOPLE_MAX 40000000u
#define BATCH_DEFAULT 1000u
#define BATCHES_DEFAULT 1000u
#define REGISTERED_DEFAULT 20000u
#define REGISTERED_LEAST 64u /* some are erased one by one */
#define LARGE 100000u        /* the largest batch, of populations above it */

struct options {
	struct erase_options erase;
	bool json;
};

static const struct argp_option rows[] = {
	{"people-slots", 'p', "N", 0, "whose keys the tree holds (1000000)", 0},
	{"batch", 'b', "N", 0, "people of a batch (1000)", 0},
	{"batches", 'B', "N", 0, "before the closure scan, at least (1000)",
	 0},
	{"registered", 'n', "N", 0, "people of the whole instance (20000)", 0},
	{"dir", 'd', "DIR", 0, "folders are made in it, and removed again "
			       "(/var/tmp)", 0},
	{"seed", 's', "N", 0, "of who is erased (1)", 0},
	{"json", 'j', NULL, 0, "one JSON object", 0},
	{NULL, 0, NULL, 0, NULL, 0},
};

static uint32_t
number(struct argp_state *state, const char *arg, uint32_t least,
       uint32_t most)
{
	char *end;
	unsigned long v = strtoul(arg, &end, 10);

	if (*end != '\0' || *arg == '\0' || v < least || v > most) {
		argp_error(state, "%s: not a number from %u to %u", arg, least,
			   most);
	}
	return (uint32_t)v;
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'p':
		o->erase.people = number(state, arg, PEOPLE_LEAST, PEOPLE_MAX);
		return 0;
	case 'b':
		o->erase.batch = number(state, arg, 1, LARGE);
		return 0;
	case 'B':
		o->erase.batches = number(state, arg, 1, 1000000);
		return 0;
	case 'n':
		o->erase.registered =
			number(state, arg, REGISTERED_LEAST, LARGE);
		return 0;
	case 'd':
		o->erase.under = arg;
		return 0;
	case 's':
		o->erase.seed = number(state, arg, 0, UINT32_MAX);
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
		"What erasing costs: the tree of keys of a large population, "
		"made for this, and a whole core beside it.\v"
		"Everything is measured in this process, on the disk of DIR. "
		"10 million people's slots take 1.4 GB there.",
		NULL, NULL, NULL};
	static struct figures f;
	struct options o = {.erase = {.under = "/var/tmp",
				      .people = PEOPLE_DEFAULT,
				      .batch = BATCH_DEFAULT,
				      .batches = BATCHES_DEFAULT,
				      .registered = REGISTERED_DEFAULT,
				      .seed = 1}};
	int rc;

	if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) {
		return EX_USAGE;
	}
	o.erase.large = o.erase.people > 2 * LARGE ? LARGE : 0;
	if (secret_init() != 0) {
		return EX_OSERR;
	}
	/* What could not be locked is a figure. */
	secret_unlocked_ok(true);
	f.suite = "erase";
	rc = erase_tree(&o.erase, &f);
	if (rc == 0) {
		rc = erase_control(&o.erase, &f);
	}
	if (rc == 0) {
		rc = erase_people(&o.erase, &f);
	}
	return rc != 0 ? rc : figures_print(&f, o.json);
}

const struct suite suite_erase = {
	"erase", "erasing one person, many, a day; the scan; memory", run};

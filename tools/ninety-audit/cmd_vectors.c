/* ninety-audit vectors: known answers, from the standards, from Wycheproof and
 * our own, through the functions that the service is built on. */

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "input.h"
#include "report.h"
#include "vectors.h"

#define OWN_DIRECTORY "tests/vectors"
#define WYCHEPROOF_DIRECTORY "../shared/vectors/wycheproof"

struct options {
	const char *directory;
	bool json;
};

static const struct argp_option option_list[] = {
	{"json", 'j', NULL, 0, "Print one JSON document", 0}, {0}};

static const char help[] =
	"Tries known answers on the cryptography that the service is built on: "
	"those of the standards, which are built in; the project's own, from "
	"DIR or tests/vectors; and Wycheproof's, from $NINETY_WYCHEPROOF, or "
	"from DIR when they lie there, or from " WYCHEPROOF_DIRECTORY "."
	"\v  ninety-audit vectors\n"
	"  NINETY_WYCHEPROOF=/srv/wycheproof/testvectors_v1 ninety-audit "
	"vectors\n\n"
	"Exit status: 0 every answer is right; 1 one is not; 64 usage; 66 DIR "
	"holds no vectors.";

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'j':
		o->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->directory != NULL) {
			argp_error(state, "one DIR only");
		}
		o->directory = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool
run_wycheproof(struct report *r, const char *directory)
{
	const char *named = getenv("NINETY_WYCHEPROOF");

	if (named != NULL && named[0] != '\0') {
		return vectors_wycheproof(r, named);
	}
	return (directory != NULL && vectors_wycheproof(r, directory)) ||
	       vectors_wycheproof(r, WYCHEPROOF_DIRECTORY);
}

int
cmd_vectors(int argc, char **argv)
{
	static const struct argp argp = {option_list, parse_option, "[DIR]",
					 help,	      NULL,	    NULL,
					 NULL};
	struct options o = {0};
	struct report r;
	bool own, wycheproof;
	int status;

	argp_err_exit_status = EXIT_USAGE;
	(void)argp_parse(&argp, argc, argv, 0, NULL, &o);
	status = report_init(&r, "vectors",
			     o.directory == NULL ? "" : o.directory);
	if (status != EXIT_GOOD) {
		return status;
	}
	vectors_rfc(&r);
	own = vectors_own(&r, o.directory == NULL ? OWN_DIRECTORY
						  : o.directory);
	own = vectors_log(&r, o.directory == NULL ? OWN_DIRECTORY
						  : o.directory) ||
	      own;
	wycheproof = run_wycheproof(&r, o.directory);
	if (o.directory != NULL && !own && !wycheproof) {
		(void)fprintf(stderr, "ninety-audit: %s: no vectors in it\n",
			      o.directory);
		report_clear(&r);
		return EXIT_NO_INPUT;
	}
	if (!own) {
		report_remark(&r, "our own vectors are not at hand: name the "
				  "directory (tests/vectors of the sources)");
	}
	if (!wycheproof) {
		report_remark(&r, "Wycheproof is not at hand: set "
				  "NINETY_WYCHEPROOF to its testvectors_v1");
	}
	status = report_print(&r, o.json);
	report_clear(&r);
	return status;
}

#include <argp.h>
#include <stdlib.h>
#include <sysexits.h>

#include "daemon/options.h"

const char *argp_program_version = "ninetyd " NINETY_VERSION;

enum { OPTION_CHECK = 1000, OPTION_PRINT, OPTION_CORE };

static const struct argp_option rows[] = {
	{"config", 'c', "FILE", 0, "the instance's ninety.yaml", 0},
	{"check-config", OPTION_CHECK, NULL, 0,
	 "check configuration, policies and file modes; start nothing", 0},
	{"print-config", OPTION_PRINT, NULL, 0,
	 "print the effective configuration; start nothing", 0},
	{"core", OPTION_CORE, "FD", OPTION_HIDDEN, NULL, 0},
	{0}};

static error_t
take(int key, char *text, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'c':
		o->config = text;
		return 0;
	case OPTION_CHECK:
		o->checks_config = true;
		return 0;
	case OPTION_PRINT:
		o->prints_config = true;
		return 0;
	case OPTION_CORE:
		o->is_core = true;
		o->control_fd = (int)strtol(text, NULL, 10);
		return 0;
	case ARGP_KEY_ARG:
		argp_usage(state);
		return 0;
	case ARGP_KEY_END:
		if (o->config == NULL) {
			argp_error(state, "--config FILE is needed; "
					  "'ninety init DIR' makes DIR/"
					  "ninety.yaml");
		}
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void
options_parse(int argc, char **argv, struct options *out)
{
	static const struct argp argp = {
		rows, take, NULL,
		"The privacy data-request and retention service."
		"\vSIGHUP reads configuration and policies anew, all or "
		"nothing. SIGTERM finishes what was accepted and exits 0. "
		"Exit status: 0 done, 64 usage, 65 bad data, 69 an endpoint "
		"is taken, 70 a bug, 74 I/O, 78 bad configuration.",
		NULL, NULL, NULL};

	*out = (struct options){.control_fd = -1};
	argp_err_exit_status = EX_USAGE;
	(void)argp_parse(&argp, argc, argv, 0, NULL, out);
}

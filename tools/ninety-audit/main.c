/* ninety-audit: checks offline what the service promises. Which checks there
 * are is the table below; each one has a file of its own. */

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "command.h"

static const struct command commands[] = {
	{"log", "replay the log: every leaf, tile, checkpoint and signature",
	 cmd_log},
	{"proof", "check a receipt or another proof file", cmd_proof},
	{"encryption", "every record is sealed, and nothing is in clear",
	 cmd_encryption},
	{"erasure", "show that destroyed keys are nowhere, free pages too",
	 cmd_erasure},
	{"vectors", "try known answers on the cryptography", cmd_vectors},
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_help(FILE *to)
{
	(void)fputs("Usage: ninety-audit COMMAND [OPTION...] ...\n"
		    "Checks offline, changing nothing, what the service says "
		    "of itself.\n\n",
		    to);
	for (size_t i = 0; i < N_COMMANDS; i++) {
		(void)fprintf(to, "  %-12s %s\n", commands[i].name,
			      commands[i].summary);
	}
	(void)fputs("\n"
		    "Each command has --help of its own, and --json for one "
		    "JSON document\non standard output.\n\n"
		    "Exit status: 0 all is well; 1 something is not; 64 "
		    "usage; 65 bad data;\n66 no input; 69 the instance is "
		    "running; 74 input/output.\n",
		    to);
}

int
main(int argc, char **argv)
{
	char name[64];

	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return EXIT_GOOD;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		(void)puts("ninety-audit " NINETY_VERSION);
		return EXIT_GOOD;
	}
	if (secret_init() != 0) {
		(void)fputs("ninety-audit: libsodium refuses\n", stderr);
		return EXIT_BUG;
	}
	secret_unlocked_ok(true);
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(argv[1], commands[i].name) == 0) {
			(void)snprintf(name, sizeof(name), "ninety-audit %s",
				       commands[i].name);
			argv[1] = name;
			return commands[i].run(argc - 1, argv + 1);
		}
	}
	(void)fputs("ninety-audit: no such command; see ninety-audit --help\n",
		    stderr);
	return EXIT_USAGE;
}

#ifndef NINETY_AUDIT_COMMAND_H
#define NINETY_AUDIT_COMMAND_H

/* The exit statuses that docs/cli.md promises, as sysexits.h has them. */
enum {
	EXIT_GOOD = 0,
	EXIT_BAD_NEWS = 1, /* a verification failed */
	EXIT_USAGE = 64,
	EXIT_BAD_DATA = 65,
	EXIT_NO_INPUT = 66,
	EXIT_LIVE = 69, /* the instance is running */
	EXIT_BUG = 70,
	EXIT_IO = 74
};

/* A subcommand: its own arguments from argv[1] on; returns the exit status. */
struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
};

int cmd_log(int argc, char **argv);
int cmd_proof(int argc, char **argv);
int cmd_encryption(int argc, char **argv);
int cmd_erasure(int argc, char **argv);
int cmd_vectors(int argc, char **argv);

#endif

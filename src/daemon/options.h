#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>

/* The command line of ninetyd. */
struct options {
	const char *config;
	bool checks_config;
	bool prints_config;
	bool is_core;   /* set by the parent when it executes itself anew */
	int control_fd; /* then: the socket to the parent */
};

/* Ends the process with EX_USAGE and a message when the line is wrong, with 0
 * after --help and --version. */
void options_parse(int argc, char **argv, struct options *out);

#endif

#ifndef NINETY_COMMAND_H
#define NINETY_COMMAND_H

#include <stdbool.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/value.h"

/*
 * What the verbs share. A verb is a row of the table in main.c with a function
 * that gets its own words (argv[0] is the verb) and returns the exit status:
 * 0 done, 1 bad news, else as in sysexits.h.
 */
struct options {
	const char *config;   /* FILE, or NULL */
	const char *endpoint; /* NULL: the key file's */
	const char *key;      /* NULL: by the role that the verb needs */
	bool json;
	int timeout_ms;
};

typedef int command_fn(const struct options *o, int argc, char **argv);

struct command {
	const char *name;
	const char *words;   /* its arguments, for --help */
	const char *summary;
	command_fn *run;
};

int cmd_init(const struct options *o, int argc, char **argv);
int cmd_call(const struct options *o, int argc, char **argv);

/* "ninety: ..." on stderr; returns status. */
int say(int status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The exit status that goes with an error word of the protocol. */
int status_exit(const char *status);

/*
 * A connection with the key of a role: --key, else ROLE.key in the clients
 * folder of the configuration (--config, $NINETY_CONFIG, ./ninety.yaml), else
 * an error that says what was looked for. One connection a process.
 */
struct connection;

int connection_open(const struct options *o, const char *role,
		    struct connection **out);
void connection_close(struct connection *c);

/* One call; *out is the decoded body in the arena. Returns 0, or the exit
 * status after having said what was refused. */
int connection_call(struct connection *c, const char *operation,
		    const char *body, struct arena *a, struct value *out);
/* The last body as it came. */
const char *connection_body(const struct connection *c);

/* The last body on stdout as one JSON document. */
int print_json(const struct value *v);

#endif

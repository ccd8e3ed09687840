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
	bool quiet; /* no progress, no remarks */
	int timeout_ms;
};

#define COMMAND_ARENA_BYTES_MAX ((size_t)256 << 20)
#define PATH_BYTES 4096

typedef int command_fn(const struct options *o, int argc, char **argv);

int cmd_init(const struct options *o, int argc, char **argv);
int cmd_call(const struct options *o, int argc, char **argv);
int cmd_key(const struct options *o, int argc, char **argv);
int cmd_policy(const struct options *o, int argc, char **argv);
int cmd_import(const struct options *o, int argc, char **argv);
int cmd_report(const struct options *o, int argc, char **argv);
int cmd_backup(const struct options *o, int argc, char **argv);
int cmd_restore(const struct options *o, int argc, char **argv);
int cmd_request(const struct options *o, int argc, char **argv);
/* Any verb that is one operation: verbs.h. */
int cmd_verb(const struct options *o, int argc, char **argv);

/* "ninety: ..." on stderr; returns status. */
int say(int status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#ifdef __clang_analyzer__
/* The analyzer does not see into say.c: see base/err.h. */
#define say(status, ...)                                                       \
	__extension__({                                                        \
		const int say_status_ = (status);                              \
		(void)(say)(say_status_, __VA_ARGS__);                         \
		say_status_;                                                   \
	})
#endif

/* The exit status that goes with an error word of the protocol. */
int status_exit(const char *status);

/* One JSON document on stdout. */
int print_json(const struct value *v);

#endif

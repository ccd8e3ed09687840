#ifndef NINETY_CONNECT_H
#define NINETY_CONNECT_H

#include "command.h"
#include "daemon/config.h"
#include "ninety/client.h"
#include "service/ops.h"

/*
 * A connection with the key of a role: --key, else ROLE.key in the clients
 * folder of the configuration (--config, $NINETY_CONFIG, ./ninety.yaml), else
 * an error that says what was looked for.
 */
struct connection;

/* `roles` may do it: the first of them that has a key file is taken, those in
 * `preferred` before the others. */
int connection_open(const struct options *o, unsigned roles, unsigned preferred,
		    struct connection **out);
void connection_close(struct connection *c);

/* --config, $NINETY_CONFIG, ./ninety.yaml, read; says why it is not. Free it
 * with config_free. */
int connection_config(const struct options *o, struct config **out);

/* The folder of client key files. */
int connection_folder(const struct options *o, char out[PATH_BYTES]);

/* One call; *out is the decoded body in the arena. Returns 0, or the exit
 * status after having said what was refused. `body` NULL means {}. */
int connection_call(struct connection *c, const char *operation,
		    const char *body, struct arena *a, struct value *out);
int connection_call_value(struct connection *c, const char *operation,
			  const struct value *body, struct arena *a,
			  struct value *out);

/* Whether the last connection_call got an answer, be it a refusal. */
bool connection_answered(const struct connection *c);

/* For calls in flight, pipeline.h. */
struct ninety_client *connection_client(struct connection *c);
int connection_timeout_ms(const struct connection *c);
const struct ninety_key *connection_key(const struct connection *c);

/* 32 bytes that only the holder of the key can make, for `context`: names that
 * are the same in every run and that nobody else can compute. */
void connection_secret(const struct connection *c, const char *context,
		       unsigned char out[32]);

/* The exit status of a NINETY_ result. */
int connection_exit(int result);

/* "OPERATION: status field: message" on stderr. */
void connection_say_refusal(const char *operation, const char *status,
			    const struct value *v);

#endif

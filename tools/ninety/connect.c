/* Which key, which endpoint, and one call after the other. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "daemon/config.h"
#include "ninety/client.h"
#include "wire/schema.h"

#define PATH_BYTES 4096

struct connection {
	struct ninety_client *client;
	int timeout_ms;
	struct ninety_reply reply;
};

/* --config, $NINETY_CONFIG, ./ninety.yaml. */
static const char *
config_file(const struct options *o)
{
	const char *env = getenv("NINETY_CONFIG");

	if (o->config != NULL) {
		return o->config;
	}
	return env != NULL ? env : "ninety.yaml";
}

static int
key_path(const struct options *o, const char *role, char out[PATH_BYTES])
{
	const char *file = config_file(o);
	struct config *config;

	if (o->key != NULL) {
		(void)snprintf(out, PATH_BYTES, "%s", o->key);
		return 0;
	}
	if (access(file, F_OK) != 0) {
		return say(EX_NOINPUT,
			   "%s: %s; say --config DIR/ninety.yaml or --key "
			   "FILE",
			   file, strerror(errno));
	}
	if (config_read(file, &config) != 0) {
		return say(EX_CONFIG, "%s", err_last()->text);
	}
	(void)snprintf(out, PATH_BYTES, "%s/%s.key", config->clients, role);
	config_free(config);
	return 0;
}

static int
result_exit(int result)
{
	switch (result) {
	case NINETY_REFUSED:
		return EX_NOPERM;
	case NINETY_BAD_KEY_FILE:
	case NINETY_KEY_FILE_MODE:
	case NINETY_BAD_ARGUMENT:
		return EX_CONFIG;
	case NINETY_IO:
		return EX_IOERR;
	case NINETY_BAD_REPLY:
	case NINETY_NO_MEMORY:
		return EX_SOFTWARE;
	default:
		return EX_UNAVAILABLE;
	}
}

int
connection_open(const struct options *o, const char *role,
		struct connection **out)
{
	struct connection *c;
	struct ninety_key key;
	char path[PATH_BYTES];
	int rc = key_path(o, role, path);

	if (rc != 0) {
		return rc;
	}
	rc = ninety_key_read(path, &key);
	if (rc == NINETY_IO) {
		return say(EX_NOINPUT, "%s: %s; a key for this: ninety key "
				       "new NAME --role %s",
			   path, strerror(errno), role);
	}
	if (rc != NINETY_DONE) {
		return say(result_exit(rc), "%s: %s", path,
			   ninety_result_text(rc));
	}
	if (o->endpoint != NULL) {
		(void)snprintf(key.endpoint, sizeof(key.endpoint), "%s",
			       o->endpoint);
	}
	c = calloc(1, sizeof(*c));
	if (c == NULL) {
		return say(EX_OSERR, "no memory");
	}
	c->timeout_ms = o->timeout_ms;
	rc = ninety_client_open(&key, &c->client);
	ninety_key_wipe(&key);
	if (rc != NINETY_DONE) {
		free(c);
		return say(result_exit(rc), "%s", ninety_result_text(rc));
	}
	*out = c;
	return 0;
}

void
connection_close(struct connection *c)
{
	if (c != NULL) {
		ninety_client_close(c->client);
		free(c);
	}
}

static void
say_refusal(const char *operation, const char *status, const struct value *v)
{
	const char *message = value_get_text(v, "message");
	const char *field = value_get_text(v, "field");
	const char *state = value_get_text(v, "state");

	(void)say(0, "%s: %s%s%s: %s%s%s", operation, status,
		  field != NULL ? " " : "", field != NULL ? field : "",
		  message != NULL ? message : "",
		  state != NULL ? "; it is " : "", state != NULL ? state : "");
}

int
connection_call(struct connection *c, const char *operation, const char *body,
		struct arena *a, struct value *out)
{
	int rc = ninety_call(c->client, operation, body, c->timeout_ms,
			     &c->reply);

	if (rc != NINETY_DONE) {
		return say(result_exit(rc), "%s", ninety_result_text(rc));
	}
	if (schema_value_decode(bytes_of(c->reply.body, c->reply.body_bytes),
				a, out) != 0) {
		return say(EX_SOFTWARE, "%s: the answer is no JSON",
			   operation);
	}
	if (strcmp(c->reply.status, "ok") != 0) {
		say_refusal(operation, c->reply.status, out);
		return status_exit(c->reply.status);
	}
	return 0;
}

const char *
connection_body(const struct connection *c)
{
	return c->reply.body;
}

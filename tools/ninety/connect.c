/* Which key, which endpoint, and one call after the other. */

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connect.h"
#include "daemon/config.h"
#include "wire/schema.h"

struct connection {
	struct ninety_client *client;
	int timeout_ms;
	bool answered;
	struct ninety_reply reply;
	struct ninety_key key; /* the secret half is gone */
	unsigned char secret[32];
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

int
connection_config(const struct options *o, struct config **out)
{
	const char *file = config_file(o);

	if (access(file, F_OK) != 0) {
		return say(EX_NOINPUT,
			   "%s: %s; say --config DIR/ninety.yaml or --key "
			   "FILE",
			   file, strerror(errno));
	}
	return config_read(file, out) == 0
		       ? 0
		       : say(EX_CONFIG, "%s", err_last()->text);
}

int
connection_folder(const struct options *o, char out[PATH_BYTES])
{
	struct config *config;
	int rc = connection_config(o, &config);

	if (rc == 0) {
		(void)snprintf(out, PATH_BYTES, "%s", config->clients);
		config_free(config);
	}
	return rc;
}

static bool
role_has_key(const char *folder, unsigned role, char out[PATH_BYTES])
{
	int n = snprintf(out, PATH_BYTES, "%s/%s.key", folder, role_name(role));

	return n > 0 && n < PATH_BYTES && access(out, F_OK) == 0;
}

/* Of the roles that may, the first with a key; else the first. */
static int
key_path(const struct options *o, unsigned roles, unsigned preferred,
	 char out[PATH_BYTES])
{
	unsigned order[2] = {roles & preferred, roles & ~preferred};
	char folder[PATH_BYTES];
	unsigned first = 0;
	int rc;

	if (o->key != NULL) {
		(void)snprintf(out, PATH_BYTES, "%s", o->key);
		return 0;
	}
	rc = connection_folder(o, folder);
	if (rc != 0) {
		return rc;
	}
	for (unsigned i = 0; i < 2 * ROLE_COUNT; i++) {
		unsigned role = order[i / ROLE_COUNT] & role_at(i % ROLE_COUNT);

		first = first == 0 ? role : first;
		if (role != 0 && role_has_key(folder, role, out)) {
			return 0;
		}
	}
	return say(EX_NOINPUT,
		   "no key in %s may do this; an admin can make one: ninety "
		   "key new %s --role %s",
		   folder, role_name(first), role_name(first));
}

int
connection_exit(int result)
{
	switch (result) {
	case NINETY_DONE:
		return 0;
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

/* A secret derived from the key, kept in its place. */
static int
keep_secret(struct connection *c)
{
	unsigned char secret[NINETY_KEY_BYTES];
	unsigned char public[NINETY_KEY_BYTES];
	int rc = ninety_key_raw(&c->key, secret, public);

	if (rc == NINETY_DONE) {
		(void)crypto_generichash(c->secret, sizeof(c->secret),
					 (const unsigned char *)"ninety cli 1",
					 12, secret, sizeof(secret));
	}
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(c->key.secret_key, sizeof(c->key.secret_key));
	return rc;
}

int
connection_open(const struct options *o, unsigned roles, unsigned preferred,
		struct connection **out)
{
	struct connection *c;
	char path[PATH_BYTES];
	int rc = key_path(o, roles, preferred, path);

	if (rc != 0) {
		return rc;
	}
	c = calloc(1, sizeof(*c));
	if (c == NULL) {
		return say(EX_OSERR, "no memory");
	}
	c->timeout_ms = o->timeout_ms;
	rc = ninety_key_read(path, &c->key);
	if (rc == NINETY_IO) {
		free(c);
		return say(EX_NOINPUT, "%s: %s", path, strerror(errno));
	}
	if (rc == NINETY_DONE && o->endpoint != NULL) {
		(void)snprintf(c->key.endpoint, sizeof(c->key.endpoint), "%s",
			       o->endpoint);
	}
	if (rc == NINETY_DONE) {
		rc = ninety_client_open(&c->key, &c->client);
		if (rc == NINETY_BAD_ARGUMENT) {
			connection_close(c);
			return say(EX_CONFIG,
				   "%s: no endpoint to connect to, as "
				   "tcp://127.0.0.1:5390, or no server key",
				   o->endpoint != NULL ? "--endpoint" : path);
		}
	}
	if (rc == NINETY_DONE) {
		rc = keep_secret(c);
	}
	if (rc != NINETY_DONE) {
		connection_close(c);
		return say(connection_exit(rc), "%s: %s", path,
			   ninety_result_text(rc));
	}
	*out = c;
	return 0;
}

void
connection_close(struct connection *c)
{
	if (c != NULL) {
		ninety_client_close(c->client);
		sodium_memzero(c, sizeof(*c));
		free(c);
	}
}

void
connection_say_refusal(const char *operation, const char *status,
		       const struct value *v)
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

	c->answered = false;
	if (rc != NINETY_DONE) {
		return say(connection_exit(rc), "%s: %s", operation,
			   ninety_result_text(rc));
	}
	if (schema_value_decode(bytes_of(c->reply.body, c->reply.body_bytes), a,
				out) != 0) {
		return say(EX_SOFTWARE, "%s: the answer is no JSON", operation);
	}
	c->answered = true;
	if (strcmp(c->reply.status, "ok") != 0) {
		connection_say_refusal(operation, c->reply.status, out);
		return status_exit(c->reply.status);
	}
	return 0;
}

int
connection_call_value(struct connection *c, const char *operation,
		      const struct value *body, struct arena *a,
		      struct value *out)
{
	struct buf text;
	int rc;

	buf_init(&text, NINETY_MESSAGE_BYTES_MAX);
	rc = schema_value_encode(body, 0, &text);
	if (rc == 0) {
		rc = buf_put(&text, "", 1);
	}
	if (rc != 0) {
		buf_clear(&text);
		return say(EX_DATAERR, "%s: %s", operation, err_last()->text);
	}
	rc = connection_call(c, operation, (const char *)text.data, a, out);
	buf_clear(&text);
	return rc;
}

bool
connection_answered(const struct connection *c)
{
	return c->answered;
}

struct ninety_client *
connection_client(struct connection *c)
{
	return c->client;
}

int
connection_timeout_ms(const struct connection *c)
{
	return c->timeout_ms;
}

const struct ninety_key *
connection_key(const struct connection *c)
{
	return &c->key;
}

void
connection_secret(const struct connection *c, const char *context,
		  unsigned char out[32])
{
	(void)crypto_generichash(out, 32, (const unsigned char *)context,
				 strlen(context), c->secret, sizeof(c->secret));
}

/* `ninety call`: any operation, as it is on the wire. */

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "base/secret.h"
#include "ninety/protocol.h"

#define ARENA_BYTES_MAX (256u << 20)

/* Standard input to its end, NUL-terminated. */
static char *
read_body(void)
{
	size_t cap = NINETY_MESSAGE_BYTES_MAX + 1;
	char *text = calloc(1, cap + 1);
	size_t n = text == NULL ? 0 : fread(text, 1, cap, stdin);

	if (text != NULL && (ferror(stdin) || n == cap)) {
		free(text);
		return NULL;
	}
	return text;
}

int
cmd_call(const struct options *o, int argc, char **argv)
{
	struct connection *c = NULL;
	struct arena *a = arena_new(ARENA_BYTES_MAX);
	struct value answer;
	char *own = NULL;
	const char *body = argc > 2 ? argv[2] : "{}";
	int rc;

	if (argc < 2 || argc > 3) {
		arena_free(a);
		return say(EX_USAGE, "usage: ninety call OPERATION [JSON|-]");
	}
	if (strcmp(body, "-") == 0) {
		own = read_body();
		body = own;
	}
	if (a == NULL || body == NULL) {
		arena_free(a);
		return say(EX_NOINPUT, "standard input: no body of at most "
				       "1 MiB");
	}
	rc = connection_open(o, "admin", &c);
	if (rc == 0) {
		rc = connection_call(c, argv[1], body, a, &answer);
		/* A refusal is an answer too: whoever pipes it wants it. */
		if (connection_body(c) != NULL && (rc == 0 || o->json)) {
			int printed = print_json(&answer);

			rc = rc != 0 ? rc : printed;
		}
	}
	connection_close(c);
	arena_free(a);
	free(own);
	return rc;
}

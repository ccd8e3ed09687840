/* `ninety call`: any operation, as it is on the wire. */

#include <stdlib.h>
#include <string.h>

#include "connect.h"
#include "ninety/protocol.h"
#include "verbs.h"

static const char usage[] =
	"usage: ninety call OPERATION [JSON|-]\n\n"
	"Sends one operation as it is on the wire and prints its answer. The "
	"key is that of\nthe first role that may call it, or --key. `-` reads "
	"the body from standard input.\n`ninety call service.describe` lists "
	"every operation with its members.";

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

/* An operation that this build does not know is the service's to refuse. */
static int
call(const struct options *o, const char *name, const char *body)
{
	const struct operation *op = operation_find(name);
	struct arena *a = arena_new(COMMAND_ARENA_BYTES_MAX);
	struct connection *c = NULL;
	struct value answer;
	int rc = a == NULL ? say(EX_OSERR, "no memory")
			   : connection_open(
				     o, op != NULL ? op->roles : ROLE_ENROLLED,
				     op != NULL ? 0 : ROLE_ADMIN, &c);

	if (rc == 0) {
		rc = connection_call(c, name, body, a, &answer);
		/* A refusal is an answer too: whoever pipes it wants it. */
		if (connection_answered(c) && (rc == 0 || o->json)) {
			int printed = print_json(&answer);

			rc = rc != 0 ? rc : printed;
		}
	}
	connection_close(c);
	arena_free(a);
	return rc;
}

int
cmd_call(const struct options *o, int argc, char **argv)
{
	const char *body = argc > 2 ? argv[2] : "{}";
	char *own = NULL;
	int rc;

	if (words_ask_help(argc, argv)) {
		(void)puts(usage);
		return 0;
	}
	if (argc < 2 || argc > 3) {
		return say(EX_USAGE, "%s", usage);
	}
	if (strcmp(body, "-") == 0) {
		own = read_body();
		body = own;
	}
	rc = body == NULL ? say(EX_NOINPUT, "standard input: no body of at "
					    "most 1 MiB")
			  : call(o, argv[1], body);
	free(own);
	return rc;
}

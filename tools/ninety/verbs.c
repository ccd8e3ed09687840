/* Verbs that are one operation each. Options, help and the role come from the
 * table of operations; a row here says only how people call it. */

#include <string.h>

#include "arguments.h"
#include "connect.h"
#include "service/ops.h"
#include "table.h"
#include "verbs.h"

#define C ROLE_COMPLIANCE
#define P ROLE_PORTAL

static const struct verb verbs[] = {
	{NULL, "register", "subject.register", P, {NULL}},
	{NULL, "status", "service.status", ROLE_ADMIN, {NULL}},
	{"subject", "find", "subject.find", P, {"email", NULL}},
	{"subject", "status", "subject.status", P, {"subject", NULL}},
	{"subject", "read", "subject.read", P, {"subject", "purpose", NULL}},
	{"subject",
	 "write",
	 "subject.write",
	 P,
	 {"subject", "category", "data", NULL}},
	{"subject", "block", "subject.block", P, {"subject", NULL}},
	{"subject", "close", "subject.close", P, {"subject", NULL}},
	{"subject", "reopen", "subject.reopen", P, {"subject", NULL}},
	{"consent", "set", "consent.set", P, {"subject", "purpose", NULL}},
	{"consent", "list", "consent.list", P, {"subject", NULL}},
	{"request", "submit", "request.submit", P, {"type", NULL}},
	{"request", "list", "request.list", C, {NULL}},
	{"request", "show", "request.get", C, {"request", NULL}},
	{"request", "challenge", "request.challenge", P, {"request", NULL}},
	{"request", "verify", "request.verify", P, {"request", "code", NULL}},
	{"request", "assign", "request.assign", C, {"request", "to", NULL}},
	{"request", "note", "request.note", C, {"request", "text", NULL}},
	{"request", "confirm", "request.confirm", C, {"request", NULL}},
	{"request",
	 "notified",
	 "request.notified",
	 C,
	 {"request", "kind", NULL}},
	{"request", "extend", "request.extend", C, {"request", "reason", NULL}},
	{"request", "pause", "request.pause", C, {"request", "reason", NULL}},
	{"request", "resume", "request.resume", C, {"request", "reason", NULL}},
	{"request", "correct", "request.correct", C, {"request", NULL}},
	{"request", "deny", "request.deny", C, {"request", "reason", NULL}},
	{"request", "revoke", "request.revoke", C, {"request", NULL}},
	{"request", "fulfil", "request.fulfil", C, {"request", NULL}},
	{"request", "receipt", "request.receipt", C, {"request", NULL}},
	{"notice", "list", "notice.list", C, {NULL}},
	{"notice", "acknowledge", "notice.acknowledge", C, {"notice", NULL}},
	{"hold", "place", "hold.place", C, {NULL}},
	{"hold", "release", "hold.release", C, {"hold", "reason", NULL}},
	{"hold", "list", "hold.list", C, {NULL}},
	{"retention", "plan", "retention.plan", C, {NULL}},
	{"retention", "run", "retention.run", C, {NULL}},
	{"share",
	 "record",
	 "share.record",
	 P,
	 {"subject", "recipient", "purpose", NULL}},
	{"share", "list", "share.list", C, {NULL}},
	{"key", "list", "principal.list", ROLE_ADMIN, {NULL}},
	{"key", "revoke", "principal.revoke", ROLE_ADMIN, {"name", NULL}},
	{"key", "status", "key.status", ROLE_ADMIN, {NULL}},
	{"key", "rotate", "key.rotate", ROLE_ADMIN, {NULL}},
	{"policy", "show", "policy.show", C, {NULL}},
	{"policy", "explain", "policy.explain", C, {"request", NULL}},
	{"log", "checkpoint", "audit.checkpoint", ROLE_AUDITOR, {NULL}},
	{"log", "entries", "audit.entries", ROLE_AUDITOR, {"from", "to", NULL}},
	{"log", "history", "audit.history", C, {"subject", NULL}},
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

const struct verb *
verb_find(const char *group, const char *name)
{
	for (size_t i = 0; i < N_VERBS; i++) {
		if (is_same(verbs[i].group, group) &&
		    is_same(verbs[i].name, name)) {
			return &verbs[i];
		}
	}
	return NULL;
}

static void
print_words(const struct verb *v, FILE *to)
{
	(void)fprintf(to, "%s%s%s", v->group == NULL ? "" : v->group,
		      v->group == NULL ? "" : " ", v->name);
	for (size_t i = 0; v->positions[i] != NULL; i++) {
		(void)fputc(' ', to);
		for (const char *c = v->positions[i]; *c != '\0'; c++) {
			(void)fputc(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A'
							   : *c,
				    to);
		}
	}
}

void
verb_list(const char *group, FILE *to)
{
	for (size_t i = 0; i < N_VERBS; i++) {
		const struct operation *op = operation_find(verbs[i].operation);

		if (op == NULL ||
		    (group != NULL && !is_same(group, verbs[i].group))) {
			continue;
		}
		(void)fputs("  ", to);
		print_words(&verbs[i], to);
		(void)fprintf(to, "\n        %s\n", op->help);
	}
}

bool
words_ask_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0) {
			return true;
		}
	}
	return false;
}

static int
verb_help(const struct verb *v, const struct operation *op)
{
	(void)printf("usage: ninety [OPTION...] ");
	print_words(v, stdout);
	(void)printf(" [--MEMBER VALUE...]\n\n%s (operation %s; roles",
		     op->help, op->name);
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		if ((op->roles & role_at(i)) != 0) {
			(void)printf(" %s", role_name(role_at(i)));
		}
	}
	(void)printf(").\n\n");
	arguments_help(op->in, v->positions, stdout);
	return 0;
}

int
verb_run(const struct options *o, const struct verb *v, int argc, char **argv)
{
	const struct operation *op = operation_find(v->operation);
	struct connection *c = NULL;
	struct value body;
	struct value answer;
	struct arena *a;
	int rc;

	if (op == NULL) {
		return say(EX_USAGE, "this build has no operation %s",
			   v->operation);
	}
	if (words_ask_help(argc, argv)) {
		return verb_help(v, op);
	}
	a = arena_new(COMMAND_ARENA_BYTES_MAX);
	rc = a == NULL ? say(EX_OSERR, "no memory")
		       : arguments_body(op->in, v->positions, argc, argv, a,
					&body);
	if (rc == 0) {
		rc = connection_open(o, op->roles, v->preferred, &c);
	}
	if (rc == 0) {
		rc = connection_call_value(c, op->name, &body, a, &answer);
		if (rc == 0) {
			rc = answer_print(o, &answer);
		} else if (o->json && connection_answered(c)) {
			(void)print_json(&answer);
		}
	}
	connection_close(c);
	arena_free(a);
	return rc;
}

int
cmd_verb(const struct options *o, int argc, char **argv)
{
	const struct verb *v = verb_find(NULL, argv[0]);

	if (v != NULL) {
		return verb_run(o, v, argc, argv);
	}
	if (argc > 1 && argv[1][0] != '-') {
		v = verb_find(argv[0], argv[1]);
		if (v != NULL) {
			return verb_run(o, v, argc - 1, argv + 1);
		}
		(void)say(0, "%s %s: no such verb", argv[0], argv[1]);
	}
	(void)fprintf(words_ask_help(argc, argv) ? stdout : stderr,
		      "usage: ninety %s VERB ...; --help behind a verb lists "
		      "its options\n",
		      argv[0]);
	verb_list(argv[0], words_ask_help(argc, argv) ? stdout : stderr);
	return words_ask_help(argc, argv) ? 0 : EX_USAGE;
}

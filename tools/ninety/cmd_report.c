/* `ninety report`: the reports for people. Bad news, a request that is overdue,
 * is exit status 1. */

#include <errno.h>
#include <locale.h>
#include <string.h>

#include "arguments.h"
#include "base/clock.h"
#include "base/timefmt.h"
#include "connect.h"
#include "report.h"
#include "verbs.h"

#define WORDS_MAX 64
#define PAGES_MAX 2000 /* of 1,000 requests each */

static const char usage[] =
	"usage: ninety report deadlines [--as-of T] [--within P14D]\n"
	"       ninety report requests|sharing|registrations|retention|"
	"navigation\n"
	"              [--from T --to T]  (default: the year to now, or "
	"--as-of T)\n"
	"       [--format table|json|csv|html|ics] [-o FILE] [--part NAME] "
	"[--quiet]\n\n"
	"Exits 1 when something is overdue.";

/* What is ours among the words; the rest is the operation's. */
struct words {
	char *argv[WORDS_MAX];
	int argc;
	enum report_format format;
	const char *file;
	const char *part;  /* one list of the report */
	const char *as_of; /* of a span */
	bool quiet;
	bool has_span;
};

static bool
option_value(int argc, char **argv, int *i, const char *name, const char **out)
{
	size_t n = strlen(name);

	if (strcmp(argv[*i], name) == 0 && *i + 1 < argc) {
		*out = argv[++*i];
		return true;
	}
	if (strncmp(name, "--", 2) == 0 && strncmp(argv[*i], name, n) == 0 &&
	    argv[*i][n] == '=') {
		*out = argv[*i] + n + 1;
		return true;
	}
	return false;
}

static int
words_take(const struct options *o, int argc, char **argv, bool is_span,
	   struct words *w)
{
	const char *format = NULL;
	int number;

	*w = (struct words){.format = o->json ? REPORT_JSON : REPORT_TABLE,
			    .quiet = o->quiet};
	if (argc >= WORDS_MAX) {
		return say(EX_USAGE, "too many words");
	}
	for (int i = 0; i < argc; i++) {
		if (option_value(argc, argv, &i, "--format", &format) ||
		    option_value(argc, argv, &i, "-o", &w->file) ||
		    option_value(argc, argv, &i, "--output", &w->file) ||
		    option_value(argc, argv, &i, "--part", &w->part) ||
		    (is_span &&
		     option_value(argc, argv, &i, "--as-of", &w->as_of))) {
			continue;
		}
		if (strcmp(argv[i], "--quiet") == 0 ||
		    strcmp(argv[i], "-q") == 0) {
			w->quiet = true;
			continue;
		}
		w->has_span = w->has_span || argv[i][0] == '{' ||
			      strncmp(argv[i], "--from", 6) == 0 ||
			      strncmp(argv[i], "--to", 4) == 0;
		w->argv[w->argc++] = argv[i];
	}
	number = format == NULL ? (int)w->format : report_format_of(format);
	if (number < 0) {
		return say(EX_USAGE, "no such format\n%s", usage);
	}
	w->format = (enum report_format)number;
	return 0;
}

/* A page of its own is only what is to be published. */
static int
part_check(const char *kind, const struct words *w)
{
	char names[256];

	if (w->part == NULL) {
		return 0;
	}
	if (report_part_of(kind, w->part) == NULL) {
		return say(EX_USAGE, "--part: one of %s",
			   report_parts(kind, names, sizeof(names)));
	}
	if (w->format == REPORT_HTML && strcmp(w->part, "years") != 0) {
		return say(EX_USAGE, "--part: as a page only `years`");
	}
	return 0;
}

/* The year up to a moment: whole months, the day of the moment included. */
static int
span_make(struct arena *a, const char *as_of, struct value *out)
{
	int64_t ms = clock_wall_ms(clock_system());
	char *from = arena_alloc(a, DATE_TEXT_BYTES);
	char *to = arena_alloc(a, DATE_TEXT_BYTES);
	struct ymd start;
	date_t day;

	if (as_of != NULL && date_parse(as_of, &day) != 0) {
		if (time_parse(as_of, &ms) != 0) {
			return say(EX_USAGE, "--as-of: no date and no time");
		}
		as_of = NULL;
	}
	if (as_of == NULL) {
		day = date_of_ms_utc(ms);
	}
	start = date_to_ymd(day);
	start.day = 1;
	start.year--;
	*out = value_object();
	if (from == NULL || to == NULL ||
	    value_add(out, a, "from",
		      value_text(date_print(date_from_ymd(start), from))) !=
		    0 ||
	    value_add(out, a, "to", value_text(date_print(day + 1, to))) != 0) {
		return say(EX_OSERR, "no memory");
	}
	return 0;
}

static bool
is_bad_news(const struct value *answer)
{
	const struct value *summary = value_get(answer, "summary");

	return summary != NULL && report_number(summary, "overdue") > 0;
}

static struct value *
member(struct value *object, const char *name)
{
	for (size_t i = 0; i < object->of.n; i++) {
		if (strcmp(object->of.items[i].name, name) == 0) {
			return &object->of.items[i].value;
		}
	}
	return NULL;
}

/* Pages after the first, into one list. The members of a list have no bound
 * of their own; the arena has. */
static int
pages_join(struct connection *c, const char *operation,
	   const struct value *body, struct arena *a, struct value *answer)
{
	struct value *items = member(answer, "items");
	struct value *next = member(answer, "next");
	struct member *all;
	size_t n = items == NULL ? 0 : items->of.n;
	size_t cap = n;

	for (unsigned page = 1;
	     items != NULL && next != NULL && page < PAGES_MAX; page++) {
		struct value question = value_object();
		struct value more;
		const struct value *list;
		const struct value *cursor;

		for (size_t i = 0; i < body->of.n; i++) {
			if (value_add(&question, a, body->of.items[i].name,
				      body->of.items[i].value) != 0) {
				return say(EX_OSERR, "no memory");
			}
		}
		if (value_get(body, "as_of") == NULL &&
		    value_add(&question, a, "as_of",
			      *value_get(answer, "as_of")) != 0) {
			return say(EX_OSERR, "no memory");
		}
		if (value_add(&question, a, "cursor", *next) != 0) {
			return say(EX_OSERR, "no memory");
		}
		int rc = connection_call_value(c, operation, &question, a,
					       &more);

		if (rc != 0) {
			return rc;
		}
		list = value_get(&more, "items");
		cursor = value_get(&more, "next");
		if (list != NULL && n + list->of.n > cap) {
			cap = 2 * (n + list->of.n);
			all = arena_array(a, cap, sizeof(*all));
			if (all == NULL) {
				return say(EX_OSERR, "no memory");
			}
			memcpy(all, items->of.items, n * sizeof(*all));
			items->of.items = all;
			items->of.cap = cap;
		}
		if (list != NULL) {
			memcpy(items->of.items + n, list->of.items,
			       list->of.n * sizeof(*all));
			n += list->of.n;
			items->of.n = n;
		}
		if (cursor == NULL) {
			*next = (struct value){.kind = VALUE_NULL};
			break;
		}
		*next = *cursor;
	}
	if (next != NULL && answer->of.n > 0 && next->kind == VALUE_NULL) {
		answer->of.n--; /* `next` is the last member */
	}
	return 0;
}

static int
output_open(const struct words *w, FILE **out)
{
	*out = w->file == NULL || strcmp(w->file, "-") == 0
		       ? stdout
		       : fopen(w->file, "we");
	return *out != NULL ? 0
			    : say(EX_CANTCREAT, "%s: %s", w->file,
				  strerror(errno));
}

static int
output_close(const struct words *w, FILE *to, int rc)
{
	if (fflush(to) != 0 || ferror(to)) {
		rc = rc != 0 ? rc : say(EX_IOERR, "the report: write fails");
	}
	if (to != stdout && fclose(to) != 0 && rc == 0) {
		rc = say(EX_IOERR, "%s: write fails", w->file);
	}
	return rc;
}

static int
report_write(const struct words *w, const struct report *r)
{
	FILE *to;
	int rc = output_open(w, &to);

	return rc != 0 ? rc
		       : output_close(w, to, report_render(r, w->format, to));
}

static int
lines_write(struct connection *c, const struct operation *op,
	    const struct value *body, const struct words *w)
{
	int64_t overdue = 0;
	FILE *to;
	int rc = output_open(w, &to);

	if (rc == 0) {
		rc = output_close(w, to, report_lines(c, op->name, body, to,
						      &overdue));
	}
	return rc == 0 && overdue > 0 ? 1 : rc;
}

/* All of them are asked for, and no page in particular. */
static bool
is_whole(const struct report *r, const struct value *body)
{
	return strcmp(r->kind, "deadlines") == 0 &&
	       value_get(body, "limit") == NULL &&
	       value_get(body, "cursor") == NULL;
}

/* Dates are read where the house is; where that zone is not known here, they
 * stay UTC's, which is said. */
static int
zone_fetch(struct connection *c, struct arena *a, const struct zone **out)
{
	struct value nothing = value_object();
	struct value policy;
	const struct value *house;
	const char *name;
	int rc = connection_call_value(c, "policy.show", &nothing, a, &policy);

	if (rc != 0) {
		return rc;
	}
	house = value_get(&policy, "house");
	name = house == NULL ? NULL : value_get_text(house, "time_zone");
	if (name == NULL || zone_load(a, name, out) != 0) {
		*out = NULL;
	}
	return 0;
}

/* The answer, and for a page what it draws beside. */
static int
report_fetch(struct connection *c, const struct operation *op,
	     const struct value *body, const struct words *w, struct arena *a,
	     struct report *r, struct value *answer, struct value *requests)
{
	struct value span;
	int rc = connection_call_value(c, op->name, body, a, answer);

	/* A page shows the most urgent alone; they come first. */
	if (rc == 0 && is_whole(r, body) && w->format != REPORT_HTML) {
		rc = pages_join(c, op->name, body, a, answer);
	}
	if (rc != 0) {
		return rc;
	}
	r->answer = answer;
	if (strcmp(r->kind, "deadlines") == 0 &&
	    (w->format == REPORT_HTML || w->format == REPORT_TABLE)) {
		rc = zone_fetch(c, a, &r->zone);
	}
	if (rc == 0 && w->format == REPORT_HTML &&
	    strcmp(r->kind, "deadlines") == 0) {
		rc = span_make(a, value_get_text(answer, "as_of"), &span);
		if (rc == 0) {
			rc = connection_call_value(c, "report.requests", &span,
						   a, requests);
		}
		r->requests = requests;
	}
	return rc;
}

static int
report_run(const struct options *o, const struct operation *op,
	   struct words *w, struct arena *a, const char *kind)
{
	static const char *const none[] = {NULL};
	struct report r = {
		.kind = kind, .part = w->part, .quiet = w->quiet};
	struct connection *c = NULL;
	struct value body;
	struct value answer;
	struct value requests;
	bool is_span = strcmp(kind, "deadlines") != 0;
	int rc = is_span && !w->has_span
			 ? span_make(a, w->as_of, &body)
			 : arguments_body(op->in, none, w->argc,
					  w->argv, a, &body);

	if (rc == 0) {
		rc = connection_open(o, op->roles, ROLE_COMPLIANCE, &c);
	}
	if (rc == 0 && w->format == REPORT_CSV && is_whole(&r, &body)) {
		rc = lines_write(c, op, &body, w);
		connection_close(c);
		return rc;
	}
	if (rc == 0) {
		rc = report_fetch(c, op, &body, w, a, &r, &answer, &requests);
	}
	if (rc == 0) {
		rc = report_write(w, &r);
	}
	if (rc == 0 && is_bad_news(&answer)) {
		rc = 1;
	}
	connection_close(c);
	return rc;
}

int
cmd_report(const struct options *o, int argc, char **argv)
{
	static const char *const none[] = {NULL};
	const struct operation *op;
	struct words w;
	struct arena *a;
	char name[64];
	int rc;

	if (argc < 2 || (argc == 2 && words_ask_help(argc, argv))) {
		return argc < 2 ? say(EX_USAGE, "%s", usage) : (puts(usage), 0);
	}
	(void)snprintf(name, sizeof(name), "report.%s", argv[1]);
	op = operation_find(name);
	if (op == NULL) {
		return say(EX_USAGE, "no such report\n%s", usage);
	}
	if (words_ask_help(argc, argv)) {
		(void)printf("%s\n\n%s\n\n", usage, op->help);
		arguments_help(op->in, none, stdout);
		return 0;
	}
	rc = words_take(o, argc - 1, argv + 1, strcmp(argv[1], "deadlines") != 0,
			&w);
	if (rc == 0) {
		rc = part_check(argv[1], &w);
	}
	if (rc != 0) {
		return rc;
	}
	(void)setlocale(LC_CTYPE, "");
	a = arena_new(COMMAND_ARENA_BYTES_MAX);
	rc = a == NULL ? say(EX_OSERR, "no memory")
		       : report_run(o, op, &w, a, argv[1]);
	arena_free(a);
	return rc;
}

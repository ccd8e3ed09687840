/* From words to the body of a call. What the words may be is in the table of
 * operations: nothing here knows one of them. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "command.h"
#include "wire/describe.h"
#include "wire/schema.h"

#define DEPTH_MAX 8
#define NAME_BYTES 128

/* The rows from the top to the member. */
struct path {
	const struct field *steps[DEPTH_MAX];
	size_t n;
};

static bool
find_here(const struct field *rows, size_t n, const char *name, size_t bytes,
	  struct path *out)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(rows[i].name) == bytes &&
		    memcmp(rows[i].name, name, bytes) == 0) {
			out->steps[out->n++] = &rows[i];
			return true;
		}
	}
	return false;
}

/* contact.address.city, from the top. */
static bool
find_dotted(const struct field_table *table, const char *name, struct path *out)
{
	const struct field *rows = table->rows;
	size_t n = table->n;

	out->n = 0;
	while (out->n < DEPTH_MAX) {
		size_t bytes = strcspn(name, ".");

		if (!find_here(rows, n, name, bytes, out)) {
			return false;
		}
		if (name[bytes] == '\0') {
			return true;
		}
		name += bytes + 1;
		rows = out->steps[out->n - 1]->fields;
		n = out->steps[out->n - 1]->n_fields;
	}
	return false;
}

/* The first member by that name exactly `depth` objects down. */
static bool
find_below(const struct field *rows, size_t n, const char *name, unsigned depth,
	   struct path *out)
{
	if (depth == 0) {
		return find_here(rows, n, name, strlen(name), out);
	}
	for (size_t i = 0; i < n && out->n < DEPTH_MAX - 1; i++) {
		if (rows[i].type != FIELD_OBJECT) {
			continue;
		}
		out->steps[out->n++] = &rows[i];
		if (find_below(rows[i].fields, rows[i].n_fields, name,
			       depth - 1, out)) {
			return true;
		}
		out->n--;
	}
	return false;
}

static bool
find(const struct field_table *table, const char *name, struct path *out)
{
	if (find_dotted(table, name, out)) {
		return true;
	}
	for (unsigned depth = 1; depth < DEPTH_MAX - 1; depth++) {
		out->n = 0;
		if (find_below(table->rows, table->n, name, depth, out)) {
			return true;
		}
	}
	return false;
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

static int
from_json(const char *option, const char *word, struct arena *a,
	  struct value *out)
{
	return schema_value_decode(bytes_str(word), a, out) == 0
		       ? 0
		       : say(EX_USAGE, "--%s: takes JSON", option);
}

static int
from_word(enum field_type type, const char *option, const char *word,
	  struct arena *a, struct value *out)
{
	char *end;
	date_t date;

	if (type == FIELD_INT) {
		*out = value_int(strtoll(word, &end, 10));
		return *word != '\0' && *end == '\0'
			       ? 0
			       : say(EX_USAGE, "--%s: takes a whole number",
				     option);
	}
	if (type == FIELD_BOOL) {
		*out = value_bool(strcmp(word, "true") == 0);
		return out->truth || strcmp(word, "false") == 0
			       ? 0
			       : say(EX_USAGE, "--%s: takes true or false",
				     option);
	}
	if (type == FIELD_OBJECT || type == FIELD_VALUE) {
		return from_json(option, word, a, out);
	}
	if (type == FIELD_TIME && date_parse(word, &date) == 0) {
		word = arena_printf(a, "%sT00:00:00.000Z", word);
	}
	*out = value_text(word == NULL ? "" : word);
	return 0;
}

/* Adds the items of "a,b" (or of a JSON array) to what is there already. */
static int
add_items(const struct field *f, const char *option, const char *word,
	  struct arena *a, struct value *list)
{
	struct value item;
	int rc = 0;

	if (word[0] == '[') {
		return from_json(option, word, a, list);
	}
	if (f->item == FIELD_OBJECT) {
		rc = from_json(option, word, a, &item);
		return rc != 0 ? rc : value_push(list, a, item);
	}
	while (rc == 0) {
		size_t n = strcspn(word, ",");
		char *one = arena_text(a, word, n);

		rc = one == NULL ? EX_OSERR
				 : from_word(f->item, option, one, a, &item);
		if (rc == 0) {
			rc = value_push(list, a, item);
		}
		if (word[n] == '\0') {
			break;
		}
		word += n + 1;
	}
	return rc;
}

static int
put(struct value *body, const struct path *path, const char *option,
    const char *word, struct arena *a)
{
	const struct field *leaf = path->steps[path->n - 1];
	struct value *at = body;
	struct value v = value_list();
	struct value *old;
	int rc = 0;

	for (size_t i = 0; i + 1 < path->n && rc == 0; i++) {
		old = member(at, path->steps[i]->name);
		if (old == NULL) {
			rc = value_add(at, a, path->steps[i]->name,
				       value_object());
			old = rc == 0 ? member(at, path->steps[i]->name) : NULL;
		}
		if (old == NULL || old->kind != VALUE_OBJECT) {
			return say(EX_USAGE, "--%s: %s is given already",
				   option, path->steps[i]->name);
		}
		at = old;
	}
	old = member(at, leaf->name);
	if (leaf->type == FIELD_LIST) {
		v = old != NULL ? *old : v;
		rc = add_items(leaf, option, word, a, &v);
	} else if (old != NULL) {
		return say(EX_USAGE, "--%s: is given twice", option);
	} else {
		rc = from_word(leaf->type, option, word, a, &v);
	}
	if (rc == 0 && old != NULL) {
		*old = v;
	} else if (rc == 0) {
		rc = value_add(at, a, leaf->name, v);
	}
	return rc;
}

/* --some-name or --some-name=word: the name with underscores. */
static const char *
option_name(const char *text, char out[NAME_BYTES])
{
	size_t n = strcspn(text, "=");

	if (n == 0 || n >= NAME_BYTES) {
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		out[i] = text[i] == '-' ? '_' : text[i];
	}
	out[n] = '\0';
	return text[n] == '=' ? text + n + 1 : text + n;
}

static int
take_option(const struct field_table *table, int argc, char **argv, int *i,
	    struct arena *a, struct value *body)
{
	char name[NAME_BYTES];
	const char *option = argv[*i] + 2;
	const char *word = option_name(option, name);
	struct path path;

	if (word == NULL || !find(table, name, &path)) {
		return say(EX_USAGE,
			   "%s: no such option here; --help lists "
			   "them",
			   argv[*i]);
	}
	if (option[strlen(name)] != '=') {
		if (path.steps[path.n - 1]->type == FIELD_BOOL) {
			word = "true";
		} else if (++*i < argc) {
			word = argv[*i];
		} else {
			return say(EX_USAGE, "--%s: wants a value", option);
		}
	}
	for (char *c = name; *c != '\0'; c++) {
		*c = *c == '_' ? '-' : *c;
	}
	return put(body, &path, name, word, a);
}

int
arguments_body(const struct field_table *table, const char *const *positions,
	       int argc, char **argv, struct arena *a, struct value *out)
{
	struct value body = value_object();
	struct path path;
	bool is_whole = false;
	int rc = 0;

	for (int i = 1; i < argc && rc == 0; i++) {
		if (strncmp(argv[i], "--", 2) == 0) {
			rc = take_option(table, argc, argv, &i, a, &body);
		} else if (argv[i][0] == '{' && !is_whole && body.of.n == 0) {
			rc = from_json("body", argv[i], a, &body);
			is_whole = true;
		} else if (*positions != NULL &&
			   find(table, *positions, &path)) {
			rc = put(&body, &path, *positions, argv[i], a);
			positions++;
		} else {
			rc = say(EX_USAGE, "one word too many; see --help");
		}
	}
	if (rc == 0 && *positions != NULL && !is_whole &&
	    find(table, *positions, &path) &&
	    (path.steps[path.n - 1]->flags & FIELD_OPTIONAL) == 0 &&
	    member(&body, *positions) == NULL) {
		rc = say(EX_USAGE, "wants a %s; see --help", *positions);
	}
	*out = body;
	return rc;
}

static void
help_row(const char *prefix, const struct field *f, bool needed, FILE *to)
{
	char name[NAME_BYTES];
	int n = snprintf(name, sizeof(name), "--%s%s", prefix, f->name);

	for (int i = 0; i < n && i < NAME_BYTES; i++) {
		name[i] = name[i] == '_' ? '-' : name[i];
	}
	(void)fprintf(to, "  %-28s ", name);
	if (f->names != NULL) {
		for (size_t i = 0; f->names[i] != NULL; i++) {
			(void)fprintf(to, "%s%s", i == 0 ? "" : "|",
				      f->names[i]);
		}
	} else if (f->type == FIELD_LIST) {
		(void)fprintf(to, "%s,...", describe_type(f->item));
	} else {
		(void)fprintf(to, "%s", describe_type(f->type));
	}
	(void)fprintf(to, "%s%s%s\n", f->help != NULL ? ": " : "",
		      f->help != NULL ? f->help : "",
		      needed ? " (needed)" : "");
}

static void
help_rows(const char *prefix, const struct field *rows, size_t n,
	  bool is_needed, const char *const *positions, FILE *to)
{
	char below[NAME_BYTES];

	for (size_t i = 0; i < n; i++) {
		bool needed =
			is_needed && (rows[i].flags & FIELD_OPTIONAL) == 0;
		bool is_position = false;

		for (size_t k = 0; positions[k] != NULL; k++) {
			is_position = is_position ||
				      (prefix[0] == '\0' &&
				       strcmp(positions[k], rows[i].name) == 0);
		}
		if (rows[i].type == FIELD_OBJECT) {
			(void)snprintf(below, sizeof(below), "%s%s.", prefix,
				       rows[i].name);
			help_rows(below, rows[i].fields, rows[i].n_fields,
				  needed, positions, to);
		} else if (!is_position) {
			help_row(prefix, &rows[i], needed, to);
		}
	}
}

void
arguments_help(const struct field_table *table, const char *const *positions,
	       FILE *to)
{
	help_rows("", table->rows, table->n, true, positions, to);
}

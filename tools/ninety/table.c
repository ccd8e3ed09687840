/* Answers for people. Which columns there are, the answer itself says; what
 * cannot be printed, libsmartcols escapes. */

#include <errno.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "wire/schema.h"

#define COLUMNS_MAX 32
#define CELL_BYTES_MAX 65536

static bool
is_table(const struct value *v)
{
	return v->kind == VALUE_LIST && v->of.n > 0 &&
	       v->of.items[0].value.kind == VALUE_OBJECT;
}

/* A list of words, as a,b,c. */
static bool
is_words(const struct value *v)
{
	if (v->kind != VALUE_LIST) {
		return false;
	}
	for (size_t i = 0; i < v->of.n; i++) {
		if (v->of.items[i].value.kind != VALUE_TEXT) {
			return false;
		}
	}
	return true;
}

static int
cell_text(const struct value *v, struct buf *out)
{
	int rc = 0;

	if (v->kind == VALUE_TEXT) {
		return buf_put(out, v->text.s, v->text.n);
	}
	if (v->kind == VALUE_BOOL) {
		return buf_put_str(out, v->truth ? "yes" : "no");
	}
	if (!is_words(v)) {
		return schema_value_encode(v, 0, out);
	}
	for (size_t i = 0; i < v->of.n && rc == 0; i++) {
		rc = i == 0 ? 0 : buf_put_str(out, ",");
		if (rc == 0) {
			rc = cell_text(&v->of.items[i].value, out);
		}
	}
	return rc;
}

static int
set_cell(struct libscols_line *line, size_t column, const struct value *v)
{
	struct buf text;
	int rc;

	buf_init(&text, CELL_BYTES_MAX);
	rc = cell_text(v, &text);
	if (rc == 0) {
		rc = buf_put(&text, "", 1);
	}
	rc = rc == 0 ? scols_line_set_data(line, column,
					   (const char *)text.data)
		     : scols_line_set_data(line, column, "(long)");
	buf_clear(&text);
	return rc;
}

static struct libscols_table *
new_table(bool has_headings)
{
	struct libscols_table *t = scols_new_table();

	if (t != NULL) {
		(void)scols_table_enable_noheadings(t, has_headings ? 0 : 1);
	}
	return t;
}

static size_t
column_of(const char **names, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(names[i], name) != 0) {
		i++;
	}
	return i;
}

/* The members of the items in the order in which they first come. */
static int
add_columns(struct libscols_table *t, const struct value *list,
	    const char **names, size_t *n)
{
	for (size_t i = 0; i < list->of.n; i++) {
		const struct value *item = &list->of.items[i].value;

		for (size_t k = 0; item->kind == VALUE_OBJECT && k < item->of.n;
		     k++) {
			const struct member *m = &item->of.items[k];
			bool is_number = m->value.kind == VALUE_INT ||
					 m->value.kind == VALUE_REAL;

			if (column_of(names, *n, m->name) < *n ||
			    *n == COLUMNS_MAX) {
				continue;
			}
			names[(*n)++] = m->name;
			if (scols_table_new_column(
				    t, m->name, 0,
				    (is_number ? SCOLS_FL_RIGHT : 0) |
					    SCOLS_FL_TRUNC) == NULL) {
				return -ENOMEM;
			}
		}
	}
	return 0;
}

static int
print_list(const struct value *list)
{
	const char *names[COLUMNS_MAX];
	struct libscols_table *t = new_table(true);
	size_t n = 0;
	int rc = t == NULL ? -ENOMEM : add_columns(t, list, names, &n);

	for (size_t i = 0; i < list->of.n && rc == 0; i++) {
		const struct value *item = &list->of.items[i].value;
		struct libscols_line *line = scols_table_new_line(t, NULL);

		rc = line == NULL ? -ENOMEM : 0;
		for (size_t k = 0;
		     rc == 0 && item->kind == VALUE_OBJECT && k < item->of.n;
		     k++) {
			size_t at = column_of(names, n, item->of.items[k].name);

			rc = at < n ? set_cell(line, at,
					       &item->of.items[k].value)
				    : 0;
		}
	}
	if (rc == 0) {
		rc = scols_print_table(t);
	}
	scols_unref_table(t);
	return rc;
}

/* Sentences rather than words: each on a line of its own. */
static bool
is_prose(const struct value *v)
{
	for (size_t i = 0; is_words(v) && i < v->of.n; i++) {
		if (strchr(v->of.items[i].value.text.s, ' ') != NULL) {
			return true;
		}
	}
	return false;
}

/* NAME  VALUE, one a line; nested objects as name.member. */
static int
add_pairs(struct libscols_table *t, const char *prefix, const struct value *v)
{
	char name[128];
	int rc = 0;

	for (size_t i = 0; i < v->of.n && rc == 0; i++) {
		const struct member *m = &v->of.items[i];
		struct libscols_line *line;

		(void)snprintf(name, sizeof(name), "%s%s", prefix, m->name);
		if (m->value.kind == VALUE_OBJECT) {
			(void)snprintf(name, sizeof(name), "%s%s.", prefix,
				       m->name);
			rc = add_pairs(t, name, &m->value);
			continue;
		}
		if (is_table(&m->value) ||
		    (m->value.kind == VALUE_LIST && m->value.of.n == 0) ||
		    is_prose(&m->value) || strcmp(name, "next") == 0) {
			continue;
		}
		line = scols_table_new_line(t, NULL);
		rc = line == NULL ? -ENOMEM
				  : scols_line_set_data(line, 0, name);
		if (rc == 0) {
			rc = set_cell(line, 1, &m->value);
		}
	}
	return rc;
}

static int
print_pairs(const struct value *v)
{
	struct libscols_table *t = new_table(false);
	int rc = t == NULL || scols_table_new_column(t, "NAME", 0, 0) == NULL ||
				 scols_table_new_column(t, "VALUE", 0,
							SCOLS_FL_WRAP) == NULL
			 ? -ENOMEM
			 : add_pairs(t, "", v);

	if (rc == 0 && scols_table_get_nlines(t) > 0) {
		rc = scols_print_table(t);
	}
	scols_unref_table(t);
	return rc;
}

static void
print_prose(const struct value *list)
{
	for (size_t i = 0; i < list->of.n; i++) {
		(void)fwrite(list->of.items[i].value.text.s, 1,
			     list->of.items[i].value.text.n, stdout);
		(void)fputc('\n', stdout);
	}
}

int
table_print(const struct value *answer)
{
	const char *next = value_get_text(answer, "next");
	int rc = print_pairs(answer);

	for (size_t i = 0; i < answer->of.n && rc == 0; i++) {
		const struct member *m = &answer->of.items[i];

		if (is_table(&m->value)) {
			if (strcmp(m->name, "items") != 0) {
				(void)printf("%s\n", m->name);
			}
			rc = print_list(&m->value);
		} else if (is_prose(&m->value)) {
			print_prose(&m->value);
		} else if (m->value.kind == VALUE_LIST && m->value.of.n == 0 &&
			   strcmp(m->name, "items") == 0) {
			(void)printf("none\n");
		}
	}
	if (rc != 0) {
		return say(EX_OSERR, "cannot print: %s", strerror(-rc));
	}
	if (next != NULL) {
		(void)say(0, "there are more: --cursor %s", next);
	}
	return fflush(stdout) == 0 ? 0 : say(EX_IOERR, "stdout: write fails");
}

int
answer_print(const struct options *o, const struct value *answer)
{
	return o->json ? print_json(answer) : table_print(answer);
}

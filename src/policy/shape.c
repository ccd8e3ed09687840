/*
 * Walks a table over a map of the tree. Values that only make sense beside
 * others are check.c's.
 */
#include "policy/shape.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/form.h"
#include "policy/calendar.h"
#include "policy/zone.h"

#define NUMBER_DIGITS_MAX 15
#define TERM_DAYS_MAX 3650
#define TERM_MONTHS_MAX 120
#define VALUE_SHOWN_BYTES 48

bool
shape_number_parse(const char *text, int64_t *out)
{
	const char *p = text[0] == '-' ? text + 1 : text;
	size_t n = strspn(p, "0123456789");
	int64_t v = 0;

	if (n == 0 || n > NUMBER_DIGITS_MAX || p[n] != '\0' ||
	    (p[0] == '0' && n > 1)) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		v = v * 10 + (p[i] - '0');
	}
	*out = text[0] == '-' ? -v : v;
	return true;
}

int
shape_term_parse(const char *text, struct policy_term *out)
{
	static const char wrong[] =
		"not a term (as P1M, P45D, 10 working days)";
	static const char working[] = " working days";
	size_t digits = strspn(text, "0123456789");
	struct duration d;
	char number[8];
	int64_t n;

	if (digits > 0 && digits < sizeof(number) &&
	    strcmp(text + digits, working) == 0) {
		memcpy(number, text, digits);
		number[digits] = '\0';
		if (!shape_number_parse(number, &n) || n < 1 || n > 250) {
			return err_set(ERR_INVALID, "%s", wrong);
		}
		*out = (struct policy_term){TERM_WORKING_DAYS, (int)n};
		return 0;
	}
	if (duration_parse(text, &d) != 0 || d.ms != 0 ||
	    d.days > TERM_DAYS_MAX || d.months > TERM_MONTHS_MAX ||
	    (d.days == 0) == (d.months == 0)) {
		return err_set(ERR_INVALID, "%s", wrong);
	}
	*out = d.months > 0 ? (struct policy_term){TERM_MONTHS, d.months}
			    : (struct policy_term){TERM_DAYS, d.days};
	return 0;
}

static void
wrong(struct shape_reader *r, const struct node *n, const char *key,
      const char *right)
{
	if (n->kind == NODE_SCALAR) {
		faults_add(r->faults, r->file, n->line, n->column,
			   "`%s` has to be %s, not `%.*s`", key, right,
			   VALUE_SHOWN_BYTES, n->text);
	} else {
		faults_add(r->faults, r->file, n->line, n->column,
			   "`%s` has to be %s", key, right);
	}
}

static bool
is_name(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= POLICY_NAME_BYTES_MAX &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

static void
read_integer(struct shape_reader *r, const struct node *n,
	     const struct shape_row *row, char *at)
{
	char right[96];
	int64_t v;

	if (!shape_number_parse(n->text, &v) || n->quoted || v < row->min ||
	    v > row->max) {
		(void)snprintf(right, sizeof(right),
			       "a whole number from %lld to %lld",
			       (long long)row->min, (long long)row->max);
		wrong(r, n, row->key, right);
	} else if (row->type == SHAPE_U8) {
		*(uint8_t *)at = (uint8_t)v;
	} else if (row->type == SHAPE_U16) {
		uint16_t u = (uint16_t)v;
		memcpy(at, &u, sizeof(u));
	} else if (row->type == SHAPE_U32) {
		uint32_t u = (uint32_t)v;
		memcpy(at, &u, sizeof(u));
	} else if (row->type == SHAPE_INT) {
		int i = (int)v;
		memcpy(at, &i, sizeof(i));
	} else {
		memcpy(at, &v, sizeof(v));
	}
}

/* The index of a word among the names; -1 with a fault that lists them. */
static int
find_word(struct shape_reader *r, const struct node *n,
	  const struct shape_row *row)
{
	char right[POLICY_FAULT_TEXT_BYTES];
	size_t used = 0;

	for (int i = 0; row->names[i] != NULL; i++) {
		if (n->kind == NODE_SCALAR &&
		    strcmp(n->text, row->names[i]) == 0) {
			return i;
		}
	}
	right[0] = '\0';
	for (int i = 0; row->names[i] != NULL && used < sizeof(right); i++) {
		used += (size_t)snprintf(right + used, sizeof(right) - used,
					 "%s%s", i == 0 ? "one of " : ", ",
					 row->names[i]);
	}
	wrong(r, n, row->key, right);
	return -1;
}

static void
read_bits(struct shape_reader *r, const struct node *list,
	  const struct shape_row *row, char *at)
{
	unsigned bits = 0;

	for (const struct node *n = list->first; n != NULL; n = n->next) {
		int i = find_word(r, n, row);

		if (i >= 0 && (bits >> i & 1u) != 0) {
			faults_add(r->faults, r->file, n->line, n->column,
				   "`%s` is listed twice", n->text);
		} else if (i >= 0) {
			bits |= 1u << i;
		}
	}
	memcpy(at, &bits, sizeof(bits));
}

static void
put_text(char *at, const char *text)
{
	memcpy(at, &text, sizeof(text));
}

static void
read_words(struct shape_reader *r, const struct node *list,
	   const struct shape_row *row, char *at, char *more)
{
	const char **words = arena_array(r->a, list->n + 1, sizeof(*words));
	const char *const *items = words;
	size_t n_words = 0;

	if (words == NULL) {
		r->rc = ERR_NOMEM;
		return;
	}
	for (const struct node *n = list->first; n != NULL; n = n->next) {
		if (n->kind != NODE_SCALAR || n->text[0] == '\0' ||
		    strlen(n->text) > POLICY_NAME_BYTES_MAX) {
			wrong(r, n, row->key, "a list of words");
		} else {
			words[n_words++] = n->text;
		}
	}
	memcpy(at, &items, sizeof(items));
	memcpy(more, &n_words, sizeof(n_words));
}

/* A text that there must be is never NULL, so that the checks after a fault
 * need not ask; an empty one has had its fault. */
static void
put_empty_texts(const struct shape *s, char *out)
{
	for (size_t i = 0; i < s->n; i++) {
		enum shape_type type = s->rows[i].type;

		if (s->rows[i].must &&
		    (type == SHAPE_TEXT || type == SHAPE_NAME ||
		     type == SHAPE_COUNTRY || type == SHAPE_ZONE ||
		     type == SHAPE_CALENDAR)) {
			put_text(out + s->rows[i].offset, "");
		}
	}
}

static void
read_list(struct shape_reader *r, const struct node *list,
	  const struct shape_row *row, char *at, char *more)
{
	char *items = arena_array(r->a, list->n + 1, row->sub->bytes);
	void *first = items;
	size_t i = 0;

	if (items == NULL) {
		r->rc = ERR_NOMEM;
		return;
	}
	for (const struct node *n = list->first; n != NULL; n = n->next) {
		char *item = items + i * row->sub->bytes;

		if (n->kind != NODE_MAP) {
			put_empty_texts(row->sub, item);
			wrong(r, n, row->key, "a list of maps, each with keys");
		} else {
			shape_read(r, n, row->sub, item);
		}
		i++;
	}
	memcpy(at, &first, sizeof(first));
	memcpy(more, &i, sizeof(i));
}

static void
read_zone(struct shape_reader *r, const struct node *n, char *at, char *more)
{
	const struct zone *z;
	int rc = zone_load(r->a, n->text, &z);

	if (rc == ERR_NOMEM) {
		r->rc = rc;
	} else if (rc != 0) {
		faults_add(r->faults, r->file, n->line, n->column,
			   "`%.*s`: %s; right is a name as Europe/Berlin",
			   VALUE_SHOWN_BYTES, n->text, err_last()->text);
	} else {
		put_text(at, n->text);
		memcpy(more, &z, sizeof(z));
	}
}

static void
read_calendar(struct shape_reader *r, const struct node *n,
	      const struct shape_row *row, char *at, char *more)
{
	const struct calendar *c = calendar_find(n->text);
	char right[128];

	if (c == NULL) {
		(void)snprintf(right, sizeof(right), "one of %s",
			       calendar_names());
		wrong(r, n, row->key, right);
		return;
	}
	put_text(at, calendar_name(c));
	memcpy(more, &c, sizeof(c));
}

static void
read_duration(struct shape_reader *r, const struct node *n,
	      const struct shape_row *row, char *at)
{
	struct duration d;
	int64_t ms;

	if (duration_parse(n->text, &d) != 0) {
		wrong(r, n, row->key,
		      "a duration, as P90D, P24M or PT15M (ISO 8601)");
	} else if (row->type == SHAPE_DURATION) {
		memcpy(at, &d, sizeof(d));
	} else if (duration_ms(d, &ms) != 0) {
		wrong(r, n, row->key,
		      "a duration of fixed length: days, hours, minutes");
	} else if (ms < row->min || (row->max > 0 && ms > row->max)) {
		wrong(r, n, row->key, row->help);
	} else {
		memcpy(at, &ms, sizeof(ms));
	}
}

static void
read_text(struct shape_reader *r, const struct node *n,
	  const struct shape_row *row, char *at)
{
	if (row->type == SHAPE_NAME && !is_name(n->text)) {
		wrong(r, n, row->key,
		      "a name of a-z, 0-9, _ and -, 48 characters at most");
	} else if (row->type == SHAPE_COUNTRY &&
		   form_country(n->text, strlen(n->text)) != 0) {
		wrong(r, n, row->key, "a country, as DE (ISO 3166-1)");
	} else {
		put_text(at, n->text);
	}
}

static void
read_bool(struct shape_reader *r, const struct node *n,
	  const struct shape_row *row, char *at)
{
	bool truth = strcmp(n->text, "true") == 0;

	if (n->quoted || (!truth && strcmp(n->text, "false") != 0)) {
		wrong(r, n, row->key, "true or false");
	} else {
		memcpy(at, &truth, sizeof(truth));
	}
}

static void
read_key(struct shape_reader *r, const struct node *n,
	 const struct shape_row *row, char *at, char *more)
{
	struct bytes key;
	bool has = true;

	if (base64_decode(bytes_str(n->text), r->a, &key) == 0 &&
	    key.n == POLICY_KEY_BYTES) {
		memcpy(at, key.p, key.n);
		memcpy(more, &has, sizeof(has));
	} else {
		wrong(r, n, row->key, "an X25519 key: 32 bytes in base64");
	}
}

static void
read_scalar(struct shape_reader *r, const struct node *n,
	    const struct shape_row *row, char *at, char *more)
{
	struct policy_term term;
	date_t date;
	int i;

	switch (row->type) {
	case SHAPE_TEXT:
	case SHAPE_NAME:
	case SHAPE_COUNTRY:
		read_text(r, n, row, at);
		break;
	case SHAPE_INT:
	case SHAPE_U8:
	case SHAPE_U16:
	case SHAPE_U32:
	case SHAPE_I64:
		read_integer(r, n, row, at);
		break;
	case SHAPE_BOOL:
		read_bool(r, n, row, at);
		break;
	case SHAPE_ENUM:
		i = find_word(r, n, row);
		if (i >= 0) {
			memcpy(at, &i, sizeof(i));
		}
		break;
	case SHAPE_DATE:
		if (date_parse(n->text, &date) != 0) {
			wrong(r, n, row->key, "a date, as 2026-01-31");
		} else {
			memcpy(at, &date, sizeof(date));
		}
		break;
	case SHAPE_DURATION:
	case SHAPE_MS:
		read_duration(r, n, row, at);
		break;
	case SHAPE_TERM:
		if (shape_term_parse(n->text, &term) != 0) {
			wrong(r, n, row->key,
			      "a term, as P1M, P45D or 10 working days");
		} else {
			memcpy(at, &term, sizeof(term));
		}
		break;
	case SHAPE_ZONE:
		read_zone(r, n, at, more);
		break;
	case SHAPE_CALENDAR:
		read_calendar(r, n, row, at, more);
		break;
	case SHAPE_KEY:
		read_key(r, n, row, at, more);
		break;
	case SHAPE_BITS:
	case SHAPE_WORDS:
	case SHAPE_MAP:
	case SHAPE_LIST:
		break;
	}
}

static enum node_kind
kind_of(enum shape_type type)
{
	if (type == SHAPE_MAP) {
		return NODE_MAP;
	}
	if (type == SHAPE_LIST || type == SHAPE_WORDS || type == SHAPE_BITS) {
		return NODE_LIST;
	}
	return NODE_SCALAR;
}

static void
read_member(struct shape_reader *r, const struct node *n,
	    const struct shape_row *row, char *out)
{
	static const char *const kinds[] = {"one value", "a map with keys",
					    "a list"};
	enum node_kind kind = kind_of(row->type);
	char *at = out + row->offset;
	char *more = out + row->more;

	if (n->kind != kind) {
		wrong(r, n, row->key, kinds[kind]);
	} else if (row->type == SHAPE_MAP) {
		shape_read(r, n, row->sub, at);
	} else if (row->type == SHAPE_LIST) {
		read_list(r, n, row, at, more);
	} else if (row->type == SHAPE_WORDS) {
		read_words(r, n, row, at, more);
	} else if (row->type == SHAPE_BITS) {
		read_bits(r, n, row, at);
	} else if (n->text[0] == '\0') {
		faults_add(r->faults, r->file, n->line, n->column,
			   "`%s` has no value: %s", row->key, row->help);
	} else {
		read_scalar(r, n, row, at, more);
	}
}

static void
unknown_key(struct shape_reader *r, const struct node *n, const struct shape *s)
{
	char known[POLICY_FAULT_TEXT_BYTES];
	size_t used = 0;

	known[0] = '\0';
	for (size_t i = 0; i < s->n && used < sizeof(known); i++) {
		used += (size_t)snprintf(known + used, sizeof(known) - used,
					 "%s%s", i == 0 ? "" : ", ",
					 s->rows[i].key);
	}
	faults_add(r->faults, r->file, n->key_line, n->key_column,
		   "`%.*s` is not known here; known are %s", VALUE_SHOWN_BYTES,
		   n->key, known);
}

void
shape_read(struct shape_reader *r, const struct node *map,
	   const struct shape *s, void *out)
{
	put_empty_texts(s, out);
	for (const struct node *n = map->first; n != NULL; n = n->next) {
		size_t i = 0;

		while (i < s->n && strcmp(s->rows[i].key, n->key) != 0) {
			i++;
		}
		if (i == s->n) {
			unknown_key(r, n, s);
		} else {
			read_member(r, n, &s->rows[i], out);
		}
	}
	for (size_t i = 0; i < s->n; i++) {
		if (s->rows[i].must && node_get(map, s->rows[i].key) == NULL) {
			faults_add(r->faults, r->file, map->line, map->column,
				   "`%s` is missing: %s", s->rows[i].key,
				   s->rows[i].help);
		}
	}
}

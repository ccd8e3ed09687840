/*
 * libyaml's events made into a tree with places (the only file with yaml.h).
 * libyaml rather than a schema library above it: those stop at the first fault
 * and lose the places, and all faults are to be told at once. What a tree has
 * to look like is shape.c's.
 */
#include "policy/tree.h"

#include <stdarg.h>
#include <stdio.h>

#include <yaml.h>

struct builder {
	struct arena *a;
	const char *file;
	struct policy_faults *faults;
	struct node *open[TREE_DEPTH_MAX];
	size_t depth;
	size_t n_nodes;
	struct node *root;
	const char *key; /* read, its value not yet */
	unsigned key_line;
	unsigned key_column;
	int rc;
};

void
faults_clear(struct policy_faults *faults)
{
	faults->n = 0;
	faults->dropped = 0;
}

void
faults_add(struct policy_faults *faults, const char *file, unsigned line,
	   unsigned column, const char *format, ...)
{
	struct policy_fault *f = &faults->items[faults->n];
	va_list ap;

	if (faults->n == POLICY_FAULTS_MAX) {
		faults->dropped++;
		return;
	}
	faults->n++;
	(void)snprintf(f->file, sizeof(f->file), "%s", file);
	f->line = line;
	f->column = column;
	va_start(ap, format);
	(void)vsnprintf(f->text, sizeof(f->text), format, ap);
	va_end(ap);
	/* It is shown on terminals. */
	for (char *p = f->text; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f) {
			*p = '?';
		}
	}
}

static unsigned
line_of(const yaml_mark_t *m)
{
	return (unsigned)m->line + 1;
}

static unsigned
column_of(const yaml_mark_t *m)
{
	return (unsigned)m->column + 1;
}

static void
fail_at(struct builder *b, const yaml_mark_t *m, const char *what)
{
	if (b->rc == 0) {
		faults_add(b->faults, b->file, line_of(m), column_of(m), "%s",
			   what);
		b->rc = ERR_CONFIG;
	}
}

static struct node *
add_node(struct builder *b, enum node_kind kind, const yaml_mark_t *m)
{
	struct node *parent = b->depth == 0 ? NULL : b->open[b->depth - 1];
	struct node *n;

	if (++b->n_nodes > TREE_NODES_MAX) {
		fail_at(b, m, "the file has too many values");
		return NULL;
	}
	n = ARENA_NEW(b->a, struct node);
	if (n == NULL) {
		b->rc = ERR_NOMEM;
		return NULL;
	}
	n->kind = kind;
	n->line = line_of(m);
	n->column = column_of(m);
	if (parent == NULL) {
		b->root = n;
		return n;
	}
	if (parent->kind == NODE_MAP) {
		if (parent->n == TREE_MEMBERS_MAX) {
			fail_at(b, m, "the map has too many members");
			return NULL;
		}
		n->key = b->key;
		n->key_line = b->key_line;
		n->key_column = b->key_column;
		b->key = NULL;
	}
	if (parent->last == NULL) {
		parent->first = n;
	} else {
		parent->last->next = n;
	}
	parent->last = n;
	parent->n++;
	return n;
}

static bool
wants_key(const struct builder *b)
{
	return b->depth > 0 && b->open[b->depth - 1]->kind == NODE_MAP &&
	       b->key == NULL;
}

static void
take_key(struct builder *b, const yaml_event_t *e)
{
	const char *text = (const char *)e->data.scalar.value;

	b->key = arena_text(b->a, text, e->data.scalar.length);
	if (b->key == NULL) {
		b->rc = ERR_NOMEM;
		return;
	}
	b->key_line = line_of(&e->start_mark);
	b->key_column = column_of(&e->start_mark);
	if (node_get(b->open[b->depth - 1], b->key) != NULL) {
		faults_add(b->faults, b->file, b->key_line, b->key_column,
			   "`%s` is given twice: keep one", b->key);
		b->rc = ERR_CONFIG;
	}
}

static void
take_scalar(struct builder *b, const yaml_event_t *e)
{
	const char *text = (const char *)e->data.scalar.value;
	size_t n = e->data.scalar.length;
	struct node *node;

	if (strlen(text) != n) {
		fail_at(b, &e->start_mark, "a zero byte does not belong here");
		return;
	}
	if (wants_key(b)) {
		take_key(b, e);
		return;
	}
	node = add_node(b, NODE_SCALAR, &e->start_mark);
	if (node != NULL) {
		node->text = arena_text(b->a, text, n);
		node->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		if (node->text == NULL) {
			b->rc = ERR_NOMEM;
		}
	}
}

static void
open_node(struct builder *b, enum node_kind kind, const yaml_event_t *e)
{
	struct node *node;

	if (wants_key(b)) {
		fail_at(b, &e->start_mark, "a key has to be a plain word");
		return;
	}
	if (b->depth == TREE_DEPTH_MAX) {
		fail_at(b, &e->start_mark, "nested too deeply");
		return;
	}
	node = add_node(b, kind, &e->start_mark);
	if (node != NULL) {
		b->open[b->depth++] = node;
	}
}

static bool
has_anchor_or_tag(const yaml_event_t *e)
{
	if (e->type == YAML_SCALAR_EVENT) {
		return e->data.scalar.anchor != NULL ||
		       e->data.scalar.tag != NULL;
	}
	if (e->type == YAML_MAPPING_START_EVENT) {
		return e->data.mapping_start.anchor != NULL ||
		       e->data.mapping_start.tag != NULL;
	}
	return e->type == YAML_SEQUENCE_START_EVENT &&
	       (e->data.sequence_start.anchor != NULL ||
		e->data.sequence_start.tag != NULL);
}

/* False after the last event. */
static bool
take_event(struct builder *b, const yaml_event_t *e)
{
	if (has_anchor_or_tag(e)) {
		fail_at(b, &e->start_mark,
			"anchors and tags are not taken: write the value out");
		return true;
	}
	if (e->type == YAML_SCALAR_EVENT) {
		take_scalar(b, e);
	} else if (e->type == YAML_MAPPING_START_EVENT) {
		open_node(b, NODE_MAP, e);
	} else if (e->type == YAML_SEQUENCE_START_EVENT) {
		open_node(b, NODE_LIST, e);
	} else if (e->type == YAML_MAPPING_END_EVENT ||
		   e->type == YAML_SEQUENCE_END_EVENT) {
		b->depth--;
	} else if (e->type == YAML_ALIAS_EVENT) {
		fail_at(b, &e->start_mark,
			"aliases are not taken: write the value out");
	} else if (e->type == YAML_DOCUMENT_START_EVENT && b->root != NULL) {
		fail_at(b, &e->start_mark, "a second document: keep one");
	}
	return e->type != YAML_STREAM_END_EVENT;
}

static void
syntax_fault(struct builder *b, const yaml_parser_t *p)
{
	const yaml_mark_t *m = &p->problem_mark;

	faults_add(b->faults, b->file, line_of(m), column_of(m),
		   "not YAML: %s%s%s",
		   p->problem == NULL ? "it cannot be read" : p->problem,
		   p->context == NULL ? "" : ", ",
		   p->context == NULL ? "" : p->context);
	b->rc = p->error == YAML_MEMORY_ERROR ? ERR_NOMEM : ERR_CONFIG;
}

int
tree_parse(struct arena *a, const char *file, struct bytes text,
	   struct policy_faults *faults, const struct node **out_root)
{
	struct builder b = {.a = a, .file = file, .faults = faults};
	yaml_parser_t p;
	yaml_event_t e;
	bool more = true;

	if (yaml_parser_initialize(&p) == 0) {
		return err_set(ERR_NOMEM, "no memory for a YAML parser");
	}
	yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p, text.p, text.n);
	while (more && b.rc == 0) {
		if (yaml_parser_parse(&p, &e) == 0) {
			syntax_fault(&b, &p);
			break;
		}
		more = take_event(&b, &e);
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&p);
	if (b.rc == 0 && (b.root == NULL || b.root->kind != NODE_MAP)) {
		faults_add(faults, file, b.root == NULL ? 1 : b.root->line,
			   b.root == NULL ? 1 : b.root->column,
			   "the file has to be a map, as `version: \"1\"`");
		b.rc = ERR_CONFIG;
	}
	if (b.rc != 0) {
		return err_set(b.rc, "%s is not acceptable", file);
	}
	*out_root = b.root;
	return 0;
}

const struct node *
node_get(const struct node *map, const char *key)
{
	if (map == NULL || map->kind != NODE_MAP) {
		return NULL;
	}
	for (const struct node *n = map->first; n != NULL; n = n->next) {
		if (strcmp(n->key, key) == 0) {
			return n;
		}
	}
	return NULL;
}

const struct node *
node_at(const struct node *list, size_t i)
{
	const struct node *n = list == NULL ? NULL : list->first;

	while (n != NULL && i > 0) {
		n = n->next;
		i--;
	}
	return n;
}

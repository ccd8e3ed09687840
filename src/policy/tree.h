#ifndef POLICY_TREE_H
#define POLICY_TREE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "policy/policy.h"

/*
 * A YAML document as a tree whose every node knows its line and column, so
 * that a fault can be pointed at whoever finds it. Anchors, aliases, tags,
 * second documents and keys given twice are faults.
 */
enum node_kind { NODE_SCALAR, NODE_MAP, NODE_LIST };

struct node {
	enum node_kind kind;
	unsigned line; /* from 1 */
	unsigned column;
	const char *key; /* in a map */
	unsigned key_line;
	unsigned key_column;
	const char *text; /* NODE_SCALAR */
	bool quoted;
	struct node *first; /* NODE_MAP, NODE_LIST */
	struct node *last;
	size_t n;
	struct node *next;
};

#define TREE_DEPTH_MAX 12
#define TREE_NODES_MAX 20000
#define TREE_MEMBERS_MAX 256 /* of one map */

void faults_clear(struct policy_faults *faults);

/* Adds a fault at a place of a file. */
void faults_add(struct policy_faults *faults, const char *file, unsigned line,
		unsigned column, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* The root, a map. ERR_CONFIG with a fault, ERR_NOMEM. */
int tree_parse(struct arena *a, const char *file, struct bytes text,
	       struct policy_faults *faults,
	       const struct node **out_root) MUST_CHECK;

/* The member of a map, the i-th item of a list; NULL. */
const struct node *node_get(const struct node *map, const char *key);
const struct node *node_at(const struct node *list, size_t i);

#endif

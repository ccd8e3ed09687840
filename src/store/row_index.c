/*
 * A B-tree whose nodes are split on the way down, so that a place is always
 * there. The rows' own order, one after the other, is write_set.c's.
 */
#include "store/row_index.h"

#include <endian.h>

#include "store/write_set.h"

#define HEAD_WORDS 2
#define ENTRIES_FIRST 4 /* of a call's own sets, which have few rows */
#define ENTRIES_MAX 32

/* The first bytes of a key, as numbers in the order of the keys: filled up
 * with zeros, so that what two heads leave open the keys decide. */
struct head {
	uint64_t words[HEAD_WORDS];
};

/* `row` is the first that was under `child` when that was split off: nothing
 * before it is there, but in the first child of all. */
struct index_entry {
	struct head head;
	struct write_set_row *row;
	struct index_node *child; /* NULL: a leaf */
};

struct index_node {
	uint16_t n;
	uint16_t cap;
	struct index_entry entries[];
};

static struct head
head_of(struct bytes key)
{
	struct head head = {{0}};

	if (key.n > 0) {
		memcpy(head.words, key.p,
		       key.n < sizeof(head) ? key.n : sizeof(head));
	}
	for (size_t i = 0; i < HEAD_WORDS; i++) {
		head.words[i] = be64toh(head.words[i]);
	}
	return head;
}

static bool
is_before(const struct index_entry *e, const struct head *head,
	  struct bytes key)
{
	for (size_t i = 0; i < HEAD_WORDS; i++) {
		if (e->head.words[i] != head->words[i]) {
			return e->head.words[i] < head->words[i];
		}
	}
	return bytes_compare(e->row->key, key) < 0;
}

/* How many entries of a node are before `key`. */
static size_t
count_before(const struct index_node *node, const struct head *head,
	     struct bytes key)
{
	size_t low = 0;
	size_t high = node->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (is_before(&node->entries[middle], head, key)) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* Which child may hold what stands just before `key`. */
static size_t
child_place(const struct index_node *node, const struct head *head,
	    struct bytes key)
{
	size_t n = count_before(node, head, key);

	return n == 0 ? 0 : n - 1;
}

struct write_set_row *
row_index_before(const struct row_index *x, struct bytes key)
{
	const struct index_node *node = x->root;
	const struct head head = head_of(key);
	size_t n;

	if (node == NULL) {
		return NULL;
	}
	while (node->entries[0].child != NULL) {
		node = node->entries[child_place(node, &head, key)].child;
	}
	n = count_before(node, &head, key);
	return n == 0 ? NULL : node->entries[n - 1].row;
}

static int
no_memory(void)
{
	return err_set(ERR_NOMEM, "no memory for a row's place");
}

struct builder {
	row_index_take_fn *take;
	void *ctx;
};

static struct index_node *
node_make(const struct builder *b, size_t cap)
{
	struct index_node *node =
		b->take(b->ctx, sizeof(*node) + cap * sizeof(node->entries[0]));

	if (node != NULL) {
		node->n = 0;
		node->cap = (uint16_t)cap;
	}
	return node;
}

static void
entry_insert(struct index_node *node, size_t at, struct index_entry entry)
{
	memmove(&node->entries[at + 1], &node->entries[at],
		(node->n - at) * sizeof(entry));
	node->entries[at] = entry;
	node->n++;
}

/* Makes room in a node that is full: a larger one takes its place in *slot, or
 * what it holds from the middle on goes to *out_right. Rows that come in order
 * leave full nodes behind. */
static int
node_widen(const struct builder *b, struct index_node **slot, bool at_end,
	   struct index_node **out_right)
{
	struct index_node *old = *slot;
	bool splits = old->cap == ENTRIES_MAX;
	size_t from = !splits ? 0 : at_end ? old->n - 1u : old->n / 2u;
	struct index_node *fresh =
		node_make(b, splits ? ENTRIES_MAX : 2u * old->cap);

	if (fresh == NULL) {
		return no_memory();
	}
	fresh->n = (uint16_t)(old->n - from);
	memcpy(fresh->entries, &old->entries[from],
	       fresh->n * sizeof(fresh->entries[0]));
	*out_right = NULL;
	if (splits) {
		old->n = (uint16_t)from;
		*out_right = fresh;
	} else {
		*slot = fresh;
	}
	return 0;
}

static struct index_entry
entry_over(struct index_node *child)
{
	return (struct index_entry){child->entries[0].head,
				    child->entries[0].row, child};
}

/* The root has room, or a new one over it has. */
static int
root_widen(const struct builder *b, struct row_index *x, bool at_end)
{
	struct index_node *root = NULL;
	struct index_node *right;
	int rc;

	if (x->root->n < x->root->cap) {
		return 0;
	}
	if (x->root->cap == ENTRIES_MAX) {
		root = node_make(b, ENTRIES_FIRST);
		if (root == NULL) {
			return no_memory();
		}
	}
	rc = node_widen(b, &x->root, at_end, &right);
	if (rc == 0 && root != NULL) {
		entry_insert(root, 0, entry_over(x->root));
		entry_insert(root, 1, entry_over(right));
		x->root = root;
	}
	return rc;
}

/* The child at `at` has room; when it has been split, *out_at is where to go
 * on. The node itself has room. */
static int
child_widen(const struct builder *b, struct index_node *node, size_t at,
	    const struct head *head, struct bytes key, size_t *out_at)
{
	struct index_node **slot = &node->entries[at].child;
	struct index_node *right;
	int rc;

	*out_at = at;
	if ((*slot)->n < (*slot)->cap) {
		return 0;
	}
	rc = node_widen(b, slot, count_before(*slot, head, key) == (*slot)->n,
			&right);
	if (rc == 0 && right != NULL) {
		entry_insert(node, at + 1, entry_over(right));
		*out_at = child_place(node, head, key);
	}
	return rc;
}

int
row_index_add(struct row_index *x, struct write_set_row *row,
	      row_index_take_fn *take, void *ctx)
{
	const struct builder b = {take, ctx};
	const struct head head = head_of(row->key);
	struct index_node *node;
	int rc = 0;

	if (x->root == NULL) {
		x->root = node_make(&b, ENTRIES_FIRST);
		if (x->root == NULL) {
			return no_memory();
		}
	}
	rc = root_widen(&b, x,
			count_before(x->root, &head, row->key) == x->root->n);
	node = x->root;
	while (rc == 0 && node->n > 0 && node->entries[0].child != NULL) {
		size_t at = child_place(node, &head, row->key);

		rc = child_widen(&b, node, at, &head, row->key, &at);
		node = node->entries[at].child;
	}
	if (rc == 0) {
		entry_insert(node, count_before(node, &head, row->key),
			     (struct index_entry){head, row, NULL});
	}
	return rc;
}

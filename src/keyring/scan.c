/* Raw bytes of the key tree against today's root, or an old one. The verdict
 * over what is counted here is tools/ninety-audit's. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pack.h"
#include "keyring/private.h"
#include "keyring/scan.h"

#define PAGE_BYTES 4096

/* keys[level][index]; zero where there is no such node. */
struct closure {
	struct keyring *keyring;
	MDB_txn *txn;
	struct key *keys[NODE_LEVELS];
	uint64_t n[NODE_LEVELS];
	uint8_t (*path)[NODE_PLAIN_BYTES]; /* one node a level */
	struct scan_tree tree;
};

/* A whole file as bytes. */
struct raw {
	struct bytes bytes;
	int fd;
};

static int
raw_open(const char *file, struct raw *out)
{
	struct raw r = {.fd = open(file, O_RDONLY | O_CLOEXEC)};
	struct stat st;
	void *p;

	if (r.fd < 0 || fstat(r.fd, &st) != 0 || st.st_size == 0) {
		int error = r.fd < 0 ? errno : EINVAL;

		if (r.fd >= 0) {
			(void)close(r.fd);
		}
		return err_set(ERR_IO, "keys, raw: %s", strerror(error));
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, r.fd, 0);
	if (p == MAP_FAILED) {
		(void)close(r.fd);
		return err_set(ERR_IO, "keys, raw: %s", strerror(errno));
	}
	(void)madvise(p, (size_t)st.st_size, MADV_SEQUENTIAL);
	r.bytes = bytes_of(p, (size_t)st.st_size);
	*out = r;
	return 0;
}

static void
raw_close(struct raw *r)
{
	/* munmap wants the pointer that mmap gave. */
	union {
		const void *from;
		void *to;
	} p = {r->bytes.p};

	(void)munmap(p.to, r->bytes.n);
	(void)close(r->fd);
}

/* The next node-like bytes at or after *at, anywhere in the file; *at goes
 * behind their magic. */
static bool
raw_next(const struct raw *r, size_t *at, struct bytes *out,
	 struct node_header *out_header)
{
	static const uint8_t mark[5] = {'N', '9', 'K', 'N', 1};

	while (*at < r->bytes.n) {
		const uint8_t *p = memmem(r->bytes.p + *at, r->bytes.n - *at,
					  mark, sizeof(mark));

		if (p == NULL) {
			break;
		}
		*at = (size_t)(p - r->bytes.p) + sizeof(mark);
		if (r->bytes.n - (size_t)(p - r->bytes.p) < NODE_BYTES) {
			break;
		}
		*out = bytes_of(p, NODE_BYTES);
		if (node_header_get(*out, out_header) == 0) {
			return true;
		}
	}
	return false;
}

void
closure_close(struct closure *c)
{
	if (c == NULL) {
		return;
	}
	mdb_txn_abort(c->txn);
	for (int level = 0; level < NODE_LEVELS; level++) {
		secret_free(c->keys[level]);
	}
	secret_free(c->path);
	free(c);
}

/* Enters the node and, below it, all that it leads to. */
static void
closure_walk(struct closure *c, uint8_t level, uint64_t index,
	     const struct key *key)
{
	struct keyring *k = c->keyring;
	uint8_t *plain = c->path[level];
	struct bytes sealed;

	if (index >= c->n[level] ||
	    tree_get(&k->trees[0], c->txn, level, index, &sealed) != 0 ||
	    node_open(key, level, index, k->store_id, sealed, plain) != 0) {
		c->tree.unreadable++;
		return;
	}
	c->keys[level][index] = *key;
	c->tree.nodes++;
	for (uint64_t i = 0; i < KEYRING_FANOUT; i++) {
		AUTO_KEY child;
		bool is_zero;

		node_child(plain, i, &child);
		is_zero = key_is_zero(&child);
		if (level == 0) {
			c->tree.slots_alive += !is_zero;
			c->tree.slots_dead += is_zero;
		} else if (!is_zero) {
			closure_walk(c, (uint8_t)(level - 1),
				     index * KEYRING_FANOUT + i, &child);
		}
	}
}

int
closure_open(struct keyring *readonly, struct closure **out,
	     struct scan_tree *out_tree)
{
	struct closure *c = calloc(1, sizeof(*c));
	int rc = 0;

	if (c == NULL) {
		return err_set(ERR_NOMEM, "no memory for the closure");
	}
	c->keyring = readonly;
	c->path = secret_alloc(sizeof(*c->path) * NODE_LEVELS);
	rc = c->path == NULL ? ERR_NOMEM : 0;
	for (uint8_t level = 0; rc == 0 && level < NODE_LEVELS; level++) {
		c->n[level] = node_ancestor(readonly->head.leaves - 1, level) +
			      1;
		c->keys[level] = secret_alloc((size_t)c->n[level] *
					      sizeof(struct key));
		if (c->keys[level] == NULL) {
			rc = ERR_NOMEM;
		}
	}
	if (rc == 0) {
		rc = tree_begin(&readonly->trees[0], false, &c->txn);
	}
	if (rc != 0) {
		closure_close(c);
		return rc;
	}
	closure_walk(c, NODE_LEVEL_ROOT, 0, &readonly->secret->root);
	*out_tree = c->tree;
	*out = c;
	return 0;
}

int
scan_closure(const struct closure *c, const char *file, struct scan_pages *out)
{
	struct keyring *k = c->keyring;
	struct scan_pages s = {0};
	struct node_header h;
	struct bytes node;
	struct bytes live;
	struct raw raw;
	size_t at = 0;
	int rc = raw_open(file, &raw);

	if (rc != 0) {
		return rc;
	}
	s.pages = raw.bytes.n / PAGE_BYTES;
	while (raw_next(&raw, &at, &node, &h)) {
		s.node_like++;
		if (h.index >= c->n[h.level] ||
		    !node_commits(&c->keys[h.level][h.index], k->store_id,
				  node)) {
			s.closed++;
		} else if (tree_get(&k->trees[0], c->txn, h.level, h.index,
				    &live) == 0 &&
			   bytes_equal(live, node)) {
			s.live++;
		} else {
			s.stale++;
		}
	}
	raw_close(&raw);
	*out = s;
	return 0;
}

/* Where a node-like thing lies, by its place in the tree. */
struct found {
	uint64_t place; /* level and index */
	size_t at;
};

struct control {
	struct keyring *keyring;
	struct raw raw;
	struct found *found;
	size_t n;
	uint8_t (*path)[NODE_PLAIN_BYTES];
	struct scan_control counts;
};

static uint64_t
place_of(uint8_t level, uint64_t index)
{
	return (uint64_t)level << 56 | index;
}

static int
found_compare(const void *a, const void *b)
{
	const struct found *x = a;
	const struct found *y = b;

	if (x->place != y->place) {
		return x->place < y->place ? -1 : 1;
	}
	return x->at < y->at ? -1 : x->at > y->at;
}

static int
control_index(struct control *c)
{
	struct node_header h;
	struct bytes node;
	size_t cap = 0;
	size_t at = 0;

	while (raw_next(&c->raw, &at, &node, &h)) {
		if (c->n == cap) {
			size_t more = cap == 0 ? 1024 : 2 * cap;
			struct found *to = realloc(c->found,
						   more * sizeof(*to));

			if (to == NULL) {
				return err_set(ERR_NOMEM, "no memory for the "
							  "control");
			}
			c->found = to;
			cap = more;
		}
		c->found[c->n++] = (struct found){
			place_of(h.level, h.index),
			(size_t)(node.p - c->raw.bytes.p)};
	}
	if (c->n > 0) {
		qsort(c->found, c->n, sizeof(*c->found), found_compare);
	}
	return 0;
}

/* The version of the node that this key sealed, from any page. */
static bool
control_find(const struct control *c, uint8_t level, uint64_t index,
	     const struct key *key, struct bytes *out)
{
	const uint64_t place = place_of(level, index);
	size_t low = 0;
	size_t high = c->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->found[middle].place < place) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	for (; low < c->n && c->found[low].place == place; low++) {
		*out = bytes_of(c->raw.bytes.p + c->found[low].at, NODE_BYTES);
		if (node_commits(key, c->keyring->store_id, *out)) {
			return true;
		}
	}
	return false;
}

static void
control_walk(struct control *c, uint8_t level, uint64_t index,
	     const struct key *key)
{
	uint8_t *plain = c->path[level];
	struct bytes sealed;

	if (!control_find(c, level, index, key, &sealed) ||
	    node_open(key, level, index, c->keyring->store_id, sealed,
		      plain) != 0) {
		c->counts.missing++;
		return;
	}
	c->counts.nodes++;
	for (uint64_t i = 0; i < KEYRING_FANOUT; i++) {
		AUTO_KEY child;
		AUTO_KEY today;

		node_child(plain, i, &child);
		if (key_is_zero(&child)) {
			continue;
		}
		if (level > 0) {
			control_walk(c, (uint8_t)(level - 1),
				     index * KEYRING_FANOUT + i, &child);
		} else if (keyring_key(c->keyring, index * KEYRING_FANOUT + i,
				       &today) == ERR_EXPIRED) {
			c->counts.slots_back++;
		}
	}
}

int
scan_control(struct keyring *readonly, const char *file,
	     const char *old_keystore, const struct keystore_source *source,
	     struct scan_control *out)
{
	const struct keystore_config from = {.paths = {old_keystore},
					     .source = *source,
					     .entropy = readonly->entropy};
	struct control c = {.keyring = readonly};
	struct keystore *old = NULL;
	const struct keystore_content *content;
	int rc = keystore_open(&from, true, &old);

	if (rc == 0 && !id_equal(keystore_store_id(old), readonly->store_id)) {
		rc = err_set(ERR_CORRUPT, "the old keystore is of another "
					  "store");
	}
	if (rc == 0) {
		rc = raw_open(file, &c.raw);
	}
	if (rc != 0) {
		keystore_close(old);
		return rc;
	}
	c.path = secret_alloc(sizeof(*c.path) * NODE_LEVELS);
	rc = c.path == NULL ? ERR_NOMEM : control_index(&c);
	if (rc == 0) {
		content = keystore_content(old);
		c.counts.epoch = content->epoch;
		control_walk(&c, NODE_LEVEL_ROOT, 0, &content->root);
		*out = c.counts;
	}
	secret_free(c.path);
	free(c.found);
	raw_close(&c.raw);
	keystore_close(old);
	return rc;
}

/* One row of the tree: in its place, under a parent that is no older. */
static bool
row_is_right(const struct tree *t, MDB_txn *txn, const MDB_val *at,
	     const MDB_val *value)
{
	struct node_header h;
	struct node_header parent;
	struct bytes b;
	uint8_t place[NODE_KEY_BYTES];

	if (node_header_get(bytes_of(value->mv_data, value->mv_size), &h) !=
	    0) {
		return false;
	}
	node_place(h.level, h.index, place);
	if (at->mv_size != sizeof(place) ||
	    memcmp(place, at->mv_data, sizeof(place)) != 0) {
		return false;
	}
	if (h.level == NODE_LEVEL_ROOT) {
		return h.index == 0;
	}
	return tree_get(t, txn, (uint8_t)(h.level + 1),
			h.index / KEYRING_FANOUT, &b) == 0 &&
	       node_header_get(b, &parent) == 0 && parent.epoch >= h.epoch;
}

static int
structure_rows(const struct tree *t, MDB_txn *txn, struct scan_structure *s)
{
	MDB_cursor *cursor = NULL;
	MDB_val key, value;
	int rc = mdb_cursor_open(txn, t->dbi, &cursor);

	while (rc == 0 &&
	       (rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
		if (*(const uint8_t *)key.mv_data >= TREE_LEVEL_RECOVERIES) {
			continue;
		}
		s->nodes++;
		s->wrong += !row_is_right(t, txn, &key, &value);
	}
	if (cursor != NULL) {
		mdb_cursor_close(cursor);
	}
	return rc == MDB_NOTFOUND ? 0
				  : err_set(ERR_CORRUPT, "keys: %s",
					    mdb_strerror(rc));
}

int
scan_structure(const char *directory, struct scan_structure *out)
{
	struct scan_structure s = {0};
	struct tree_head head;
	struct tree t;
	MDB_txn *txn = NULL;
	int rc = tree_open(directory, TREE_READ, &t);

	if (rc != 0) {
		return rc;
	}
	rc = tree_head_read(&t, &head);
	if (rc == 0) {
		rc = tree_begin(&t, false, &txn);
	}
	if (rc == 0) {
		s.epoch = head.epoch;
		s.grown = head.leaves * KEYRING_FANOUT;
		s.store_id = head.store_id;
		s.batch_id = head.batch_id;
		rc = structure_rows(&t, txn, &s);
		s.wrong += s.nodes != head.nodes;
	}
	mdb_txn_abort(txn);
	tree_close(&t);
	if (rc == 0) {
		*out = s;
	}
	return rc;
}

int
scan_last_batch(struct keyring *readonly, slot_t **out_slots, size_t *out_n,
		struct keyring_batch *out)
{
	const struct tree_head *head = &readonly->head;
	MDB_txn *txn = NULL;
	struct bytes row;
	uint8_t hash[32];
	slot_t *slots = NULL;
	size_t n = 0;
	int rc;

	if (head->batch_id != 0) {
		rc = tree_begin(&readonly->trees[0], false, &txn);
		if (rc != 0) {
			return rc;
		}
		rc = tree_get(&readonly->trees[0], txn, TREE_LEVEL_BATCH, 0,
			      &row);
		if (rc == 0) {
			aead_hash(NULL, row, hash);
		}
		if (rc == 0 && !bytes_equal(bytes_of(hash, 32),
					    bytes_of(head->batch_hash, 32))) {
			rc = err_set(ERR_CORRUPT, "keys: another batch's "
						  "slots");
		}
		if (rc == 0) {
			n = row.n < 16 ? 0 : (row.n - 16) / 8;
			slots = calloc(n + 1, sizeof(*slots));
			rc = slots == NULL ? err_set(ERR_NOMEM, "no memory")
					   : 0;
		}
		for (size_t i = 0; rc == 0 && i < n; i++) {
			slots[i] = get_u64(row.p + 16 + 8 * i);
		}
		mdb_txn_abort(txn);
		if (rc != 0) {
			free(slots);
			return rc;
		}
	}
	*out_slots = slots;
	*out_n = n;
	*out = (struct keyring_batch){head->batch_id, head->batch_epoch};
	return 0;
}

/*
 * Copies of the tree compared when it is opened. A batch writes the same bytes
 * into all, so that nodes which differ are spoiled in all copies but one: that
 * which opens is written over the others. What is the same everywhere is
 * opened only as far as the way down needs it.
 */
#include "keyring/private.h"

/* Rows in one transaction; LMDB bears 131,071 dirty pages. */
#define ROWS_MAX 8192

struct mending {
	struct keyring *k;
	MDB_txn *txns[KEYRING_TREES_MAX];
	size_t written; /* in these transactions */
	struct keyring_recovery *found;
};

/* The node in each copy; empty where there is none to be read. */
static bool
rows_read(const struct mending *m, uint8_t level, uint64_t index,
	  struct bytes rows[KEYRING_TREES_MAX])
{
	bool same = true;

	for (size_t i = 0; i < m->k->n_trees; i++) {
		if (tree_get(&m->k->trees[i], m->txns[i], level, index,
			     &rows[i]) != 0) {
			err_clear();
			rows[i] = bytes_of(NULL, 0);
		}
		same = same && bytes_equal(rows[i], rows[0]);
	}
	return same;
}

/* The first copy that opens; n_trees: none does. */
static size_t
rows_open(const struct mending *m, const struct bytes *rows,
	  const struct key *key, uint8_t level, uint64_t index, uint8_t *plain)
{
	size_t i = 0;

	while (i < m->k->n_trees && node_open(key, level, index,
					      m->k->store_id, rows[i],
					      plain) != 0) {
		err_clear();
		i++;
	}
	return i;
}

/* Writes what opens over what differs from it. *out_open: `plain` holds the
 * node's keys; not of a leaf that is the same in all copies. */
static int
node_mend(struct mending *m, uint8_t level, uint64_t index,
	  const struct key *key, uint8_t *plain, bool *out_open)
{
	struct bytes rows[KEYRING_TREES_MAX];
	bool same = rows_read(m, level, index, rows);
	size_t good;
	int rc = 0;

	*out_open = false;
	if (same && level == 0) {
		return 0;
	}
	good = rows_open(m, rows, key, level, index, plain);
	if (good == m->k->n_trees) {
		m->found->lost_nodes++;
		return 0;
	}
	*out_open = true;
	for (size_t i = 0; rc == 0 && !same && i < m->k->n_trees; i++) {
		if (!bytes_equal(rows[i], rows[good])) {
			rc = tree_put(&m->k->trees[i], m->txns[i], level,
				      index, rows[good]);
			m->written++;
			m->found->mended_nodes++;
		}
	}
	return rc;
}

/* This node and all below it, until the transactions are full. One plain node
 * a level is open at a time. */
static int
below_mend(struct mending *m, uint8_t level, uint64_t index,
	   const struct key *key)
{
	uint8_t *plain = m->k->secret->scratch[level];
	bool is_open;
	int rc = node_mend(m, level, index, key, plain, &is_open);

	for (unsigned i = 0; rc == 0 && is_open && level > 0 &&
			     i < KEYRING_FANOUT && m->written < ROWS_MAX;
	     i++) {
		AUTO_KEY child;

		node_child(plain, i, &child);
		if (!key_is_zero(&child)) {
			rc = below_mend(m, (uint8_t)(level - 1),
					index * KEYRING_FANOUT + i, &child);
		}
	}
	secret_wipe(plain, NODE_PLAIN_BYTES);
	return rc;
}

static int
mend_some(struct mending *m)
{
	struct keyring *k = m->k;
	int rc = 0;

	m->written = 0;
	m->found->lost_nodes = 0;
	for (size_t i = 0; rc == 0 && i < k->n_trees; i++) {
		rc = tree_begin(&k->trees[i], true, &m->txns[i]);
	}
	if (rc == 0) {
		rc = below_mend(m, NODE_LEVEL_ROOT, 0, &k->secret->root);
	}
	for (size_t i = 0; i < k->n_trees; i++) {
		if (rc == 0 && m->written > 0) {
			rc = tree_commit(m->txns[i]);
		} else {
			mdb_txn_abort(m->txns[i]);
		}
		m->txns[i] = NULL;
	}
	return rc;
}

int
mend_trees(struct keyring *k, struct keyring_recovery *out)
{
	struct mending m = {.k = k, .found = out};
	int rc = 0;

	if (k->n_trees < 2) {
		return 0;
	}
	do {
		rc = mend_some(&m);
	} while (rc == 0 && m.written >= ROWS_MAX);
	if (rc == ERR_FULL || rc == ERR_CORRUPT) {
		/* A copy that cannot be mended keeps nobody from the others. */
		err_clear();
		out->mended_nodes -= (unsigned)m.written;
		out->unmended_copy = true;
		rc = 0;
	}
	return rc;
}

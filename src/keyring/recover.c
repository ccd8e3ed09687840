/* Opening after whatever happened: compares what the keystore says with what
 * each copy of the tree is, by the table in docs/format.md "The two-store
 * commit", and repairs copies from a good one. Destroys nothing because of
 * something that was only read back: a real synced write comes first. */

#include "keyring/private.h"

/* What one copy of the tree turned out to be. */
enum copy_state {
	COPY_LOST,   /* not there, or nothing to be read in it */
	COPY_NOW,    /* opens under the keystore's root key */
	COPY_NEXT,   /* opens under its next one */
	COPY_OTHER   /* readable, of an epoch that the keystore cannot open */
};

struct copies {
	const char *directories[KEYRING_TREES_MAX];
	enum copy_state states[KEYRING_TREES_MAX];
	struct tree_head heads[KEYRING_TREES_MAX];
	size_t n;
};

static void
copies_name(const struct keyring_config *config, struct copies *c)
{
	c->directories[c->n++] = config->directory;
	for (size_t i = 0; i < config->n_mirrors && i < KEYRING_MIRRORS_MAX;
	     i++) {
		c->directories[c->n++] = config->mirrors[i];
	}
}

/* Opens one copy, if it is there, and says what it is. */
static int
copy_look(struct keyring *k, struct copies *c, size_t i, enum tree_mode mode)
{
	const struct keystore_content *content = keystore_content(k->keystore);
	struct tree *t = &k->trees[i];
	int rc = tree_open(c->directories[i], mode, t);

	c->states[i] = COPY_LOST;
	if (rc == ERR_NOMEM || rc == ERR_IO) {
		return rc;
	}
	if (rc != 0) {
		return 0;
	}
	if (tree_check(t, &content->root, k->store_id, &c->heads[i]) == 0 &&
	    c->heads[i].epoch == content->epoch) {
		c->states[i] = COPY_NOW;
	} else if (content->state == KEYSTORE_PENDING &&
		   tree_check(t, &content->next, k->store_id, &c->heads[i]) ==
			   0 &&
		   c->heads[i].epoch == content->epoch + 1) {
		c->states[i] = COPY_NEXT;
	} else if (tree_head_read(t, &c->heads[i]) == 0) {
		c->states[i] = COPY_OTHER;
	}
	return 0;
}

static size_t
copies_find(const struct copies *c, enum copy_state state)
{
	size_t i = 0;

	while (i < c->n && c->states[i] != state) {
		i++;
	}
	return i;
}

/* No copy fits the keystore: says why, for an operator. */
static int
refuse(const struct copies *c, uint64_t epoch)
{
	size_t i = copies_find(c, COPY_OTHER);

	if (i == c->n) {
		return err_set(ERR_CORRUPT,
			       "keys: no readable copy of the tree; the "
			       "keystore is at epoch %llu",
			       (unsigned long long)epoch);
	}
	if (c->heads[i].epoch < epoch) {
		return err_set(ERR_CORRUPT,
			       "keys: at epoch %llu, the keystore at %llu: "
			       "restored from an old copy, or a write was lost",
			       (unsigned long long)c->heads[i].epoch,
			       (unsigned long long)epoch);
	}
	if (c->heads[i].epoch > epoch) {
		return err_set(ERR_CORRUPT,
			       "keystore: at epoch %llu, the keys at %llu: an "
			       "old keystore was put back",
			       (unsigned long long)epoch,
			       (unsigned long long)c->heads[i].epoch);
	}
	return err_set(ERR_CORRUPT,
		       "keys: the tree of epoch %llu does not open with the "
		       "keystore's root",
		       (unsigned long long)epoch);
}

/* PENDING, and the trees say how it ended. */
static int
settle(struct keyring *k, const struct copies *c, size_t source)
{
	struct keystore_content *content = &k->secret->content;
	bool forward = c->states[source] == COPY_NEXT;
	int rc = tree_touch(&k->trees[source]);

	*content = *keystore_content(k->keystore);
	content->state = KEYSTORE_STABLE;
	content->batch = 0;
	if (forward) {
		content->root = content->next;
		content->epoch++;
	}
	secret_wipe(&content->next, sizeof(content->next));
	keyring_step(k, "recover-touched");
	if (rc == 0) {
		rc = keystore_write(k->keystore, content, "recover-one");
		keyring_step(k, "recover-one");
	}
	if (rc == 0) {
		rc = keystore_write(k->keystore, content, "recover");
		keyring_step(k, "recover");
	}
	return rc;
}

/* Copies the good tree over all others, and puts it first. */
static int
mirrors_repair(struct keyring *k, struct copies *c, size_t source,
	       unsigned *out_repaired)
{
	enum copy_state good = c->states[source];
	unsigned repaired = 0;

	for (size_t i = 0; i < c->n; i++) {
		int rc = 0;

		if (c->states[i] == good) {
			continue;
		}
		if (k->trees[i].env == NULL) {
			rc = tree_open(c->directories[i], TREE_CREATE,
				       &k->trees[i]);
		}
		if (rc == ERR_CORRUPT) {
			rc = tree_remove(c->directories[i]);
			if (rc == 0) {
				rc = tree_open(c->directories[i], TREE_CREATE,
					       &k->trees[i]);
			}
		}
		if (rc == 0) {
			rc = tree_copy(&k->trees[source], &k->trees[i]);
		}
		if (rc != 0) {
			return rc;
		}
		repaired++;
		keyring_step(k, "repaired-mirror");
	}
	*out_repaired = repaired;
	return 0;
}

static void
batch_answer(const struct keyring *k, struct keyring_batch running,
	     struct keyring_recovery *out)
{
	if (running.id != 0) {
		out->batch_done = k->head.batch_id == running.id;
		out->batch_again = !out->batch_done;
	}
}

int
recover_open(const struct keyring_config *config, struct keyring *k,
	     struct keyring_batch running, struct keyring_recovery *out)
{
	struct keystore_config from = keyring_keystore_config(config);
	struct copies c = {0};
	bool pending;
	size_t source;
	int rc = keystore_open(&from, false, &k->keystore);

	if (rc != 0) {
		return rc;
	}
	copies_name(config, &c);
	k->store_id = keystore_store_id(k->keystore);
	k->weak = keystore_is_weak(k->keystore);
	pending = keystore_content(k->keystore)->state == KEYSTORE_PENDING;
	for (size_t i = 0; rc == 0 && i < c.n && pending; i++) {
		rc = tree_write_again(c.directories[i]);
	}
	k->n_trees = c.n;
	for (size_t i = 0; rc == 0 && i < c.n; i++) {
		rc = copy_look(k, &c, i, TREE_WRITE);
	}
	if (rc != 0) {
		return rc;
	}
	source = copies_find(&c, COPY_NEXT);
	if (source == c.n) {
		source = copies_find(&c, COPY_NOW);
	}
	if (source == c.n) {
		return refuse(&c, keystore_content(k->keystore)->epoch);
	}
	if (pending) {
		rc = settle(k, &c, source);
	}
	if (rc == 0 && !keystore_is_even(k->keystore)) {
		rc = keystore_repair(k->keystore, &out->repaired_keystores);
	}
	if (rc == 0) {
		rc = mirrors_repair(k, &c, source, &out->repaired_mirrors);
	}
	if (rc == 0) {
		k->head = c.heads[source];
		k->secret->root = keystore_content(k->keystore)->root;
		k->secret->outer = keystore_content(k->keystore)->outer;
		batch_answer(k, running, out);
		rc = mend_trees(k, out);
	}
	return rc;
}

int
recover_open_readonly(const struct keyring_config *config, struct keyring *k)
{
	struct keystore_config from = keyring_keystore_config(config);
	struct copies c = {0};
	size_t source;
	int rc = keystore_open(&from, true, &k->keystore);

	if (rc != 0) {
		return rc;
	}
	c.directories[c.n++] = config->directory;
	k->n_trees = c.n;
	k->store_id = keystore_store_id(k->keystore);
	k->weak = keystore_is_weak(k->keystore);
	rc = copy_look(k, &c, 0, TREE_READ);
	if (rc != 0) {
		return rc;
	}
	source = copies_find(&c, COPY_NEXT);
	if (source == c.n && copies_find(&c, COPY_NOW) == c.n) {
		return refuse(&c, keystore_content(k->keystore)->epoch);
	}
	k->head = c.heads[0];
	k->secret->root = source == 0 ? keystore_content(k->keystore)->next
				      : keystore_content(k->keystore)->root;
	k->secret->outer = keystore_content(k->keystore)->outer;
	return 0;
}

/* The LMDB environment of the key tree. Knows rows and syncs; the meaning of
 * epochs is recover.c's, the making of nodes erase.c's. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pack.h"
#include "keyring/tree.h"

#define PAGE_BYTES 4096
#define META_PAGES 2
#define COPY_ROWS_MAX 8192
#define CHUNK_BYTES (1u << 20)

static const uint8_t head_magic[4] = {'N', '9', 'K', 'H'};

static int
mdb_error(int rc, const char *what)
{
	if (rc == MDB_NOTFOUND) {
		return err_set(ERR_NOT_FOUND, "keys: no such node");
	}
	if (rc == MDB_MAP_FULL || rc == ENOSPC) {
		return err_set(ERR_FULL, "keys: no room (%s)", what);
	}
	if (rc == ENOMEM) {
		return err_set(ERR_NOMEM, "keys: %s", what);
	}
	if (rc == MDB_CORRUPTED || rc == MDB_INVALID || rc == MDB_PANIC ||
	    rc == MDB_VERSION_MISMATCH || rc == MDB_PAGE_NOTFOUND) {
		return err_set(ERR_CORRUPT, "keys: %s: %s", what,
			       mdb_strerror(rc));
	}
	return err_set(ERR_IO, "keys: %s: %s", what, mdb_strerror(rc));
}

static struct bytes
head_mac(const uint8_t *head, const struct key *root, uint8_t mac[32])
{
	aead_hash(root, bytes_of(head, TREE_HEAD_BYTES - 32), mac);
	return bytes_of(mac, 32);
}

void
tree_head_encode(const struct tree_head *h, const struct key *root,
		 uint8_t out[TREE_HEAD_BYTES])
{
	const uint64_t numbers[] = {
		h->epoch,	h->leaves,	  h->nodes,
		h->batch_id,	h->batch_epoch,	  h->rotation_from,
		h->rotation_left, h->rotation_leaf};
	uint8_t *p = out + 8 + ID_BYTES;

	memset(out, 0, TREE_HEAD_BYTES);
	memcpy(out, head_magic, sizeof(head_magic));
	out[4] = 1;
	memcpy(out + 8, h->store_id.b, ID_BYTES);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		put_u64(p, numbers[i]);
		p += 8;
	}
	memcpy(p, h->batch_hash, 32);
	memcpy(p + 32, h->root_hash, 32);
	(void)head_mac(out, root, p + 64);
}

int
tree_head_decode(struct bytes b, const struct key *root, struct tree_head *out)
{
	struct tree_head h;
	uint64_t *const numbers[] = {
		&h.epoch,	  &h.leaves,	    &h.nodes,
		&h.batch_id,	  &h.batch_epoch,   &h.rotation_from,
		&h.rotation_left, &h.rotation_leaf};
	const uint8_t *p = b.p + 8 + ID_BYTES;
	uint8_t mac[32];

	if (b.n != TREE_HEAD_BYTES ||
	    memcmp(b.p, head_magic, sizeof(head_magic)) != 0 || b.p[4] != 1) {
		return err_set(ERR_CORRUPT, "keys: no head");
	}
	if (root != NULL) {
		(void)head_mac(b.p, root, mac);
		if (!secret_equal(mac, b.p + TREE_HEAD_BYTES - 32, 32)) {
			return err_set(ERR_SEAL, "keys: the head is not of "
						 "this root key");
		}
	}
	memcpy(h.store_id.b, b.p + 8, ID_BYTES);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		*numbers[i] = get_u64(p);
		p += 8;
	}
	memcpy(h.batch_hash, p, 32);
	memcpy(h.root_hash, p + 32, 32);
	if (h.leaves > NODE_LEAVES_MAX) {
		return err_set(ERR_CORRUPT, "keys: head out of range");
	}
	*out = h;
	return 0;
}

char *
tree_file(const char *directory)
{
	char *path = NULL;

	return asprintf(&path, "%s/data.mdb", directory) < 0 ? NULL : path;
}

int
tree_remove(const char *directory)
{
	static const char *const names[] = {"data.mdb", "lock.mdb"};
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0) {
		return err_set(ERR_IO, "keys: %s", strerror(errno));
	}
	for (size_t i = 0; rc == 0 && i < 2; i++) {
		if (unlinkat(fd, names[i], 0) != 0 && errno != ENOENT) {
			rc = err_set(ERR_IO, "keys: %s", strerror(errno));
		}
	}
	(void)close(fd);
	return rc;
}

/* A file shorter than LMDB's last page would kill us when it is read. */
static int
check_length(const struct tree *t)
{
	MDB_envinfo info;
	struct stat st;
	int fd;

	if (mdb_env_info(t->env, &info) != 0 ||
	    mdb_env_get_fd(t->env, &fd) != 0 || fstat(fd, &st) != 0) {
		return err_set(ERR_IO, "keys: cannot ask for the length");
	}
	if ((uint64_t)st.st_size < ((uint64_t)info.me_last_pgno + 1) *
					   PAGE_BYTES) {
		return err_set(ERR_CORRUPT, "keys: the file is cut short");
	}
	return 0;
}

static int
env_open(const char *directory, enum tree_mode mode, struct tree *t)
{
	unsigned flags = MDB_NOTLS | MDB_NORDAHEAD;
	MDB_txn *txn = NULL;
	int rc = mdb_env_create(&t->env);

	if (rc == 0) {
		rc = mdb_env_set_mapsize(t->env, (size_t)TREE_MAP_BYTES);
	}
	if (mode == TREE_READ) {
		flags |= MDB_RDONLY | MDB_NOLOCK;
	}
	if (rc == 0) {
		rc = mdb_env_open(t->env, directory, flags, 0600);
	}
	if (rc == 0) {
		rc = mdb_txn_begin(t->env, NULL,
				   mode == TREE_READ ? MDB_RDONLY : 0, &txn);
	}
	if (rc == 0) {
		rc = mdb_dbi_open(txn, NULL, 0, &t->dbi);
	}
	if (rc == 0) {
		rc = mdb_txn_commit(txn);
		txn = NULL;
	}
	mdb_txn_abort(txn);
	return rc == 0 ? 0 : mdb_error(rc, "open");
}

int
tree_open(const char *directory, enum tree_mode mode, struct tree *out)
{
	struct tree t = {0};
	char *file = tree_file(directory);
	struct stat st;
	int rc = 0;

	if (file == NULL) {
		return err_set(ERR_NOMEM, "keys: no memory");
	}
	if (mode == TREE_CREATE) {
		if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
			rc = err_set(ERR_IO, "keys: %s", strerror(errno));
		}
	} else if (stat(file, &st) != 0) {
		rc = err_set(errno == ENOENT || errno == ENOTDIR
				     ? ERR_NOT_FOUND
				     : ERR_IO,
			     "keys: %s", strerror(errno));
	}
	free(file);
	if (rc == 0) {
		rc = env_open(directory, mode, &t);
	}
	if (rc == 0) {
		rc = check_length(&t);
	}
	if (rc == 0) {
		t.directory = strdup(directory);
		if (t.directory == NULL) {
			rc = err_set(ERR_NOMEM, "keys: no memory");
		}
	}
	if (rc != 0) {
		tree_close(&t);
		return rc;
	}
	*out = t;
	return 0;
}

void
tree_close(struct tree *t)
{
	if (t->env != NULL) {
		mdb_env_close(t->env);
	}
	free(t->directory);
	*t = (struct tree){0};
}

int
tree_begin(const struct tree *t, bool write, MDB_txn **out)
{
	int rc = mdb_txn_begin(t->env, NULL, write ? 0 : MDB_RDONLY, out);

	return rc == 0 ? 0 : mdb_error(rc, "begin");
}

int
tree_get(const struct tree *t, MDB_txn *txn, uint8_t level, uint64_t index,
	 struct bytes *out)
{
	uint8_t place[NODE_KEY_BYTES];
	MDB_val key = {sizeof(place), place};
	MDB_val value;
	int rc;

	node_place(level, index, place);
	rc = mdb_get(txn, t->dbi, &key, &value);
	if (rc != 0) {
		return mdb_error(rc, "read");
	}
	*out = bytes_of(value.mv_data, value.mv_size);
	return 0;
}

static int
row_put(const struct tree *t, MDB_txn *txn, struct bytes key,
	struct bytes value)
{
	/* LMDB reads through both pointers and writes through neither. */
	union {
		const void *from;
		void *to;
	} k = {key.p}, v = {value.p};
	MDB_val mdb_key = {key.n, k.to};
	MDB_val mdb_value = {value.n, v.to};
	int rc = mdb_put(txn, t->dbi, &mdb_key, &mdb_value, 0);

	return rc == 0 ? 0 : mdb_error(rc, "write");
}

int
tree_put(const struct tree *t, MDB_txn *txn, uint8_t level, uint64_t index,
	 struct bytes value)
{
	uint8_t place[NODE_KEY_BYTES];

	node_place(level, index, place);
	return row_put(t, txn, bytes_of(place, sizeof(place)), value);
}

int
tree_commit(MDB_txn *txn)
{
	int rc = mdb_txn_commit(txn);

	return rc == 0 ? 0
		       : err_set(ERR_OUTCOME, "keys: commit: %s",
				 mdb_strerror(rc));
}

int
tree_head_read(const struct tree *t, struct tree_head *out)
{
	MDB_txn *txn = NULL;
	struct bytes b;
	int rc = tree_begin(t, false, &txn);

	if (rc != 0) {
		return rc;
	}
	rc = tree_get(t, txn, TREE_LEVEL_HEAD, 0, &b);
	if (rc == 0) {
		rc = tree_head_decode(b, NULL, out);
	}
	mdb_txn_abort(txn);
	return rc;
}

static int
check_in(const struct tree *t, MDB_txn *txn, const struct key *root,
	 struct id store_id, struct tree_head *out)
{
	struct tree_head h;
	struct node_header header;
	struct bytes b = {NULL, 0};
	uint8_t hash[32];
	int rc = tree_get(t, txn, TREE_LEVEL_HEAD, 0, &b);

	if (rc == 0) {
		rc = tree_head_decode(b, root, &h);
	}
	if (rc == 0 && !id_equal(h.store_id, store_id)) {
		rc = err_set(ERR_CORRUPT, "keys: of another store");
	}
	if (rc == 0) {
		rc = tree_get(t, txn, NODE_LEVEL_ROOT, 0, &b);
	}
	if (rc == 0) {
		rc = node_header_get(b, &header);
	}
	if (rc != 0) {
		return rc;
	}
	aead_hash(NULL, b, hash);
	if (header.epoch != h.epoch ||
	    memcmp(hash, h.root_hash, sizeof(hash)) != 0 ||
	    !node_commits(root, store_id, b)) {
		return err_set(ERR_CORRUPT, "keys: root and head differ");
	}
	*out = h;
	return 0;
}

int
tree_check(const struct tree *t, const struct key *root, struct id store_id,
	   struct tree_head *out)
{
	MDB_txn *txn = NULL;
	int rc = tree_begin(t, false, &txn);

	if (rc == 0) {
		rc = check_in(t, txn, root, store_id, out);
		mdb_txn_abort(txn);
	}
	return rc;
}

int
tree_touch(const struct tree *t)
{
	MDB_txn *txn = NULL;
	uint8_t counter[8] = {0};
	struct bytes b = {NULL, 0};
	int rc = tree_begin(t, true, &txn);

	if (rc != 0) {
		return rc;
	}
	if (tree_get(t, txn, TREE_LEVEL_RECOVERIES, 0, &b) == 0 && b.n == 8) {
		memcpy(counter, b.p, sizeof(counter));
	}
	put_u64(counter, get_u64(counter) + 1);
	rc = tree_put(t, txn, TREE_LEVEL_RECOVERIES, 0,
		      bytes_of(counter, sizeof(counter)));
	if (rc != 0) {
		mdb_txn_abort(txn);
		return rc;
	}
	return tree_commit(txn);
}

/* Reads and writes [from, end) of the file with the same bytes. */
static int
range_write_again(int fd, uint8_t *chunk, off_t from, off_t end)
{
	while (from < end) {
		size_t want = end - from < (off_t)CHUNK_BYTES
				      ? (size_t)(end - from)
				      : CHUNK_BYTES;
		ssize_t n = pread(fd, chunk, want, from);

		if (n <= 0 || pwrite(fd, chunk, (size_t)n, from) != n) {
			return -1;
		}
		from += n;
	}
	return fdatasync(fd);
}

int
tree_write_again(const char *directory)
{
	char *file = tree_file(directory);
	uint8_t *chunk = malloc(CHUNK_BYTES);
	const off_t meta = (off_t)META_PAGES * PAGE_BYTES;
	struct stat st;
	int fd = -1;
	int rc = 0;

	if (file == NULL || chunk == NULL) {
		rc = err_set(ERR_NOMEM, "keys: no memory");
	} else if ((fd = open(file, O_RDWR | O_CLOEXEC)) < 0) {
		rc = errno == ENOENT || errno == ENOTDIR
			     ? 0
			     : err_set(ERR_IO, "keys: %s", strerror(errno));
	} else if (fstat(fd, &st) != 0 ||
		   range_write_again(fd, chunk, meta, st.st_size) != 0 ||
		   range_write_again(fd, chunk, 0,
				     st.st_size < meta ? st.st_size : meta) !=
			   0) {
		rc = err_set(ERR_OUTCOME, "keys: writing again: %s",
			     strerror(errno));
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	free(chunk);
	free(file);
	return rc;
}

/* Whether `to` holds exactly this row. */
static bool
row_equal(const struct tree *to, MDB_txn *txn, MDB_val *key,
	  const MDB_val *value)
{
	MDB_val old;

	return mdb_get(txn, to->dbi, key, &old) == 0 &&
	       bytes_equal(bytes_of(old.mv_data, old.mv_size),
			   bytes_of(value->mv_data, value->mv_size));
}

/* Copies up to COPY_ROWS_MAX changed rows from the cursor on, but the head;
 * *out_done at the end. */
static int
copy_rows(const struct tree *to, MDB_txn *txn, MDB_cursor *cursor,
	  MDB_cursor_op op, bool *out_done)
{
	MDB_val key, value;
	size_t n = 0;
	int rc = 0;

	while (rc == 0 && n < COPY_ROWS_MAX) {
		int found = mdb_cursor_get(cursor, &key, &value, op);

		op = MDB_NEXT;
		if (found == MDB_NOTFOUND) {
			*out_done = true;
			return 0;
		}
		if (found != 0) {
			return mdb_error(found, "read");
		}
		if (*(const uint8_t *)key.mv_data == TREE_LEVEL_HEAD ||
		    row_equal(to, txn, &key, &value)) {
			continue;
		}
		rc = row_put(to, txn, bytes_of(key.mv_data, key.mv_size),
			     bytes_of(value.mv_data, value.mv_size));
		n++;
	}
	return rc;
}

/* Removes rows of `to` that `from` does not have. */
static int
drop_rows(const struct tree *from, MDB_txn *source, const struct tree *to,
	  MDB_txn *txn)
{
	MDB_cursor *cursor = NULL;
	MDB_val key, value, other;
	int rc = mdb_cursor_open(txn, to->dbi, &cursor);

	while (rc == 0 &&
	       (rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
		if (mdb_get(source, from->dbi, &key, &other) == MDB_NOTFOUND) {
			rc = mdb_cursor_del(cursor, 0);
		}
	}
	if (cursor != NULL) {
		mdb_cursor_close(cursor);
	}
	return rc == MDB_NOTFOUND ? 0 : mdb_error(rc, "write");
}

/* First transaction: the head goes, so that a copy cut short is none. */
static int
copy_begin(const struct tree *to)
{
	uint8_t place[NODE_KEY_BYTES];
	MDB_val key = {sizeof(place), place};
	MDB_txn *txn = NULL;
	int rc = tree_begin(to, true, &txn);

	if (rc != 0) {
		return rc;
	}
	node_place(TREE_LEVEL_HEAD, 0, place);
	rc = mdb_del(txn, to->dbi, &key, NULL);
	if (rc != 0 && rc != MDB_NOTFOUND) {
		mdb_txn_abort(txn);
		return mdb_error(rc, "write");
	}
	return tree_commit(txn);
}

static int
copy_end(const struct tree *from, MDB_txn *source, const struct tree *to)
{
	MDB_txn *txn = NULL;
	struct bytes head = {NULL, 0};
	int rc = tree_get(from, source, TREE_LEVEL_HEAD, 0, &head);

	if (rc == 0) {
		rc = tree_begin(to, true, &txn);
	}
	if (rc != 0) {
		return rc;
	}
	rc = drop_rows(from, source, to, txn);
	if (rc == 0) {
		rc = tree_put(to, txn, TREE_LEVEL_HEAD, 0, head);
	}
	if (rc != 0) {
		mdb_txn_abort(txn);
		return rc;
	}
	return tree_commit(txn);
}

int
tree_copy(const struct tree *from, const struct tree *to)
{
	MDB_txn *source = NULL;
	MDB_cursor *cursor = NULL;
	MDB_cursor_op op = MDB_FIRST;
	bool done = false;
	int rc = copy_begin(to);

	if (rc == 0) {
		rc = tree_begin(from, false, &source);
	}
	if (rc == 0 && mdb_cursor_open(source, from->dbi, &cursor) != 0) {
		rc = err_set(ERR_NOMEM, "keys: no memory");
	}
	while (rc == 0 && !done) {
		MDB_txn *txn = NULL;

		rc = tree_begin(to, true, &txn);
		if (rc == 0) {
			rc = copy_rows(to, txn, cursor, op, &done);
			if (rc != 0) {
				mdb_txn_abort(txn);
			} else {
				rc = tree_commit(txn);
			}
		}
		op = MDB_NEXT;
	}
	if (rc == 0) {
		rc = copy_end(from, source, to);
	}
	if (cursor != NULL) {
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(source);
	return rc;
}

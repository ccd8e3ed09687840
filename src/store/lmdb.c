/*
 * The LMDB engine, the only file of the store that sees lmdb.h. One named
 * database a table, one more for what the engine keeps about itself. The map
 * is opened once and never resized: resizing with a reader open unmaps the
 * reader's pages. No WRITEMAP, NOSYNC, NOMEMINIT, DUPSORT.
 */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/pack.h"
#include "store/engine.h"
#include "store/io.h"
#include "store/write_set.h"

#define MAP_BYTES ((size_t)1 << 40)
/* Where address space is scarce (a sanitizer, a limit), less must do. */
#define MAP_BYTES_MIN ((size_t)1 << 34)
#define APPLIES_BETWEEN_READER_CHECKS 64

#define META_NAME "meta"
#define META_SEQUENCE "sequence"

struct lmdb_engine {
	struct engine base;
	MDB_env *env;
	MDB_dbi tables[TABLE_END];
	MDB_dbi meta;
	unsigned applies;
	bool is_readonly;
	pthread_mutex_t lock; /* held_end alone */
	uint64_t held_end;    /* the file's blocks are ours up to here */
	size_t page_bytes;
};

struct engine_view {
	struct lmdb_engine *engine;
	MDB_txn *txn;
	uint64_t sequence;
};

struct engine_cursor {
	struct lmdb_engine *engine;
	MDB_cursor *cursor;
	enum { CURSOR_AT_START, CURSOR_ON, CURSOR_AT_END } state;
	bool reverse;
	size_t from_n;
	uint8_t from[KEY_BYTES_MAX];
};

static struct lmdb_engine *
lmdb_of(struct engine *e)
{
	return (struct lmdb_engine *)e;
}

static MDB_val
val_of(struct bytes b)
{
	union {
		const uint8_t *borrowed;
		void *p;
	} at = {.borrowed = b.p};

	/* LMDB has no const in its values; it does not write through them. */
	return (MDB_val){b.n, at.p};
}

static struct bytes
bytes_of_val(const MDB_val *v)
{
	return bytes_of(v->mv_data, v->mv_size);
}

/* Errors before anything was written: the state is as it was. */
static int
fail(int rc, const char *what)
{
	switch (rc) {
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
	case ENOSPC:
	case EDQUOT:
		return err_set(ERR_FULL, "%s: %s", what, mdb_strerror(rc));
	case MDB_READERS_FULL:
		return err_set(ERR_BUSY, "%s: %s", what, mdb_strerror(rc));
	case ENOMEM:
		return err_set(ERR_NOMEM, "%s: %s", what, mdb_strerror(rc));
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
		return err_set(ERR_CORRUPT, "%s: %s", what, mdb_strerror(rc));
	case MDB_PANIC:
		return err_set(ERR_OUTCOME, "%s: %s", what, mdb_strerror(rc));
	default:
		return err_set(ERR_IO, "%s: %s", what, mdb_strerror(rc));
	}
}

static int
begin(struct lmdb_engine *l, unsigned flags, MDB_txn **out)
{
	int rc = mdb_txn_begin(l->env, NULL, flags, out);

	if (rc == MDB_READERS_FULL) {
		int dead;

		(void)mdb_reader_check(l->env, &dead);
		rc = mdb_txn_begin(l->env, NULL, flags, out);
	}
	return rc == 0 ? 0 : fail(rc, "data: begin");
}

static int
read_sequence(struct lmdb_engine *l, MDB_txn *txn, uint64_t *out)
{
	MDB_val key = val_of(bytes_str(META_SEQUENCE));
	MDB_val value;
	int rc = mdb_get(txn, l->meta, &key, &value);

	if (rc == MDB_NOTFOUND) {
		*out = 0;
		return 0;
	}
	if (rc != 0) {
		return fail(rc, "data: sequence");
	}
	if (value.mv_size != sizeof(*out)) {
		return err_set(ERR_CORRUPT, "data: the sequence is malformed");
	}
	*out = get_u64(value.mv_data);
	return 0;
}

static int
view_open(struct engine *e, struct engine_view **out)
{
	struct engine_view *view = calloc(1, sizeof(*view));
	int rc;

	if (view == NULL) {
		return err_set(ERR_NOMEM, "no memory for a view");
	}
	view->engine = lmdb_of(e);
	rc = begin(view->engine, MDB_RDONLY, &view->txn);
	if (rc == 0) {
		rc = read_sequence(view->engine, view->txn, &view->sequence);
		if (rc != 0) {
			mdb_txn_abort(view->txn);
		}
	}
	if (rc != 0) {
		free(view);
		return rc;
	}
	*out = view;
	return 0;
}

static void
view_close(struct engine_view *view)
{
	if (view != NULL) {
		mdb_txn_abort(view->txn);
		free(view);
	}
}

static uint64_t
view_sequence(struct engine_view *view)
{
	return view->sequence;
}

static int
view_get(struct engine_view *view, enum table table, struct bytes key,
	 struct bytes *out_value)
{
	MDB_val k = val_of(key);
	MDB_val v;
	int rc = mdb_get(view->txn, view->engine->tables[table], &k, &v);

	if (rc == MDB_NOTFOUND) {
		return ERR_NOT_FOUND;
	}
	if (rc != 0) {
		return fail(rc, "data: get");
	}
	*out_value = bytes_of_val(&v);
	return 0;
}

static int
cursor_open(struct engine_view *view, enum table table, struct bytes from,
	    bool reverse, struct engine_cursor **out)
{
	struct engine_cursor *c = calloc(1, sizeof(*c));
	int rc;

	if (c == NULL) {
		return err_set(ERR_NOMEM, "no memory for a cursor");
	}
	rc = mdb_cursor_open(view->txn, view->engine->tables[table],
			     &c->cursor);
	if (rc != 0) {
		free(c);
		return fail(rc, "data: cursor");
	}
	c->engine = view->engine;
	c->reverse = reverse;
	c->from_n = from.n;
	if (from.n > 0) {
		memcpy(c->from, from.p, from.n);
	}
	*out = c;
	return 0;
}

static int
cursor_start(struct engine_cursor *c, MDB_val *key, MDB_val *value)
{
	struct bytes from = bytes_of(c->from, c->from_n);
	int rc;

	if (from.n == 0) {
		return mdb_cursor_get(c->cursor, key, value,
				      c->reverse ? MDB_LAST : MDB_FIRST);
	}
	*key = val_of(from);
	rc = mdb_cursor_get(c->cursor, key, value, MDB_SET_RANGE);
	if (!c->reverse) {
		return rc;
	}
	if (rc == MDB_NOTFOUND) {
		return mdb_cursor_get(c->cursor, key, value, MDB_LAST);
	}
	if (rc == 0 && !bytes_equal(bytes_of_val(key), from)) {
		return mdb_cursor_get(c->cursor, key, value, MDB_PREV);
	}
	return rc;
}

static int
cursor_next(struct engine_cursor *c, struct bytes *out_key,
	    struct bytes *out_value)
{
	MDB_val key = {0, NULL};
	MDB_val value = {0, NULL};
	int rc = MDB_NOTFOUND;

	switch (c->state) {
	case CURSOR_AT_START:
		rc = cursor_start(c, &key, &value);
		c->state = CURSOR_ON;
		break;
	case CURSOR_ON:
		rc = mdb_cursor_get(c->cursor, &key, &value,
				    c->reverse ? MDB_PREV : MDB_NEXT);
		break;
	case CURSOR_AT_END:
		break;
	}
	if (rc == MDB_NOTFOUND) {
		c->state = CURSOR_AT_END;
		return 0;
	}
	if (rc != 0) {
		return fail(rc, "data: cursor");
	}
	*out_key = bytes_of_val(&key);
	*out_value = bytes_of_val(&value);
	return 1;
}

static void
cursor_close(struct engine_cursor *c)
{
	if (c != NULL) {
		mdb_cursor_close(c->cursor);
		free(c);
	}
}

/* A key beyond the last one of its table goes to the end: pages are filled
 * one after the other then, instead of split in half. */
static int
put_row(MDB_cursor *cursor, const struct write_set_row *row, bool *may_append)
{
	MDB_val key = val_of(row->key);
	MDB_val value = val_of(row->value);
	MDB_val last;
	MDB_val ignored;
	int rc;

	if (!*may_append) {
		rc = mdb_cursor_get(cursor, &last, &ignored, MDB_LAST);
		if (rc != 0 && rc != MDB_NOTFOUND) {
			return rc;
		}
		*may_append = rc == MDB_NOTFOUND ||
			      bytes_compare(bytes_of_val(&last), row->key) < 0;
	}
	if (*may_append) {
		rc = mdb_cursor_put(cursor, &key, &value, MDB_APPEND);
		if (rc != MDB_KEYEXIST) {
			return rc;
		}
		*may_append = false;
		key = val_of(row->key);
		value = val_of(row->value);
	}
	return mdb_cursor_put(cursor, &key, &value, 0);
}

static int
apply_table(struct lmdb_engine *l, MDB_txn *txn, const struct write_set *set,
	    enum table table)
{
	const struct write_set_row *row =
		write_set_seek(set, table, bytes_of(NULL, 0), false);
	bool may_append = false;
	MDB_cursor *cursor;
	int rc;

	if (row == NULL) {
		return 0;
	}
	rc = mdb_cursor_open(txn, l->tables[table], &cursor);
	if (rc != 0) {
		return rc;
	}
	for (; rc == 0 && row != NULL;
	     row = write_set_step(row, false)) {
		MDB_val key = val_of(row->key);

		if (row->is_deleted) {
			rc = mdb_del(txn, l->tables[table], &key, NULL);
			rc = rc == MDB_NOTFOUND ? 0 : rc;
		} else {
			rc = put_row(cursor, row, &may_append);
		}
	}
	mdb_cursor_close(cursor);
	return rc;
}

static int
put_sequence(struct lmdb_engine *l, MDB_txn *txn, uint64_t sequence)
{
	MDB_val key = val_of(bytes_str(META_SEQUENCE));
	uint8_t b[sizeof(sequence)];
	MDB_val value = {sizeof(b), b};

	put_u64(b, sequence);
	return mdb_put(txn, l->meta, &key, &value, 0);
}

/*
 * A commit writes pages, syncs, then writes the page that makes them count. No
 * room for the pages leaves the old state whole. Whatever fails after that is
 * unknown: the sync may have failed after the disk had it, and the kernel says
 * so only once.
 */
static int
commit(struct lmdb_engine *l, MDB_txn *txn)
{
	int rc = mdb_txn_commit(txn);
	MDB_txn *probe = NULL;

	if (rc == 0) {
		return 0;
	}
	if (rc != ENOSPC && rc != EDQUOT && rc != MDB_MAP_FULL) {
		return err_set(ERR_OUTCOME, "data: commit: %s",
			       mdb_strerror(rc));
	}
	/* LMDB gives itself up (MDB_PANIC) when that last page failed. */
	if (mdb_txn_begin(l->env, NULL, MDB_RDONLY, &probe) == MDB_PANIC) {
		return err_set(ERR_OUTCOME, "data: commit: %s",
			       mdb_strerror(rc));
	}
	mdb_txn_abort(probe);
	return fail(rc, "data: commit");
}

static int
apply(struct engine *e, struct write_set *const *sets, size_t n,
      uint64_t sequence)
{
	struct lmdb_engine *l = lmdb_of(e);
	MDB_txn *txn;
	int dead;
	int rc = begin(l, 0, &txn);

	if (rc != 0) {
		return rc;
	}
	for (size_t i = 0; rc == 0 && i < n; i++) {
		for (enum table t = 0; rc == 0 && t < TABLE_END; t++) {
			rc = apply_table(l, txn, sets[i], t);
		}
	}
	if (rc == 0) {
		rc = put_sequence(l, txn, sequence);
	}
	if (rc != 0) {
		mdb_txn_abort(txn);
		return fail(rc, "data: write");
	}
	if (++l->applies % APPLIES_BETWEEN_READER_CHECKS == 0) {
		(void)mdb_reader_check(l->env, &dead);
	}
	return commit(l, txn);
}

static uint64_t
used_end(struct lmdb_engine *l)
{
	MDB_envinfo info;

	(void)mdb_env_info(l->env, &info);
	return ((uint64_t)info.me_last_pgno + 1) * l->page_bytes;
}

static int
file_of(struct lmdb_engine *l)
{
	mdb_filehandle_t fd = -1;

	(void)mdb_env_get_fd(l->env, &fd);
	return fd;
}

static uint64_t
held_beyond(struct lmdb_engine *l, uint64_t end)
{
	uint64_t held;

	pthread_mutex_lock(&l->lock);
	held = l->held_end > end ? l->held_end - end : 0;
	pthread_mutex_unlock(&l->lock);
	return held;
}

static uint64_t
room(struct engine *e)
{
	struct lmdb_engine *l = lmdb_of(e);
	struct statvfs fs;

	if (fstatvfs(file_of(l), &fs) != 0) {
		return 0;
	}
	return held_beyond(l, used_end(l)) +
	       (uint64_t)fs.f_bavail * fs.f_frsize;
}

/*
 * Blocks behind the end of the file, which stays as long as it is. Where the
 * file system cannot do that, free room now is all there is to go by.
 */
static int
hold_room(struct engine *e, uint64_t bytes)
{
	struct lmdb_engine *l = lmdb_of(e);
	uint64_t end = used_end(l);
	int rc = 0;

	pthread_mutex_lock(&l->lock);
	if (l->held_end < end + bytes) {
		rc = fallocate(file_of(l), FALLOC_FL_KEEP_SIZE, (off_t)end,
			       (off_t)bytes);
		rc = rc == 0 ? 0 : errno;
		if (rc == 0) {
			l->held_end = end + bytes;
		}
	}
	pthread_mutex_unlock(&l->lock);
	if (rc == EOPNOTSUPP && room(e) >= bytes) {
		rc = 0;
	}
	if (rc != 0) {
		return err_set(ERR_FULL, "data: no room to hold: %s",
			       strerror(rc));
	}
	return 0;
}

static int
copy_to(struct lmdb_engine *l, const char *directory, unsigned flags)
{
	char path[IO_PATH_BYTES_MAX];
	int rc = io_path(path, directory, "data.mdb");
	int fd;

	if (rc != 0) {
		return rc;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		return err_set(ERR_IO, "data: copy: %s", strerror(errno));
	}
	rc = mdb_env_copyfd2(l->env, fd, flags);
	if (rc == 0 && fsync(fd) != 0) {
		rc = errno;
	}
	(void)close(fd);
	return rc == MDB_INCOMPATIBLE ? rc
	       : rc == 0 ? io_sync_directory(io_system(), directory)
			 : fail(rc, "data: copy");
}

static int
copy(struct engine *e, const char *directory)
{
	int rc = io_make_directory(io_system(), directory);

	if (rc != 0) {
		return rc;
	}
	rc = copy_to(lmdb_of(e), directory, MDB_CP_COMPACT);
	if (rc == MDB_INCOMPATIBLE) {
		/* Pages that were lost track of (LMDB before 0.9.25, in very
		 * large batches) stop a compacting copy, not a plain one. */
		rc = copy_to(lmdb_of(e), directory, 0);
	}
	return rc == MDB_INCOMPATIBLE ? fail(rc, "data: copy") : rc;
}

static void
close_engine(struct engine *e)
{
	struct lmdb_engine *l = lmdb_of(e);
	struct stat st;

	if (l->env != NULL) {
		/* Gives back the blocks behind the end of the file. */
		if (l->held_end > 0 && fstat(file_of(l), &st) == 0 &&
		    ftruncate(file_of(l), st.st_size) != 0) {
			l->held_end = 0;
		}
		mdb_env_close(l->env);
	}
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static const struct engine_ops lmdb_ops = {
	.view_open = view_open,
	.view_close = view_close,
	.view_sequence = view_sequence,
	.get = view_get,
	.cursor_open = cursor_open,
	.cursor_next = cursor_next,
	.cursor_close = cursor_close,
	.apply = apply,
	.room = room,
	.hold_room = hold_room,
	.copy = copy,
	.close = close_engine,
};

static int
env_open(const char *directory, unsigned flags, MDB_env **out)
{
	size_t map_bytes = MAP_BYTES;
	MDB_env *env;
	int rc;

	do {
		rc = mdb_env_create(&env);
		if (rc != 0) {
			return fail(rc, "data: open");
		}
		(void)mdb_env_set_mapsize(env, map_bytes);
		(void)mdb_env_set_maxdbs(env, TABLE_END + 1);
		rc = mdb_env_open(env, directory, MDB_NOTLS | flags, 0600);
		if (rc != 0) {
			mdb_env_close(env);
		}
		map_bytes /= 2;
	} while (rc == ENOMEM && map_bytes >= MAP_BYTES_MIN);
	if (rc != 0) {
		return fail(rc, "data: open");
	}
	*out = env;
	return 0;
}

static int
open_tables(struct lmdb_engine *l)
{
	unsigned create = l->is_readonly ? 0 : MDB_CREATE;
	MDB_txn *txn;
	int rc = begin(l, l->is_readonly ? MDB_RDONLY : 0, &txn);

	if (rc != 0) {
		return rc;
	}
	rc = mdb_dbi_open(txn, META_NAME, create, &l->meta);
	for (enum table t = 0; rc == 0 && t < TABLE_END; t++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "t%02u", (unsigned)t);
		rc = mdb_dbi_open(txn, name, create, &l->tables[t]);
	}
	if (rc != 0) {
		mdb_txn_abort(txn);
		return fail(rc, "data: tables");
	}
	return commit(l, txn);
}

static int
engine_open(const char *directory, bool is_readonly, struct engine **out)
{
	struct lmdb_engine *l = calloc(1, sizeof(*l));
	MDB_stat stat;
	int dead;
	int rc;

	if (l == NULL || pthread_mutex_init(&l->lock, NULL) != 0) {
		free(l);
		return err_set(ERR_NOMEM, "no memory for an engine");
	}
	l->base.ops = &lmdb_ops;
	l->is_readonly = is_readonly;
	rc = env_open(directory, is_readonly ? MDB_RDONLY | MDB_NOLOCK : 0,
		      &l->env);
	if (rc == 0 && !is_readonly) {
		(void)mdb_reader_check(l->env, &dead);
	}
	if (rc == 0) {
		rc = open_tables(l);
	}
	if (rc != 0) {
		close_engine(&l->base);
		return rc;
	}
	(void)mdb_env_stat(l->env, &stat);
	l->page_bytes = stat.ms_psize;
	*out = &l->base;
	return 0;
}

int
engine_lmdb_open(const char *directory, struct engine **out)
{
	int rc = io_make_directory(io_system(), directory);

	return rc != 0 ? rc : engine_open(directory, false, out);
}

int
engine_lmdb_open_readonly(const char *directory, struct engine **out)
{
	return engine_open(directory, true, out);
}

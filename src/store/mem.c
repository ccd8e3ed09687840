/*
 * The memory engine: a write set whose values are chains of versions, newest
 * first, so that a view sees one state while others write. Versions that no
 * view can see go when their key is written again. For tests: nothing lasts.
 */
#include <pthread.h>
#include <stdlib.h>

#include "store/engine.h"
#include "store/write_set.h"

#define MEMORY_BYTES_MAX ((size_t)1 << 30)

struct version {
	struct version *older;
	uint64_t sequence;
	bool is_deleted;
	size_t n;
	uint8_t value[];
};

struct memory_engine {
	struct engine base;
	pthread_rwlock_t lock;
	struct write_set *rows; /* each value is one struct version pointer */
	struct engine_view *views;
	uint64_t sequence;
	uint64_t bytes;
};

struct engine_view {
	struct memory_engine *engine;
	uint64_t sequence;
	struct engine_view *next;
	struct engine_view **at;
};

struct engine_cursor {
	struct engine_view *view;
	enum table table;
	bool reverse;
	bool started;
	const struct write_set_row *row;
};

static struct memory_engine *
memory_of(struct engine *e)
{
	return (struct memory_engine *)e;
}

static struct version *
newest_of(const struct write_set_row *row)
{
	struct version *v;

	memcpy(&v, row->value.p, sizeof(v));
	return v;
}

static const struct version *
visible_of(const struct write_set_row *row, uint64_t sequence)
{
	const struct version *v = newest_of(row);

	while (v != NULL && v->sequence > sequence) {
		v = v->older;
	}
	return v == NULL || v->is_deleted ? NULL : v;
}

static int
view_open(struct engine *e, struct engine_view **out)
{
	struct memory_engine *m = memory_of(e);
	struct engine_view *view = calloc(1, sizeof(*view));

	if (view == NULL) {
		return err_set(ERR_NOMEM, "no memory for a view");
	}
	pthread_rwlock_wrlock(&m->lock);
	view->engine = m;
	view->sequence = m->sequence;
	view->next = m->views;
	view->at = &m->views;
	if (view->next != NULL) {
		view->next->at = &view->next;
	}
	m->views = view;
	pthread_rwlock_unlock(&m->lock);
	*out = view;
	return 0;
}

static void
view_close(struct engine_view *view)
{
	struct memory_engine *m;

	if (view == NULL) {
		return;
	}
	m = view->engine;
	pthread_rwlock_wrlock(&m->lock);
	*view->at = view->next;
	if (view->next != NULL) {
		view->next->at = view->at;
	}
	pthread_rwlock_unlock(&m->lock);
	free(view);
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
	const struct write_set_row *row;
	const struct version *v = NULL;

	pthread_rwlock_rdlock(&view->engine->lock);
	row = write_set_find(view->engine->rows, table, key);
	if (row != NULL) {
		v = visible_of(row, view->sequence);
	}
	pthread_rwlock_unlock(&view->engine->lock);
	if (v == NULL) {
		return ERR_NOT_FOUND;
	}
	*out_value = bytes_of(v->value, v->n);
	return 0;
}

static int
cursor_open(struct engine_view *view, enum table table, struct bytes from,
	    bool reverse, struct engine_cursor **out)
{
	struct engine_cursor *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		return err_set(ERR_NOMEM, "no memory for a cursor");
	}
	*c = (struct engine_cursor){view, table, reverse, false, NULL};
	pthread_rwlock_rdlock(&view->engine->lock);
	c->row = write_set_seek(view->engine->rows, table, from, reverse);
	pthread_rwlock_unlock(&view->engine->lock);
	*out = c;
	return 0;
}

static int
cursor_next(struct engine_cursor *c, struct bytes *out_key,
	    struct bytes *out_value)
{
	const struct version *v = NULL;

	pthread_rwlock_rdlock(&c->view->engine->lock);
	while (c->row != NULL && v == NULL) {
		if (c->started) {
			c->row = write_set_step(c->row, c->reverse);
		}
		c->started = true;
		if (c->row != NULL) {
			v = visible_of(c->row, c->view->sequence);
		}
	}
	pthread_rwlock_unlock(&c->view->engine->lock);
	if (v == NULL) {
		return 0;
	}
	*out_key = c->row->key;
	*out_value = bytes_of(v->value, v->n);
	return 1;
}

static void
cursor_close(struct engine_cursor *c)
{
	free(c);
}

/* Frees the versions behind `v` that the oldest view cannot see. */
static void
drop_unseen(struct memory_engine *m, struct version *v, uint64_t oldest)
{
	struct version *gone;

	while (v != NULL && v->sequence > oldest) {
		v = v->older;
	}
	if (v == NULL) {
		return;
	}
	gone = v->older;
	v->older = NULL;
	while (gone != NULL) {
		struct version *older = gone->older;

		m->bytes -= gone->n;
		free(gone);
		gone = older;
	}
}

static uint64_t
oldest_seen(const struct memory_engine *m)
{
	uint64_t oldest = m->sequence;

	for (const struct engine_view *v = m->views; v != NULL; v = v->next) {
		if (v->sequence < oldest) {
			oldest = v->sequence;
		}
	}
	return oldest;
}

static int
add_version(struct memory_engine *m, enum table table,
	    const struct write_set_row *row, uint64_t sequence)
{
	const struct write_set_row *old =
		write_set_find(m->rows, table, row->key);
	struct version *v = calloc(1, sizeof(*v) + row->value.n);
	int rc;

	if (v == NULL) {
		return err_set(ERR_OUTCOME, "no memory for a row");
	}
	v->older = old == NULL ? NULL : newest_of(old);
	v->sequence = sequence;
	v->is_deleted = row->is_deleted;
	v->n = row->value.n;
	if (v->n > 0) {
		memcpy(v->value, row->value.p, v->n);
	}
	rc = write_set_put(m->rows, table, row->key,
			   bytes_of(&v, sizeof(struct version *)));
	if (rc != 0) {
		free(v);
		return err_set(ERR_OUTCOME, "no memory for a row");
	}
	m->bytes += v->n;
	drop_unseen(m, v, oldest_seen(m));
	return 0;
}

static int
add_set(struct memory_engine *m, const struct write_set *set, uint64_t sequence)
{
	for (enum table t = 0; t < TABLE_END; t++) {
		const struct write_set_row *row =
			write_set_seek(set, t, bytes_of(NULL, 0), false);

		for (; row != NULL; row = write_set_step(row, false)) {
			int rc = add_version(m, t, row, sequence);

			if (rc != 0) {
				return rc;
			}
		}
	}
	return 0;
}

static int
apply(struct engine *e, struct write_set *const *sets, size_t n,
      uint64_t sequence)
{
	struct memory_engine *m = memory_of(e);
	int rc = 0;

	pthread_rwlock_wrlock(&m->lock);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = add_set(m, sets[i], sequence);
	}
	if (rc == 0) {
		m->sequence = sequence;
	}
	pthread_rwlock_unlock(&m->lock);
	return rc;
}

static uint64_t
room(struct engine *e)
{
	struct memory_engine *m = memory_of(e);
	uint64_t used;

	pthread_rwlock_rdlock(&m->lock);
	used = m->bytes + write_set_memory(m->rows);
	pthread_rwlock_unlock(&m->lock);
	return used < MEMORY_BYTES_MAX ? MEMORY_BYTES_MAX - used : 0;
}

static int
hold_room(struct engine *e, uint64_t bytes)
{
	if (bytes > room(e)) {
		return err_set(ERR_FULL, "no room in memory");
	}
	return 0;
}

static int
copy(struct engine *e, const char *directory)
{
	(void)e;
	(void)directory;
	return err_set(ERR_UNAVAILABLE, "rows in memory are not copied");
}

static void
close_engine(struct engine *e)
{
	struct memory_engine *m = memory_of(e);

	for (enum table t = 0; t < TABLE_END; t++) {
		const struct write_set_row *row =
			write_set_seek(m->rows, t, bytes_of(NULL, 0), false);

		for (; row != NULL;
		     row = write_set_step(row, false)) {
			struct version *v = newest_of(row);

			while (v != NULL) {
				struct version *older = v->older;

				free(v);
				v = older;
			}
		}
	}
	write_set_free(m->rows);
	pthread_rwlock_destroy(&m->lock);
	free(m);
}

static const struct engine_ops memory_ops = {
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

int
engine_memory_open(struct engine **out)
{
	struct memory_engine *m = calloc(1, sizeof(*m));

	if (m == NULL) {
		return err_set(ERR_NOMEM, "no memory for an engine");
	}
	m->base.ops = &memory_ops;
	m->rows = write_set_new(MEMORY_BYTES_MAX);
	if (m->rows == NULL) {
		free(m);
		return err_set(ERR_NOMEM, "no memory for an engine");
	}
	if (pthread_rwlock_init(&m->lock, NULL) != 0) {
		write_set_free(m->rows);
		free(m);
		return err_set(ERR_NOMEM, "no lock for an engine");
	}
	*out = &m->base;
	return 0;
}

/*
 * A list of rows per table, all in one arena; where a key stands in it is
 * row_index.c's matter. The bytes of the journal are write_set_pack.c's.
 */
#include "store/write_set.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>

#include "base/arena.h"
#include "store/engine.h"
#include "store/row_index.h"

struct list {
	struct row_index index;
	struct write_set_row *first;
	struct write_set_row *last;
};

struct write_set {
	struct arena *arena;
	struct list *lists[TABLE_END];
	size_t rows;
	size_t bytes;
	size_t memory;
};

struct write_set *
write_set_new(size_t bytes_max)
{
	struct write_set *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		return NULL;
	}
	w->arena = arena_new(bytes_max);
	if (w->arena == NULL) {
		free(w);
		return NULL;
	}
	return w;
}

void
write_set_free(struct write_set *w)
{
	if (w != NULL) {
		arena_free(w->arena);
		free(w);
	}
}

void
write_set_reset(struct write_set *w)
{
	if (w->memory == 0) {
		return;
	}
	arena_reset(w->arena);
	memset(w->lists, 0, sizeof(w->lists));
	w->rows = 0;
	w->bytes = 0;
	w->memory = 0;
}

static void *
take(void *set, size_t n)
{
	struct write_set *w = set;
	void *p;

	n = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	p = arena_alloc(w->arena, n);

	if (p != NULL) {
		w->memory += n;
	}
	return p;
}

/* The last row before `key` (NULL: none). */
static struct write_set_row *
find_before(const struct list *l, struct bytes key)
{
	/* Many keys come in order. */
	if (l->last != NULL && bytes_compare(l->last->key, key) < 0) {
		return l->last;
	}
	return row_index_before(&l->index, key);
}

static struct write_set_row *
after(const struct list *l, const struct write_set_row *row)
{
	return row == NULL ? l->first : row->next;
}

static void
link_row(struct list *l, struct write_set_row *row,
	 struct write_set_row *before)
{
	row->before = before;
	row->next = after(l, before);
	if (before == NULL) {
		l->first = row;
	} else {
		before->next = row;
	}
	if (row->next == NULL) {
		l->last = row;
	} else {
		row->next->before = row;
	}
}

/* A row that nothing leads to yet. */
static struct write_set_row *
make_row(struct write_set *w, struct bytes key, size_t value_n)
{
	struct write_set_row *row = take(w, sizeof(*row) + key.n + value_n);
	uint8_t *p;

	if (row == NULL) {
		return NULL;
	}
	p = (uint8_t *)(row + 1);
	memcpy(p, key.p, key.n);
	row->key = bytes_of(p, key.n);
	row->value = bytes_of(p + key.n, 0);
	row->value_cap = value_n;
	return row;
}

static int
set_value(struct write_set *w, struct write_set_row *row, struct bytes value,
	  bool is_deleted)
{
	/* Const on its way out only: the room is this set's own. */
	union {
		const uint8_t *borrowed;
		uint8_t *own;
	} to = {.borrowed = row->value.p};

	if (value.n > row->value_cap) {
		uint8_t *room = take(w, value.n);

		if (room == NULL) {
			return ERR_NOMEM;
		}
		to.own = room;
		row->value_cap = value.n;
	}
	if (value.n > 0) {
		memmove(to.own, value.p, value.n);
	}
	w->bytes += value.n;
	w->bytes -= row->value.n;
	row->value = bytes_of(to.own, value.n);
	row->is_deleted = is_deleted;
	return 0;
}

static int
write_row(struct write_set *w, enum table table, struct bytes key,
	  struct bytes value, bool is_deleted)
{
	struct write_set_row *before;
	struct write_set_row *row;
	struct list *l = w->lists[table];

	if (l == NULL) {
		l = take(w, sizeof(*l));
		if (l == NULL) {
			return ERR_NOMEM;
		}
		w->lists[table] = l;
	}
	before = find_before(l, key);
	row = after(l, before);
	if (row != NULL && bytes_equal(row->key, key)) {
		return set_value(w, row, value, is_deleted);
	}
	row = make_row(w, key, value.n);
	if (row == NULL || row_index_add(&l->index, row, take, w) != 0) {
		return ERR_NOMEM;
	}
	link_row(l, row, before);
	w->rows++;
	w->bytes += key.n;
	return set_value(w, row, value, is_deleted);
}

int
write_set_put(struct write_set *w, enum table table, struct bytes key,
	      struct bytes value)
{
	assert(table < TABLE_END);
	return write_row(w, table, key, value, false);
}

int
write_set_del(struct write_set *w, enum table table, struct bytes key)
{
	assert(table < TABLE_END);
	return write_row(w, table, key, bytes_of(NULL, 0), true);
}

int
write_set_merge(struct write_set *w, const struct write_set *from)
{
	for (enum table t = 0; t < TABLE_END; t++) {
		const struct list *l = from->lists[t];

		for (const struct write_set_row *row = l == NULL ? NULL
								 : l->first;
		     row != NULL; row = row->next) {
			int rc = write_row(w, t, row->key, row->value,
					   row->is_deleted);

			if (rc != 0) {
				return rc;
			}
		}
	}
	return 0;
}

size_t
write_set_rows(const struct write_set *w)
{
	return w->rows;
}

size_t
write_set_bytes(const struct write_set *w)
{
	return w->bytes;
}

size_t
write_set_memory(const struct write_set *w)
{
	return w->memory;
}

uint64_t
engine_set_room(const struct write_set *set)
{
	return write_set_rows(set) * engine_row_room(0, 0) +
	       2 * (uint64_t)write_set_bytes(set);
}

const struct write_set_row *
write_set_find(const struct write_set *w, enum table table, struct bytes key)
{
	const struct write_set_row *row = write_set_seek(w, table, key, false);

	return row != NULL && bytes_equal(row->key, key) ? row : NULL;
}

const struct write_set_row *
write_set_seek(const struct write_set *w, enum table table, struct bytes from,
	       bool reverse)
{
	const struct list *l = w->lists[table];
	const struct write_set_row *before;
	const struct write_set_row *row;

	if (l == NULL) {
		return NULL;
	}
	if (reverse && from.n == 0) {
		return l->last;
	}
	before = find_before(l, from);
	row = after(l, before);
	if (!reverse || (row != NULL && bytes_equal(row->key, from))) {
		return row;
	}
	return before;
}

const struct write_set_row *
write_set_step(const struct write_set_row *row, bool reverse)
{
	return reverse ? row->before : row->next;
}

/*
 * A skip list per table, all in one arena. Keys that append, and most do, are
 * linked at the end without a search. The bytes of the journal are
 * write_set_pack.c's.
 */
#include "store/write_set.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>

#include "base/arena.h"
#include "store/engine.h"

#define HEIGHT_MAX 12
#define HEIGHT_ODDS_BITS 2 /* one row in four is higher than its neighbour */

struct list {
	unsigned height; /* of its highest row */
	struct write_set_row *first[HEIGHT_MAX];
	struct write_set_row *last[HEIGHT_MAX];
};

struct write_set {
	struct arena *arena;
	struct list *lists[TABLE_END];
	size_t rows;
	size_t bytes;
	size_t memory;
	uint32_t random;
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
	w->random = 0x9e3779b9u;
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
take(struct write_set *w, size_t n)
{
	void *p;

	n = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	p = arena_alloc(w->arena, n);

	if (p != NULL) {
		w->memory += n;
	}
	return p;
}

/* A height h has odds of 4^-(h-1). The numbers need not be good, only cheap
 * and not in step with the keys. */
static unsigned
draw_height(struct write_set *w)
{
	unsigned height = 1;
	uint32_t r;

	w->random ^= w->random << 13;
	w->random ^= w->random >> 17;
	w->random ^= w->random << 5;
	for (r = w->random; height < HEIGHT_MAX && (r & 3) == 0;
	     r >>= HEIGHT_ODDS_BITS) {
		height++;
	}
	return height;
}

static struct write_set_row *
after(const struct list *l, const struct write_set_row *row, unsigned level)
{
	return row == NULL ? l->first[level] : row->next[level];
}

/* The last row before `key` (NULL: none), and the one at each level that the
 * list has. */
static struct write_set_row *
find_before(const struct list *l, struct bytes key,
	    struct write_set_row *before[HEIGHT_MAX])
{
	struct write_set_row *row = NULL;

	for (unsigned level = l->height; level-- > 0;) {
		struct write_set_row *next = after(l, row, level);

		while (next != NULL && bytes_compare(next->key, key) < 0) {
			row = next;
			next = row->next[level];
		}
		if (before != NULL) {
			before[level] = row;
		}
	}
	return row;
}

static void
link_row(struct list *l, struct write_set_row *row,
	 struct write_set_row *const before[HEIGHT_MAX])
{
	if (row->height > l->height) {
		l->height = row->height;
	}
	for (unsigned level = 0; level < row->height; level++) {
		row->next[level] = after(l, before[level], level);
		if (before[level] == NULL) {
			l->first[level] = row;
		} else {
			before[level]->next[level] = row;
		}
		if (row->next[level] == NULL) {
			l->last[level] = row;
		}
	}
}

static struct write_set_row *
make_row(struct write_set *w, struct bytes key, size_t value_n)
{
	unsigned height = draw_height(w);
	size_t head = sizeof(struct write_set_row) +
		      height * sizeof(struct write_set_row *);
	struct write_set_row *row = take(w, head + key.n + value_n);
	uint8_t *p;

	if (row == NULL) {
		return NULL;
	}
	p = (uint8_t *)row + head;
	memcpy(p, key.p, key.n);
	row->height = (uint8_t)height;
	row->key = bytes_of(p, key.n);
	row->value = bytes_of(p + key.n, 0);
	row->value_cap = value_n;
	w->rows++;
	w->bytes += key.n;
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
	struct write_set_row *before[HEIGHT_MAX] = {NULL};
	struct write_set_row *row;
	struct list *l = w->lists[table];

	if (l == NULL) {
		l = take(w, sizeof(*l));
		if (l == NULL) {
			return ERR_NOMEM;
		}
		w->lists[table] = l;
	}
	if (l->last[0] != NULL && bytes_compare(l->last[0]->key, key) < 0) {
		memcpy(before, l->last, sizeof(before));
		row = NULL;
	} else {
		row = after(l, find_before(l, key, before), 0);
	}
	if (row != NULL && bytes_equal(row->key, key)) {
		return set_value(w, row, value, is_deleted);
	}
	row = make_row(w, key, value.n);
	if (row == NULL) {
		return ERR_NOMEM;
	}
	link_row(l, row, before);
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
								 : l->first[0];
		     row != NULL; row = row->next[0]) {
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
		return l->last[0];
	}
	before = find_before(l, from, NULL);
	row = after(l, before, 0);
	if (!reverse || (row != NULL && bytes_equal(row->key, from))) {
		return row;
	}
	return before;
}

const struct write_set_row *
write_set_step(const struct write_set *w, enum table table,
	       const struct write_set_row *row, bool reverse)
{
	if (!reverse) {
		return row->next[0];
	}
	return find_before(w->lists[table], row->key, NULL);
}

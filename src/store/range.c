/*
 * Rows of several layers as one ordered range: each layer stands at its next
 * row, the smallest key wins, the newest layer among equal ones, and all that
 * stand at that key move on. A tombstone wins like a row and is passed over.
 */
#include <stdlib.h>

#include "store/private.h"

struct range {
	struct txn *txn;
	struct range *next;
	struct range **at;
	enum table table;
	bool reverse;
	struct key_maker prefix;

	const struct write_set_row *rows[TXN_LAYERS_MAX];
	size_t n_rows;

	struct engine_cursor *cursor;
	bool has_stored; /* the cursor stands at the row below */
	struct bytes stored_key;
	struct bytes stored_value;

	/* The row given last: layers that stand at it move on before the next
	 * one is looked for. */
	bool has_given;
	struct key_maker given;
};

/* Where to start, so that `prefix` and `from` both hold. */
static void
start_key(struct bytes prefix, struct bytes from, bool reverse,
	  struct key_maker *out)
{
	struct bytes start = prefix;

	out->n = 0;
	if (!reverse) {
		if (bytes_compare(from, prefix) > 0) {
			start = from;
		}
		key_raw(out, start.p, start.n);
		return;
	}
	/* The last key that can begin with the prefix. */
	key_raw(out, prefix.p, prefix.n);
	memset(out->b + out->n, 0xff, sizeof(out->b) - out->n);
	out->n = sizeof(out->b);
	if (from.n > 0 && bytes_compare(from, key_bytes(out)) < 0) {
		out->n = 0;
		key_raw(out, from.p, from.n);
	}
}

static int
step_stored(struct range *r)
{
	int rc = r->txn->engine->ops->cursor_next(r->cursor, &r->stored_key,
						  &r->stored_value);

	if (rc < 0) {
		return rc;
	}
	r->has_stored = rc == 1;
	return 0;
}

static void
add_layer(struct range *r, const struct write_set *w, struct bytes start)
{
	if (w != NULL) {
		r->rows[r->n_rows++] =
			write_set_seek(w, r->table, start, r->reverse);
	}
}

int
range_open(struct txn *t, enum table table, struct bytes prefix,
	   struct bytes from, unsigned flags, struct range **out)
{
	struct key_maker start;
	struct range *r;
	int rc;

	*out = NULL;
	if (table >= TABLE_END || prefix.n > KEY_BYTES_MAX ||
	    from.n > KEY_BYTES_MAX) {
		return err_set(ERR_INTERNAL, "a range outside of all keys");
	}
	r = calloc(1, sizeof(*r));
	if (r == NULL) {
		return err_set(ERR_NOMEM, "no memory for a range");
	}
	r->txn = t;
	r->table = table;
	r->reverse = (flags & RANGE_REVERSE) != 0;
	key_raw(&r->prefix, prefix.p, prefix.n);
	start_key(prefix, from, r->reverse, &start);
	rc = t->engine->ops->cursor_open(t->view, table, key_bytes(&start),
					 r->reverse, &r->cursor);
	if (rc == 0) {
		rc = step_stored(r);
	}
	if (rc != 0) {
		t->engine->ops->cursor_close(r->cursor);
		free(r);
		return rc;
	}
	add_layer(r, t->trace, key_bytes(&start));
	add_layer(r, t->effect, key_bytes(&start));
	for (size_t i = 0; i < TXN_OVERLAYS_MAX; i++) {
		add_layer(r, t->overlays[i], key_bytes(&start));
	}
	r->next = t->ranges;
	r->at = &t->ranges;
	if (r->next != NULL) {
		r->next->at = &r->next;
	}
	t->ranges = r;
	*out = r;
	return 0;
}

/* Moves every layer on that stands at the row given last. */
static int
pass_given(struct range *r)
{
	struct bytes given = key_bytes(&r->given);

	if (!r->has_given) {
		return 0;
	}
	for (size_t i = 0; i < r->n_rows; i++) {
		if (r->rows[i] != NULL && bytes_equal(r->rows[i]->key, given)) {
			r->rows[i] = write_set_step(r->rows[i], r->reverse);
		}
	}
	if (r->has_stored && bytes_equal(r->stored_key, given)) {
		return step_stored(r);
	}
	return 0;
}

static bool
is_before(const struct range *r, struct bytes a, struct bytes b)
{
	int c = bytes_compare(a, b);

	return r->reverse ? c > 0 : c < 0;
}

/* The next row of all layers; false at the end. */
static bool
choose(const struct range *r, struct bytes *out_key, struct bytes *out_value,
       bool *out_is_deleted)
{
	const struct write_set_row *best = NULL;

	for (size_t i = 0; i < r->n_rows; i++) {
		if (r->rows[i] != NULL &&
		    (best == NULL ||
		     is_before(r, r->rows[i]->key, best->key))) {
			best = r->rows[i];
		}
	}
	if (best != NULL &&
	    (!r->has_stored || !is_before(r, r->stored_key, best->key))) {
		*out_key = best->key;
		*out_value = best->value;
		*out_is_deleted = best->is_deleted;
		return true;
	}
	*out_key = r->stored_key;
	*out_value = r->stored_value;
	*out_is_deleted = false;
	return r->has_stored;
}

int
range_next(struct range *r, struct bytes *out_key, struct bytes *out_value)
{
	for (;;) {
		bool is_deleted;
		struct bytes key;
		struct bytes value;
		int rc = pass_given(r);

		if (rc != 0) {
			return rc;
		}
		if (!choose(r, &key, &value, &is_deleted) ||
		    !bytes_begins(key, key_bytes(&r->prefix))) {
			r->has_given = false;
			return 0;
		}
		r->has_given = true;
		r->given.n = 0;
		key_raw(&r->given, key.p, key.n);
		if (!is_deleted) {
			rc = txn_count_read(r->txn);
			if (rc != 0) {
				return rc;
			}
			*out_key = key;
			*out_value = value;
			return 1;
		}
	}
}

void
range_close(struct range *r)
{
	if (r == NULL) {
		return;
	}
	*r->at = r->next;
	if (r->next != NULL) {
		r->next->at = r->at;
	}
	r->txn->engine->ops->cursor_close(r->cursor);
	free(r);
}

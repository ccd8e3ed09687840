/*
 * Reads and writes of one operation. Knows no engine and no journal: a txn is
 * a stack of layers over a view, and store.c decides what becomes of it.
 */
#include "store/txn.h"

#include "base/pack.h"
#include "store/private.h"

static int
check_key(enum table table, struct bytes key)
{
	if (table >= TABLE_END || key.n == 0 || key.n > KEY_BYTES_MAX) {
		return err_set(ERR_INTERNAL, "a key of %zu bytes", key.n);
	}
	return 0;
}

int
txn_count_read(struct txn *t)
{
	if (t->rows_read >= t->rows_read_max) {
		return err_set(ERR_TOO_MANY, "an operation reads %zu rows",
			       t->rows_read_max);
	}
	t->rows_read++;
	return 0;
}

/* `with_effect` false: as if the effect had been dropped. */
static int
get_through(struct txn *t, bool with_effect, enum table table, struct bytes key,
	    struct bytes *out_value)
{
	const struct write_set *layers[TXN_LAYERS_MAX] = {
		t->trace, with_effect ? t->effect : NULL};
	int rc = check_key(table, key);

	if (rc == 0) {
		rc = txn_count_read(t);
	}
	if (rc != 0) {
		return rc;
	}
	memcpy(layers + 2, t->overlays, sizeof(t->overlays));
	for (size_t i = 0; i < TXN_LAYERS_MAX; i++) {
		const struct write_set_row *row =
			layers[i] == NULL
				? NULL
				: write_set_find(layers[i], table, key);

		if (row != NULL && row->is_deleted) {
			return ERR_NOT_FOUND;
		}
		if (row != NULL) {
			*out_value = row->value;
			return 0;
		}
	}
	return t->engine->ops->get(t->view, table, key, out_value);
}

int
txn_get(struct txn *t, enum table table, struct bytes key,
	struct bytes *out_value)
{
	return get_through(t, true, table, key, out_value);
}

int
txn_has(struct txn *t, enum table table, struct bytes key, bool *out_has)
{
	struct bytes value;
	int rc = txn_get(t, table, key, &value);

	if (rc != 0 && rc != ERR_NOT_FOUND) {
		return rc;
	}
	*out_has = rc == 0;
	return 0;
}

static int
write_into(struct write_set *w, enum table table, struct bytes key,
	   const struct bytes *value)
{
	size_t value_n = value == NULL ? 0 : value->n;
	int rc = check_key(table, key);

	if (rc != 0) {
		return rc;
	}
	if (w == NULL) {
		return err_set(ERR_INTERNAL, "a snapshot takes no writes");
	}
	if (value_n > VALUE_BYTES_MAX) {
		return err_set(ERR_TOO_LARGE, "a value of %zu bytes", value_n);
	}
	if (write_set_rows(w) >= TXN_ROWS_WRITTEN_MAX &&
	    write_set_find(w, table, key) == NULL) {
		return err_set(ERR_TOO_MANY, "an operation writes %d rows",
			       TXN_ROWS_WRITTEN_MAX);
	}
	if (write_set_bytes(w) + key.n + value_n > TXN_BYTES_WRITTEN_MAX) {
		return err_set(ERR_TOO_MANY, "an operation writes %u bytes",
			       TXN_BYTES_WRITTEN_MAX);
	}
	return value == NULL ? write_set_del(w, table, key)
			     : write_set_put(w, table, key, *value);
}

int
txn_put(struct txn *t, enum table table, struct bytes key, struct bytes value)
{
	return write_into(t->effect, table, key, &value);
}

int
txn_del(struct txn *t, enum table table, struct bytes key)
{
	return write_into(t->effect, table, key, NULL);
}

int
txn_trace_put(struct txn *t, enum table table, struct bytes key,
	      struct bytes value)
{
	return write_into(t->trace, table, key, &value);
}

struct arena *
txn_arena(struct txn *t)
{
	return t->arena;
}

size_t
txn_rows_left(const struct txn *t)
{
	return t->effect == NULL
		       ? 0
		       : TXN_ROWS_WRITTEN_MAX - write_set_rows(t->effect);
}

bool
txn_is_light(const struct txn *t)
{
	return t->effect != NULL &&
	       write_set_rows(t->effect) <= TXN_ROWS_WRITTEN_MAX / 8 &&
	       write_set_bytes(t->effect) <= TXN_BYTES_WRITTEN_MAX / 8 &&
	       t->rows_read <= t->rows_read_max / 8;
}

static int
counter_get(struct txn *t, bool with_effect, const char *name, uint64_t *out)
{
	struct bytes value;
	int rc = get_through(t, with_effect, TABLE_SYSTEM, bytes_str(name),
			     &value);

	if (rc == ERR_NOT_FOUND) {
		*out = 0;
		return 0;
	}
	if (rc != 0) {
		return rc;
	}
	if (value.n != sizeof(uint64_t)) {
		return err_set(ERR_CORRUPT, "the counter %s is not a number",
			       name);
	}
	*out = get_u64(value.p);
	return 0;
}

static int
counter_take(struct txn *t, struct write_set *w, bool with_effect,
	     const char *name, uint64_t n, uint64_t *out_before)
{
	uint8_t value[sizeof(uint64_t)];
	uint64_t before = 0;
	int rc = counter_get(t, with_effect, name, &before);

	if (rc != 0) {
		return rc;
	}
	put_u64(value, before + n);
	rc = write_into(w, TABLE_SYSTEM, bytes_str(name),
			&(struct bytes){value, sizeof(value)});
	if (rc == 0) {
		*out_before = before;
	}
	return rc;
}

int
txn_counter_take(struct txn *t, const char *name, uint64_t n,
		 uint64_t *out_before)
{
	return counter_take(t, t->effect, true, name, n, out_before);
}

/* What an operation counts in its effect may be dropped, so a counter of the
 * trace does not build on it. */
int
txn_trace_counter_take(struct txn *t, const char *name, uint64_t n,
		       uint64_t *out_before)
{
	return counter_take(t, t->trace, false, name, n, out_before);
}

int
txn_counter_get(struct txn *t, const char *name, uint64_t *out)
{
	return counter_get(t, true, name, out);
}

void
txn_reset(struct txn *t)
{
	while (t->ranges != NULL) {
		range_close(t->ranges);
	}
	if (t->effect != NULL) {
		write_set_reset(t->effect);
		write_set_reset(t->trace);
	}
	arena_reset(t->arena);
	t->rows_read = 0;
}

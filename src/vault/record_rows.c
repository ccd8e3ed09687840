/* The rows of a record or a slot as they lie: all versions, for those who move
 * and erase, and for a record's history. */
#include "vault/record.h"

#include "vault/record_row.h"

int
record_versions(struct vault *v, const struct subject *s,
		const struct policy_category *c, struct id record, size_t max,
		struct record **out, size_t *out_n)
{
	struct record *items = arena_array(v->arena, max, sizeof(*items));
	size_t n = 0;

	if (items == NULL) {
		return ERR_NOMEM;
	}
	for (unsigned i = 0; i < SUBJECT_PLACES; i++) {
		slot_t slot = subject_place(s, c, i);
		struct key_maker prefix = {.n = 0};
		struct bytes key;
		struct bytes row;
		struct range *range = NULL;
		int rc;

		if (slot == SLOT_NONE) {
			continue;
		}
		record_key(&prefix, slot, c->id);
		key_id(&prefix, record);
		rc = range_open(v->txn, TABLE_RECORD, key_bytes(&prefix),
				bytes_of(NULL, 0), 0, &range);
		while (rc == 0 && n < max &&
		       (rc = range_next(range, &key, &row)) == 1) {
			rc = record_parse(v, key, row, &items[n]);
			if (rc == 0) {
				rc = record_open(v, row, &items[n]);
			}
			if (rc == 0 && !record_is_due(&items[n], v->today)) {
				n++;
			}
			rc = rc == ERR_EXPIRED ? 0 : rc;
		}
		range_close(range);
		if (rc < 0) {
			return rc;
		}
	}
	*out = items;
	*out_n = n;
	return 0;
}

/* All rows of a slot, or of one category of it. */
static void
slot_prefix(struct key_maker *k, slot_t slot, uint8_t category)
{
	if (category == 0) {
		key_u64(k, slot);
	} else {
		record_key(k, slot, category);
	}
}

int
record_rows(struct vault *v, slot_t slot, uint8_t category, struct bytes after,
	    size_t max, struct record **out, size_t *out_n,
	    struct bytes *out_last)
{
	struct key_maker prefix = {.n = 0};
	struct record *items = arena_array(v->arena, max, sizeof(*items));
	struct bytes last = {NULL, 0};
	struct bytes key;
	struct bytes row;
	struct range *range = NULL;
	size_t n = 0;
	int rc;

	if (items == NULL) {
		return ERR_NOMEM;
	}
	slot_prefix(&prefix, slot, category);
	rc = range_open(v->txn, TABLE_RECORD, key_bytes(&prefix), after, 0,
			&range);
	if (rc != 0) {
		return rc;
	}
	while (rc == 0 && n < max &&
	       (rc = range_next(range, &key, &row)) == 1) {
		if (bytes_equal(key, after)) {
			rc = 0;
			continue;
		}
		last = bytes_of(arena_copy(v->arena, key.p, key.n), key.n);
		rc = last.p == NULL ? ERR_NOMEM
				    : record_parse(v, key, row, &items[n]);
		if (rc == 0) {
			rc = record_open(v, row, &items[n++]);
			rc = rc == ERR_EXPIRED ? 0 : rc;
		}
	}
	range_close(range);
	if (rc < 0) {
		return rc;
	}
	*out = items;
	*out_n = n;
	*out_last = last;
	return 0;
}

int
record_delete_all_of(struct vault *v, slot_t slot, uint8_t category, size_t max,
		     struct record_tally *tally, bool *out_more)
{
	struct key_maker prefix = {.n = 0};
	struct record *rows = arena_array(v->arena, max + 1, sizeof(*rows));
	struct bytes key;
	struct bytes row;
	struct range *range = NULL;
	size_t n = 0;
	int rc;

	if (rows == NULL) {
		return ERR_NOMEM;
	}
	slot_prefix(&prefix, slot, category);
	rc = range_open(v->txn, TABLE_RECORD, key_bytes(&prefix),
			bytes_of(NULL, 0), 0, &range);
	/* One more than is deleted: whether a record goes on after it. */
	while (rc == 0 && n <= max &&
	       (rc = range_next(range, &key, &row)) == 1) {
		rc = record_parse(v, key, row, &rows[n]);
		n++;
	}
	range_close(range);
	for (size_t i = 0; rc >= 0 && i < n && i < max; i++) {
		uint8_t c = rows[i].category_id;

		rc = record_delete(v, &rows[i]);
		tally->rows[c]++;
		if (i + 1 == n || !id_equal(rows[i].id, rows[i + 1].id)) {
			tally->records[c]++;
		}
	}
	if (rc < 0) {
		return rc;
	}
	*out_more = n > max;
	return 0;
}

#ifndef STORE_ROW_INDEX_H
#define STORE_ROW_INDEX_H

#include "base/bytes.h"
#include "base/err.h"

/*
 * Finds rows of a write set by key: a B-tree over rows that stay where they
 * are. Its nodes hold the first bytes of the keys, so that a search seldom
 * looks at a row: rows lie all over an overlay's megabytes, and each would have
 * to be waited for. Rows are added and never removed.
 */
struct write_set_row;
struct index_node;

struct row_index {
	struct index_node *root; /* NULL: empty */
};

/* Memory that lives as long as the index does; NULL: none. */
typedef void *row_index_take_fn(void *ctx, size_t n);

/* The last row before `key`; NULL: none. */
struct write_set_row *row_index_before(const struct row_index *x,
				       struct bytes key);

/* Adds a row whose key is not there yet. ERR_NOMEM: it is not added. */
int row_index_add(struct row_index *x, struct write_set_row *row,
		  row_index_take_fn *take, void *ctx) MUST_CHECK;

#endif

/* Store and log, leaf by leaf. */

#include <inttypes.h>

#include "base/pack.h"
#include "leaves.h"
#include "store/store.h"

#define ARENA_BYTES_MAX (64u << 20)
#define KEY_BYTES_OF_LEAF 8

struct comparison {
	struct recount *recount;
	struct txn *store;
	uint64_t next;      /* the row expected next */
	uint64_t differing; /* only the first is told */
};

/* Entry `index` of the files; n 0 when they do not hold it. */
static int
entry_get(struct recount *r, uint64_t index, struct bytes *out)
{
	size_t i = (size_t)(index % TILE_HASHES);
	unsigned width;
	int rc = 0;

	*out = bytes_of(NULL, 0);
	if (r->bundle_now != index / TILE_HASHES) {
		rc = recount_load(r, index / TILE_HASHES, &width);
	}
	if (rc == 0 && r->bundle_now == index / TILE_HASHES &&
	    index < r->n_leaves) {
		size_t from = r->entry_ends[i] + 2; /* past the length */

		*out = bytes_of(r->bundle.data + from,
				r->entry_ends[i + 1] - from);
	}
	return rc;
}

static int
compare_row(struct comparison *c, struct bytes key, struct bytes value)
{
	struct report *report = c->recount->report;
	struct bytes entry;
	uint64_t index;
	int rc;

	if (key.n != KEY_BYTES_OF_LEAF) {
		report_fault(report, "a row of the store's leaves has no "
				     "index");
		return 0;
	}
	index = get_u64(key.p);
	if (index != c->next) {
		report_fault(report,
			     "leaves %" PRIu64 " to %" PRIu64
			     " are missing in the store",
			     c->next, index - 1);
	}
	c->next = index + 1;
	if (index >= c->recount->n_leaves) {
		return 0;
	}
	rc = entry_get(c->recount, index, &entry);
	if (rc == 0 && !bytes_equal(entry, value) && c->differing++ == 0) {
		report_fault(report,
			     "leaf %" PRIu64 " in the store is not the entry "
			     "in the log's files",
			     index);
	}
	return rc;
}

static int
compare_rows(struct comparison *c)
{
	struct bytes none = bytes_of(NULL, 0);
	struct bytes key, value;
	struct range *range;
	int rc = range_open(c->store, TABLE_LEAF, none, none, 0, &range);

	if (rc != 0) {
		return rc;
	}
	while ((rc = range_next(range, &key, &value)) == 1) {
		rc = compare_row(c, key, value);
		if (rc != 0) {
			break;
		}
	}
	range_close(range);
	return rc;
}

static void
tell(const struct comparison *c)
{
	struct recount *r = c->recount;

	report_number(r->report, "store_leaves", c->next);
	if (c->next < r->n_leaves) {
		report_fault(r->report,
			     "the log's files hold %" PRIu64
			     " leaves, the store %" PRIu64,
			     r->n_leaves, c->next);
	}
	if (c->next > r->n_leaves) {
		report_remark(r->report,
			      "%" PRIu64 " leaves are in the store and not yet "
			      "in the log's files",
			      c->next - r->n_leaves);
	}
	if (c->differing > 1) {
		report_fault(r->report, "%" PRIu64 " leaves differ in all",
			     c->differing);
	}
}

int
leaves_compare(struct recount *r, const char *store)
{
	struct comparison c = {.recount = r};
	int rc;

	rc = store_open_readonly(store, ARENA_BYTES_MAX, &c.store);
	if (rc == ERR_CORRUPT) {
		report_fault(r->report, "store: %s", err_last()->text);
		return 0;
	}
	if (rc != 0) {
		return rc;
	}
	rc = compare_rows(&c);
	snapshot_close(c.store);
	if (rc == 0) {
		tell(&c);
	}
	return rc;
}

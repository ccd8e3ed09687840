/* Counts and hashes of all tables. */

#include "support/rows.h"

#include "service/state.h"
#include "support/test.h"

#define ARENA_BYTES_MAX (1u << 20)

static bool
is_trace(enum table t)
{
	return t == TABLE_LEAF || t == TABLE_HISTORY || t == TABLE_CALL ||
	       t == TABLE_COUNT || t == TABLE_SYSTEM;
}

uint64_t
rows_mix(uint64_t h, struct bytes b)
{
	for (size_t i = 0; i < b.n; i++) {
		h = (h ^ b.p[i]) * 0x100000001b3u;
	}
	return h;
}

static void
rows_count(void *ctx, int rc, struct txn *snapshot)
{
	struct rows *all = ctx;

	assert_ok(rc);
	for (int t = 0; t < TABLE_END; t++) {
		struct bytes key;
		struct bytes value;
		struct range *r;

		if (is_trace((enum table)t)) {
			continue;
		}
		assert_ok(range_open(snapshot, (enum table)t, bytes_of(NULL, 0),
				     bytes_of(NULL, 0), 0, &r));
		while (range_next(r, &key, &value) == 1) {
			all->n[t]++;
			all->hash[t] =
				rows_mix(rows_mix(all->hash[t], key), value);
		}
		range_close(r);
	}
	snapshot_close(snapshot);
}

struct rows
rows_of(struct core_env *e)
{
	struct rows all = {{0}, {0}};

	core_env_settle(e); /* then it is taken in this call */
	assert_ok(store_snapshot(e->core->store, ARENA_BYTES_MAX, rows_count,
				 &all));
	return all;
}

/* A restored store and the tree of keys: batches wait again, slots that may
 * have been issued are stepped over. */

#include "base/pack.h"
#include "service/settle.h"

#define GROW_BY_SLOTS (4u * 20000u)
#define BATCH_STEP_MAX 200 /* two writes each */
#define SPAN_BYTES 16

static int
system_put_u64(struct txn *t, const char *name, uint64_t v)
{
	uint8_t b[8];

	put_u64(b, v);
	return txn_put(t, TABLE_SYSTEM, bytes_str(name),
		       bytes_of(b, sizeof(b)));
}

struct batches {
	uint64_t number; /* under which all wait from now on */
	uint64_t moved;
	bool more;
};

/* No batch has a higher number than the epoch: each raises it by one. */
static int
batches_number(struct call *c, void *arg)
{
	struct batches *b = arg;
	uint64_t open;
	uint64_t epoch = keyring_epoch(c->keys);
	int rc = txn_counter_get(c->txn, "batch.open", &open);

	b->number = (open > epoch ? open : epoch) + 2;
	return rc;
}

static int
batches_move(struct call *c, void *arg)
{
	struct batches *b = arg;
	struct key_maker keys[BATCH_STEP_MAX];
	uint8_t values[BATCH_STEP_MAX][BATCH_VALUE_BYTES];
	struct bytes key, value;
	struct range *r;
	size_t n = 0;
	int rc = range_open(c->txn, TABLE_BATCH, bytes_of(NULL, 0),
			    bytes_of(NULL, 0), 0, &r);

	while (rc == 0 && n < BATCH_STEP_MAX &&
	       (rc = range_next(r, &key, &value)) == 1) {
		rc = 0;
		if (key.n != 16 || value.n != BATCH_VALUE_BYTES ||
		    get_u64(key.p) >= b->number) {
			break;
		}
		keys[n].n = 0;
		key_raw(&keys[n], key.p, key.n);
		memcpy(values[n++], value.p, BATCH_VALUE_BYTES);
	}
	range_close(r);
	for (size_t i = 0; i < n && rc == 0; i++) {
		struct key_maker to = {.n = 0};

		key_u64(&to, b->number);
		key_u64(&to, get_u64(keys[i].b + 8));
		rc = txn_del(c->txn, TABLE_BATCH, key_bytes(&keys[i]));
		if (rc == 0) {
			rc = txn_put(c->txn, TABLE_BATCH, key_bytes(&to),
				     bytes_of(values[i], BATCH_VALUE_BYTES));
		}
	}
	b->moved += n;
	b->more = n == BATCH_STEP_MAX;
	return rc;
}

static int
batches_end(struct call *c, void *arg)
{
	const struct batches *b = arg;
	int rc = txn_del(c->txn, TABLE_SYSTEM, bytes_str("batch.running"));

	if (rc == 0) {
		rc = system_put_u64(c->txn, "batch.open", b->number - 1);
	}
	if (rc == 0) {
		rc = system_put_u64(c->txn, "batch.waiting", b->moved);
	}
	return rc != 0 ? rc
		       : system_put_u64(c->txn, "batch.since",
					(uint64_t)c->now_ms);
}

/* Behind what an earlier restore stepped over and nobody acknowledged yet. */
static int
slots_step_over(struct call *c, void *arg)
{
	struct slot_span spans[SLOTS_SKIPPED];
	struct bytes name = bytes_str(RESTORE_SLOTS);
	uint8_t span[SPAN_BYTES];
	struct bytes before;
	struct buf row;
	int rc = txn_get(c->txn, TABLE_SYSTEM, name, &before);

	(void)arg;
	buf_init(&row, VALUE_BYTES_MAX);
	if (rc == 0) {
		rc = buf_put(&row, before.p, before.n);
	} else if (rc == ERR_NOT_FOUND) {
		rc = 0;
	}
	if (rc == 0) {
		rc = slots_skip(c->txn, c->keys, spans);
	}
	for (size_t i = 0; i < SLOTS_SKIPPED && rc == 0; i++) {
		put_u64(span, spans[i].from);
		put_u64(span + 8, spans[i].end);
		if (spans[i].from < spans[i].end) {
			rc = buf_put(&row, span, sizeof(span));
		}
	}
	if (rc == 0 && row.len > 0) {
		rc = txn_put(c->txn, TABLE_SYSTEM, name, buf_bytes(&row));
	}
	buf_clear(&row);
	return rc;
}

int
settle_slots(struct core *core)
{
	struct batches b = {.more = true};
	int rc = settle_call(core, batches_number, &b);

	while (rc == 0 && b.more) {
		rc = settle_call(core, batches_move, &b);
	}
	if (rc == 0) {
		rc = settle_call(core, batches_end, &b);
	}
	if (rc == 0) {
		rc = settle_call(core, slots_step_over, NULL);
	}
	/* The marks are durable before anything is taken behind them. */
	if (rc == 0) {
		rc = store_sync(core->store);
	}
	return rc == 0 ? keyring_grow(core->keys, keyring_grown(core->keys),
				      GROW_BY_SLOTS)
		       : rc;
}

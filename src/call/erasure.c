/*
 * The list of slots to destroy, in the store. TABLE_BATCH: batch number, slot
 * -> the job that asked (16 bytes). TABLE_SYSTEM: "batch.open" the number that
 * gathers, "batch.waiting" how many wait, "batch.since" since when,
 * "batch.running" number and epoch of the one that runs, "batch.epoch" that to
 * which the last one led.
 */

#include "base/pack.h"
#include "call/erasure.h"

#define FINISH_ROWS_MAX 100 /* rows of one step; waking loads a job each */

static struct bytes
running_key(void)
{
	return bytes_str("batch.running");
}

static void
batch_key(uint64_t number, slot_t slot, struct key_maker *k)
{
	key_u64(k, number);
	key_u64(k, slot);
}

static int
batch_put(struct txn *t, uint64_t number, slot_t slot, struct id job)
{
	struct key_maker k = {.n = 0};
	uint8_t value[BATCH_VALUE_BYTES];

	batch_key(number, slot, &k);
	memcpy(value, job.b, ID_BYTES);
	memcpy(value + ID_BYTES, BATCH_MARK, BATCH_MARK_BYTES);
	return txn_put(t, TABLE_BATCH, key_bytes(&k),
		       bytes_of(value, sizeof(value)));
}

static int
open_number(struct txn *t, uint64_t *out)
{
	int rc = txn_counter_get(t, "batch.open", out);

	/* Numbers count from 1: 0 is no batch. */
	*out += rc == 0 ? 1 : 0;
	return rc;
}

static int
system_put_u64(struct txn *t, const char *name, uint64_t v)
{
	uint8_t b[8];

	put_u64(b, v);
	return txn_put(t, TABLE_SYSTEM, bytes_str(name),
		       bytes_of(b, sizeof(b)));
}

int
erasure_is_stopped(struct txn *t, bool *out)
{
	return txn_has(t, TABLE_SYSTEM, bytes_str("restore.gap"), out);
}

static int
gap_check(struct txn *t)
{
	bool gap;
	int rc = erasure_is_stopped(t, &gap);

	if (rc == 0 && gap) {
		rc = err_set(ERR_STATE, "nothing is destroyed until the gap "
					"of a restore is acknowledged");
		err_extra_text("state", "restored_with_gap");
	}
	return rc;
}

int
erasure_queue(struct call *c, const slot_t *slots, size_t n, struct id job)
{
	uint64_t waiting;
	uint64_t number;
	uint64_t before;
	int rc = gap_check(c->txn);

	if (rc == 0) {
		rc = open_number(c->txn, &number);
	}
	if (rc == 0) {
		rc = txn_counter_get(c->txn, "batch.waiting", &waiting);
	}
	if (rc == 0 && waiting == 0) {
		rc = system_put_u64(c->txn, "batch.since",
				    (uint64_t)c->now_ms);
	}
	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = batch_put(c->txn, number, slots[i], job);
	}
	if (rc == 0) {
		rc = txn_counter_take(c->txn, "batch.waiting", n, &before);
	}
	return rc;
}

int
erasure_running(struct txn *t, struct erasure_batch *out)
{
	struct bytes b;
	int rc = txn_get(t, TABLE_SYSTEM, running_key(), &b);

	if (rc == ERR_NOT_FOUND) {
		*out = (struct erasure_batch){0};
		return 0;
	}
	if (rc == 0 && b.n != 16) {
		rc = err_set(ERR_CORRUPT, "the running batch does not read");
	}
	if (rc == 0) {
		out->number = get_u64(b.p);
		out->epoch_to = get_u64(b.p + 8);
	}
	return rc;
}

int
erasure_is_queued(struct call *c, slot_t slot, bool *out)
{
	struct erasure_batch running;
	struct key_maker k = {.n = 0};
	uint64_t number;
	bool has = false;
	int rc = open_number(c->txn, &number);

	if (rc == 0) {
		batch_key(number, slot, &k);
		rc = txn_has(c->txn, TABLE_BATCH, key_bytes(&k), &has);
	}
	if (rc == 0 && !has) {
		rc = erasure_running(c->txn, &running);
	}
	if (rc == 0 && !has && running.number != 0) {
		k.n = 0;
		batch_key(running.number, slot, &k);
		rc = txn_has(c->txn, TABLE_BATCH, key_bytes(&k), &has);
	}
	if (rc == 0) {
		*out = has;
	}
	return rc;
}

int
erasure_waiting(struct call *c, uint64_t *out_slots, int64_t *out_since_ms)
{
	uint64_t since;
	int rc = txn_counter_get(c->txn, "batch.waiting", out_slots);

	if (rc == 0) {
		rc = txn_counter_get(c->txn, "batch.since", &since);
	}
	if (rc == 0) {
		*out_since_ms = (int64_t)since;
	}
	return rc;
}

int
erasure_begin(struct call *c, uint64_t epoch_to, struct erasure_batch *out)
{
	struct erasure_batch batch = {0};
	uint8_t row[16];
	uint64_t waiting;
	uint64_t before;
	int rc = erasure_running(c->txn, &batch);

	if (rc == 0) {
		rc = txn_counter_get(c->txn, "batch.waiting", &waiting);
	}
	if (rc != 0) {
		return rc;
	}
	if (batch.number != 0 || waiting == 0) {
		*out = (struct erasure_batch){0};
		return 0;
	}
	rc = gap_check(c->txn);
	if (rc == 0) {
		rc = txn_counter_take(c->txn, "batch.open", 1, &before);
	}
	if (rc == 0) {
		batch.number = before + 1;
		batch.epoch_to = epoch_to;
		put_u64(row, batch.number);
		put_u64(row + 8, batch.epoch_to);
		rc = txn_put(c->txn, TABLE_SYSTEM, running_key(),
			     bytes_of(row, sizeof(row)));
	}
	if (rc == 0) {
		rc = system_put_u64(c->txn, "batch.waiting", 0);
	}
	if (rc == 0) {
		*out = batch;
	}
	return rc;
}

int
erasure_slots(struct txn *t, uint64_t number, slot_t *cursor, slot_t *slots,
	      size_t cap, size_t *out_n)
{
	struct key_maker prefix = {.n = 0};
	struct key_maker from = {.n = 0};
	struct range *r;
	struct bytes key;
	struct bytes value;
	size_t n = 0;
	int rc;

	key_u64(&prefix, number);
	batch_key(number, *cursor, &from);
	rc = range_open(t, TABLE_BATCH, key_bytes(&prefix), key_bytes(&from),
			0, &r);
	if (rc != 0) {
		return rc;
	}
	while (n < cap && (rc = range_next(r, &key, &value)) == 1) {
		slots[n++] = get_u64(key.p + 8);
	}
	range_close(r);
	if (rc < 0) {
		return rc;
	}
	if (n > 0) {
		*cursor = slots[n - 1] + 1;
	}
	*out_n = n;
	return 0;
}

int
erasure_finish(struct call *c, struct erasure_batch batch, bool *out_done)
{
	slot_t slots[FINISH_ROWS_MAX];
	slot_t cursor = 0;
	struct id last = {{0}};
	size_t n = 0;
	int rc = erasure_slots(c->txn, batch.number, &cursor, slots,
			       FINISH_ROWS_MAX, &n);

	for (size_t i = 0; i < n && rc == 0; i++) {
		struct key_maker k = {.n = 0};
		struct bytes value;
		struct id job = {{0}};

		batch_key(batch.number, slots[i], &k);
		rc = txn_get(c->txn, TABLE_BATCH, key_bytes(&k), &value);
		if (rc == 0 && value.n == BATCH_VALUE_BYTES) {
			memcpy(job.b, value.p, ID_BYTES);
		}
		/* The slots of one job lie together: wake it once a run. */
		if (rc == 0 && !id_is_nil(job) && !id_equal(job, last)) {
			rc = job_wake(c, job);
			last = job;
		}
		if (rc == 0) {
			rc = txn_del(c->txn, TABLE_BATCH, key_bytes(&k));
		}
	}
	if (rc == 0 && n < FINISH_ROWS_MAX) {
		rc = txn_del(c->txn, TABLE_SYSTEM, running_key());
		if (rc == 0) {
			rc = system_put_u64(c->txn, "batch.epoch",
					    batch.epoch_to);
		}
	}
	if (rc == 0) {
		*out_done = n < FINISH_ROWS_MAX;
	}
	return rc;
}

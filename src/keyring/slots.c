/* Slots are taken leaf by leaf: a counter of leaves in the store, and for each
 * of the two runs (people, everything else) the next slot of its leaf. A slot
 * is never given back. */

#include "base/pack.h"
#include "keyring/slots.h"

#define MARK "slots.mark"     /* leaves taken after the first free slot */
#define PEOPLE "slots.people" /* next slot of the people's leaf */
#define OTHERS "slots.others"

static int
number_get(struct txn *t, const char *name, uint64_t *out)
{
	int rc = txn_counter_get(t, name, out);

	if (rc == ERR_NOT_FOUND) {
		*out = 0;
		return 0;
	}
	return rc;
}

/* A new leaf for a run; its first slot. */
static int
leaf_take(struct txn *t, struct keyring *k, slot_t *out_first)
{
	slot_t first;
	uint64_t leaves;
	int rc = number_get(t, MARK, &leaves);

	if (rc != 0) {
		return rc;
	}
	first = keyring_first_free() + leaves * KEYRING_FANOUT;
	if (first + KEYRING_FANOUT > keyring_grown(k)) {
		return err_set(ERR_BUSY, "the key tree must grow first");
	}
	rc = txn_counter_take(t, MARK, 1, &leaves);
	if (rc == 0) {
		*out_first = first;
	}
	return rc;
}

/* `n` neighbours from a run's leaf; n divides the fan-out. A leaf's end shows
 * as a next slot that begins a leaf. */
static int
run_take(struct txn *t, struct keyring *k, const char *run, uint64_t n,
	 slot_t *out)
{
	uint64_t before;
	slot_t next;
	int rc = number_get(t, run, &next);

	if (rc == 0 && next % KEYRING_FANOUT == 0) {
		slot_t first;

		rc = leaf_take(t, k, &first);
		if (rc == 0) {
			rc = txn_counter_take(t, run, first - next, &before);
			next = first;
		}
	}
	if (rc == 0) {
		rc = txn_counter_take(t, run, n, &before);
	}
	if (rc == 0) {
		*out = next;
	}
	return rc;
}

int
slots_take_person(struct txn *t, struct keyring *k, slot_t *out_base)
{
	return run_take(t, k, PEOPLE, SLOT_PARTS, out_base);
}

int
slots_take_one(struct txn *t, struct keyring *k, slot_t *out_slot)
{
	return run_take(t, k, OTHERS, 1, out_slot);
}

int
slots_mark(struct txn *t, slot_t *out_mark)
{
	uint64_t leaves;
	int rc = number_get(t, MARK, &leaves);

	if (rc == 0) {
		*out_mark = keyring_first_free() + leaves * KEYRING_FANOUT;
	}
	return rc;
}

/* The rest of a run's leaf. */
static int
run_skip(struct txn *t, const char *run, struct slot_span *out)
{
	slot_t next;
	uint64_t before;
	int rc = number_get(t, run, &next);

	if (rc != 0) {
		return rc;
	}
	*out = (struct slot_span){next, (next + KEYRING_FANOUT - 1) /
						KEYRING_FANOUT *
						KEYRING_FANOUT};
	return out->end == next
		       ? 0
		       : txn_counter_take(t, run, out->end - next, &before);
}

int
slots_skip(struct txn *t, struct keyring *k, struct slot_span out[SLOTS_SKIPPED])
{
	uint64_t before;
	slot_t mark = 0;
	slot_t grown = keyring_grown(k);
	int rc = run_skip(t, PEOPLE, &out[0]);

	if (rc == 0) {
		rc = run_skip(t, OTHERS, &out[1]);
	}
	if (rc == 0) {
		rc = slots_mark(t, &mark);
	}
	if (rc == 0 && grown > mark) {
		rc = txn_counter_take(t, MARK, (grown - mark) / KEYRING_FANOUT,
				      &before);
	}
	if (rc == 0) {
		out[2] = (struct slot_span){mark, grown > mark ? grown : mark};
	}
	return rc;
}

/* The leaves of one operation, into its trace: no leaf, no effect, since both
 * stand in one record of the journal. Beside each leaf stand its details,
 * sealed for the slot of the person concerned, or the house's. */

#include "audit/details.h"
#include "base/pack.h"
#include "call/call.h"

/* The slot that commits: the person's while it lives. A leaf about somebody
 * who is gone (their erasure's last step) is the house's. */
static int
log_key(struct call *c, slot_t *slot, struct key *out)
{
	int rc = ERR_EXPIRED;

	if (*slot != SLOT_NONE) {
		rc = keyring_key(c->keys, *slot, out);
	}
	if (rc == ERR_EXPIRED) {
		*slot = SLOT_LOG_HOUSE;
		rc = keyring_key(c->keys, *slot, out);
	}
	return rc;
}

/* The leaf's row and the row that opens it. */
static int
rows_write(struct call *c, const struct leaf *leaf, slot_t slot,
	   struct bytes sealed)
{
	struct key_maker row = {.n = 0};
	struct key_maker history = {.n = 0};
	uint8_t bytes[LEAF_BYTES];
	uint64_t index;
	int rc = txn_trace_counter_take(c->txn, "log.size", 1, &index);

	if (rc != 0) {
		return rc;
	}
	key_u64(&row, index);
	leaf_encode(leaf, bytes);
	rc = txn_trace_put(c->txn, TABLE_LEAF, key_bytes(&row),
			   bytes_of(bytes, sizeof(bytes)));
	key_u64(&history, slot);
	key_u64(&history, index);
	return rc != 0 ? rc
		       : txn_trace_put(c->txn, TABLE_HISTORY,
				       key_bytes(&history), sealed);
}

/* Seals in place: what is left of the details is wiped with the buffer. */
static int
leaf_put(struct call *c, struct leaf *leaf, slot_t slot, struct buf *details)
{
	AUTO_LEAF_KEYS keys;
	AUTO_KEY key = {{0}};
	int rc = log_key(c, &slot, &key);

	if (rc != 0) {
		return rc;
	}
	leaf_keys(&key, leaf->id, &keys);
	leaf_commit(&keys.commit, buf_bytes(details), leaf->commitment);
	leaf_seal(leaf, &keys, buf_bytes(details), details->data);
	return rows_write(c, leaf, slot, buf_bytes(details));
}

static int
leaf_write(struct call *c, const struct call_leaf *from)
{
	struct leaf leaf = {
		.type = from->type,
		.outcome = leaf_outcome(from->outcome),
		.category = from->category,
		.recipient = from->recipient,
		.count = from->count,
		.at_ms = c->now_ms,
	};
	struct buf details;
	int rc = 0;

	buf_init(&details, VALUE_BYTES_MAX);
	entropy_fill(c->entropy, leaf.id.b, sizeof(leaf.id.b));
	if (from->details.kind != VALUE_NULL) {
		rc = details_pack(&from->details, &details);
	}
	if (rc == 0) {
		rc = leaf_put(c, &leaf, from->log_slot, &details);
	}
	buf_clear(&details);
	return rc;
}

int
call_log(struct call *c, int rc, enum leaf_type type)
{
	struct call_leaf refusal = {
		.type = type,
		.outcome = rc,
		.log_slot = c->log_slot,
	};
	bool has_refusal = false;
	int err = 0;

	for (size_t i = 0; i < c->n_leaves && err == 0; i++) {
		struct call_leaf *leaf = &c->leaves[i];

		if (rc == 0 || leaf->always) {
			err = leaf_write(c, leaf);
			has_refusal = has_refusal || leaf->outcome != 0;
		} else if (refusal.category == 0 && refusal.recipient == 0) {
			refusal.type = leaf->type;
			refusal.category = leaf->category;
			refusal.recipient = leaf->recipient;
		}
	}
	if (err != 0) {
		return err;
	}
	if (rc != 0 ? !has_refusal : c->n_leaves == 0) {
		err = leaf_write(c, &refusal);
	}
	return err;
}

/* The leaves of one operation, into its trace: no leaf, no effect, since both
 * stand in one record of the journal. Beside each leaf stands its opening,
 * sealed under the LOG slot of the person concerned, or the house's. */

#include "base/pack.h"
#include "call/call.h"

/* An opening as docs/format.md "Openings": 32 random bytes, then the details
 * packed; the commitment is over exactly these bytes. */
static int
opening_make(const struct call_leaf *leaf, const struct leaf_opening *opening,
	     struct buf *to)
{
	struct value details = leaf->details;
	int rc = buf_put(to, opening->random, sizeof(opening->random));

	if (details.kind == VALUE_NULL) {
		details = value_object();
	}
	return rc != 0 ? rc : value_pack(&details, to);
}

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
	   struct bytes opening)
{
	struct seal_context context = {
		.type = SEAL_HISTORY, .slot = slot, .day = DAY_NONE};
	struct key_maker row = {.n = 0};
	struct key_maker history = {.n = 0};
	uint8_t bytes[LEAF_BYTES];
	struct bytes sealed;
	uint64_t index;
	int rc = txn_trace_counter_take(c->txn, "log.size", 1, &index);

	if (rc != 0) {
		return rc;
	}
	key_u64(&row, index);
	leaf_encode(leaf, bytes);
	rc = txn_trace_put(c->txn, TABLE_LEAF, key_bytes(&row),
			   bytes_of(bytes, sizeof(bytes)));
	context.version = index;
	if (rc == 0) {
		rc = seal_make(c->keys, &context, opening, c->arena, &sealed);
	}
	key_u64(&history, slot);
	key_u64(&history, index);
	if (rc == 0) {
		rc = txn_trace_put(c->txn, TABLE_HISTORY, key_bytes(&history),
				   sealed);
	}
	return rc;
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
	struct leaf_opening opening;
	slot_t slot = from->log_slot;
	struct bytes details;
	struct buf plain;
	AUTO_KEY key = {{0}};
	int rc;

	buf_init(&plain, VALUE_BYTES_MAX);
	entropy_fill(c->entropy, leaf.id.b, sizeof(leaf.id.b));
	entropy_fill(c->entropy, opening.random, sizeof(opening.random));
	rc = log_key(c, &slot, &key);
	if (rc == 0) {
		rc = opening_make(from, &opening, &plain);
	}
	if (rc == 0) {
		details = bytes_of(plain.data + sizeof(opening.random),
				   plain.len - sizeof(opening.random));
		leaf_key(&key, leaf.id, &opening.k_leaf);
		leaf_commit(&opening, details, leaf.commitment);
		key_wipe(&opening.k_leaf);
		rc = rows_write(c, &leaf, slot, buf_bytes(&plain));
	}
	buf_clear(&plain);
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

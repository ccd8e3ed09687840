/* The covering rows of requests. */
#include "request/cover.h"

#include "base/pack.h"

#define COVER_FIXED_BYTES (1 + 1 + 1 + 4 + 5 * 8)

static enum table
cover_key(struct key_maker *k, bool is_open, int64_t due_at_ms,
	  int64_t received_at_ms, struct id id)
{
	if (!is_open) {
		key_u8(k, COVER_KIND_CLOSED);
	}
	key_u64(k, (uint64_t)(is_open ? due_at_ms : received_at_ms));
	key_id(k, id);
	return is_open ? TABLE_DUE : TABLE_REQUEST_BY;
}

int
cover_put(struct txn *t, const struct request_cover *cover)
{
	uint8_t row[COVER_FIXED_BYTES + POLICY_NAME_BYTES_MAX];
	size_t regime = strnlen(cover->regime, POLICY_NAME_BYTES_MAX);
	struct key_maker k = {.n = 0};
	enum table table =
		cover_key(&k, state_is_open(cover->state), cover->due_at_ms,
			  cover->received_at_ms, cover->id);

	row[0] = (uint8_t)cover->type;
	row[1] = (uint8_t)cover->state;
	row[2] = cover->channel;
	put_u32(row + 3, cover->assignee);
	put_u64(row + 7, (uint64_t)cover->received_at_ms);
	put_u64(row + 15, (uint64_t)cover->due_at_ms);
	put_u64(row + 23, (uint64_t)cover->legal_due_at_ms);
	put_u64(row + 31, (uint64_t)cover->closed_at_ms);
	put_u64(row + 39, (uint64_t)cover->changed_at_ms);
	memcpy(row + COVER_FIXED_BYTES, cover->regime, regime);
	return txn_put(t, table, key_bytes(&k),
		       bytes_of(row, COVER_FIXED_BYTES + regime));
}

int
cover_del(struct txn *t, bool is_open, int64_t due_at_ms,
	  int64_t received_at_ms, struct id id)
{
	struct key_maker k = {.n = 0};
	enum table table =
		cover_key(&k, is_open, due_at_ms, received_at_ms, id);

	return txn_del(t, table, key_bytes(&k));
}

int
cover_open(struct bytes key, struct bytes value, struct request_cover *out)
{
	struct request_cover c = {.type = REQUEST_TYPE_ACCESS};

	if (key.n < 8 + ID_BYTES || value.n < COVER_FIXED_BYTES ||
	    value.n > COVER_FIXED_BYTES + POLICY_NAME_BYTES_MAX ||
	    value.p[0] >= REQUEST_TYPE_COUNT ||
	    value.p[1] >= REQUEST_STATES) {
		return err_set(ERR_CORRUPT, "a request's cover does not read");
	}
	memcpy(c.id.b, key.p + key.n - ID_BYTES, ID_BYTES);
	c.type = (enum policy_request_type)value.p[0];
	c.state = (enum request_state)value.p[1];
	c.channel = value.p[2];
	c.assignee = get_u32(value.p + 3);
	c.received_at_ms = (int64_t)get_u64(value.p + 7);
	c.due_at_ms = (int64_t)get_u64(value.p + 15);
	c.legal_due_at_ms = (int64_t)get_u64(value.p + 23);
	c.closed_at_ms = (int64_t)get_u64(value.p + 31);
	c.changed_at_ms = (int64_t)get_u64(value.p + 39);
	memcpy(c.regime, value.p + COVER_FIXED_BYTES,
	       value.n - COVER_FIXED_BYTES);
	*out = c;
	return 0;
}

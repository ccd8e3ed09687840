/* Answers of writes, kept for repeated calls. */

#include <sodium.h>

#include "base/pack.h"
#include "service/stored.h"

#define ROW_HEAD_BYTES 13
#define SWEEP_ROWS 200

int
stored_print(struct call *c, struct bytes body, uint8_t out[PRINT_BYTES])
{
	crypto_generichash_state state;
	AUTO_KEY key = {{0}};
	int rc = keyring_key(c->keys, SLOT_CALLS, &key);

	if (rc != 0) {
		return rc;
	}
	crypto_generichash_init(&state, key.b, sizeof(key.b), PRINT_BYTES);
	crypto_generichash_update(&state, (const uint8_t *)c->operation,
				  strlen(c->operation) + 1);
	crypto_generichash_update(&state, body.p, body.n);
	crypto_generichash_final(&state, out, PRINT_BYTES);
	secret_wipe(&state, sizeof(state));
	return 0;
}

static void
stored_key(struct id call, uint32_t caller, struct key_maker *k)
{
	key_id(k, call);
	key_u32(k, caller);
}

static struct seal_context
stored_context(struct id call, uint32_t caller, slot_t slot, date_t day)
{
	return (struct seal_context){
		.type = SEAL_CALL,
		.slot = slot,
		.record = call,
		.version = caller,
		.day = day,
		.schema = 1,
	};
}

int
stored_find(struct call *c, const uint8_t print[PRINT_BYTES],
	    struct stored *out)
{
	struct stored found = {.state = STORED_NONE};
	struct seal_context context;
	struct key_maker k = {.n = 0};
	struct unpacker u = {0};
	struct bytes row;
	struct bytes first;
	int rc;

	stored_key(c->id, c->caller.number, &k);
	rc = txn_get(c->txn, TABLE_CALL, key_bytes(&k), &row);
	if (rc == ERR_NOT_FOUND) {
		*out = found;
		return 0;
	}
	if (rc == 0 && row.n < ROW_HEAD_BYTES) {
		rc = err_set(ERR_CORRUPT, "a stored answer does not read");
	}
	if (rc != 0) {
		return rc;
	}
	found.state = row.p[0] == STORED_AT_WORK ? STORED_AT_WORK
						 : STORED_ANSWER;
	context = stored_context(c->id, c->caller.number, get_u64(row.p + 1),
				 (date_t)get_u32(row.p + 9));
	rc = seal_open(c->keys, &context,
		       bytes_of(row.p + ROW_HEAD_BYTES,
				row.n - ROW_HEAD_BYTES),
		       c->arena, &u.from);
	if (rc != 0) {
		return rc == ERR_EXPIRED
			       ? err_set(rc, "what this call held is erased")
			       : rc;
	}
	first = unpack_raw(&u, PRINT_BYTES);
	if (first.n == PRINT_BYTES &&
	    !secret_equal(first.p, print, PRINT_BYTES)) {
		return err_set(ERR_CONFLICT,
			       "another operation or body");
	}
	/* Statuses are stored as a distance, as errors.h orders them. */
	found.status = unpack_u8(&u);
	if (found.status != 0) {
		found.status += ERR_BASE_;
	}
	found.body = u.from;
	if (u.rc == 0) {
		*out = found;
	}
	return u.rc;
}

int
stored_unused(struct call *c)
{
	struct key_maker k = {.n = 0};
	bool used;
	int rc;

	stored_key(c->id, c->caller.number, &k);
	rc = txn_has(c->txn, TABLE_CALL, key_bytes(&k), &used);
	return rc == 0 && used ? err_set(ERR_CONFLICT,
					 "another operation or body")
			       : rc;
}

/* Of somebody of whom only something held is left, PROFILE is dead and LOG
 * lives: the answer dies with that. */
int
stored_slot(struct call *c, slot_t slot, slot_t *out)
{
	AUTO_KEY key = {{0}};
	int rc = 0;

	if (slot == SLOT_NONE) {
		slot = SLOT_CALLS;
	} else if (c->log_slot != SLOT_NONE) {
		rc = keyring_key(c->keys, slot, &key);
		if (rc == ERR_EXPIRED) {
			slot = c->log_slot;
			rc = 0;
		}
	}
	*out = slot;
	return rc;
}

int
stored_put(struct call *c, struct id call, uint32_t caller, slot_t slot,
	   const uint8_t print[PRINT_BYTES], enum stored_state state,
	   int status, struct bytes body)
{
	date_t day = c->today + 1 +
		     (date_t)(c->policy->house.reply_ms / MS_PER_DAY);
	struct seal_context context;
	struct key_maker k = {.n = 0};
	struct packer p = {0};
	struct buf plain;
	struct buf row;

	p.rc = stored_slot(c, slot, &slot);
	if (p.rc != 0) {
		return p.rc;
	}
	context = stored_context(call, caller, slot, day);
	stored_key(call, caller, &k);
	buf_init(&plain, VALUE_BYTES_MAX);
	buf_init(&row, VALUE_BYTES_MAX);
	p.to = &plain;
	pack_raw(&p, print, PRINT_BYTES);
	pack_u8(&p, (uint8_t)(status == 0 ? 0 : status - ERR_BASE_));
	pack_raw(&p, body.p, body.n);
	if (p.rc == 0) {
		p.to = &row;
		pack_u8(&p, (uint8_t)state);
		pack_u64(&p, slot);
		pack_u32(&p, (uint32_t)day);
	}
	if (p.rc == 0) {
		p.rc = seal_put(c->keys, &context, buf_bytes(&plain), &row);
	}
	if (p.rc == 0) {
		p.rc = txn_trace_put(c->txn, TABLE_CALL, key_bytes(&k),
				     buf_bytes(&row));
	}
	buf_clear(&plain);
	buf_clear(&row);
	return p.rc;
}

int
stored_forget(struct call *c, struct id call, uint32_t caller)
{
	struct key_maker k = {.n = 0};

	stored_key(call, caller, &k);
	return txn_del(c->txn, TABLE_CALL, key_bytes(&k));
}

bool
stored_keeps(int rc)
{
	switch (rc) {
	case 0:
	case ERR_INVALID:
	case ERR_NOT_FOUND:
	case ERR_EXISTS:
	case ERR_STATE:
	case ERR_CONSENT_REQUIRED:
	case ERR_NOT_PERMITTED:
	case ERR_HELD:
	case ERR_EXPIRED:
	case ERR_TOO_LARGE:
	case ERR_TOO_MANY:
	case ERR_DENIED:
		return true;
	default:
		return false;
	}
}

int
stored_sweep(struct call *c, uint8_t cursor[20], size_t *cursor_n)
{
	struct range *r;
	struct bytes key;
	struct bytes row;
	size_t n = 0;
	int rc = range_open(c->txn, TABLE_CALL, bytes_of(NULL, 0),
			    bytes_of(cursor, *cursor_n), 0, &r);

	if (rc != 0) {
		return rc;
	}
	*cursor_n = 0; /* the end of the table unless more rows come */
	while ((rc = range_next(r, &key, &row)) == 1) {
		if (n++ == SWEEP_ROWS) {
			memcpy(cursor, key.p, key.n);
			*cursor_n = key.n;
			break;
		}
		if (row.n >= ROW_HEAD_BYTES &&
		    (date_t)get_u32(row.p + 9) < c->today) {
			rc = txn_del(c->txn, TABLE_CALL, key);
			if (rc != 0) {
				break;
			}
		}
	}
	range_close(r);
	return rc < 0 ? rc : 0;
}

/* Numbers of what retention did, by day. */
#include "retention/count.h"

#include "base/pack.h"

#define KEY_BYTES_COUNT (1 + 4 + 1 + 1)

int
retention_count_add(struct call *c, enum retention_event event,
		    uint8_t category, uint64_t n)
{
	struct key_maker k = {.n = 0};
	struct bytes before;
	uint8_t number[8] = {0};
	int rc;

	key_u8(&k, COUNT_KIND_RETENTION);
	key_u32(&k, (uint32_t)c->today);
	key_u8(&k, (uint8_t)event);
	key_u8(&k, category);
	rc = txn_get(c->txn, TABLE_COUNT, key_bytes(&k), &before);
	if (rc == 0 && before.n == sizeof(number)) {
		memcpy(number, before.p, sizeof(number));
	} else if (rc != 0 && rc != ERR_NOT_FOUND) {
		return rc;
	}
	err_clear();
	put_u64(number, get_u64(number) + n);
	return txn_put(c->txn, TABLE_COUNT, key_bytes(&k),
		       bytes_of(number, sizeof(number)));
}

int
retention_count_each(struct txn *t, date_t from, date_t to,
		     int (*each)(void *ctx, const struct retention_count *),
		     void *ctx)
{
	static const uint8_t kind = COUNT_KIND_RETENTION;
	struct key_maker start = {.n = 0};
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;
	int rc;

	key_u8(&start, kind);
	key_u32(&start, from < 0 ? 0 : (uint32_t)from);
	rc = range_open(t, TABLE_COUNT, bytes_of(&kind, 1), key_bytes(&start),
			0, &r);
	while (rc == 0 && (rc = range_next(r, &key, &value)) == 1) {
		struct retention_count n;

		if (key.n != KEY_BYTES_COUNT || value.n != 8 ||
		    key.p[5] >= RETENTION_EVENTS) {
			rc = err_set(ERR_CORRUPT, "a count that is none");
			break;
		}
		n.day = (date_t)get_u32(key.p + 1);
		n.event = (enum retention_event)key.p[5];
		n.category = key.p[6];
		n.n = get_u64(value.p);
		if (n.day >= to) {
			rc = 0;
			break;
		}
		rc = each(ctx, &n);
	}
	range_close(r);
	return rc > 0 ? 0 : rc;
}

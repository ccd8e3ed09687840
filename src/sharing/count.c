/* Numbers of disclosures by day: what a report may know. */
#include "sharing/count.h"

#include "base/pack.h"

#define FIXED_BYTES (1 + 4 + 1 + 2 + 2 + 1)

const char *const share_outcome_names[] = {"given", "declared", "refused",
					   NULL};

int
share_count_add(struct call *c, const struct share_count *n)
{
	struct key_maker k = {.n = 0};
	uint8_t number[8] = {0};
	struct bytes before;
	int rc;

	key_u8(&k, COUNT_KIND_SHARED);
	key_u32(&k, (uint32_t)n->day);
	key_u8(&k, (uint8_t)n->outcome);
	key_u16(&k, n->recipient);
	key_raw(&k, n->country[0] == '\0' ? "--" : n->country, 2);
	key_u8(&k, n->category);
	key_raw(&k, n->purpose, strlen(n->purpose));
	rc = txn_get(c->txn, TABLE_COUNT, key_bytes(&k), &before);
	if (rc == 0 && before.n == sizeof(number)) {
		memcpy(number, before.p, sizeof(number));
	} else if (rc != 0 && rc != ERR_NOT_FOUND) {
		return rc;
	}
	put_u64(number, get_u64(number) + n->n);
	if (n->outcome == SHARE_OUTCOME_REFUSED) {
		return txn_trace_put(c->txn, TABLE_COUNT, key_bytes(&k),
				     bytes_of(number, sizeof(number)));
	}
	return txn_put(c->txn, TABLE_COUNT, key_bytes(&k),
		       bytes_of(number, sizeof(number)));
}

static int
count_parse(struct bytes key, struct bytes value, struct share_count *out)
{
	struct share_count n = {.n = 0};

	if (key.n < FIXED_BYTES || value.n != 8 || key.p[5] >= SHARE_OUTCOMES ||
	    key.n - FIXED_BYTES >= sizeof(n.purpose)) {
		return err_set(ERR_CORRUPT, "a count that is none");
	}
	n.day = (date_t)get_u32(key.p + 1);
	n.outcome = (enum share_outcome)key.p[5];
	n.recipient = get_u16(key.p + 6);
	memcpy(n.country, key.p + 8, 2);
	n.category = key.p[10];
	memcpy(n.purpose, key.p + FIXED_BYTES, key.n - FIXED_BYTES);
	n.n = get_u64(value.p);
	*out = n;
	return 0;
}

int
share_count_each(struct txn *t, date_t from, date_t to,
		 int (*each)(void *ctx, const struct share_count *), void *ctx)
{
	static const uint8_t kind = COUNT_KIND_SHARED;
	struct key_maker start = {.n = 0};
	struct share_count n;
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;
	int rc;

	key_u8(&start, kind);
	key_u32(&start, from < 0 ? 0 : (uint32_t)from);
	rc = range_open(t, TABLE_COUNT, bytes_of(&kind, 1), key_bytes(&start),
			0, &r);
	while (rc == 0 && (rc = range_next(r, &key, &value)) == 1) {
		rc = count_parse(key, value, &n);
		if (rc == 0 && n.day >= to) {
			break;
		}
		if (rc == 0) {
			rc = each(ctx, &n);
		}
	}
	range_close(r);
	return rc > 0 ? 0 : rc;
}

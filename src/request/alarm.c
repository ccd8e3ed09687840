/* Rows of what happens by itself. What it is that happens is timed.c's. */
#include "request/alarm.h"

#include "base/pack.h"

#define ALARM_KEY_BYTES (8 + ID_BYTES + 1)

static void
alarm_key(struct key_maker *k, const struct alarm *a)
{
	key_u64(k, (uint64_t)a->at_ms);
	key_id(k, a->id);
	key_u8(k, (uint8_t)a->kind);
}

int
alarm_put(struct txn *t, const struct alarm *a)
{
	struct key_maker k = {.n = 0};

	alarm_key(&k, a);
	return txn_put(t, TABLE_ALARM, key_bytes(&k), bytes_of(NULL, 0));
}

int
alarm_del(struct txn *t, const struct alarm *a)
{
	struct key_maker k = {.n = 0};

	alarm_key(&k, a);
	return txn_del(t, TABLE_ALARM, key_bytes(&k));
}

int
alarm_due(struct txn *t, int64_t now_ms, size_t max, struct alarm *out,
	  size_t *out_n)
{
	struct bytes none = {NULL, 0};
	struct range *r;
	struct bytes key;
	struct bytes value;
	size_t n = 0;
	int rc = range_open(t, TABLE_ALARM, none, none, 0, &r);

	if (rc != 0) {
		return rc;
	}
	while (n < max && (rc = range_next(r, &key, &value)) == 1) {
		struct alarm a;

		if (key.n != ALARM_KEY_BYTES ||
		    key.p[ALARM_KEY_BYTES - 1] >= ALARM_KINDS) {
			rc = err_set(ERR_CORRUPT, "an alarm that is none");
			break;
		}
		a.at_ms = (int64_t)get_u64(key.p);
		memcpy(a.id.b, key.p + 8, ID_BYTES);
		a.kind = (enum alarm_kind)key.p[ALARM_KEY_BYTES - 1];
		if (a.at_ms > now_ms) {
			break;
		}
		out[n++] = a;
	}
	range_close(r);
	if (rc < 0) {
		return rc;
	}
	*out_n = n;
	return 0;
}

/* Numbers of requests by day: what a report may know when the records are
 * gone. */
#include "request/count.h"

#include "base/pack.h"

const char *const request_denial_names[9] = {
	"suspected_fraud",      "identity_not_verified", "no_match",
	"not_covered",          "outside_jurisdiction",  "too_many_requests",
	"legal_hold",           "other",                 NULL};

/* By one up, or down where there is any. */
static int
count_add(struct call *c, const struct key_maker *k, bool up)
{
	struct bytes before;
	uint8_t number[8] = {0};
	int rc = txn_get(c->txn, TABLE_COUNT, key_bytes(k), &before);

	if (rc == 0 && before.n == sizeof(number)) {
		memcpy(number, before.p, sizeof(number));
	} else if (rc != 0 && rc != ERR_NOT_FOUND) {
		return rc;
	}
	if (!up && get_u64(number) == 0) {
		return 0;
	}
	put_u64(number, get_u64(number) + (up ? 1 : UINT64_MAX));
	return txn_put(c->txn, TABLE_COUNT, key_bytes(k),
		       bytes_of(number, sizeof(number)));
}

static void
key_regime(struct key_maker *k, const char *regime)
{
	if (regime != NULL) {
		key_raw(k, regime, strnlen(regime, POLICY_NAME_BYTES_MAX));
	}
}

static struct key_maker
received_key(const struct call *c, const struct request *r,
	     const struct request_dates *d)
{
	struct key_maker k = {.n = 0};

	key_u8(&k, COUNT_KIND_RECEIVED);
	key_u32(&k, (uint32_t)decide_today(c->policy, d->received_at_ms));
	key_u8(&k, (uint8_t)d->type);
	key_u8(&k, (uint8_t)r->channel);
	key_regime(&k, d->regime);
	return k;
}

static struct key_maker
received_key_now(const struct call *c, const struct request *r)
{
	struct request_dates now = {.type = r->type,
				    .received_at_ms = r->received_at_ms,
				    .regime = r->regime};

	return received_key(c, r, &now);
}

int
request_count_received(struct call *c, const struct request *r)
{
	struct key_maker k = received_key_now(c, r);

	return count_add(c, &k, true);
}

int
request_count_moved(struct call *c, const struct request *r,
		    const struct request_dates *was)
{
	struct key_maker from = received_key(c, r, was);
	struct key_maker to = received_key_now(c, r);
	int rc;

	if (bytes_equal(key_bytes(&from), key_bytes(&to))) {
		return 0;
	}
	rc = count_add(c, &from, false);
	return rc != 0 ? rc : count_add(c, &to, true);
}

static uint8_t
reason_number(const struct request *r)
{
	if (r->state != REQUEST_DENIED || r->reason == NULL) {
		return COUNT_REASON_NONE;
	}
	for (uint8_t i = 0; request_denial_names[i] != NULL; i++) {
		if (strcmp(request_denial_names[i], r->reason) == 0) {
			return i;
		}
	}
	return COUNT_REASON_NONE;
}

int
request_count_closed(struct call *c, const struct request *r)
{
	struct key_maker k = {.n = 0};
	int64_t days = (r->closed_at_ms - r->received_at_ms) / MS_PER_DAY;

	key_u8(&k, COUNT_KIND_CLOSED);
	key_u32(&k, (uint32_t)decide_today(c->policy, r->closed_at_ms));
	key_u8(&k, (uint8_t)r->type);
	key_u8(&k, (uint8_t)r->state);
	key_u8(&k, reason_number(r));
	key_u8(&k, r->closed_at_ms > r->due_at_ms ? 1 : 0);
	key_u16(&k, days < 0	     ? 0
		    : days > UINT16_MAX ? UINT16_MAX
					: (uint16_t)days);
	key_regime(&k, r->regime);
	return count_add(c, &k, true);
}

static int
count_parse(struct bytes key, struct bytes value, struct request_count *out)
{
	bool closed = key.n > 0 && key.p[0] == COUNT_KIND_CLOSED;
	size_t fixed = closed ? 11 : 7;
	struct request_count n = {.is_closed = closed};

	if (key.n < fixed || key.n > fixed + POLICY_NAME_BYTES_MAX ||
	    value.n != 8 || key.p[5] >= REQUEST_TYPE_COUNT ||
	    (closed && key.p[6] >= REQUEST_STATES)) {
		return err_set(ERR_CORRUPT, "a count that is none");
	}
	n.day = (date_t)get_u32(key.p + 1);
	n.type = (enum policy_request_type)key.p[5];
	if (closed) {
		n.state = (enum request_state)key.p[6];
		n.reason = key.p[7];
		n.is_late = key.p[8] != 0;
		n.days = get_u16(key.p + 9);
	} else {
		n.channel = key.p[6];
	}
	memcpy(n.regime, key.p + fixed, key.n - fixed);
	n.n = get_u64(value.p);
	*out = n;
	return 0;
}

int
request_count_each(struct txn *t, bool closed, date_t from, date_t to,
		   int (*each)(void *ctx, const struct request_count *),
		   void *ctx)
{
	uint8_t kind = closed ? COUNT_KIND_CLOSED : COUNT_KIND_RECEIVED;
	struct key_maker start = {.n = 0};
	struct request_count n;
	struct range *r;
	struct bytes key;
	struct bytes value;
	int rc;

	key_u8(&start, kind);
	key_u32(&start, from < 0 ? 0 : (uint32_t)from);
	rc = range_open(t, TABLE_COUNT, bytes_of(&kind, 1), key_bytes(&start),
			0, &r);
	if (rc != 0) {
		return rc;
	}
	while ((rc = range_next(r, &key, &value)) == 1) {
		rc = count_parse(key, value, &n);
		if (rc != 0 || n.day >= to) {
			break;
		}
		rc = each(ctx, &n);
		if (rc != 0) {
			break;
		}
	}
	range_close(r);
	return rc;
}

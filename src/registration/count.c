/* Numbers of registrations by day: what a report may know. */
#include "registration/count.h"

#include "base/pack.h"

#define KEY_BYTES_COUNT (1 + 4 + 1 + 2 + 1)

const char *const registration_outcome_names[] = {
	"adult",  "minor",    "under_age", "consent_required",
	"exists", "prospect", "closed",    "reopened",
	NULL};

int
registration_count_add(struct call *c, enum registration_outcome outcome,
		       const char *country, uint8_t band, bool refused)
{
	struct key_maker k = {.n = 0};
	struct bytes before;
	uint8_t number[8] = {0};
	int rc;

	key_u8(&k, COUNT_KIND_REGISTRATION);
	key_u32(&k, (uint32_t)c->today);
	key_u8(&k, (uint8_t)outcome);
	key_raw(&k, country == NULL ? "--" : country, 2);
	key_u8(&k, band);
	rc = txn_get(c->txn, TABLE_COUNT, key_bytes(&k), &before);
	if (rc == 0 && before.n == sizeof(number)) {
		memcpy(number, before.p, sizeof(number));
	} else if (rc != 0 && rc != ERR_NOT_FOUND) {
		return rc;
	}
	put_u64(number, get_u64(number) + 1);
	if (refused) {
		return txn_trace_put(c->txn, TABLE_COUNT, key_bytes(&k),
				     bytes_of(number, sizeof(number)));
	}
	return txn_put(c->txn, TABLE_COUNT, key_bytes(&k),
		       bytes_of(number, sizeof(number)));
}

int
registration_count_each(struct txn *t, date_t from, date_t to,
			int (*each)(void *ctx,
				    const struct registration_count *),
			void *ctx)
{
	static const uint8_t kind = COUNT_KIND_REGISTRATION;
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
		struct registration_count n = {.country = "--"};

		if (key.n != KEY_BYTES_COUNT || value.n != 8 ||
		    key.p[5] >= REGISTRATION_OUTCOMES) {
			rc = err_set(ERR_CORRUPT, "a count that is none");
			break;
		}
		n.day = (date_t)get_u32(key.p + 1);
		if (n.day >= to) {
			rc = 0;
			break;
		}
		n.outcome = (enum registration_outcome)key.p[5];
		memcpy(n.country, key.p + 6, 2);
		n.band = key.p[8];
		n.n = get_u64(value.p);
		rc = each(ctx, &n);
	}
	range_close(r);
	return rc > 0 ? 0 : rc;
}

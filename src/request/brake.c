/* How many erasures have begun today, and whether one more may. */
#include "request/brake.h"

#include "base/pack.h"

#define ROW "erasures.day"
#define ROW_BYTES 8

static int
today_read(struct call *c, uint32_t *out)
{
	struct bytes row;
	int rc = txn_get(c->txn, TABLE_SYSTEM, bytes_str(ROW), &row);

	*out = 0;
	if (rc == ERR_NOT_FOUND) {
		err_clear();
		return 0;
	}
	if (rc == 0 && row.n != ROW_BYTES) {
		return err_set(ERR_CORRUPT, "the number of today's erasures");
	}
	if (rc == 0 && (date_t)get_u32(row.p) == c->today) {
		*out = get_u32(row.p + 4);
	}
	return rc;
}

int
brake_take(struct call *c)
{
	int max = c->policy->house.erasures_per_day;
	uint8_t row[ROW_BYTES];
	uint32_t n;
	int rc = max == 0 ? 0 : today_read(c, &n);

	if (rc != 0 || max == 0) {
		return rc;
	}
	if (n >= (uint32_t)max) {
		(void)err_set(ERR_STATE, "today's erasures are used up: "
					 "erasures_per_day of the policy");
		err_extra_text("state", "erasures_braked");
		return ERR_STATE;
	}
	put_u32(row, (uint32_t)c->today);
	put_u32(row + 4, n + 1);
	return txn_put(c->txn, TABLE_SYSTEM, bytes_str(ROW),
		       bytes_of(row, sizeof(row)));
}

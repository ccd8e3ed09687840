/* Visitors whose events have all gone with their days. */
#include "navigation/idle.h"

#include "base/pack.h"
#include "call/erasure.h"
#include "navigation/visitor.h"
#include "policy/decide.h"

#define CATEGORY "navigation"
#define CURSOR "sweep.visitors"
#define EXAMINED_MAX 300 /* a step: two reads each */
#define FORGOTTEN_MAX 20 /* a step */

static int
cursor_read(struct call *c, slot_t *out)
{
	struct bytes at;
	int rc = txn_get(c->txn, TABLE_SYSTEM, bytes_str(CURSOR), &at);

	*out = 0;
	if (rc == 0 && at.n == 8) {
		*out = get_u64(at.p);
	}
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int
cursor_write(struct call *c, slot_t at)
{
	uint8_t b[8];

	put_u64(b, at);
	return txn_put(c->txn, TABLE_SYSTEM, bytes_str(CURSOR),
		       bytes_of(b, sizeof(b)));
}

static int
has_events(struct call *c, slot_t slot, bool *out)
{
	struct key_maker prefix = {.n = 0};
	struct range *r;
	struct bytes key;
	struct bytes row;
	int rc;

	key_u64(&prefix, slot);
	rc = range_open(c->txn, TABLE_VISIT, key_bytes(&prefix),
			bytes_of(NULL, 0), 0, &r);
	if (rc != 0) {
		return rc;
	}
	rc = range_next(r, &key, &row);
	range_close(r);
	*out = rc == 1;
	return rc > 0 ? 0 : rc;
}

static bool
is_past(const struct call *c, const struct policy_category *category,
	const struct visitor *visitor)
{
	date_t since = decide_today(c->policy, visitor->since_ms);
	date_t due = decide_expiry(category, since, DAY_NONE);

	return due != DAY_NONE && due <= c->today;
}

/* *out_forgotten says whether it went. */
static int
visitor_consider(struct call *c, const struct policy_category *category,
		 slot_t slot, bool *out_forgotten)
{
	struct vault v = call_vault(c);
	slot_t slots[VISITOR_SLOTS];
	struct visitor visitor;
	size_t chunks;
	bool more;
	size_t n;
	int rc = has_events(c, slot, &more);

	*out_forgotten = false;
	if (rc != 0 || more) {
		return rc;
	}
	rc = visitor_load(&v, slot, &visitor);
	if (rc == ERR_NOT_FOUND) {
		/* Being erased: the row goes with that. */
		err_clear();
		return 0;
	}
	if (rc != 0 || visitor.held != SLOT_NONE ||
	    !is_past(c, category, &visitor)) {
		return rc;
	}
	rc = visitor_unindex(&v, slot, false, slots, &n);
	if (rc == 0) {
		rc = erasure_queue(c, slots, n, (struct id){{0}});
	}
	if (rc == 0) {
		rc = visitor_forget(&v, slot, visitor.base, 1, &chunks, &more);
	}
	*out_forgotten = rc == 0;
	return rc;
}

/* The slots from the cursor on, at most EXAMINED_MAX. */
static int
slots_read(struct call *c, slot_t from, slot_t *slots, size_t *out_n)
{
	struct key_maker start = {.n = 0};
	struct range *r;
	struct bytes key;
	struct bytes row;
	size_t n = 0;
	int rc;

	key_u64(&start, from);
	rc = range_open(c->txn, TABLE_VISITOR, bytes_of(NULL, 0),
			key_bytes(&start), 0, &r);
	if (rc != 0) {
		return rc;
	}
	while (n < EXAMINED_MAX && (rc = range_next(r, &key, &row)) == 1) {
		if (key.n != 8) {
			rc = err_set(ERR_CORRUPT, "a key of no visitor");
			break;
		}
		slots[n++] = get_u64(key.p);
	}
	range_close(r);
	*out_n = n;
	return rc > 0 ? 0 : rc;
}

int
visitors_forget_idle(struct call *c, bool *out_more)
{
	const struct policy_category *category =
		policy_category(c->policy, CATEGORY);
	slot_t slots[EXAMINED_MAX];
	size_t forgotten = 0;
	slot_t cursor;
	slot_t next;
	size_t i = 0;
	size_t n;
	int rc = cursor_read(c, &cursor);

	*out_more = false;
	if (rc == 0) {
		rc = slots_read(c, cursor, slots, &n);
	}
	if (rc != 0 || category == NULL || (n == 0 && cursor == 0)) {
		return rc;
	}
	while (i < n && forgotten < FORGOTTEN_MAX && rc == 0) {
		bool went;

		rc = visitor_consider(c, category, slots[i++], &went);
		forgotten += rc == 0 && went ? 1 : 0;
	}
	if (rc != 0) {
		return rc;
	}
	*out_more = forgotten == FORGOTTEN_MAX;
	/* At the end: from the first again, next time. */
	next = i < n || n == EXAMINED_MAX ? slots[i - 1] + 1 : 0;
	return next == cursor ? 0 : cursor_write(c, next);
}

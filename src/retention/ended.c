/*
 * Who is over though nobody asked to erase them: found by a walk over all
 * heads, once a day. What is taken away then is ended_job.c's.
 */
#include "retention/ended.h"

#include <string.h>

#include "base/pack.h"
#include "navigation/visitor.h"
#include "vault/hold_mark.h"
#include "vault/index.h"
#include "vault/record.h"

#define SETTING "ended.walk"
#define WALK_BYTES (4 + ID_BYTES)
#define WALK_HEADS_MAX 300
/* Each is asked for every category, in two slots. */
#define WALK_ASKED_MAX 12
#define VISITORS_MAX 200

static const struct id id_last = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
				   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
				   0xff, 0xff}};

static int
has_any_of(struct vault *v, const struct subject *s, enum of_subject kind,
	   bool *out)
{
	struct id first = {{0}};
	struct id *ids;
	size_t n;
	int rc = of_subject_list(v->txn, v->arena, kind, s->base, first, 1,
				 &ids, &n);

	*out = rc == 0 && n > 0;
	return rc;
}

/* Events that a hold covers, or that are on their way back from one. */
static int
has_held_visits(struct vault *v, const struct subject *s, bool *out)
{
	const struct policy_category *category =
		policy_category(v->policy, "navigation");
	struct id first = {{0}};
	struct id *visitors;
	size_t n;
	bool covered = false;
	int rc = of_subject_list(v->txn, v->arena, OF_SUBJECT_VISITOR, s->base,
				 first, VISITORS_MAX, &visitors, &n);

	if (rc == 0 && n > 0 && category != NULL) {
		rc = hold_mark_has(v, s, category->id, &covered);
	}
	*out = covered;
	for (size_t i = 0; i < n && rc == 0 && !*out; i++) {
		slot_t held;

		rc = visitor_held_slot(v->txn, index_slot_of_owner(visitors[i]),
				       &held);
		*out = rc == 0 && held != SLOT_NONE;
	}
	return rc;
}

/* Whether the category keeps this person. What a hold covers does, even when
 * its day has come: it lies where it lay until the hold's job has moved it. A
 * prospect has no account whose end the rest could wait for: it goes with the
 * last of what has a day. */
static int
keeps(struct vault *v, const struct subject *s,
      const struct policy_category *c, bool *out)
{
	struct record *rows;
	struct bytes last;
	bool covered;
	size_t n;
	int rc = hold_mark_has(v, s, c->id, &covered);

	if (rc == 0 && covered) {
		rc = record_rows(v, subject_slot(s, c), c->id,
				 bytes_of(NULL, 0), 1, &rows, &n, &last);
		*out = rc == 0 && n > 0;
	} else if (rc == 0 && s->standing == STANDING_PROSPECT &&
		   c->retention.from == FROM_ACCOUNT_END) {
		*out = false;
	} else if (rc == 0) {
		rc = record_has(v, s, c, out);
	}
	return rc;
}

/* A closed account may come back for a while. */
static bool
may_be_over(const struct vault *v, const struct subject *s)
{
	if (s->erasing || s->held_old != SLOT_NONE) {
		return false;
	}
	if (s->standing == STANDING_PROSPECT) {
		return true;
	}
	return s->account == ACCOUNT_CLOSED && !s->account_moving &&
	       v->now_ms - s->account_since_ms > v->policy->house.reopen_ms;
}

int
ended_is_over(struct vault *v, const struct subject *s, bool *out)
{
	bool left = !may_be_over(v, s);
	struct record *rows;
	struct bytes last;
	size_t n;
	int rc = 0;

	for (size_t i = 0; i < v->policy->n_categories && !left; i++) {
		rc = keeps(v, s, &v->policy->categories[i], &left);
		if (rc != 0) {
			return rc;
		}
	}
	if (!left && s->held != SLOT_NONE) {
		rc = record_rows(v, s->held, 0, bytes_of(NULL, 0), 1, &rows, &n,
				 &last);
		left = n > 0;
	}
	if (rc == 0 && !left) {
		rc = has_held_visits(v, s, &left);
	}
	if (rc == 0 && !left) {
		rc = has_any_of(v, s, OF_SUBJECT_HOLD, &left);
	}
	if (rc == 0 && !left) {
		rc = has_any_of(v, s, OF_SUBJECT_OPEN_REQUEST, &left);
	}
	if (rc == 0) {
		*out = !left;
	}
	return rc;
}

/* Marks the person, so that nobody reads any more, and starts the job. */
static int
end_begin(struct call *c, struct vault *v, struct subject *s)
{
	int rc;

	s->erasing = true;
	rc = subject_save(v, s);
	return rc != 0 ? rc : ended_start(c, s->id);
}

/* The people of one step who may be over; *out_next is where it goes on. */
static int
candidates(struct vault *v, struct id from, struct subject **out, size_t *out_n,
	   struct id *out_next)
{
	struct range *r = NULL;
	struct bytes key;
	struct bytes row;
	size_t heads = 0;
	size_t n = 0;
	int rc = range_open(v->txn, TABLE_SUBJECT, bytes_of(NULL, 0),
			    id_bytes(&from), 0, &r);

	*out_next = id_last;
	while (rc == 0 && (rc = range_next(r, &key, &row)) == 1) {
		struct subject *s;

		if (heads++ == WALK_HEADS_MAX || n == WALK_ASKED_MAX) {
			memcpy(out_next->b, key.p,
			       key.n < ID_BYTES ? key.n : ID_BYTES);
			rc = 0;
			break;
		}
		rc = subject_open_row(v, key, row, &s);
		if (rc == 0 && may_be_over(v, s)) {
			out[n++] = s;
		}
		rc = rc == ERR_NOT_FOUND ? 0 : rc;
	}
	range_close(r);
	*out_n = n;
	return rc < 0 ? rc : 0;
}

int
ended_walk(struct call *c, bool *out_more)
{
	struct subject *asked[WALK_ASKED_MAX];
	struct vault v = call_vault(c);
	struct id at = {{0}};
	uint8_t walk[WALK_BYTES];
	struct bytes value;
	size_t n = 0;
	int rc = txn_get(c->txn, TABLE_SYSTEM, bytes_str(SETTING), &value);

	*out_more = false;
	if (rc == 0 && value.n == WALK_BYTES &&
	    (date_t)get_u32(value.p) == c->today) {
		memcpy(at.b, value.p + 4, ID_BYTES);
	} else if (rc != 0 && rc != ERR_NOT_FOUND) {
		return rc;
	}
	if (id_equal(at, id_last)) {
		return 0;
	}
	rc = candidates(&v, at, asked, &n, &at);
	for (size_t i = 0; i < n && rc == 0; i++) {
		bool over;

		rc = ended_is_over(&v, asked[i], &over);
		if (rc == 0 && over) {
			rc = end_begin(c, &v, asked[i]);
		}
	}
	if (rc != 0) {
		return rc;
	}
	*out_more = !id_equal(at, id_last);
	put_u32(walk, (uint32_t)c->today);
	memcpy(walk + 4, at.b, ID_BYTES);
	return txn_put(c->txn, TABLE_SYSTEM, bytes_str(SETTING),
		       bytes_of(walk, sizeof(walk)));
}

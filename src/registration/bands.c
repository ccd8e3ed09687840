/* The month's walk over all heads. Until it comes by, subject_band and
 * subject_standing_on already say what is right for the day. */
#include "registration/bands.h"

#include "base/pack.h"
#include "call/erasure.h"
#include "policy/decide.h"
#include "vault/index.h"
#include "vault/subject.h"

#define SETTING "bands.walk"
#define STEP_ROWS_MAX 400
#define STEP_MINORS_MAX 20 /* each may move some buckets */
#define GUARDIAN "guardian"

/* TABLE_SYSTEM: month 4 || subject id 16 where the walk goes on; all ones:
 * done for that month. */
struct walk {
	date_t month;
	struct id at;
};

#define WALK_BYTES (4 + ID_BYTES)

static const struct id id_last = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
				   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
				   0xff, 0xff}};

static date_t
month_of(date_t day)
{
	struct ymd ymd = date_to_ymd(day);

	ymd.day = 1;
	return date_from_ymd(ymd);
}

static int
walk_load(struct call *c, struct walk *out)
{
	struct bytes value;
	int rc = txn_get(c->txn, TABLE_SYSTEM, bytes_str(SETTING), &value);

	*out = (struct walk){.month = 0};
	if (rc == ERR_NOT_FOUND) {
		return 0;
	}
	if (rc == 0 && value.n != WALK_BYTES) {
		return err_set(ERR_CORRUPT, "where the walk over bands is");
	}
	if (rc == 0) {
		out->month = (date_t)get_u32(value.p);
		memcpy(out->at.b, value.p + 4, ID_BYTES);
	}
	return rc;
}

static int
walk_save(struct call *c, const struct walk *w)
{
	uint8_t value[WALK_BYTES];

	put_u32(value, (uint32_t)w->month);
	memcpy(value + 4, w->at.b, ID_BYTES);
	return txn_put(c->txn, TABLE_SYSTEM, bytes_str(SETTING),
		       bytes_of(value, sizeof(value)));
}

/* The guardian's address leaves the index: the buckets are sealed again, the
 * slots before destroyed. */
static int
guardian_forget(struct call *c, struct vault *v, const struct subject *s)
{
	const struct policy_category *guardian =
		policy_category(c->policy, GUARDIAN);
	struct id nobody = {{0}};
	int rc = 0;

	if (guardian == NULL || !s->has_guardian) {
		return 0;
	}
	for (size_t i = 0; i < s->n_buckets && rc == 0; i++) {
		slot_t old;

		rc = index_move_without_tag(v, s->buckets[i], OWNER_SUBJECT,
					    s->id, guardian->id, &old);
		if (rc == 0 && old != SLOT_NONE) {
			rc = erasure_queue(c, &old, 1, nobody);
		}
	}
	return rc;
}

/* *out_grown when somebody has become an adult. */
static int
advance_one(struct call *c, struct vault *v, struct subject *s, bool *out_grown)
{
	enum age_band now = subject_band(c->policy, s, c->today);
	int rc = 0;

	*out_grown = false;
	if (s->erasing || s->standing != STANDING_MINOR || now == s->band) {
		return 0;
	}
	while (s->band != now) {
		s->band = age_band_next(s->band);
		s->next_band =
			age_band_next_month(c->policy, s->band, s->next_band);
	}
	if (now == BAND_ADULT) {
		rc = guardian_forget(c, v, s);
		s->standing = STANDING_ADULT;
		s->next_band = 0;
		s->has_guardian = false;
		s->has_legal_capacity = false;
		s->legal_capacity_at_ms = 0;
		*out_grown = true;
	}
	if (rc == 0) {
		rc = subject_save(v, s);
	}
	if (rc == 0 && *out_grown) {
		rc = call_leaf(
			c, (struct call_leaf){.type = LEAF_ADULTHOOD,
					      .log_slot = s->base + SLOT_LOG});
	}
	return rc;
}

/* The people of one step: who they are, before anything is written. */
static int
people_from(struct call *c, struct vault *v, struct id from,
	    struct subject **out, size_t *out_n, struct id *out_last)
{
	struct range *r = NULL;
	struct bytes key;
	struct bytes row;
	size_t rows = 0;
	size_t n = 0;
	int rc = range_open(c->txn, TABLE_SUBJECT, bytes_of(NULL, 0),
			    id_bytes(&from), 0, &r);

	*out_last = id_last;
	while (rc == 0 && (rc = range_next(r, &key, &row)) == 1) {
		struct subject *s;

		if (rows++ == STEP_ROWS_MAX || n == STEP_MINORS_MAX) {
			memcpy(out_last->b, key.p,
			       key.n < ID_BYTES ? key.n : ID_BYTES);
			rc = 0;
			break;
		}
		rc = subject_open_row(v, key, row, &s);
		if (rc == 0 && s->standing == STANDING_MINOR) {
			out[n++] = s;
		}
		rc = rc == ERR_NOT_FOUND ? 0 : rc;
	}
	range_close(r);
	*out_n = n;
	return rc < 0 ? rc : 0;
}

int
registration_advance_bands(struct call *c, bool *out_more)
{
	struct subject *minors[STEP_MINORS_MAX];
	struct vault v = call_vault(c);
	struct walk w;
	date_t month = month_of(c->today);
	size_t n = 0;
	int rc = walk_load(c, &w);

	*out_more = false;
	if (rc != 0 || (w.month == month && id_equal(w.at, id_last))) {
		return rc;
	}
	if (w.month != month) {
		w = (struct walk){.month = month};
	}
	rc = people_from(c, &v, w.at, minors, &n, &w.at);
	for (size_t i = 0; i < n && rc == 0; i++) {
		bool grown;

		rc = advance_one(c, &v, minors[i], &grown);
	}
	if (rc == 0) {
		*out_more = !id_equal(w.at, id_last);
		rc = walk_save(c, &w);
	}
	return rc;
}

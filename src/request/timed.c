/* What is due, and what happens then. */
#include "request/timed.h"

#include "request/alarm.h"
#include "request/brake.h"
#include "request/bundle.h"
#include "request/end.h"
#include "request/fulfil.h"
#include "request/notice.h"
#include "request/request.h"
#include "retention/guard.h"

#define ALARMS_A_STEP 8
/* Of one alarm, when the service was away for long: each date has one. */
#define ALARM_LEAVES_MAX (DEADLINE_ALARMS_MAX + 4)
/* Looked at: rows that do not open are left, and stop nobody else. */
#define ALARMS_SEEN_MAX 64

/* The house is told of each alarm that has come since, then the next is set. */
static int
deadline_alarm(struct call *c, struct request *r)
{
	struct deadline_facts facts = request_facts(c->policy, r, c->now_ms);
	int64_t from_ms = r->alarms[ALARM_DEADLINE];
	struct deadline d;
	int rc = deadline_compute(c->policy, &facts, &d);

	for (size_t i = 0; rc == 0 && i < d.n_alarms; i++) {
		const struct deadline_alarm *a = &d.alarms[i];
		struct notice n = {.kind = NOTICE_ALARM,
				   .about = a->name,
				   .subject = r->subject,
				   .request = r->id};
		struct value more = value_object();

		if (a->at_ms < from_ms || a->at_ms > c->now_ms ||
		    (r->confirmed_at_ms != 0 &&
		     strcmp(a->name, DEADLINE_ALARM_CONFIRM) == 0)) {
			continue;
		}
		rc = notice_create(c, &n);
		if (rc == 0) {
			rc = part_add_text(&more, c->arena, "alarm", a->name);
		}
		if (rc == 0) {
			rc = request_leaf(c, r, LEAF_ALARM, &more);
		}
	}
	if (rc == 0) {
		rc = request_redate(c, r);
	}
	return rc != 0 ? rc : request_save(c, r);
}

/* The erasure begins by itself, unless it cannot: then the house is told. */
static int
cool_off_end(struct call *c, struct request *r)
{
	struct notice n = {.kind = NOTICE_ALARM,
			   .about = "erasure_held",
			   .subject = r->subject,
			   .request = r->id};
	struct id job;
	int rc = request_erase_check(c, r);

	if (rc == 0) {
		rc = brake_take(c);
	}
	if (rc == ERR_STATE) {
		/* A restore left a gap, or the day has had enough: later. */
		err_clear();
		r->alarms[ALARM_COOL_OFF] = c->now_ms + MS_PER_HOUR;
		return request_save(c, r);
	}
	if (rc == ERR_HELD) {
		err_clear();
		r->alarms[ALARM_COOL_OFF] = 0;
		rc = notice_create(c, &n);
		return rc != 0 ? rc : request_save(c, r);
	}
	return rc != 0 ? rc : request_erase_begin(c, r, false, &job);
}

/* A record lives until nothing is kept of its erasure any more. */
static int
record_end(struct call *c, struct request *r)
{
	if (r->alarms[ALARM_KEPT] == 0) {
		return request_end(c, r);
	}
	r->alarms[ALARM_END] = c->now_ms + MS_PER_DAY;
	return request_save(c, r);
}

static int
request_alarm(struct call *c, const struct alarm *a, bool *out_more)
{
	struct request *r;
	int rc = request_load(c, a->id, &r);

	if (rc == ERR_SEAL || rc == ERR_CORRUPT) {
		/* Whoever gets it is told; ninety-audit finds it. */
		err_clear();
		return 0;
	}
	if (rc == ERR_NOT_FOUND || (rc == 0 && r->alarms[a->kind] != a->at_ms)) {
		/* Nobody's any more. */
		err_clear();
		return alarm_del(c->txn, a);
	}
	if (rc != 0) {
		return rc;
	}
	switch (a->kind) {
	case ALARM_DEADLINE:
		return deadline_alarm(c, r);
	case ALARM_VERIFY:
		return request_expire(c, r);
	case ALARM_END:
		return record_end(c, r);
	case ALARM_COOL_OFF:
		return cool_off_end(c, r);
	case ALARM_BUNDLE:
		return request_bundle_end(c, r, out_more);
	case ALARM_KEPT:
		return request_erase_rest(c, r);
	case ALARM_NOTICE_END:
	case ALARM_KINDS:
		break;
	}
	return err_set(ERR_CORRUPT, "an alarm that is none");
}

static bool
destroys(enum alarm_kind kind)
{
	return kind != ALARM_DEADLINE && kind != ALARM_VERIFY;
}

static int
alarm_run(struct call *c, const struct alarm *a, bool *out_more)
{
	int rc;

	if (a->kind != ALARM_NOTICE_END) {
		return request_alarm(c, a, out_more);
	}
	rc = notice_end(c, a->id);
	return rc != 0 ? rc : alarm_del(c->txn, a);
}

int
request_timed(struct call *c, bool *out_more)
{
	struct alarm due[ALARMS_SEEN_MAX];
	bool more = false;
	struct guard guard;
	size_t ran = 0;
	bool gap;
	size_t n;
	int rc = alarm_due(c->txn, c->now_ms, ALARMS_SEEN_MAX, due, &n);

	if (rc == 0) {
		rc = txn_has(c->txn, TABLE_SYSTEM, bytes_str("restore.gap"),
			     &gap);
	}
	if (rc == 0) {
		rc = guard_check(c, &guard);
	}
	/* Long work is a step of its own. */
	for (size_t i = 0;
	     rc == 0 && i < n && ran < ALARMS_A_STEP && !more; i++) {
		/* Nothing is destroyed until a restore's gap is seen, or by a
		 * clock that is not believed. */
		if ((gap || guard.is_stopped) && destroys(due[i].kind)) {
			continue;
		}
		rc = alarm_run(c, &due[i], &more);
		ran++;
		more = more || c->n_leaves + ALARM_LEAVES_MAX > CALL_LEAVES_MAX;
	}
	*out_more = more || ran == ALARMS_A_STEP;
	return rc;
}

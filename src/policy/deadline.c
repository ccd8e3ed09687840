/*
 * The dates of a request from the house's promise and the regimes' terms. What
 * the dates lead to (alarms told, requests overdue) is the request folder's.
 */
#include "policy/deadline.h"

#include "policy/calendar.h"
#include "policy/reckon.h"
#include "policy/zone.h"

static int64_t
alarm_at(const struct policy_house *h, int64_t received_at_ms,
	 struct policy_term after)
{
	date_t received = zone_date(h->zone, received_at_ms);

	switch (after.unit) {
	case TERM_NONE:
	case TERM_DAYS:
		return received_at_ms + after.n * MS_PER_DAY;
	case TERM_WORKING_DAYS:
		return zone_day_begin_ms(
			h->zone,
			calendar_add_working(h->calendar, received, after.n));
	case TERM_MONTHS:
		return zone_day_begin_ms(
			h->zone,
			date_add(received,
				 (struct duration){.months = after.n}));
	}
	return received_at_ms;
}

static void
add_alarm(struct deadline *d, const char *name, int64_t at_ms)
{
	size_t at = d->n_alarms;

	if (at == DEADLINE_ALARMS_MAX) {
		return;
	}
	while (at > 0 && d->alarms[at - 1].at_ms > at_ms) {
		d->alarms[at] = d->alarms[at - 1];
		at--;
	}
	d->alarms[at] = (struct deadline_alarm){name, at_ms};
	d->n_alarms++;
}

/* At the begin of the last day, so that a day is left to act. */
static int64_t
day_of(const struct reckoning *r, const struct reckon_term *t)
{
	return zone_day_begin_ms(r->zone, t->last);
}

static void
add_alarms(const struct policy *p, const struct deadline_facts *facts,
	   const struct reckoning *strictest, const struct reckoning *confirm,
	   struct deadline *d)
{
	const struct policy_house *h = &p->house;

	for (size_t i = 0; i < h->n_alarms; i++) {
		add_alarm(
			d, h->alarms[i].name,
			alarm_at(h, facts->received_at_ms, h->alarms[i].after));
	}
	if (!h->alarm_at_cut_offs) {
		return;
	}
	if (confirm != NULL) {
		add_alarm(d, DEADLINE_ALARM_CONFIRM,
			  day_of(confirm, &confirm->confirm));
	}
	if (strictest != NULL && strictest->has_notice &&
	    !strictest->is_extended) {
		add_alarm(d, "extension-notice",
			  day_of(strictest, &strictest->notice));
	}
	add_alarm(d, "overdue", d->due_at_ms + 1);
}

/* The regime that wants the confirmation first; NULL when none does. */
static const struct reckoning *
first_confirm(const struct reckoning *list, size_t n)
{
	const struct reckoning *first = NULL;

	for (size_t i = 0; i < n; i++) {
		if (list[i].has_confirm &&
		    (first == NULL ||
		     list[i].confirm.end_ms < first->confirm.end_ms)) {
			first = &list[i];
		}
	}
	return first;
}

static struct deadline
deadline_of(const struct policy *p, const struct deadline_facts *facts,
	    const struct reckoning *list, size_t n)
{
	const struct reckoning *strictest = n == 0 ? NULL : &list[0];
	const struct reckoning *confirm = first_confirm(list, n);
	struct deadline d = {
		.house_due_at_ms = facts->received_at_ms + p->house.period_ms,
		.legal_due_at_ms = DEADLINE_NONE,
		.confirm_by_ms = DEADLINE_NONE,
		.extension_notice_by_ms = DEADLINE_NONE,
	};

	if (strictest != NULL) {
		d.regime = strictest->regime;
		d.place = strictest->place;
		d.legal_due_at_ms = strictest->answer.end_ms;
		d.can_extend = strictest->has_notice && !strictest->is_extended;
		d.can_pause = strictest->regime->pause;
		if (strictest->has_notice) {
			d.extension_notice_by_ms = strictest->notice.end_ms;
		}
	}
	if (confirm != NULL) {
		d.confirm_by_ms = confirm->confirm.end_ms;
	}
	d.due_at_ms = d.legal_due_at_ms < d.house_due_at_ms ? d.legal_due_at_ms
							    : d.house_due_at_ms;
	add_alarms(p, facts, strictest, confirm, &d);
	return d;
}

int
deadline_compute(const struct policy *p, const struct deadline_facts *facts,
		 struct deadline *out)
{
	struct reckoning list[RECKONINGS_MAX];
	size_t n;
	int rc = reckon_all(p, facts, list, &n);

	if (rc == 0) {
		*out = deadline_of(p, facts, list, n);
	}
	return rc;
}

bool
deadline_may_extend(const struct policy_regime *r, const char *reason)
{
	for (size_t i = 0; r != NULL && i < r->n_extension_reasons; i++) {
		if (strcmp(r->extension_reasons[i], reason) == 0) {
			return true;
		}
	}
	return false;
}

bool
deadline_may_deny(const struct policy_regime *r, const char *reason)
{
	if (r == NULL) {
		return true;
	}
	for (size_t i = 0; i < r->n_denial_reasons; i++) {
		if (strcmp(r->denial_reasons[i], reason) == 0) {
			return true;
		}
	}
	return false;
}

int64_t
deadline_days_left(int64_t due_at_ms, int64_t as_of_ms)
{
	int64_t ms = due_at_ms - as_of_ms;

	return ms >= 0 ? ms / MS_PER_DAY
		       : -((-ms + MS_PER_DAY - 1) / MS_PER_DAY);
}

/* How each date of a request came about, a line each, from the same reckoning
 * as the dates. */
#include "policy/calendar.h"
#include "policy/deadline.h"
#include "policy/reckon.h"
#include "policy/zone.h"

static const char *const weekdays[] = {"Monday",   "Tuesday", "Wednesday",
				       "Thursday", "Friday",  "Saturday",
				       "Sunday"};

/* Appends until something fails; the failure sticks. */
struct writer {
	struct buf *to;
	int rc;
};

#define WRITE(w, ...)                                                          \
	do {                                                                   \
		if ((w)->rc == 0) {                                            \
			(w)->rc = buf_printf((w)->to, __VA_ARGS__);            \
		}                                                              \
	} while (0)

static void
write_date(struct writer *w, date_t date)
{
	char text[DATE_TEXT_BYTES];

	WRITE(w, "%s %s", weekdays[date_weekday(date)], date_print(date, text));
}

static void
write_begin(struct writer *w, const char *name, int64_t at_ms)
{
	char text[TIME_TEXT_BYTES];

	WRITE(w, "%s %s: ", name, time_print(at_ms, text));
}

static void
write_length(struct writer *w, struct policy_term term)
{
	const char *s = term.n == 1 ? "" : "s";

	switch (term.unit) {
	case TERM_NONE:
		break;
	case TERM_DAYS:
		WRITE(w, "%d calendar day%s", term.n, s);
		break;
	case TERM_WORKING_DAYS:
		WRITE(w, "%d working day%s", term.n, s);
		break;
	case TERM_MONTHS:
		WRITE(w, "%d month%s", term.n, s);
		break;
	}
}

/* Why the day is free, and where it moved. */
static void
write_move(struct writer *w, const struct reckoning *r,
	   const struct reckon_term *t)
{
	date_t free_day = t->nominal + t->paused_days;
	const char *holiday = calendar_holiday(r->calendar, free_day);

	if (t->last == free_day) {
		return;
	}
	if (holiday != NULL) {
		WRITE(w, " (%s)", holiday);
	}
	WRITE(w, ", no working day, so ");
	write_date(w, t->last);
}

static void
write_term(struct writer *w, const char *name, const struct reckoning *r,
	   const struct reckon_term *t, const char *clause)
{
	char received[DATE_TEXT_BYTES];

	write_begin(w, name, t->end_ms);
	WRITE(w, "%s%s%s, ", r->regime->name, r->place == NULL ? "" : " in ",
	      r->place == NULL ? "" : r->place->place);
	write_length(w, t->term);
	WRITE(w, " after %s: ", date_print(r->received, received));
	write_date(w, t->nominal);
	if (t->paused_days > 0) {
		WRITE(w, ", %d day%s paused: ", t->paused_days,
		      t->paused_days == 1 ? "" : "s");
		write_date(w, t->nominal + t->paused_days);
	}
	write_move(w, r, t);
	WRITE(w, ", end of day in %s", zone_name(r->zone));
	if (t->term.unit == TERM_WORKING_DAYS || r->regime->next_working_day) {
		WRITE(w, "; free days: %s", calendar_covers(r->calendar));
	}
	WRITE(w, "; %s%s\n", clause,
	      r->regime->unverified ? " (unverified)" : "");
}

/* No date of this request: what follows when it is denied. */
static void
write_appeal(struct writer *w, const struct policy_regime *g)
{
	if (g->appeal.unit == TERM_NONE) {
		return;
	}
	WRITE(w, "appeal: %s, against a denial, is answered within ", g->name);
	write_length(w, g->appeal);
	if (g->appeal_extended.unit != TERM_NONE) {
		WRITE(w, ", extended ");
		write_length(w, g->appeal_extended);
		WRITE(w, " in all");
	}
	WRITE(w, "; %s%s\n", g->appeal_clause,
	      g->unverified ? " (unverified)" : "");
}

static void
write_regime(struct writer *w, const struct reckoning *r)
{
	const struct policy_regime *g = r->regime;

	write_term(w, "legal_due_at", r, &r->answer,
		   r->is_extended ? g->extended_clause : g->answer_clause);
	if (r->has_confirm) {
		write_term(w, "confirm_by", r, &r->confirm, g->confirm_clause);
	}
	if (r->has_notice) {
		write_term(w, "extension_notice_by", r, &r->notice,
			   g->extended_clause);
	}
	write_appeal(w, g);
}

static void
write_due(struct writer *w, const struct deadline *d)
{
	write_begin(w, "due_at", d->due_at_ms);
	if (d->regime == NULL) {
		WRITE(w, "the house's date, no regime applies\n");
	} else if (d->legal_due_at_ms < d->house_due_at_ms) {
		WRITE(w, "the date of %s, earlier than the house's\n",
		      d->regime->name);
	} else {
		WRITE(w, "the house's date, not later than that of %s\n",
		      d->regime->name);
	}
}

int
deadline_explain(const struct policy *p, const struct deadline_facts *facts,
		 struct buf *to)
{
	struct reckoning list[RECKONINGS_MAX];
	struct writer w = {.to = to};
	struct deadline d;
	size_t n;
	int rc = reckon_all(p, facts, list, &n);

	if (rc == 0) {
		rc = deadline_compute(p, facts, &d);
	}
	if (rc != 0) {
		return rc;
	}
	write_due(&w, &d);
	write_begin(&w, "house_due_at", d.house_due_at_ms);
	WRITE(&w, "received_at and %d days of 24 hours; %s\n",
	      p->house.period.days, p->house.clause);
	for (size_t i = 0; i < n; i++) {
		write_regime(&w, &list[i]);
	}
	for (size_t i = 0; i < d.n_alarms; i++) {
		write_begin(&w, "alarm", d.alarms[i].at_ms);
		WRITE(&w, "%s\n", d.alarms[i].name);
	}
	return w.rc;
}

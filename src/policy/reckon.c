/*
 * The arithmetic of the laws: which regimes apply, and when each of their
 * terms ends. Regulation 1182/71 Art. 3: the day of receipt is not counted; a
 * period of months ends with the day of the same number, or the month's last
 * one; days within it all count; a last day that is free moves to the end of
 * the next working day. An extension counts from receipt, not from the first
 * due date.
 */
#include "policy/reckon.h"

#include "policy/calendar.h"
#include "policy/zone.h"

static bool
is_empty(const char *s)
{
	return s == NULL || s[0] == '\0';
}

static const struct policy_place *
find_place(const struct policy_regime *r, const char *country,
	   const char *region)
{
	const struct policy_place *found = NULL;

	for (size_t i = 0; i < r->n_places; i++) {
		const struct policy_place *p = &r->places[i];

		if (!is_empty(region) && strcmp(p->place, region) == 0) {
			return p;
		}
		/* A region alone names its country too. */
		if ((!is_empty(country) && strcmp(p->place, country) == 0) ||
		    (is_empty(country) && !is_empty(region) &&
		     strlen(p->place) == 2 &&
		     strncmp(p->place, region, 2) == 0)) {
			found = p;
		}
	}
	return found;
}

static date_t
term_end(const struct calendar *c, date_t from, struct policy_term term)
{
	switch (term.unit) {
	case TERM_NONE:
		break;
	case TERM_DAYS:
		return from + term.n;
	case TERM_WORKING_DAYS:
		return calendar_add_working(c, from, term.n);
	case TERM_MONTHS:
		return date_add(from, (struct duration){.months = term.n});
	}
	return from;
}

/* The days that pauses add: from the day on which the clock stopped to the one
 * on which it ran again. One that began after the end stops nothing. */
static int
paused_days(const struct reckoning *r, const struct deadline_facts *facts,
	    date_t end)
{
	int days = 0;

	if (!r->regime->pause) {
		return 0;
	}
	for (size_t i = 0; i < facts->n_pauses; i++) {
		const struct deadline_pause *p = &facts->pauses[i];
		int64_t until = p->until_ms == DEADLINE_STILL_PAUSED
					? facts->as_of_ms
					: p->until_ms;
		date_t first = zone_date(r->zone, p->from_ms);
		date_t last = zone_date(r->zone, until);

		if (first >= r->regime->pause_in_force && first <= end + days &&
		    last > first) {
			days += last - first;
		}
	}
	return days;
}

static struct reckon_term
reckon_term(const struct reckoning *r, const struct deadline_facts *facts,
	    struct policy_term term, bool moves)
{
	struct reckon_term t = {.term = term};

	t.nominal = term_end(r->calendar, r->received, term);
	t.paused_days = moves ? paused_days(r, facts, t.nominal) : 0;
	t.last = t.nominal + t.paused_days;
	if (r->regime->next_working_day && moves) {
		t.last = calendar_next_working(r->calendar, t.last);
	}
	t.end_ms = zone_day_end_ms(r->zone, t.last);
	return t;
}

/* False when the regime does not apply to the request. */
static bool
reckon(const struct policy_regime *regime, const struct deadline_facts *facts,
       struct reckoning *out)
{
	struct reckoning r = {.regime = regime};
	bool named = !is_empty(facts->regime) &&
		     strcmp(regime->name, facts->regime) == 0;

	r.place = find_place(regime, facts->country, facts->region);
	if ((r.place == NULL && !named) ||
	    (regime->types >> facts->type & 1u) == 0) {
		return false;
	}
	r.zone = r.place == NULL ? regime->zone : r.place->zone;
	r.calendar = r.place == NULL ? regime->calendar : r.place->calendar;
	r.received = zone_date(r.zone, facts->received_at_ms);
	if (r.received < regime->in_force) {
		return false;
	}
	r.is_extended = facts->extended && regime->extended.unit != TERM_NONE;
	r.answer = reckon_term(
		&r, facts, r.is_extended ? regime->extended : regime->answer,
		true);
	r.has_confirm = regime->confirm.unit != TERM_NONE;
	if (r.has_confirm) {
		/* Nothing stops the clock of a confirmation. */
		r.confirm = reckon_term(&r, facts, regime->confirm, false);
	}
	r.has_notice = regime->extended.unit != TERM_NONE;
	if (r.has_notice) {
		r.notice =
			reckon_term(&r, facts, regime->extension_notice, true);
	}
	*out = r;
	return true;
}

/* The earlier end; where they are equal, a region's law before its country's. */
static bool
is_stricter(const struct reckoning *a, const struct reckoning *b)
{
	if (a->answer.end_ms != b->answer.end_ms) {
		return a->answer.end_ms < b->answer.end_ms;
	}
	return a->place != NULL && strlen(a->place->place) > 2 &&
	       (b->place == NULL || strlen(b->place->place) == 2);
}

int
reckon_all(const struct policy *p, const struct deadline_facts *facts,
	   struct reckoning out[RECKONINGS_MAX], size_t *out_n)
{
	size_t n = 0;

	if (!is_empty(facts->regime) &&
	    policy_regime(p, facts->regime) == NULL) {
		return err_field(ERR_INVALID, "regime",
				 "the policy has no such regime");
	}
	for (size_t i = 0; i < p->n_regimes && n < RECKONINGS_MAX; i++) {
		struct reckoning r;
		size_t at = n;

		if (!reckon(&p->regimes[i], facts, &r)) {
			continue;
		}
		while (at > 0 && is_stricter(&r, &out[at - 1])) {
			out[at] = out[at - 1];
			at--;
		}
		out[at] = r;
		n++;
	}
	*out_n = n;
	return 0;
}

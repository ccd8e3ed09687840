/*
 * Events come in: one row a call and day, whoever the visitor is. What they
 * say of a page is counted apart from who saw it.
 */
#include <arpa/inet.h>
#include <stdio.h>

#include "navigation/pages.h"
#include "navigation/visit.h"
#include "policy/decide.h"

#define CATEGORY "navigation"

static const struct field event_fields[] = {
	F_MUST(struct visit_event, at, FIELD_TIME, "when"),
	F_WORD(struct visit_event, ip, 0, VISIT_IP_BYTES_MAX,
	       "IPv4 or IPv6 address"),
	F_PROSE(struct visit_event, user_agent, 0, VISIT_AGENT_BYTES_MAX,
		"what the browser says of itself"),
	F_WORD(struct visit_event, language, 0, VISIT_LANGUAGE_BYTES_MAX,
	       "of the browser; und where it is not known"),
	F_PROSE(struct visit_event, page, 0, VISIT_PAGE_BYTES_MAX,
		"which page"),
	F_ENUM(struct visit_event, action, 0, visit_action_names,
	       "viewed, or a link on it clicked"),
	F_PROSE(struct visit_event, link, FIELD_OPTIONAL, VISIT_PAGE_BYTES_MAX,
		"where the link leads"),
	F_PROSE(struct visit_event, referrer, FIELD_OPTIONAL,
		VISIT_PAGE_BYTES_MAX, "where the visitor came from"),
};
static const struct field visit_append_in_fields[] = {
	F_WORD(struct visit_append_in, visitor, 0, VISITOR_BYTES_MAX,
	       "a visitor's id, from a cookie"),
	F_LIST_FILLED(struct visit_append_in, events, event_fields,
		      CHUNK_EVENTS_MAX, "what the visitor did"),
};
const struct field_table visit_append_in_table =
	FIELD_TABLE(struct visit_append_in, visit_append_in_fields);

static const struct field visit_append_out_fields[] = {
	F_MUST(struct visit_append_out, accepted, FIELD_INT, "events stored"),
};
const struct field_table visit_append_out_table =
	FIELD_TABLE(struct visit_append_out, visit_append_out_fields);

static int
event_fault(int code, size_t i, const char *member, const char *why)
{
	char field[40];

	(void)snprintf(field, sizeof(field), "events[%zu].%s", i, member);
	return err_field(code, field, "%s", why);
}

static bool
is_address(const char *text)
{
	struct in6_addr any;

	return inet_pton(AF_INET, text, &any) == 1 ||
	       inet_pton(AF_INET6, text, &any) == 1;
}

static int
addresses_check(const struct visit_append_in *in)
{
	for (size_t i = 0; i < in->n_events; i++) {
		const char *ip = in->events[i].ip;

		if ((i == 0 || strcmp(ip, in->events[i - 1].ip) != 0) &&
		    !is_address(ip)) {
			return event_fault(ERR_INVALID, i, "ip",
					   "is no IP address");
		}
	}
	return 0;
}

/* The days of the events, in `days`: a day's bounds are asked for once. */
static void
days_find(const struct call *c, const struct visit_append_in *in, date_t *days)
{
	int64_t begin = 0;
	int64_t end = 0;
	date_t day = 0;

	for (size_t i = 0; i < in->n_events; i++) {
		int64_t at = in->events[i].at;

		if (at < begin || at >= end) {
			day = decide_today(c->policy, at);
			begin = decide_day_begin_ms(c->policy, day);
			end = decide_day_begin_ms(c->policy, day + 1);
		}
		days[i] = day;
	}
}

/* One call being stored. */
struct append {
	struct call *c;
	const struct visit_append_in *in;
	const struct policy_category *category;
	struct visitor visitor;
	date_t *days;
	bool *done;
	const struct visit_event **of_day;
};

/* Stores all events of the day of event `first`. */
static int
day_store(struct append *a, size_t first)
{
	struct vault v = call_vault(a->c);
	date_t day = a->days[first];
	date_t due = decide_expiry(a->category, day, DAY_NONE);
	size_t n = 0;
	size_t stored = 0;
	int rc;

	if (due != DAY_NONE && due <= a->c->today) {
		return event_fault(ERR_EXPIRED, first, "at",
				   "what happened then is not kept any more");
	}
	for (size_t i = first; i < a->in->n_events; i++) {
		if (!a->done[i] && a->days[i] == day) {
			a->done[i] = true;
			a->of_day[n++] = &a->in->events[i];
		}
	}
	rc = pages_add(a->c, day, due, a->of_day, n);
	while (stored < n && rc == 0) {
		size_t chunk = 0;

		rc = visit_write(&v, &a->visitor, day, due, a->of_day + stored,
				 n - stored, &chunk);
		stored += chunk;
	}
	return rc;
}

static int
events_store(struct append *a)
{
	size_t n = a->in->n_events;
	int rc = 0;

	a->days = arena_array(a->c->arena, n, sizeof(*a->days));
	a->done = arena_array(a->c->arena, n, sizeof(*a->done));
	a->of_day = arena_array(a->c->arena, n, sizeof(*a->of_day));
	if (a->days == NULL || a->done == NULL || a->of_day == NULL) {
		return ERR_NOMEM;
	}
	days_find(a->c, a->in, a->days);
	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = a->done[i] ? 0 : day_store(a, i);
	}
	return rc;
}

int
visit_append(struct call *c, const void *input, void *output)
{
	const struct visit_append_in *in = input;
	struct visit_append_out *out = output;
	struct append a = {.c = c,
			   .in = in,
			   .category = policy_category(c->policy, CATEGORY)};
	struct vault v = call_vault(c);
	int rc;

	if (a.category == NULL) {
		return err_set(ERR_CONFIG,
			       "the policy has no category `" CATEGORY "`");
	}
	rc = addresses_check(in);
	if (rc == 0) {
		rc = visitor_need(&v, in->visitor, &a.visitor);
	}
	if (rc == 0) {
		rc = events_store(&a);
	}
	if (rc != 0) {
		return rc;
	}
	c->reply_slot = a.visitor.slot;
	out->accepted = (int64_t)in->n_events;
	/* The house's: a leaf must not tell whose a visit is. */
	return call_leaf(c,
			 (struct call_leaf){.type = LEAF_VISIT,
					    .category = a.category->id,
					    .log_slot = SLOT_NONE,
					    .count = (uint16_t)in->n_events});
}

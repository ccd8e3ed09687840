/* Navigational data of one person, as a value. */
#include "request/visits.h"

#include "navigation/visitor.h"

#define EVENTS_AN_ITEM 1000
#define VISITORS_A_PAGE 100

struct gathering {
	struct call *c;
	struct value items; /* full ones */
	struct value events;
	size_t n;
};

static int
item_close(struct gathering *g)
{
	struct value item = value_object();
	int rc;

	if (g->n == 0) {
		return 0;
	}
	rc = value_add(&item, g->c->arena, "events", g->events);
	if (rc == 0) {
		rc = value_push(&g->items, g->c->arena, item);
	}
	g->events = value_list();
	g->n = 0;
	return rc;
}

static int
event_add(struct gathering *g, const struct visit_event *e)
{
	struct arena *a = g->c->arena;
	struct value v = value_object();
	int rc = part_add_time(&v, a, "at", e->at);
	const struct {
		const char *name;
		const char *text;
	} texts[] = {{"page", e->page},
		     {"action", visit_action_names[e->action]},
		     {"link", e->link},
		     {"referrer", e->referrer},
		     {"ip", e->ip},
		     {"user_agent", e->user_agent},
		     {"language", e->language}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && rc == 0;
	     i++) {
		rc = part_add_text(&v, a, texts[i].name, texts[i].text);
	}
	if (rc == 0) {
		rc = value_push(&g->events, a, v);
	}
	if (rc == 0 && ++g->n == EVENTS_AN_ITEM) {
		rc = item_close(g);
	}
	return rc;
}

/* Events of one slot: a visitor's own, or the held one. */
static int
slot_add(struct gathering *g, slot_t slot)
{
	struct vault v = call_vault(g->c);
	struct key_maker prefix = {.n = 0};
	struct range *r;
	struct bytes key;
	struct bytes row;
	int rc;

	key_u64(&prefix, slot);
	rc = range_open(v.txn, TABLE_VISIT, key_bytes(&prefix),
			bytes_of(NULL, 0), 0, &r);
	if (rc != 0) {
		return rc;
	}
	while ((rc = range_next(r, &key, &row)) == 1) {
		struct visit_chunk chunk;
		struct visit_event *events;
		size_t n = 0;

		rc = visit_open(&v, key, row, &chunk, &events, &n);
		if (rc == ERR_EXPIRED) {
			err_clear();
			continue;
		}
		for (size_t i = 0; rc == 0 && i < n; i++) {
			rc = event_add(g, &events[i]);
		}
		if (rc != 0) {
			break;
		}
	}
	range_close(r);
	return rc;
}

static int
visitor_add(struct gathering *g, slot_t visitor)
{
	slot_t held;
	int rc = visitor_held_slot(g->c->txn, visitor, &held);

	if (rc == 0) {
		rc = slot_add(g, visitor);
	}
	return rc != 0 || held == SLOT_NONE ? rc : slot_add(g, held);
}

int
visits_value(struct call *c, const struct request *r, struct value *out)
{
	struct gathering g = {
		.c = c, .items = value_list(), .events = value_list()};
	slot_t after = SLOT_NONE;
	size_t n = 0;
	int rc = 0;

	if (r->visitor_slot != SLOT_NONE) {
		rc = visitor_add(&g, r->visitor_slot);
	}
	do {
		slot_t *visitors;

		n = 0;
		if (rc == 0 && r->subject_base != SLOT_NONE) {
			rc = visitors_of(c->txn, c->arena, r->subject_base,
					 after, VISITORS_A_PAGE, &visitors,
					 &n);
		}
		for (size_t i = 0; rc == 0 && i < n; i++) {
			rc = visitor_add(&g, visitors[i]);
			after = visitors[i];
		}
	} while (rc == 0 && n == VISITORS_A_PAGE);
	if (rc == 0) {
		rc = item_close(&g);
	}
	if (rc == 0) {
		*out = g.items;
	}
	return rc;
}

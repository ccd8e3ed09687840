/*
 * The course of a request: its history, the dates that the policy gives it, the
 * leaves of its steps, its end. The row is saved by whoever took the step.
 */
#include "request/count.h"
#include "request/request.h"

/* Kept for what may come when nothing more is noted: REQUEST_LIST_MAX dates of
 * the past with the names of regimes, as many notices, the events of its end,
 * what an erasure keeps, and a message. */
#define BODY_BYTES_OF_END 36864
/* Of one that has ended: that the rest of what an erasure kept went too. */
#define BODY_BYTES_OF_REST 8192

int
request_push(struct call *c, void *list_pointer, size_t *n, const void *item,
	     size_t size)
{
	void **list = list_pointer;
	uint8_t *more;

	if (*n >= REQUEST_LIST_MAX) {
		return err_set(ERR_TOO_MANY,
			       "the request holds as many as one can");
	}
	more = arena_array(c->arena, *n + 1, size);
	if (more == NULL) {
		return ERR_NOMEM;
	}
	if (*n > 0) {
		memcpy(more, *list, *n * size);
	}
	memcpy(more + *n * size, item, size);
	*list = more;
	(*n)++;
	return 0;
}

const char *
request_by(const struct call *c)
{
	return c->caller.number == 0 ? "service" : c->caller.name;
}

int
request_room(const struct request *r)
{
	bool is_open = state_is_open(r->state);
	size_t events = REQUEST_LIST_MAX - (is_open ? REQUEST_EVENTS_OF_END
						    : REQUEST_EVENTS_OF_REST);
	struct buf b;
	int rc = 0;

	buf_init(&b, REQUEST_BODY_BYTES_MAX -
			     (is_open ? BODY_BYTES_OF_END : BODY_BYTES_OF_REST));
	if (r->n_events < events) {
		rc = request_pack(r, &b);
	}
	if (rc == ERR_TOO_LARGE || r->n_events >= events) {
		rc = err_set(ERR_TOO_MANY, "the request holds as much as it "
					   "can but for its end");
	}
	buf_clear(&b);
	return rc;
}

int
request_act(struct call *c, struct request *r, enum request_action action,
	    const char *event, const char *reason)
{
	struct request_event e = {.at = c->now_ms,
				  .by = request_by(c),
				  .event = event,
				  .reason = reason};
	enum request_state to;
	int rc = state_after(r->state, action, &to);

	if (rc == 0 && to == r->state && action != ACTION_CHALLENGE) {
		rc = request_room(r);
	}
	if (rc == 0) {
		r->state = to;
		e.state = (int)to;
		rc = request_push(c, &r->events, &r->n_events, &e, sizeof(e));
	}
	return rc;
}

int
request_regime_check(const struct call *c, const char *name)
{
	return name == NULL || policy_regime(c->policy, name) != NULL
		       ? 0
		       : err_field(ERR_INVALID, "regime",
				   "the policy has no such regime");
}

struct deadline_facts
request_facts(const struct policy *p, const struct request *r,
	      int64_t as_of_ms)
{
	const char *regime = r->given_regime;

	if (regime != NULL && policy_regime(p, regime) == NULL) {
		regime = NULL;
	}
	return (struct deadline_facts){.type = r->type,
				       .received_at_ms = r->received_at_ms,
				       .country = r->country,
				       .region = r->region,
				       .regime = regime,
				       .extended = r->extended,
				       .pauses = r->pauses,
				       .n_pauses = r->n_pauses,
				       .as_of_ms = as_of_ms};
}

static bool
is_paused(const struct request *r)
{
	return r->n_pauses > 0 &&
	       r->pauses[r->n_pauses - 1].until_ms == DEADLINE_STILL_PAUSED;
}

int
request_redate(struct call *c, struct request *r)
{
	struct deadline_facts facts = request_facts(c->policy, r, c->now_ms);
	struct deadline d;
	int rc = deadline_compute(c->policy, &facts, &d);

	if (rc != 0) {
		return rc;
	}
	r->regime = d.regime == NULL ? NULL : d.regime->name;
	r->due_at_ms = d.due_at_ms;
	r->legal_due_at_ms =
		d.legal_due_at_ms == DEADLINE_NONE ? 0 : d.legal_due_at_ms;
	r->confirm_by_ms =
		d.confirm_by_ms == DEADLINE_NONE ? 0 : d.confirm_by_ms;
	r->alarms[ALARM_DEADLINE] = 0;
	for (size_t i = 0; i < d.n_alarms; i++) {
		if (d.alarms[i].at_ms > c->now_ms) {
			r->alarms[ALARM_DEADLINE] = d.alarms[i].at_ms;
			break;
		}
	}
	if (d.can_pause && is_paused(r)) {
		/* While the law's clock stands, its date moves every day. */
		int64_t tomorrow = decide_day_begin_ms(c->policy, c->today + 1);

		if (r->alarms[ALARM_DEADLINE] == 0 ||
		    r->alarms[ALARM_DEADLINE] > tomorrow) {
			r->alarms[ALARM_DEADLINE] = tomorrow;
		}
	}
	return 0;
}

static bool
is_receipt(enum leaf_type type)
{
	static const enum leaf_type types[] = {
		LEAF_REQUEST_SUBMITTED, LEAF_REQUEST_DENIED,
		LEAF_REQUEST_REVOKED,   LEAF_REQUEST_EXPIRED,
		LEAF_REQUEST_FULFILLED, LEAF_ERASURE};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i] == type) {
			return true;
		}
	}
	return false;
}

/* Leaves are numbered in the order in which they were gathered, when the
 * operation has succeeded: so the place of this one is known by now. */
static int
receipt_note(struct call *c, struct request *r, enum leaf_type type)
{
	uint64_t size;
	int rc = txn_counter_get(c->txn, "log.size", &size);

	if (rc == 0) {
		r->receipt_type = (uint8_t)type;
		r->receipt_index = size + c->n_leaves;
	}
	return rc;
}

int
request_leaf(struct call *c, struct request *r, enum leaf_type type,
	     const struct value *more)
{
	struct value details = value_object();
	char *id = arena_alloc(c->arena, ID_TEXT_BYTES);
	int rc = id == NULL ? ERR_NOMEM
			    : value_add(&details, c->arena, "request",
					value_text(id_print(r->id, id)));

	if (rc == 0) {
		rc = value_add(&details, c->arena, "type",
			       value_text(request_type_names[r->type]));
	}
	if (rc == 0) {
		rc = value_add(&details, c->arena, "by",
			       value_int(c->caller.number));
	}
	for (size_t i = 0; rc == 0 && more != NULL && i < more->of.n; i++) {
		rc = value_add(&details, c->arena, more->of.items[i].name,
			       more->of.items[i].value);
	}
	if (rc == 0 && is_receipt(type)) {
		rc = receipt_note(c, r, type);
	}
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){.type = type,
							 .log_slot = r->slot,
							 .details = details});
}

int
request_closed(struct call *c, struct request *r)
{
	date_t last = date_add(c->today,
			       c->policy->house.request_retention);

	r->closed_at_ms = c->now_ms;
	r->code = NULL;
	r->alarms[ALARM_DEADLINE] = 0;
	r->alarms[ALARM_VERIFY] = 0;
	r->alarms[ALARM_COOL_OFF] = 0;
	/* The whole of its last day. */
	r->alarms[ALARM_END] = decide_day_begin_ms(c->policy, last + 1);
	return request_count_closed(c, r);
}

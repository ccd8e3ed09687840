/* How a request stands, and how it stood: its covering row of now and of any
 * earlier moment. */
#include "request/request.h"

static void
cover_regime(struct request_cover *cover, const char *regime)
{
	memset(cover->regime, 0, sizeof(cover->regime));
	if (regime != NULL) {
		memcpy(cover->regime, regime,
		       strnlen(regime, POLICY_NAME_BYTES_MAX));
	}
}

void
request_cover_of(const struct request *r, struct request_cover *out)
{
	*out = (struct request_cover){
		.id = r->id,
		.type = r->type,
		.state = r->state,
		.channel = (uint8_t)r->channel,
		.assignee = r->assignee_number,
		.received_at_ms = r->received_at_ms,
		.due_at_ms = r->due_at_ms,
		.legal_due_at_ms = r->legal_due_at_ms,
		.closed_at_ms = r->closed_at_ms,
		.changed_at_ms =
			r->n_events == 0 ? 0 : r->events[r->n_events - 1].at,
	};
	if (r->n_past > 0 &&
	    r->past[r->n_past - 1].until_ms > out->changed_at_ms) {
		out->changed_at_ms = r->past[r->n_past - 1].until_ms;
	}
	cover_regime(out, r->regime);
}

void
request_cover_then(const struct request *r, int64_t at_ms,
		   struct request_cover *out, const char **out_assignee)
{
	/* What came in later, received before: as it came in. */
	enum request_state state = REQUEST_OPEN;

	request_cover_of(r, out);
	*out_assignee = NULL;
	for (size_t i = 0; i < r->n_events && r->events[i].at <= at_ms; i++) {
		const struct request_event *e = &r->events[i];

		state = (enum request_state)e->state;
		if (strcmp(e->event, "assigned") == 0) {
			*out_assignee = e->reason;
		}
	}
	out->state = state;
	for (size_t i = 0; i < r->n_past; i++) {
		const struct request_dates *d = &r->past[i];

		if (d->until_ms > at_ms) {
			out->type = d->type;
			out->received_at_ms = d->received_at_ms;
			out->due_at_ms = d->due_at_ms;
			out->legal_due_at_ms = d->legal_due_at_ms;
			cover_regime(out, d->regime);
			break;
		}
	}
}

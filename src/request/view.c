/* What a caller is told of a request. */
#include "request/view.h"

const char *const notified_kind_names[4] = {"confirmation", "extension",
					    "outcome", NULL};

/* clang-format off */
#define VIEW_FIELDS(s, at)                                                    \
	V_MUST(s, at, request, FIELD_ID, "its id"),                           \
	V_ENUM(s, at, type, request_type_names, "what is asked for"),         \
	V_ENUM(s, at, state, request_state_names, "where it stands"),         \
	V_MAY(s, at, subject, FIELD_ID, "the customer, where one matched"),   \
	V_OBJECT(s, at, identity, request_identity_fields,                    \
		 REQUEST_IDENTITY_FIELDS, "as presented"),                    \
	V_ENUM(s, at, channel, request_channel_names, "how it came"),         \
	V_MAY(s, at, regime, FIELD_TEXT, "the law that decides"),             \
	V_MAY(s, at, country, FIELD_COUNTRY, "of the person"),                \
	V_MAY(s, at, region, FIELD_REGION, "of the person"),                  \
	V_MUST(s, at, submitted_at, FIELD_TIME, "when it came in here"),      \
	V_MUST(s, at, received_at, FIELD_TIME, "the dates count from here"),  \
	V_MUST(s, at, due_at, FIELD_TIME, "overdue afterwards"),              \
	V_MAY(s, at, legal_due_at, FIELD_TIME, "the law's date"),             \
	V_MAY(s, at, confirm_by, FIELD_TIME, "receipt is confirmed by then"), \
	V_HAS(s, at, days_left, FIELD_INT, "whole days, rounded down"),       \
	V_HAS(s, at, overdue, FIELD_BOOL, "open and past due_at"),            \
	V_MUST(s, at, extended, FIELD_BOOL, "the law's date was extended"),   \
	V_MUST(s, at, paused, FIELD_BOOL, "the law's clock stands"),          \
	V_MAY(s, at, duplicate_of, FIELD_ID, "an earlier one"),               \
	V_OBJECT(s, at, acting, view_acting_fields,                           \
		 FIELD_COUNT(view_acting_fields), "who acts for the person"), \
	V_MAY(s, at, assignee, FIELD_TEXT, "who works on it"),                \
	V_MAY(s, at, confirmed_at, FIELD_TIME, "receipt was confirmed"),      \
	V_MAY(s, at, verified_at, FIELD_TIME, "the person was verified"),     \
	V_MAY(s, at, method, FIELD_TEXT, "how"),                              \
	V_MAY(s, at, closed_at, FIELD_TIME, "when it ended"),                 \
	V_HAS(s, at, late, FIELD_BOOL, "it ended after due_at"),              \
	V_MAY(s, at, reason, FIELD_TEXT, "of the denial"),                    \
	V_MAY(s, at, message, FIELD_TEXT, "for the person"),                  \
	V_MAY(s, at, erase_after, FIELD_TIME, "end of the cool-off"),         \
	V_LIST(s, at, erased, request_erased_fields, REQUEST_ERASED_FIELDS,   \
	       "what was erased"),                                            \
	V_LIST(s, at, kept, request_kept_fields, REQUEST_KEPT_FIELDS,         \
	       "what was kept and why"),                                      \
	V_MAY(s, at, parts, FIELD_INT, "of the bundle"),                      \
	V_MAY(s, at, bundle_expires_at, FIELD_TIME, "of the bundle")

#define V_ROW(s, at, m, t, f, h)                                              \
	{.name = #m, .type = (t), .flags = (f),                               \
	 .offset = (at) + offsetof(struct request_view, m),                   \
	 .has_offset = FIELD_NO_OFFSET, .help = (h)}
#define V_MUST(s, at, m, t, h) V_ROW(s, at, m, t, 0, h)
#define V_MAY(s, at, m, t, h) V_ROW(s, at, m, t, FIELD_OPTIONAL, h)
#define V_HAS(s, at, m, t, h)                                                 \
	{.name = #m, .type = (t), .flags = FIELD_OPTIONAL,                    \
	 .offset = (at) + offsetof(struct request_view, m),                   \
	 .has_offset = (at) + offsetof(struct request_view, has_##m),         \
	 .help = (h)}
#define V_ENUM(s, at, m, n, h)                                                \
	{.name = #m, .type = FIELD_ENUM,                                      \
	 .offset = (at) + offsetof(struct request_view, m),                   \
	 .has_offset = FIELD_NO_OFFSET, .names = (n), .help = (h)}
#define V_OBJECT(s, at, m, tab, count, h)                                     \
	{.name = #m, .type = FIELD_OBJECT, .flags = FIELD_OPTIONAL,           \
	 .offset = (at) + offsetof(struct request_view, m),                   \
	 .has_offset = (at) + offsetof(struct request_view, has_##m),         \
	 .fields = (tab), .n_fields = (count), .help = (h)}
#define V_LIST(s, at, m, tab, count, h)                                       \
	{.name = #m, .type = FIELD_LIST, .flags = FIELD_OPTIONAL,             \
	 .offset = (at) + offsetof(struct request_view, m),                   \
	 .has_offset = FIELD_NO_OFFSET, .max = REQUEST_LIST_MAX,              \
	 .fields = (tab), .n_fields = (count), .item = FIELD_OBJECT,          \
	 .item_bytes = sizeof(*((struct request_view *)0)->m),                \
	 .count_offset = (at) + offsetof(struct request_view, n_##m),         \
	 .help = (h)}
/* clang-format on */

const struct field request_erased_fields[REQUEST_ERASED_FIELDS] = {
	F_MUST(struct request_erased, category, FIELD_TEXT, "of data"),
	F_MUST(struct request_erased, records, FIELD_INT, "how many"),
};

const struct field request_kept_fields[REQUEST_KEPT_FIELDS] = {
	F_MUST(struct request_kept, category, FIELD_TEXT, "of data"),
	F_MUST(struct request_kept, basis, FIELD_TEXT, "why"),
	F_MAY_HAS(struct request_kept, until, FIELD_DATE, "first day without"),
};

static const struct field view_acting_fields[] = {
	F_ENUM(struct request_acting, kind, 0, acting_kind_names, "as whom"),
	F_MUST(struct request_acting, name, FIELD_TEXT, "full name"),
	F_MUST(struct request_acting, email, FIELD_EMAIL, "e-mail address"),
	{.name = "evidence", .type = FIELD_OBJECT,
	 .offset = offsetof(struct request_acting, evidence),
	 .has_offset = FIELD_NO_OFFSET, .fields = part_evidence_fields,
	 .n_fields = PART_EVIDENCE_FIELDS, .help = "of their right to act"},
};

const struct field request_view_fields[REQUEST_VIEW_FIELDS] = {
	VIEW_FIELDS(struct request_view, 0),
};

static const struct field event_fields[] = {
	F_MUST(struct request_event, at, FIELD_TIME, "when"),
	F_ENUM(struct request_event, state, 0, request_state_names,
	       "afterwards"),
	F_MUST(struct request_event, by, FIELD_TEXT, "who"),
	F_MUST(struct request_event, event, FIELD_TEXT, "what"),
	F_MAY(struct request_event, reason, FIELD_TEXT, "why"),
};

static const struct field note_fields[] = {
	F_MUST(struct request_note, at, FIELD_TIME, "when"),
	F_MUST(struct request_note, by, FIELD_TEXT, "who"),
	F_MUST(struct request_note, text, FIELD_TEXT, "the note"),
};

static const struct field notified_fields[] = {
	F_ENUM(struct request_notified, kind, 0, notified_kind_names, "what"),
	F_MUST(struct request_notified, at, FIELD_TIME, "when"),
};

static const struct field get_in_fields[] = {
	F_MUST(struct request_get_in, request, FIELD_ID, "the request"),
};
const struct field_table request_get_in_table =
	FIELD_TABLE(struct request_get_in, get_in_fields);

static const struct field get_out_fields[] = {
	VIEW_FIELDS(struct request_get_out,
		    offsetof(struct request_get_out, view)),
	F_LIST(struct request_get_out, history, 0, event_fields,
	       REQUEST_LIST_MAX, "what happened, oldest first"),
	F_LIST(struct request_get_out, notes, FIELD_OPTIONAL, note_fields,
	       REQUEST_LIST_MAX, "of those who work on it"),
	F_LIST(struct request_get_out, notified, FIELD_OPTIONAL,
	       notified_fields, REQUEST_LIST_MAX, "what the person was told"),
};
const struct field_table request_get_out_table =
	FIELD_TABLE(struct request_get_out, get_out_fields);

static bool
works_on_it(const struct call *c)
{
	return call_has_role(c, ROLE_SUPPORT | ROLE_COMPLIANCE | ROLE_AUDITOR);
}

void
request_view_make(const struct call *c, const struct request *r,
		  struct request_view *out)
{
	bool is_open = state_is_open(r->state);
	const struct deadline_pause *last =
		r->n_pauses == 0 ? NULL : &r->pauses[r->n_pauses - 1];

	*out = (struct request_view){
		.request = r->id,
		.type = (int)r->type,
		.state = (int)r->state,
		.subject = r->subject,
		.has_identity = r->identity.email != NULL ||
				r->identity.phone != NULL ||
				r->identity.visitor != NULL,
		.identity = r->identity,
		.channel = (int)r->channel,
		.regime = r->regime,
		.country = r->country,
		.region = r->region,
		.submitted_at = r->submitted_at_ms,
		.received_at = r->received_at_ms,
		.due_at = r->due_at_ms,
		.legal_due_at = r->legal_due_at_ms,
		.confirm_by = r->confirm_by_ms,
		.has_days_left = is_open,
		.days_left = deadline_days_left(r->due_at_ms, c->now_ms),
		.has_overdue = is_open,
		.overdue = c->now_ms > r->due_at_ms,
		.extended = r->extended,
		.paused = last != NULL &&
			  last->until_ms == DEADLINE_STILL_PAUSED,
		.duplicate_of = r->duplicate_of,
		.has_acting = r->has_acting,
		.acting = r->acting,
		.assignee = works_on_it(c) ? r->assignee : NULL,
		.confirmed_at = r->confirmed_at_ms,
		.verified_at = r->verified_at_ms,
		.method = r->method,
		.closed_at = r->closed_at_ms,
		.has_late = !is_open,
		.late = r->closed_at_ms > r->due_at_ms,
		.reason = r->reason,
		.message = r->message,
		.erase_after = r->alarms[ALARM_COOL_OFF],
		.erased = r->erased,
		.n_erased = r->n_erased,
		.kept = r->kept,
		.n_kept = r->n_kept,
		.parts = r->bundle_parts,
		.bundle_expires_at = r->alarms[ALARM_BUNDLE],
	};
}

/* The history without whom it was given to. */
static int
history_for_portal(const struct call *c, struct request_get_out *out)
{
	struct request_event *events =
		arena_array(c->arena, out->n_history, sizeof(*events));

	if (events == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < out->n_history; i++) {
		events[i] = out->history[i];
		if (strcmp(events[i].event, "assigned") == 0) {
			events[i].reason = NULL;
		}
	}
	out->history = events;
	return 0;
}

int
request_get(struct call *c, const void *input, void *output)
{
	const struct request_get_in *in = input;
	struct request_get_out *out = output;
	struct request *r;
	int rc = request_load(c, in->request, &r);

	if (rc != 0) {
		return rc;
	}
	request_view_make(c, r, &out->view);
	out->history = r->events;
	out->n_history = r->n_events;
	if (works_on_it(c)) {
		out->notes = r->notes;
		out->n_notes = r->n_notes;
	} else {
		rc = history_for_portal(c, out);
	}
	out->notified = r->notified;
	out->n_notified = r->n_notified;
	return rc != 0 ? rc : request_leaf(c, r, LEAF_REQUEST_READ, NULL);
}

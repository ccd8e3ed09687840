/* Work on open requests. Every date comes from the policy, computed anew. */
#include "request/progress.h"

#include "call/principal.h"
#include "request/assignee.h"
#include "request/end.h"
#include "request/submit.h"
#include "request/view.h"

static const struct field assign_in_fields[] = {
	F_MUST(struct request_assign_in, request, FIELD_ID, "the request"),
	F_WORD(struct request_assign_in, to, 0, ASSIGNEE_BYTES_MAX,
	       "who works on it: an enrolled name of support or compliance"),
};
const struct field_table request_assign_in_table =
	FIELD_TABLE(struct request_assign_in, assign_in_fields);

static const struct field note_in_fields[] = {
	F_MUST(struct request_note_in, request, FIELD_ID, "the request"),
	F_PROSE(struct request_note_in, text, 0, REQUEST_NOTE_BYTES_MAX,
		"for those who work on it"),
};
const struct field_table request_note_in_table =
	FIELD_TABLE(struct request_note_in, note_in_fields);

static const struct field confirm_in_fields[] = {
	F_MUST(struct request_confirm_in, request, FIELD_ID, "the request"),
	F_MUST(struct request_confirm_in, at, FIELD_TIME,
	       "when receipt was confirmed to the person"),
};
const struct field_table request_confirm_in_table =
	FIELD_TABLE(struct request_confirm_in, confirm_in_fields);

static const struct field notified_in_fields[] = {
	F_MUST(struct request_notified_in, request, FIELD_ID, "the request"),
	F_ENUM(struct request_notified_in, kind, 0, notified_kind_names,
	       "what the person was told"),
	F_MUST(struct request_notified_in, at, FIELD_TIME, "when"),
};
const struct field_table request_notified_in_table =
	FIELD_TABLE(struct request_notified_in, notified_in_fields);

static const struct field extend_in_fields[] = {
	F_MUST(struct request_extend_in, request, FIELD_ID, "the request"),
	F_PROSE(struct request_extend_in, reason, 0, REASON_BYTES_MAX,
		"why; of an extension a word that the regime lists"),
};
const struct field_table request_extend_in_table =
	FIELD_TABLE(struct request_extend_in, extend_in_fields);

static const struct field correct_in_fields[] = {
	F_MUST(struct request_correct_in, request, FIELD_ID, "the request"),
	F_MAY_HAS(struct request_correct_in, received_at, FIELD_TIME,
		  "when it was received"),
	F_ENUM_HAS(struct request_correct_in, type, request_type_names,
		   "what is asked for"),
	F_WORD(struct request_correct_in, regime, FIELD_OPTIONAL,
	       POLICY_NAME_BYTES_MAX, "the law named with it"),
	F_MAY(struct request_correct_in, country, FIELD_COUNTRY,
	      "where they live"),
	F_MAY(struct request_correct_in, region, FIELD_REGION, "ISO 3166-2"),
	F_PROSE(struct request_correct_in, reason, 0, REASON_BYTES_MAX,
		"why"),
};
const struct field_table request_correct_in_table =
	FIELD_TABLE(struct request_correct_in, correct_in_fields);

static const struct field dates_out_fields[] = {
	F_ENUM(struct request_dates_out, state, 0, request_state_names,
	       "where it stands"),
	F_MUST(struct request_dates_out, received_at, FIELD_TIME,
	       "the dates count from here"),
	F_MUST(struct request_dates_out, due_at, FIELD_TIME,
	       "overdue afterwards"),
	F_MAY(struct request_dates_out, legal_due_at, FIELD_TIME,
	      "the law's date"),
	F_MAY(struct request_dates_out, confirm_by, FIELD_TIME,
	      "receipt is confirmed by then"),
	F_MAY(struct request_dates_out, regime, FIELD_TEXT,
	      "the law that decides"),
};
const struct field_table request_dates_out_table =
	FIELD_TABLE(struct request_dates_out, dates_out_fields);

/* Writes it with its leaf and answers the dates. */
static int
finish(struct call *c, struct request *r, enum leaf_type type,
       const char *reason, struct request_dates_out *out)
{
	struct value more = value_object();
	int rc = part_add_text(&more, c->arena, "reason", reason);

	if (rc == 0) {
		rc = part_add_time(&more, c->arena, "due_at", r->due_at_ms);
	}
	if (rc == 0) {
		rc = request_leaf(c, r, type, &more);
	}
	if (rc == 0) {
		rc = request_save(c, r);
	}
	if (rc == 0 && out != NULL) {
		*out = (struct request_dates_out){
			.state = (int)r->state,
			.received_at = r->received_at_ms,
			.due_at = r->due_at_ms,
			.legal_due_at = r->legal_due_at_ms,
			.confirm_by = r->confirm_by_ms,
			.regime = r->regime};
	}
	return rc;
}

/* Somebody who can do something with it. */
static int
assignee_check(struct call *c, const char *name)
{
	struct principal who;
	size_t count;
	int rc = principal_by_name(c, name, &who, &count);

	if (rc == ERR_NOT_FOUND) {
		return err_field(ERR_INVALID, "to", "nobody of this name is "
						    "enrolled");
	}
	if (rc == 0 && (who.roles & (ROLE_SUPPORT | ROLE_COMPLIANCE)) == 0) {
		return err_field(ERR_INVALID, "to",
				 "works neither in support nor in compliance");
	}
	return rc;
}

int
request_assign(struct call *c, const void *input, void *output)
{
	const struct request_assign_in *in = input;
	struct request *r;
	int rc = request_load(c, in->request, &r);

	(void)output;
	if (rc == 0) {
		rc = assignee_check(c, in->to);
	}
	if (rc == 0) {
		rc = request_act(c, r, ACTION_ASSIGN, "assigned", in->to);
	}
	if (rc == 0) {
		rc = assignee_number(c, in->to, &r->assignee_number);
	}
	if (rc != 0) {
		return rc;
	}
	r->assignee = in->to;
	return finish(c, r, LEAF_REQUEST_ASSIGNED, NULL, NULL);
}

int
request_note(struct call *c, const void *input, void *output)
{
	const struct request_note_in *in = input;
	struct request_note note = {
		.at = c->now_ms, .by = request_by(c), .text = in->text};
	struct request *r;
	int rc = request_load(c, in->request, &r);

	(void)output;
	if (rc == 0) {
		rc = request_room(r);
	}
	if (rc == 0) {
		rc = request_push(c, &r->notes, &r->n_notes, &note,
				  sizeof(note));
	}
	return rc != 0 ? rc : finish(c, r, LEAF_REQUEST_NOTED, NULL, NULL);
}

static int
at_check(const struct request *r, int64_t at)
{
	/* Whoever notes it may count in whole seconds. */
	return at < r->received_at_ms - r->received_at_ms % MS_PER_SECOND
		       ? err_field(ERR_INVALID, "at",
				   "lies before the request was received")
		       : 0;
}

static int
told(struct call *c, struct request *r, int kind, int64_t at)
{
	struct request_notified n = {.kind = kind, .at = at};

	return request_push(c, &r->notified, &r->n_notified, &n, sizeof(n));
}

int
request_confirm(struct call *c, const void *input, void *output)
{
	const struct request_confirm_in *in = input;
	struct request *r;
	int rc = request_load(c, in->request, &r);

	(void)output;
	if (rc == 0) {
		rc = at_check(r, in->at);
	}
	if (rc == 0) {
		rc = request_act(c, r, ACTION_CONFIRM, "confirmed", NULL);
	}
	if (rc == 0) {
		rc = told(c, r, 0, in->at);
	}
	if (rc != 0) {
		return rc;
	}
	if (r->confirmed_at_ms == 0 || in->at < r->confirmed_at_ms) {
		r->confirmed_at_ms = in->at;
	}
	return finish(c, r, LEAF_REQUEST_CONFIRMED, NULL, NULL);
}

int
request_notified(struct call *c, const void *input, void *output)
{
	const struct request_notified_in *in = input;
	struct request *r;
	int rc = request_load(c, in->request, &r);

	(void)output;
	if (rc == 0) {
		rc = at_check(r, in->at);
	}
	if (rc == 0) {
		rc = request_act(c, r, ACTION_NOTIFY, "notified",
				 notified_kind_names[in->kind]);
	}
	if (rc == 0) {
		rc = told(c, r, in->kind, in->at);
	}
	if (rc == 0 && in->kind == 0 && r->confirmed_at_ms == 0) {
		r->confirmed_at_ms = in->at;
	}
	return rc != 0 ? rc
		       : finish(c, r, LEAF_REQUEST_NOTIFIED,
				notified_kind_names[in->kind], NULL);
}

int
request_extend(struct call *c, const void *input, void *output)
{
	const struct request_extend_in *in = input;
	struct deadline_facts facts;
	struct deadline d;
	struct request *r;
	int rc = request_load(c, in->request, &r);

	if (rc == 0) {
		rc = request_act(c, r, ACTION_EXTEND, "extended", in->reason);
	}
	if (rc != 0) {
		return rc;
	}
	facts = request_facts(c->policy, r, c->now_ms);
	rc = deadline_compute(c->policy, &facts, &d);
	if (rc != 0) {
		return rc;
	}
	if (r->extended) {
		return state_refuse(r->state, "it was extended already");
	}
	if (!d.can_extend) {
		return err_set(ERR_NOT_PERMITTED, "%s",
			       d.regime == NULL
				       ? "the house alone knows no extension"
				       : "its regime knows no extension");
	}
	if (!deadline_may_extend(d.regime, in->reason)) {
		return err_field(ERR_INVALID, "reason",
				 "is none that the regime lists");
	}
	if (c->now_ms > d.extension_notice_by_ms) {
		return state_refuse(r->state,
				    "the day to tell of an extension is past");
	}
	r->extended = true;
	rc = request_redate(c, r);
	if (rc == 0) {
		rc = request_tell(c, r, "extended");
	}
	return rc != 0 ? rc
		       : finish(c, r, LEAF_REQUEST_EXTENDED, in->reason,
				output);
}

int
request_pause(struct call *c, const void *input, void *output)
{
	const struct request_extend_in *in = input;
	struct deadline_pause pause = {.from_ms = c->now_ms,
				       .until_ms = DEADLINE_STILL_PAUSED};
	struct deadline_facts facts;
	struct deadline d;
	struct request *r;
	int rc = request_load(c, in->request, &r);

	if (rc == 0) {
		rc = request_act(c, r, ACTION_PAUSE, "paused", in->reason);
	}
	if (rc != 0) {
		return rc;
	}
	facts = request_facts(c->policy, r, c->now_ms);
	rc = deadline_compute(c->policy, &facts, &d);
	if (rc != 0) {
		return rc;
	}
	if (!d.can_pause) {
		return err_set(ERR_NOT_PERMITTED,
			       "its regime knows no pause");
	}
	if (r->n_pauses > 0 && r->pauses[r->n_pauses - 1].until_ms ==
				       DEADLINE_STILL_PAUSED) {
		return state_refuse(r->state, "it is paused already");
	}
	if (r->n_pauses == REQUEST_PAUSES_MAX) {
		return err_set(ERR_TOO_MANY, "at most %d pauses",
			       REQUEST_PAUSES_MAX);
	}
	rc = request_push(c, &r->pauses, &r->n_pauses, &pause, sizeof(pause));
	if (rc == 0) {
		rc = request_redate(c, r);
	}
	return rc != 0 ? rc
		       : finish(c, r, LEAF_REQUEST_PAUSED, in->reason, output);
}

int
request_resume(struct call *c, const void *input, void *output)
{
	const struct request_extend_in *in = input;
	struct request *r;
	int rc = request_load(c, in->request, &r);

	if (rc == 0) {
		rc = request_act(c, r, ACTION_PAUSE, "resumed", in->reason);
	}
	if (rc != 0) {
		return rc;
	}
	if (r->n_pauses == 0 || r->pauses[r->n_pauses - 1].until_ms !=
					DEADLINE_STILL_PAUSED) {
		return state_refuse(r->state, "it is not paused");
	}
	r->pauses[r->n_pauses - 1].until_ms = c->now_ms;
	rc = request_redate(c, r);
	return rc != 0 ? rc
		       : finish(c, r, LEAF_REQUEST_RESUMED, in->reason,
				output);
}

static int
correct_check(const struct call *c, const struct request *r,
	      const struct request_correct_in *in)
{
	int rc = in->has_received_at
			 ? request_received_check(c, in->received_at)
			 : 0;

	if (!in->has_received_at && !in->has_type && in->regime == NULL &&
	    in->country == NULL && in->region == NULL) {
		return err_set(ERR_INVALID, "nothing is corrected");
	}
	if (rc != 0) {
		return rc;
	}
	if (in->has_type && in->type == REQUEST_TYPE_CHANGE &&
	    !r->has_change) {
		return err_field(ERR_INVALID, "type",
				 "it brought nothing to be changed");
	}
	rc = request_place_check(
		in->country != NULL || in->region == NULL ? in->country
							  : r->country,
		in->region);
	return rc != 0 ? rc : request_regime_check(c, in->regime);
}

int
request_correct(struct call *c, const void *input, void *output)
{
	const struct request_correct_in *in = input;
	struct request *r;
	int rc = request_load(c, in->request, &r);

	if (rc == 0) {
		rc = correct_check(c, r, in);
	}
	if (rc == 0) {
		rc = request_act(c, r, ACTION_CORRECT, "corrected",
				 in->reason);
	}
	if (rc == 0 && !id_is_nil(r->job)) {
		rc = err_set(ERR_BUSY, "it is being fulfilled");
	}
	if (rc != 0) {
		return rc;
	}
	if (in->has_received_at) {
		r->received_at_ms = in->received_at;
	}
	if (in->has_type && in->type != (int)r->type) {
		r->type = (enum policy_request_type)in->type;
		/* What was planned was for the other type. */
		r->alarms[ALARM_COOL_OFF] = 0;
		r->kept = NULL;
		r->n_kept = 0;
	}
	r->given_regime = in->regime != NULL ? in->regime : r->given_regime;
	r->country = in->country != NULL ? in->country : r->country;
	if (in->country != NULL || in->region != NULL) {
		r->region = in->region;
	}
	rc = request_redate(c, r);
	return rc != 0 ? rc
		       : finish(c, r, LEAF_REQUEST_CORRECTED, in->reason,
				output);
}

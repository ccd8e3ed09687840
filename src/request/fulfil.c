/* What fulfilling a request means, by its type. */
#include "request/fulfil.h"

#include "request/brake.h"
#include "request/end.h"
#include "request/plan.h"
#include "request/view.h"
#include "vault/hold_mark.h"

static const struct field fulfil_in_fields[] = {
	F_MUST(struct request_fulfil_in, request, FIELD_ID, "the request"),
	F_MAY(struct request_fulfil_in, dry_run, FIELD_BOOL,
	      "say what would happen, and do nothing"),
};
const struct field_table request_fulfil_in_table =
	FIELD_TABLE(struct request_fulfil_in, fulfil_in_fields);

static const struct field fulfil_out_fields[] = {
	F_ENUM(struct request_fulfil_out, state, 0, request_state_names,
	       "where it stands"),
	{.name = "erased", .type = FIELD_LIST, .flags = FIELD_OPTIONAL,
	 .offset = offsetof(struct request_fulfil_out, erased),
	 .has_offset = offsetof(struct request_fulfil_out, has_erased),
	 .max = REQUEST_LIST_MAX,
	 .fields = request_erased_fields, .n_fields = REQUEST_ERASED_FIELDS,
	 .item = FIELD_OBJECT, .item_bytes = sizeof(struct request_erased),
	 .count_offset = offsetof(struct request_fulfil_out, n_erased),
	 .help = "what was, or would be, erased"},
	{.name = "kept", .type = FIELD_LIST, .flags = FIELD_OPTIONAL,
	 .offset = offsetof(struct request_fulfil_out, kept),
	 .has_offset = offsetof(struct request_fulfil_out, has_kept),
	 .max = REQUEST_LIST_MAX,
	 .fields = request_kept_fields, .n_fields = REQUEST_KEPT_FIELDS,
	 .item = FIELD_OBJECT, .item_bytes = sizeof(struct request_kept),
	 .count_offset = offsetof(struct request_fulfil_out, n_kept),
	 .help = "what stays and why"},
	F_MAY(struct request_fulfil_out, erase_after, FIELD_TIME,
	      "end of the cool-off: the erasure begins by itself"),
	F_MAY(struct request_fulfil_out, record, FIELD_ID,
	      "that the change wrote"),
	F_MAY(struct request_fulfil_out, version, FIELD_INT, "of that record"),
	F_MAY(struct request_fulfil_out, parts, FIELD_INT, "of the bundle"),
	F_MAY(struct request_fulfil_out, expires_at, FIELD_TIME,
	      "the bundle can be fetched until then"),
};
const struct field_table request_fulfil_out_table =
	FIELD_TABLE(struct request_fulfil_out, fulfil_out_fields);

int
request_job_check(struct call *c, struct request *r)
{
	struct job job;
	int rc;

	if (id_is_nil(r->job)) {
		return 0;
	}
	rc = job_load(c, r->job, &job);
	if (rc == ERR_NOT_FOUND) {
		err_clear();
		r->job = (struct id){{0}};
		return 0;
	}
	return rc != 0 ? rc
		       : state_refuse(r->state, "it is being fulfilled");
}

int
request_fulfilled(struct call *c, struct request *r, enum leaf_type type,
		  const struct value *more)
{
	int rc = request_act(c, r, ACTION_FULFIL, "fulfilled", NULL);

	r->job = (struct id){{0}};
	if (rc == 0) {
		rc = request_closed(c, r);
	}
	if (rc == 0) {
		rc = request_leaf(c, r, type, more);
	}
	if (rc == 0) {
		rc = request_save(c, r);
	}
	return rc != 0 ? rc : request_tell(c, r, "fulfilled");
}

/* Nothing is destroyed while a gap left by a restore is not acknowledged. */
static int
gap_check(struct call *c)
{
	bool gap;
	int rc = txn_has(c->txn, TABLE_SYSTEM, bytes_str("restore.gap"), &gap);

	if (rc == 0 && gap) {
		(void)err_set(ERR_STATE, "nothing is destroyed until the gap "
					 "of a restore is acknowledged");
		err_extra_text("state", "restored_with_gap");
		return ERR_STATE;
	}
	return rc;
}

static int
schedule(struct call *c, struct request *r, const struct erase_plan *plan,
	 int64_t after_ms, struct request_fulfil_out *out)
{
	int rc;

	if (r->alarms[ALARM_COOL_OFF] != 0) {
		return state_refuse_until(r->state,
					  "the cool-off is not over",
					  r->alarms[ALARM_COOL_OFF]);
	}
	r->alarms[ALARM_COOL_OFF] = after_ms;
	r->kept = plan->kept;
	r->n_kept = plan->n_kept;
	rc = request_leaf(c, r, LEAF_REQUEST_SCHEDULED, NULL);
	if (rc == 0) {
		rc = request_save(c, r);
	}
	if (rc == 0) {
		*out = (struct request_fulfil_out){.state = (int)r->state,
						   .kept = r->kept,
						   .n_kept = r->n_kept,
						   .has_kept = true,
						   .erase_after = after_ms};
	}
	return rc;
}

/* A visitor whom nobody knows: a hold over everybody covers all of it. */
static int
visitor_plan(struct call *c, struct erase_plan *plan)
{
	const struct policy_category *category =
		policy_category(c->policy, "navigation");
	struct vault v = call_vault(c);

	return category == NULL ? 0
				: hold_mark_has(&v, NULL, category->id,
						&plan->all_held);
}

static int
delete_plan(struct call *c, const struct request *r, bool count,
	    struct erase_plan *plan)
{
	struct vault v = call_vault(c);
	struct subject *s;
	int rc;

	*plan = (struct erase_plan){0};
	if (id_is_nil(r->subject)) {
		return r->visitor_slot == SLOT_NONE
			       ? 0
			       : visitor_plan(c, plan);
	}
	rc = subject_load_erasing(&v, r->subject, &s);
	if (rc == ERR_NOT_FOUND) {
		/* Gone already, by another request. */
		err_clear();
		return 0;
	}
	return rc != 0 ? rc : plan_make(c, s, count, plan);
}

int
request_erase_check(struct call *c, struct request *r)
{
	struct erase_plan plan;
	int rc = gap_check(c);

	if (rc == 0) {
		rc = delete_plan(c, r, false, &plan);
	}
	return rc == 0 && plan.all_held
		       ? err_set(ERR_HELD, "legal holds cover all of it")
		       : rc;
}

static int
fulfil_delete(struct call *c, struct request *r, bool dry_run,
	      struct request_fulfil_out *out)
{
	int64_t after_ms = r->verified_at_ms + c->policy->house.cool_off_ms;
	struct erase_plan plan;
	struct id job;
	int rc = gap_check(c);

	if (rc == 0) {
		rc = delete_plan(c, r, dry_run, &plan);
	}
	if (rc == 0 && plan.all_held) {
		rc = err_set(ERR_HELD, "legal holds cover all of it");
	}
	if (rc == 0 && dry_run) {
		*out = (struct request_fulfil_out){.state = (int)r->state,
						   .erased = plan.erased,
						   .n_erased = plan.n_erased,
						   .has_erased = true,
						   .has_kept = true,
						   .kept = plan.kept,
						   .n_kept = plan.n_kept};
		return 0;
	}
	if (rc == 0 && c->now_ms < after_ms) {
		return schedule(c, r, &plan, after_ms, out);
	}
	if (rc == 0) {
		rc = brake_take(c);
	}
	if (rc == 0) {
		rc = request_erase_begin(c, r, true, &job);
	}
	if (rc == 0) {
		job_answers(c, job);
	}
	return rc;
}

static int
fulfil_access(struct call *c, struct request *r, bool dry_run,
	      struct request_fulfil_out *out)
{
	struct id job;
	int rc;

	if (dry_run) {
		out->state = (int)r->state;
		return 0;
	}
	rc = request_access_begin(c, r, &job);
	if (rc == 0) {
		job_answers(c, job);
	}
	return rc;
}

int
request_fulfil(struct call *c, const void *input, void *output)
{
	const struct request_fulfil_in *in = input;
	struct request_fulfil_out *out = output;
	enum request_state to;
	struct request *r;
	int rc = request_load(c, in->request, &r);

	if (rc == 0) {
		rc = state_after(r->state, ACTION_FULFIL, &to);
	}
	if (rc == 0) {
		rc = request_job_check(c, r);
	}
	if (rc != 0) {
		return rc;
	}
	switch (r->type) {
	case REQUEST_TYPE_ACCESS:
		rc = fulfil_access(c, r, in->dry_run, out);
		break;
	case REQUEST_TYPE_CHANGE:
		rc = request_change_apply(c, r, in->dry_run, out);
		break;
	case REQUEST_TYPE_DELETE:
		rc = fulfil_delete(c, r, in->dry_run, out);
		break;
	}
	if (rc == 0 && in->dry_run) {
		rc = request_leaf(c, r, LEAF_REQUEST_READ, NULL);
	}
	return rc;
}

/* What an answer means for the model. */

#include "simulation/simulation.h"

#include "base/timefmt.h"
#include "support/failing.h"
#include "support/rows.h"
#include "support/test.h"

#define DAYS_MS(n) ((n)*MS_PER_DAY)
#define VISIT_DAYS_SHOWN 390 /* a little less than its 13 months */

static bool
is_ok(const struct sim_call *c)
{
	return strcmp(c->status, "ok") == 0;
}

static const char *
text(const char *path)
{
	const char *s = core_env_text(&sim.e, path);

	if (s == NULL) {
		sim_fail("an answer has no %s: %s", path, sim.e.body);
	}
	return s;
}

static void
id_take(char out[ID_TEXT_BYTES], const char *path)
{
	(void)snprintf(out, ID_TEXT_BYTES, "%s", text(path));
}

static void
heard_register(struct sim_call *c)
{
	id_take(sim.people[c->about].id, "subject");
}

static void
heard_write(struct sim_call *c)
{
	const char *expires = core_env_text(&sim.e, "expires_at");
	int64_t expires_at_ms = 0;
	struct id record;

	assert_ok(id_parse(text("record"), &record));
	if (expires != NULL) {
		assert_ok(time_parse(expires, &expires_at_ms));
	}
	model_record(c->about, c->category, c->mark, record,
		     (uint32_t)core_env_number(&sim.e, "version"),
		     expires_at_ms);
}

static void
heard_submit(struct sim_call *c)
{
	const char *request = text("request");

	for (size_t i = 0; i < sim.n_requests; i++) {
		if (strcmp(sim.requests[i].id, request) == 0) {
			return; /* the same again: the first one */
		}
	}
	sim.done[LEAF_REQUEST_SUBMITTED]++; /* the same again has none */
	sim.requests[sim.n_requests] = (struct model_request){
		.person = c->about,
		.type = c->value ? DELETION : ACCESS,
		.state = "open",
		.at_ms = sim.e.clock.wall,
	};
	id_take(sim.requests[sim.n_requests++].id, "request");
}

static void
heard_verify(struct sim_call *c)
{
	sim.requests[c->about].state = "in_progress";
}

static void
heard_revoke(struct sim_call *c)
{
	sim.requests[c->about].state = "revoked";
}

static void
heard_fulfil(struct sim_call *c)
{
	struct model_request *r = &sim.requests[c->about];

	if (strcmp(text("state"), "fulfilled") != 0) {
		sim_fail("fulfilling ends as %s", sim.e.body);
	}
	r->state = "fulfilled";
	if (r->type == DELETION) {
		sim.people[r->person].is_erased = true;
	}
}

static void
heard_hold(struct sim_call *c)
{
	struct hold *h = &sim.holds[sim.n_holds++];

	*h = (struct hold){.person = c->about,
			   .covers = c->value ? ~0u : 1u << c->category};
	id_take(h->id, "hold");
}

static void
heard_consent(struct sim_call *c)
{
	sim.people[c->about].consent = c->value;
}

static void
heard_share(struct sim_call *c)
{
	sim.people[c->about].shares++;
}

static void
heard_visit(struct sim_call *c)
{
	model_visit((unsigned)c->about, c->mark,
		    id_time_ms(c->id) + DAYS_MS(VISIT_DAYS_SHOWN));
}

static void
heard_release(struct sim_call *c)
{
	sim.holds[c->about].is_over = true;
}

static void
heard_enrolment(struct sim_call *c)
{
	sim.is_enrolled = c->kind == CALL_ENROL;
}

static void
heard_child(struct sim_call *c)
{
	(void)c;
	sim_fail("a child was registered");
}

/* Who gets back what the call had to itself. */
static void
free_consent(const struct sim_call *c)
{
	sim.people[c->about].is_consent_open = false;
}

static void
free_person(const struct sim_call *c)
{
	sim.people[c->about].is_locked = false;
}

static void
free_holder(const struct sim_call *c)
{
	sim.people[sim.holds[c->about].person].is_locked = false;
}

static void
free_request(const struct sim_call *c)
{
	struct model_request *r = &sim.requests[c->about];
	struct person *p = &sim.people[r->person];

	r->is_locked = false;
	if (!is_ok(c)) {
		r->state = NULL;
	}
	if (c->kind == CALL_FULFIL && r->type == DELETION) {
		p->is_locked = false;
		p->is_erasing = p->is_erased;
	}
}

static void
free_enrolment(const struct sim_call *c)
{
	(void)c;
	sim.is_enrolment_open = false;
}

/* What the promises allow besides "ok". */
static const char *const of_child[] = {"under_age", NULL};
static const char *const of_erased[] = {"not_found", "expired", "state", NULL};
static const char *const of_request[] = {"state", "not_found", "held", NULL};
static const char *const of_hold[] = {"state", "not_found", "expired", NULL};

static const struct {
	void (*ok)(struct sim_call *c);
	void (*over)(const struct sim_call *c);
	const char *const *refusals;
	bool of_erasing;     /* they are for people who are being erased */
	enum leaf_type leaf; /* of a success; 0: not counted */
} on[CALL_KINDS] = {
	[CALL_REGISTER] = {heard_register, NULL, NULL, false, LEAF_REGISTER},
	[CALL_CHILD] = {heard_child, NULL, of_child, false, 0},
	[CALL_WRITE] = {heard_write, NULL, of_erased, true, LEAF_WRITE},
	[CALL_READ] = {NULL, NULL, of_erased, true, 0},
	[CALL_CONSENT] = {heard_consent, free_consent, of_erased, true,
			  LEAF_CONSENT},
	[CALL_SHARE] = {heard_share, NULL, of_erased, true, LEAF_DISCLOSE},
	[CALL_VISIT] = {heard_visit, NULL, NULL, false, LEAF_VISIT},
	[CALL_SUBMIT] = {heard_submit, NULL, of_erased, true, 0},
	[CALL_VERIFY] = {heard_verify, free_request, of_request, false,
			 LEAF_REQUEST_VERIFIED},
	[CALL_FULFIL] = {heard_fulfil, free_request, of_request, false, 0},
	[CALL_REVOKE] = {heard_revoke, free_request, of_request, false,
			 LEAF_REQUEST_REVOKED},
	[CALL_HOLD] = {heard_hold, free_person, of_erased, true,
		       LEAF_HOLD_PLACED},
	[CALL_RELEASE] = {heard_release, free_holder, of_hold, false,
			  LEAF_HOLD_RELEASED},
	[CALL_ENROL] = {heard_enrolment, free_enrolment, NULL, false,
			LEAF_PRINCIPAL_ADDED},
	[CALL_DISMISS] = {heard_enrolment, free_enrolment, NULL, false,
			  LEAF_PRINCIPAL_REVOKED},
};

static bool
is_one_of(const char *status, const char *const *of)
{
	while (*of != NULL && strcmp(*of, status) != 0) {
		of++;
	}
	return *of != NULL;
}

static bool
is_due_refusal(const struct sim_call *c)
{
	return on[c->kind].refusals != NULL &&
	       is_one_of(c->status, on[c->kind].refusals) &&
	       (!on[c->kind].of_erasing || sim.people[c->about].is_erasing);
}

/* To be sent again under the same id. */
static bool
is_passing(const struct sim_call *c)
{
	static const char *const passing[] = {"busy", "unavailable", NULL};

	return is_one_of(c->status, passing) ||
	       ((c->was_faulty || failing_name() != NULL) &&
		(strcmp(c->status, "internal") == 0 ||
		 strcmp(c->status, "too_large") == 0));
}

void
caller_heard(struct sim_caller *c)
{
	struct sim_call *call = c->call;

	(void)snprintf(call->status, sizeof(call->status), "%s", sim.e.status);
	if (is_passing(call)) {
		c->is_heard = true;
		return;
	}
	call->answer = rows_mix(ROWS_HASH_BEGIN, bytes_str(sim.e.body));
	call->is_done = true;
	call->done_at_ms = sim.e.clock.wall;
	c->call = NULL;
	if (is_ok(call)) {
		sim.done[on[call->kind].leaf]++;
		if (on[call->kind].ok != NULL) {
			on[call->kind].ok(call);
		}
	} else if (!is_due_refusal(call)) {
		sim_fail("%s %s: %s %s", call->op->name, call->json,
			 call->status, sim.e.body);
	} else if (call->tries > 1) {
		/* It may have been done, and its answer lost, before the
		 * person went, and the answer that was kept. */
		sim.doubtful[on[call->kind].leaf]++;
	}
	if (on[call->kind].over != NULL) {
		on[call->kind].over(call);
	}
	model_follow();
}

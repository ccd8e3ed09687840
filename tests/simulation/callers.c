/*
 * Callers: each has at most one call at work, sends it again under its id
 * until it is answered, and tells the model what the answer means. People and
 * what they ask for are drawn; a person whom a hold or an erasure is at work
 * on gets no second one, so that the model need not know who was first.
 */

#include "simulation/simulation.h"

#include "base/base64.h"
#include "policy/role.h"
#include "support/failing.h"
#include "support/rows.h"
#include "support/test.h"

#define TURNS_WAITED_MAX 40
#define TRIES_MAX 400
#define CALL_FAULT_ONE_IN 12
#define CALL_FAULT_AT_MAX 300
#define REPEAT_WITHIN_MS (6 * MS_PER_DAY)

const char *const category_names[CATEGORIES + 1] = {
	"contact", "billing", "usage", "content", "preferences", NULL};

static uint64_t token_last = TOKEN_FIRST;

/* ---- What is called ---- */

static int
someone(void)
{
	return sim.n_people == 0 ? -1 : (int)machine_draw(sim.n_people);
}

/* One who is registered, for all that is known. */
static int
customer(void)
{
	int p = someone();

	return p >= 0 && sim.people[p].id[0] != '\0' ? p : -1;
}

static const char *
make_register(struct sim_call *c)
{
	if (sim.n_people == PEOPLE_MAX) {
		return NULL;
	}
	c->about = (int)sim.n_people;
	sim.people[sim.n_people++] =
		(struct person){.number = c->mark, .consent = -1};
	return json_of("{\"birth_date\":\"1980-02-29\",\"country\":\"DE\","
		       "\"contact\":{\"name\":\"m%u\",\"email\":"
		       "\"p%u@sim.example\"},\"terms\":{\"version\":\"1\","
		       "\"accepted_at\":\"2026-01-01T00:00:00Z\"}}",
		       c->mark, c->mark);
}

static const char *
make_child(struct sim_call *c)
{
	return json_of("{\"birth_date\":\"2018-02-28\",\"country\":\"DE\","
		       "\"contact\":{\"name\":\"m%u\",\"email\":"
		       "\"kid%u@sim.example\"},\"terms\":{\"version\":\"1\","
		       "\"accepted_at\":\"2026-01-01T00:00:00Z\"}}",
		       c->mark, c->mark);
}

static const char *
make_write(struct sim_call *c)
{
	char data[200];

	c->about = customer();
	c->category = (enum category)machine_draw(CATEGORIES);
	if (c->about < 0 || sim.n_records + CALLERS >= RECORDS_MAX) {
		return NULL;
	}
	switch (c->category) {
	case CONTACT:
		(void)snprintf(data, sizeof(data),
			       "\"name\":\"m%u\",\"email\":"
			       "\"p%u@sim.example\"",
			       c->mark, sim.people[c->about].number);
		break;
	case BILLING:
		(void)snprintf(data, sizeof(data),
			       "\"name\":\"m%u\",\"card_number\":"
			       "\"4111111111111111\",\"card_expiry\":"
			       "\"2029-01\"",
			       c->mark);
		break;
	case USAGE:
		(void)snprintf(data, sizeof(data),
			       "\"kind\":\"call\",\"note\":\"m%u\"", c->mark);
		break;
	case CONTENT:
		(void)snprintf(data, sizeof(data), "\"title\":\"m%u\"",
			       c->mark);
		break;
	case PREFERENCES:
	case CATEGORIES:
		(void)snprintf(data, sizeof(data), "\"time_zone\":\"m%u\"",
			       c->mark);
		break;
	}
	c->role = c->category == BILLING ? ROLE_BILLING : ROLE_PORTAL;
	return json_of("{\"subject\":\"%s\",\"category\":\"%s\",\"data\":{%s}}",
		       sim.people[c->about].id, category_names[c->category],
		       data);
}

static const char *
make_read(struct sim_call *c)
{
	c->about = customer();
	return c->about < 0
		       ? NULL
		       : json_of("{\"subject\":\"%s\",\"purpose\":\"service\","
				 "\"reason\":\"asked\"}",
				 sim.people[c->about].id);
}

static const char *
make_consent(struct sim_call *c)
{
	c->about = customer();
	c->value = machine_draw(2) == 0;
	if (c->about < 0 || sim.people[c->about].is_consent_open) {
		return NULL;
	}
	sim.people[c->about].is_consent_open = true;
	return json_of("{\"subject\":\"%s\",\"purpose\":\"offer:headset\","
		       "\"granted\":%s}",
		       sim.people[c->about].id, c->value ? "true" : "false");
}

static const char *
make_share(struct sim_call *c)
{
	c->about = customer();
	c->role = ROLE_BILLING;
	return c->about < 0
		       ? NULL
		       : json_of("{\"subject\":\"%s\",\"recipient\":"
				 "\"contact-provider\",\"purpose\":\"service\","
				 "\"categories\":[\"contact\"],\"fields\":"
				 "[\"email\"]}",
				 sim.people[c->about].id);
}

static const char *
make_visit(struct sim_call *c)
{
	char at[TIME_TEXT_BYTES];

	if (sim.n_visits + CALLERS >= VISITS_MAX) {
		return NULL;
	}
	c->about = (int)machine_draw(VISITORS);
	return json_of("{\"visitor\":\"v%d\",\"events\":[{\"at\":\"%s\","
		       "\"ip\":\"::1\",\"user_agent\":\"Moz\",\"language\":"
		       "\"en\",\"page\":\"/m%u\",\"action\":\"view\"}]}",
		       c->about,
		       time_print(sim.e.clock.wall - sim.jumped_ms, at),
		       c->mark);
}

static const char *
make_submit(struct sim_call *c)
{
	static const char *const channels[] = {"portal", "email", "phone",
					       "post"};

	c->about = customer();
	c->value = machine_draw(3) == 0;
	return c->about < 0 || sim.n_requests + CALLERS >= REQUESTS_MAX
		       ? NULL
		       : json_of("{\"type\":\"%s\",\"subject\":\"%s\","
				 "\"channel\":\"%s\"}",
				 c->value ? "delete" : "access",
				 sim.people[c->about].id,
				 channels[machine_draw(4)]);
}

/* A request in that state that nobody works on; from now on the caller. */
static int
request_take(const char *state)
{
	unsigned from = sim.n_requests == 0
				? 0
				: machine_draw((unsigned)sim.n_requests);

	for (size_t i = 0; i < sim.n_requests; i++) {
		size_t at = (from + i) % sim.n_requests;
		struct model_request *r = &sim.requests[at];

		if (!r->is_locked && r->state != NULL &&
		    strcmp(r->state, state) == 0) {
			r->is_locked = true;
			return (int)at;
		}
	}
	return -1;
}

static const char *
make_verify(struct sim_call *c)
{
	c->about = request_take("open");
	c->role = ROLE_COMPLIANCE;
	return c->about < 0 ? NULL
			    : json_of("{\"request\":\"%s\",\"method\":\"seen\","
				      "\"evidence\":{\"method\":\"seen\","
				      "\"reference\":\"r\",\"at\":"
				      "\"2026-01-01T00:00:00Z\"}}",
				      sim.requests[c->about].id);
}

static const char *
make_fulfil(struct sim_call *c)
{
	struct model_request *r;
	struct person *p;

	c->about = request_take("in_progress");
	c->role = ROLE_COMPLIANCE;
	if (c->about < 0) {
		return NULL;
	}
	r = &sim.requests[c->about];
	p = &sim.people[r->person];
	if (r->type == DELETION) {
		if (p->is_locked) {
			r->is_locked = false;
			return NULL;
		}
		p->is_locked = true;
		p->is_erasing = true;
		model_follow();
	}
	return json_of("{\"request\":\"%s\"}", r->id);
}

static const char *
make_revoke(struct sim_call *c)
{
	c->about = request_take(machine_draw(2) == 0 ? "open" : "in_progress");
	return c->about < 0 ? NULL
			    : json_of("{\"request\":\"%s\"}",
				      sim.requests[c->about].id);
}

static const char *
make_hold(struct sim_call *c)
{
	struct person *p;

	c->about = customer();
	c->category = (enum category)machine_draw(CATEGORIES);
	c->value = machine_draw(3) == 0; /* all of them */
	c->role = ROLE_COMPLIANCE;
	if (c->about < 0 || sim.n_holds == HOLDS_MAX) {
		return NULL;
	}
	p = &sim.people[c->about];
	if (p->is_locked) {
		return NULL;
	}
	p->is_locked = true;
	return c->value ? json_of("{\"subject\":\"%s\",\"matter\":\"%u\"}",
				  p->id, c->mark)
			: json_of("{\"subject\":\"%s\",\"categories\":"
				  "[\"%s\"],\"matter\":\"%u\"}",
				  p->id, category_names[c->category], c->mark);
}

static const char *
make_release(struct sim_call *c)
{
	c->role = ROLE_COMPLIANCE;
	c->about = sim.n_holds == 0 ? -1
				    : (int)machine_draw((unsigned)sim.n_holds);
	if (c->about < 0 || sim.holds[c->about].is_over ||
	    sim.people[sim.holds[c->about].person].is_locked) {
		return NULL;
	}
	sim.people[sim.holds[c->about].person].is_locked = true;
	return json_of("{\"hold\":\"%s\",\"reason\":\"over\"}",
		       sim.holds[c->about].id);
}

static const char *
make_enrol(struct sim_call *c)
{
	char text[Z85_KEY_TEXT_BYTES];

	c->role = ROLE_ADMIN;
	if (sim.is_enrolled || sim.is_enrolment_open) {
		return NULL;
	}
	sim.is_enrolment_open = true;
	return json_of("{\"name\":\"extra\",\"public_key\":\"%s\","
		       "\"roles\":[\"support\"]}",
		       z85_encode_key(core_env_key(EXTRA_ROLE), text));
}

static const char *
make_dismiss(struct sim_call *c)
{
	c->role = ROLE_ADMIN;
	if (!sim.is_enrolled || sim.is_enrolment_open) {
		return NULL;
	}
	sim.is_enrolment_open = true;
	return "{\"name\":\"extra\"}";
}

static const struct {
	const char *operation;
	unsigned role;
} looks[] = {
	{"service.status", ROLE_ADMIN},
	{"policy.show", ROLE_AUDITOR},
	{"key.status", ROLE_ADMIN},
	{"notice.list", ROLE_COMPLIANCE},
	{"request.list", ROLE_COMPLIANCE},
	{"hold.list", ROLE_COMPLIANCE},
	{"retention.plan", ROLE_COMPLIANCE},
	{"report.deadlines", ROLE_COMPLIANCE},
	{"audit.checkpoint", ROLE_AUDITOR},
	{"principal.list", ROLE_ADMIN},
};

static const char *
make_look(struct sim_call *c)
{
	unsigned at = machine_draw(sizeof(looks) / sizeof(looks[0]));

	c->op = operation_find(looks[at].operation);
	c->role = looks[at].role;
	return "{}";
}

static const struct kind {
	const char *operation;
	const char *(*make)(struct sim_call *c); /* NULL: not now */
	unsigned weight;
} kinds[CALL_KINDS] = {
	[CALL_REGISTER] = {"subject.register", make_register, 3},
	[CALL_CHILD] = {"subject.register", make_child, 1},
	[CALL_WRITE] = {"subject.write", make_write, 12},
	[CALL_READ] = {"subject.read", make_read, 3},
	[CALL_CONSENT] = {"consent.set", make_consent, 2},
	[CALL_SHARE] = {"share.record", make_share, 2},
	[CALL_VISIT] = {"visit.append", make_visit, 4},
	[CALL_SUBMIT] = {"request.submit", make_submit, 4},
	[CALL_VERIFY] = {"request.verify", make_verify, 4},
	[CALL_FULFIL] = {"request.fulfil", make_fulfil, 4},
	[CALL_REVOKE] = {"request.revoke", make_revoke, 1},
	[CALL_HOLD] = {"hold.place", make_hold, 2},
	[CALL_RELEASE] = {"hold.release", make_release, 2},
	[CALL_ENROL] = {"principal.add", make_enrol, 1},
	[CALL_DISMISS] = {"principal.revoke", make_dismiss, 1},
	[CALL_LOOK] = {NULL, make_look, 3},
};

/* ---- Sending ---- */

static enum call_kind
kind_draw(void)
{
	unsigned all = 0;
	unsigned at;
	int k = 0;

	for (int i = 0; i < CALL_KINDS; i++) {
		all += kinds[i].weight;
	}
	at = machine_draw(all);
	while (at >= kinds[k].weight) {
		at -= kinds[k++].weight;
	}
	return (enum call_kind)k;
}

static void
call_send(struct sim_caller *c)
{
	struct origin from = {.token = ++token_last, .roles = ROLE_ENROLLED};
	struct sim_call *call = c->call;
	struct frames frames;
	int rc;

	c->token = from.token;
	c->waited = 0;
	c->is_heard = false;
	if (++call->tries > TRIES_MAX) {
		sim_fail("%s has no answer after %u tries, the last: %s",
			 call->op->name, TRIES_MAX, call->status);
	}
	frames_build_request(call->op->name, &call->id, bytes_str(call->json),
			     &frames);
	if (machine_draw(CALL_FAULT_ONE_IN) == 0) {
		failing_arm(1 + machine_draw(CALL_FAULT_AT_MAX));
	}
	rc = core_call(sim.e.core, from, core_env_key(call->role), &frames);
	failing_disarm();
	if (failing_name() != NULL) {
		sim_note("%s fails under it", failing_name());
		call->was_faulty = true;
		failing_arm(0);
		failing_disarm();
	}
	if (rc != 0 && disk_gone() == NULL) {
		sim_fail("%s stops the core: %s", call->op->name,
			 err_last()->text);
	}
}

static void
call_begin(struct sim_caller *c)
{
	enum call_kind kind = kind_draw();
	struct sim_call *call = &sim.calls[sim.n_calls];
	const char *json;

	if (sim.n_calls == CALLS_MAX) {
		return;
	}
	*call = (struct sim_call){
		.kind = kind,
		.role = ROLE_PORTAL,
		.about = -1,
		.mark = ++sim.n_marks,
	};
	if (kinds[kind].operation != NULL) {
		call->op = operation_find(kinds[kind].operation);
	}
	json = kinds[kind].make(call);
	if (json == NULL) {
		return;
	}
	sim.n_calls++;
	call->json = strdup(json);
	call->id = id_new(sim.e.clock.wall, &sim.e.keys.entropy.base);
	c->call = call;
	sim_note("%s %s", call->op->name, call->json);
	call_send(c);
}

void
caller_turn(struct sim_caller *c, bool may_begin)
{
	if (c->call == NULL) {
		if (may_begin && machine_draw(2) == 0) {
			call_begin(c);
		}
	} else if (c->is_heard ? machine_draw(4) == 0
			       : ++c->waited > TURNS_WAITED_MAX) {
		call_send(c);
	}
}

void
callers_cut_off(void)
{
	for (size_t i = 0; i < CALLERS; i++) {
		sim.callers[i].is_heard = true;
	}
}

/* Of an answer that is kept: the same again, or that it went with the person.
 */
static void
call_repeat(const struct sim_call *c)
{
	uint64_t answer;

	core_env_call_id(&sim.e, c->role, c->op->name, &c->id, c->json);
	answer = rows_mix(ROWS_HASH_BEGIN, bytes_str(sim.e.body));
	if (strcmp(sim.e.status, "expired") != 0 &&
	    (strcmp(sim.e.status, c->status) != 0 || answer != c->answer)) {
		sim_fail("%s %s, answered once, says again: %s %s", c->op->name,
			 c->json, sim.e.status, sim.e.body);
	}
}

void
callers_repeat(unsigned n)
{
	while (n-- > 0 && sim.n_calls > 0) {
		const struct sim_call *c =
			&sim.calls[machine_draw((unsigned)sim.n_calls)];

		if (c->is_done && c->op->class == OP_WRITE &&
		    strcmp(c->status, "ok") == 0 &&
		    sim.e.clock.wall - c->done_at_ms < REPEAT_WITHIN_MS) {
			call_repeat(c);
		}
	}
}

bool
callers_idle(void)
{
	for (size_t i = 0; i < CALLERS; i++) {
		if (sim.callers[i].call != NULL) {
			return false;
		}
	}
	return true;
}

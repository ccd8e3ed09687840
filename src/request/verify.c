/* Who it is: codes, and other evidence. */
#include "request/verify.h"

#include "base/secret.h"
#include "request/person.h"

static const struct field challenge_in_fields[] = {
	F_MUST(struct request_challenge_in, request, FIELD_ID, "the request"),
};
const struct field_table request_challenge_in_table =
	FIELD_TABLE(struct request_challenge_in, challenge_in_fields);

static const struct field deliver_fields[] = {
	F_MAY(struct request_deliver, email, FIELD_EMAIL, "e-mail address"),
	F_MAY(struct request_deliver, phone, FIELD_PHONE, "telephone"),
};

static const struct field challenge_out_fields[] = {
	{.name = "code", .type = FIELD_TEXT, .flags = FIELD_SECRET,
	 .offset = offsetof(struct request_challenge_out, code),
	 .has_offset = FIELD_NO_OFFSET, .help = "digits, to be delivered"},
	F_OBJECT(struct request_challenge_out, deliver_to, deliver_fields,
		 "the contact on record before the request"),
	F_MUST(struct request_challenge_out, expires_at, FIELD_TIME,
	       "of no use from then on"),
};
const struct field_table request_challenge_out_table =
	FIELD_TABLE(struct request_challenge_out, challenge_out_fields);

static const struct field verify_in_fields[] = {
	F_MUST(struct request_verify_in, request, FIELD_ID, "the request"),
	{.name = "code", .type = FIELD_TEXT,
	 .flags = FIELD_OPTIONAL | FIELD_SECRET,
	 .offset = offsetof(struct request_verify_in, code),
	 .has_offset = FIELD_NO_OFFSET, .min = 1, .max = 16,
	 .help = "what the person received"},
	F_WORD(struct request_verify_in, method, FIELD_OPTIONAL,
	       METHOD_BYTES_MAX, "how else it was checked"),
	{.name = "evidence", .type = FIELD_OBJECT, .flags = FIELD_OPTIONAL,
	 .offset = offsetof(struct request_verify_in, evidence),
	 .has_offset = offsetof(struct request_verify_in, has_evidence),
	 .fields = part_evidence_fields, .n_fields = PART_EVIDENCE_FIELDS,
	 .help = "with `method`: where the proof lies"},
};
const struct field_table request_verify_in_table =
	FIELD_TABLE(struct request_verify_in, verify_in_fields);

static const struct field verify_out_fields[] = {
	F_ENUM(struct request_verify_out, state, 0, request_state_names,
	       "where it stands"),
	F_MUST(struct request_verify_out, verified_at, FIELD_TIME, "now"),
};
const struct field_table request_verify_out_table =
	FIELD_TABLE(struct request_verify_out, verify_out_fields);

/* Each code as likely as any other. */
static char *
code_new(struct call *c)
{
	char *code = arena_alloc(c->arena, CODE_DIGITS + 1);

	for (size_t i = 0; code != NULL && i < CODE_DIGITS;) {
		uint8_t b;

		entropy_fill(c->entropy, &b, 1);
		if (b < 250) {
			code[i++] = (char)('0' + b % 10);
		}
	}
	return code;
}

/* Never a contact that came with the request, where there is one on record. */
static int
contact_find(struct call *c, const struct request *r,
	     struct request_identity *out)
{
	struct vault v = call_vault(c);
	struct subject *s;
	int rc;

	if (id_is_nil(r->subject)) {
		*out = r->identity;
		return 0;
	}
	rc = subject_load(&v, r->subject, &s);
	if (rc == 0 && r->has_acting && r->acting.kind == 0) {
		/* It is the guardian who has to be known, by what was on
		 * record, not by what came along. */
		rc = person_guardian(c, s, r->submitted_at_ms, out);
		if (rc == 0 && out->email != NULL) {
			return 0;
		}
	}
	return rc != 0 ? rc : person_contact(c, s, r->submitted_at_ms, out);
}

static void
seen_by(struct request *r, uint32_t caller)
{
	for (size_t i = 0; i < r->n_code_seen; i++) {
		if (r->code_seen[i] == caller) {
			return;
		}
	}
	if (r->n_code_seen < REQUEST_SEEN_MAX) {
		r->code_seen[r->n_code_seen++] = caller;
	}
}

int
request_challenge(struct call *c, const void *input, void *output)
{
	const struct request_challenge_in *in = input;
	struct request_challenge_out *out = output;
	const struct policy_house *h = &c->policy->house;
	struct request_identity to = {0};
	struct request *r;
	int rc = request_load(c, in->request, &r);

	if (rc == 0) {
		rc = request_act(c, r, ACTION_CHALLENGE, "challenged", NULL);
	}
	if (rc == 0) {
		rc = contact_find(c, r, &to);
	}
	if (rc == 0 && to.email == NULL && to.phone == NULL) {
		rc = err_field(ERR_NOT_FOUND, "request",
			       "there is no contact to send a code to");
	}
	if (rc == 0 && r->challenges == CHALLENGES_MAX) {
		rc = err_set(ERR_TOO_MANY, "at most %d codes a request",
			     CHALLENGES_MAX);
	}
	if (rc != 0) {
		return rc;
	}
	r->code = code_new(c);
	if (r->code == NULL) {
		return ERR_NOMEM;
	}
	r->code_expires_ms = c->now_ms + h->code_ms;
	r->code_tries = 0;
	r->challenges++;
	seen_by(r, c->caller.number);
	r->alarms[ALARM_VERIFY] = c->now_ms + h->verification_ms;
	rc = request_leaf(c, r, LEAF_REQUEST_CHALLENGED, NULL);
	if (rc == 0) {
		rc = request_save(c, r);
	}
	if (rc == 0) {
		out->code = r->code;
		if (to.email != NULL) {
			out->deliver_to.email = to.email;
		} else {
			out->deliver_to.phone = to.phone;
		}
		out->expires_at = r->code_expires_ms;
		/* The stored reply names the contact: it dies with the person,
		 * not with the request, which outlives them. */
		if (r->subject_base != SLOT_NONE) {
			c->reply_slot = r->subject_base + SLOT_PROFILE;
		}
	}
	return rc;
}

static bool
has_seen(const struct call *c, const struct request *r)
{
	if (call_has_role(c, ROLE_PORTAL)) {
		return false;
	}
	for (size_t i = 0; i < r->n_code_seen; i++) {
		if (r->code_seen[i] == c->caller.number) {
			return true;
		}
	}
	return false;
}

static int
code_refuse(const struct request *r, int tries, const char *text)
{
	int left = tries - (int)r->code_tries;

	(void)err_field(ERR_INVALID, "code", "%s", text);
	err_extra_number("tries_left", left < 0 ? 0 : left);
	return ERR_INVALID;
}

/* The try counts although the operation fails: row and leaf go into the
 * trace. */
static int
code_wrong(struct call *c, struct request *r, int tries)
{
	struct call_leaf leaf = {.type = LEAF_REQUEST_VERIFY_FAILED,
				 .outcome = ERR_INVALID,
				 .log_slot = r->slot};
	int rc;

	r->code_tries++;
	rc = call_leaf_always(c, leaf);
	if (rc == 0) {
		rc = request_save_trace(c, r);
	}
	return rc != 0 ? rc : code_refuse(r, tries, "is not the code");
}

/* Constant time in what was sent, but for its length. */
static bool
code_equal(const char *sent, const char *code)
{
	return strlen(sent) == CODE_DIGITS &&
	       secret_equal(sent, code, CODE_DIGITS);
}

static int
code_check(struct call *c, struct request *r, const char *sent)
{
	int tries = c->policy->house.code_tries;

	if (r->code == NULL) {
		return state_refuse(r->state, "no code was sent");
	}
	if (has_seen(c, r)) {
		return err_set(ERR_DENIED,
			       "whoever saw the code cannot verify with it");
	}
	if (r->code_tries >= (uint32_t)tries) {
		return code_refuse(r, tries, "was tried too often");
	}
	if (c->now_ms >= r->code_expires_ms) {
		return code_refuse(r, tries, "has expired");
	}
	return code_equal(sent, r->code) ? 0 : code_wrong(c, r, tries);
}

static int
input_check(const struct request_verify_in *in)
{
	if (in->code != NULL && (in->method != NULL || in->has_evidence)) {
		return err_field(ERR_INVALID, "code",
				 "either a code, or method and evidence");
	}
	if (in->code == NULL && in->method == NULL) {
		return err_field(ERR_INVALID, in->has_evidence ? "method"
							       : "code",
				 "is missing");
	}
	if (in->code == NULL && !in->has_evidence) {
		return err_field(ERR_INVALID, "evidence", "is missing");
	}
	return 0;
}

int
request_verify(struct call *c, const void *input, void *output)
{
	const struct request_verify_in *in = input;
	struct request_verify_out *out = output;
	struct value more = value_object();
	struct request *r;
	enum request_state to;
	int rc = input_check(in);

	if (rc == 0) {
		rc = request_load(c, in->request, &r);
	}
	if (rc == 0) {
		rc = state_after(r->state, ACTION_VERIFY, &to);
	}
	if (rc == 0 && in->code != NULL) {
		rc = code_check(c, r, in->code);
	}
	if (rc == 0) {
		rc = request_act(c, r, ACTION_VERIFY, "verified", NULL);
	}
	if (rc != 0) {
		return rc;
	}
	r->code = NULL;
	r->alarms[ALARM_VERIFY] = 0;
	r->verified_at_ms = c->now_ms;
	r->method = in->code != NULL ? "code" : in->method;
	r->has_evidence = in->has_evidence;
	r->evidence = in->evidence;
	rc = value_add(&more, c->arena, "method", value_text(r->method));
	if (rc == 0) {
		rc = request_leaf(c, r, LEAF_REQUEST_VERIFIED, &more);
	}
	if (rc == 0) {
		rc = request_save(c, r);
	}
	if (rc == 0) {
		out->state = (int)r->state;
		out->verified_at = r->verified_at_ms;
	}
	return rc;
}

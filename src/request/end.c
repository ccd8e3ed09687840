/* Denied, revoked, expired. Fulfilling is in fulfil.c. */
#include "request/end.h"

#include "request/count.h"
#include "request/notice.h"

static const struct field deny_in_fields[] = {
	F_MUST(struct request_deny_in, request, FIELD_ID, "the request"),
	F_ENUM(struct request_deny_in, reason, 0, request_denial_names,
	       "why; the person is told"),
	F_PROSE(struct request_deny_in, message, FIELD_OPTIONAL,
		REQUEST_MESSAGE_BYTES_MAX, "for the person"),
};
const struct field_table request_deny_in_table =
	FIELD_TABLE(struct request_deny_in, deny_in_fields);

static const struct field revoke_in_fields[] = {
	F_MUST(struct request_revoke_in, request, FIELD_ID, "the request"),
};
const struct field_table request_revoke_in_table =
	FIELD_TABLE(struct request_revoke_in, revoke_in_fields);

static const struct field state_out_fields[] = {
	F_ENUM(struct request_state_out, state, 0, request_state_names,
	       "where it stands"),
};
const struct field_table request_state_out_table =
	FIELD_TABLE(struct request_state_out, state_out_fields);

int
request_tell(struct call *c, const struct request *r, const char *about)
{
	struct notice n = {.kind = NOTICE_PERSON,
			   .about = about,
			   .subject = r->subject,
			   .request = r->id};

	return notice_create(c, &n);
}

/* An erasure that has begun cannot be stopped. */
static int
free_check(const struct request *r)
{
	return id_is_nil(r->job)
		       ? 0
		       : state_refuse(r->state, "it is being fulfilled");
}

static int
end_with(struct call *c, struct request *r, enum leaf_type type)
{
	struct value more = value_object();
	int rc = request_closed(c, r);

	if (rc == 0) {
		rc = part_add_text(&more, c->arena, "reason", r->reason);
	}
	if (rc == 0) {
		rc = request_leaf(c, r, type, &more);
	}
	return rc != 0 ? rc : request_save(c, r);
}

int
request_deny(struct call *c, const void *input, void *output)
{
	const struct request_deny_in *in = input;
	struct request_state_out *out = output;
	const char *reason = request_denial_names[in->reason];
	const struct policy_regime *regime;
	struct request *r;
	int rc = request_load(c, in->request, &r);

	if (rc == 0) {
		rc = request_act(c, r, ACTION_DENY, "denied", reason);
	}
	if (rc == 0) {
		rc = free_check(r);
	}
	if (rc != 0) {
		return rc;
	}
	regime = r->regime == NULL ? NULL
				   : policy_regime(c->policy, r->regime);
	if (!deadline_may_deny(regime, reason)) {
		return err_field(ERR_NOT_PERMITTED, "reason",
				 "is none that the regime lists");
	}
	r->reason = reason;
	r->message = in->message;
	rc = end_with(c, r, LEAF_REQUEST_DENIED);
	if (rc == 0) {
		rc = request_tell(c, r, "denied");
	}
	if (rc == 0) {
		out->state = (int)r->state;
	}
	return rc;
}

int
request_revoke(struct call *c, const void *input, void *output)
{
	const struct request_revoke_in *in = input;
	struct request_state_out *out = output;
	struct request *r;
	int rc = request_load(c, in->request, &r);

	if (rc == 0) {
		rc = request_act(c, r, ACTION_REVOKE, "revoked", NULL);
	}
	if (rc == 0) {
		rc = free_check(r);
	}
	if (rc == 0) {
		rc = end_with(c, r, LEAF_REQUEST_REVOKED);
	}
	if (rc == 0) {
		out->state = (int)r->state;
	}
	return rc;
}

int
request_expire(struct call *c, struct request *r)
{
	int rc = request_act(c, r, ACTION_EXPIRE, "expired", NULL);

	if (rc == 0) {
		rc = end_with(c, r, LEAF_REQUEST_EXPIRED);
	}
	return rc != 0 ? rc : request_tell(c, r, "expired");
}

/*
 * Writing what is known of a customer. The policy says which fields a category
 * has; what has operations of its own is not written here.
 */
#include "registration/write.h"

#include <string.h>

#include "registration/known.h"

#define OFFER_PREFIX "offer:"

static const struct field subject_write_in_fields[] = {
	F_MUST(struct subject_write_in, subject, FIELD_ID, "the customer"),
	F_WORD(struct subject_write_in, category, 0, POLICY_NAME_BYTES_MAX,
	       "a category of the policy"),
	FIELD_ROW_(struct subject_write_in, data, FIELD_VALUE, 0, 0,
		   RECORD_DATA_BYTES_MAX, "the category's fields"),
	F_MAY(struct subject_write_in, record, FIELD_ID,
	      "makes a new version of it"),
	F_WORD(struct subject_write_in, collected_with, FIELD_OPTIONAL,
	       POLICY_NAME_BYTES_MAX, "the offer it was collected with"),
};
const struct field_table subject_write_in_table =
	FIELD_TABLE(struct subject_write_in, subject_write_in_fields);

static const struct field subject_write_out_fields[] = {
	F_MUST(struct subject_write_out, record, FIELD_ID, "the record"),
	F_MUST(struct subject_write_out, version, FIELD_INT, "from 1 on"),
	F_MAY(struct subject_write_out, expires_at, FIELD_TIME,
	      "from then on it is not read"),
};
const struct field_table subject_write_out_table =
	FIELD_TABLE(struct subject_write_out, subject_write_out_fields);

/* Written by consent.set, visit.append and invite.create. */
static bool
has_own_operation(const char *category)
{
	static const char *const names[] = {"consent", "navigation",
					    "invitation"};

	for (size_t i = 0; i < FIELD_COUNT(names); i++) {
		if (strcmp(names[i], category) == 0) {
			return true;
		}
	}
	return false;
}

int
write_category(const struct call *c, const char *name,
	       const struct policy_category **out)
{
	const struct policy_category *category =
		policy_category(c->policy, name);

	if (category == NULL) {
		return err_field(ERR_INVALID, "category",
				 "no such category in the policy");
	}
	if (has_own_operation(name)) {
		return err_field(ERR_INVALID, "category",
				 "has an operation of its own");
	}
	*out = category;
	return 0;
}

static int
offer_of(const struct policy *p, const char *sent, const char **out)
{
	size_t n = strlen(OFFER_PREFIX);

	*out = NULL;
	if (sent == NULL) {
		return 0;
	}
	if (strncmp(sent, OFFER_PREFIX, n) == 0) {
		sent += n;
	}
	if (policy_partner(p, sent) == NULL) {
		return err_field(ERR_INVALID, "collected_with",
				 "no such offer in the policy");
	}
	*out = sent;
	return 0;
}

/* Nobody else may have the new address of a customer. */
static int
check_email(struct vault *v, const struct subject *s,
	    const struct policy_category *c, const struct value *data)
{
	const char *email = value_get_text(data, "email");
	bool taken;
	int rc;

	if (strcmp(c->name, "contact") != 0 || email == NULL) {
		return 0;
	}
	rc = known_is_taken(v, email, s->id, &taken);
	if (rc == ERR_INVALID) {
		return 0; /* record_write names the field */
	}
	if (rc == 0 && taken) {
		rc = err_field(ERR_EXISTS, "data.email",
			       "another customer has this e-mail address");
	}
	return rc;
}

/* What of the head a write may change. An ordinary write changes nothing of
 * it: the day of the last activity is enough, and spares a row. */
static int
follow_head(struct vault *v, struct subject *s, const struct subject *before,
	    const struct policy_category *c, const struct value *data)
{
	bool changed = s->n_buckets != before->n_buckets ||
		       s->held != before->held ||
		       v->now_ms - s->last_activity_ms >= MS_PER_DAY;

	if (strcmp(c->name, "account") == 0) {
		/* Where somebody lives, for the ages and the regimes. */
		s->country = value_get_text(data, "country");
		s->region = value_get_text(data, "region");
		changed = true;
	}
	if (!changed) {
		return 0;
	}
	s->last_activity_ms = v->now_ms;
	return subject_save(v, s);
}

int
write_check(struct vault *v, const struct subject *s,
	    const struct record_new *in)
{
	if (s->standing == STANDING_PROSPECT &&
	    in->category->retention.from == FROM_ACCOUNT_END) {
		(void)err_set(ERR_STATE, "a prospect has no account whose end "
					 "this could be counted from");
		err_extra_text("state", "prospect");
		return ERR_STATE;
	}
	return check_email(v, s, in->category, in->data);
}

int
write_apply(struct vault *v, struct subject *s, const struct record_new *in,
	    struct record_written *out)
{
	struct subject before = *s;
	int rc = subject_need_whole(s);

	if (rc == 0) {
		rc = write_check(v, s, in);
	}
	if (rc == 0) {
		rc = record_write(v, s, in, out);
	}
	return rc != 0 ? rc
		       : follow_head(v, s, &before, in->category, in->data);
}

static int
write_leaf(struct call *c, const struct subject *s,
	   const struct policy_category *category,
	   const struct record_written *w)
{
	struct value details = value_object();
	char *record = arena_alloc(c->arena, ID_TEXT_BYTES);
	int rc = record == NULL ? ERR_NOMEM : 0;

	if (rc == 0) {
		rc = value_add(&details, c->arena, "record",
			       value_text(id_print(w->record, record)));
	}
	if (rc == 0) {
		rc = value_add(&details, c->arena, "version",
			       value_int(w->version));
	}
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){
					      .type = LEAF_WRITE,
					      .category = category->id,
					      .log_slot = s->base + SLOT_LOG,
					      .details = details});
}

int
subject_write(struct call *c, const void *input, void *output)
{
	const struct subject_write_in *in = input;
	struct subject_write_out *out = output;
	struct vault v = call_vault(c);
	struct record_new new = {
		.data = &in->data,
		.record = in->record,
		.source = "write",
		.by = c->caller.number};
	struct record_written w;
	struct subject *s;
	int rc = write_category(c, in->category, &new.category);

	if (rc == 0) {
		rc = offer_of(c->policy, in->collected_with,
			      &new.collected_with);
	}
	if (rc == 0) {
		rc = subject_load(&v, in->subject, &s);
	}
	if (rc != 0) {
		return rc;
	}
	call_about(c, s->base);
	rc = write_apply(&v, s, &new, &w);
	if (rc == 0) {
		rc = write_leaf(c, s, new.category, &w);
	}
	if (rc == 0) {
		*out = (struct subject_write_out){w.record, w.version,
						  w.expires_at_ms};
	}
	return rc;
}

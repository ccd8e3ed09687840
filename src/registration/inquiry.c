/* inquiry.record: somebody asks about the services. The record goes when the
 * policy's time is over. */

#include "registration/count.h"
#include "registration/known.h"
#include "registration/register.h"
#include "vault/record.h"

#define CATEGORY "prospect"
/* Anybody can fill in a form with somebody else's address: it may use up so
 * many of a person's places in the look-up index, and no more. */
#define BUCKETS_MAX 32

static const struct field inquiry_record_in_fields[] = {
	F_OBJECT(struct inquiry_record_in, contact, part_contact_fields,
		 "how to answer"),
	F_PROSE(struct inquiry_record_in, interest, 0, 1000, "what in"),
	F_PROSE(struct inquiry_record_in, message, 0, 16384, "the question"),
};
const struct field_table inquiry_record_in_table =
	FIELD_TABLE(struct inquiry_record_in, inquiry_record_in_fields);

static const struct field inquiry_record_out_fields[] = {
	F_MUST(struct inquiry_record_out, subject, FIELD_ID,
	       "the prospect, or who has this e-mail address already"),
};
const struct field_table inquiry_record_out_table =
	FIELD_TABLE(struct inquiry_record_out, inquiry_record_out_fields);

/* Whom it is from: one person an address, so that a request by it finds all
 * that came by it. */
static int
sender(struct vault *v, const char *email, struct subject **out, bool *out_new)
{
	struct id nobody = {{0}};
	struct subject *s;
	int rc = known_by_email(v, email, nobody, &s);

	if (rc == ERR_INVALID) {
		return err_field(rc, "contact.email", "not an e-mail address");
	}
	*out_new = rc == 0 && (s == NULL || s->n_buckets >= BUCKETS_MAX);
	if (*out_new) {
		rc = subject_create(v, STANDING_PROSPECT, &s);
	}
	if (rc == 0) {
		*out = s;
	}
	return rc;
}

int
inquiry_record(struct call *c, const void *input, void *output)
{
	const struct inquiry_record_in *in = input;
	struct inquiry_record_out *out = output;
	struct vault v = call_vault(c);
	struct value data;
	struct record_new new = {.category =
					 policy_category(c->policy, CATEGORY),
				 .data = &data,
				 .source = "inquiry",
				 .by = c->caller.number};
	struct record_written written;
	struct subject *s;
	bool is_new = false;
	int rc;

	if (new.category == NULL) {
		return err_set(ERR_CONFIG, "the policy has no category "
					   "`prospect`");
	}
	rc = part_contact_value(&in->contact, c->arena, &data);
	if (rc == 0) {
		rc = part_add_text(&data, c->arena, "interest", in->interest);
	}
	if (rc == 0) {
		rc = part_add_text(&data, c->arena, "message", in->message);
	}
	if (rc == 0) {
		rc = sender(&v, in->contact.email, &s, &is_new);
	}
	if (rc != 0) {
		return rc;
	}
	call_about(c, s->base);
	s->last_activity_ms = c->now_ms;
	rc = record_write(&v, s, &new, &written);
	if (rc == 0) {
		rc = subject_save(&v, s);
	}
	if (rc == 0 && is_new) {
		rc = registration_count_add(c, REGISTRATION_PROSPECT, NULL,
					    REGISTRATION_BAND_NONE, false);
	}
	if (rc != 0) {
		return rc;
	}
	out->subject = s->id;
	return call_leaf(c, (struct call_leaf){.type = LEAF_INQUIRY,
					       .category = new.category->id,
					       .log_slot = s->base + SLOT_LOG});
}

/* inquiry.record: somebody asks about the services, without an account. The
 * record goes when the policy's time is over. */

#include "registration/count.h"
#include "registration/register.h"
#include "vault/record.h"

#define CATEGORY "prospect"

static const struct field inquiry_record_in_fields[] = {
	F_OBJECT(struct inquiry_record_in, contact, part_contact_fields,
		 "how to answer"),
	F_PROSE(struct inquiry_record_in, interest, 0, 1000, "what in"),
	F_PROSE(struct inquiry_record_in, message, 0, 16384, "the question"),
};
const struct field_table inquiry_record_in_table =
	FIELD_TABLE(struct inquiry_record_in, inquiry_record_in_fields);

static const struct field inquiry_record_out_fields[] = {
	F_MUST(struct inquiry_record_out, subject, FIELD_ID, "the prospect"),
};
const struct field_table inquiry_record_out_table =
	FIELD_TABLE(struct inquiry_record_out, inquiry_record_out_fields);

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
		rc = subject_create(&v, STANDING_PROSPECT, &s);
	}
	if (rc != 0) {
		return rc;
	}
	call_about(c, s->base);
	rc = record_write(&v, s, &new, &written);
	if (rc == 0) {
		rc = subject_save(&v, s);
	}
	if (rc == 0) {
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

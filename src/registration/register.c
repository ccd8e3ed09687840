/*
 * How a person becomes a customer: the two ages, the terms, the contact that
 * nobody else has. Of the birth date only the band is kept, and of a refused
 * child a count.
 */
#include "registration/register.h"

#include "registration/consent.h"
#include "registration/count.h"
#include "registration/known.h"
#include "vault/record.h"

#define TERMS_BYTES_MAX 64

static const struct field guardian_fields[] = {
	F_PROSE(struct register_guardian, name, 0, NAME_BYTES_MAX,
		"the guardian's full name"),
	F_MUST(struct register_guardian, email, FIELD_EMAIL,
	       "the guardian's e-mail address"),
	F_PROSE(struct register_guardian, relation, 0, 64,
		"parent, legal guardian"),
	F_OBJECT(struct register_guardian, evidence, part_evidence_fields,
		 "how the consent is known"),
};
static const struct field capacity_fields[] = {
	F_MUST(struct register_capacity, stipulated, FIELD_BOOL, "true"),
	F_MUST(struct register_capacity, at, FIELD_TIME, "when"),
};
static const struct field terms_fields[] = {
	F_WORD(struct register_terms, version, 0, TERMS_BYTES_MAX,
	       "of the terms"),
	F_MUST(struct register_terms, accepted_at, FIELD_TIME,
	       "when they were accepted"),
};
static const struct field subject_register_in_fields[] = {
	F_MUST(struct subject_register_in, birth_date, FIELD_DATE,
	       "kept as a band of ages only"),
	F_MUST(struct subject_register_in, country, FIELD_COUNTRY,
	       "ISO 3166-1 alpha-2"),
	F_MAY(struct subject_register_in, region, FIELD_REGION, "ISO 3166-2"),
	F_OBJECT(struct subject_register_in, contact, part_contact_fields,
		 "how to reach the customer"),
	F_OBJECT_HAS(struct subject_register_in, legal_capacity,
		     capacity_fields, "stipulated by a minor"),
	F_OBJECT_HAS(struct subject_register_in, guardian, guardian_fields,
		     "who consents for a minor"),
	F_OBJECT(struct subject_register_in, terms, terms_fields,
		 "the terms accepted"),
};
const struct field_table subject_register_in_table =
	FIELD_TABLE(struct subject_register_in, subject_register_in_fields);

static const char *const standing_words[] = {"adult", "minor", NULL};
static const struct field subject_register_out_fields[] = {
	F_MUST(struct subject_register_out, subject, FIELD_ID,
	       "the new customer"),
	F_ENUM(struct subject_register_out, standing, 0, standing_words,
	       "adult or minor"),
};
const struct field_table subject_register_out_table =
	FIELD_TABLE(struct subject_register_out, subject_register_out_fields);

/* A refusal of the age gate: counted, and for a child below the minimum a leaf
 * that says only that. */
static int
refuse(struct call *c, int why, const struct subject_register_in *in,
       const struct age_decision *d)
{
	struct err_info info = *err_last();
	bool is_child = why == ERR_UNDER_AGE;
	int rc = registration_count_add(
		c,
		is_child            ? REGISTRATION_UNDER_AGE
		: why == ERR_EXISTS ? REGISTRATION_EXISTS
				    : REGISTRATION_CONSENT_REQUIRED,
		is_child ? NULL : in->country,
		is_child ? REGISTRATION_BAND_NONE : (uint8_t)d->band, true);

	if (rc == 0) {
		rc = call_leaf_always(
			c, (struct call_leaf){
				   .type = is_child ? LEAF_REGISTER_REFUSED_AGE
						    : LEAF_REGISTER_REFUSED,
				   .outcome = why,
				   .log_slot = SLOT_NONE});
	}
	if (rc == 0) {
		err_restore(&info);
	}
	return rc != 0 ? rc : why;
}

/* What is known of the person before any record is written. Who had asked
 * about the services stays the same person: what came with that is found, told
 * and erased with the rest. */
static int
subject_make(struct call *c, struct vault *v,
	     const struct subject_register_in *in, const struct age_decision *d,
	     struct subject **out)
{
	struct id nobody = {{0}};
	struct subject *s;
	int rc = known_by_email(v, in->contact.email, nobody, &s);

	if (rc == 0 && (s == NULL || s->standing != STANDING_PROSPECT)) {
		rc = subject_create(v, STANDING_PROSPECT, &s);
	}
	if (rc != 0) {
		return rc;
	}
	call_about(c, s->base);
	s->standing =
		d->standing == AGE_ADULT ? STANDING_ADULT : STANDING_MINOR;
	s->account_since_ms = c->now_ms;
	s->last_activity_ms = c->now_ms;
	s->band = d->band;
	s->next_band = d->next_band;
	s->country = in->country;
	s->region = in->region;
	s->terms_version = in->terms.version;
	s->terms_at_ms = in->terms.accepted_at;
	/* What an adult sends along about guardians is not kept. */
	s->has_guardian = in->has_guardian && d->standing != AGE_ADULT;
	s->has_legal_capacity =
		in->has_legal_capacity && d->standing != AGE_ADULT;
	s->legal_capacity_at_ms =
		s->has_legal_capacity ? in->legal_capacity.at : 0;
	*out = s;
	return 0;
}

static int
write_record(struct call *c, struct vault *v, struct subject *s,
	     const char *category, const struct value *data)
{
	struct record_new in = {.category =
					policy_category(c->policy, category),
				.data = data,
				.source = "register",
				.by = c->caller.number};
	struct record_written written;

	if (in.category == NULL) {
		return err_set(ERR_CONFIG, "the policy lacks a category that "
					   "registering needs");
	}
	return record_write(v, s, &in, &written);
}

static int
write_contact(struct call *c, struct vault *v, struct subject *s,
	      const struct part_contact *contact)
{
	struct value data;
	int rc = part_contact_value(contact, c->arena, &data);

	return rc != 0 ? rc : write_record(c, v, s, "contact", &data);
}

static int
write_account(struct call *c, struct vault *v, struct subject *s)
{
	struct value data = value_object();
	int rc = part_add_text(&data, c->arena, "country", s->country);

	if (rc == 0) {
		rc = part_add_text(&data, c->arena, "region", s->region);
	}
	if (rc == 0) {
		rc = part_add_text(&data, c->arena, "terms_version",
				   s->terms_version);
	}
	if (rc == 0) {
		rc = part_add_time(&data, c->arena, "terms_accepted_at",
				   s->terms_at_ms);
	}
	if (rc == 0) {
		rc = part_add_time(&data, c->arena, "legal_capacity_at",
				   s->legal_capacity_at_ms);
	}
	return rc != 0 ? rc : write_record(c, v, s, "account", &data);
}

/* The guardian's data, which go at adulthood, and the consent given. */
static int
write_guardian(struct call *c, struct vault *v, struct subject *s,
	       const struct register_guardian *g)
{
	struct consent_item consent = {.purpose = "registration",
				       .granted = true,
				       .at = g->evidence.at,
				       .by = "guardian",
				       .has_evidence = true,
				       .evidence = g->evidence};
	struct value data = value_object();
	int rc = part_add_text(&data, c->arena, "name", g->name);

	if (rc == 0) {
		rc = part_add_text(&data, c->arena, "email", g->email);
	}
	if (rc == 0) {
		rc = part_add_text(&data, c->arena, "relation", g->relation);
	}
	if (rc == 0) {
		rc = part_evidence_add(&g->evidence, c->arena, &data);
	}
	if (rc == 0) {
		rc = write_record(c, v, s, "guardian", &data);
	}
	return rc != 0 ? rc : consent_write(c, s, &consent, "register");
}

/* The age gate, then the e-mail address. */
static int
admit(struct call *c, struct vault *v, const struct subject_register_in *in,
      struct age_decision *out)
{
	struct id nobody = {{0}};
	bool taken;
	int rc;

	if (in->has_legal_capacity && !in->legal_capacity.stipulated) {
		return err_field(ERR_INVALID, "legal_capacity.stipulated",
				 "must be true where it stands");
	}
	if (in->region != NULL && memcmp(in->region, in->country, 2) != 0) {
		return err_field(ERR_INVALID, "region",
				 "not a region of that country");
	}
	rc = decide_register(c->policy, in->country, in->birth_date, c->today,
			     out);
	if (rc != 0) {
		return rc;
	}
	rc = decide_consent(out, in->has_guardian, in->has_legal_capacity);
	if (rc == ERR_UNDER_AGE || rc == ERR_CONSENT_REQUIRED) {
		return refuse(c, rc, in, out);
	}
	if (rc == 0) {
		rc = known_is_taken(v, in->contact.email, nobody, &taken);
		if (rc == ERR_INVALID) {
			return err_field(rc, "contact.email",
					 "not an e-mail address");
		}
	}
	if (rc == 0 && taken) {
		(void)err_field(ERR_EXISTS, "contact.email",
				"a customer has this e-mail address");
		return refuse(c, ERR_EXISTS, in, out);
	}
	return rc;
}

int
subject_register(struct call *c, const void *input, void *output)
{
	const struct subject_register_in *in = input;
	struct subject_register_out *out = output;
	struct vault v = call_vault(c);
	struct age_decision d;
	struct subject *s = NULL;
	int rc = admit(c, &v, in, &d);

	if (rc == 0) {
		rc = subject_make(c, &v, in, &d, &s);
	}
	if (rc == 0) {
		rc = write_contact(c, &v, s, &in->contact);
	}
	if (rc == 0) {
		rc = write_account(c, &v, s);
	}
	if (rc == 0 && s->has_guardian) {
		rc = write_guardian(c, &v, s, &in->guardian);
	}
	if (rc == 0) {
		rc = subject_save(&v, s);
	}
	if (rc == 0) {
		rc = registration_count_add(
			c,
			s->standing == STANDING_ADULT ? REGISTRATION_ADULT
						      : REGISTRATION_MINOR,
			s->country, (uint8_t)s->band, false);
	}
	if (rc != 0) {
		return rc;
	}
	out->subject = s->id;
	out->standing = (int)s->standing;
	return call_leaf(c, (struct call_leaf){.type = LEAF_REGISTER,
					       .log_slot = s->base + SLOT_LOG});
}

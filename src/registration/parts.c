/* Addresses, contacts, evidence: as they are sent, and as they are kept. */
#include "registration/parts.h"

#include "vault/normalise.h"

const struct field part_address_fields[PART_ADDRESS_FIELDS] = {
	F_PROSE(struct part_address, street, 0, 200, "street and number"),
	F_PROSE(struct part_address, city, 0, 120, "city"),
	F_MAY(struct part_address, region, FIELD_REGION, "ISO 3166-2"),
	F_PROSE(struct part_address, postal_code, 0, 20, "postal code"),
	F_MUST(struct part_address, country, FIELD_COUNTRY,
	       "ISO 3166-1 alpha-2"),
};

const struct field part_contact_fields[PART_CONTACT_FIELDS] = {
	F_PROSE(struct part_contact, name, 0, NAME_BYTES_MAX, "full name"),
	F_MUST(struct part_contact, email, FIELD_EMAIL, "e-mail address"),
	F_MAY(struct part_contact, phone, FIELD_PHONE, "telephone, E.164"),
	F_PROSE(struct part_contact, company, FIELD_OPTIONAL, NAME_BYTES_MAX,
		"company"),
	F_OBJECT_HAS(struct part_contact, address, part_address_fields,
		     "postal address"),
};

const struct field part_evidence_fields[PART_EVIDENCE_FIELDS] = {
	F_PROSE(struct part_evidence, method, 0, METHOD_BYTES_MAX,
		"how it was checked"),
	F_PROSE(struct part_evidence, reference, 0, REFERENCE_BYTES_MAX,
		"where the proof lies; no document images"),
	F_MUST(struct part_evidence, at, FIELD_TIME, "when"),
};

int
part_add_text(struct value *to, struct arena *a, const char *name,
	      const char *text)
{
	return text == NULL ? 0 : value_add(to, a, name, value_text(text));
}

int
part_add_time(struct value *to, struct arena *a, const char *name,
	      int64_t at_ms)
{
	char *text;

	if (at_ms == 0) {
		return 0;
	}
	text = arena_alloc(a, TIME_TEXT_BYTES);
	if (text == NULL) {
		return ERR_NOMEM;
	}
	return value_add(to, a, name, value_text(time_print(at_ms, text)));
}

static int
address_value(const struct part_address *p, struct arena *a, struct value *out)
{
	struct value v = value_object();
	int rc = part_add_text(&v, a, "street", p->street);

	if (rc == 0) {
		rc = part_add_text(&v, a, "city", p->city);
	}
	if (rc == 0) {
		rc = part_add_text(&v, a, "region", p->region);
	}
	if (rc == 0) {
		rc = part_add_text(&v, a, "postal_code", p->postal_code);
	}
	if (rc == 0) {
		rc = part_add_text(&v, a, "country", p->country);
	}
	if (rc == 0) {
		*out = v;
	}
	return rc;
}

int
part_contact_value(const struct part_contact *c, struct arena *a,
		   struct value *out)
{
	struct value v = value_object();
	struct value address;
	int rc = part_add_text(&v, a, "name", c->name);

	if (rc == 0) {
		rc = part_add_text(&v, a, "email", c->email);
	}
	if (rc == 0) {
		rc = part_add_text(&v, a, "phone", c->phone);
	}
	if (rc == 0) {
		rc = part_add_text(&v, a, "company", c->company);
	}
	if (rc == 0 && c->has_address) {
		rc = address_value(&c->address, a, &address);
		if (rc == 0) {
			rc = value_add(&v, a, "address", address);
		}
	}
	if (rc == 0) {
		*out = v;
	}
	return rc;
}

int
part_evidence_add(const struct part_evidence *e, struct arena *a,
		  struct value *to)
{
	int rc = part_add_text(to, a, "evidence_method", e->method);

	if (rc == 0) {
		rc = part_add_text(to, a, "evidence_reference", e->reference);
	}
	if (rc == 0) {
		rc = part_add_time(to, a, "evidence_at", e->at);
	}
	return rc;
}

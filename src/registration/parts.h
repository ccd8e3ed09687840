#ifndef REGISTRATION_PARTS_H
#define REGISTRATION_PARTS_H

#include "base/field.h"

/*
 * Shapes that several operations take: an address, a contact, evidence. As
 * structs with their field tables, and as the values that records hold.
 */
#define NAME_BYTES_MAX 200
#define REASON_BYTES_MAX 500
#define METHOD_BYTES_MAX 64
#define REFERENCE_BYTES_MAX 500

struct part_address {
	const char *street;
	const char *city;
	const char *region;
	const char *postal_code;
	const char *country;
};

struct part_contact {
	const char *name;
	const char *email;
	const char *phone;
	const char *company;
	bool has_address;
	struct part_address address;
};

/* How somebody's word was checked; never an image of a document. */
struct part_evidence {
	const char *method;
	const char *reference;
	int64_t at;
};

#define PART_ADDRESS_FIELDS 5
#define PART_CONTACT_FIELDS 5
#define PART_EVIDENCE_FIELDS 3
extern const struct field part_address_fields[PART_ADDRESS_FIELDS];
extern const struct field part_contact_fields[PART_CONTACT_FIELDS];
extern const struct field part_evidence_fields[PART_EVIDENCE_FIELDS];

/* Values of the categories `contact` and `prospect`. ERR_NOMEM. */
int part_contact_value(const struct part_contact *c, struct arena *a,
		       struct value *out) MUST_CHECK;

/* Adds evidence_method, evidence_reference, evidence_at. */
int part_evidence_add(const struct part_evidence *e, struct arena *a,
		      struct value *to) MUST_CHECK;

/* Adds a text or a time when there is one (NULL, 0: nothing). */
int part_add_text(struct value *to, struct arena *a, const char *name,
		  const char *text) MUST_CHECK;
int part_add_time(struct value *to, struct arena *a, const char *name,
		  int64_t at_ms) MUST_CHECK;

#endif

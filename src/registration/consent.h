#ifndef REGISTRATION_CONSENT_H
#define REGISTRATION_CONSENT_H

#include "call/call.h"
#include "registration/parts.h"
#include "vault/subject.h"

/*
 * consent.set and consent.list. A consent is a record of the category
 * `consent`, one for each purpose, each change a version of it. Purposes are
 * those of the policy and "offer:NAME" of its partners.
 */
struct consent_set_in {
	struct id subject;
	const char *purpose;
	bool granted;
	bool has_evidence;
	struct part_evidence evidence;
};
extern const struct field_table consent_set_in_table;
/* ERR_CONSENT_REQUIRED: the customer is under 16 and the guardian's evidence
 * is missing. */
int consent_set(struct call *c, const void *in, void *out);

struct consent_list_in {
	struct id subject;
};
struct consent_item {
	const char *purpose;
	bool granted;
	int64_t at;
	const char *by; /* "self", "guardian" */
	bool has_evidence;
	struct part_evidence evidence;
};
struct consent_list_out {
	const struct consent_item *items;
	size_t n_items;
};
extern const struct field_table consent_list_in_table;
extern const struct field_table consent_list_out_table;
int consent_list(struct call *c, const void *in, void *out);

/* Whether a consent for this purpose stands today, and whose it is: what was
 * granted under 16 stands only when the guardian granted it. */
int consent_stands(struct vault *v, const struct subject *s,
		   const char *purpose, bool *out) MUST_CHECK;

/* Whether it stood at a past moment, from the consent's history. ERR_TOO_MANY
 * when that is longer than one operation reads. */
int consent_stood(struct vault *v, const struct subject *s,
		  const char *purpose, int64_t at_ms, bool *out) MUST_CHECK;

/* Whether the person's word allows reading for a purpose: ERR_CONSENT_REQUIRED
 * where it needs a consent that does not stand, ERR_NOT_PERMITTED where they
 * have objected to it (GDPR Art. 21(1)); both with field `purpose`. */
int consent_check(struct vault *v, const struct subject *s,
		  const struct policy_purpose *purpose) MUST_CHECK;

/* Writes a consent; the caller saves the head. */
int consent_write(struct call *c, struct subject *s,
		  const struct consent_item *item,
		  const char *source) MUST_CHECK;

#endif

#ifndef REGISTRATION_KNOWN_H
#define REGISTRATION_KNOWN_H

#include "vault/subject.h"

/*
 * Who is known by an e-mail address: the customer whose contact has it, else
 * who has asked about the services with it (the same person, when they
 * register). NULL: nobody, or somebody who is being erased. A guardian's
 * address is not the child's. `but` (or nil) is passed over.
 */
int known_by_email(struct vault *v, const char *email, struct id but,
		   struct subject **out) MUST_CHECK;

/* Whether a customer other than `but` has it in the contact. */
int known_is_taken(struct vault *v, const char *email, struct id but,
		   bool *out) MUST_CHECK;

#endif

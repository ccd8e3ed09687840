#ifndef REQUEST_PERSON_H
#define REQUEST_PERSON_H

#include "request/request.h"

/*
 * Whom a request is about, by what they presented, and which other requests
 * there are of the same person or the same presented value.
 */

#define PERSON_REQUESTS_MAX 200

/* The presented values in the form in which they are compared. ERR_INVALID
 * naming identity.email or identity.phone. */
int person_normalise(struct call *c, const struct request_identity *sent,
		     struct request_identity *out) MUST_CHECK;

/* The one customer whom all presented values lead to; NULL when they lead to
 * nobody, or to several. A guardian's address leads to the child only with
 * `as_guardian`. `identity` is normalised. */
int person_match(struct call *c, const struct request_identity *identity,
		 bool as_guardian, struct subject **out) MUST_CHECK;

/* The slot of a visitor by their cookie, SLOT_NONE when there is none, or when
 * it is known whose it is. */
int person_visitor(struct call *c, const struct request_identity *identity,
		   slot_t *out_slot) MUST_CHECK;

/* Requests of a person (base SLOT_NONE: of nobody known) and those that were
 * found under a presented value, oldest first, each once, at most
 * PERSON_REQUESTS_MAX, in the arena. */
int person_requests(struct call *c, slot_t base, bool open_only,
		    const struct request_identity *identity, struct id **out,
		    size_t *out_n) MUST_CHECK;

/* Lets the request be found by these values, after an erasure too. */
int person_index(struct call *c, struct request *r,
		 const struct request_identity *identity) MUST_CHECK;

/* Puts a request back into the look-up index where it lacks: for buckets that
 * a restore found dead. No error when it is gone. */
int person_index_again(struct call *c, struct id request) MUST_CHECK;

/* The e-mail address and telephone on record, as they were at a moment (or
 * the oldest known); NULL members where there are none. */
int person_contact(struct call *c, const struct subject *s, int64_t before_ms,
		   struct request_identity *out) MUST_CHECK;

/* The same of the guardian, if one was on record by then. */
int person_guardian(struct call *c, const struct subject *s, int64_t before_ms,
		    struct request_identity *out) MUST_CHECK;

#endif

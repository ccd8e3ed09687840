#ifndef NINETY_ERRORS_H
#define NINETY_ERRORS_H

/* The status codes of a reply, as docs/protocol.md lists them. The second
 * column is the word on the wire, the third the sentence that a caller may
 * always see. */
#define NINETY_STATUSES(X)                                                    \
	X(INVALID, "invalid", "a member of the request is not acceptable")    \
	X(UNKNOWN_OPERATION, "unknown_operation", "there is no such operation") \
	X(UNSUPPORTED_VERSION, "unsupported_version",                         \
	  "this protocol version is not spoken here")                         \
	X(DENIED, "denied", "this caller may not do that")                    \
	X(NOT_FOUND, "not_found", "there is nothing by that name")            \
	X(EXISTS, "exists", "it exists already")                              \
	X(CONFLICT, "conflict", "this id was used for another call")          \
	X(STATE, "state", "its present state does not allow that")            \
	X(UNDER_AGE, "under_age", "the person is too young to register")      \
	X(CONSENT_REQUIRED, "consent_required",                               \
	  "a guardian's consent or legal capacity is required")               \
	X(NOT_PERMITTED, "not_permitted", "the policy does not permit that")  \
	X(HELD, "held", "a legal hold covers all of it")                      \
	X(EXPIRED, "expired", "what this held is gone")                       \
	X(TOO_LARGE, "too_large", "the message is too large")                 \
	X(TOO_MANY, "too_many", "there are too many of them")                 \
	X(BUSY, "busy", "try again later, with the same id")                  \
	X(UNAVAILABLE, "unavailable", "this is not available at present")     \
	X(INTERNAL, "internal", "the service failed; the operator was told")

#endif

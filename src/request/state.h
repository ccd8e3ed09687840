#ifndef REQUEST_STATE_H
#define REQUEST_STATE_H

#include "base/err.h"

/*
 * The life of a request, as a table: which action is allowed in which state
 * and where it leads. Pure.
 */

/* Stored: never renumber. */
enum request_state {
	REQUEST_OPEN = 0,
	REQUEST_VERIFYING = 1,
	REQUEST_IN_PROGRESS = 2,
	REQUEST_FULFILLED = 3,
	REQUEST_DENIED = 4,
	REQUEST_REVOKED = 5,
	REQUEST_EXPIRED = 6,
	REQUEST_STATES = 7
};

extern const char *const request_state_names[]; /* NULL-terminated */

enum request_action {
	ACTION_CHALLENGE,
	ACTION_VERIFY,
	ACTION_CONFIRM,
	ACTION_NOTIFY,
	ACTION_EXTEND,
	ACTION_PAUSE, /* and resume */
	ACTION_CORRECT,
	ACTION_DENY,
	ACTION_REVOKE,
	ACTION_FULFIL,
	ACTION_EXPIRE,
	ACTION_ASSIGN,
	ACTION_NOTE,
	ACTION_EXPORT,
	REQUEST_ACTIONS
};

/* Whether it still waits for an answer. */
bool state_is_open(enum request_state s);

/* Where the action leads. ERR_STATE with the member `state`. */
int state_after(enum request_state from, enum request_action action,
		enum request_state *out_to) MUST_CHECK;

/* Refuses with the present state as a member; `text` says why. */
int state_refuse(enum request_state s, const char *text);

/* The same, and from when on it will be allowed. */
int state_refuse_until(enum request_state s, const char *text,
		       int64_t not_before_ms) MUST_CHECK;

#endif

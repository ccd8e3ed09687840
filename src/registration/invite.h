#ifndef REGISTRATION_INVITE_H
#define REGISTRATION_INVITE_H

#include "call/call.h"
#include "registration/parts.h"

/*
 * Friends, invited once each: invite.create and invite.take. An invitation is
 * a row sealed under a slot of its own; the friend's contact is handed out
 * once. Until the policy's time is over the look-up index knows, by a keyed
 * hash, that this address was invited; then slot, row and hash go.
 *
 *	TABLE_INVITE: invite id -> slot 8 || sealed {inviter, until, bucket,
 *		taken, name, email}
 *
 * "automatically send the friend a one-time email inviting him or her"
 * (statement, Public forums, refer a friend, paragraph 2).
 */
struct invite_friend {
	const char *name;
	const char *email;
};

struct invite_create_in {
	struct id subject;
	struct invite_friend friend;
};
struct invite_create_out {
	struct id invite;
	int64_t expires_at;
};
extern const struct field_table invite_create_in_table;
extern const struct field_table invite_create_out_table;
/* ERR_EXISTS: invited already, by whomever. */
int invite_create(struct call *c, const void *in, void *out);

struct invite_take_in {
	struct id invite;
};
struct invite_take_out {
	struct invite_friend friend;
};
extern const struct field_table invite_take_in_table;
extern const struct field_table invite_take_out_table;
/* ERR_NOT_FOUND: taken before, over, or never made. */
int invite_take(struct call *c, const void *in, void *out);

/* Takes an invitation away whole: the row, and its entry in the index. The
 * caller destroys out_slots (ERASURE: erasure_queue). No error and no slots
 * when it is gone already. */
#define INVITE_SLOTS 2
int invite_drop(struct call *c, struct id id,
		slot_t out_slots[INVITE_SLOTS], size_t *out_n) MUST_CHECK;

/* Puts it back into the look-up index where it lacks: for buckets that a
 * restore found dead. No error when it is gone. */
int invite_index_again(struct call *c, struct id invite) MUST_CHECK;

/* Timed: what is over goes, some at a time. */
int invite_expire(struct call *c, bool *out_more);

#endif

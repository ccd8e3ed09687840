#ifndef REQUEST_NOTICE_H
#define REQUEST_NOTICE_H

#include "call/call.h"

/*
 * What somebody must still be told: a person of what became of a request, a
 * recipient of a change or an erasure (GDPR Art. 19), the house of a date that
 * comes near.
 *
 *	TABLE_NOTICE: notice id 16 -> slot 8 || kind 1 || acknowledged 1 ||
 *	              sealed {about, subject, recipient, request, times, shares}
 *
 * Nothing of a person beyond ids. Kept for the policy's time after it was
 * acknowledged.
 */

/* Stored: never renumber. */
enum notice_kind { NOTICE_PERSON = 0, NOTICE_RECIPIENT = 1, NOTICE_ALARM = 2 };

extern const char *const notice_kind_names[4]; /* NULL-terminated */

#define NOTICE_SHARES_MAX 200
#define NOTICE_LIMIT_DEFAULT 100
#define NOTICE_LIMIT_MAX 1000

struct notice {
	struct id id;
	slot_t slot;
	enum notice_kind kind;
	bool is_acknowledged;
	const char *about; /* "denied", "erasure", "day-25", ... */
	struct id subject; /* nil */
	const char *recipient; /* name in the policy, or NULL */
	struct id request; /* nil */
	int64_t created_at_ms;
	int64_t acknowledged_at_ms; /* 0 */
	const char *acknowledged_by;
	const struct id *shares; /* by which the recipient knows whose it is */
	size_t n_shares;
};

/* Writes a new one: id, slot and time are set here. Leaf: `notice`. */
int notice_create(struct call *c, struct notice *n) MUST_CHECK;

/* ERR_NOT_FOUND. */
int notice_load(struct call *c, struct id id, struct notice *out) MUST_CHECK;

/* Takes it away and its key with it. */
int notice_end(struct call *c, struct id id) MUST_CHECK;

/* One that nobody has acknowledged. */
struct notice_waiting {
	enum notice_kind kind;
	int64_t since_ms;
	const char *recipient; /* of that kind; until `each` returns */
};

/* All that wait, the oldest first; calls `each` until it returns an error. */
int notice_each_waiting(struct call *c,
			int (*each)(void *ctx, const struct notice_waiting *),
			void *ctx) MUST_CHECK;

struct notice_list_in {
	int kind;
	bool has_kind;
	int state;
	bool has_state;
	int64_t limit;
	bool has_limit;
	const char *cursor;
};
struct notice_item {
	struct id notice;
	int kind;
	const char *about;
	struct id subject;
	const char *recipient;
	struct id request;
	int64_t created_at;
	int state;
	int64_t acknowledged_at;
	const char *acknowledged_by;
	const struct id *shares;
	size_t n_shares;
};
struct notice_list_out {
	const struct notice_item *items;
	size_t n_items;
	const char *next;
};
extern const struct field_table notice_list_in_table;
extern const struct field_table notice_list_out_table;
/* Over a snapshot. The portal sees those to persons, billing those to
 * recipients, compliance all: ERR_DENIED for another kind. */
int notice_list(struct call *c, const void *in, void *out);

struct notice_acknowledge_in {
	struct id notice;
};
extern const struct field_table notice_acknowledge_in_table;
/* ERR_NOT_FOUND also for one of another's kind; ERR_STATE when it was. */
int notice_acknowledge(struct call *c, const void *in, void *out);

#endif

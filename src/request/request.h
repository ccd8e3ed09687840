#ifndef REQUEST_REQUEST_H
#define REQUEST_REQUEST_H

#include "call/call.h"
#include "policy/deadline.h"
#include "registration/parts.h"
#include "request/alarm.h"
#include "request/cover.h"
#include "request/state.h"
#include "vault/subject.h"

/*
 * A request of a data subject, under a key of its own, so that its record
 * outlives an erasure for the policy's time.
 *
 *	TABLE_REQUEST: request id 16 -> slot 8 || sealed body
 *
 * Its leaves are committed to under that slot too, so that their openings
 * (TABLE_HISTORY: slot, leaf index) serve for receipts when the person is
 * gone. What reports and lists need stands in covering rows, request/cover.h;
 * what happens by itself, in request/alarm.h.
 */
enum request_channel {
	CHANNEL_PORTAL,
	CHANNEL_EMAIL,
	CHANNEL_PHONE,
	CHANNEL_POST,
	CHANNEL_AGENT
};

/* NULL-terminated. */
extern const char *const request_type_names[4];
extern const char *const request_channel_names[6];
extern const char *const acting_kind_names[3];

#define REQUEST_VISITOR_BYTES_MAX 128
#define REQUEST_MESSAGE_BYTES_MAX 2000
#define REQUEST_NOTE_BYTES_MAX 2000
#define REQUEST_BODY_BYTES_MAX (VALUE_BYTES_MAX - 256) /* packed */
#define REQUEST_LIST_MAX 200 /* of each list within a request */
/* Of these, what only a request that moves on may use: codes, its end, and
 * that the person was told of it. */
#define REQUEST_EVENTS_OF_END 32
#define REQUEST_EVENTS_OF_REST 8 /* of one that has ended */
#define REQUEST_SEEN_MAX 16
#define REQUEST_BUCKETS_MAX 4
#define REQUEST_REPLY_KEY_BYTES 32
#define REQUEST_PAUSES_MAX 32

struct request_identity {
	const char *email;
	const char *phone;
	const char *visitor;
};
#define REQUEST_IDENTITY_FIELDS 3
extern const struct field request_identity_fields[REQUEST_IDENTITY_FIELDS];

struct request_acting {
	int kind; /* index into acting_kind_names */
	const char *name;
	const char *email;
	struct part_evidence evidence;
};

struct request_change {
	const char *category;
	struct id record;
	struct value data;
};

struct request_event {
	int64_t at;
	int state; /* enum request_state after it */
	const char *by; /* a principal's name; "service" by itself */
	const char *event;
	const char *reason;
};

struct request_note {
	int64_t at;
	const char *by;
	const char *text;
};

/* Its dates as they stood until something changed them: what a report of an
 * earlier moment goes by. */
struct request_dates {
	int64_t until_ms;
	enum policy_request_type type;
	int64_t received_at_ms;
	int64_t due_at_ms;
	int64_t legal_due_at_ms; /* 0: none */
	const char *regime;      /* NULL: the house alone */
};

struct request_notified {
	int kind;
	int64_t at;
};

struct request_erased {
	const char *category;
	int64_t records;
};

struct request_kept {
	const char *category;
	const char *basis;
	date_t until;
	bool has_until;
};

struct request {
	struct id id;
	slot_t slot;
	enum policy_request_type type;
	enum request_state state;
	struct id subject;   /* nil: matches nobody */
	slot_t subject_base; /* SLOT_NONE */
	slot_t visitor_slot; /* of a visitor whom nobody knows; SLOT_NONE */
	struct request_identity identity; /* as presented */
	enum request_channel channel;
	uint8_t print[32]; /* of the body: the same request again */

	const char *given_regime; /* NULL */
	const char *regime;       /* that decides, NULL: the house alone */
	const char *country;
	const char *region;
	int64_t submitted_at_ms;
	int64_t received_at_ms;
	int64_t due_at_ms;
	int64_t legal_due_at_ms; /* 0: none */
	int64_t confirm_by_ms;   /* 0: not asked for */
	bool extended;
	struct deadline_pause *pauses;
	size_t n_pauses;
	struct id duplicate_of;

	bool has_acting;
	struct request_acting acting;
	bool has_change;
	struct request_change change;
	bool has_reply_key;
	uint8_t reply_key[REQUEST_REPLY_KEY_BYTES];

	const char *assignee; /* NULL */
	uint32_t assignee_number;
	int64_t confirmed_at_ms;

	const char *code; /* NULL: none */
	int64_t code_expires_ms;
	uint32_t code_tries;
	uint32_t challenges;
	uint32_t code_seen[REQUEST_SEEN_MAX]; /* principals */
	size_t n_code_seen;
	int64_t verified_at_ms;
	const char *method;
	bool has_evidence;
	struct part_evidence evidence;

	int64_t closed_at_ms;
	const char *reason;  /* of the denial */
	const char *message; /* for the person */
	struct request_erased *erased;
	size_t n_erased;
	struct request_kept *kept;
	size_t n_kept;
	struct id *told; /* notices to recipients that it led to */
	size_t n_told;
	struct id job; /* that is fulfilling it; nil */

	slot_t bundle_slot; /* SLOT_NONE */
	uint32_t bundle_parts;
	int64_t bundle_bytes;

	int64_t alarms[ALARM_KINDS]; /* by enum alarm_kind; 0: none */

	/* The leaf that a receipt proves: of its end, or its submission. */
	uint8_t receipt_type; /* enum leaf_type */
	uint64_t receipt_index;

	struct request_event *events;
	size_t n_events;
	struct request_dates *past; /* oldest first */
	size_t n_past;
	struct request_note *notes;
	size_t n_notes;
	struct request_notified *notified;
	size_t n_notified;
	uint32_t buckets[REQUEST_BUCKETS_MAX]; /* of the look-up index */
	size_t n_buckets;

	/* As it lies in the store: what request_save must take away. */
	struct {
		bool exists;
		bool is_open;
		struct request_dates dates;
		int64_t alarms[ALARM_KINDS];
	} stored;
};

/* A fresh one with a slot of its own, nothing written. ERR_BUSY. */
int request_new(struct call *c, struct request **out) MUST_CHECK;

/* ERR_NOT_FOUND. The call is about it from then on: refusals and the stored
 * reply lie under its slot. */
int request_load(struct call *c, struct id id,
		 struct request **out) MUST_CHECK;

/* The same for reports and lists; the call's slots stay. */
int request_peek(struct call *c, struct id id,
		 struct request **out) MUST_CHECK;

/* Writes the row and whatever follows from it: covering rows, alarms, what
 * the person has open. */
int request_save(struct call *c, struct request *r) MUST_CHECK;

/* The row alone, into the trace: for tries that count although the operation
 * fails. */
int request_save_trace(struct call *c, const struct request *r) MUST_CHECK;

/* Removes every row of it but those of the log; its slot, and those of its
 * index buckets, are queued for destruction. */
int request_end(struct call *c, struct request *r) MUST_CHECK;

/* ERR_TOO_MANY when it holds so much that only its end has room left, or what
 * comes by itself after that: nothing that was noted may keep it from being
 * answered, or the rest of what was kept from being erased. */
int request_room(const struct request *r) MUST_CHECK;

/* Moves it by the table of states and adds to its history. */
int request_act(struct call *c, struct request *r, enum request_action action,
		const char *event, const char *reason) MUST_CHECK;

/* Computes the dates anew from what stands in it, and the next alarm after
 * now. */
int request_redate(struct call *c, struct request *r) MUST_CHECK;

/* What the dates are computed from. A named regime that the policy has no more
 * is passed over. */
struct deadline_facts request_facts(const struct policy *p,
				    const struct request *r,
				    int64_t as_of_ms);

/* ERR_INVALID, field `regime`, for one that the policy does not have. */
int request_regime_check(const struct call *c, const char *name) MUST_CHECK;

/* What its covering row says. */
void request_cover_of(const struct request *r, struct request_cover *out);

/* What that row said at a past moment. The assignee of then is given by name
 * (NULL: nobody), valid as long as the request. */
void request_cover_then(const struct request *r, int64_t at_ms,
			struct request_cover *out, const char **out_assignee);

/* Gathers a leaf of this type about it. `more` (or NULL): details beside id
 * and type; nothing personal. Leaves of a beginning or an end are what the
 * receipt proves: to be gathered before request_save. */
int request_leaf(struct call *c, struct request *r, enum leaf_type type,
		 const struct value *more) MUST_CHECK;

/* What its end means: closed_at, the end of the record, the count. To be
 * called after the state has moved. */
int request_closed(struct call *c, struct request *r) MUST_CHECK;

/* One more of the list, of `size` bytes each, in the arena. ERR_TOO_MANY. */
int request_push(struct call *c, void *list_pointer, size_t *n,
		 const void *item, size_t size) MUST_CHECK;

/* Who calls: a principal's name, or "service". */
const char *request_by(const struct call *c);

/* The packed body, for request_row.c's callers and the fuzzer. */
int request_pack(const struct request *r, struct buf *to) MUST_CHECK;
int request_unpack(struct bytes from, struct arena *a,
		   struct request *out) MUST_CHECK;

#endif

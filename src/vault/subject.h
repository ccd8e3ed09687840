#ifndef VAULT_SUBJECT_H
#define VAULT_SUBJECT_H

#include "policy/decide.h"
#include "vault/vault.h"

/* Of the sealed head: raised whenever its layout changes. */
#define SUBJECT_SCHEMA 2

/*
 * A person's head: what the service must know to decide, and no more.
 *
 *	TABLE_SUBJECT: subject id 16 ->
 *		base slot 8 || held slot 8 || slot of the head 8 || sealed head
 *
 * The head is sealed under PROFILE; when that slot goes before the others, the
 * eraser seals it again under one that lives (head_slot).
 */
enum subject_standing { STANDING_ADULT, STANDING_MINOR, STANDING_PROSPECT };
enum account_state { ACCOUNT_OPEN, ACCOUNT_BLOCKED, ACCOUNT_CLOSED };

extern const char *const subject_standing_names[]; /* NULL-terminated */
extern const char *const account_state_names[];

#define SUBJECT_BUCKETS_MAX 512
#define HOLD_MARK_BYTES 32 /* one bit a category's id */
/* Bits of dead_slots: 1 << enum slot_part, and this one. */
#define SUBJECT_HELD_BIT (1u << SLOT_PARTS)

struct subject {
	struct id id;
	slot_t base;      /* + enum slot_part */
	slot_t held;      /* SLOT_NONE: nothing was ever held */
	slot_t held_old;  /* the one before, while it is being emptied, first
			     of all into `held`; SLOT_NONE */
	slot_t head_slot; /* which slot seals the head */

	enum subject_standing standing;
	enum age_band band; /* as stored; subject_band says today's */
	date_t next_band;   /* first day of the month in which the next
				    band begins; 0 for adults */
	bool has_guardian;
	bool has_legal_capacity;
	int64_t legal_capacity_at_ms;

	enum account_state account;
	int64_t account_since_ms;
	const char *account_reason; /* NULL */
	date_t account_end;         /* day it was closed; DAY_NONE */
	/* Closed, and records are still being given their day. */
	bool account_moving;

	bool erasing;        /* marked for erasure: nobody reads any more */
	unsigned dead_slots; /* destroyed already */
	uint8_t hold_marks[HOLD_MARK_BYTES]; /* hold_mark.h */

	const char *country;       /* NULL for prospects who named none */
	const char *region;        /* NULL */
	const char *terms_version; /* NULL */
	int64_t terms_at_ms;
	int64_t created_at_ms;
	int64_t last_activity_ms; /* to the day */

	uint32_t *buckets; /* of the index, past ones too */
	size_t n_buckets;
};

/* A fresh person with four slots, in the arena; nothing is written before
 * subject_save. ERR_BUSY: the key tree must grow first. */
int subject_create(struct vault *v, enum subject_standing standing,
		   struct subject **out) MUST_CHECK;

/* ERR_NOT_FOUND: no such person, or erased. ERR_STATE with `state` "erasing":
 * marked for erasure. */
int subject_load(struct vault *v, struct id id,
		 struct subject **out) MUST_CHECK;

/* Who was erased but for what must be kept is there to be read: nothing is
 * written of them any more. ERR_STATE with `state` "erased". */
int subject_need_whole(const struct subject *s) MUST_CHECK;

/* Also people who are being erased: for the erasure itself. */
int subject_load_erasing(struct vault *v, struct id id,
			 struct subject **out) MUST_CHECK;

int subject_save(struct vault *v, const struct subject *s) MUST_CHECK;

/* Takes the row away. The keys are destroyed by the erasure batch. */
int subject_delete(struct vault *v, struct id id) MUST_CHECK;

/* Reads a row of TABLE_SUBJECT that a range gave: for reports and steps over
 * all people. Erasing ones too. ERR_NOT_FOUND: its slot is dead. */
int subject_open_row(struct vault *v, struct bytes key, struct bytes row,
		     struct subject **out) MUST_CHECK;

/* The band of today, also where the stored one has not moved on yet. */
enum age_band subject_band(const struct policy *p, const struct subject *s,
			   date_t today);

/* The standing of today: a minor whose last band ended is an adult. */
enum subject_standing subject_standing_on(const struct policy *p,
					  const struct subject *s,
					  date_t today);

/* The first day on which this minor is surely an adult (the month after the
 * one of the birthday); DAY_NONE for adults and prospects. */
date_t subject_adult_on(const struct policy *p, const struct subject *s);

/* Remembers a bucket number. ERR_TOO_MANY after SUBJECT_BUCKETS_MAX. */
int subject_add_bucket(struct vault *v, struct subject *s,
		       uint32_t bucket) MUST_CHECK;

/* The slot under which a category of this person lies. */
slot_t subject_slot(const struct subject *s, const struct policy_category *c);

/* Every slot under which rows of it may lie, SLOT_NONE where there is none.
 * Rows move from earlier places to later ones alone: who looks in this order
 * may see one twice, but misses none. */
#define SUBJECT_PLACES 3
slot_t subject_place(const struct subject *s, const struct policy_category *c,
		     unsigned place);

/* Whether it is one of the person's HELD slots: rows there have no day. */
bool subject_is_held_slot(const struct subject *s, slot_t slot);

/* The HELD slot, taken when there is none yet; the caller saves the head. */
int subject_need_held(struct vault *v, struct subject *s) MUST_CHECK;

/* Adds the person to what TABLE_OF_SUBJECT knows by this kind: shares,
 * requests, notices. The rows are kind 1 || base slot 8 || id 16. */
enum of_subject {
	OF_SUBJECT_SHARE = 1,
	OF_SUBJECT_REQUEST = 2,
	OF_SUBJECT_NOTICE = 3,
	OF_SUBJECT_HOLD = 4,
	OF_SUBJECT_VISITOR = 5, /* id: index_owner_of_slot(its slot) */
	OF_SUBJECT_INVITE = 6,
	/* Those of OF_SUBJECT_REQUEST that are open, for subject.status: taken
	 * out when a request ends. */
	OF_SUBJECT_OPEN_REQUEST = 7
};

int of_subject_add(struct txn *t, enum of_subject kind, slot_t base,
		   struct id id) MUST_CHECK;
int of_subject_remove(struct txn *t, enum of_subject kind, slot_t base,
		      struct id id) MUST_CHECK;
/* The ids after `after` (nil: from the first), in order, at most `max`, in the
 * arena. */
int of_subject_list(struct txn *t, struct arena *a, enum of_subject kind,
		    slot_t base, struct id after, size_t max, struct id **out,
		    size_t *out_n) MUST_CHECK;

/* Where a visitor's events lie that a hold covers, from the clear part of the
 * row (navigation/visitor.h); SLOT_NONE. */
int visitor_held_slot(struct txn *t, slot_t visitor, slot_t *out) MUST_CHECK;

#endif

#ifndef NAVIGATION_VISITOR_H
#define NAVIGATION_VISITOR_H

#include "call/call.h"
#include "navigation/chunk.h"
#include "vault/subject.h"

/*
 * A visitor: somebody who is known by a cookie alone. All that is kept of one
 * lies under one slot; the look-up index leads from the cookie to it, and once
 * identified a row of the customer does. So a past is never rewritten, and one
 * key ends it. What a legal hold covers lies under a second slot (held.h).
 *
 *	TABLE_VISITOR: slot 8 -> slot of the head 8 || held slot 8 || sealed
 *		{subject, base slot, bucket, since, cookie}
 *	TABLE_VISIT: slot 8 || day 4 || chunk id 16 -> day of its key 4 ||
 *		sealed {due day 4, events}
 *	TABLE_OF_SUBJECT: OF_SUBJECT_VISITOR, index_owner_of_slot(slot)
 *
 * `day` is that of the events in the house's zone, `due` the one from which
 * they are not read, and whose key seals them too, but under the held slot.
 * The cookie is there for the index: a restore may find its bucket dead.
 */
#define VISITOR_BYTES_MAX 128

struct visitor {
	slot_t slot;
	slot_t held;       /* SLOT_NONE: no hold covers the visitor */
	slot_t head_slot;  /* seals the head: `slot`; once that is dead, held */
	struct id subject; /* nil: nobody knows whose */
	slot_t base;       /* of the subject, or SLOT_NONE */
	uint32_t bucket;   /* of the look-up index */
	int64_t since_ms;
	const char *cookie; /* NULL once the customer was erased */
};

/* The slot of a cookie's visitor, SLOT_NONE when there is none (or none any
 * more). */
int visitor_find(struct vault *v, const char *cookie,
		 slot_t *out_slot) MUST_CHECK;

/* The visitor, made when there is none. */
int visitor_need(struct vault *v, const char *cookie,
		 struct visitor *out) MUST_CHECK;

/* Puts the visitor back into the look-up index where it lacks: for buckets
 * that a restore found dead. No error when the key is gone. */
int visitor_index_again(struct vault *v, slot_t slot) MUST_CHECK;

/* ERR_NOT_FOUND: erased. */
int visitor_load(struct vault *v, slot_t slot, struct visitor *out) MUST_CHECK;
int visitor_save(struct vault *v, const struct visitor *visitor) MUST_CHECK;

/* The slots of a customer's visitors, in order, at most `max`, those after
 * `after` (SLOT_NONE: from the first). */
int visitors_of(struct txn *t, struct arena *a, slot_t base, slot_t after,
		size_t max, slot_t **out, size_t *out_n) MUST_CHECK;

/*
 * For an erasure. First, while the visitor's key lives: takes it out of the
 * look-up index; the caller destroys out_slots, its own last of them. With
 * `keeps` what lies under the held slot stays, and the head with it.
 */
#define VISITOR_SLOTS 4
int visitor_unindex(struct vault *v, slot_t slot, bool keeps,
		    slot_t out_slots[VISITOR_SLOTS], size_t *out_n) MUST_CHECK;
/* Then, when the keys are dead: removes the rows, at most `max` chunks (two
 * writes each), and counts the chunks; *out_more: call again. `base` is the
 * customer's, or SLOT_NONE. */
int visitor_forget(struct vault *v, slot_t slot, slot_t base, size_t max,
		   size_t *out_chunks, bool *out_more) MUST_CHECK;

/* Takes the visitor's row away, and the customer's to it. */
int visitor_delete(struct vault *v, slot_t slot, slot_t base) MUST_CHECK;

/* Seals events of one day under the visitor and the day they expire, or under
 * the held slot; *out_n as chunk_pack. ERR_EXPIRED: that day is dead. */
int visit_write(struct vault *v, const struct visitor *visitor, date_t day,
		date_t due, const struct visit_event *const *events, size_t n,
		size_t *out_n) MUST_CHECK;

/* A chunk's place among those of its visitor. */
struct visit_chunk {
	slot_t slot;
	date_t day;
	struct id id;
	date_t sealed; /* the day whose key seals it too; DAY_NONE */
	date_t due;
};

#define VISIT_KEY_BYTES (8 + 4 + 16)

/* Reads a row of TABLE_VISIT. ERR_CORRUPT; ERR_EXPIRED: its key or day is
 * dead, or its day is due (`chunk` is filled in all the same). */
int visit_open(struct vault *v, struct bytes key, struct bytes row,
	       struct visit_chunk *out_chunk, struct visit_event **out,
	       size_t *out_n) MUST_CHECK;

/* The first row of a slot, in the arena: 1; 0 when there is none; an error. */
int visit_first(struct vault *v, slot_t slot, struct bytes *out_key,
		struct bytes *out_row) MUST_CHECK;

/* Seals a chunk again under another slot, with its day or (held) without, and
 * drops the old row. ERR_EXPIRED: a key is dead. */
int visit_move(struct vault *v, struct bytes key, struct bytes row,
	       slot_t slot, bool held) MUST_CHECK;

/* Removes one row and its note of expiry. */
int visit_delete(struct vault *v, struct bytes key,
		 struct bytes row) MUST_CHECK;

#endif

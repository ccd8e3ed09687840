#ifndef VAULT_INDEX_H
#define VAULT_INDEX_H

#include "vault/vault.h"

/*
 * The look-up index, erasable. A keyed hash (of SLOT_INDEX_ROUTE) of the
 * normalised value chooses a bucket; a bucket is one row,
 *
 *	TABLE_BUCKET: bucket number 4 -> slot 8 || sealed, padded list
 *
 * of {keyed hash, kind and id of the owner, tag}. Erasing an owner seals what
 * remains under a fresh slot and destroys the old one: then all older copies of
 * the row, in free pages and backups, open with nothing and name nobody.
 *
 * Whoever adds an owner keeps the bucket numbers beside the owner, past ones
 * too (subject.h does it for people): they are what an erasure must move.
 */
enum index_kind {
	INDEX_OF_EMAIL = 1,
	INDEX_OF_PHONE = 2,
	INDEX_OF_VISITOR = 3
};

/* Stored: never renumber. */
enum index_owner {
	OWNER_SUBJECT = 1,
	OWNER_VISITOR = 2,
	OWNER_REQUEST = 3,
	OWNER_INVITE = 4
};

struct index_entry {
	enum index_owner kind;
	struct id owner;
	/* Tells entries of one owner under one value apart: the category's id
	 * for people, 0 for others. */
	uint8_t tag;
};

#define INDEX_BUCKETS_DEFAULT (1u << 16)
#define INDEX_BUCKETS_MAX (1u << 20)
/* Of one bucket; more is ERR_TOO_MANY. */
#define INDEX_ENTRIES_MAX 2800
#define INDEX_HITS_MAX 64

/* How many buckets this store has: a setting in TABLE_SYSTEM, made once, by
 * init. A power of two up to INDEX_BUCKETS_MAX: ERR_INVALID; ERR_STATE when
 * the index is not empty. */
int index_set_buckets(struct vault *v, uint32_t buckets) MUST_CHECK;

/* Adds the entry (again: no effect). *out_bucket must be kept with the owner.
 * ERR_TOO_MANY: the bucket is full. ERR_BUSY: no slots are left just now. */
int index_add(struct vault *v, enum index_kind kind, const char *value,
	      const struct index_entry *entry, uint32_t *out_bucket) MUST_CHECK;

/* All entries under the value, in the arena, at most INDEX_HITS_MAX; 0 and no
 * entries when there are none. */
int index_find(struct vault *v, enum index_kind kind, const char *value,
	       struct index_entry **out, size_t *out_n) MUST_CHECK;

/* Takes an entry out, seals the rest again under the same slot: for a changed
 * value. Older copies of the row still open until the owner is erased. No
 * error when it is not there. */
int index_remove(struct vault *v, enum index_kind kind, const char *value,
		 const struct index_entry *entry) MUST_CHECK;

/* For an erasure: seals the bucket without any entry of this owner under a
 * fresh slot. *out_old is the slot to destroy once this is durable, SLOT_NONE
 * when the bucket has no row. Call it for each bucket that the owner ever was
 * in, also when it is not in it any more. */
int index_move_without(struct vault *v, uint32_t bucket, enum index_owner kind,
		       struct id owner, slot_t *out_old) MUST_CHECK;

/* The same for the entries of one tag: of a category that went before the rest
 * of the person. SLOT_NONE, and nothing moved, when the bucket has none. */
int index_move_without_tag(struct vault *v, uint32_t bucket,
			   enum index_owner kind, struct id owner, uint8_t tag,
			   slot_t *out_old) MUST_CHECK;

/* For a restored store: takes away a row of TABLE_BUCKET whose slot is dead,
 * so that the bucket can be filled again. */
int index_drop_dead(struct vault *v, struct bytes key, struct bytes row,
		    bool *out_dropped) MUST_CHECK;

/* A visitor is known by a slot: as an owner's id and back. */
struct id index_owner_of_slot(slot_t slot);
slot_t index_slot_of_owner(struct id owner);

#endif

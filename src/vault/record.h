#ifndef VAULT_RECORD_H
#define VAULT_RECORD_H

#include "base/value.h"
#include "vault/seal.h"
#include "vault/subject.h"

/*
 * What is held of a person: records by category, each with its versions.
 *
 *	TABLE_RECORD: slot 8 || category 1 || record id 16 || version 4 ->
 *		day 4 || sealed {data, collected_at, collected_with, source,
 *		by, due}
 *
 * `day` is the day whose key seals it too (DAY_NONE: none), `due` the day from
 * which it must not be read. They differ while a record is held: it lies under
 * the HELD slot without a day, and is read for the purpose `legal` alone once
 * it is due.
 */
struct record {
	slot_t slot;                            /* where the row lies */
	const struct policy_category *category; /* NULL: not in the policy
						   any more */
	uint8_t category_id;
	struct id id;
	uint32_t version;
	date_t day;
	date_t due;
	struct value data; /* an object */
	int64_t collected_at_ms;
	const char *collected_with; /* an offer's name, or NULL */
	const char *source; /* how it came: "register", "write", "request" */
	uint32_t by;        /* number of the principal */
	size_t row_bytes;   /* as stored: for the bounds of a step */
};

#define RECORD_DATA_BYTES_MAX 65536 /* as compact JSON */
#define RECORD_PAGE_MAX 1000
#define RECORD_KEY_BYTES (8 + 1 + 16 + 4)

struct record_new {
	const struct policy_category *category;
	const struct value *data;
	struct id record;        /* nil: a new one (categories with one record a
			     person: its next version) */
	int64_t collected_at_ms; /* 0: now */
	const char *collected_with;
	const char *source;
	uint32_t by;
};

struct record_written {
	struct id record;
	uint32_t version;
	date_t due;            /* DAY_NONE */
	int64_t expires_at_ms; /* 0 without a due day */
};

/*
 * Checks `data` against the fields of its category: ERR_INVALID naming
 * data.FIELD (unknown or missing, wrong type, too long, no Luhn number, a card
 * number in free text); ERR_TOO_LARGE.
 */
int record_check(const struct policy_category *c,
		 const struct value *data) MUST_CHECK;

/* The day from which a record of this category, collected then, must not be
 * read: by the policy, the end of the account and, where the policy says so,
 * the month in which a minor is an adult. DAY_NONE: no end yet. */
date_t record_due_day(const struct vault *v, const struct subject *s,
		      const struct policy_category *c, int64_t collected_at_ms);

/*
 * Checks and writes a new record or version, keeps the look-up index in step,
 * notes the day of expiry. `s` gets bucket numbers: the caller saves the head.
 * Also ERR_NOT_FOUND with field `record`, ERR_EXPIRED (the day is dead), what
 * index_add says.
 */
int record_write(struct vault *v, struct subject *s,
		 const struct record_new *in,
		 struct record_written *out) MUST_CHECK;

/* Puts the indexed members of one record back into the look-up index, where
 * they lack: for buckets that a restore found dead. */
int record_index_again(struct vault *v, struct subject *s,
		       const struct policy_category *c,
		       const struct value *data) MUST_CHECK;

enum record_list_flag {
	RECORD_LIST_DUE = 1,     /* held ones too that are due already */
	RECORD_LIST_VERSIONS = 2 /* all versions, not the newest alone */
};

struct record_query {
	const struct policy_category *const *categories;
	size_t n_categories; /* 0: all of the policy */
	unsigned flags;
	size_t limit;       /* 1 to RECORD_PAGE_MAX */
	const char *cursor; /* of an earlier page, or NULL */
};

/*
 * Records of a person, newest first within a category, in the arena: the
 * newest versions that may be read today. *out_next is the cursor of the next
 * page, NULL at the end. A page may be short (even empty) and have a next one.
 * ERR_INVALID with field `cursor`.
 */
int record_list(struct vault *v, const struct subject *s,
		const struct record_query *q, struct record **out,
		size_t *out_n, const char **out_next) MUST_CHECK;

/* The newest version of one record. ERR_NOT_FOUND, also from its due day on. */
int record_read(struct vault *v, const struct subject *s,
		const struct policy_category *c, struct id record,
		struct record **out) MUST_CHECK;

/* The newest record of a category, for those with one record a person.
 * ERR_NOT_FOUND. */
int record_read_single(struct vault *v, const struct subject *s,
		       const struct policy_category *c,
		       struct record **out) MUST_CHECK;

/* All versions that may be read, oldest first, at most `max`. */
int record_versions(struct vault *v, const struct subject *s,
		    const struct policy_category *c, struct id record,
		    size_t max, struct record **out, size_t *out_n) MUST_CHECK;

/* Whether the category has a record of this person that may be read today. */
int record_has(struct vault *v, const struct subject *s,
	       const struct policy_category *c, bool *out) MUST_CHECK;

/* out_any[i]: the policy's category i has a row of this person that may be
 * read today. An array of policy->n_categories. */
int record_categories(struct vault *v, const struct subject *s,
		      bool *out_any) MUST_CHECK;

/*
 * The rows of one slot as they lie, every version, due or not, for moving and
 * erasing: from the key after `after` (empty: the first), at most `max`.
 * `category` 0: all. Rows whose day is dead already come without data
 * (data.kind VALUE_NULL). out_last is the key of the last row, in the arena.
 */
int record_rows(struct vault *v, slot_t slot, uint8_t category,
		struct bytes after, size_t max, struct record **out,
		size_t *out_n, struct bytes *out_last) MUST_CHECK;

/* Seals a row again under another slot and due day (key and day follow: a row
 * under `held` has no day) and drops the old row. For holds and the end of the
 * account. ERR_EXPIRED: the new day is dead. */
int record_move(struct vault *v, const struct subject *s,
		const struct record *r, slot_t slot, date_t due) MUST_CHECK;

/* Removes one row and its note of expiry. */
int record_delete(struct vault *v, const struct record *r) MUST_CHECK;

/* Removes rows of a slot (of one category, or 0: all), at most `max` (each is
 * two writes), and counts them by category id; *out_more: call again. For
 * after the slot is dead: nothing is opened. */
struct record_tally {
	uint32_t rows[256];
	uint32_t records[256]; /* distinct ones: counted with the last row */
};

int record_delete_all_of(struct vault *v, slot_t slot, uint8_t category,
			 size_t max, struct record_tally *tally,
			 bool *out_more) MUST_CHECK;

#endif

#ifndef RETENTION_HOLD_ROW_H
#define RETENTION_HOLD_ROW_H

#include "call/call.h"
#include "vault/subject.h"

/*
 * A legal hold as it lies in the store, sealed under a slot of its own that
 * dies when it ends:
 *
 *	TABLE_HOLD: hold id 16 -> slot 8 || sealed {subject, base, categories,
 *		matter, until, placed_at, by, moving}
 */
#define HOLDS_MAX 200 /* at a time; one read of all stays in bounds */
#define HOLD_MATTER_BYTES_MAX 1000
#define HOLD_CATEGORIES_MAX 255

struct hold {
	struct id id;
	slot_t slot;
	struct id subject; /* nil: everybody */
	slot_t base;       /* of the subject; SLOT_NONE */
	uint8_t categories[HOLD_CATEGORIES_MAX]; /* ids */
	size_t n_categories;
	const char *matter;
	date_t until; /* the last day on which it stands; DAY_NONE */
	int64_t placed_at_ms;
	uint32_t by; /* number of the principal */
	bool moving; /* rows are still on their way to HELD */
};

int hold_save(struct call *c, const struct hold *h) MUST_CHECK;

/* ERR_NOT_FOUND. */
int hold_load(struct call *c, struct id id, struct hold *out) MUST_CHECK;

/* Removes the row; its slot is queued for destruction. */
int hold_delete(struct call *c, const struct hold *h) MUST_CHECK;

/* All of them in the order of their ids, in the arena. */
int hold_load_all(struct call *c, struct hold **out, size_t *out_n) MUST_CHECK;

bool hold_has_category(const struct hold *h, uint8_t category);

#endif

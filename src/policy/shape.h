#ifndef POLICY_SHAPE_H
#define POLICY_SHAPE_H

#include "policy/tree.h"

/*
 * What a map in a policy file may hold: a const table beside the struct that
 * it fills, one row a key. The C type that goes with each type stands behind
 * it. Reading goes on after a fault, so that all of them are told.
 */
enum shape_type {
	SHAPE_TEXT,     /* const char *, not empty */
	SHAPE_NAME,     /* const char *, a-z 0-9 _ - */
	SHAPE_COUNTRY,  /* const char *, two capitals */
	SHAPE_INT,      /* int, min..max */
	SHAPE_U8,       /* uint8_t */
	SHAPE_U16,      /* uint16_t */
	SHAPE_U32,      /* uint32_t */
	SHAPE_I64,      /* int64_t */
	SHAPE_BOOL,     /* bool */
	SHAPE_ENUM,     /* int (an enum), index into `names` */
	SHAPE_BITS,     /* unsigned; a list of words, bit = index */
	SHAPE_DATE,     /* date_t */
	SHAPE_DURATION, /* struct duration */
	SHAPE_MS,       /* int64_t; a duration without months */
	SHAPE_TERM,     /* struct policy_term */
	SHAPE_ZONE,     /* const char *; at `more` const struct zone * */
	SHAPE_CALENDAR, /* const char *; at `more` const struct calendar * */
	SHAPE_KEY,      /* uint8_t[32] from base64; at `more` bool */
	SHAPE_WORDS,    /* const char *const *; at `more` size_t */
	SHAPE_MAP,      /* an embedded struct, `sub` */
	SHAPE_LIST      /* pointer to structs, `sub`; at `more` size_t */
};

struct shape;

struct shape_row {
	const char *key;
	enum shape_type type;
	bool must;
	size_t offset;
	size_t more;
	int64_t min;
	int64_t max;
	const char *const *names; /* NULL-terminated */
	const struct shape *sub;
	const char *help; /* what would be right */
};

struct shape {
	const struct shape_row *rows;
	size_t n;
	size_t bytes; /* of the struct, for lists */
};

struct shape_reader {
	struct arena *a;
	const char *file;
	struct policy_faults *faults;
	int rc; /* ERR_NOMEM sticks; faults are counted, not kept here */
};

/* Fills a zeroed struct from a map. What is absent stays zero. */
void shape_read(struct shape_reader *r, const struct node *map,
		const struct shape *s, void *out);

/* "P1M", "P45D", "10 working days". ERR_INVALID. */
int shape_term_parse(const char *text, struct policy_term *out) MUST_CHECK;

/* Whole numbers in plain decimal digits, nothing after them. */
bool shape_number_parse(const char *text, int64_t *out);

#endif

#ifndef BASE_FIELD_H
#define BASE_FIELD_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/id.h"
#include "base/timefmt.h"
#include "base/value.h"

/*
 * How a struct's members are described: a const table beside the struct, which
 * wire/schema walks to decode and encode JSON, service.describe prints, and
 * the tests and fuzzers read. One row a member.
 *
 * The C type that goes with a field type stands behind it.
 */
enum field_type {
	FIELD_TEXT,     /* const char *, NUL-terminated; min..max bytes */
	FIELD_ID,       /* struct id; optional ones are nil when absent */
	FIELD_TIME,     /* int64_t, ms */
	FIELD_DATE,     /* date_t */
	FIELD_DURATION, /* struct duration */
	FIELD_INT,      /* int64_t; min..max */
	FIELD_BOOL,     /* bool */
	FIELD_ENUM,     /* int, index into `names` */
	FIELD_EMAIL,    /* const char *, as sent */
	FIELD_PHONE,    /* const char *, E.164 */
	FIELD_COUNTRY,  /* const char *, two capitals */
	FIELD_REGION,   /* const char *, ISO 3166-2, as US-CA */
	FIELD_BASE64,   /* struct bytes; min..max decoded bytes */
	FIELD_Z85,      /* const char *, 40 characters */
	FIELD_VALUE,    /* struct value, an object of any shape */
	FIELD_OBJECT,   /* an embedded struct described by `fields` */
	FIELD_LIST      /* pointer to items + size_t count; item type in `item` */
};

enum field_flag {
	FIELD_OPTIONAL = 1,  /* may be absent; see has_offset */
	FIELD_SECRET = 2,    /* never in a log, not even its length */
	FIELD_FREE_TEXT = 4, /* a run that looks like a card number is refused */
	FIELD_FUTURE = 8     /* a time that may lie ahead of now */
};

#define FIELD_NO_OFFSET SIZE_MAX

struct field {
	const char *name;
	enum field_type type;
	unsigned flags;
	size_t offset;
	/* A bool that tells whether an optional member came; FIELD_NO_OFFSET
	 * where absence shows in the member itself (NULL, nil, no items). */
	size_t has_offset;
	int64_t min; /* both 0: the type's own bounds */
	int64_t max;
	const char *const *names; /* FIELD_ENUM: NULL-terminated */
	const struct field *fields; /* FIELD_OBJECT, FIELD_LIST of objects */
	size_t n_fields;
	enum field_type item; /* FIELD_LIST */
	size_t item_bytes;    /* FIELD_LIST: sizeof one item */
	size_t count_offset;  /* FIELD_LIST: a size_t */
	const char *help;     /* one line for --help and service.describe */
};

#define FIELD_ROW_(s, m, t, f, lo, hi, h)                                     \
	{.name = #m, .type = (t), .flags = (f), .offset = offsetof(s, m),     \
	 .has_offset = FIELD_NO_OFFSET, .min = (lo), .max = (hi), .help = (h)}

/* F_MUST(struct s, member, type, "help") and F_MAY, whose absence shows in the
 * member; F_MAY_HAS wants a bool has_<member> beside it. */
#define F_MUST(s, m, t, h) FIELD_ROW_(s, m, t, 0, 0, 0, h)
#define F_MAY(s, m, t, h) FIELD_ROW_(s, m, t, FIELD_OPTIONAL, 0, 0, h)
#define F_MAY_HAS(s, m, t, h)                                                 \
	{.name = #m, .type = (t), .flags = FIELD_OPTIONAL,                    \
	 .offset = offsetof(s, m), .has_offset = offsetof(s, has_##m),        \
	 .help = (h)}
/* Free text of people: bounds in bytes, searched for card numbers. */
#define F_PROSE(s, m, f, hi, h)                                               \
	FIELD_ROW_(s, m, FIELD_TEXT, (f) | FIELD_FREE_TEXT, 1, hi, h)
/* A word of ours or of the policy: a name, a type. */
#define F_WORD(s, m, f, hi, h) FIELD_ROW_(s, m, FIELD_TEXT, f, 1, hi, h)
#define F_ENUM(s, m, f, n, h)                                                 \
	{.name = #m, .type = FIELD_ENUM, .flags = (f),                        \
	 .offset = offsetof(s, m), .has_offset = FIELD_NO_OFFSET,             \
	 .names = (n), .help = (h)}
#define F_ENUM_HAS(s, m, n, h)                                                \
	{.name = #m, .type = FIELD_ENUM, .flags = FIELD_OPTIONAL,             \
	 .offset = offsetof(s, m), .has_offset = offsetof(s, has_##m),        \
	 .names = (n), .help = (h)}
#define F_INT(s, m, f, lo, hi, h) FIELD_ROW_(s, m, FIELD_INT, f, lo, hi, h)
#define F_INT_HAS(s, m, lo, hi, h)                                            \
	{.name = #m, .type = FIELD_INT, .flags = FIELD_OPTIONAL,              \
	 .offset = offsetof(s, m), .has_offset = offsetof(s, has_##m),        \
	 .min = (lo), .max = (hi), .help = (h)}
#define F_OBJECT(s, m, tab, h)                                                \
	{.name = #m, .type = FIELD_OBJECT, .offset = offsetof(s, m),          \
	 .has_offset = FIELD_NO_OFFSET, .fields = (tab),                      \
	 .n_fields = FIELD_COUNT(tab), .help = (h)}
#define F_OBJECT_HAS(s, m, tab, h)                                            \
	{.name = #m, .type = FIELD_OBJECT, .flags = FIELD_OPTIONAL,           \
	 .offset = offsetof(s, m), .has_offset = offsetof(s, has_##m),        \
	 .fields = (tab), .n_fields = FIELD_COUNT(tab), .help = (h)}
/* A list m with its count in n_<m>; of objects, or of one scalar type. */
#define F_LIST(s, m, f, tab, hi, h)                                           \
	{.name = #m, .type = FIELD_LIST, .flags = (f),                        \
	 .offset = offsetof(s, m), .has_offset = FIELD_NO_OFFSET,             \
	 .max = (hi), .fields = (tab), .n_fields = FIELD_COUNT(tab),          \
	 .item = FIELD_OBJECT, .item_bytes = sizeof(*((s *)0)->m),            \
	 .count_offset = offsetof(s, n_##m), .help = (h)}
#define F_LIST_OF(s, m, f, t, hi, h)                                          \
	{.name = #m, .type = FIELD_LIST, .flags = (f),                        \
	 .offset = offsetof(s, m), .has_offset = FIELD_NO_OFFSET,             \
	 .max = (hi), .item = (t), .item_bytes = sizeof(*((s *)0)->m),        \
	 .count_offset = offsetof(s, n_##m), .help = (h)}

/* The same two, with at least one item. */
#define F_LIST_FILLED(s, m, tab, hi, h)                                       \
	{.name = #m, .type = FIELD_LIST, .offset = offsetof(s, m),            \
	 .has_offset = FIELD_NO_OFFSET, .min = 1, .max = (hi),                \
	 .fields = (tab), .n_fields = FIELD_COUNT(tab), .item = FIELD_OBJECT, \
	 .item_bytes = sizeof(*((s *)0)->m),                                  \
	 .count_offset = offsetof(s, n_##m), .help = (h)}
#define F_LIST_FILLED_OF(s, m, t, hi, h)                                      \
	{.name = #m, .type = FIELD_LIST, .offset = offsetof(s, m),            \
	 .has_offset = FIELD_NO_OFFSET, .min = 1, .max = (hi), .item = (t),   \
	 .item_bytes = sizeof(*((s *)0)->m),                                  \
	 .count_offset = offsetof(s, n_##m), .help = (h)}

/* One that may be left out but is not empty: none of them might be taken
 * for all. */
#define F_LIST_SOME(s, m, t, hi, h)                                           \
	{.name = #m, .type = FIELD_LIST, .flags = FIELD_OPTIONAL,             \
	 .offset = offsetof(s, m), .has_offset = FIELD_NO_OFFSET,             \
	 .min = 1, .max = (hi), .item = (t),                                  \
	 .item_bytes = sizeof(*((s *)0)->m),                                  \
	 .count_offset = offsetof(s, n_##m), .help = (h)}

/* A table with the struct it describes: what an operation takes or gives. */
struct field_table {
	const struct field *rows;
	size_t n;
	size_t bytes; /* sizeof the struct */
};

#define FIELD_TABLE(type, rows) {(rows), FIELD_COUNT(rows), sizeof(type)}

#define FIELD_COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The bounds of a time that may lie ahead: the clocks of honest callers. */
#define FIELD_AHEAD_MS_MAX (5 * MS_PER_MINUTE)

#endif

#ifndef STORE_KEYSPACE_H
#define STORE_KEYSPACE_H

#include "base/bytes.h"
#include "base/id.h"

/*
 * Every table of `data` and every key maker, on one page. Keys are bytes in
 * bytewise order; those that begin with a slot, a time or a sequence append.
 * The numbers are on disk: never reuse one. docs/format.md has the values.
 */
enum table {
	TABLE_SYSTEM = 0,    /* name -> counters, marks, settings */
	TABLE_SUBJECT = 1,   /* subject id -> slot base, sealed head */
	TABLE_RECORD = 2,    /* slot, category, record, version -> sealed data */
	TABLE_BUCKET = 3,    /* bucket number -> slot, sealed list */
	TABLE_HISTORY = 4,   /* LOG slot, leaf index -> sealed opening */
	TABLE_LEAF = 5,      /* leaf index -> leaf bytes */
	TABLE_CALL = 6,      /* call id, caller -> sealed reply */
	TABLE_PRINCIPAL = 7, /* public key -> sealed name, roles */
	TABLE_REQUEST = 8,   /* request id -> slot, sealed body */
	TABLE_DUE = 9,       /* due time, request id -> covering row */
	TABLE_OF_SUBJECT = 10, /* kind, slot, id -> nothing: what a person has */
	TABLE_VISITOR = 11,  /* slot -> slots, sealed head of a visitor */
	TABLE_VISIT = 12,    /* slot, day, chunk id -> day, sealed events */
	TABLE_PAGE_COUNT = 13, /* 0, day, page hash -> counts, sealed page */
	TABLE_SHARE = 14,    /* share id -> subject slot, sealed share */
	TABLE_SHARE_BY = 15, /* recipient, time, share id -> categories */
	TABLE_NOTICE = 16,   /* notice id -> slot, sealed notice */
	TABLE_INVITE = 17,   /* invite id -> slot, sealed contact */
	TABLE_HOLD = 18,     /* hold id -> slot, sealed hold */
	TABLE_EXPIRY = 19,   /* day, table, key -> row to remove */
	TABLE_JOB = 20,      /* job id -> kind, cursor, sealed state */
	TABLE_BUNDLE = 21,   /* bundle slot, part -> sealed part */
	TABLE_COUNT = 22,    /* kind, day, labels -> number: reports */
	TABLE_BATCH = 23,    /* batch number, slot -> job, mark of the table */
	TABLE_REQUEST_BY = 24, /* kind, value hash, request id -> nothing */
	TABLE_ALARM = 25,    /* time, request id, kind -> nothing */
	TABLE_END = 26
};

/* Ends each value of TABLE_BATCH: an auditor who finds a row among raw bytes,
 * where no table is named, knows it from others with keys as long. */
#define BATCH_MARK "N9BATCH1"
#define BATCH_MARK_BYTES 8
#define BATCH_VALUE_BYTES (ID_BYTES + BATCH_MARK_BYTES)

/* Engines of other kinds promise no more than this. */
#define KEY_BYTES_MAX 511
#define VALUE_BYTES_MAX 100000

/* A key under construction: fixed parts, big-endian, in order. */
struct key_maker {
	uint8_t b[KEY_BYTES_MAX];
	size_t n;
};

void key_u8(struct key_maker *k, uint8_t v);
void key_u16(struct key_maker *k, uint16_t v);
void key_u32(struct key_maker *k, uint32_t v);
void key_u64(struct key_maker *k, uint64_t v);
void key_id(struct key_maker *k, struct id id);
/* Asserts that it fits: callers bound what they add. */
void key_raw(struct key_maker *k, const void *p, size_t n);

static inline struct bytes
key_bytes(const struct key_maker *k)
{
	return bytes_of(k->b, k->n);
}

#endif

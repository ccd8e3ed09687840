#ifndef WIRE_SCHEMA_H
#define WIRE_SCHEMA_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/field.h"
#include "base/value.h"

/*
 * JSON <-> the structs that field tables describe, and JSON <-> values. Strict
 * both ways, docs/protocol.md "Types": what is not exactly in the table is
 * refused with the member's full path ("events[3].at"). Nothing that was sent
 * in stands in an error's text.
 */

/* The most that a text may hold where its row gives no bounds. */
#define SCHEMA_TEXT_BYTES_MAX 4096
#define SCHEMA_LIST_ITEMS_MAX 1000
#define SCHEMA_EMAIL_BYTES_MAX 254 /* without surrounding blanks */
/* Tables have at most this many rows. */
#define SCHEMA_FIELDS_MAX 64

/*
 * Decodes one JSON object; no bytes at all mean {}. `out_struct` must be
 * zeroed; texts, lists and values in it live in the arena; after a failure
 * its content is unspecified. An optional FIELD_ENUM without a has_ member is
 * -1 when absent. ERR_INVALID naming the field (without one for bytes that
 * are no JSON object), ERR_TOO_LARGE naming a FIELD_VALUE whose compact JSON
 * is longer than the row's max, or the body where the arena does not hold its
 * tree (up to 80 times the text: {},{},{},...), ERR_NOMEM.
 */
int schema_decode(const struct field *fields, size_t n, struct bytes json,
		  int64_t now_ms, struct arena *a,
		  void *out_struct) MUST_CHECK;

/* Appends compact JSON, members in the table's order, absent optional ones
 * left out. Without a has_ member these count as absent: NULL, a nil id, a
 * VALUE_NULL, a list without items, zero, false, a negative FIELD_ENUM.
 * ERR_TOO_LARGE past the buffer's maximum, ERR_INTERNAL for a text that is no
 * UTF-8, ERR_NOMEM; `to` is then as before. */
int schema_encode(const struct field *fields, size_t n, const void *structure,
		  struct buf *to) MUST_CHECK;

/* Any JSON text to a value and back; members keep their order. An integer
 * that fits 64 bits stays one, any other number is a VALUE_REAL. ERR_INVALID
 * for bytes that are no JSON, a NUL in a text, a nesting deeper than
 * VALUE_DEPTH_MAX. `indent` is the number of blanks a level, 0 for compact
 * JSON on one line. */
int schema_value_decode(struct bytes json, struct arena *a,
			struct value *out) MUST_CHECK;
int schema_value_encode(const struct value *v, unsigned indent,
			struct buf *to) MUST_CHECK;

/* Appends the body of a refusal: {"error", "message", "field"?, extras}. The
 * context's text goes out for the caller's own mistakes and for states, never
 * for what went wrong inside, nor with `denied` and `not_found`, which say
 * the same to everybody. */
int schema_error_body(const struct err_info *info, struct buf *to) MUST_CHECK;

#endif

#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"

/*
 * jansson, tied down for the rest of this folder: what it allocates between
 * json_begin and json_end lives in the given arena, is never given back
 * piece by piece and dies wiped with the arena. So no json_decref is needed,
 * and texts may be borrowed for as long as the arena lives.
 */

void json_once(void);
void json_begin(struct arena *a);
void json_end(void);

/* Strict: no member twice, no bytes after the text, UTF-8. `any` allows other
 * things than objects and arrays. ERR_INVALID, naming the member at fault
 * where a member given twice or a number out of range is it; ERR_TOO_LARGE
 * when the arena does not hold it. */
int json_read(struct bytes text, bool any, json_t **out) MUST_CHECK;

/* Appends the text: compact, or indented by that many blanks. Nothing of it
 * on failure: ERR_TOO_LARGE, ERR_NOMEM. */
int json_write(const json_t *json, unsigned indent,
	       struct buf *to) MUST_CHECK;

/* The same without the braces or brackets of the whole: jansson's way for
 * texts that are put together of several trees. */
int json_write_members(const json_t *json, struct buf *to) MUST_CHECK;

/* The path of the member that ends at `position` in a text that is JSON up to
 * there: "events[3].at". Ends at the first name that is not name_is_plain;
 * empty when it is too long or too deep. */
void json_where(struct bytes text, size_t position, char *out, size_t cap);

/* Whether a member's name may be repeated to its sender: 1 to 64 letters,
 * digits, '_', '-' and '.'. Anything else might be somebody's data. */
bool name_is_plain(const char *name, size_t n);

#endif

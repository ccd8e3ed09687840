#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/bytes.h"
#include "base/err.h"

#define ID_BYTES 16
#define ID_TEXT_BYTES 37 /* with the closing NUL */

/* A UUID: of a subject, a request, a record, a call. */
struct id {
	uint8_t b[ID_BYTES];
};

struct entropy;

/* A UUIDv7 (RFC 9562): 48 bits of time, so that rows keyed by it append, and
 * 74 random bits, so that nobody guesses one. */
struct id id_new(int64_t now_ms, struct entropy *entropy);

/* The moment that a UUIDv7 was made for. */
int64_t id_time_ms(struct id id);

/* The lower-case form with hyphens only; ERR_INVALID otherwise. */
int id_parse(const char *text, struct id *out) MUST_CHECK;

/* Writes the lower-case form and returns `out`. */
char *id_print(struct id id, char out[ID_TEXT_BYTES]);

bool id_equal(struct id a, struct id b);
bool id_is_nil(struct id id);

static inline struct bytes
id_bytes(const struct id *id)
{
	return bytes_of(id->b, ID_BYTES);
}

#endif

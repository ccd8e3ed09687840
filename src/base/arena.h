#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/bytes.h"
#include "base/err.h"

/*
 * One call's memory: handed out piece by piece, all given back at once and
 * wiped. Memory that is kept for the next call is kept wiped.
 */
struct arena;

/* NULL when there is no memory. An arena hands out at most max_bytes. */
struct arena *arena_new(size_t max_bytes);
void arena_free(struct arena *a);

/* Wipes everything handed out and starts anew. */
void arena_reset(struct arena *a);

/* Zeroed, aligned for any type; NULL (and ERR_NOMEM set) past the maximum. */
void *arena_alloc(struct arena *a, size_t n);

/* n items of `size` bytes; NULL also when the product overflows. */
void *arena_array(struct arena *a, size_t n, size_t size);

/* Copies; the text gets a closing NUL. NULL when there is no room. */
void *arena_copy(struct arena *a, const void *p, size_t n);
char *arena_text(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif

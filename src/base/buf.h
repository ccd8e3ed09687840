#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/bytes.h"
#include "base/err.h"

/*
 * Owned bytes that grow up to a hard maximum and are wiped when they are freed
 * or moved. A zeroed struct with `max` set is an empty buffer.
 */
struct buf {
	uint8_t *data;
	size_t len;
	size_t cap;
	size_t max;
};

void buf_init(struct buf *b, size_t max_bytes);

/* Wipes and frees; the buffer is empty and may be used again. NULL is fine. */
void buf_clear(struct buf *b);

/* Forgets the content (wiped) and keeps the memory; of buf_cut what lies after
 * the first `len` bytes, of which there are at least as many. */
void buf_reset(struct buf *b);
void buf_cut(struct buf *b, size_t len);

/* Makes room for n more bytes and returns where they go, or NULL: then the
 * maximum or the memory does not allow it. buf_grown counts them in. */
uint8_t *buf_room(struct buf *b, size_t n);
void buf_grown(struct buf *b, size_t n);

/* Append; ERR_TOO_LARGE past the maximum, ERR_NOMEM. */
int buf_put(struct buf *b, const void *p, size_t n) MUST_CHECK;
int buf_put_str(struct buf *b, const char *s) MUST_CHECK;
int buf_printf(struct buf *b, const char *format, ...) MUST_CHECK
	__attribute__((format(printf, 2, 3)));

static inline struct bytes
buf_bytes(const struct buf *b)
{
	return bytes_of(b->data, b->len);
}

#endif

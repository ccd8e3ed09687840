/* Growing buffers that leave no copy of their content behind. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/secret.h"

#define BUF_FIRST_BYTES 256

void
buf_init(struct buf *b, size_t max_bytes)
{
	*b = (struct buf){.max = max_bytes};
}

void
buf_clear(struct buf *b)
{
	if (b == NULL) {
		return;
	}
	if (b->data != NULL) {
		secret_wipe(b->data, b->cap);
		free(b->data);
	}
	*b = (struct buf){.max = b->max};
}

void
buf_cut(struct buf *b, size_t len)
{
	if (b->len > len) {
		secret_wipe(b->data + len, b->len - len);
		b->len = len;
	}
}

void
buf_reset(struct buf *b)
{
	buf_cut(b, 0);
}

static int
buf_grow(struct buf *b, size_t n)
{
	size_t cap = b->cap == 0 ? BUF_FIRST_BYTES : b->cap;
	uint8_t *data;

	if (n > b->max || b->len > b->max - n) {
		return err_set(ERR_TOO_LARGE, "more than %zu bytes", b->max);
	}
	while (cap - b->len < n) {
		cap = cap > b->max / 2 ? b->max : cap * 2;
	}
	/* Not realloc: it would leave the old copy in the heap. One byte more,
	 * for the NUL of a printed text. */
	data = malloc(cap + 1);
	if (data == NULL) {
		return err_set(ERR_NOMEM, "no memory for %zu bytes", cap);
	}
	if (b->data != NULL) {
		memcpy(data, b->data, b->len);
		secret_wipe(b->data, b->cap);
		free(b->data);
	}
	b->data = data;
	b->cap = cap;
	return 0;
}

/* Nothing has a place too. Rows are packed a few bytes at a time, which mostly
 * ends here. */
static inline int
buf_reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap < b->max ? b->cap : b->max;

	return b->data != NULL && b->len <= cap && cap - b->len >= n
		       ? 0
		       : buf_grow(b, n);
}

uint8_t *
buf_room(struct buf *b, size_t n)
{
	return buf_reserve(b, n) == 0 ? b->data + b->len : NULL;
}

void
buf_grown(struct buf *b, size_t n)
{
	b->len += n;
}

int
buf_put(struct buf *b, const void *p, size_t n)
{
	int rc = buf_reserve(b, n);

	if (rc == 0 && n > 0) {
		memcpy(b->data + b->len, p, n);
		b->len += n;
	}
	return rc;
}

int
buf_put_str(struct buf *b, const char *s)
{
	return buf_put(b, s, strlen(s));
}

int
buf_printf(struct buf *b, const char *format, ...)
{
	va_list ap;
	int n;
	int rc;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n < 0) {
		return err_set(ERR_INVALID, "text does not format");
	}
	rc = buf_reserve(b, (size_t)n);
	if (rc != 0 || n == 0) {
		return rc;
	}
	va_start(ap, format);
	(void)vsnprintf((char *)b->data + b->len, (size_t)n + 1, format, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}

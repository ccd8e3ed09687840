/* A list of chunks, each twice as large as the one before; after a reset the
 * largest one stays, so that a busy thread soon allocates nothing. */

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/secret.h"

#define CHUNK_FIRST_BYTES 16384u
#define CHUNK_KEPT_BYTES (1u << 20)

struct chunk {
	struct chunk *next;
	size_t cap;
	size_t used;
	alignas(max_align_t) uint8_t data[];
};

struct arena {
	struct chunk *head;
	size_t total;
	size_t max;
};

struct arena *
arena_new(size_t max_bytes)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a != NULL) {
		a->max = max_bytes;
	}
	return a;
}

static void
chunks_free(struct chunk *c)
{
	while (c != NULL) {
		struct chunk *next = c->next;

		secret_wipe(c->data, c->used);
		free(c);
		c = next;
	}
}

void
arena_free(struct arena *a)
{
	if (a != NULL) {
		chunks_free(a->head);
		free(a);
	}
}

void
arena_reset(struct arena *a)
{
	a->total = 0;
	if (a->head == NULL) {
		return;
	}
	if (a->head->cap > CHUNK_KEPT_BYTES) {
		chunks_free(a->head);
		a->head = NULL;
		return;
	}
	chunks_free(a->head->next);
	a->head->next = NULL;
	secret_wipe(a->head->data, a->head->used);
	a->head->used = 0;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct chunk *c = a->head;
	size_t cap = c == NULL ? CHUNK_FIRST_BYTES : c->cap * 2;
	size_t padding = -n % alignof(max_align_t);
	void *p;

	/* Half of the address space is no request; below it nothing wraps. */
	if (n > PTRDIFF_MAX / 2 || n + padding > a->max ||
	    a->total > a->max - (n + padding)) {
		(void)err_set(ERR_NOMEM, "a call may use %zu bytes", a->max);
		return NULL;
	}
	n += padding;
	if (c == NULL || c->cap - c->used < n) {
		if (cap > CHUNK_KEPT_BYTES) {
			cap = CHUNK_KEPT_BYTES;
		}
		if (cap < n) {
			cap = n;
		}
		c = malloc(sizeof(*c) + cap);
		if (c == NULL) {
			(void)err_set(ERR_NOMEM, "no memory for a call");
			return NULL;
		}
		c->next = a->head;
		c->cap = cap;
		c->used = 0;
		a->head = c;
	}
	p = c->data + c->used;
	c->used += n;
	a->total += n;
	memset(p, 0, n);
	return p;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		(void)err_set(ERR_NOMEM, "a call may use %zu bytes", a->max);
		return NULL;
	}
	return arena_alloc(a, bytes);
}

void *
arena_copy(struct arena *a, const void *p, size_t n)
{
	void *copy = arena_alloc(a, n);

	if (copy != NULL && n > 0) {
		memcpy(copy, p, n);
	}
	return copy;
}

char *
arena_text(struct arena *a, const char *s, size_t n)
{
	char *copy = arena_alloc(a, n < SIZE_MAX ? n + 1 : n);

	if (copy != NULL && n > 0) {
		memcpy(copy, s, n);
	}
	return copy;
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	text = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
	if (text != NULL) {
		va_start(ap, format);
		(void)vsnprintf(text, (size_t)n + 1, format, ap);
		va_end(ap);
	}
	return text;
}

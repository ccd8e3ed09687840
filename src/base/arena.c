/* A list of chunks, each twice as large as the one before; after a reset the
 * largest one stays, so that a busy thread soon allocates nothing. What grows
 * past that is of huge pages where the kernel has them: the store's overlays
 * are searched all over, and each page of theirs would have to be looked up. */

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "base/secret.h"

#define CHUNK_FIRST_BYTES 16384u
#define CHUNK_KEPT_BYTES (1u << 20)
#define CHUNK_HUGE_BYTES ((size_t)2 << 20) /* with its head */

struct chunk {
	struct chunk *next;
	size_t cap;
	size_t used;
	size_t zeroed; /* so many from the start were nothing but zeros when
			* they were last free */
	bool is_mapped; /* CHUNK_HUGE_BYTES, not from malloc */
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
		if (c->is_mapped) {
			(void)munmap(c, CHUNK_HUGE_BYTES);
		} else {
			free(c);
		}
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
	if (a->head->zeroed < a->head->used) {
		a->head->zeroed = a->head->used;
	}
	a->head->used = 0;
}

/* At a multiple of its size, or it would not be one page. NULL: none. */
static struct chunk *
chunk_map(void)
{
	uint8_t *p = mmap(NULL, 2 * CHUNK_HUGE_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct chunk *c;
	size_t before;

	if (p == MAP_FAILED) {
		return NULL;
	}
	before = -(uintptr_t)p % CHUNK_HUGE_BYTES;
	if (before > 0) {
		(void)munmap(p, before);
	}
	(void)munmap(p + before + CHUNK_HUGE_BYTES, CHUNK_HUGE_BYTES - before);
	c = (struct chunk *)(void *)(p + before);
	(void)madvise(c, CHUNK_HUGE_BYTES, MADV_HUGEPAGE);
	c->is_mapped = true;
	c->cap = CHUNK_HUGE_BYTES - sizeof(*c);
	c->zeroed = c->cap;
	return c;
}

/* A chunk with room for n bytes, after one of `before` (0: the first). */
static struct chunk *
chunk_new(size_t before, size_t n)
{
	size_t cap = before == 0 ? CHUNK_FIRST_BYTES : before * 2;
	struct chunk *c;

	if (cap > CHUNK_KEPT_BYTES) {
		if (n <= CHUNK_HUGE_BYTES - sizeof(*c)) {
			return chunk_map();
		}
		cap = n;
	}
	if (cap < n) {
		cap = n;
	}
	c = malloc(sizeof(*c) + cap);
	if (c != NULL) {
		c->is_mapped = false;
		c->cap = cap;
		c->zeroed = 0;
	}
	return c;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct chunk *c = a->head;
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
		c = chunk_new(c == NULL ? 0 : c->cap, n);
		if (c == NULL) {
			(void)err_set(ERR_NOMEM, "no memory for a call");
			return NULL;
		}
		c->next = a->head;
		c->used = 0;
		a->head = c;
	}
	p = c->data + c->used;
	c->used += n;
	a->total += n;
	/* What a reset has wiped is zero still. */
	if (c->used > c->zeroed) {
		memset(p, 0, n);
	}
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

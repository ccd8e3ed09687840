#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed view of somebody else's bytes. */
struct bytes {
	const uint8_t *p;
	size_t n;
};

static inline struct bytes
bytes_of(const void *p, size_t n)
{
	return (struct bytes){p, n};
}

static inline struct bytes
bytes_str(const char *s)
{
	return (struct bytes){(const uint8_t *)s, strlen(s)};
}

/* For public bytes only: secrets are compared with sodium_memcmp. */
static inline bool
bytes_equal(struct bytes a, struct bytes b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Order of keys: bytewise, a prefix before what it begins. */
static inline int
bytes_compare(struct bytes a, struct bytes b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (c != 0) {
		return c;
	}
	return a.n < b.n ? -1 : a.n > b.n;
}

static inline bool
bytes_begins(struct bytes whole, struct bytes prefix)
{
	return whole.n >= prefix.n &&
	       (prefix.n == 0 || memcmp(whole.p, prefix.p, prefix.n) == 0);
}

#endif

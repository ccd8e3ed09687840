#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/bytes.h"
#include "base/err.h"

#define KEY_BYTES 32

/*
 * A 32-byte key in passing: on a stack, for the length of one function, wiped
 * on the way out by AUTO_KEY. A type of its own, so that no key is printed or
 * sent by mistake. Keys that live longer lie in secret memory (secret_alloc).
 */
struct key {
	uint8_t b[KEY_BYTES];
};

/* Once per process, before anything else of libsodium. ERR_INTERNAL. */
int secret_init(void) MUST_CHECK;

/* Guarded, locked, undumpable memory (sodium_malloc), zeroed. With
 * `unlocked_ok` memory that cannot be locked is used all the same; otherwise
 * ERR_NOMEM. NULL on failure. secret_free wipes. */
void *secret_alloc(size_t n);
void secret_free(void *p);
void secret_unlocked_ok(bool ok);

/* Whether any secret memory could not be locked so far. */
bool secret_is_unlocked(void);

void secret_wipe(void *p, size_t n);

/* Constant time; true when equal. */
bool secret_equal(const void *a, const void *b, size_t n);

static inline void
key_wipe(struct key *k)
{
	secret_wipe(k->b, sizeof(k->b));
}

#define AUTO_KEY __attribute__((cleanup(key_wipe))) struct key

#endif

/* The one door of base to libsodium: memory that holds keys. */

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <sodium.h>

#include "base/secret.h"

static atomic_bool unlocked_ok;
static atomic_bool unlocked_seen;

int
secret_init(void)
{
	return sodium_init() < 0 ? err_set(ERR_INTERNAL, "libsodium refuses")
				 : 0;
}

void
secret_unlocked_ok(bool ok)
{
	atomic_store(&unlocked_ok, ok);
}

bool
secret_is_unlocked(void)
{
	return atomic_load(&unlocked_seen);
}

void *
secret_alloc(size_t n)
{
	void *p = sodium_malloc(n);

	if (p == NULL) {
		(void)err_set(ERR_NOMEM, "no guarded memory for %zu bytes", n);
		return NULL;
	}
	/* sodium_malloc ignores a refused mlock: ask again, and hear it. */
	if (sodium_mlock(p, n) != 0) {
		atomic_store(&unlocked_seen, true);
		if (!atomic_load(&unlocked_ok)) {
			sodium_free(p);
			(void)err_set(ERR_NOMEM,
				      "%zu bytes of key memory cannot be "
				      "locked (RLIMIT_MEMLOCK)",
				      n);
			return NULL;
		}
	}
	sodium_memzero(p, n);
	return p;
}

void
secret_free(void *p)
{
	sodium_free(p);
}

void
secret_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}

bool
secret_equal(const void *a, const void *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}

/* Aims at details_unpack, details_pack: what unpacks packs to the same bytes
 * again. */
// links: ninety_audit ninety_base

#include "audit/details.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(1 << 24);
	struct value v;
	struct buf b;
	int rc;

	FUZZ_ASSERT(a != NULL);
	rc = details_unpack(bytes_of(data, n), a, &v);
	if (rc == 0) {
		buf_init(&b, n + 1);
		FUZZ_ASSERT(details_pack(&v, &b) == 0);
		FUZZ_ASSERT(bytes_equal(buf_bytes(&b), bytes_of(data, n)));
		buf_clear(&b);
	} else {
		FUZZ_ASSERT(rc == ERR_CORRUPT || rc == ERR_NOMEM);
	}
	arena_free(a);
	return 0;
}

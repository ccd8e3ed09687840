/* Aims at value_unpack, unpack_text, value_pack, value_equal: what unpacks
 * packs to the same bytes again. */
// links: ninety_base

#include "base/value.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(1 << 24);
	struct buf b;
	struct value v;
	struct value again;
	int rc;

	FUZZ_ASSERT(a != NULL);
	rc = value_unpack(bytes_of(data, n), a, &v);
	if (rc == 0) {
		buf_init(&b, n);
		FUZZ_ASSERT(value_pack(&v, &b) == 0);
		FUZZ_ASSERT(bytes_equal(buf_bytes(&b), bytes_of(data, n)));
		FUZZ_ASSERT(value_unpack(buf_bytes(&b), a, &again) == 0);
		FUZZ_ASSERT(value_equal(&v, &again));
		buf_clear(&b);
	} else {
		FUZZ_ASSERT(rc == ERR_CORRUPT || rc == ERR_NOMEM);
	}
	arena_free(a);
	return 0;
}

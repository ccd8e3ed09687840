/* Aims at leaf_decode, leaf_describe. A leaf that decodes encodes to the same
 * bytes and can be described. */
// links: ninety_audit ninety_base

#include "audit/leaf.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t again[LEAF_BYTES];
	struct arena *a;
	struct value v;
	struct leaf l;

	if (leaf_decode(bytes_of(data, n), &l) != 0) {
		return 0;
	}
	leaf_encode(&l, again);
	FUZZ_ASSERT(n == LEAF_BYTES && memcmp(again, data, n) == 0);
	a = arena_new(4096);
	FUZZ_ASSERT(a != NULL && leaf_describe(&l, a, &v) == 0);
	FUZZ_ASSERT(value_get_text(&v, "type") != NULL);
	arena_free(a);
	return 0;
}

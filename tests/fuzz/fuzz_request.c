/* Aims at request_unpack and request_pack: what unpacks packs, and what is
 * packed again is the same. */
// links: ninety_request

#include "fuzz.h"
#include "request/request.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(1 << 24);
	struct request r = {.slot = 1};
	struct request again = {.slot = 1};
	struct buf first;
	struct buf second;
	int rc;

	FUZZ_ASSERT(a != NULL);
	buf_init(&first, 1 << 22);
	buf_init(&second, 1 << 22);
	rc = request_unpack(bytes_of(data, n), a, &r);
	if (rc == 0) {
		FUZZ_ASSERT(request_pack(&r, &first) == 0);
		FUZZ_ASSERT(request_unpack(buf_bytes(&first), a, &again) == 0);
		FUZZ_ASSERT(request_pack(&again, &second) == 0);
		FUZZ_ASSERT(bytes_equal(buf_bytes(&first),
					buf_bytes(&second)));
	} else {
		FUZZ_ASSERT(rc == ERR_CORRUPT || rc == ERR_NOMEM);
	}
	buf_clear(&first);
	buf_clear(&second);
	arena_free(a);
	return 0;
}

/* Aims at chunk_unpack: whatever opens is packed to the same bytes again. */
// links: ninety_navigation ninety_base

#include "fuzz.h"
#include "navigation/chunk.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(1 << 22);
	const struct visit_event *list[CHUNK_EVENTS_MAX];
	struct visit_event *events;
	struct buf again;
	size_t count;
	size_t packed;

	FUZZ_ASSERT(a != NULL);
	buf_init(&again, CHUNK_BYTES_MAX);
	if (chunk_unpack(bytes_of(data, n), a, &events, &count) == 0) {
		for (size_t i = 0; i < count; i++) {
			list[i] = &events[i];
		}
		FUZZ_ASSERT(chunk_pack(list, count, &again, &packed) == 0);
		/* A chunk fuller than chunk_pack makes them is taken, too. */
		FUZZ_ASSERT(packed < count ||
			    bytes_equal(buf_bytes(&again), bytes_of(data, n)));
	}
	buf_clear(&again);
	arena_free(a);
	return 0;
}

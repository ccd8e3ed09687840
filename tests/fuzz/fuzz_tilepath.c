/* Aims at tile_path_parse. A path that parses is the one that is printed. */
// links: ninety_audit ninety_base

#include "audit/tilepath.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char path[256];
	char again[TILE_PATH_BYTES];
	struct tile_name name;

	n = n < sizeof(path) - 1 ? n : sizeof(path) - 1;
	memcpy(path, data, n);
	path[n] = 0;
	if (tile_path_parse(path, &name) == 0) {
		FUZZ_ASSERT(strcmp(tile_path(name, again), path) == 0);
		FUZZ_ASSERT(name.level <= TILE_ENTRIES && name.width >= 1 &&
			    name.width <= TILE_HASHES);
	}
	return 0;
}

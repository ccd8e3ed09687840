/* Names of tile files; what is in them is for tiles.c and tileread.c. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/tilepath.h"

#define GROUP 1000
#define GROUPS_MAX 7 /* 3 * 7 digits hold every 64-bit number */

static int
print_stem(struct tile_name name, char out[TILE_PATH_BYTES])
{
	unsigned groups[GROUPS_MAX];
	size_t n = 0;
	int at;

	at = name.level == TILE_ENTRIES
		     ? snprintf(out, TILE_PATH_BYTES, "tile/entries/")
		     : snprintf(out, TILE_PATH_BYTES, "tile/%u/", name.level);
	do {
		groups[n++] = (unsigned)(name.n % GROUP);
		name.n /= GROUP;
	} while (name.n > 0);
	while (n > 1) {
		at += snprintf(out + at, TILE_PATH_BYTES - (size_t)at,
			       "x%03u/", groups[--n]);
	}
	return at + snprintf(out + at, TILE_PATH_BYTES - (size_t)at, "%03u",
			     groups[0]);
}

char *
tile_path(struct tile_name name, char out[TILE_PATH_BYTES])
{
	int at = print_stem(name, out);

	if (name.width != TILE_HASHES) {
		(void)snprintf(out + at, TILE_PATH_BYTES - (size_t)at,
			       ".p/%u", name.width);
	}
	return out;
}

char *
tile_partial_folder(struct tile_name name, char out[TILE_PATH_BYTES])
{
	int at = print_stem(name, out);

	(void)snprintf(out + at, TILE_PATH_BYTES - (size_t)at, ".p");
	return out;
}

int
tile_path_parse(const char *path, struct tile_name *out)
{
	struct tile_name name = {.width = TILE_HASHES};
	char again[TILE_PATH_BYTES];
	const char *p = path;
	char *end;

	if (strncmp(p, "tile/entries/", 13) == 0) {
		name.level = TILE_ENTRIES;
		p += 13;
	} else if (strncmp(p, "tile/", 5) == 0 && p[5] >= '0' &&
		   p[5] < '0' + TILE_LEVELS && p[6] == '/') {
		name.level = (unsigned)(p[5] - '0');
		p += 7;
	} else {
		return err_set(ERR_INVALID, "not the name of a tile");
	}
	for (int i = 0; *p == 'x' && i < GROUPS_MAX; i++) {
		name.n = name.n * GROUP + strtoul(p + 1, &end, 10);
		p = *end == '/' ? end + 1 : end;
	}
	name.n = name.n * GROUP + strtoul(p, &end, 10);
	if (strncmp(end, ".p/", 3) == 0) {
		name.width = (unsigned)strtoul(end + 3, &end, 10);
	}
	/* Lenient so far: only what would be written the same is a name. */
	if (name.width == 0 || name.width > TILE_HASHES ||
	    strcmp(tile_path(name, again), path) != 0) {
		return err_set(ERR_INVALID, "not the name of a tile");
	}
	*out = name;
	return 0;
}

unsigned
tile_width(unsigned level, uint64_t n, uint64_t size)
{
	unsigned bits = level == TILE_ENTRIES ? 0 : level * TILE_LEVEL_BITS;
	uint64_t hashes = size >> bits;
	uint64_t full = hashes / TILE_HASHES;

	if (n < full) {
		return TILE_HASHES;
	}
	return n == full ? (unsigned)(hashes % TILE_HASHES) : 0;
}

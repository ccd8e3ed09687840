#ifndef AUDIT_TILEPATH_H
#define AUDIT_TILEPATH_H

#include "base/bytes.h"
#include "base/err.h"

/*
 * The names of tile files, c2sp.org/tlog-tiles: "tile/<L>/<N>" and
 * "tile/entries/<N>", N in groups of three digits of which all but the last
 * begin with x, and ".p/<W>" after it while the tile is not full.
 */
#define TILE_HASHES 256
#define TILE_LEVEL_BITS 8
/* Levels 0 to 7 hold every tree of fewer than 2^64 leaves. */
#define TILE_LEVELS 8
#define TILE_ENTRIES TILE_LEVELS
#define TILE_PATH_BYTES 64

struct tile_name {
	unsigned level; /* or TILE_ENTRIES */
	uint64_t n;
	unsigned width; /* 1 to TILE_HASHES, which is full */
};

/* "tile/0/x001/x234/067.p/12" */
char *tile_path(struct tile_name name, char out[TILE_PATH_BYTES]);

/* The folder of the partial forms: "tile/0/x001/x234/067.p" */
char *tile_partial_folder(struct tile_name name, char out[TILE_PATH_BYTES]);

/* Strict: the one path that tile_path writes. ERR_INVALID. */
int tile_path_parse(const char *path, struct tile_name *out) MUST_CHECK;

/* How many hashes (entries) of tile n exist in a log of `size` leaves: 0 to
 * TILE_HASHES. */
unsigned tile_width(unsigned level, uint64_t n, uint64_t size);

#endif

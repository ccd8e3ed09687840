/* The reader of tiles, with a small cache. Writing is tiles.c's. */

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/file.h"
#include "audit/tileread.h"
#include "audit/tiles.h"
#include "base/pack.h"

#define CACHED_TILES 64

struct cached {
	struct tile_name name; /* its width is what was read; 0: unused */
	uint64_t used;
	struct buf content;
};

struct tile_reader {
	int folder;
	uint64_t source_size;
	uint64_t uses;
	struct cached tiles[CACHED_TILES];
};

int
tile_reader_open(const char *folder, struct tile_reader **out)
{
	struct tile_reader *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		return err_set(ERR_NOMEM, "no memory for a reader of tiles");
	}
	r->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->folder < 0) {
		free(r);
		return err_set(ERR_NOT_FOUND, "there is no such log folder");
	}
	for (size_t i = 0; i < CACHED_TILES; i++) {
		buf_init(&r->tiles[i].content, BUNDLE_BYTES_MAX);
	}
	*out = r;
	return 0;
}

void
tile_reader_close(struct tile_reader *r)
{
	if (r == NULL) {
		return;
	}
	for (size_t i = 0; i < CACHED_TILES; i++) {
		buf_clear(&r->tiles[i].content);
	}
	(void)close(r->folder);
	free(r);
}

/* The slot that holds the tile, or else the one used longest ago. */
static struct cached *
find_slot(struct tile_reader *r, unsigned level, uint64_t n)
{
	struct cached *oldest = &r->tiles[0];

	for (size_t i = 0; i < CACHED_TILES; i++) {
		struct cached *c = &r->tiles[i];

		if (c->name.width != 0 && c->name.level == level &&
		    c->name.n == n) {
			return c;
		}
		if (c->used < oldest->used) {
			oldest = c;
		}
	}
	return oldest;
}

static int
load(struct tile_reader *r, struct cached *c, struct tile_name name)
{
	char path[TILE_PATH_BYTES];
	int rc;

	c->name.width = 0;
	buf_reset(&c->content);
	rc = file_read(r->folder, tile_path(name, path), &c->content);
	/* The partial form goes when the tile is full: then that is there. */
	if (rc == ERR_NOT_FOUND && name.width < TILE_HASHES) {
		name.width = TILE_HASHES;
		rc = file_read(r->folder, tile_path(name, path), &c->content);
	}
	if (rc == ERR_NOT_FOUND) {
		return err_set(ERR_CORRUPT, "a tile of the log is missing");
	}
	if (rc == 0 && name.level != TILE_ENTRIES &&
	    c->content.len != name.width * (size_t)HASH_BYTES) {
		return err_set(ERR_CORRUPT, "a tile of the log has the wrong "
					    "length");
	}
	if (rc == 0) {
		c->name = name;
	}
	return rc;
}

static int
get_tile(struct tile_reader *r, unsigned level, uint64_t n, uint64_t size,
	 struct cached **out)
{
	struct tile_name name = {level, n, tile_width(level, n, size)};
	struct cached *c = find_slot(r, level, n);
	int rc;

	if (c->name.level != level || c->name.n != n ||
	    c->name.width < name.width || c->name.width == 0) {
		rc = load(r, c, name);
		if (rc != 0) {
			return rc;
		}
	}
	c->used = ++r->uses;
	*out = c;
	return 0;
}

int
tile_reader_hash(struct tile_reader *r, uint64_t size, unsigned level,
		 uint64_t index, struct hash *out)
{
	unsigned tile_level = level / TILE_LEVEL_BITS;
	unsigned bits = level % TILE_LEVEL_BITS;
	struct hash hashes[TILE_HASHES];
	uint64_t first;
	struct cached *c;
	int rc;

	if (level >= MERKLE_LEVELS_MAX || index >= size >> level) {
		return err_set(ERR_INVALID, "a hash outside of the log");
	}
	first = index << bits;
	rc = get_tile(r, tile_level, first / TILE_HASHES, size, &c);
	if (rc != 0) {
		return rc;
	}
	memcpy(hashes,
	       c->content.data + first % TILE_HASHES * sizeof(hashes[0]),
	       sizeof(hashes[0]) << bits);
	*out = merkle_fold(hashes, (size_t)1 << bits);
	return 0;
}

static int
source_read(void *context, unsigned level, uint64_t index, struct hash *out)
{
	struct tile_reader *r = context;

	return tile_reader_hash(r, r->source_size, level, index, out);
}

struct merkle_source
tile_reader_source(struct tile_reader *r, uint64_t size)
{
	r->source_size = size;
	return (struct merkle_source){source_read, r};
}

int
tile_reader_entry(struct tile_reader *r, uint64_t size, uint64_t index,
		  struct buf *out)
{
	struct unpacker u;
	struct cached *c;
	struct bytes leaf = {0};
	int rc;

	if (index >= size) {
		return err_set(ERR_INVALID, "an entry outside of the log");
	}
	rc = get_tile(r, TILE_ENTRIES, index / TILE_HASHES, size, &c);
	if (rc != 0) {
		return rc;
	}
	u = (struct unpacker){buf_bytes(&c->content), 0};
	for (uint64_t i = 0; i <= index % TILE_HASHES; i++) {
		leaf = unpack_raw(&u, unpack_u16(&u));
	}
	if (u.rc != 0) {
		return err_set(ERR_CORRUPT, "a bundle of entries is short");
	}
	return buf_put(out, leaf.p, leaf.n);
}

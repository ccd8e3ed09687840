/* The writer of tiles. Which sizes are published, and signing them, is
 * signer.c's; names of files are tilepath.c's, durability is file.c's. */

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/file.h"
#include "audit/tiles.h"
#include "base/pack.h"

#define ENTRY_HEAD_BYTES 2

struct level {
	unsigned width; /* hashes in the tile that is being filled */
	struct hash hashes[TILE_HASHES];
};

struct tiles {
	int folder;
	bool broken;
	uint64_t size;
	uint64_t published;
	struct file_batch batch;
	struct buf bundle; /* the entries of level 0's tile */
	struct level levels[TILE_LEVELS];
};

static struct tile_name
tile_now(const struct tiles *t, unsigned level, unsigned width)
{
	unsigned bits = level == TILE_ENTRIES ? 0 : level * TILE_LEVEL_BITS;

	return (struct tile_name){
		level, (t->size >> bits) / TILE_HASHES, width};
}

static int
put_tile(struct tiles *t, struct tile_name name, struct bytes content)
{
	char path[TILE_PATH_BYTES];

	return file_batch_put(&t->batch, tile_path(name, path), content);
}

static int
put_level(struct tiles *t, unsigned level, unsigned width)
{
	const struct level *l = &t->levels[level];

	return put_tile(t, tile_now(t, level, width),
			bytes_of(l->hashes, width * sizeof(l->hashes[0])));
}

/* Adds a hash to a level; a tile that becomes full is written, and its root
 * goes to the level above. t->size counts the leaf only afterwards, so that
 * tile_now still names the tile that has just been filled. */
static int
push(struct tiles *t, struct hash h)
{
	int rc;

	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct level *l = &t->levels[level];

		l->hashes[l->width++] = h;
		if (l->width < TILE_HASHES) {
			return 0;
		}
		rc = put_level(t, level, TILE_HASHES);
		if (rc == 0 && level == 0) {
			rc = put_tile(t, tile_now(t, TILE_ENTRIES, TILE_HASHES),
				      buf_bytes(&t->bundle));
			buf_reset(&t->bundle);
		}
		if (rc != 0) {
			return rc;
		}
		h = merkle_fold(l->hashes, TILE_HASHES);
		l->width = 0;
	}
	return 0;
}

static int
bundle_put(struct tiles *t, struct bytes leaf)
{
	uint8_t head[ENTRY_HEAD_BYTES];
	int rc;

	put_u16(head, (uint16_t)leaf.n);
	rc = buf_put(&t->bundle, head, sizeof(head));
	return rc == 0 ? buf_put(&t->bundle, leaf.p, leaf.n) : rc;
}

int
tiles_append(struct tiles *t, struct bytes leaf)
{
	int rc;

	if (leaf.n > LEAF_BYTES_MAX) {
		return err_set(ERR_TOO_LARGE, "a leaf of more than %d bytes",
			       LEAF_BYTES_MAX);
	}
	if (t->broken) {
		return err_set(ERR_STATE, "the log's files failed before");
	}
	rc = bundle_put(t, leaf);
	if (rc == 0) {
		rc = push(t, merkle_leaf(leaf));
	}
	t->broken = rc != 0;
	if (rc == 0) {
		t->size++;
	}
	return rc;
}

uint64_t
tiles_size(const struct tiles *t)
{
	return t->size;
}

int
tiles_folder_fd(const struct tiles *t)
{
	return t->folder;
}

struct hash
tiles_root(const struct tiles *t)
{
	struct hash hashes[TILE_HASHES + 1];
	struct hash below;
	bool has = false;

	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		const struct level *l = &t->levels[level];
		size_t n = l->width;

		memcpy(hashes, l->hashes, n * sizeof(hashes[0]));
		if (has) {
			hashes[n++] = below;
		}
		if (n > 0) {
			below = merkle_fold(hashes, n);
			has = true;
		}
	}
	return has ? below : merkle_empty();
}

static int
put_partials(struct tiles *t)
{
	int rc = 0;

	for (unsigned level = 0; level < TILE_LEVELS && rc == 0; level++) {
		if (t->levels[level].width > 0) {
			rc = put_level(t, level, t->levels[level].width);
		}
	}
	if (rc == 0 && t->levels[0].width > 0) {
		rc = put_tile(t, tile_now(t, TILE_ENTRIES, t->levels[0].width),
			      buf_bytes(&t->bundle));
	}
	return rc;
}

/* Whoever still wants a partial form finds the full tile in its place. */
static int
drop_partials(const struct tiles *t)
{
	char path[TILE_PATH_BYTES];
	int rc = 0;

	for (unsigned level = 0; level <= TILE_ENTRIES && rc == 0; level++) {
		unsigned bits = level == TILE_ENTRIES ? 0
						      : level * TILE_LEVEL_BITS;
		uint64_t from = (t->published >> bits) / TILE_HASHES;
		uint64_t to = (t->size >> bits) / TILE_HASHES;

		for (uint64_t n = from; n < to && rc == 0; n++) {
			struct tile_name name = {level, n, TILE_HASHES};

			rc = file_remove_tree(t->folder,
					      tile_partial_folder(name, path));
		}
	}
	return rc;
}

int
tiles_publish(struct tiles *t, struct hash *out_root)
{
	int rc = 0;

	if (t->broken) {
		return err_set(ERR_STATE, "the log's files failed before");
	}
	if (t->size != t->published) {
		rc = put_partials(t);
		if (rc == 0) {
			rc = file_batch_flush(&t->batch);
		}
		if (rc == 0) {
			rc = drop_partials(t);
		}
		if (rc != 0) {
			t->broken = true;
			return rc;
		}
		t->published = t->size;
	}
	*out_root = tiles_root(t);
	return 0;
}

/* Reads the tile that holds `width` hashes or entries at the right edge: its
 * partial form or, where a later size has filled it, the full one. */
static int
read_edge(const struct tiles *t, unsigned level, unsigned width,
	  struct buf *out)
{
	struct tile_name name = tile_now(t, level, width);
	char path[TILE_PATH_BYTES];
	int rc = file_read(t->folder, tile_path(name, path), out);

	if (rc == ERR_NOT_FOUND) {
		name.width = TILE_HASHES;
		rc = file_read(t->folder, tile_path(name, path), out);
	}
	return rc == ERR_NOT_FOUND
		       ? err_set(ERR_CORRUPT, "a tile of the log is missing")
		       : rc;
}

static int
load_level(struct tiles *t, unsigned level, struct buf *scratch)
{
	struct level *l = &t->levels[level];
	unsigned width = (unsigned)(t->size >> (level * TILE_LEVEL_BITS)) %
			 TILE_HASHES;
	int rc;

	if (width == 0) {
		return 0;
	}
	buf_reset(scratch);
	rc = read_edge(t, level, width, scratch);
	if (rc != 0) {
		return rc;
	}
	if (scratch->len < width * sizeof(l->hashes[0])) {
		return err_set(ERR_CORRUPT, "a tile of the log is too short");
	}
	memcpy(l->hashes, scratch->data, width * sizeof(l->hashes[0]));
	l->width = width;
	return 0;
}

/* The entries at the right edge must hash to level 0's tile. */
static int
load_bundle(struct tiles *t, struct buf *scratch)
{
	const struct level *l = &t->levels[0];
	struct unpacker u;
	int rc;

	if (l->width == 0) {
		return 0;
	}
	buf_reset(scratch);
	rc = read_edge(t, TILE_ENTRIES, l->width, scratch);
	if (rc != 0) {
		return rc;
	}
	u = (struct unpacker){buf_bytes(scratch), 0};
	for (unsigned i = 0; i < l->width; i++) {
		struct bytes leaf = unpack_raw(&u, unpack_u16(&u));
		struct hash h = merkle_leaf(leaf);

		if (u.rc != 0 || !hash_equal(&h, &l->hashes[i])) {
			return err_set(ERR_CORRUPT, "entries and hashes of the "
						    "log differ");
		}
		rc = bundle_put(t, leaf);
		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

static int
load(struct tiles *t)
{
	struct buf scratch;
	int rc = 0;

	if (t->size == 0) {
		return file_remove_tree(t->folder, "tile");
	}
	buf_init(&scratch, BUNDLE_BYTES_MAX);
	for (unsigned level = 0; level < TILE_LEVELS && rc == 0; level++) {
		rc = load_level(t, level, &scratch);
	}
	if (rc == 0) {
		rc = load_bundle(t, &scratch);
	}
	buf_clear(&scratch);
	return rc;
}

int
tiles_open(const char *folder, uint64_t size, struct tiles **out)
{
	struct tiles *t = calloc(1, sizeof(*t));
	int rc;

	if (t == NULL) {
		return err_set(ERR_NOMEM, "no memory for the log's tiles");
	}
	t->size = t->published = size;
	buf_init(&t->bundle, BUNDLE_BYTES_MAX);
	rc = file_root_open(folder, &t->folder);
	if (rc != 0) {
		free(t);
		return rc;
	}
	file_batch_init(&t->batch, t->folder);
	rc = load(t);
	if (rc != 0) {
		tiles_close(t);
		return rc;
	}
	*out = t;
	return 0;
}

void
tiles_close(struct tiles *t)
{
	if (t == NULL) {
		return;
	}
	file_batch_clear(&t->batch);
	buf_clear(&t->bundle);
	(void)close(t->folder);
	free(t);
}

/* From the entries to the root, tile by tile. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/file.h"
#include "audit/leaf.h"
#include "audit/tiles.h"
#include "base/pack.h"
#include "recount.h"

bool
recount_want_root(struct recount *r, uint64_t size)
{
	size_t i = r->n_roots;

	for (size_t k = 0; k < r->n_roots; k++) {
		if (r->roots[k].size == size) {
			return true;
		}
	}
	if (r->n_roots == RECOUNT_ROOTS_MAX) {
		return false;
	}
	for (; i > 0 && r->roots[i - 1].size > size; i--) {
		r->roots[i] = r->roots[i - 1];
	}
	r->roots[i] = (struct recount_root){.size = size};
	r->n_roots++;
	return true;
}

const struct hash *
recount_root(const struct recount *r, uint64_t size)
{
	for (size_t i = 0; i < r->n_roots; i++) {
		if (r->roots[i].size == size && r->roots[i].is_reached) {
			return &r->roots[i].root;
		}
	}
	return NULL;
}

static void
note_roots(struct recount *r)
{
	for (size_t i = 0; i < r->n_roots; i++) {
		if (r->roots[i].size == r->edge.size &&
		    !r->roots[i].is_reached) {
			r->roots[i].root = merkle_edge_root(&r->edge);
			r->roots[i].is_reached = true;
		}
	}
}

static int
push_hash(struct hash_list *l, const struct hash *h)
{
	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? TILE_HASHES : 2 * l->cap;
		struct hash *more = realloc(l->hashes, cap * sizeof(*more));

		if (more == NULL) {
			return err_set(ERR_NOMEM, "no memory for hashes");
		}
		l->hashes = more;
		l->cap = cap;
	}
	l->hashes[l->n++] = *h;
	return 0;
}

/* The widest partial form of a tile that is there; 0 when none is. */
static int
widest_partial(int folder, unsigned level, uint64_t n, unsigned *out_width)
{
	struct tile_name name = {level, n, 1};
	char path[TILE_PATH_BYTES];
	struct dirent *entry;
	unsigned widest = 0;
	DIR *dir;
	int fd = openat(folder, tile_partial_folder(name, path),
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		*out_width = 0;
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_set(ERR_IO, "cannot list a folder");
	}
	dir = fdopendir(fd);
	if (dir == NULL) {
		(void)close(fd);
		return err_set(ERR_IO, "cannot list a folder");
	}
	while ((entry = readdir(dir)) != NULL) {
		uint64_t width;

		if (decimal_read(bytes_str(entry->d_name), &width) == 0 &&
		    width < TILE_HASHES && width > widest) {
			widest = (unsigned)width;
		}
	}
	(void)closedir(dir);
	*out_width = widest;
	return 0;
}

/* Splits the bundle at hand and hashes its entries. False when it does not
 * hold exactly `width` entries. */
static bool
split_bundle(struct recount *r, unsigned width)
{
	struct unpacker u = {buf_bytes(&r->bundle), 0};

	r->levels[0].n = 0;
	r->entry_ends[0] = 0;
	for (unsigned i = 0; i < width; i++) {
		struct bytes leaf = unpack_raw(&u, unpack_u16(&u));
		struct hash h;

		if (u.rc != 0) {
			return false;
		}
		h = merkle_leaf(leaf);
		if (push_hash(&r->levels[0], &h) != 0) {
			return false;
		}
		r->entry_ends[i + 1] = r->bundle.len - u.from.n;
	}
	return u.from.n == 0;
}

int
recount_load(struct recount *r, uint64_t n, unsigned *out_width)
{
	struct tile_name name = {TILE_ENTRIES, n, TILE_HASHES};
	char path[TILE_PATH_BYTES];
	int rc;

	r->bundle_now = UINT64_MAX;
	buf_reset(&r->bundle);
	rc = file_read(r->folder, tile_path(name, path), &r->bundle);
	if (rc == ERR_NOT_FOUND) {
		rc = widest_partial(r->folder, TILE_ENTRIES, n, &name.width);
		if (rc == 0 && name.width == 0) {
			*out_width = 0;
			return 0;
		}
		if (rc == 0) {
			rc = file_read(r->folder, tile_path(name, path),
				       &r->bundle);
		}
	}
	if (rc != 0 && rc != ERR_TOO_LARGE) {
		return rc;
	}
	if (rc != 0 || !split_bundle(r, name.width)) {
		report_fault(r->report, "%s does not hold %u entries", path,
			     name.width);
		r->is_cut = true;
		*out_width = 0;
		return 0;
	}
	r->bundle_now = n;
	*out_width = name.width;
	return 0;
}

/* Compares the leaf hashes at hand with tile n of level 0 and names the first
 * entry that differs. */
static int
check_leaf_tile(struct recount *r, uint64_t n, unsigned width)
{
	struct tile_name name = {0, n, width};
	char path[TILE_PATH_BYTES];
	struct buf tile;
	int rc;

	buf_init(&tile, TILE_BYTES);
	rc = file_read(r->folder, tile_path(name, path), &tile);
	if (rc == ERR_NOT_FOUND) {
		report_fault(r->report, "%s is missing", path);
		rc = 0;
	} else if (rc == ERR_TOO_LARGE ||
		   (rc == 0 && tile.len != width * (size_t)HASH_BYTES)) {
		report_fault(r->report, "%s does not hold %u hashes", path,
			     width);
		rc = 0;
	} else if (rc == 0) {
		for (unsigned i = 0; i < width; i++) {
			if (memcmp(tile.data + i * (size_t)HASH_BYTES,
				   r->levels[0].hashes[i].b, HASH_BYTES) != 0) {
				report_fault(r->report,
					     "entry %" PRIu64
					     " and its hash in %s differ",
					     n * TILE_HASHES + i, path);
				break;
			}
		}
		r->n_files++;
	}
	buf_clear(&tile);
	return rc;
}

static void
count_leaf(struct recount *r, uint64_t index, struct bytes bytes)
{
	struct leaf l;

	if (leaf_decode(bytes, &l) != 0) {
		report_fault(r->report, "entry %" PRIu64 ": %s", index,
			     err_last()->text);
		return;
	}
	r->by_type[l.type]++;
	if (index == 0 && l.type == LEAF_SUCCESSOR) {
		r->is_successor = true;
		memcpy(r->first_leaf_commitment.b, l.commitment, HASH_BYTES);
	}
}

/* Whether a root is wanted between these sizes, both excluded. */
static bool
wants_root_between(const struct recount *r, uint64_t low, uint64_t high)
{
	for (size_t i = 0; i < r->n_roots; i++) {
		if (r->roots[i].size > low && r->roots[i].size < high) {
			return true;
		}
	}
	return false;
}

/* Takes the bundle at hand into the tree: as one subtree, where it can. */
static int
add_bundle(struct recount *r, unsigned width)
{
	uint64_t first = r->n_leaves;
	bool at_once = width == TILE_HASHES &&
		       !wants_root_between(r, first, first + width);
	struct hash copy[TILE_HASHES];
	struct hash root;

	for (unsigned i = 0; i < width; i++) {
		size_t from = r->entry_ends[i] + 2; /* past the length */

		count_leaf(r, first + i,
			   bytes_of(r->bundle.data + from,
				    r->entry_ends[i + 1] - from));
		if (!at_once) {
			merkle_edge_add(&r->edge, &r->levels[0].hashes[i]);
			note_roots(r);
		}
	}
	r->n_leaves += width;
	if (width < TILE_HASHES) {
		return 0;
	}
	memcpy(copy, r->levels[0].hashes, sizeof(copy));
	root = merkle_fold(copy, TILE_HASHES);
	if (at_once) {
		merkle_edge_add_full(&r->edge, TILE_LEVEL_BITS, &root);
		note_roots(r);
	}
	return push_hash(&r->levels[1], &root);
}

static int
fill_upper_levels(struct recount *r)
{
	for (unsigned level = 2; level < TILE_LEVELS; level++) {
		const struct hash_list *below = &r->levels[level - 1];

		for (size_t i = 0; i + TILE_HASHES <= below->n;
		     i += TILE_HASHES) {
			struct hash copy[TILE_HASHES];
			struct hash h;
			int rc;

			memcpy(copy, below->hashes + i, sizeof(copy));
			h = merkle_fold(copy, TILE_HASHES);
			rc = push_hash(&r->levels[level], &h);
			if (rc != 0) {
				return rc;
			}
		}
	}
	return 0;
}

int
recount_run(struct recount *r)
{
	unsigned width = TILE_HASHES;
	int rc = 0;

	buf_init(&r->bundle, BUNDLE_BYTES_MAX);
	note_roots(r);
	for (uint64_t n = 0; rc == 0 && width == TILE_HASHES; n++) {
		rc = recount_load(r, n, &width);
		/* The partial forms are all compared by recount_walk. */
		if (rc == 0 && width == TILE_HASHES) {
			rc = check_leaf_tile(r, n, width);
			r->n_files++;
		}
		if (rc == 0) {
			rc = add_bundle(r, width);
		}
	}
	return rc == 0 ? fill_upper_levels(r) : rc;
}

void
recount_clear(struct recount *r)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		free(r->levels[level].hashes);
	}
	buf_clear(&r->bundle);
}

/* Every file under tile/ against what the recount says it must hold. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "audit/file.h"
#include "audit/tiles.h"
#include "recount.h"

#define DEPTH_MAX 12
#define PATH_BYTES 512

/* What the file must hold: borrowed from the recount. Empty when the log is
 * not that long. */
static int
expected(struct recount *r, struct tile_name name, struct bytes *out)
{
	const struct hash_list *l;
	uint64_t first = name.n * TILE_HASHES;
	unsigned width = 0;
	int rc;

	*out = bytes_of(NULL, 0);
	if (name.level != TILE_ENTRIES && name.level != 0) {
		l = &r->levels[name.level];
		if (first + name.width <= l->n) {
			*out = bytes_of(l->hashes + first,
					name.width * sizeof(*l->hashes));
		}
		return 0;
	}
	if (first + name.width > r->n_leaves) {
		return 0;
	}
	rc = r->bundle_now == name.n ? 0 : recount_load(r, name.n, &width);
	if (rc != 0 || r->bundle_now != name.n) {
		return rc;
	}
	*out = name.level == 0
		       ? bytes_of(r->levels[0].hashes,
				  name.width * sizeof(struct hash))
		       : bytes_of(r->bundle.data, r->entry_ends[name.width]);
	return 0;
}

static int
check_file(struct recount *r, const char *path)
{
	struct tile_name name;
	struct bytes want;
	struct buf b;
	int rc;

	if (tile_path_parse(path, &name) != 0) {
		report_fault(r->report, "%s is no file of the log", path);
		return 0;
	}
	/* Full tiles of level 0 were compared on the way. */
	if ((name.level == 0 || name.level == TILE_ENTRIES) &&
	    name.width == TILE_HASHES && name.n < r->n_leaves / TILE_HASHES) {
		return 0;
	}
	rc = expected(r, name, &want);
	if (rc != 0) {
		return rc;
	}
	if (want.n == 0 && r->is_cut) {
		return 0;
	}
	if (want.n == 0) {
		report_fault(r->report, "%s lies beyond the entries", path);
		return 0;
	}
	buf_init(&b, BUNDLE_BYTES_MAX);
	rc = file_read(r->folder, path, &b);
	if (rc == ERR_TOO_LARGE ||
	    (rc == 0 && !bytes_equal(buf_bytes(&b), want))) {
		report_fault(r->report, "%s is not what the entries give",
			     path);
		rc = 0;
	}
	buf_clear(&b);
	r->n_files++;
	return rc;
}

static int
walk(struct recount *r, const char *path, unsigned depth)
{
	int fd = openat(r->folder, path,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char below[PATH_BYTES];
	struct dirent *entry;
	int rc = 0;

	if (dir == NULL) {
		return errno == ENOENT
			       ? 0
			       : err_set(ERR_IO, "cannot list a folder");
	}
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0) {
			continue;
		}
		if ((size_t)snprintf(below, sizeof(below), "%s/%s", path,
				     entry->d_name) >= sizeof(below) ||
		    depth == 0) {
			report_fault(r->report, "%s is no file of the log",
				     path);
		} else if (entry->d_type == DT_DIR) {
			rc = walk(r, below, depth - 1);
		} else {
			rc = check_file(r, below);
		}
	}
	(void)closedir(dir);
	return rc;
}

static bool
is_there(const struct recount *r, struct tile_name name)
{
	char path[TILE_PATH_BYTES];

	return faccessat(r->folder, tile_path(name, path), F_OK, 0) == 0;
}

/* The tiles that a checkpoint of the signed size needs. Full ones of level 0
 * have been looked for already. */
static void
check_missing(struct recount *r)
{
	for (unsigned level = 0; level <= TILE_ENTRIES; level++) {
		unsigned bits = level == TILE_ENTRIES ? 0
						      : level * TILE_LEVEL_BITS;
		uint64_t edge = (r->signed_size >> bits) / TILE_HASHES;
		uint64_t n = level == 0 || level == TILE_ENTRIES ? edge : 0;

		for (; n <= edge; n++) {
			struct tile_name name = {
				level, n,
				tile_width(level, n, r->signed_size)};
			struct tile_name full = {level, n, TILE_HASHES};
			char path[TILE_PATH_BYTES];

			if (name.width != 0 && !is_there(r, name) &&
			    !is_there(r, full)) {
				report_fault(r->report, "%s is missing",
					     tile_path(name, path));
			}
		}
	}
}

int
recount_walk(struct recount *r)
{
	int rc = walk(r, "tile", DEPTH_MAX);

	if (rc == 0) {
		check_missing(r);
	}
	return rc;
}

/* Building the log's files again from the store's leaves: beside the old ones,
 * which are replaced only when the new ones lead to the signed root. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/file.h"
#include "audit/signer.h"

static int
feed_all(struct tiles *t, uint64_t size, const struct signer_leaves *from)
{
	struct buf leaf;
	int rc = 0;

	buf_init(&leaf, LEAF_BYTES_MAX);
	for (uint64_t i = 0; i < size && rc == 0; i++) {
		buf_reset(&leaf);
		rc = from->leaf(from->context, i, &leaf);
		if (rc == 0) {
			rc = tiles_append(t, buf_bytes(&leaf));
		}
	}
	buf_clear(&leaf);
	return rc;
}

/* Swaps the folders "tile" of the two logs in one step. */
static int
exchange(const char *folder, int fresh)
{
	int old;
	int rc = file_root_open(folder, &old);

	if (rc != 0) {
		return rc;
	}
	if (mkdirat(old, "tile", 0755) != 0 && errno != EEXIST) {
		rc = err_set(ERR_IO, "cannot make a folder");
	} else if (renameat2(fresh, "tile", old, "tile", RENAME_EXCHANGE) !=
		   0) {
		rc = err_set(ERR_IO, "cannot exchange the log's tiles: %s",
			     strerror(errno));
	} else if (fsync(old) != 0 || fsync(fresh) != 0) {
		rc = err_set(ERR_OUTCOME, "a log folder could not be synced");
	}
	(void)close(old);
	return rc;
}

static int
build_beside(const struct signer_options *o, const char *beside,
	     const struct signer_leaves *from)
{
	const struct checkpoint *was = head_checkpoint(o->head);
	struct hash root;
	struct tiles *t;
	int rc = tiles_open(beside, 0, &t);

	if (rc != 0) {
		return rc;
	}
	rc = feed_all(t, was->size, from);
	if (rc == 0) {
		rc = tiles_publish(t, &root);
	}
	if (rc == 0 && !hash_equal(&root, &was->root)) {
		rc = err_set(ERR_CORRUPT, "the store's leaves are not those "
					  "that were signed");
	}
	if (rc == 0 && was->size > 0) {
		rc = exchange(o->folder, tiles_folder_fd(t));
	}
	tiles_close(t);
	return rc;
}

int
signer_rebuild(const struct signer_options *o,
	       const struct signer_leaves *from)
{
	char beside[4096];
	int rc, swept;

	if (head_checkpoint(o->head) == NULL) {
		return err_set(ERR_STATE, "nothing was signed yet");
	}
	if ((size_t)snprintf(beside, sizeof(beside), "%s.rebuild",
			     o->folder) >= sizeof(beside)) {
		return err_set(ERR_TOO_LARGE, "the log's path is too long");
	}
	rc = build_beside(o, beside, from);
	swept = file_remove_tree(AT_FDCWD, beside);
	return rc != 0 ? rc : swept;
}

#ifndef AUDIT_TILES_H
#define AUDIT_TILES_H

#include "audit/merkle.h"
#include "audit/tilepath.h"
#include "base/buf.h"

/*
 * The log as files that any static web server can publish, in the layout of
 * c2sp.org/tlog-tiles: hash tiles and entry bundles. The writer is fed with
 * leaves in order, durable ones only; it keeps the right edge of each level in
 * memory, writes a full tile once, and the partial ones at each publish. From
 * the same leaves come the same bytes, so what is lost is built again.
 *
 * One thread at a time uses a writer. Readers (tileread.h) need no lock: files
 * appear whole.
 */
struct tiles;

/* Opens the log in `folder` (made when missing) to go on after `size` leaves,
 * which the files must hold; with size 0 whatever tiles are there are removed.
 * ERR_CORRUPT: tiles are missing or wrong, build them again from leaf 0. */
int tiles_open(const char *folder, uint64_t size, struct tiles **out) MUST_CHECK;
void tiles_close(struct tiles *t);

/* How many leaves it has been fed. */
uint64_t tiles_size(const struct tiles *t);

/* At most LEAF_BYTES_MAX bytes. ERR_TOO_LARGE, ERR_IO, ERR_FULL, ERR_OUTCOME;
 * after any failure the writer takes nothing more and must be closed. */
#define LEAF_BYTES_MAX 1024
int tiles_append(struct tiles *t, struct bytes leaf) MUST_CHECK;

/* Makes every tile of the present size durable and gives the root. Partial
 * forms of tiles that have become full go. Costs nothing when nothing came. */
int tiles_publish(struct tiles *t, struct hash *out_root) MUST_CHECK;

/* The root at the present size, files untouched. */
struct hash tiles_root(const struct tiles *t);

/* The folder, for what else belongs in it: valid while it is open. */
int tiles_folder_fd(const struct tiles *t);

/* The biggest bundle of entries. */
#define BUNDLE_BYTES_MAX (TILE_HASHES * (2 + LEAF_BYTES_MAX))
#define TILE_BYTES (TILE_HASHES * HASH_BYTES)

#endif

#ifndef KEYRING_FILESYSTEM_H
#define KEYRING_FILESYSTEM_H

#include "base/err.h"

/* Whether the file system that holds `path` writes a changed block to another
 * place (copy-on-write, log-structured), so that overwriting in place destroys
 * nothing: overlay, btrfs, ZFS, bcachefs, F2FS, NILFS. `out_name` is the name
 * of such a one, NULL for others. ERR_IO. */
int filesystem_forgets_not(const char *path, const char **out_name) MUST_CHECK;

#endif

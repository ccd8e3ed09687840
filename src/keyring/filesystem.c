/* Which file systems cannot forget: asked before a keystore is trusted to
 * one. What a device below does is out of sight, and SECURITY.md says so. */

#include <errno.h>
#include <string.h>
#include <sys/vfs.h>

#include "keyring/filesystem.h"

static const struct {
	unsigned long magic;
	const char *name;
} forgets_not[] = {
	{0x794c7630, "overlay"}, {0x9123683e, "btrfs"}, {0x2fc12fc1, "zfs"},
	{0xca451a4e, "bcachefs"}, {0xf2f52010, "f2fs"}, {0x3434, "nilfs"},
};

int
filesystem_forgets_not(const char *path, const char **out_name)
{
	struct statfs fs;
	const char *name = NULL;

	if (statfs(path, &fs) != 0) {
		return err_set(ERR_IO, "statfs of the keystore: %s",
			       strerror(errno));
	}
	for (size_t i = 0; i < sizeof(forgets_not) / sizeof(*forgets_not);
	     i++) {
		if ((unsigned long)fs.f_type == forgets_not[i].magic) {
			name = forgets_not[i].name;
		}
	}
	*out_name = name;
	return 0;
}

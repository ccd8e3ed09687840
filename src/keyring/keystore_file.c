/* One copy of the keystore as a file: its blocks, its two slots in place, the
 * folder it lies in. What is in a slot is keystore_slot.c's. */

#include "keyring/keystore_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "keyring/filesystem.h"

static off_t
slot_offset(int slot)
{
	return (off_t)slot * KEYSTORE_SLOT_DISTANCE_BYTES;
}

size_t
keystore_file_read(int fd, int slot, uint8_t out[KEYSTORE_SLOT_BYTES])
{
	ssize_t n = pread(fd, out, KEYSTORE_SLOT_BYTES, slot_offset(slot));

	return n < 0 ? 0 : (size_t)n;
}

int
keystore_file_write(int fd, int slot, const uint8_t bytes[KEYSTORE_SLOT_BYTES])
{
	ssize_t n = pwrite(fd, bytes, KEYSTORE_SLOT_BYTES, slot_offset(slot));

	if (n != KEYSTORE_SLOT_BYTES) {
		return err_set(ERR_OUTCOME, "keystore: %s",
			       n < 0 ? strerror(errno) : "short write");
	}
	return 0;
}

static int
directory_of(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 1 : (size_t)(slash - path);

	if (n >= PATH_MAX) {
		return err_set(ERR_CONFIG, "keystore: long path");
	}
	memcpy(out, slash == NULL ? "." : path, n);
	if (n == 0) {
		out[n++] = '/';
	}
	out[n] = '\0';
	return 0;
}

int
keystore_directory_sync(const char *path)
{
	char directory[PATH_MAX];
	int rc = directory_of(path, directory);
	int fd;

	if (rc != 0) {
		return rc;
	}
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0) {
		rc = err_set(ERR_IO, "keystore: directory: %s",
			     strerror(errno));
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return rc;
}

int
keystore_file_weak(const char *path, bool accept, bool *out_weak)
{
	char directory[PATH_MAX];
	const char *name = NULL;
	int rc = directory_of(path, directory);

	if (rc == 0) {
		rc = filesystem_forgets_not(directory, &name);
	}
	if (rc == 0 && name != NULL && !accept) {
		rc = err_set(ERR_CONFIG,
			     "keystore: on %s overwriting in place destroys "
			     "nothing (accept a weak keystore, or move it)",
			     name);
	}
	if (rc == 0 && name != NULL) {
		*out_weak = true;
	}
	return rc;
}

int
keystore_file_make(const char *path, int *out_fd)
{
	static const uint8_t zeros[KEYSTORE_SLOT_BYTES];
	int fd = open(path,
		      O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC |
			      O_DSYNC,
		      0600);
	int rc = 0;

	if (fd < 0) {
		return err_set(errno == EEXIST ? ERR_EXISTS : ERR_IO,
			       "keystore: %s", strerror(errno));
	}
	if (posix_fallocate(fd, 0, KEYSTORE_FILE_BYTES) != 0) {
		rc = err_set(ERR_IO, "keystore: no room");
	}
	for (int slot = 0; rc == 0 && slot < KEYSTORE_SLOTS; slot++) {
		rc = keystore_file_write(fd, slot, zeros);
	}
	if (rc == 0 && fsync(fd) != 0) {
		rc = err_set(ERR_IO, "keystore: %s", strerror(errno));
	}
	if (rc == 0) {
		rc = keystore_directory_sync(path);
	}
	if (rc != 0) {
		(void)close(fd);
		return rc;
	}
	*out_fd = fd;
	return 0;
}

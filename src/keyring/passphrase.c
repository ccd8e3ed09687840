/* Another passphrase for the keystore. The order of its slots is keystore.c's;
 * here the file that holds the passphrase changes at the right moment. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/keystore_file.h"
#include "keyring/private.h"

struct move {
	const char *from;
	const char *to;
	const struct keyring_config *config;
};

static int
file_error(const char *what)
{
	return err_set(ERR_IO, "passphrase file: %s: %s", what,
		       strerror(errno));
}

/* A copy for the owner of the present one, durable. */
static int
write_beside(int from, const struct stat *owner, const char *path)
{
	uint8_t *bytes = secret_alloc(KEYSTORE_PASSPHRASE_BYTES_MAX);
	ssize_t n;
	int to;
	int rc = 0;

	if (bytes == NULL) {
		return ERR_NOMEM;
	}
	n = read(from, bytes, KEYSTORE_PASSPHRASE_BYTES_MAX);
	to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		  0600);
	if (n < 0 || to < 0 ||
	    fchown(to, owner->st_uid, owner->st_gid) != 0 ||
	    write(to, bytes, (size_t)n) != n || fsync(to) != 0) {
		rc = file_error("write");
	}
	if (to >= 0) {
		(void)close(to);
	}
	secret_free(bytes);
	return rc;
}

/* What is sealed with is this copy: `from` may change between two readings, or
 * be a pipe that gives its content once. */
static int
prepare(const char *from, const char *now, const char *beside)
{
	struct stat given;
	struct stat owner;
	int fd = open(from, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int rc;

	if (fd < 0) {
		return err_set(ERR_CONFIG, "new passphrase: %s",
			       strerror(errno));
	}
	if (fstat(fd, &given) != 0 || !S_ISREG(given.st_mode) ||
	    (given.st_mode & 077) != 0) {
		rc = err_set(ERR_CONFIG, "new passphrase: no file, or one that "
					 "others may read (want mode 0600)");
	} else if (stat(now, &owner) != 0 ||
	    (unlink(beside) != 0 && errno != ENOENT)) {
		rc = file_error("prepare");
	} else {
		rc = write_beside(fd, &owner, beside);
	}
	(void)close(fd);
	return rc;
}

static int
take_place(void *ctx)
{
	const struct move *m = ctx;
	int rc;

	if (rename(m->from, m->to) != 0) {
		return file_error("rename");
	}
	rc = keystore_directory_sync(m->to);
	if (rc == 0 && m->config->step != NULL) {
		m->config->step("passphrase-moved", m->config->step_ctx);
	}
	return rc;
}

int
keyring_change_passphrase(const struct keyring_config *config,
			  const char *from)
{
	struct keystore_config place = keyring_keystore_config(config);
	struct keystore *s;
	char beside[PATH_MAX];
	struct keystore_source next = {.passphrase_file = beside};
	struct move move = {beside, config->passphrase_file, config};
	int rc;

	if (config->passphrase_file == NULL ||
	    (size_t)snprintf(beside, sizeof(beside), "%s.new",
			     config->passphrase_file) >= sizeof(beside)) {
		return err_set(ERR_CONFIG, "the keystore's passphrase is not "
					   "in a file");
	}
	rc = keystore_open(&place, false, &s);
	if (rc != 0) {
		return rc;
	}
	rc = prepare(from, config->passphrase_file, beside);
	if (rc == 0) {
		rc = keystore_reseal(s, &next, take_place, &move);
	}
	(void)unlink(beside);
	keystore_close(s);
	return rc;
}

/* Files and folders that the arguments name. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "audit/file.h"
#include "command.h"
#include "daemon/config.h"
#include "input.h"

#define LIVE_TEXT \
	"a running service holds this instance; stop it, or audit a copy"

static int
complain(int status, const char *path, const char *what)
{
	(void)fprintf(stderr, "ninety-audit: %s: %s\n", path, what);
	return status;
}

int
input_file(const char *path, struct buf *out)
{
	int rc = file_read(AT_FDCWD,
			   strcmp(path, "-") == 0 ? "/dev/stdin" : path, out);

	if (rc == 0) {
		return EXIT_GOOD;
	}
	if (rc == ERR_NOT_FOUND) {
		return complain(EXIT_NO_INPUT, path, "there is no such file");
	}
	return complain(rc == ERR_TOO_LARGE ? EXIT_BAD_DATA : EXIT_IO, path,
			err_last()->text);
}

int
input_vkey(const char *key_or_file, struct note_verifier *out)
{
	struct buf b;
	int status;

	if (strchr(key_or_file, '+') != NULL &&
	    note_vkey_parse(bytes_str(key_or_file), out) == 0) {
		return EXIT_GOOD;
	}
	buf_init(&b, NOTE_BYTES_MAX);
	status = input_file(key_or_file, &b);
	if (status == EXIT_GOOD && note_vkey_parse(buf_bytes(&b), out) != 0) {
		status = complain(EXIT_BAD_DATA, key_or_file,
				  err_last()->text);
	}
	buf_clear(&b);
	return status;
}

int
input_lock(const char *store, int *out_fd)
{
	int fd = open(store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*out_fd = fd;
	if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0) {
		return EXIT_GOOD;
	}
	(void)close(fd);
	*out_fd = -1;
	return complain(EXIT_LIVE, store, LIVE_TEXT);
}

int
input_config(const char *dir, struct config **out)
{
	char path[INPUT_PATH_BYTES];
	int rc;

	if (access(dir, F_OK) != 0) {
		return complain(EXIT_NO_INPUT, dir, strerror(errno));
	}
	(void)snprintf(path, sizeof(path), "%s/ninety.yaml", dir);
	rc = access(path, F_OK) == 0 ? config_read(path, out)
				     : config_default(dir, out);
	return rc == 0 ? EXIT_GOOD
		       : complain(EXIT_BAD_DATA, dir, err_last()->text);
}

static bool
has(const char *folder, const char *name)
{
	char path[INPUT_PATH_BYTES + 16];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return access(path, F_OK) == 0;
}

static bool
is_log(const char *folder)
{
	return has(folder, "tile") || has(folder, "checkpoint");
}

static int
find_log(const char *dir, struct input_log *in)
{
	struct config *config;
	int status;

	if (is_log(dir)) {
		(void)snprintf(in->folder, sizeof(in->folder), "%s", dir);
		return EXIT_GOOD;
	}
	status = input_config(dir, &config);
	if (status != EXIT_GOOD) {
		return status;
	}
	(void)snprintf(in->folder, sizeof(in->folder), "%s", config->log);
	if (access(config->store, F_OK) == 0) {
		(void)snprintf(in->store, sizeof(in->store), "%s",
			       config->store);
	}
	config_free(config);
	return is_log(in->folder)
		       ? EXIT_GOOD
		       : complain(EXIT_NO_INPUT, dir, "there is no log in it");
}

int
input_log_open(const char *dir, struct input_log *out)
{
	char store[INPUT_PATH_BYTES + 16];
	size_t n = strlen(dir);
	char path[INPUT_PATH_BYTES];
	int status;

	*out = (struct input_log){.store_lock = -1};
	while (n > 1 && dir[n - 1] == '/') {
		n--;
	}
	if (n >= sizeof(path)) {
		return complain(EXIT_NO_INPUT, dir, "the path is too long");
	}
	(void)snprintf(path, sizeof(path), "%.*s", (int)n, dir);
	status = find_log(path, out);
	if (status != EXIT_GOOD) {
		return status;
	}
	/* The folder of a log may lie in that of its instance. */
	(void)snprintf(store, sizeof(store), "%s%s/store", path,
		       strcmp(out->folder, path) == 0 ? "/.." : "");
	return input_lock(out->store[0] == 0 ? store : out->store,
			  &out->store_lock);
}

void
input_log_close(struct input_log *in)
{
	if (in->store_lock >= 0) {
		(void)close(in->store_lock);
	}
}

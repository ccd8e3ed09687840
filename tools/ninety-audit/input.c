/* Files and folders that the arguments name. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "audit/file.h"
#include "command.h"
#include "input.h"

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
input_lock(const char *dir, int *out_fd)
{
	char path[INPUT_PATH_BYTES];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/lock", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	*out_fd = fd;
	if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0) {
		return EXIT_GOOD;
	}
	(void)close(fd);
	*out_fd = -1;
	return complain(EXIT_LIVE, dir,
			"a running service holds this instance; stop it, or "
			"audit a copy");
}

static bool
is_log(const char *folder)
{
	char path[INPUT_PATH_BYTES + 16];

	(void)snprintf(path, sizeof(path), "%s/tile", folder);
	if (access(path, F_OK) == 0) {
		return true;
	}
	(void)snprintf(path, sizeof(path), "%s/checkpoint", folder);
	return access(path, F_OK) == 0;
}

int
input_log_folder(const char *dir, char out[INPUT_PATH_BYTES], int *out_lock_fd)
{
	char parent[INPUT_PATH_BYTES];
	size_t n = strlen(dir);

	*out_lock_fd = -1;
	while (n > 1 && dir[n - 1] == '/') {
		n--;
	}
	if (n + 8 > INPUT_PATH_BYTES) {
		return complain(EXIT_NO_INPUT, dir, "the path is too long");
	}
	(void)snprintf(out, INPUT_PATH_BYTES, "%.*s/log", (int)n, dir);
	(void)snprintf(parent, sizeof(parent), "%.*s", (int)n, dir);
	if (!is_log(out)) {
		(void)snprintf(out, INPUT_PATH_BYTES, "%.*s", (int)n, dir);
		(void)snprintf(parent, sizeof(parent), "%.*s/..", (int)n, dir);
	}
	if (!is_log(out)) {
		return complain(EXIT_NO_INPUT, dir,
				access(dir, F_OK) == 0
					? "there is no log in it"
					: "there is no such directory");
	}
	return input_lock(parent, out_lock_fd);
}

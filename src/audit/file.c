/* Whole files or none, below one folder. Knows nothing of logs. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/file.h"

#define TREE_DEPTH_MAX 12
#define READ_AHEAD_BYTES 16384
/* Below this many files each is synced by itself; from there on one syncfs
 * costs less than that many waits. */
#define SYNC_ALL_FROM_FILES 16

static int
io_error(const char *what)
{
	int code = errno;

	return err_set(code == ENOSPC || code == EDQUOT ? ERR_FULL : ERR_IO,
		       "log files: %s: %s", what, strerror(code));
}

int
file_root_open(const char *folder, int *out_fd)
{
	int fd;

	if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
		return io_error("cannot make the folder");
	}
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return io_error("cannot open the folder");
	}
	if (mkdirat(fd, "tmp", 0700) != 0 && errno != EEXIST) {
		int rc = io_error("cannot make its tmp");

		(void)close(fd);
		return rc;
	}
	*out_fd = fd;
	return 0;
}

void
file_batch_init(struct file_batch *b, int root)
{
	b->root = root;
	b->n = 0;
	b->n_folders = 0;
}

void
file_batch_clear(struct file_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		(void)close(b->files[i].fd);
	}
	b->n = 0;
	b->n_folders = 0;
}

static char *
tmp_name(size_t i, char out[32])
{
	(void)snprintf(out, 32, "tmp/%zu", i);
	return out;
}

static int
write_all(int fd, struct bytes content)
{
	while (content.n > 0) {
		ssize_t n = write(fd, content.p, content.n);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return io_error("cannot write");
		}
		content = bytes_of(content.p + n, content.n - (size_t)n);
	}
	return 0;
}

int
file_batch_put(struct file_batch *b, const char *path, struct bytes content)
{
	char tmp[32];
	int fd, rc;

	if (b->n == FILE_BATCH_MAX) {
		rc = file_batch_flush(b);
		if (rc != 0) {
			return rc;
		}
	}
	fd = openat(b->root, tmp_name(b->n, tmp),
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0) {
		return io_error("cannot make a file");
	}
	rc = write_all(fd, content);
	if (rc != 0) {
		(void)close(fd);
		return rc;
	}
	b->files[b->n].fd = fd;
	(void)snprintf(b->files[b->n].path, FILE_PATH_BYTES, "%s", path);
	b->n++;
	return 0;
}

static int
sync_folder(int root, const char *path)
{
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0) {
		return io_error("cannot open a folder");
	}
	if (fsync(fd) != 0) {
		rc = err_set(ERR_OUTCOME, "a log folder could not be synced");
	}
	(void)close(fd);
	return rc;
}

static int
sync_folders(struct file_batch *b)
{
	for (size_t i = 0; i < b->n_folders; i++) {
		int rc = sync_folder(b->root, b->folders[i]);

		if (rc != 0) {
			return rc;
		}
	}
	b->n_folders = 0;
	return 0;
}

/* Remembers that the folder of `path` has changed. */
static int
mark_folder(struct file_batch *b, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 1 : (size_t)(slash - path);
	const char *folder = slash == NULL ? "." : path;

	for (size_t i = b->n_folders; i-- > 0;) {
		if (strncmp(b->folders[i], folder, n) == 0 &&
		    b->folders[i][n] == 0) {
			return 0;
		}
	}
	if (b->n_folders == FILE_FOLDERS_MAX) {
		int rc = sync_folders(b);

		if (rc != 0) {
			return rc;
		}
	}
	memcpy(b->folders[b->n_folders], folder, n);
	b->folders[b->n_folders][n] = 0;
	b->n_folders++;
	return 0;
}

/* mkdir -p for the folder of `path`; marks what was changed on the way. */
static int
make_folders(struct file_batch *b, const char *path)
{
	char part[FILE_PATH_BYTES];

	for (const char *p = strchr(path, '/'); p != NULL;
	     p = strchr(p + 1, '/')) {
		size_t n = (size_t)(p - path);
		int rc;

		memcpy(part, path, n);
		part[n] = 0;
		if (mkdirat(b->root, part, 0755) == 0) {
			rc = mark_folder(b, part);
			if (rc != 0) {
				return rc;
			}
		} else if (errno != EEXIST) {
			return io_error("cannot make a folder");
		}
	}
	return 0;
}

static int
move_into_place(struct file_batch *b, size_t i)
{
	const char *path = b->files[i].path;
	char tmp[32];
	int rc;

	if (renameat(b->root, tmp_name(i, tmp), b->root, path) != 0) {
		if (errno != ENOENT) {
			return io_error("cannot move a file");
		}
		rc = make_folders(b, path);
		if (rc != 0) {
			return rc;
		}
		if (renameat(b->root, tmp, b->root, path) != 0) {
			return io_error("cannot move a file");
		}
	}
	return mark_folder(b, path);
}

static int
sync_contents(const struct file_batch *b)
{
	bool failed = false;

	if (b->n >= SYNC_ALL_FROM_FILES) {
		failed = syncfs(b->root) != 0;
	} else {
		for (size_t i = 0; i < b->n; i++) {
			failed = fdatasync(b->files[i].fd) != 0 || failed;
		}
	}
	return failed ? err_set(ERR_OUTCOME, "log files could not be synced")
		      : 0;
}

int
file_batch_flush(struct file_batch *b)
{
	int rc = sync_contents(b);

	for (size_t i = 0; i < b->n && rc == 0; i++) {
		rc = move_into_place(b, i);
	}
	for (size_t i = 0; i < b->n; i++) {
		(void)close(b->files[i].fd);
	}
	b->n = 0;
	return rc == 0 ? sync_folders(b) : rc;
}

int
file_put(int root, const char *path, struct bytes content)
{
	struct file_batch b;
	int rc;

	file_batch_init(&b, root);
	rc = file_batch_put(&b, path, content);
	if (rc == 0) {
		rc = file_batch_flush(&b);
	}
	file_batch_clear(&b);
	return rc;
}

static int
read_all(int fd, struct buf *out)
{
	for (;;) {
		size_t room = out->max - out->len;
		uint8_t *to;
		ssize_t n;

		/* One byte more than allowed tells a file that is too long. */
		if (room == 0) {
			uint8_t extra;

			n = read(fd, &extra, 1);
			return n == 0 ? 0
			       : n < 0 ? io_error("cannot read")
				       : err_set(ERR_TOO_LARGE,
						 "a log file is too long");
		}
		room = room < READ_AHEAD_BYTES ? room : READ_AHEAD_BYTES;
		to = buf_room(out, room);
		if (to == NULL) {
			return err_set(ERR_NOMEM, "no memory for a log file");
		}
		n = read(fd, to, room);
		if (n < 0 && errno != EINTR) {
			return io_error("cannot read");
		}
		if (n == 0) {
			return 0;
		}
		buf_grown(out, n < 0 ? 0 : (size_t)n);
	}
}

int
file_read(int root, const char *path, struct buf *out)
{
	int fd = openat(root, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int rc;

	if (fd < 0) {
		return errno == ENOENT || errno == ENOTDIR
			       ? err_set(ERR_NOT_FOUND, "no such log file")
			       : io_error("cannot open a file");
	}
	rc = read_all(fd, out);
	(void)close(fd);
	return rc;
}

static int
remove_below(int fd, unsigned depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	int rc = 0;

	if (dir == NULL) {
		(void)close(fd);
		return io_error("cannot list a folder");
	}
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		int sub;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    unlinkat(dirfd(dir), entry->d_name, 0) == 0) {
			continue;
		}
		sub = openat(dirfd(dir), entry->d_name,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0 || depth == 0) {
			rc = io_error("cannot remove");
			if (sub >= 0) {
				(void)close(sub);
			}
			break;
		}
		rc = remove_below(sub, depth - 1);
		if (rc == 0 && unlinkat(dirfd(dir), entry->d_name,
					AT_REMOVEDIR) != 0) {
			rc = io_error("cannot remove a folder");
		}
	}
	(void)closedir(dir);
	return rc;
}

int
file_remove_tree(int root, const char *path)
{
	int fd = openat(root, path,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc;

	if (fd < 0) {
		return errno == ENOENT ? 0 : io_error("cannot open a folder");
	}
	rc = remove_below(fd, TREE_DEPTH_MAX);
	if (rc == 0 && unlinkat(root, path, AT_REMOVEDIR) != 0) {
		rc = io_error("cannot remove a folder");
	}
	return rc;
}

/*
 * Reads a directory of policy files; what they say is load.c's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/private.h"
#include "policy/tree.h"

#define PATH_BYTES 4096

const char *const policy_main_files[POLICY_MAIN_FILES] = {
	"house.yaml",      "categories.yaml", "purposes.yaml",
	"recipients.yaml", "ages.yaml",
};

struct directory {
	struct arena *a;
	const char *path;
	struct policy_faults *faults;
	struct policy_source sources[POLICY_FILES_MAX];
	size_t n;
};

/* At most POLICY_FILE_BYTES_MAX of a regular file; what cannot be read is a
 * fault, not an error. */
static int
read_file(struct directory *d, struct policy_source *out)
{
	char path[PATH_BYTES];
	struct stat st;
	uint8_t *data;
	size_t size;
	size_t n = 0;
	ssize_t got = 1;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", d->path, out->file) >=
	    (int)sizeof(path)) {
		faults_add(d->faults, out->file, 0, 0, "the path is too long");
		return 0;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > (off_t)POLICY_FILE_BYTES_MAX) {
		faults_add(d->faults, out->file, 0, 0,
			   fd < 0 ? "cannot be opened: %s"
				  : "has to be a file of at most 256 KiB",
			   strerror(errno));
		if (fd >= 0) {
			(void)close(fd);
		}
		return 0;
	}
	size = (size_t)st.st_size;
	data = arena_alloc(d->a, size + 1);
	while (data != NULL && n < size && got > 0) {
		got = read(fd, data + n, size - n);
		n += got > 0 ? (size_t)got : 0;
	}
	(void)close(fd);
	if (data == NULL) {
		return ERR_NOMEM;
	}
	out->content = bytes_of(data, n);
	return 0;
}

static int
is_yaml(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return entry->d_name[0] != '.' && n > 5 && n < 60 &&
	       strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

static int
find_regimes(struct directory *d)
{
	char path[PATH_BYTES];
	struct dirent **names = NULL;
	int n;
	int rc = 0;

	(void)snprintf(path, sizeof(path), "%s/regimes", d->path);
	n = scandir(path, &names, is_yaml, alphasort);
	if (n < 0) {
		faults_add(d->faults, "regimes", 0, 0, "cannot be opened: %s",
			   strerror(errno));
		return 0;
	}
	for (int i = 0; i < n; i++) {
		if (d->n == POLICY_FILES_MAX) {
			faults_add(d->faults, "regimes", 0, 0,
				   "too many files");
		} else if (rc == 0) {
			d->sources[d->n].file = arena_printf(d->a, "regimes/%s",
							     names[i]->d_name);
			rc = d->sources[d->n].file == NULL ? ERR_NOMEM : 0;
			d->n++;
		}
		free(names[i]);
	}
	free(names);
	return rc;
}

/* A misspelt file would else be a rule that silently does not hold. */
static void
find_strangers(struct directory *d)
{
	struct dirent **names = NULL;
	int n = scandir(d->path, &names, is_yaml, alphasort);

	for (int i = 0; i < n; i++) {
		bool known = false;

		for (size_t j = 0; j < POLICY_MAIN_FILES; j++) {
			known |= strcmp(names[i]->d_name,
					policy_main_files[j]) == 0;
		}
		if (!known) {
			faults_add(d->faults, names[i]->d_name, 0, 0,
				   "not a policy file: these are house.yaml, "
				   "categories.yaml, purposes.yaml, "
				   "recipients.yaml, ages.yaml and "
				   "regimes/NAME.yaml");
		}
		free(names[i]);
	}
	free(names);
}

static int
read_directory(struct directory *d)
{
	int rc;

	for (size_t i = 0; i < POLICY_MAIN_FILES; i++) {
		d->sources[i].file = policy_main_files[i];
	}
	d->n = POLICY_MAIN_FILES;
	rc = find_regimes(d);
	find_strangers(d);
	for (size_t i = 0; rc == 0 && i < d->n; i++) {
		rc = read_file(d, &d->sources[i]);
	}
	return rc;
}

int
policy_load(const char *dir, const struct policy **out_policy,
	    struct policy_faults *faults)
{
	struct arena *a = arena_new(POLICY_MEMORY_BYTES_MAX);
	struct directory *d = a == NULL ? NULL : ARENA_NEW(a, struct directory);
	int rc;

	faults_clear(faults);
	if (d == NULL) {
		arena_free(a);
		return err_set(ERR_NOMEM, "no memory for the policies");
	}
	d->a = a;
	d->path = dir;
	d->faults = faults;
	rc = read_directory(d);
	if (rc == 0) {
		rc = policy_load_sources(a, d->sources, d->n, out_policy,
					 faults);
	}
	if (rc != 0) {
		arena_free(a);
	}
	return rc;
}

/*
 * From a directory to a policy: reads the files, has them shaped, linked and
 * checked, and builds the snapshot only when there is no fault at all.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "policy/private.h"
#include "policy/raw.h"

#define POLICY_MEMORY_BYTES_MAX (64u << 20)
#define PATH_BYTES 4096

static const char *const main_files[RAW_REGIMES] = {
	[RAW_HOUSE] = "house.yaml",
	[RAW_CATEGORIES] = "categories.yaml",
	[RAW_PURPOSES] = "purposes.yaml",
	[RAW_RECIPIENTS] = "recipients.yaml",
	[RAW_AGES] = "ages.yaml",
};

/* At most POLICY_FILE_BYTES_MAX of a regular file, in the arena. */
static int
read_file(struct raw_set *s, const char *dir, const char *file,
	  struct bytes *out)
{
	char path[PATH_BYTES];
	struct stat st;
	uint8_t *data;
	size_t size;
	size_t n = 0;
	ssize_t got = 1;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", dir, file) >=
	    (int)sizeof(path)) {
		faults_add(s->faults, file, 0, 0, "the path is too long");
		return ERR_CONFIG;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > POLICY_FILE_BYTES_MAX) {
		faults_add(s->faults, file, 0, 0,
			   fd < 0 ? "cannot be opened: %s"
				  : "has to be a file of at most 256 KiB",
			   strerror(errno));
		if (fd >= 0) {
			(void)close(fd);
		}
		return ERR_CONFIG;
	}
	size = (size_t)st.st_size;
	data = arena_alloc(s->a, size + 1);
	while (data != NULL && n < size && got > 0) {
		got = read(fd, data + n, size - n);
		n += got > 0 ? (size_t)got : 0;
	}
	(void)close(fd);
	if (data == NULL) {
		return ERR_NOMEM;
	}
	*out = bytes_of(data, n);
	return 0;
}

static const char *
hash_text(struct arena *a, struct bytes content)
{
	char hex[SHA256_HEX_BYTES];

	return arena_text(a, sha256_hex(content, hex),
			  SHA256_HEX_BYTES - 1);
}

/* One file into its raw struct; what is wrong is a fault, not an error. */
static int
load_file(struct raw_set *s, const char *dir, size_t i,
	  const struct shape *shape, void *out, struct policy_file *head)
{
	struct raw_file *f = &s->files[i];
	struct shape_reader r = {.a = s->a, .file = f->file,
				 .faults = s->faults};
	struct bytes content;
	int rc = read_file(s, dir, f->file, &content);

	if (rc == 0) {
		rc = tree_parse(s->a, f->file, content, s->faults, &f->root);
	}
	if (rc == ERR_CONFIG) {
		f->root = NULL;
		return 0;
	}
	if (rc != 0) {
		return rc;
	}
	shape_read(&r, f->root, shape, out);
	head->file = f->file;
	head->sha256 = hash_text(s->a, content);
	f->head = *head;
	return head->sha256 == NULL ? ERR_NOMEM : r.rc;
}

static int
is_yaml(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && n > 5 && n < 60 &&
	       strcmp(d->d_name + n - 5, ".yaml") == 0;
}

static int
find_regimes(struct raw_set *s, const char *dir)
{
	char path[PATH_BYTES];
	struct dirent **names = NULL;
	int n;
	int rc = 0;

	(void)snprintf(path, sizeof(path), "%s/regimes", dir);
	n = scandir(path, &names, is_yaml, alphasort);
	if (n < 0) {
		faults_add(s->faults, "regimes", 0, 0,
			   "cannot be opened: %s", strerror(errno));
		return 0;
	}
	for (int i = 0; i < n; i++) {
		if (s->n_files == POLICY_FILES_MAX) {
			faults_add(s->faults, "regimes", 0, 0,
				   "too many files");
		} else if (rc == 0) {
			s->files[s->n_files].file = arena_printf(
				s->a, "regimes/%s", names[i]->d_name);
			rc = s->files[s->n_files].file == NULL ? ERR_NOMEM : 0;
			s->n_files++;
			s->n_regimes++;
		}
		free(names[i]);
	}
	free(names);
	return rc;
}

/* A misspelt file would else be a rule that silently does not hold. */
static void
find_strangers(struct raw_set *s, const char *dir)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, is_yaml, alphasort);

	for (int i = 0; i < n; i++) {
		bool known = false;

		for (size_t j = 0; j < RAW_REGIMES; j++) {
			known |= strcmp(names[i]->d_name, main_files[j]) == 0;
		}
		if (!known) {
			faults_add(s->faults, names[i]->d_name, 0, 0,
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
load_all(struct raw_set *s, const char *dir)
{
	struct {
		const struct shape *shape;
		void *out;
		struct policy_file *head;
	} const mains[RAW_REGIMES] = {
		{&shape_house, &s->house, &s->house.head},
		{&shape_categories, &s->categories, &s->categories.head},
		{&shape_purposes, &s->purposes, &s->purposes.head},
		{&shape_recipients, &s->recipients, &s->recipients.head},
		{&shape_ages, &s->ages, &s->ages.head},
	};
	int rc;

	for (size_t i = 0; i < RAW_REGIMES; i++) {
		s->files[i].file = main_files[i];
	}
	s->n_files = RAW_REGIMES;
	rc = find_regimes(s, dir);
	find_strangers(s, dir);
	for (size_t i = 0; rc == 0 && i < RAW_REGIMES; i++) {
		rc = load_file(s, dir, i, mains[i].shape, mains[i].out,
			       mains[i].head);
	}
	for (size_t i = 0; rc == 0 && i < s->n_regimes; i++) {
		rc = load_file(s, dir, RAW_REGIMES + i, &shape_regime,
			       &s->regimes[i], &s->regimes[i].head);
	}
	if (rc == 0) {
		rc = link_names(s);
	}
	if (rc == 0) {
		check_set(s);
	}
	return rc;
}

/* One hash for all: of the lines that sha256sum would print. */
static const char *
hash_all(struct raw_set *s)
{
	struct buf lines;
	const char *hash = NULL;
	int rc = 0;

	buf_init(&lines, POLICY_FILES_MAX * 256);
	for (size_t i = 0; rc == 0 && i < s->n_files; i++) {
		rc = buf_printf(&lines, "%s  %s\n", s->files[i].head.sha256,
				s->files[i].file);
	}
	if (rc == 0) {
		hash = hash_text(s->a, buf_bytes(&lines));
	}
	buf_clear(&lines);
	return hash;
}

static int
build(struct raw_set *s, const struct policy **out)
{
	struct policy_box *box = ARENA_NEW(s->a, struct policy_box);
	struct policy_file *files = arena_array(s->a, s->n_files,
						sizeof(*files));
	struct policy_recipient *recipients = arena_array(
		s->a, s->recipients.n + 1, sizeof(*recipients));
	struct policy_regime *regimes = arena_array(s->a, s->n_regimes + 1,
						    sizeof(*regimes));
	const char *hash = hash_all(s);

	if (box == NULL || files == NULL || recipients == NULL ||
	    regimes == NULL || hash == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < s->n_files; i++) {
		files[i] = s->files[i].head;
	}
	for (size_t i = 0; i < s->recipients.n; i++) {
		recipients[i] = s->recipients.items[i].as;
	}
	for (size_t i = 0; i < s->n_regimes; i++) {
		regimes[i] = s->regimes[i].as;
	}
	box->policy = (struct policy){
		.files = files,
		.n_files = s->n_files,
		.sha256 = hash,
		.house = s->house.as,
		.categories = s->linked_categories,
		.n_categories = s->categories.n,
		.purposes = s->linked_purposes,
		.n_purposes = s->purposes.n,
		.recipients = recipients,
		.n_recipients = s->recipients.n,
		.regimes = regimes,
		.n_regimes = s->n_regimes,
		.ages = s->ages.as,
	};
	box->arena = s->a;
	atomic_init(&box->references, 1);
	*out = &box->policy;
	return 0;
}

int
policy_load(const char *dir, const struct policy **out_policy,
	    struct policy_faults *faults)
{
	struct arena *a = arena_new(POLICY_MEMORY_BYTES_MAX);
	struct raw_set *s = a == NULL ? NULL : ARENA_NEW(a, struct raw_set);
	char first[POLICY_FAULT_TEXT_BYTES + 160];
	int rc;

	faults_clear(faults);
	if (s == NULL) {
		arena_free(a);
		return err_set(ERR_NOMEM, "no memory for the policies");
	}
	s->a = a;
	s->faults = faults;
	rc = load_all(s, dir);
	if (rc == 0 && faults->n > 0) {
		rc = err_set(ERR_CONFIG, "%s",
			     policy_fault_print(&faults->items[0], first,
						sizeof(first)));
	}
	if (rc == 0) {
		rc = build(s, out_policy);
	}
	if (rc != 0) {
		arena_free(a);
	}
	return rc;
}

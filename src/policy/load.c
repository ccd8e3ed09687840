/*
 * From the files' bytes to a policy: has them shaped, linked and checked, and
 * builds the snapshot only when there is no fault at all. directory.c reads
 * the files.
 */
#include <stdio.h>

#include "base/digest.h"
#include "policy/private.h"
#include "policy/raw.h"

#define LINE_BYTES_MAX ((size_t)256)

static const char *
hash_text(struct arena *a, struct bytes content)
{
	char hex[SHA256_HEX_BYTES];

	return arena_text(a, sha256_hex(content, hex), SHA256_HEX_BYTES - 1);
}

/* One file into its raw struct; what is wrong is a fault, not an error. */
static int
load_file(struct raw_set *s, const struct policy_source *source, size_t i,
	  const struct shape *shape, void *out, struct policy_file *head)
{
	struct raw_file *f = &s->files[i];
	struct shape_reader r = {
		.a = s->a, .file = source->file, .faults = s->faults};
	int rc;

	f->file = source->file;
	if (source->content.p == NULL) {
		return 0;
	}
	rc = tree_parse(s->a, f->file, source->content, s->faults, &f->root);
	if (rc == ERR_CONFIG) {
		f->root = NULL;
		return 0;
	}
	if (rc != 0) {
		return rc;
	}
	shape_read(&r, f->root, shape, out);
	head->file = f->file;
	head->sha256 = hash_text(s->a, source->content);
	f->head = *head;
	return head->sha256 == NULL ? ERR_NOMEM : r.rc;
}

static int
load_all(struct raw_set *s, const struct policy_source *sources, size_t n)
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
	int rc = 0;

	s->n_files = n;
	s->n_regimes = n - RAW_REGIMES;
	for (size_t i = 0; rc == 0 && i < RAW_REGIMES; i++) {
		rc = load_file(s, &sources[i], i, mains[i].shape, mains[i].out,
			       mains[i].head);
	}
	for (size_t i = RAW_REGIMES; rc == 0 && i < n; i++) {
		struct raw_regime *r = &s->regimes[i - RAW_REGIMES];

		rc = load_file(s, &sources[i], i, &shape_regime, r, &r->head);
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

	buf_init(&lines, POLICY_FILES_MAX * LINE_BYTES_MAX);
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
	struct policy_file *files =
		arena_array(s->a, s->n_files, sizeof(*files));
	struct policy_recipient *recipients =
		arena_array(s->a, s->recipients.n + 1, sizeof(*recipients));
	struct policy_regime *regimes =
		arena_array(s->a, s->n_regimes + 1, sizeof(*regimes));
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
policy_load_sources(struct arena *a, const struct policy_source *sources,
		    size_t n, const struct policy **out_policy,
		    struct policy_faults *faults)
{
	struct raw_set *s = ARENA_NEW(a, struct raw_set);
	char first[POLICY_FAULT_TEXT_BYTES + 160];
	int rc;

	if (s == NULL) {
		return ERR_NOMEM;
	}
	s->a = a;
	s->faults = faults;
	rc = load_all(s, sources, n);
	if (rc == 0 && faults->n > 0) {
		rc = err_set(ERR_CONFIG, "%s",
			     policy_fault_print(&faults->items[0], first,
						sizeof(first)));
	}
	return rc == 0 ? build(s, out_policy) : rc;
}

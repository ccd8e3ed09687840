/* The log's files by themselves: a large log is written and signed, proofs of
 * it checked, and ninety-audit replays it. */

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "audit/signer.h"
#include "audit/tileread.h"
#include "base/entropy.h"
#include "bench.h"
#include "local.h"
#include "log.h"
#include "store/store.h"

#define PROOFS 20000
#define ROWS 100000
#define ROWS_A_TXN 500
#define ORIGIN "bench.example/log"
#define PATH_BYTES (LOCAL_PATH_BYTES + 32)

struct files_run {
	const struct log_options *o;
	struct figures *f;
	struct work_state random;
	char directory[LOCAL_PATH_BYTES];
	char folder[PATH_BYTES];
	struct hash *hashes; /* of all leaves */
	struct hash root;
};

/* Leaves of made-up reads, as many as were asked for. */
static int
leaves_feed(struct files_run *r, struct signer *s)
{
	uint8_t bytes[LEAF_BYTES];
	int rc = 0;

	for (uint64_t i = 0; i < r->o->leaves && rc == 0; i++) {
		struct leaf leaf = {.type = LEAF_READ,
				    .category = 1,
				    .at_ms = 1790000000000 + (int64_t)i};

		entropy_fill(entropy_system(), leaf.id.b, sizeof(leaf.id.b));
		entropy_fill(entropy_system(), leaf.commitment,
			     sizeof(leaf.commitment));
		leaf_encode(&leaf, bytes);
		r->hashes[i] = merkle_leaf(bytes_of(bytes, sizeof(bytes)));
		rc = signer_feed(s, bytes_of(bytes, sizeof(bytes)));
	}
	return rc;
}

/* The leaves' rows in a store of their own, in its pages. */
static int
rows_put(struct store *s, uint64_t from, uint64_t end)
{
	static const uint8_t leaf[LEAF_BYTES];
	struct txn *t;
	int rc = store_begin(s, &t);

	for (uint64_t i = from; i < end && rc == 0; i++) {
		struct key_maker k = {.n = 0};

		key_u64(&k, i);
		rc = txn_put(t, TABLE_LEAF, key_bytes(&k),
			     bytes_of(leaf, sizeof(leaf)));
	}
	if (rc == 0) {
		rc = store_end(s, t, true);
	}
	return rc == 0 ? store_sync(s) : rc;
}

static int
rows_copied(struct files_run *r, struct store *s, double *out)
{
	char path[PATH_BYTES];
	struct stat st = {.st_size = 0};
	int rc = store_drain(s);

	(void)snprintf(path, sizeof(path), "%s/copy", r->directory);
	if (rc == 0) {
		rc = store_copy(s, path);
	}
	(void)snprintf(path, sizeof(path), "%s/copy/data/data.mdb",
		       r->directory);
	(void)stat(path, &st);
	*out = (double)st.st_size;
	return rc;
}

/* What a leaf takes, itself: its row and its part of the files. */
static int
storage(struct files_run *r)
{
	char path[PATH_BYTES];
	struct store_config config = {.directory = path,
				      .entropy = entropy_system()};
	double files = tree_bytes(r->folder) / (double)r->o->leaves;
	struct store *s = NULL;
	double before = 0;
	double after = 0;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/store", r->directory);
	rc = mkdir(path, 0700) == 0 ? store_open(&config, &s)
				    : err_set(ERR_IO, "%s", path);
	if (rc == 0) {
		rc = rows_copied(r, s, &before);
	}
	for (uint64_t i = 0; i < ROWS && rc == 0; i += ROWS_A_TXN) {
		rc = rows_put(s, i, i + ROWS_A_TXN);
	}
	if (rc == 0) {
		(void)snprintf(path, sizeof(path), "%s/copy", r->directory);
		local_remove(path);
		rc = rows_copied(r, s, &after);
	}
	store_close(s);
	if (rc != 0) {
		return local_failed("rows");
	}
	figure_plain(r->f, "leaf_row_bytes",
		     "  its row in the store, pages "
		     "included",
		     "bytes", (after - before) / ROWS);
	figure_plain(r->f, "leaf_file_bytes", "  its part of the files",
		     "bytes", files);
	figure_at_most(r->f, "leaf_bytes",
		       "  both; its sealed opening is not the log's", "bytes",
		       (after - before) / ROWS + files, 200);
	return 0;
}

static int
log_write_all(struct files_run *r)
{
	struct key mac = {{1}};
	struct key seed = {{2}};
	char head_path[PATH_BYTES];
	struct head *head = NULL;
	struct signer *s = NULL;
	struct signer_options options = {.folder = r->folder,
					 .origin = ORIGIN,
					 .keys = {.seed = &seed}};
	uint64_t began = bench_now_us();
	int rc;

	(void)snprintf(head_path, sizeof(head_path), "%s/head", r->directory);
	rc = head_create(head_path, &mac);
	if (rc == 0) {
		rc = head_open(head_path, &mac, &head);
	}
	options.head = head;
	if (rc == 0) {
		rc = signer_open(&options, &s);
	}
	if (rc == 0) {
		rc = leaves_feed(r, s);
	}
	if (rc == 0) {
		rc = signer_checkpoint(s);
	}
	if (rc == 0) {
		r->root = head_checkpoint(head)->root;
		figure_plain(r->f, "log_leaves", "a log of leaves", "",
			     (double)r->o->leaves);
		figure_plain(r->f, "feed_per_s", "  written and signed", "/s",
			     (double)r->o->leaves * 1e6 /
				     (double)(bench_now_us() - began));
	}
	signer_close(s);
	head_close(head);
	return rc == 0 ? 0 : local_failed("log");
}

/* Proofs are made before the clock runs. */
static int
proofs(struct files_run *r)
{
	struct merkle_proof *all = calloc(PROOFS, sizeof(*all));
	uint64_t *at = calloc(PROOFS, sizeof(*at));
	struct tile_reader *reader = NULL;
	struct merkle_source tree;
	uint64_t began = 0;
	uint64_t us = 0;
	int rc = all == NULL || at == NULL
			 ? err_set(ERR_NOMEM, "no memory for proofs")
			 : tile_reader_open(r->folder, &reader);

	if (rc == 0) {
		tree = tile_reader_source(reader, r->o->leaves);
	}
	for (size_t i = 0; i < PROOFS && rc == 0; i++) {
		at[i] = work_random(&r->random) % r->o->leaves;
		rc = merkle_prove_inclusion(&tree, at[i], r->o->leaves,
					    &all[i]);
	}
	began = bench_now_us();
	for (size_t i = 0; i < PROOFS && rc == 0; i++) {
		rc = merkle_check_inclusion(&all[i], at[i], r->o->leaves,
					    &r->hashes[at[i]], &r->root);
	}
	us = bench_now_us() - began;
	tile_reader_close(reader);
	free(all);
	free(at);
	if (rc != 0) {
		return local_failed("proofs");
	}
	figure_at_least(r->f, "proofs_per_s",
			"  inclusion proofs checked, one thread", "/s",
			PROOFS * 1e6 / (double)us, 200000);
	return 0;
}

static int
child_run(const char *program, const char *folder)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (freopen("/dev/null", "w", stdout) == NULL) {
			_exit(EX_OSERR);
		}
		(void)execl(program, program, "log", folder, (char *)NULL);
		_exit(EX_UNAVAILABLE);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
		return EX_OSERR;
	}
	return WEXITSTATUS(status);
}

int
log_audit(const char *folder, uint64_t leaves, double *out_per_s)
{
	char self[LOCAL_PATH_BYTES];
	char program[PATH_BYTES];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	uint64_t began;
	int rc;

	if (n < 0) {
		return EX_OSERR;
	}
	self[n] = '\0';
	(void)snprintf(program, sizeof(program), "%s/ninety-audit",
		       dirname(self));
	began = bench_now_us();
	rc = child_run(program, folder);
	*out_per_s = (double)leaves * 1e6 / (double)(bench_now_us() - began);
	if (rc != 0) {
		(void)fprintf(stderr, "ninety-bench: %s log %s: status %d\n",
			      program, folder, rc);
	}
	return rc;
}

int
log_files(const struct log_options *o, struct figures *f)
{
	static struct files_run r;
	double per_s = 0;
	int rc;

	r = (struct files_run){.o = o, .f = f, .random = {.random = o->seed}};
	r.hashes = calloc(o->leaves, sizeof(*r.hashes));
	rc = r.hashes == NULL ? EX_OSERR : local_folder(o->under, r.directory);
	if (rc != 0) {
		free(r.hashes);
		return rc;
	}
	(void)snprintf(r.folder, sizeof(r.folder), "%s/log", r.directory);
	rc = log_write_all(&r);
	if (rc == 0) {
		rc = storage(&r);
	}
	if (rc == 0) {
		rc = proofs(&r);
	}
	if (rc == 0) {
		rc = log_audit(r.folder, o->leaves, &per_s);
	}
	if (rc == 0) {
		figure_at_least(f, "audit_per_s", "  ninety-audit log, leaves",
				"/s", per_s, 500000);
	}
	local_remove(r.directory);
	free(r.hashes);
	return rc;
}

/* ninety-audit log: is this the log that was signed, whole and unchanged? */

#include <argp.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/file.h"
#include "audit/leaf.h"
#include "command.h"
#include "input.h"
#include "leaves.h"
#include "recount.h"

#define SINCE_MAX 256

enum { OPTION_SINCE = 's', OPTION_VKEY = 'k', OPTION_JSON = 'j' };

struct options {
	const char *dir;
	const char *vkey;
	bool json;
	size_t n_since;
	const char *since[SINCE_MAX];
};

static const struct argp_option option_list[] = {
	{"since", OPTION_SINCE, "FILE", 0,
	 "A checkpoint received earlier; the log must continue it. May be given "
	 "several times",
	 0},
	{"vkey", OPTION_VKEY, "KEY|FILE", 0,
	 "The log's verifier key (name+id+key), or a file that holds it, as you "
	 "received it: any key the log has had. Without it the key published "
	 "beside the log is taken on trust",
	 0},
	{"json", OPTION_JSON, NULL, 0, "Print one JSON document", 0},
	{0}};

static const char help[] =
	"Replays the log of an instance that is stopped, killed or copied: "
	"hashes every leaf again, compares every tile, checks the checkpoint's "
	"signature, the rotations of the log's key, and that the log continues "
	"each checkpoint given with --since. Of an instance, also that its store, "
	"the journal included, holds the very same leaves. A removed, added, reordered or "
	"changed leaf is found, and a log that was rolled back or forked."
	"\vDIR is the instance, or the folder of a log, as a web server "
	"publishes it. Keep the checkpoints that you are given: only they show "
	"that a log was not replaced as a whole.\n\n"
	"  ninety-audit log /srv/ninety --vkey log.vkey --since march.note\n\n"
	"Exit status: 0 all is well; 1 a fault was found; 64 usage; 65 a given "
	"key or checkpoint is malformed; 66 there is no log; 69 the service is "
	"running.";

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPTION_SINCE:
		if (o->n_since == SINCE_MAX) {
			argp_error(state, "at most %d times --since",
				   SINCE_MAX);
		}
		o->since[o->n_since++] = arg;
		return 0;
	case OPTION_VKEY:
		o->vkey = arg;
		return 0;
	case OPTION_JSON:
		o->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->dir != NULL) {
			argp_error(state, "one DIR only");
		}
		o->dir = arg;
		return 0;
	case ARGP_KEY_END:
		if (o->dir == NULL) {
			argp_error(state, "DIR is missing");
		}
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* One audit in progress. */
struct audit {
	const struct options *options;
	struct input_log input;
	int folder;
	struct report report;
	struct log_keys keys;
	bool has_checkpoint;
	struct checkpoint checkpoint;
	struct checkpoint since[SINCE_MAX];
	struct recount recount;
};

static int
read_keys(struct audit *a)
{
	struct note_verifier pinned;
	char vkey[NOTE_VKEY_BYTES];
	bool has_pin = a->options->vkey != NULL;
	int status = has_pin ? input_vkey(a->options->vkey, &pinned)
			     : EXIT_GOOD;
	int rc;

	if (status != EXIT_GOOD) {
		return status;
	}
	rc = log_keys_read(a->folder, has_pin ? &pinned : NULL, &a->keys);
	if (rc != 0) {
		report_fault(&a->report, "keys: %s",
			     rc == ERR_NOT_FOUND ? "file vkey is missing"
						 : err_last()->text);
		return EXIT_GOOD;
	}
	report_text(&a->report, "vkey",
		    note_vkey_print(&a->keys.keys[a->keys.n - 1], vkey));
	report_number(&a->report, "key_rotations", a->keys.n - 1);
	if (!has_pin) {
		report_remark(&a->report,
			      "the key was taken from the log itself; give "
			      "--vkey to check against one you trust");
	}
	return EXIT_GOOD;
}

static void
read_checkpoint(struct audit *a)
{
	struct buf b;
	int rc;

	buf_init(&b, NOTE_BYTES_MAX);
	rc = file_read(a->folder, "checkpoint", &b);
	if (rc == 0 && a->keys.n > 0) {
		rc = log_keys_open(&a->keys, buf_bytes(&b), &a->checkpoint);
	}
	if (rc != 0) {
		report_fault(&a->report, "checkpoint: %s", err_last()->text);
	} else if (a->keys.n > 0) {
		a->has_checkpoint = true;
		report_text(&a->report, "origin", a->checkpoint.origin);
	}
	buf_clear(&b);
}

/* The auditor's own checkpoints: a malformed one is his mistake (65), one that
 * does not verify is news (1). */
static int
read_since(struct audit *a, size_t i)
{
	const char *path = a->options->since[i];
	struct note note;
	struct buf b;
	int status, rc;

	buf_init(&b, NOTE_BYTES_MAX);
	status = input_file(path, &b);
	if (status == EXIT_GOOD && note_parse(buf_bytes(&b), &note) != 0) {
		(void)fprintf(stderr, "ninety-audit: %s: %s\n", path,
			      err_last()->text);
		status = EXIT_BAD_DATA;
	}
	if (status == EXIT_GOOD && a->keys.n > 0) {
		rc = log_keys_open(&a->keys, buf_bytes(&b), &a->since[i]);
		if (rc != 0) {
			report_fault(&a->report, "%s: %s", path,
				     err_last()->text);
			a->since[i].origin[0] = 0;
		}
	}
	buf_clear(&b);
	return status;
}

static void
want_roots(struct audit *a)
{
	if (a->has_checkpoint) {
		a->recount.signed_size = a->checkpoint.size;
		(void)recount_want_root(&a->recount, a->checkpoint.size);
	}
	for (size_t i = 0; i < a->options->n_since; i++) {
		(void)recount_want_root(&a->recount, a->since[i].size);
	}
}

static void
check_checkpoint(struct audit *a)
{
	const struct checkpoint *c = &a->checkpoint;
	const struct hash *root = recount_root(&a->recount, c->size);

	if (!a->has_checkpoint) {
		return;
	}
	report_number(&a->report, "signed_leaves", c->size);
	if (root == NULL) {
		report_fault(&a->report,
			     "%" PRIu64 " leaves were signed, %" PRIu64
			     " are there",
			     c->size, a->recount.n_leaves);
	} else if (!hash_equal(root, &c->root)) {
		report_fault(&a->report, "the leaves do not lead to the "
					 "checkpoint's root");
	}
	if (a->recount.n_leaves > c->size) {
		report_remark(&a->report,
			      "%" PRIu64 " leaves are written and not signed "
			      "yet",
			      a->recount.n_leaves - c->size);
	}
}

static void
check_since(struct audit *a, size_t i)
{
	const struct checkpoint *was = &a->since[i];
	const struct hash *root = recount_root(&a->recount, was->size);
	const char *path = a->options->since[i];

	if (was->origin[0] == 0) {
		return;
	}
	if (a->has_checkpoint && was->size > a->checkpoint.size) {
		report_fault(&a->report,
			     "%s: rolled back: %" PRIu64
			     " leaves were signed then, %" PRIu64 " now",
			     path, was->size, a->checkpoint.size);
	} else if (root == NULL) {
		report_fault(&a->report, "%s: leaves of it are missing", path);
	} else if (!hash_equal(root, &was->root)) {
		report_fault(&a->report,
			     "%s: the log does not continue this checkpoint: "
			     "fork or equivocation; keep it as evidence",
			     path);
	}
}

/* Where a log continues a closed one, its first leaf holds the SHA-256 of
 * that one's last checkpoint. */
static void
check_predecessor(struct audit *a)
{
	const char *slash = strrchr(a->checkpoint.origin, '/');
	uint64_t number;
	char path[INPUT_PATH_BYTES + 64];
	struct hash h;
	struct buf b;
	int rc;

	if (!a->recount.is_successor || !a->has_checkpoint) {
		return;
	}
	if (slash == NULL || decimal_read(bytes_str(slash + 1), &number) != 0 ||
	    number < 2) {
		report_fault(&a->report, "the first leaf names a log before "
					 "this one, the origin does not");
		return;
	}
	(void)snprintf(path, sizeof(path), "%s.%" PRIu64 "/checkpoint",
		       a->input.folder, number - 1);
	buf_init(&b, NOTE_BYTES_MAX);
	rc = file_read(AT_FDCWD, path, &b);
	h = merkle_sha256(buf_bytes(&b));
	if (rc == ERR_NOT_FOUND) {
		report_remark(&a->report, "this log continues a closed one, "
					  "which is not here");
	} else if (rc != 0 || !hash_equal(&h, &a->recount.first_leaf_commitment)) {
		report_fault(&a->report, "the first leaf is not the checkpoint "
					 "of the closed log beside it");
	} else {
		report_text(&a->report, "continues", path);
	}
	buf_clear(&b);
}

/* Files under key/ that no rotation accounts for. */
static void
check_key_files(struct audit *a)
{
	int fd = openat(a->folder, "key", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	uint64_t n;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.' &&
		    (decimal_read(bytes_str(entry->d_name), &n) != 0 ||
		     n == 0 || n >= a->keys.n)) {
			report_fault(&a->report, "key/%s is no file of the log",
				     entry->d_name);
		}
	}
	if (dir != NULL) {
		(void)closedir(dir);
	}
}

static void
report_counts(struct audit *a)
{
	struct value types = value_object();

	report_number(&a->report, "leaves", a->recount.n_leaves);
	report_number(&a->report, "tile_files", a->recount.n_files);
	report_number(&a->report, "earlier_checkpoints", a->options->n_since);
	for (unsigned i = 0; i < LEAF_TYPES_MAX; i++) {
		if (a->recount.by_type[i] > 0 &&
		    value_add(&types, a->report.arena, leaf_type_word(i),
			      value_int((int64_t)a->recount.by_type[i])) != 0) {
			break;
		}
	}
	report_value(&a->report, "leaves_by_type", types);
}

static int
run(struct audit *a)
{
	int status = read_keys(a);
	int rc;

	if (status == EXIT_GOOD) {
		read_checkpoint(a);
	}
	for (size_t i = 0; i < a->options->n_since && status == EXIT_GOOD;
	     i++) {
		status = read_since(a, i);
	}
	if (status != EXIT_GOOD) {
		return status;
	}
	want_roots(a);
	a->recount.folder = a->folder;
	a->recount.report = &a->report;
	rc = recount_run(&a->recount);
	if (rc == 0) {
		rc = recount_walk(&a->recount);
	}
	if (rc == 0 && a->input.store[0] != 0) {
		rc = leaves_compare(&a->recount, a->input.store);
	}
	if (rc != 0) {
		(void)fprintf(stderr, "ninety-audit: %s\n", err_last()->text);
		return EXIT_IO;
	}
	check_checkpoint(a);
	for (size_t i = 0; i < a->options->n_since; i++) {
		check_since(a, i);
	}
	check_predecessor(a);
	check_key_files(a);
	report_counts(a);
	return report_print(&a->report, a->options->json);
}

int
cmd_log(int argc, char **argv)
{
	static const struct argp argp = {option_list, parse_option, "DIR",
					 help, NULL, NULL, NULL};
	struct options o = {0};
	struct audit *a;
	int status;

	(void)argp_parse(&argp, argc, argv, 0, NULL, &o);
	a = calloc(1, sizeof(*a));
	if (a == NULL || report_init(&a->report, "log", o.dir) != 0) {
		free(a);
		return EXIT_BUG;
	}
	a->options = &o;
	status = input_log_open(o.dir, &a->input);
	if (status == EXIT_GOOD) {
		a->folder = open(a->input.folder,
				 O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		status = a->folder < 0 ? EXIT_IO : run(a);
		if (a->folder >= 0) {
			(void)close(a->folder);
		}
	}
	input_log_close(&a->input);
	log_keys_clear(&a->keys);
	recount_clear(&a->recount);
	report_clear(&a->report);
	free(a);
	return status;
}

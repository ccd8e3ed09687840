/* ninety-audit erasure: what was erased is nowhere. Counts come from
 * keyring/scan and sealed; what they mean is decided here. */

#include <argp.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/file.h"
#include "audit/logkeys.h"
#include "audit/proof.h"
#include "audit/tileread.h"
#include "base/pack.h"
#include "command.h"
#include "instance.h"
#include "keyring/scan.h"
#include "raw.h"
#include "sealed.h"
#include "shapes.h"
#include "store/store.h"
#include "together.h"

#define READER_BYTES_MAX (64u << 20)
#define BACKUPS_MAX 16

enum { OPTION_VKEY = 'k', OPTION_CONTROL = 'c', OPTION_BACKUP = 'b',
       OPTION_CANARIES = 'e' };

struct options {
	const char *dir;
	const char *receipt;
	const char *vkey;
	const char *control;
	const char *canaries;
	const char *backups[BACKUPS_MAX];
	size_t n_backups;
	bool json;
};

struct erasure {
	const struct options *options;
	struct instance in;
	struct canaries canaries;
	struct sealed_with with;
	uint64_t rows[SEALED_NONE + 1];
	uint64_t batch_rows;
	uint64_t batch_done; /* number of the last batch in `keys` */
};

static const struct argp_option option_list[] = {
	{"receipt", 'r', "FILE", 0,
	 "A receipt: checks its proof, and that its leaf stands in this log", 0},
	{"vkey", OPTION_VKEY, "KEY|FILE", 0,
	 "The log's verifier key, for --receipt; without it that of the log's "
	 "own folder",
	 0},
	{"control", OPTION_CONTROL, "OLDKEYSTORE", 0,
	 "Positive control, on a drill instance: an old keystore whose root "
	 "must still open the old tree among the same bytes",
	 0},
	{"backup", OPTION_BACKUP, "DIR", 0,
	 "An old backup, whose rows are tried under today's keys too", 0},
	{"canaries", OPTION_CANARIES, "FILE", 0,
	 "Texts of people who were erased, one a line: none may stand in any "
	 "row that still opens, in free pages, journal and backups too",
	 0},
	{"json", 'j', NULL, 0, "Print one JSON document", 0},
	{0}};

static const char help[] =
	"Shows that erased keys are nowhere: today's root is tried on all raw "
	"pages of the key tree and of its mirrors, free ones too, and may open "
	"live nodes only; slots of finished batches must be dead; and every "
	"sealed row of a dead slot or day, in data pages, in the journal, in "
	"old backups, must open with no key. Without the keystore it checks "
	"structure alone, and says so. DIR is a stopped instance or a copy of "
	"one; nothing in it is changed."
	"\v  ninety-audit erasure /srv/ninety\n"
	"  ninety-audit erasure drill --control drill/keystore.before\n\n"
	"Exit status: 0 all is well; 1 it is not; 64 usage; 66 no such "
	"instance; 69 the instance is running.";

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'r':
		o->receipt = arg;
		return 0;
	case OPTION_VKEY:
		o->vkey = arg;
		return 0;
	case OPTION_CONTROL:
		o->control = arg;
		return 0;
	case OPTION_BACKUP:
		if (o->n_backups == BACKUPS_MAX) {
			argp_error(state, "at most %d times --backup",
				   BACKUPS_MAX);
		}
		o->backups[o->n_backups++] = arg;
		return 0;
	case OPTION_CANARIES:
		o->canaries = arg;
		return 0;
	case 'j':
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
			argp_error(state, "DIR is needed");
		}
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void
check_structure(struct erasure *e)
{
	struct report *r = &e->in.report;
	struct scan_structure s;
	int rc = scan_structure(e->in.config->keys, &s);

	if (rc != 0) {
		report_fault(r, "keys: %s", err_last()->text);
		return;
	}
	report_number(r, "tree_rows", s.nodes);
	report_number(r, "epoch", s.epoch);
	report_number(r, "slots", s.grown);
	e->batch_done = s.batch_id;
	if (s.wrong > 0) {
		report_fault(r, "%" PRIu64 " rows of the tree are not where "
				"they belong",
			     s.wrong);
	}
}

/* One raw file of the tree under the closure. */
static void
check_pages(struct erasure *e, const struct closure *closure,
	    const struct scan_tree *tree, const char *directory, bool is_mirror)
{
	struct report *r = &e->in.report;
	struct value found = value_object();
	struct scan_pages s;
	char file[INPUT_PATH_BYTES];
	int rc;

	path_join(file, directory, "data.mdb");
	rc = scan_closure(closure, file, &s);
	if (rc != 0) {
		report_fault(r, "%s", err_last()->text);
		return;
	}
	if (value_add(&found, r->arena, "pages",
		      value_int((int64_t)s.pages)) != 0 ||
	    value_add(&found, r->arena, "node_like",
		      value_int((int64_t)s.node_like)) != 0 ||
	    value_add(&found, r->arena, "live", value_int((int64_t)s.live)) !=
		    0 ||
	    value_add(&found, r->arena, "closed",
		      value_int((int64_t)s.closed)) != 0 ||
	    value_add(&found, r->arena, "stale", value_int((int64_t)s.stale)) !=
		    0) {
		report_fault(r, "no memory");
		return;
	}
	report_value(r, is_mirror ? "mirror" : "closure", found);
	if (s.stale > 0) {
		report_fault(r,
			     "%" PRIu64 " old nodes open with today's root: "
			     "keys in them were not destroyed",
			     s.stale);
	}
	if (s.live != tree->nodes) {
		report_fault(r,
			     "%" PRIu64 " nodes are alive, but %" PRIu64
			     " were found in %s",
			     tree->nodes, s.live,
			     is_mirror ? "a mirror" : "the tree");
	}
}

static void
check_closure(struct erasure *e)
{
	struct report *r = &e->in.report;
	struct closure *closure;
	struct scan_tree tree;

	if (closure_open(e->in.keyring, &closure, &tree) != 0) {
		report_fault(r, "%s", err_last()->text);
		return;
	}
	report_number(r, "nodes", tree.nodes);
	report_number(r, "slots_alive", tree.slots_alive);
	report_number(r, "slots_dead", tree.slots_dead);
	if (tree.unreadable > 0) {
		report_fault(r, "%" PRIu64 " nodes are lost or do not open",
			     tree.unreadable);
	}
	check_pages(e, closure, &tree, e->in.config->keys, false);
	for (size_t i = 0; i < e->in.config->n_key_mirrors; i++) {
		check_pages(e, closure, &tree, e->in.config->key_mirrors[i],
			    true);
	}
	closure_close(closure);
}

static void
check_dead(struct erasure *e, slot_t slot, uint64_t batch)
{
	AUTO_KEY key;

	if (keyring_key(e->in.keyring, slot, &key) != ERR_EXPIRED) {
		report_fault(&e->in.report,
			     "slot %" PRIu64 " was named in batch %" PRIu64
			     ", which is finished, but has a key",
			     slot, batch);
	}
}

/* The tree's own memory of its last batch. */
static void
check_last_batch(struct erasure *e)
{
	struct keyring_batch batch;
	slot_t *slots = NULL;
	size_t n = 0;

	if (scan_last_batch(e->in.keyring, &slots, &n, &batch) != 0) {
		report_fault(&e->in.report, "%s", err_last()->text);
		return;
	}
	report_number(&e->in.report, "last_batch", batch.id);
	report_number(&e->in.report, "last_batch_slots", n);
	for (size_t i = 0; i < n; i++) {
		check_dead(e, slots[i], batch.id);
	}
	free(slots);
}

/* What can be read today may tell nothing of whoever was erased. */
static void
look_inside(struct erasure *e, const struct sealed_row *row)
{
	struct bytes plain;
	size_t canary;

	arena_reset(e->in.arena);
	if (sealed_read(&e->with, row, e->in.arena, &plain) != 0) {
		return;
	}
	canary = canaries_find(&e->canaries, plain);
	if (canary != 0) {
		report_fault(&e->in.report,
			     "canary %zu stands in a row that opens (type %d, "
			     "slot %" PRIu64 ")",
			     canary, (int)row->context.type,
			     row->context.slot);
	}
}

static bool
is_of_batch(struct bytes value)
{
	return value.n == BATCH_VALUE_BYTES &&
	       memcmp(value.p + ID_BYTES, BATCH_MARK, BATCH_MARK_BYTES) == 0;
}

static void
see_row(void *ctx, enum table table, struct bytes key, struct bytes value)
{
	struct erasure *e = ctx;
	struct sealed_row row;
	enum sealed_state state =
		sealed_try(&e->with, table, key, value, &row);

	e->rows[state]++;
	if (state == SEALED_OPENS && e->canaries.n > 0) {
		look_inside(e, &row);
	}
	if (state == SEALED_RISEN) {
		report_fault(&e->in.report, "a row of a destroyed slot or day "
					 "opens with a key of today");
	}
	/* The list of a batch that has run: number 8, slot 8. */
	if ((table == TABLE_END || table == TABLE_BATCH) && key.n == 16 &&
	    is_of_batch(value) && get_u64(key.p) > 0 &&
	    get_u64(key.p) <= e->batch_done &&
	    get_u64(key.p + 8) < keyring_grown(e->in.keyring)) {
		e->batch_rows++;
		check_dead(e, get_u64(key.p + 8), get_u64(key.p));
	}
}

/* The first of the usual places of a data.mdb under a directory. */
static void
scan_data_under(struct erasure *e, const char *directory,
		struct raw_counts *counts)
{
	static const char *const places[] = {
		"data/data.mdb", "data.mdb", "store/data/data.mdb"};
	char file[INPUT_PATH_BYTES];
	int rc = ERR_NOT_FOUND;

	for (size_t i = 0; rc == ERR_NOT_FOUND && i < 3; i++) {
		path_join(file, directory, places[i]);
		rc = raw_scan_data(file, see_row, e, counts);
	}
	if (rc != 0) {
		report_fault(&e->in.report, "%s: no data to look at", directory);
	}
}

static void
check_rows(struct erasure *e)
{
	struct report *r = &e->in.report;
	struct raw_counts counts = {0};
	char path[INPUT_PATH_BYTES];

	e->with.keyring = e->in.keyring;
	if (store_open_readonly(e->in.config->store, READER_BYTES_MAX,
				&e->with.store) != 0) {
		report_fault(r, "store: %s", err_last()->text);
	}
	scan_data_under(e, e->in.config->store, &counts);
	path_join(path, e->in.config->store, "journal");
	if (raw_scan_journal(path, see_row, e, &counts) != 0 ||
	    (e->in.config->archive != NULL &&
	     raw_scan_journal(e->in.config->archive, see_row, e, &counts) != 0)) {
		report_fault(r, "%s", err_last()->text);
	}
	for (size_t i = 0; i < e->options->n_backups; i++) {
		scan_data_under(e, e->options->backups[i], &counts);
		path_join(path, e->options->backups[i], "journal");
		if (raw_scan_journal(path, see_row, e, &counts) != 0) {
			report_fault(r, "%s", err_last()->text);
		}
	}
	snapshot_close(e->with.store);
	e->with.store = NULL;
	report_number(r, "data_pages", counts.pages);
	report_number(r, "journal_segments", counts.segments);
	report_number(r, "rows_that_open", e->rows[SEALED_OPENS]);
	report_number(r, "rows_of_dead_keys", e->rows[SEALED_DEAD]);
	report_number(r, "dead_rows_that_open", e->rows[SEALED_RISEN]);
	report_number(r, "batch_rows", e->batch_rows);
}

static void
check_control(struct erasure *e)
{
	const struct keystore_source source = {e->in.config->passphrase_file,
					       NULL};
	struct report *r = &e->in.report;
	struct scan_control s;
	char file[INPUT_PATH_BYTES];

	if (e->in.keyring == NULL) {
		report_fault(r, "--control needs today's keystore too");
		return;
	}
	path_join(file, e->in.config->keys, "data.mdb");
	if (scan_control(e->in.keyring, file, e->options->control, &source, &s) !=
	    0) {
		report_fault(r, "control: %s", err_last()->text);
		return;
	}
	report_number(r, "control_epoch", s.epoch);
	report_number(r, "control_nodes", s.nodes);
	report_number(r, "control_missing", s.missing);
	report_number(r, "control_slots_back", s.slots_back);
	if (s.nodes == 0) {
		report_fault(r, "control: the old root opens nothing, its "
				"pages are overwritten; take a fresh drill");
	} else if (s.slots_back == 0) {
		report_fault(r, "control: the old root brings back no key that "
				"is dead today; take it from before the "
				"erasure");
	}
}

/* The receipt's leaf stands where it says in this log. */
static void
check_leaf(struct erasure *e, const struct receipt_says *says,
	   const struct log_keys *keys, int folder)
{
	uint8_t leaf[LEAF_BYTES];
	struct tile_reader *reader = NULL;
	struct checkpoint c;
	struct buf note, entry;
	int rc;

	buf_init(&note, NOTE_BYTES_MAX);
	buf_init(&entry, 65536);
	leaf_encode(&says->leaf, leaf);
	rc = file_read(folder, "checkpoint", &note);
	if (rc == 0) {
		rc = log_keys_open(keys, buf_bytes(&note), &c);
	}
	if (rc == 0) {
		rc = tile_reader_open(e->in.config->log, &reader);
	}
	if (rc == 0) {
		rc = tile_reader_entry(reader, c.size, says->index, &entry);
	}
	if (rc != 0) {
		report_fault(&e->in.report, "receipt: the log: %s",
			     err_last()->text);
	} else if (!bytes_equal(buf_bytes(&entry),
				bytes_of(leaf, sizeof(leaf)))) {
		report_fault(&e->in.report, "receipt: another leaf stands in the "
					 "log at its index");
	}
	tile_reader_close(reader);
	buf_clear(&note);
	buf_clear(&entry);
}

static int
check_receipt(struct erasure *e)
{
	struct note_verifier pinned;
	struct log_keys keys = {.n = 0};
	struct receipt_says says;
	struct report *r = &e->in.report;
	struct buf file, extra;
	bool has_pin = e->options->vkey != NULL;
	int folder;
	int status = has_pin ? input_vkey(e->options->vkey, &pinned)
			     : EXIT_GOOD;
	int rc;

	buf_init(&file, PROOF_BYTES_MAX);
	buf_init(&extra, PROOF_EXTRA_BYTES_MAX);
	if (status == EXIT_GOOD) {
		status = input_file(e->options->receipt, &file);
	}
	folder = open(e->in.config->log, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (status == EXIT_GOOD) {
		rc = log_keys_read(folder, has_pin ? &pinned : NULL, &keys);
		if (rc == 0) {
			rc = receipt_check(buf_bytes(&file), keys.keys, keys.n,
					   &extra, &says);
		}
		if (rc != 0) {
			report_fault(r, "receipt: %s", err_last()->text);
		} else {
			report_number(r, "receipt_index", says.index);
			report_text(r, "receipt_leaf",
				    leaf_type_word(says.leaf.type));
			check_leaf(e, &says, &keys, folder);
		}
		log_keys_clear(&keys);
	}
	if (folder >= 0) {
		(void)close(folder);
	}
	buf_clear(&file);
	buf_clear(&extra);
	return status;
}

static int
check(struct erasure *e)
{
	int status = canaries_read(e->options->canaries, &e->canaries);

	if (status != EXIT_GOOD) {
		return status;
	}
	check_structure(e);
	instance_keys(&e->in);
	together_check(&e->in);
	if (e->in.keyring != NULL) {
		check_closure(e);
		check_last_batch(e);
		check_rows(e);
	}
	if (e->options->control != NULL) {
		check_control(e);
	}
	if (e->options->receipt != NULL) {
		status = check_receipt(e);
	}
	return status != EXIT_GOOD
		       ? status
		       : report_print(&e->in.report, e->options->json);
}

int
cmd_erasure(int argc, char **argv)
{
	static const struct argp argp = {option_list, parse_option, "DIR",
					 help,	      NULL,	    NULL,
					 NULL};
	struct options o = {0};
	struct erasure e = {.options = &o};
	int status;

	argp_err_exit_status = EXIT_USAGE;
	(void)argp_parse(&argp, argc, argv, 0, NULL, &o);
	status = instance_open(o.dir, "erasure", &e.in);
	if (status == EXIT_GOOD) {
		status = check(&e);
	}
	canaries_clear(&e.canaries);
	instance_close(&e.in);
	return status;
}

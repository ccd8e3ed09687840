/* Each part of an instance against what the others remember of it. */

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/file.h"
#include "audit/head.h"
#include "audit/tileread.h"
#include "keyring/keystore.h"
#include "store/store.h"
#include "together.h"

#define READER_BYTES_MAX (64u << 20)

struct parts_seen {
	bool has_store;
	uint64_t leaves;      /* the store's */
	uint64_t batch_epoch; /* to which its last batch led, 0: none did */
	bool is_published;
	struct checkpoint published;
};

static void
see_store(struct instance *in, struct parts_seen *s)
{
	struct txn *t = NULL;
	int rc = store_open_readonly(in->config->store, READER_BYTES_MAX, &t);

	if (rc == 0) {
		rc = txn_counter_get(t, "log.size", &s->leaves);
	}
	if (rc == 0) {
		rc = txn_counter_get(t, "batch.epoch", &s->batch_epoch);
	}
	if (rc != 0) {
		report_fault(&in->report, "store: %s", err_last()->text);
	} else {
		s->has_store = true;
		report_number(&in->report, "leaves", s->leaves);
	}
	snapshot_close(t);
}

static void
see_checkpoint(struct instance *in, struct parts_seen *s)
{
	char path[INPUT_PATH_BYTES];
	struct note note;
	struct buf b;

	path_join(path, in->config->log, "checkpoint");
	buf_init(&b, NOTE_BYTES_MAX);
	if (file_read(AT_FDCWD, path, &b) == 0 &&
	    note_parse(buf_bytes(&b), &note) == 0 &&
	    checkpoint_parse(note.text, &s->published) == 0) {
		s->is_published = true;
		report_number(&in->report, "checkpoint_size",
			      s->published.size);
	}
	buf_clear(&b);
}

static void
check_store(struct instance *in, const struct parts_seen *s,
	    const struct checkpoint *promised, const char *where)
{
	if (s->has_store && promised->size > s->leaves) {
		report_fault(&in->report,
			     "the store holds %" PRIu64 " leaves, the %s "
			     "%" PRIu64 ": the store was rolled back",
			     s->leaves, where, promised->size);
	}
}

/* The head never promises what the log's files do not hold. */
static void
check_log_files(struct instance *in, const struct checkpoint *promised)
{
	struct tile_reader *reader = NULL;
	struct merkle_source tree;
	struct hash root;
	int rc = tile_reader_open(in->config->log, &reader);

	if (rc == 0) {
		tree = tile_reader_source(reader, promised->size);
		rc = merkle_root(&tree, promised->size, &root);
	}
	if (rc != 0 || !hash_equal(&root, &promised->root)) {
		report_fault(&in->report,
			     "the log's files do not lead to the %" PRIu64
			     " leaves that the head has promised: they were "
			     "changed or put back",
			     promised->size);
	}
	tile_reader_close(reader);
}

static void
check_head(struct instance *in, const struct parts_seen *s,
	   const struct head *head)
{
	const struct checkpoint *promised = head_checkpoint(head);

	if (promised == NULL) {
		if (s->is_published) {
			report_fault(&in->report, "a checkpoint is published, "
						  "the head knows of none");
		}
		return;
	}
	if (s->is_published &&
	    strcmp(promised->origin, s->published.origin) != 0) {
		report_fault(&in->report, "the head is of another log than "
					  "the published checkpoint");
		return;
	}
	check_store(in, s, promised, "head");
	check_log_files(in, promised);
	if (s->is_published && s->published.size > promised->size) {
		report_fault(&in->report,
			     "a checkpoint of %" PRIu64 " leaves is "
			     "published, the head knows of %" PRIu64
			     ": the head was put back",
			     s->published.size, promised->size);
	} else if (s->is_published && s->published.size < promised->size) {
		report_remark(&in->report,
			      "the published checkpoint is not the last one "
			      "signed: the service was killed in between, or "
			      "it was put back");
	}
}

static void
check_keys(struct instance *in, const struct parts_seen *s)
{
	char path[INPUT_PATH_BYTES];
	AUTO_KEY mac = {{0}};
	struct head *head;
	uint64_t epoch = keyring_epoch(in->keyring);
	int rc = keyring_outer_key(in->keyring, "head", &mac);

	if (s->has_store && s->batch_epoch > epoch) {
		report_fault(&in->report,
			     "the tree of keys is of epoch %" PRIu64
			     ", the store's last erasure led to %" PRIu64
			     ": keys and keystore were put back, what was "
			     "erased since is not",
			     epoch, s->batch_epoch);
	}
	instance_head(in->config, path);
	if (rc == 0) {
		rc = head_open_readonly(path, &mac, &head);
	}
	if (rc == ERR_NOT_FOUND && !s->is_published) {
		report_remark(&in->report, "neither head nor checkpoint is "
					   "there: nothing was ever signed");
		return;
	}
	if (rc != 0) {
		report_fault(&in->report, "head: %s", err_last()->text);
		return;
	}
	check_head(in, s, head);
	head_close(head);
}

static void
check_keystores(struct instance *in)
{
	struct keyring_status status;
	struct stat st;
	unsigned there = 0;

	for (size_t i = 0; i < in->config->n_keystores; i++) {
		const char *path = in->config->keystores[i];

		if (stat(path, &st) != 0) {
			report_remark(&in->report, "%s is not there: losing "
						   "the other copy erases "
						   "everybody",
				      path);
		} else if (st.st_size != (off_t)KEYSTORE_FILE_BYTES) {
			report_fault(&in->report, "%s has not the length of a "
						  "keystore",
				     path);
		} else {
			there++;
		}
	}
	keyring_status(in->keyring, &status);
	if (status.keystore_slots < 2 * there) {
		report_fault(&in->report,
			     "%u of %u slots of the keystore open: one was "
			     "changed, or torn when the power went",
			     status.keystore_slots, 2 * there);
	}
}

void
together_check(struct instance *in)
{
	struct parts_seen s = {.has_store = false};

	see_store(in, &s);
	see_checkpoint(in, &s);
	if (s.is_published) {
		check_store(in, &s, &s.published, "checkpoint");
	}
	if (in->keyring != NULL) {
		check_keys(in, &s);
		check_keystores(in);
	}
}

/* A restored store and the log: what was signed stays signed. Leaves that the
 * store lacks come from the log's own files, checked against the head; where
 * they are nowhere, the log is closed and a successor begins. */

#include <fcntl.h>
#include <unistd.h>

#include "audit/file.h"
#include "audit/signer.h"
#include "audit/tileread.h"
#include "base/log.h"
#include "base/pack.h"
#include "service/log_key.h"
#include "service/settle.h"

#define LEAVES_STEP_MAX 400

struct back {
	struct core *core;
	const struct head *head;
	struct tile_reader *reader; /* NULL: there are no files */
	uint64_t size;              /* signed */
	uint64_t have;              /* the store's */
};

static int
store_leaf(struct txn *t, uint64_t index, struct leaf *out, struct bytes *raw)
{
	struct key_maker k = {.n = 0};
	int rc;

	key_u64(&k, index);
	rc = txn_get(t, TABLE_LEAF, key_bytes(&k), raw);
	if (rc == ERR_NOT_FOUND) {
		rc = err_set(ERR_CORRUPT, "a leaf is missing in the backup");
	}
	return rc != 0 ? rc : leaf_decode(*raw, out);
}

/* The time of the store's last leaf; and that its last signed one is the one
 * that was signed, where there are files to tell. */
static int
leaves_compare(struct call *c, void *arg)
{
	struct back *b = arg;
	uint64_t both;
	struct leaf leaf;
	struct bytes ours;
	struct buf theirs;
	int rc = txn_counter_get(c->txn, "log.size", &b->have);

	both = b->have < b->size ? b->have : b->size;
	if (rc != 0 || both == 0 || b->reader == NULL) {
		return rc;
	}
	buf_init(&theirs, LEAF_BYTES_MAX);
	rc = store_leaf(c->txn, both - 1, &leaf, &ours);
	if (rc == 0 && tile_reader_entry(b->reader, b->size, both - 1,
					 &theirs) != 0) {
		/* Files that lack it say nothing; the logger mends them. */
		err_clear();
	} else if (rc == 0 && !bytes_equal(ours, buf_bytes(&theirs))) {
		rc = err_set(ERR_CORRUPT, "the log has signed other leaves: "
					  "the backup is not of this history");
	}
	buf_clear(&theirs);
	return rc;
}

struct times {
	int64_t *to;
	uint64_t index;
};

static int
time_of(struct call *c, void *arg)
{
	struct times *t = arg;
	struct leaf leaf;
	struct bytes raw;
	int rc = store_leaf(c->txn, t->index, &leaf, &raw);

	if (rc == 0) {
		*t->to = leaf.at_ms;
	}
	return rc;
}

/* The next leaves from the files, each checked against its hash there. */
static int
leaves_put(struct call *c, void *arg)
{
	struct back *b = arg;
	uint64_t end = b->have + LEAVES_STEP_MAX;
	uint64_t before;
	struct buf leaf;
	int rc = 0;

	end = end < b->size ? end : b->size;
	buf_init(&leaf, LEAF_BYTES_MAX);
	for (uint64_t i = b->have; i < end && rc == 0; i++) {
		struct key_maker k = {.n = 0};
		struct hash is, signed_one;

		buf_reset(&leaf);
		rc = tile_reader_entry(b->reader, b->size, i, &leaf);
		if (rc == 0) {
			rc = tile_reader_hash(b->reader, b->size, 0, i,
					      &signed_one);
		}
		is = merkle_leaf(buf_bytes(&leaf));
		if (rc == 0 && (leaf.len != LEAF_BYTES ||
				!hash_equal(&is, &signed_one))) {
			rc = err_set(ERR_CORRUPT, "an entry of the log is not "
						  "what was signed");
		}
		key_u64(&k, i);
		if (rc == 0) {
			rc = txn_put(c->txn, TABLE_LEAF, key_bytes(&k),
				     buf_bytes(&leaf));
		}
	}
	buf_clear(&leaf);
	if (rc == 0) {
		rc = txn_counter_take(c->txn, "log.size", end - b->have,
				      &before);
	}
	if (rc == 0) {
		b->have = end;
	}
	return rc;
}

static int
leaves_back(struct back *b)
{
	struct merkle_source tree;
	struct hash root;
	int rc;

	if (b->reader == NULL) {
		return err_set(ERR_NOT_FOUND, "the log's files are gone");
	}
	tree = tile_reader_source(b->reader, b->size);
	rc = merkle_root(&tree, b->size, &root);
	if (rc == 0 && !hash_equal(&root, &head_checkpoint(b->head)->root)) {
		rc = err_set(ERR_CORRUPT, "the log's files do not lead to the "
					  "signed root");
	}
	while (rc == 0 && b->have < b->size) {
		rc = settle_call(b->core, leaves_put, b);
	}
	return rc;
}

struct clearing {
	enum table table;
	bool more;
};

static int
table_clear(struct call *c, void *arg)
{
	struct clearing *clearing = arg;
	struct key_maker keys[LEAVES_STEP_MAX];
	struct bytes key, value;
	struct range *r;
	size_t n = 0;
	int rc = range_open(c->txn, clearing->table, bytes_of(NULL, 0),
			    bytes_of(NULL, 0), 0, &r);

	while (rc == 0 && n < LEAVES_STEP_MAX &&
	       (rc = range_next(r, &key, &value)) == 1) {
		keys[n].n = 0;
		key_raw(&keys[n++], key.p, key.n);
		rc = 0;
	}
	range_close(r);
	for (size_t i = 0; i < n && rc >= 0; i++) {
		rc = txn_del(c->txn, clearing->table, key_bytes(&keys[i]));
	}
	clearing->more = n == LEAVES_STEP_MAX;
	return rc;
}

/* The first row of the log that continues the one that must be closed. */
static int
successor_rows(struct call *c, void *arg)
{
	const struct back *b = arg;
	char origin[ORIGIN_BYTES_MAX + 1];
	struct key_maker k = {.n = 0};
	uint8_t size[8];
	uint8_t row[LEAF_BYTES];
	struct leaf leaf;
	struct id id;
	int rc = origin_successor(head_checkpoint(b->head)->origin, origin);

	entropy_fill(c->entropy, id.b, sizeof(id.b));
	leaf = signer_successor_leaf(b->head, id, c->now_ms);
	leaf_encode(&leaf, row);
	key_u64(&k, 0);
	put_u64(size, 1);
	if (rc == 0) {
		rc = txn_put(c->txn, TABLE_LEAF, key_bytes(&k),
			     bytes_of(row, sizeof(row)));
	}
	if (rc == 0) {
		rc = txn_put(c->txn, TABLE_SYSTEM, bytes_str("log.size"),
			     bytes_of(size, sizeof(size)));
	}
	if (rc == 0) {
		rc = log_key_create(c);
	}
	return rc != 0 ? rc
		       : txn_put(c->txn, TABLE_SYSTEM, bytes_str(LOG_ORIGIN),
				 bytes_str(origin));
}

/* Openings point at leaves by their index in the log: those of the closed log
 * go with its leaves, which stand in its folder. */
static int
successor_begin(struct back *b)
{
	struct clearing leaves = {TABLE_LEAF, true};
	struct clearing openings = {TABLE_HISTORY, true};
	int rc = 0;

	log_write(LOG_WARNING, "log_closed", LOG_TEXT("why", err_last()->text),
		  LOG_NUMBER("signed", (int64_t)b->size),
		  LOG_NUMBER("left", (int64_t)b->have));
	err_clear();
	while (rc == 0 && leaves.more) {
		rc = settle_call(b->core, table_clear, &leaves);
	}
	while (rc == 0 && openings.more) {
		rc = settle_call(b->core, table_clear, &openings);
	}
	return rc == 0 ? settle_call(b->core, successor_rows, b) : rc;
}

static int
log_lacks(struct back *b, struct restore_report *r)
{
	uint64_t had = b->have;
	struct times last = {&r->to_ms, b->size - 1};
	int rc = leaves_back(b);

	r->has_gap = true;
	if (rc == ERR_CORRUPT || rc == ERR_NOT_FOUND || rc == ERR_INVALID) {
		r->log_closed = true;
		return successor_begin(b);
	}
	if (rc == 0) {
		r->leaves_put_back = b->size - had;
		rc = settle_call(b->core, time_of, &last);
	}
	return rc;
}

/* What the log's folder says of its keys. */
struct rotations {
	int folder;
	const struct log_keys *keys;
};

/* Whether the last key in the folder is ours: then so are those before, each of
 * which has signed the next. */
static int
last_key_check(struct call *c, const struct log_keys *keys,
	       const struct log_rotations *r)
{
	struct note_signer *ours;
	AUTO_KEY seed = {{0}};
	int rc = log_key_seed(c->keys, keys->origin, r, keys->n - 1, &seed);

	if (rc != 0 && rc != ERR_EXPIRED) {
		return rc;
	}
	ours = note_signer_new(keys->origin, &seed);
	if (ours == NULL) {
		return err_last()->code;
	}
	rc = rc == 0 && memcmp(ours->verifier.public_key,
			       keys->keys[keys->n - 1].public_key,
			       NOTE_PUBLIC_BYTES) == 0
		     ? 0
		     : err_set(ERR_CORRUPT, "the log's folder holds a key "
					    "that is not ours");
	note_signer_free(ours);
	return rc;
}

/* Rotations of the log's key that the store lacks, from the notes in the log's
 * folder. */
static int
rotations_put(struct call *c, void *arg)
{
	const struct rotations *found = arg;
	char path[LOG_KEY_PATH_BYTES];
	struct log_rotations r;
	struct buf note;
	size_t known;
	int rc = log_key_rotations(c->txn, &r);

	if (rc != 0) {
		return rc;
	}
	known = r.n;
	if (known + 1 < found->keys->n) {
		rc = last_key_check(c, found->keys, &r);
	}
	log_rotations_clear(&r);
	buf_init(&note, NOTE_BYTES_MAX);
	for (size_t i = known + 1; i < found->keys->n && rc == 0; i++) {
		buf_reset(&note);
		rc = file_read(found->folder, log_key_path(i, path), &note);
		if (rc == 0) {
			rc = log_key_add(c->txn, buf_bytes(&note));
		}
	}
	buf_clear(&note);
	return rc;
}

static int
rotations_back(struct core *core, const struct head *head)
{
	const struct checkpoint *last = head_checkpoint(head);
	int folder = open(core->config.log,
			  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct log_keys keys;
	struct rotations found = {folder, &keys};
	int rc;

	if (folder < 0) {
		return 0;
	}
	rc = log_keys_read(folder, NULL, &keys);
	if (rc != 0) {
		/* Files that cannot be read say nothing. */
		err_clear();
		(void)close(folder);
		return 0;
	}
	if (last != NULL && strcmp(keys.origin, last->origin) == 0) {
		rc = settle_call(core, rotations_put, &found);
	}
	log_keys_clear(&keys);
	(void)close(folder);
	return rc;
}

/* Whether the key that the store takes for the present one is there: not when
 * a rotation since has destroyed it and no file tells of that. */
static int
present_key_lives(struct call *c, void *arg)
{
	struct log_rotations r;
	AUTO_KEY seed = {{0}};
	bool *lives = arg;
	int rc = log_key_rotations(c->txn, &r);

	if (rc != 0) {
		return rc;
	}
	rc = log_key_seed(c->keys, "", &r, r.n, &seed);
	log_rotations_clear(&r);
	if (rc != 0 && rc != ERR_EXPIRED) {
		return rc;
	}
	*lives = rc == 0;
	return 0;
}

int
settle_log(struct core *core, const struct head *head,
	   struct restore_report *r)
{
	const struct checkpoint *signed_last = head_checkpoint(head);
	struct back b = {.core = core, .head = head};
	struct times last = {&r->from_ms, 0};
	bool lives = false;
	int rc;

	b.size = signed_last == NULL ? 0 : signed_last->size;
	rc = tile_reader_open(core->config.log, &b.reader);
	if (rc == ERR_NOT_FOUND) {
		err_clear();
		rc = 0;
	}
	if (rc == 0) {
		rc = settle_call(core, leaves_compare, &b);
	}
	r->from_leaf = b.have;
	r->to_leaf = b.have > b.size ? b.have : b.size;
	if (rc == 0 && b.have > 0) {
		last.index = b.have - 1;
		rc = settle_call(core, time_of, &last);
	}
	r->to_ms = clock_wall_ms(core->config.clock);
	if (rc == 0) {
		rc = rotations_back(core, head);
	}
	if (rc == 0) {
		rc = settle_call(core, present_key_lives, &lives);
	}
	if (rc == 0 && !lives) {
		(void)err_set(ERR_NOT_FOUND, "the log's key is destroyed");
		r->has_gap = true;
		r->log_closed = true;
		rc = successor_begin(&b);
	} else if (rc == 0 && b.have < b.size) {
		rc = log_lacks(&b, r);
	}
	tile_reader_close(b.reader);
	return rc;
}

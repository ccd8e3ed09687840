/* The order of things when the log promises something. The parts are those of
 * tiles, head, note and logkeys; when to sign is the daemon's choice. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/file.h"
#include "audit/logkeys.h"
#include "audit/signer.h"
#include "audit/tileread.h"

struct signer {
	struct head *head;
	struct note_signer *key;
	struct tiles *tiles;
	struct tile_reader *reader;
	size_t n_rotations;
	bool succeeds; /* the head is still the log's before */
	uint64_t signed_size;
};

static bool
is_same_log(const struct head *h, const char *origin)
{
	const struct checkpoint *was = head_checkpoint(h);

	return was == NULL || strcmp(was->origin, origin) == 0;
}

/* "log" becomes "log.1"; that of origin ".../2" becomes "log.2". */
static int
put_aside(const char *folder, const char *old_origin)
{
	const char *slash = strrchr(old_origin, '/');
	uint64_t number;
	char aside[4096];

	if (slash == NULL || decimal_read(bytes_str(slash + 1), &number) != 0) {
		number = 1;
	}
	if ((size_t)snprintf(aside, sizeof(aside), "%s.%llu", folder,
			     (unsigned long long)number) >= sizeof(aside)) {
		return err_set(ERR_TOO_LARGE, "the log's path is too long");
	}
	if (rename(folder, aside) != 0 && errno != ENOENT) {
		return err_set(ERR_IO, "cannot put the closed log aside: %s",
			       strerror(errno));
	}
	return 0;
}

/* The origin that file "checkpoint" names, signature unread; "" when there is
 * no such file. ERR_INVALID for a malformed one. */
static int
published(int folder, struct checkpoint *out)
{
	struct checkpoint c = {0};
	struct note note;
	struct buf b;
	int rc;

	buf_init(&b, NOTE_BYTES_MAX);
	rc = file_read(folder, "checkpoint", &b);
	if (rc == 0) {
		rc = note_parse(buf_bytes(&b), &note);
		rc = rc == 0 ? checkpoint_parse(note.text, &c) : rc;
	} else if (rc == ERR_NOT_FOUND) {
		rc = 0;
	}
	buf_clear(&b);
	if (rc == 0) {
		*out = c;
	}
	return rc;
}

/* Tiles are never removed under a checkpoint that the head does not know: a
 * log whose head was lost is not begun again by mistake. */
static int
check_folder(const struct signer_options *o, bool succeeds)
{
	const struct checkpoint *was = head_checkpoint(o->head);
	struct checkpoint c = {0};
	int fd = open(o->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd >= 0) {
		rc = published(fd, &c);
		(void)close(fd);
	}
	if (rc != 0 || c.origin[0] == 0) {
		return rc;
	}
	if (was == NULL || strcmp(c.origin, was->origin) != 0 ||
	    c.size > was->size) {
		return err_set(ERR_CORRUPT, "a checkpoint is published that "
					    "the head does not know");
	}
	return succeeds ? put_aside(o->folder, was->origin) : 0;
}

static int
check_successor(const struct signer_options *o)
{
	char next[ORIGIN_BYTES_MAX + 1];
	int rc = origin_successor(head_checkpoint(o->head)->origin, next);

	if (rc != 0) {
		return rc;
	}
	return strcmp(next, o->origin) == 0
		       ? 0
		       : err_set(ERR_STATE, "the head is of another log");
}

static int
sign_and_publish(struct signer *s, const struct checkpoint *c)
{
	struct buf note;
	int rc;

	buf_init(&note, NOTE_BYTES_MAX);
	rc = checkpoint_sign(c, s->key, &note);
	if (rc == 0) {
		rc = head_move(s->head, buf_bytes(&note));
	}
	if (rc == 0) {
		s->succeeds = false;
		s->signed_size = c->size;
		rc = file_put(tiles_folder_fd(s->tiles), "checkpoint",
			      buf_bytes(&note));
	}
	buf_clear(&note);
	return rc;
}

/* The log's keys have signed what the head promises, and the present one
 * signs it once more where a crash cut a rotation short. */
static int
settle_keys(struct signer *s, const struct keychain *chain)
{
	const struct checkpoint *was = head_checkpoint(s->head);
	int folder = tiles_folder_fd(s->tiles);
	struct log_keys keys;
	struct checkpoint c;
	struct note note;
	int rc = keychain_settle(folder, s->key->verifier.name, chain);

	s->n_rotations = chain->n_rotations;
	if (rc != 0 || was == NULL || s->succeeds) {
		return rc;
	}
	rc = log_keys_read(folder, NULL, &keys);
	if (rc != 0) {
		return rc;
	}
	rc = log_keys_open(&keys, head_note(s->head), &c);
	log_keys_clear(&keys);
	if (rc == 0) {
		rc = note_parse(head_note(s->head), &note);
	}
	if (rc == 0 && note_check(&note, &s->key->verifier, 1, NULL) != 0) {
		err_clear();
		rc = sign_and_publish(s, &c);
	}
	return rc;
}

/* The files hold what the head promises, and the published checkpoint is the
 * head's: a crash may have come between the two. */
static int
settle_checkpoint(struct signer *s)
{
	const struct checkpoint *was = head_checkpoint(s->head);
	struct hash root = tiles_root(s->tiles);
	struct buf b;
	bool same;
	int rc;

	if (was == NULL || s->succeeds) {
		return 0;
	}
	if (!hash_equal(&root, &was->root)) {
		return err_set(ERR_CORRUPT, "the log's files do not lead to "
					    "the signed root");
	}
	buf_init(&b, NOTE_BYTES_MAX);
	rc = file_read(tiles_folder_fd(s->tiles), "checkpoint", &b);
	same = rc == 0 && bytes_equal(buf_bytes(&b), head_note(s->head));
	buf_clear(&b);
	return same ? 0
		    : file_put(tiles_folder_fd(s->tiles), "checkpoint",
			       head_note(s->head));
}

/* Every leaf has a random id, so leaves after the place where a store was
 * rolled back and grew again all differ: the last one tells. */
static int
check_store(struct signer *s, const struct signer_leaves *from)
{
	struct buf ours, theirs;
	int rc;

	if (from == NULL || s->signed_size == 0) {
		return 0;
	}
	buf_init(&ours, LEAF_BYTES_MAX);
	buf_init(&theirs, LEAF_BYTES_MAX);
	rc = tile_reader_entry(s->reader, s->signed_size, s->signed_size - 1,
			       &ours);
	if (rc == 0) {
		rc = from->leaf(from->context, s->signed_size - 1, &theirs);
	}
	if (rc == 0 && !bytes_equal(buf_bytes(&ours), buf_bytes(&theirs))) {
		rc = err_set(ERR_CORRUPT, "the store's leaves are not those "
					  "that were signed");
	}
	buf_clear(&ours);
	buf_clear(&theirs);
	return rc;
}

static int
open_parts(struct signer *s, const struct signer_options *o)
{
	const struct checkpoint *was = head_checkpoint(o->head);
	int rc = 0;

	s->succeeds = !is_same_log(o->head, o->origin);
	if (s->succeeds) {
		rc = check_successor(o);
	}
	if (rc == 0) {
		rc = check_folder(o, s->succeeds);
	}
	s->signed_size = was == NULL || s->succeeds ? 0 : was->size;
	if (rc == 0) {
		s->key = note_signer_new(o->origin, o->keys.seed);
		rc = s->key == NULL ? err_last()->code : 0;
	}
	if (rc == 0) {
		rc = tiles_open(o->folder, s->signed_size, &s->tiles);
	}
	if (rc == 0) {
		rc = tile_reader_open(o->folder, &s->reader);
	}
	if (rc == 0) {
		rc = settle_checkpoint(s);
	}
	if (rc == 0) {
		rc = check_store(s, o->leaves);
	}
	return rc == 0 ? settle_keys(s, &o->keys) : rc;
}

int
signer_open(const struct signer_options *o, struct signer **out)
{
	struct signer *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL) {
		return err_set(ERR_NOMEM, "no memory for the signer");
	}
	s->head = o->head;
	rc = open_parts(s, o);
	if (rc != 0) {
		signer_close(s);
		return rc;
	}
	*out = s;
	return 0;
}

void
signer_close(struct signer *s)
{
	if (s == NULL) {
		return;
	}
	tile_reader_close(s->reader);
	tiles_close(s->tiles);
	note_signer_free(s->key);
	free(s);
}

uint64_t
signer_size(const struct signer *s)
{
	return tiles_size(s->tiles);
}

uint64_t
signer_signed(const struct signer *s)
{
	return s->signed_size;
}

int
signer_feed(struct signer *s, struct bytes leaf)
{
	return tiles_append(s->tiles, leaf);
}

struct bytes
signer_note(const struct signer *s)
{
	return s->succeeds ? bytes_of(NULL, 0) : head_note(s->head);
}

const struct note_verifier *
signer_verifier(const struct signer *s)
{
	return &s->key->verifier;
}

struct leaf
signer_successor_leaf(const struct head *h, struct id id, int64_t at_ms)
{
	struct leaf l = {.type = LEAF_SUCCESSOR, .at_ms = at_ms, .id = id};
	struct hash was = merkle_sha256(head_note(h));

	memcpy(l.commitment, was.b, COMMITMENT_BYTES);
	return l;
}

/* A successor's first leaf holds the old log's last note. */
static int
check_succession(struct signer *s, uint64_t size)
{
	struct hash was = merkle_sha256(head_note(s->head));
	struct leaf first;
	struct buf b;
	int rc;

	buf_init(&b, LEAF_BYTES_MAX);
	rc = tile_reader_entry(s->reader, size, 0, &b);
	if (rc == 0) {
		rc = leaf_decode(buf_bytes(&b), &first);
	}
	buf_clear(&b);
	if (rc != 0) {
		return rc;
	}
	return first.type == LEAF_SUCCESSOR &&
			       memcmp(first.commitment, was.b, HASH_BYTES) == 0
		       ? 0
		       : err_set(ERR_CORRUPT, "the new log does not begin with "
					      "the old one's checkpoint");
}

/* The checkpoint of what is published, checked against the head. */
static int
make_checkpoint(struct signer *s, const struct hash *root,
		struct checkpoint *out)
{
	struct checkpoint c = {.size = tiles_size(s->tiles), .root = *root};
	struct merkle_source tree = tile_reader_source(s->reader, c.size);
	int rc;

	memcpy(c.origin, s->key->verifier.name, sizeof(c.origin));
	rc = s->succeeds ? check_succession(s, c.size)
			 : head_check(s->head, &c, &tree);
	if (rc == 0) {
		*out = c;
	}
	return rc;
}

int
signer_checkpoint(struct signer *s)
{
	struct checkpoint c;
	struct hash root;
	int rc;

	if (tiles_size(s->tiles) == s->signed_size &&
	    head_checkpoint(s->head) != NULL) {
		return 0;
	}
	rc = tiles_publish(s->tiles, &root);
	if (rc == 0) {
		rc = make_checkpoint(s, &root, &c);
	}
	return rc == 0 ? sign_and_publish(s, &c) : rc;
}

int
signer_rotate(struct signer *s, const struct key *seed)
{
	struct note_signer *next;
	struct checkpoint c;
	int rc;

	if (head_checkpoint(s->head) == NULL || s->succeeds) {
		return err_set(ERR_STATE, "nothing was signed by this key");
	}
	c = *head_checkpoint(s->head);
	next = note_signer_new(s->key->verifier.name, seed);
	if (next == NULL) {
		return err_last()->code;
	}
	rc = keychain_publish(tiles_folder_fd(s->tiles), s->key, next,
			      s->n_rotations + 1, c.size);
	if (rc != 0) {
		note_signer_free(next);
		return rc;
	}
	note_signer_free(s->key);
	s->key = next;
	s->n_rotations++;
	return sign_and_publish(s, &c);
}

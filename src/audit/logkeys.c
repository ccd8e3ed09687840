/* The chain of a log's keys, read from its folder. Writing it in the right
 * order is signer.c's. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/file.h"
#include "audit/logkeys.h"

#define ROTATION_LINE "ninety log key rotation v1"

char *
log_key_path(size_t n, char out[LOG_KEY_PATH_BYTES])
{
	(void)snprintf(out, LOG_KEY_PATH_BYTES, "key/%zu", n);
	return out;
}

int
log_keys_rotation(const struct note_signer *old, const struct note_signer *next,
		  uint64_t size, struct buf *out)
{
	const struct note_signer *const both[] = {old, next};
	char old_vkey[NOTE_VKEY_BYTES], next_vkey[NOTE_VKEY_BYTES];
	struct buf text;
	int rc;

	buf_init(&text, NOTE_BYTES_MAX);
	rc = buf_printf(&text, "%s\n%s\n%" PRIu64 "\n%s\n%s\n", ROTATION_LINE,
			old->verifier.name, size,
			note_vkey_print(&old->verifier, old_vkey),
			note_vkey_print(&next->verifier, next_vkey));
	if (rc == 0) {
		rc = note_sign(buf_bytes(&text), both, 2, out);
	}
	buf_clear(&text);
	return rc;
}

static int
parse_rotation(struct bytes text, struct log_rotation *out)
{
	struct bytes head, origin, size, old, next;
	struct log_rotation r;

	if (!line_cut(&text, &head) || !line_cut(&text, &origin) ||
	    !line_cut(&text, &size) || !line_cut(&text, &old) ||
	    !line_cut(&text, &next) || text.n != 0 ||
	    !bytes_equal(head, bytes_str(ROTATION_LINE)) ||
	    decimal_read(size, &r.size) != 0 ||
	    note_vkey_parse(old, &r.old) != 0 ||
	    note_vkey_parse(next, &r.next) != 0) {
		return err_set(ERR_INVALID, "not the note of a key rotation");
	}
	if (!bytes_equal(origin, bytes_str(r.old.name)) ||
	    !bytes_equal(origin, bytes_str(r.next.name))) {
		return err_set(ERR_CORRUPT, "a key rotation of two logs");
	}
	*out = r;
	return 0;
}

int
log_rotation_open(struct bytes from, struct log_rotation *out)
{
	struct log_rotation r;
	struct note note;
	int rc = note_parse(from, &note);

	if (rc == 0) {
		rc = parse_rotation(note.text, &r);
	}
	if (rc == 0) {
		rc = note_check(&note, &r.old, 1, NULL);
	}
	if (rc == 0) {
		rc = note_check(&note, &r.next, 1, NULL);
	}
	if (rc == 0) {
		*out = r;
	}
	return rc;
}

static bool
same_key(const struct note_verifier *a, const struct note_verifier *b)
{
	return strcmp(a->name, b->name) == 0 &&
	       memcmp(a->public_key, b->public_key, NOTE_PUBLIC_BYTES) == 0;
}

static int
add_key(struct log_keys *k, const struct note_verifier *v, uint64_t from)
{
	struct note_verifier *keys;
	uint64_t *sizes;

	if (k->n == LOG_KEYS_MAX) {
		return err_set(ERR_TOO_LARGE, "too many keys of one log");
	}
	keys = realloc(k->keys, (k->n + 1) * sizeof(*keys));
	if (keys == NULL) {
		return err_set(ERR_NOMEM, "no memory for the log's keys");
	}
	k->keys = keys;
	sizes = realloc(k->from, (k->n + 1) * sizeof(*sizes));
	if (sizes == NULL) {
		return err_set(ERR_NOMEM, "no memory for the log's keys");
	}
	k->from = sizes;
	k->keys[k->n] = *v;
	k->from[k->n] = from;
	k->n++;
	return 0;
}

static int
add_rotation(struct log_keys *k, const struct log_rotation *r)
{
	int rc = 0;

	if (k->n == 0) {
		rc = add_key(k, &r->old, 0);
	}
	if (rc != 0) {
		return rc;
	}
	if (!same_key(&k->keys[k->n - 1], &r->old) ||
	    r->size < k->from[k->n - 1]) {
		return err_set(ERR_CORRUPT, "key rotation %zu does not follow "
					    "from the one before",
			       k->n);
	}
	return add_key(k, &r->next, r->size);
}

static int
read_rotations(int folder, struct log_keys *k, struct buf *scratch)
{
	char path[LOG_KEY_PATH_BYTES];
	struct log_rotation r;
	int rc = 0;

	for (size_t n = 1; rc == 0; n++) {
		buf_reset(scratch);
		rc = file_read(folder, log_key_path(n, path), scratch);
		if (rc == ERR_NOT_FOUND) {
			return 0;
		}
		if (rc == 0) {
			rc = log_rotation_open(buf_bytes(scratch), &r);
		}
		if (rc == 0) {
			rc = add_rotation(k, &r);
		}
	}
	return rc;
}

/* The present key as "vkey" has it; with rotations it must be the last one's
 * new key, or its old one where a rotation was cut short. */
static int
read_present(int folder, struct log_keys *k, struct buf *scratch)
{
	char again[NOTE_VKEY_BYTES];
	struct note_verifier v;
	int rc;

	buf_reset(scratch);
	rc = file_read(folder, "vkey", scratch);
	if (rc == 0) {
		rc = note_vkey_parse(buf_bytes(scratch), &v);
	}
	if (rc != 0) {
		return rc;
	}
	if (scratch->len != strlen(note_vkey_print(&v, again)) + 1 ||
	    memcmp(scratch->data, again, scratch->len - 1) != 0 ||
	    scratch->data[scratch->len - 1] != '\n') {
		return err_set(ERR_INVALID, "file vkey is not one line");
	}
	if (k->n == 0) {
		return add_key(k, &v, 0);
	}
	if (!same_key(&k->keys[k->n - 1], &v) &&
	    !same_key(&k->keys[k->n - 2], &v)) {
		return err_set(ERR_CORRUPT, "file vkey is not the last key of "
					    "the rotations");
	}
	return 0;
}

int
log_keys_read(int folder, const struct note_verifier *pinned,
	      struct log_keys *out)
{
	struct log_keys k = {0};
	struct buf scratch;
	bool known = pinned == NULL;
	int rc;

	buf_init(&scratch, NOTE_BYTES_MAX);
	rc = read_rotations(folder, &k, &scratch);
	if (rc == 0) {
		rc = read_present(folder, &k, &scratch);
	}
	buf_clear(&scratch);
	for (size_t i = 0; i < k.n && rc == 0 && !known; i++) {
		known = same_key(&k.keys[i], pinned);
	}
	if (rc == 0 && !known) {
		rc = err_set(ERR_CORRUPT, "the given key is none of this "
					  "log's keys");
	}
	if (rc != 0) {
		log_keys_clear(&k);
		return rc;
	}
	memcpy(k.origin, k.keys[0].name, sizeof(k.origin));
	*out = k;
	return 0;
}

void
log_keys_clear(struct log_keys *k)
{
	free(k->keys);
	free(k->from);
	*k = (struct log_keys){0};
}

int
log_keys_open(const struct log_keys *k, struct bytes from,
	      struct checkpoint *out)
{
	struct checkpoint c;
	struct note note;
	size_t which;
	int rc = note_parse(from, &note);

	if (rc == 0) {
		rc = note_check(&note, k->keys, k->n, &which);
	}
	if (rc == 0) {
		rc = checkpoint_parse(note.text, &c);
	}
	if (rc != 0) {
		return rc;
	}
	if (strcmp(c.origin, k->origin) != 0) {
		return err_set(ERR_CORRUPT, "a checkpoint of another log");
	}
	if (c.size < k->from[which] ||
	    (which + 1 < k->n && c.size > k->from[which + 1])) {
		return err_set(ERR_CORRUPT, "signed by a key that was not in "
					    "force at that size");
	}
	*out = c;
	return 0;
}

/* log.json of the project: leaves, commitments, roots, a checkpoint and a slot
 * of the head, made by another program, through the service's functions. */

#include <stdio.h>

#include "audit/details.h"
#include "audit/head.h"
#include "audit/leaf.h"
#include "vectors.h"

#define FILE_NAME "log.json"
#define ENTRY_BYTES 8

static bool
fixed(const struct value *v, const char *name, struct arena *a, void *to,
      size_t n)
{
	struct bytes b = vectors_hex(v, name, a);

	if (b.n != n) {
		return false;
	}
	memcpy(to, b.p, n);
	return true;
}

static bool
leaf_is_right(const struct value *v, struct arena *a, bool *out_refused)
{
	const char *result = value_get_text(v, "result");
	struct bytes bytes = vectors_hex(v, "leaf", a);
	uint8_t again[LEAF_BYTES];
	struct hash h, want;
	struct leaf l;

	if (result == NULL || bytes.n == 0) {
		return false;
	}
	if (strcmp(result, "valid") != 0) {
		*out_refused = leaf_decode(bytes, &l) != 0;
		return *out_refused;
	}
	if (leaf_decode(bytes, &l) != 0 ||
	    !fixed(v, "leaf_hash", a, want.b, HASH_BYTES)) {
		return false;
	}
	leaf_encode(&l, again);
	h = merkle_leaf(bytes);
	return bytes_equal(bytes, bytes_of(again, sizeof(again))) &&
	       hash_equal(&h, &want) &&
	       vectors_number(v, "type") == (int64_t)l.type &&
	       vectors_number(v, "outcome") == l.outcome &&
	       vectors_number(v, "category") == l.category &&
	       vectors_number(v, "recipient") == l.recipient &&
	       vectors_number(v, "count") == l.count &&
	       vectors_number(v, "at_ms") == l.at_ms;
}

static bool
commitment_is_right(const struct value *v, struct arena *a, bool *out_refused)
{
	struct bytes details = vectors_hex(v, "details", a);
	struct bytes sealed = vectors_hex(v, "sealed", a);
	uint8_t *plain = arena_alloc(a, sealed.n + 1);
	struct leaf leaf = {.count = 0};
	uint8_t got[COMMITMENT_BYTES];
	struct leaf_keys keys;
	struct key slot, k_leaf;

	(void)out_refused;
	if (plain == NULL || !fixed(v, "slot_key", a, slot.b, KEY_BYTES) ||
	    !fixed(v, "id", a, leaf.id.b, ID_BYTES) ||
	    !fixed(v, "k_leaf", a, k_leaf.b, KEY_BYTES) ||
	    !fixed(v, "commitment", a, leaf.commitment, sizeof(got))) {
		return false;
	}
	leaf_keys(&slot, leaf.id, &keys);
	leaf_commit(&keys.commit, details, got);
	return secret_equal(keys.commit.b, k_leaf.b, KEY_BYTES) &&
	       secret_equal(got, leaf.commitment, sizeof(got)) &&
	       leaf_unseal(&leaf, &keys, sealed, plain) == 0 &&
	       bytes_equal(bytes_of(plain, sealed.n), details);
}

/* Packed details: of each good one, the one spelling of what JSON says. */
static bool
details_are_right(const struct value *v, struct arena *a, bool *out_refused)
{
	const struct value *says = value_get(v, "says");
	struct bytes packed = vectors_hex(v, "packed", a);
	struct value got;
	struct buf again;
	bool right;

	if (says == NULL) {
		*out_refused = details_unpack(packed, a, &got) != 0;
		return *out_refused;
	}
	buf_init(&again, packed.n + 1);
	right = details_unpack(packed, a, &got) == 0 &&
		value_equal(&got, says) && details_pack(says, &again) == 0 &&
		bytes_equal(buf_bytes(&again), packed);
	buf_clear(&again);
	return right;
}

/* Entry i of these trees is i in eight bytes. */
static bool
tree_is_right(const struct value *v, struct arena *a, bool *out_refused)
{
	struct merkle_edge edge = {0};
	struct hash root, want;

	(void)out_refused;
	while (edge.size < (uint64_t)vectors_number(v, "size")) {
		uint8_t entry[ENTRY_BYTES];
		struct hash h;

		for (size_t i = 0; i < ENTRY_BYTES; i++) {
			entry[i] = (uint8_t)(edge.size >>
					     (8 * (ENTRY_BYTES - 1 - i)));
		}
		h = merkle_leaf(bytes_of(entry, sizeof(entry)));
		merkle_edge_add(&edge, &h);
	}
	root = merkle_edge_root(&edge);
	return fixed(v, "root", a, want.b, HASH_BYTES) &&
	       hash_equal(&root, &want);
}

static bool
checkpoint_is_right(const struct value *v, struct arena *a)
{
	const char *note = value_get_text(v, "note");
	const char *vkey = value_get_text(v, "vkey");
	struct note_verifier verifier;
	struct note_signer *signer;
	struct checkpoint c;
	struct buf again;
	struct key seed;
	bool right;

	if (note == NULL || vkey == NULL ||
	    !fixed(v, "seed", a, seed.b, KEY_BYTES) ||
	    note_vkey_parse(bytes_str(vkey), &verifier) != 0 ||
	    checkpoint_open(bytes_str(note), &verifier, 1, &c) != 0) {
		return false;
	}
	signer = note_signer_new(c.origin, &seed);
	buf_init(&again, NOTE_BYTES_MAX);
	right = signer != NULL && checkpoint_sign(&c, signer, &again) == 0 &&
		bytes_equal(buf_bytes(&again), bytes_str(note));
	buf_clear(&again);
	note_signer_free(signer);
	return right;
}

static bool
head_is_right(const struct value *v, const char *note, struct arena *a)
{
	struct head_slot slot = {
		.sequence = (uint64_t)vectors_number(v, "sequence")};
	uint8_t bytes[HEAD_SLOT_BYTES];
	struct hash h, want;
	struct key mac;

	if (note == NULL || strlen(note) > sizeof(slot.note) ||
	    !fixed(v, "mac_key", a, mac.b, KEY_BYTES) ||
	    !fixed(v, "slot_sha256", a, want.b, HASH_BYTES)) {
		return false;
	}
	slot.note_bytes = strlen(note);
	memcpy(slot.note, note, slot.note_bytes);
	head_slot_encode(&slot, &mac, bytes);
	h = merkle_sha256(bytes_of(bytes, sizeof(bytes)));
	return hash_equal(&h, &want);
}

static void
list_run(struct report *r, const struct value *all, const char *list,
	 struct vector_set *set, struct arena *a,
	 bool (*is_right)(const struct value *, struct arena *, bool *))
{
	const struct value *of = value_get(all, list);

	for (size_t i = 0;
	     of != NULL && of->kind == VALUE_LIST && i < of->of.n; i++) {
		char comment[64];
		bool refused = false;
		bool right = is_right(&of->of.items[i].value, a, &refused);

		(void)snprintf(comment, sizeof(comment), "%s %zu", list, i);
		set->refused += refused;
		vectors_count(r, set, right, comment);
	}
}

static void
run(struct report *r, const struct value *all, struct arena *a)
{
	struct vector_set set = {.name = "ours_log"};
	const struct value *checkpoint = value_get(all, "checkpoint");
	const struct value *head = value_get(all, "head");

	list_run(r, all, "leaves", &set, a, leaf_is_right);
	list_run(r, all, "commitments", &set, a, commitment_is_right);
	list_run(r, all, "details", &set, a, details_are_right);
	list_run(r, all, "trees", &set, a, tree_is_right);
	vectors_count(r, &set,
		      checkpoint != NULL && checkpoint_is_right(checkpoint, a),
		      "checkpoint");
	vectors_count(r, &set,
		      checkpoint != NULL && head != NULL &&
			      head_is_right(head,
					    value_get_text(checkpoint, "note"),
					    a),
		      "head");
	vectors_tell(r, &set);
}

bool
vectors_log(struct report *r, const char *directory)
{
	struct arena *a = arena_new(VECTORS_ARENA_BYTES_MAX);
	struct value all;
	int rc = a == NULL ? err_set(ERR_NOMEM, "no memory")
			   : vectors_read(directory, FILE_NAME, a, &all);

	if (rc == 0) {
		run(r, &all, a);
	} else if (rc != ERR_NOT_FOUND) {
		report_fault(r, FILE_NAME ": %s", err_last()->text);
	}
	arena_free(a);
	return rc != ERR_NOT_FOUND;
}

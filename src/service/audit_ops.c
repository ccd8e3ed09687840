/* Checkpoints, entries, proofs, and one living person's history. Proofs come
 * from the published tiles: what an outsider gets from a web server is what
 * is answered here. */

#include <stdio.h>
#include <stdlib.h>

#include "audit/details.h"
#include "audit/tileread.h"
#include "base/base64.h"
#include "base/pack.h"
#include "service/audit_ops.h"
#include "service/state.h"
#include "vault/subject.h"

#define ENTRIES_MAX 500 /* a call; each may be opened by its history row */
#define HISTORY_ITEMS_MAX 200

static const struct field checkpoint_out_fields[] = {
	F_MUST(struct checkpoint_out, note, FIELD_TEXT, "the signed note"),
	F_MUST(struct checkpoint_out, vkey, FIELD_TEXT, "the key to check it"),
	F_MUST(struct checkpoint_out, origin, FIELD_TEXT, "the log's name"),
};
const struct field_table checkpoint_out_table =
	FIELD_TABLE(struct checkpoint_out, checkpoint_out_fields);

static const char *
note_text(struct call *c, const struct log_view *view)
{
	return arena_text(c->arena, (const char *)view->note.p, view->note.n);
}

int
audit_checkpoint(struct call *c, const void *in, void *out)
{
	struct log_view view = logger_view(c->core);
	struct checkpoint_out *o = out;

	(void)in;
	if (view.note.n == 0) {
		return err_set(ERR_UNAVAILABLE, "nothing is signed yet");
	}
	o->note = note_text(c, &view);
	o->vkey = view.vkey;
	o->origin = view.origin;
	return o->note == NULL ? ERR_NOMEM : 0;
}

static const struct field entries_in_fields[] = {
	F_INT(struct entries_in, from, 0, 0, INT64_MAX, "first index"),
	F_INT(struct entries_in, to, 0, 0, INT64_MAX, "index after the last"),
};
const struct field_table entries_in_table =
	FIELD_TABLE(struct entries_in, entries_in_fields);
static const struct field entries_out_fields[] = {
	F_MUST(struct entries_out, items, FIELD_VALUE,
	       "index, leaf (exact bytes, base64), and what it says"),
	F_INT(struct entries_out, size, 0, 0, 0, "leaves in the log now"),
};
const struct field_table entries_out_table =
	FIELD_TABLE(struct entries_out, entries_out_fields);

static int
entry_value(struct call *c, uint64_t index, struct bytes bytes,
	    struct value *out)
{
	struct value item = value_object();
	struct value said;
	struct leaf leaf;
	const char *text = base64_encode(bytes, c->arena);
	int rc = leaf_decode(bytes, &leaf);

	if (text == NULL) {
		return ERR_NOMEM;
	}
	if (rc == 0) {
		rc = leaf_describe(&leaf, c->arena, &said);
	}
	if (rc == 0) {
		rc = value_add(&item, c->arena, "index",
			       value_int((int64_t)index));
	}
	if (rc == 0) {
		rc = value_add(&item, c->arena, "leaf", value_text(text));
	}
	for (size_t i = 0; rc == 0 && i < said.of.n; i++) {
		rc = value_add(&item, c->arena, said.of.items[i].name,
			       said.of.items[i].value);
	}
	*out = item;
	return rc;
}

int
audit_entries(struct call *c, const void *in, void *out)
{
	const struct entries_in *i = in;
	struct entries_out *o = out;
	struct value items = value_list();
	struct key_maker from = {.n = 0};
	struct range *r;
	struct bytes key;
	struct bytes value;
	struct value item;
	uint64_t size;
	int rc;

	if (i->to < i->from || i->to - i->from > ENTRIES_MAX) {
		return err_field(ERR_INVALID, "to",
				 "at least `from`, at most %d more",
				 ENTRIES_MAX);
	}
	rc = txn_counter_get(c->txn, "log.size", &size);
	key_u64(&from, (uint64_t)i->from);
	if (rc == 0) {
		rc = range_open(c->txn, TABLE_LEAF, bytes_of(NULL, 0),
				key_bytes(&from), 0, &r);
	}
	if (rc != 0) {
		return rc;
	}
	while ((rc = range_next(r, &key, &value)) == 1) {
		uint64_t index = get_u64(key.p);

		if (index >= (uint64_t)i->to) {
			break;
		}
		rc = entry_value(c, index, value, &item);
		if (rc == 0) {
			rc = value_push(&items, c->arena, item);
		}
		if (rc != 0) {
			break;
		}
	}
	range_close(r);
	o->items = items;
	o->size = (int64_t)size;
	return rc < 0 ? rc : 0;
}

static const struct field proof_in_fields[] = {
	F_INT(struct proof_in, index, 0, 0, INT64_MAX, "of the leaf"),
	F_INT_HAS(struct proof_in, size, 1, INT64_MAX,
		  "of the tree; without it, the last checkpoint's"),
};
const struct field_table proof_in_table =
	FIELD_TABLE(struct proof_in, proof_in_fields);
static const struct field proof_out_fields[] = {
	F_INT(struct proof_out, index, 0, 0, 0, "of the leaf"),
	F_INT(struct proof_out, size, 0, 0, 0, "of the tree"),
	F_LIST_OF(struct proof_out, hashes, 0, FIELD_TEXT,
		  MERKLE_PROOF_HASHES_MAX, "leaf to root, base64"),
	F_MUST(struct proof_out, checkpoint, FIELD_TEXT,
	       "the last one; its size is the proof's if none was given"),
};
const struct field_table proof_out_table =
	FIELD_TABLE(struct proof_out, proof_out_fields);

static int
hashes_print(struct call *c, const struct merkle_proof *proof,
	     const char ***out, size_t *out_n)
{
	const char **list = arena_array(c->arena, proof->n + 1, sizeof(*list));

	if (list == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < proof->n; i++) {
		list[i] = base64_encode(bytes_of(proof->hashes[i].b,
						 HASH_BYTES),
					c->arena);
		if (list[i] == NULL) {
			return ERR_NOMEM;
		}
	}
	*out = list;
	*out_n = proof->n;
	return 0;
}

int
audit_prove(struct call *c, uint64_t index, uint64_t size,
	    struct merkle_proof *out)
{
	struct log_view view = logger_view(c->core);
	struct tile_reader *reader;
	struct merkle_source source;
	int rc;

	if (index >= size || size > view.size) {
		return err_set(ERR_UNAVAILABLE,
			       "no checkpoint covers this yet");
	}
	rc = tile_reader_open(c->core->config.log, &reader);
	if (rc != 0) {
		return rc;
	}
	source = tile_reader_source(reader, view.size);
	rc = merkle_prove_inclusion(&source, index, size, out);
	tile_reader_close(reader);
	return rc;
}

/* A leaf that is not there yet may never be: to wait for it, as for a
 * checkpoint, is no advice. */
static int
check_size(struct call *c, uint64_t size, const char *field)
{
	uint64_t leaves;
	int rc = txn_counter_get(c->txn, "log.size", &leaves);

	return rc == 0 && size > leaves
		       ? err_field(ERR_INVALID, field, "the log ends before")
		       : rc;
}

int
audit_proof(struct call *c, const void *in, void *out)
{
	const struct proof_in *i = in;
	struct proof_out *o = out;
	struct log_view view = logger_view(c->core);
	uint64_t size = i->has_size ? (uint64_t)i->size : view.size;
	struct merkle_proof proof;
	int rc;

	if (i->has_size && i->index >= i->size) {
		return err_field(ERR_INVALID, "index", "below `size`");
	}
	rc = i->has_size ? check_size(c, size, "size")
			 : check_size(c, (uint64_t)i->index + 1, "index");
	if (rc == 0) {
		rc = audit_prove(c, (uint64_t)i->index, size, &proof);
	}
	if (rc == 0) {
		rc = hashes_print(c, &proof, &o->hashes, &o->n_hashes);
	}
	o->index = i->index;
	o->size = (int64_t)size;
	o->checkpoint = note_text(c, &view);
	return rc != 0 ? rc : o->checkpoint == NULL ? ERR_NOMEM : 0;
}

static const struct field consistency_out_fields[] = {
	F_INT(struct consistency_out, from, 0, 0, 0, "the older size"),
	F_INT(struct consistency_out, to, 0, 0, 0, "the newer size"),
	F_LIST_OF(struct consistency_out, hashes, 0, FIELD_TEXT,
		  MERKLE_PROOF_HASHES_MAX, "RFC 6962 2.1.2, base64"),
};
const struct field_table consistency_out_table =
	FIELD_TABLE(struct consistency_out, consistency_out_fields);

int
audit_consistency(struct call *c, const void *in, void *out)
{
	const struct entries_in *i = in;
	struct consistency_out *o = out;
	struct log_view view = logger_view(c->core);
	struct tile_reader *reader;
	struct merkle_source source;
	struct merkle_proof proof;
	int rc;

	if (i->from > i->to) {
		return err_field(ERR_INVALID, "from", "at most `to`");
	}
	rc = check_size(c, (uint64_t)i->to, "to");
	if (rc != 0) {
		return rc;
	}
	if ((uint64_t)i->to > view.size) {
		return err_set(ERR_UNAVAILABLE,
			       "no checkpoint covers this yet");
	}
	rc = tile_reader_open(c->core->config.log, &reader);
	if (rc != 0) {
		return rc;
	}
	source = tile_reader_source(reader, view.size);
	rc = merkle_prove_consistency(&source, (uint64_t)i->from,
				      (uint64_t)i->to, &proof);
	tile_reader_close(reader);
	if (rc == 0) {
		rc = hashes_print(c, &proof, &o->hashes, &o->n_hashes);
	}
	o->from = i->from;
	o->to = i->to;
	return rc;
}

static const struct field history_in_fields[] = {
	F_MUST(struct history_in, subject, FIELD_ID, "a living customer"),
	F_PROSE(struct history_in, reason, 0, 500, "why it is looked at"),
	F_INT_HAS(struct history_in, limit, 1, 1000, "items at most"),
	F_WORD(struct history_in, cursor, FIELD_OPTIONAL, 32,
	       "`next` of the page before"),
};
const struct field_table history_in_table =
	FIELD_TABLE(struct history_in, history_in_fields);
static const struct field history_out_fields[] = {
	F_MUST(struct history_out, items, FIELD_VALUE,
	       "what happened to this person, oldest first, with details"),
	F_MAY(struct history_out, next, FIELD_TEXT, "cursor of the next page"),
};
const struct field_table history_out_table =
	FIELD_TABLE(struct history_out, history_out_fields);

static int
details_open(struct call *c, slot_t slot, struct bytes leaf_bytes,
	     struct bytes sealed, struct value *out)
{
	uint8_t *plain = arena_alloc(c->arena, sealed.n + 1);
	AUTO_LEAF_KEYS keys;
	AUTO_KEY key = {{0}};
	struct leaf leaf;
	int rc = plain == NULL ? ERR_NOMEM : leaf_decode(leaf_bytes, &leaf);

	if (rc == 0) {
		rc = keyring_key(c->keys, slot, &key);
	}
	if (rc != 0) {
		return rc;
	}
	leaf_keys(&key, leaf.id, &keys);
	rc = leaf_unseal(&leaf, &keys, sealed, plain);
	return rc != 0 ? rc
		       : details_unpack(bytes_of(plain, sealed.n), c->arena,
					out);
}

static int
history_item(struct call *c, slot_t slot, uint64_t index, struct bytes sealed,
	     struct value *out)
{
	struct key_maker k = {.n = 0};
	struct bytes leaf;
	struct value details;
	int rc;

	key_u64(&k, index);
	rc = txn_get(c->txn, TABLE_LEAF, key_bytes(&k), &leaf);
	if (rc == 0) {
		rc = entry_value(c, index, leaf, out);
	}
	if (rc == 0) {
		rc = details_open(c, slot, leaf, sealed, &details);
	}
	return rc != 0 ? rc : value_add(out, c->arena, "details", details);
}

static int
history_list(struct call *c, slot_t slot, uint64_t from, size_t limit,
	     struct value *items, const char **out_next)
{
	struct key_maker prefix = {.n = 0};
	struct key_maker first = {.n = 0};
	struct range *r;
	struct bytes key;
	struct bytes value;
	struct value item;
	size_t n = 0;
	int rc;

	key_u64(&prefix, slot);
	key_u64(&first, slot);
	key_u64(&first, from);
	rc = range_open(c->txn, TABLE_HISTORY, key_bytes(&prefix),
			key_bytes(&first), 0, &r);
	if (rc != 0) {
		return rc;
	}
	while ((rc = range_next(r, &key, &value)) == 1) {
		uint64_t index = get_u64(key.p + 8);

		if (n++ == limit) {
			*out_next = arena_printf(c->arena, "%llu",
						 (unsigned long long)index);
			rc = *out_next == NULL ? ERR_NOMEM : 0;
			break;
		}
		rc = history_item(c, slot, index, value, &item);
		if (rc == 0) {
			rc = value_push(items, c->arena, item);
		}
		if (rc != 0) {
			break;
		}
	}
	range_close(r);
	return rc < 0 ? rc : 0;
}

int
audit_history(struct call *c, const void *in, void *out)
{
	const struct history_in *i = in;
	struct history_out *o = out;
	struct value details = value_object();
	struct subject *s;
	struct vault v;
	unsigned long long from = 0;
	size_t limit = i->has_limit && i->limit < HISTORY_ITEMS_MAX
			       ? (size_t)i->limit
			       : HISTORY_ITEMS_MAX;
	char end;
	int rc;

	if (i->cursor != NULL && sscanf(i->cursor, "%llu%c", &from, &end) != 1) {
		return err_field(ERR_INVALID, "cursor",
				 "not a cursor of this list");
	}
	v = call_vault(c);
	rc = subject_load(&v, i->subject, &s);
	if (rc != 0) {
		return rc;
	}
	call_about(c, s->base);
	rc = value_add(&details, c->arena, "reason", value_text(i->reason));
	if (rc == 0) {
		rc = call_leaf(c, (struct call_leaf){.type = LEAF_HISTORY,
						     .log_slot = c->log_slot,
						     .details = details});
	}
	o->items = value_list();
	return rc != 0 ? rc
		       : history_list(c, s->base + SLOT_LOG, from, limit,
				      &o->items, &o->next);
}

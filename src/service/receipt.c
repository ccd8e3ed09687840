/* Receipts: the leaf from the store, its opening from under the request's
 * slot, the proof from the published tiles. */

#include "audit/proof.h"
#include "request/tell.h"
#include "service/audit_ops.h"
#include "service/receipt.h"
#include "service/state.h"

static const struct field receipt_in_fields[] = {
	F_MUST(struct request_receipt_in, request, FIELD_ID, "the request"),
};
static const struct field told_fields[] = {
	F_MUST(struct receipt_told, recipient, FIELD_TEXT, "who was to be told"),
	F_MUST(struct receipt_told, about, FIELD_TEXT, "of what"),
	F_MUST(struct receipt_told, created_at, FIELD_TIME, "since when"),
	F_MAY(struct receipt_told, acknowledged_at, FIELD_TIME,
	      "absent: nobody has said yet that they were told"),
};
const struct field_table request_receipt_in_table =
	FIELD_TABLE(struct request_receipt_in, receipt_in_fields);

static const struct field receipt_out_fields[] = {
	F_MUST(struct request_receipt_out, receipt, FIELD_TEXT,
	       "a c2sp.org/tlog-proof, its extra the leaf and its opening"),
	F_MUST(struct request_receipt_out, type, FIELD_TEXT, "of the leaf"),
	F_INT(struct request_receipt_out, index, 0, 0, 0, "in the log"),
	F_LIST(struct request_receipt_out, recipients, 0, told_fields,
	       REQUEST_LIST_MAX, "notices that it led to, as they stand now"),
};
const struct field_table request_receipt_out_table =
	FIELD_TABLE(struct request_receipt_out, receipt_out_fields);

static int
leaf_get(struct call *c, uint64_t index, struct bytes *out_bytes,
	 struct leaf *out)
{
	struct key_maker k = {.n = 0};
	int rc;

	key_u64(&k, index);
	rc = txn_get(c->txn, TABLE_LEAF, key_bytes(&k), out_bytes);
	if (rc == ERR_NOT_FOUND) {
		/* Only a restore that closed a log takes leaves away. */
		return err_set(ERR_UNAVAILABLE,
			       "this receipt's leaf is in a log that was "
			       "closed");
	}
	return rc != 0 ? rc : leaf_decode(*out_bytes, out);
}

/* What the leaf commits to, and the key that shows it. */
static int
opening_get(struct call *c, const struct request *r, const struct leaf *leaf,
	    struct receipt *out)
{
	struct key_maker k = {.n = 0};
	struct bytes sealed;
	uint8_t *plain = NULL;
	AUTO_LEAF_KEYS keys;
	AUTO_KEY key = {{0}};
	int rc;

	key_u64(&k, r->slot);
	key_u64(&k, r->receipt_index);
	rc = txn_get(c->txn, TABLE_HISTORY, key_bytes(&k), &sealed);
	if (rc == ERR_NOT_FOUND) {
		return err_set(ERR_UNAVAILABLE,
			       "this receipt's leaf is in a log that was "
			       "closed");
	}
	if (rc == 0) {
		plain = arena_alloc(c->arena, sealed.n + 1);
		rc = plain == NULL ? ERR_NOMEM
				   : keyring_key(c->keys, r->slot, &key);
	}
	if (rc != 0) {
		return rc;
	}
	leaf_keys(&key, leaf->id, &keys);
	rc = leaf_unseal(leaf, &keys, sealed, plain);
	if (rc == 0) {
		out->k_leaf = keys.commit;
		out->details = bytes_of(plain, sealed.n);
		out->is_open = true;
	}
	return rc;
}

static int
proof_text(struct call *c, uint64_t index, struct bytes extra,
	   const char **out)
{
	struct log_view view = logger_view(c->core);
	struct proof_file file = {.extra = extra,
				  .index = index,
				  .checkpoint = view.note};
	struct buf text;
	int rc = audit_prove(c, index, view.size, &file.path);

	buf_init(&text, PROOF_BYTES_MAX);
	if (rc == 0) {
		rc = proof_print(&file, &text);
	}
	if (rc == 0) {
		*out = arena_text(c->arena, (const char *)text.data, text.len);
		rc = *out == NULL ? ERR_NOMEM : 0;
	}
	buf_clear(&text);
	return rc;
}

static int
recipients_list(struct call *c, const struct request *r,
		struct request_receipt_out *out)
{
	struct notice *list;
	size_t n;
	int rc = tell_list(c, r, &list, &n);

	if (rc == 0) {
		out->recipients = arena_array(c->arena, n,
					      sizeof(*out->recipients));
		rc = out->recipients == NULL ? ERR_NOMEM : 0;
	}
	for (size_t i = 0; rc == 0 && i < n; i++) {
		out->recipients[i] = (struct receipt_told){
			.recipient = list[i].recipient,
			.about = list[i].about,
			.created_at = list[i].created_at_ms,
			.acknowledged_at = list[i].acknowledged_at_ms};
	}
	out->n_recipients = rc == 0 ? n : 0;
	return rc;
}

int
request_receipt(struct call *c, const void *input, void *output)
{
	const struct request_receipt_in *in = input;
	struct request_receipt_out *out = output;
	struct receipt receipt = {.is_open = false};
	struct request *r;
	struct bytes bytes;
	struct leaf leaf;
	struct buf extra;
	int rc = request_load(c, in->request, &r);

	if (rc == 0) {
		rc = leaf_get(c, r->receipt_index, &bytes, &leaf);
	}
	if (rc == 0 && leaf.type != (enum leaf_type)r->receipt_type) {
		rc = err_set(ERR_CORRUPT, "a receipt's leaf is another's");
	}
	if (rc == 0) {
		rc = opening_get(c, r, &leaf, &receipt);
	}
	if (rc != 0) {
		return rc;
	}
	memcpy(receipt.leaf, bytes.p, LEAF_BYTES);
	buf_init(&extra, PROOF_EXTRA_BYTES_MAX);
	rc = receipt_encode(&receipt, &extra);
	key_wipe(&receipt.k_leaf);
	if (rc == 0) {
		rc = proof_text(c, r->receipt_index, buf_bytes(&extra),
				&out->receipt);
	}
	buf_clear(&extra);
	if (rc == 0) {
		rc = recipients_list(c, r, out);
	}
	if (rc != 0) {
		return rc;
	}
	out->type = leaf_type_word(leaf.type);
	out->index = (int64_t)r->receipt_index;
	return request_leaf(c, r, LEAF_REQUEST_RECEIPT, NULL);
}

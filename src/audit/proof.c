/* Files that prove one leaf, and the receipts that people get. */

#include <inttypes.h>

#include "audit/proof.h"

#define FIRST_LINE "c2sp.org/tlog-proof@v1"
#define EXTRA_WORD "extra "
#define INDEX_WORD "index "
#define RECEIPT_VERSION 1
#define AT_OPENING (1 + LEAF_BYTES)
#define AT_DETAILS (AT_OPENING + KEY_BYTES)

int
proof_print(const struct proof_file *p, struct buf *out)
{
	int rc = buf_put_str(out, FIRST_LINE "\n");

	if (rc == 0 && p->extra.n > 0) {
		rc = buf_put_str(out, EXTRA_WORD);
		rc = rc == 0 ? base64_put(out, p->extra) : rc;
		rc = rc == 0 ? buf_put_str(out, "\n") : rc;
	}
	if (rc == 0) {
		rc = buf_printf(out, INDEX_WORD "%" PRIu64 "\n", p->index);
	}
	for (size_t i = 0; i < p->path.n && rc == 0; i++) {
		rc = base64_put(out,
				bytes_of(p->path.hashes[i].b, HASH_BYTES));
		rc = rc == 0 ? buf_put_str(out, "\n") : rc;
	}
	if (rc == 0) {
		rc = buf_put_str(out, "\n");
	}
	return rc == 0 ? buf_put(out, p->checkpoint.p, p->checkpoint.n) : rc;
}

/* The rest of a line after a word; false when it does not begin so. */
static bool
after_word(struct bytes line, const char *word, struct bytes *out)
{
	struct bytes w = bytes_str(word);

	if (!bytes_begins(line, w)) {
		return false;
	}
	*out = bytes_of(line.p + w.n, line.n - w.n);
	return true;
}

static int
read_extra(struct bytes text, struct buf *extra)
{
	size_t max = text.n / 4 * 3;
	uint8_t *room;
	size_t n;
	int rc;

	if (max == 0 || max > PROOF_EXTRA_BYTES_MAX) {
		return err_set(ERR_INVALID, "a proof's extra of a bad length");
	}
	room = buf_room(extra, max);
	if (room == NULL) {
		return err_set(ERR_TOO_LARGE, "a proof's extra is too long");
	}
	rc = base64_read(text, room, max, &n);
	if (rc == 0) {
		buf_grown(extra, n);
	}
	return rc;
}

static int
read_path(struct bytes *rest, struct merkle_proof *out)
{
	struct bytes line;

	while (line_cut(rest, &line)) {
		if (line.n == 0) {
			return 0;
		}
		if (out->n == MERKLE_LEVELS_MAX ||
		    base64_read_hash(line, &out->hashes[out->n]) != 0) {
			return err_set(ERR_INVALID, "malformed proof hashes");
		}
		out->n++;
	}
	return err_set(ERR_INVALID, "a proof without a checkpoint");
}

int
proof_parse(struct bytes from, struct buf *extra, struct proof_file *out)
{
	struct bytes rest = from;
	struct proof_file p = {0};
	struct bytes line, value;
	struct note note;
	int rc;

	if (from.n > PROOF_BYTES_MAX) {
		return err_set(ERR_TOO_LARGE, "a proof file is too long");
	}
	buf_reset(extra);
	if (!line_cut(&rest, &line) ||
	    !bytes_equal(line, bytes_str(FIRST_LINE)) ||
	    !line_cut(&rest, &line)) {
		return err_set(ERR_INVALID, "not a proof file");
	}
	if (after_word(line, EXTRA_WORD, &value)) {
		rc = read_extra(value, extra);
		if (rc != 0) {
			return rc;
		}
		p.extra = buf_bytes(extra);
		if (!line_cut(&rest, &line)) {
			return err_set(ERR_INVALID, "a proof without index");
		}
	}
	if (!after_word(line, INDEX_WORD, &value) ||
	    decimal_read(value, &p.index) != 0) {
		return err_set(ERR_INVALID, "a proof without index");
	}
	rc = read_path(&rest, &p.path);
	if (rc == 0) {
		rc = note_parse(rest, &note);
	}
	if (rc == 0) {
		p.checkpoint = rest;
		*out = p;
	}
	return rc;
}

int
proof_check(const struct proof_file *p, const struct hash *leaf,
	    const struct note_verifier *known, size_t n,
	    struct checkpoint *out)
{
	struct checkpoint c;
	int rc = checkpoint_open(p->checkpoint, known, n, &c);

	if (rc == 0) {
		rc = merkle_check_inclusion(&p->path, p->index, c.size, leaf,
					    &c.root);
	}
	if (rc == 0) {
		*out = c;
	}
	return rc;
}

int
receipt_encode(const struct receipt *r, struct buf *out)
{
	static const uint8_t version = RECEIPT_VERSION;
	int rc = buf_put(out, &version, 1);

	if (rc == 0) {
		rc = buf_put(out, r->leaf, LEAF_BYTES);
	}
	if (rc != 0 || !r->is_open) {
		return rc;
	}
	rc = buf_put(out, r->k_leaf.b, KEY_BYTES);
	return rc == 0 && r->details.n > 0
		       ? buf_put(out, r->details.p, r->details.n)
		       : rc;
}

int
receipt_decode(struct bytes from, struct receipt *out)
{
	struct receipt r = {0};

	if (from.n < AT_OPENING || from.p[0] != RECEIPT_VERSION ||
	    (from.n > AT_OPENING && from.n < AT_DETAILS)) {
		return err_set(ERR_INVALID, "not a receipt's extra");
	}
	memcpy(r.leaf, from.p + 1, LEAF_BYTES);
	if (from.n > AT_OPENING) {
		r.is_open = true;
		memcpy(r.k_leaf.b, from.p + AT_OPENING, KEY_BYTES);
		r.details = bytes_of(from.p + AT_DETAILS, from.n - AT_DETAILS);
	}
	*out = r;
	return 0;
}

int
receipt_check(struct bytes file, const struct note_verifier *known, size_t n,
	      struct buf *extra, struct receipt_says *out)
{
	struct receipt_says says = {0};
	struct proof_file p;
	struct receipt r;
	struct hash h;
	int rc = proof_parse(file, extra, &p);

	if (rc == 0) {
		rc = receipt_decode(p.extra, &r);
	}
	if (rc != 0) {
		return rc;
	}
	h = merkle_leaf(bytes_of(r.leaf, LEAF_BYTES));
	rc = proof_check(&p, &h, known, n, &says.checkpoint);
	if (rc == 0) {
		rc = leaf_decode(bytes_of(r.leaf, LEAF_BYTES), &says.leaf);
	}
	if (rc == 0 && r.is_open) {
		rc = leaf_open(&says.leaf, &r.k_leaf, r.details);
	}
	key_wipe(&r.k_leaf);
	if (rc == 0) {
		says.index = p.index;
		says.is_open = r.is_open;
		says.details = r.details;
		*out = says;
	}
	return rc;
}

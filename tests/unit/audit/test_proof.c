#include "support/test.h"

#include "audit/proof.h"

#define ORIGIN "ninety.example/log"
#define LEAVES 11
#define INDEX 6

static struct note_signer *signer;
static struct hash hashes[LEAVES];
static struct buf file;
static struct buf extra;

static int
read_hash(void *context, unsigned level, uint64_t index, struct hash *out)
{
	struct hash copy[LEAVES];

	(void)context;
	memcpy(copy, hashes, sizeof(copy));
	*out = merkle_fold(copy + (index << level), (size_t)1 << level);
	return 0;
}

/* A log of eleven leaves and the receipt of one of them. */
static int
make_receipt(void **state)
{
	struct key seed = {{1}}, slot = {{2}};
	struct receipt r = {.is_open = true,
			    .details = bytes_str("request fulfilled")};
	struct leaf l = {.type = LEAF_REQUEST_FULFILLED, .id = {{9}}};
	struct merkle_source tree = {read_hash, NULL};
	struct leaf_keys keys;
	struct checkpoint c = {.origin = ORIGIN, .size = LEAVES};
	struct proof_file p = {.index = INDEX};
	struct buf note;

	(void)state;
	if (secret_init() != 0) {
		return -1;
	}
	secret_unlocked_ok(true);
	signer = note_signer_new(ORIGIN, &seed);
	buf_init(&file, PROOF_BYTES_MAX);
	buf_init(&extra, PROOF_EXTRA_BYTES_MAX);
	buf_init(&note, NOTE_BYTES_MAX);
	leaf_keys(&slot, l.id, &keys);
	r.k_leaf = keys.commit;
	leaf_commit(&r.k_leaf, r.details, l.commitment);
	leaf_encode(&l, r.leaf);
	for (uint8_t i = 0; i < LEAVES; i++) {
		hashes[i] = merkle_leaf(bytes_of(&i, 1));
	}
	hashes[INDEX] = merkle_leaf(bytes_of(r.leaf, LEAF_BYTES));
	assert_ok(merkle_root(&tree, LEAVES, &c.root));
	assert_ok(merkle_prove_inclusion(&tree, INDEX, LEAVES, &p.path));
	assert_ok(checkpoint_sign(&c, signer, &note));
	assert_ok(receipt_encode(&r, &extra));
	p.checkpoint = buf_bytes(&note);
	p.extra = buf_bytes(&extra);
	assert_ok(proof_print(&p, &file));
	buf_clear(&note);
	return 0;
}

static int
free_receipt(void **state)
{
	(void)state;
	note_signer_free(signer);
	buf_clear(&file);
	buf_clear(&extra);
	return 0;
}

static void
receipt_says_what_was_committed_to(void **state)
{
	struct receipt_says says;

	(void)state;
	assert_ok(receipt_check(buf_bytes(&file), &signer->verifier, 1, &extra,
				&says));
	assert_int_equal(says.index, INDEX);
	assert_int_equal(says.leaf.type, LEAF_REQUEST_FULFILLED);
	assert_true(says.is_open);
	assert_true(bytes_equal(says.details, bytes_str("request fulfilled")));
	assert_int_equal(says.checkpoint.size, LEAVES);
}

static void
each_flipped_bit_of_a_receipt_is_refused(void **state)
{
	struct receipt_says says;

	(void)state;
	for (size_t bit = 0; bit < 8 * file.len; bit++) {
		file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(receipt_check(buf_bytes(&file),
						   &signer->verifier, 1, &extra,
						   &says),
				     0);
		file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void
cut_receipts_are_refused(void **state)
{
	struct receipt_says says;

	(void)state;
	for (size_t n = 0; n < file.len; n++) {
		assert_int_not_equal(receipt_check(bytes_of(file.data, n),
						   &signer->verifier, 1, &extra,
						   &says),
				     0);
	}
}

static void
parsed_proof_prints_the_same(void **state)
{
	struct proof_file p;
	struct buf again;

	(void)state;
	buf_init(&again, PROOF_BYTES_MAX);
	assert_ok(proof_parse(buf_bytes(&file), &extra, &p));
	assert_ok(proof_print(&p, &again));
	assert_true(bytes_equal(buf_bytes(&again), buf_bytes(&file)));
	buf_clear(&again);
}

static void
malformed_proofs_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v2\nindex 1\n\n",
		"c2sp.org/tlog-proof@v1\nindex 01\n\n",
		"c2sp.org/tlog-proof@v1\nindex 1\n",
		"c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\n",
		"c2sp.org/tlog-proof@v1\nextra \nindex 1\n\n",
		"c2sp.org/tlog-proof@v1\nextra A\nindex 1\n\n",
		"c2sp.org/tlog-proof@v1\nextra AAA\nindex 1\n\n",
		"c2sp.org/tlog-proof@v1\nindex 1\n\nno checkpoint\n",
	};
	struct proof_file p;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_err(ERR_INVALID,
			   proof_parse(bytes_str(bad[i]), &extra, &p));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(receipt_says_what_was_committed_to),
		cmocka_unit_test(each_flipped_bit_of_a_receipt_is_refused),
		cmocka_unit_test(cut_receipts_are_refused),
		cmocka_unit_test(parsed_proof_prints_the_same),
		cmocka_unit_test(malformed_proofs_are_refused),
	};

	return cmocka_run_group_tests(tests, make_receipt, free_receipt);
}

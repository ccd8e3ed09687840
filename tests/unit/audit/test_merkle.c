#include "support/test.h"

#include "audit/merkle.h"

#define LEAVES 300

static struct hash leaves[LEAVES];

/* RFC 6962 §2.1 as it is written, to compare with. */
static struct hash
naive_root(size_t start, size_t n)
{
	size_t k = 1;
	struct hash left, right;

	if (n == 0) {
		return merkle_empty();
	}
	if (n == 1) {
		return leaves[start];
	}
	while (k * 2 < n) {
		k *= 2;
	}
	left = naive_root(start, k);
	right = naive_root(start + k, n - k);
	return merkle_node(&left, &right);
}

static int
read_naive(void *context, unsigned level, uint64_t index, struct hash *out)
{
	size_t n = (size_t)1 << level;

	(void)context;
	assert_true((index + 1) * n <= LEAVES);
	*out = naive_root((size_t)index * n, n);
	return 0;
}

static const struct merkle_source source = {read_naive, NULL};

static int
make_leaves(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEAVES; i++) {
		uint8_t b[2] = {(uint8_t)i, (uint8_t)(i >> 8)};

		leaves[i] = merkle_leaf(bytes_of(b, sizeof(b)));
	}
	return 0;
}

static void
assert_hex(const struct hash *h, const char *hex)
{
	char text[2 * HASH_BYTES + 1];

	for (size_t i = 0; i < HASH_BYTES; i++) {
		(void)snprintf(text + 2 * i, 3, "%02x", h->b[i]);
	}
	assert_string_equal(text, hex);
}

/* The well-known values of Certificate Transparency's own test data. */
static void
hashes_match_known_answers(void **state)
{
	static const char *const inputs[] = {
		"", "\x00", "\x10", "\x20\x21", "\x30\x31",
		"\x40\x41\x42\x43", "\x50\x51\x52\x53\x54\x55\x56\x57",
		"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d"
		"\x6e\x6f"};
	static const size_t lengths[] = {0, 1, 1, 2, 2, 4, 8, 16};
	static const char *const roots[] = {
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
	struct merkle_edge edge = {0};
	struct hash h = merkle_empty();

	(void)state;
	assert_hex(&h, "e3b0c44298fc1c149afbf4c8996fb924"
		       "27ae41e4649b934ca495991b7852b855");
	for (size_t i = 0; i < 8; i++) {
		h = merkle_leaf(bytes_of(inputs[i], lengths[i]));
		merkle_edge_add(&edge, &h);
		h = merkle_edge_root(&edge);
		assert_hex(&h, roots[i]);
	}
}

static void
long_leaf_hashes_as_a_short_one(void **state)
{
	uint8_t leaf[300] = {7};
	uint8_t joined[301] = {0};
	struct hash a = merkle_leaf(bytes_of(leaf, sizeof(leaf)));
	struct hash b;

	(void)state;
	joined[1] = 7;
	b = merkle_sha256(bytes_of(joined, sizeof(joined)));
	assert_true(hash_equal(&a, &b));
}

static void
edge_and_source_give_the_same_root(void **state)
{
	struct merkle_edge edge = {0};
	struct hash root, a, b, fold[LEAVES];

	(void)state;
	for (size_t n = 0; n <= LEAVES; n++) {
		root = naive_root(0, n);
		a = merkle_edge_root(&edge);
		assert_true(hash_equal(&root, &a));
		assert_ok(merkle_root(&source, n, &b));
		assert_true(hash_equal(&root, &b));
		if (n > 0) {
			memcpy(fold, leaves, n * sizeof(fold[0]));
			a = merkle_fold(fold, n);
			assert_true(hash_equal(&root, &a));
		}
		if (n < LEAVES) {
			merkle_edge_add(&edge, &leaves[n]);
		}
	}
}

#define PAIRS_UP_TO 70

static void
inclusion_holds_for_each_index_and_size(void **state)
{
	struct merkle_proof p;

	(void)state;
	for (uint64_t size = 1; size <= PAIRS_UP_TO; size++) {
		struct hash root = naive_root(0, size);

		for (uint64_t i = 0; i < size; i++) {
			assert_ok(merkle_prove_inclusion(&source, i, size, &p));
			assert_ok(merkle_check_inclusion(&p, i, size,
							 &leaves[i], &root));
		}
	}
}

static void
inclusion_fails_for_anything_else(void **state)
{
	struct merkle_proof p, bad;
	struct hash root = naive_root(0, 41);
	struct hash wrong = root;

	(void)state;
	assert_ok(merkle_prove_inclusion(&source, 17, 41, &p));
	for (uint64_t i = 0; i < 41; i++) {
		if (i != 17) {
			assert_err(ERR_CORRUPT,
				   merkle_check_inclusion(&p, i, 41,
							  &leaves[17], &root));
			assert_err(ERR_CORRUPT,
				   merkle_check_inclusion(&p, 17, 41,
							  &leaves[i], &root));
		}
	}
	for (size_t bit = 0; bit < p.n * 256; bit++) {
		bad = p;
		bad.hashes[bit / 256].b[bit % 256 / 8] ^=
			(uint8_t)(1u << bit % 8);
		assert_err(ERR_CORRUPT, merkle_check_inclusion(&bad, 17, 41,
							       &leaves[17],
							       &root));
	}
	wrong.b[0] ^= 1;
	assert_err(ERR_CORRUPT, merkle_check_inclusion(&p, 17, 41, &leaves[17],
						       &wrong));
	bad = p;
	bad.n--;
	assert_err(ERR_CORRUPT, merkle_check_inclusion(&bad, 17, 41,
						       &leaves[17], &root));
	bad.n += 2;
	assert_err(ERR_CORRUPT, merkle_check_inclusion(&bad, 17, 41,
						       &leaves[17], &root));
	assert_err(ERR_CORRUPT, merkle_check_inclusion(&p, 41, 41, &leaves[17],
						       &root));
	assert_err(ERR_CORRUPT, merkle_check_inclusion(&p, 0, 0, &leaves[17],
						       &root));
	assert_err(ERR_INVALID, merkle_prove_inclusion(&source, 5, 5, &p));
}

static void
consistency_holds_for_each_pair_of_sizes(void **state)
{
	struct merkle_proof p;

	(void)state;
	for (uint64_t size = 0; size <= PAIRS_UP_TO; size++) {
		struct hash root = naive_root(0, size);

		for (uint64_t old = 0; old <= size; old++) {
			struct hash was = naive_root(0, old);

			assert_ok(merkle_prove_consistency(&source, old, size,
							   &p));
			assert_ok(merkle_check_consistency(&p, old, size, &was,
							   &root));
		}
	}
}

static void
consistency_fails_for_anything_else(void **state)
{
	struct merkle_proof p, bad;
	struct hash was = naive_root(0, 23);
	struct hash root = naive_root(0, 61);
	struct hash wrong = was;

	(void)state;
	assert_ok(merkle_prove_consistency(&source, 23, 61, &p));
	for (size_t bit = 0; bit < p.n * 256; bit++) {
		bad = p;
		bad.hashes[bit / 256].b[bit % 256 / 8] ^=
			(uint8_t)(1u << bit % 8);
		assert_err(ERR_CORRUPT, merkle_check_consistency(
						&bad, 23, 61, &was, &root));
	}
	wrong.b[31] ^= 0x80;
	assert_err(ERR_CORRUPT,
		   merkle_check_consistency(&p, 23, 61, &wrong, &root));
	assert_err(ERR_CORRUPT,
		   merkle_check_consistency(&p, 22, 61, &was, &root));
	assert_err(ERR_CORRUPT,
		   merkle_check_consistency(&p, 61, 23, &root, &was));
	bad = p;
	bad.n--;
	assert_err(ERR_CORRUPT,
		   merkle_check_consistency(&bad, 23, 61, &was, &root));
	bad.n += 2;
	assert_err(ERR_CORRUPT,
		   merkle_check_consistency(&bad, 23, 61, &was, &root));
	bad.n = 0;
	assert_err(ERR_CORRUPT,
		   merkle_check_consistency(&bad, 23, 61, &was, &root));
	assert_err(ERR_CORRUPT,
		   merkle_check_consistency(&bad, 61, 61, &was, &root));
	assert_err(ERR_CORRUPT,
		   merkle_check_consistency(&bad, 0, 61, &was, &root));
	assert_err(ERR_INVALID, merkle_prove_consistency(&source, 6, 5, &p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_match_known_answers),
		cmocka_unit_test(long_leaf_hashes_as_a_short_one),
		cmocka_unit_test(edge_and_source_give_the_same_root),
		cmocka_unit_test(inclusion_holds_for_each_index_and_size),
		cmocka_unit_test(inclusion_fails_for_anything_else),
		cmocka_unit_test(consistency_holds_for_each_pair_of_sizes),
		cmocka_unit_test(consistency_fails_for_anything_else),
	};

	return cmocka_run_group_tests(tests, make_leaves, NULL);
}

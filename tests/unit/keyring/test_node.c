/* node, aead, cache: bytes of a node, commitment, bounded memory. */

#include "support/test.h"

#include "keyring/cache.h"

static struct key node_key = {{1, 2, 3}};
static struct id store_id = {{9, 9}};

static void
make(uint8_t sealed[NODE_BYTES], uint8_t plain[NODE_PLAIN_BYTES])
{
	const struct node_header header = {1, 5, 77};

	assert_ok(secret_init());
	entropy_fill(entropy_system(), plain, NODE_PLAIN_BYTES);
	node_seal(&node_key, &header, store_id, plain, entropy_system(),
		  sealed);
}

static void
node_opens_in_its_place_only(void **state)
{
	uint8_t sealed[NODE_BYTES] = {0}, plain[NODE_PLAIN_BYTES],
		out[NODE_PLAIN_BYTES];
	struct bytes b = bytes_of(sealed, sizeof(sealed));
	struct id other = {{1}};
	struct key key = {{7}};

	(void)state;
	make(sealed, plain);
	assert_ok(node_open(&node_key, 1, 5, store_id, b, out));
	assert_memory_equal(out, plain, sizeof(plain));
	assert_true(node_commits(&node_key, store_id, b));
	assert_err(ERR_CORRUPT, node_open(&node_key, 1, 6, store_id, b, out));
	assert_err(ERR_CORRUPT, node_open(&node_key, 0, 5, store_id, b, out));
	assert_err(ERR_SEAL, node_open(&node_key, 1, 5, other, b, out));
	assert_err(ERR_SEAL, node_open(&key, 1, 5, store_id, b, out));
	assert_false(node_commits(&key, store_id, b));
	assert_err(ERR_CORRUPT,
		   node_open(&node_key, 1, 5, store_id,
			     bytes_of(sealed, sizeof(sealed) - 1), out));
}

static void
each_changed_byte_of_a_node_is_refused(void **state)
{
	uint8_t sealed[NODE_BYTES] = {0}, plain[NODE_PLAIN_BYTES],
		out[NODE_PLAIN_BYTES];

	(void)state;
	make(sealed, plain);
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 0x10;
		assert_int_not_equal(
			node_open(&node_key, 1, 5, store_id,
				  bytes_of(sealed, sizeof(sealed)), out),
			0);
		sealed[i] ^= 0x10;
	}
}

static void
wrong_commitment_is_refused_though_the_tag_is_right(void **state)
{
	const struct key key = {{4}};
	uint8_t sealed[AEAD_OVERHEAD_BYTES + 5], out[5];

	(void)state;
	assert_ok(secret_init());
	aead_seal(&key, NULL, bytes_str("context"), bytes_str("hello"),
		  entropy_system(), sealed);
	assert_ok(aead_open(&key, NULL, bytes_str("context"),
			    bytes_of(sealed, sizeof(sealed)), out));
	sealed[AEAD_NONCE_BYTES] ^= 1;
	assert_err(ERR_SEAL, aead_open(&key, NULL, bytes_str("context"),
				       bytes_of(sealed, sizeof(sealed)), out));
	assert_string_equal(err_last()->text, "another key or context");
}

static void
cache_keeps_the_lately_used_within_its_bound(void **state)
{
	struct cache *c;
	const uint64_t frames = 64;

	(void)state;
	assert_ok(secret_init());
	secret_unlocked_ok(true);
	assert_ok(cache_open(frames * NODE_PLAIN_BYTES, &c));
	for (uint64_t i = 0; i < 4 * frames; i++) {
		uint8_t *plain = cache_add(c, 0, i);

		memset(plain, (int)i & 0xff, NODE_PLAIN_BYTES);
		assert_true(cache_get(c, 0, i) == plain);
		if (i > 0) {
			assert_non_null(cache_get(c, 0, 0));
		}
	}
	assert_int_equal(cache_bytes(c), frames * NODE_PLAIN_BYTES);
	assert_null(cache_get(c, 0, 1));
	assert_int_equal(cache_get(c, 0, 4 * frames - 1)[9],
			 (4 * frames - 1) & 0xff);
	/* Upper nodes stay while leaves come and go. */
	assert_non_null(cache_add(c, 2, 0));
	for (uint64_t i = 0; i < 2 * frames; i++) {
		assert_non_null(cache_add(c, 0, 1000 + i));
	}
	assert_non_null(cache_get(c, 2, 0));
	cache_drop(c, 2, 0);
	assert_null(cache_get(c, 2, 0));
	cache_drop_all(c);
	assert_null(cache_get(c, 0, 0));
	cache_close(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(node_opens_in_its_place_only),
		cmocka_unit_test(each_changed_byte_of_a_node_is_refused),
		cmocka_unit_test(
			wrong_commitment_is_refused_though_the_tag_is_right),
		cmocka_unit_test(cache_keeps_the_lately_used_within_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

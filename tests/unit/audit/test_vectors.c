/* tests/vectors/log.json, made by another program, through our functions. */

#include "unit/audit/folder.h"

#include "audit/details.h"
#include "audit/head.h"
#include "audit/leaf.h"
#include "wire/schema.h"

#define FILE_BYTES_MAX (1 << 20)

static struct arena *arena;
static struct value vectors;

static int
read_vectors(void **state)
{
	struct buf b;

	(void)state;
	if (secret_init() != 0) {
		return -1;
	}
	secret_unlocked_ok(true);
	arena = arena_new(16u << 20);
	buf_init(&b, FILE_BYTES_MAX);
	assert_ok(file_read(AT_FDCWD, SOURCE_DIR "/tests/vectors/log.json",
			    &b));
	assert_ok(schema_value_decode(buf_bytes(&b), arena, &vectors));
	buf_clear(&b);
	return 0;
}

static int
free_vectors(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct bytes
hex(const struct value *v, const char *name)
{
	const char *text = value_get_text(v, name);
	size_t n = strlen(text) / 2;
	uint8_t *b = arena_alloc(arena, n + 1);

	for (size_t i = 0; i < n; i++) {
		unsigned byte;

		assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
		b[i] = (uint8_t)byte;
	}
	return bytes_of(b, n);
}

static void
hex_into(const struct value *v, const char *name, void *out, size_t n)
{
	struct bytes b = hex(v, name);

	assert_int_equal(b.n, n);
	memcpy(out, b.p, n);
}

static int64_t
number(const struct value *v, const char *name)
{
	const struct value *n = value_get(v, name);

	assert_non_null(n);
	assert_int_equal(n->kind, VALUE_INT);
	return n->number;
}

/* The next vector of a list, NULL after the last; *at counts from 0. */
static const struct value *
next(const char *list, size_t *at)
{
	const struct value *all = value_get(&vectors, list);

	assert_non_null(all);
	return *at < all->of.n ? &all->of.items[(*at)++].value : NULL;
}

static void
leaves_match(void **state)
{
	const struct value *v;
	size_t n = 0;

	(void)state;
	while ((v = next("leaves", &n)) != NULL) {
		struct bytes bytes = hex(v, "leaf");
		uint8_t again[LEAF_BYTES];
		struct hash h, want;
		struct leaf l;

		if (strcmp(value_get_text(v, "result"), "valid") != 0) {
			assert_err(ERR_CORRUPT, leaf_decode(bytes, &l));
			continue;
		}
		assert_ok(leaf_decode(bytes, &l));
		assert_int_equal(l.type, number(v, "type"));
		assert_string_equal(leaf_type_word(l.type),
				    value_get_text(v, "word"));
		assert_int_equal(l.outcome, number(v, "outcome"));
		assert_int_equal(l.category, number(v, "category"));
		assert_int_equal(l.recipient, number(v, "recipient"));
		assert_int_equal(l.count, number(v, "count"));
		assert_int_equal(l.at_ms, number(v, "at_ms"));
		leaf_encode(&l, again);
		assert_true(bytes_equal(bytes, bytes_of(again, LEAF_BYTES)));
		hex_into(v, "leaf_hash", want.b, HASH_BYTES);
		h = merkle_leaf(bytes);
		assert_true(hash_equal(&h, &want));
	}
	assert_true(n > 8);
}

static void
commitments_match(void **state)
{
	const struct value *v;
	size_t n = 0;

	(void)state;
	while ((v = next("commitments", &n)) != NULL) {
		uint8_t got[COMMITMENT_BYTES], plain[512];
		struct leaf leaf = {.count = 0};
		struct bytes sealed = hex(v, "sealed");
		struct bytes details;
		struct leaf_keys keys;
		struct key slot, k_leaf;

		hex_into(v, "slot_key", slot.b, KEY_BYTES);
		hex_into(v, "id", leaf.id.b, ID_BYTES);
		hex_into(v, "k_leaf", k_leaf.b, KEY_BYTES);
		hex_into(v, "commitment", leaf.commitment, COMMITMENT_BYTES);
		leaf_keys(&slot, leaf.id, &keys);
		assert_memory_equal(keys.commit.b, k_leaf.b, KEY_BYTES);
		assert_true(sealed.n <= sizeof(plain));
		assert_ok(leaf_unseal(&leaf, &keys, sealed, plain));
		details = hex(v, "details");
		assert_true(bytes_equal(bytes_of(plain, sealed.n), details));
		leaf_commit(&keys.commit, details, got);
		assert_memory_equal(got, leaf.commitment, COMMITMENT_BYTES);
	}
	assert_true(n > 2);
}

static void
details_match(void **state)
{
	const struct value *v;
	size_t n = 0;

	(void)state;
	while ((v = next("details", &n)) != NULL) {
		const struct value *says = value_get(v, "says");
		struct bytes packed = hex(v, "packed");
		struct value got;
		struct buf again;

		if (says == NULL) {
			assert_err(ERR_CORRUPT,
				   details_unpack(packed, arena, &got));
			continue;
		}
		buf_init(&again, 4096);
		assert_ok(details_unpack(packed, arena, &got));
		assert_true(value_equal(&got, says));
		assert_ok(details_pack(says, &again));
		assert_true(bytes_equal(buf_bytes(&again), packed));
		buf_clear(&again);
	}
	assert_true(n > 10);
}

static void
trees_match(void **state)
{
	struct merkle_edge edge = {0};
	const struct value *v;
	size_t n = 0;

	(void)state;
	while ((v = next("trees", &n)) != NULL) {
		struct hash root, want;

		while (edge.size < (uint64_t)number(v, "size")) {
			uint8_t entry[8] = {0};
			struct hash h;

			entry[6] = (uint8_t)(edge.size >> 8);
			entry[7] = (uint8_t)edge.size;
			h = merkle_leaf(bytes_of(entry, sizeof(entry)));
			merkle_edge_add(&edge, &h);
		}
		hex_into(v, "root", want.b, HASH_BYTES);
		root = merkle_edge_root(&edge);
		assert_true(hash_equal(&root, &want));
	}
	assert_int_equal(edge.size, 1000);
}

static void
checkpoint_matches(void **state)
{
	const struct value *v = value_get(&vectors, "checkpoint");
	struct checkpoint c = {.size = (uint64_t)number(v, "size")};
	const char *origin = value_get_text(v, "origin");
	char vkey[NOTE_VKEY_BYTES];
	struct note_signer *s;
	struct key seed;
	struct buf note;

	(void)state;
	buf_init(&note, NOTE_BYTES_MAX);
	hex_into(v, "seed", seed.b, KEY_BYTES);
	hex_into(v, "root", c.root.b, HASH_BYTES);
	memcpy(c.origin, origin, strlen(origin) + 1);
	s = note_signer_new(origin, &seed);
	assert_non_null(s);
	assert_string_equal(note_vkey_print(&s->verifier, vkey),
			    value_get_text(v, "vkey"));
	assert_ok(checkpoint_sign(&c, s, &note));
	assert_true(bytes_equal(buf_bytes(&note),
				bytes_str(value_get_text(v, "note"))));
	note_signer_free(s);
	buf_clear(&note);
}

static void
head_slot_matches(void **state)
{
	const struct value *v = value_get(&vectors, "head");
	const char *note = value_get_text(value_get(&vectors, "checkpoint"),
					  "note");
	struct head_slot slot = {.sequence = (uint64_t)number(v, "sequence"),
				 .note_bytes = strlen(note)};
	uint8_t bytes[HEAD_SLOT_BYTES];
	struct hash h, want;
	struct key mac;

	(void)state;
	memcpy(slot.note, note, slot.note_bytes);
	hex_into(v, "mac_key", mac.b, KEY_BYTES);
	hex_into(v, "slot_sha256", want.b, HASH_BYTES);
	head_slot_encode(&slot, &mac, bytes);
	h = merkle_sha256(bytes_of(bytes, sizeof(bytes)));
	assert_true(hash_equal(&h, &want));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_match),
		cmocka_unit_test(commitments_match),
		cmocka_unit_test(details_match),
		cmocka_unit_test(trees_match),
		cmocka_unit_test(checkpoint_matches),
		cmocka_unit_test(head_slot_matches),
	};

	return cmocka_run_group_tests(tests, read_vectors, free_vectors);
}

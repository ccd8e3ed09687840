#include "unit/audit/folder.h"

#include "audit/head.h"

static const struct key mac = {{0x42}};
static char folder[64];
static char path[96];
static struct note_signer *signer;

static int
make_head(void **state)
{
	struct key seed = {{1}};

	(void)state;
	if (secret_init() != 0) {
		return -1;
	}
	secret_unlocked_ok(true);
	signer = note_signer_new("ninety.example/log", &seed);
	(void)snprintf(path, sizeof(path), "%s/head", folder_make(folder));
	return head_create(path, &mac);
}

static int
remove_head(void **state)
{
	(void)state;
	note_signer_free(signer);
	folder_remove(folder);
	return 0;
}

static void
move(struct head *h, uint64_t size)
{
	struct checkpoint c = {.origin = "ninety.example/log",
			       .size = size,
			       .root = {{(uint8_t)size}}};
	struct buf b;

	buf_init(&b, NOTE_BYTES_MAX);
	assert_ok(checkpoint_sign(&c, signer, &b));
	assert_ok(head_move(h, buf_bytes(&b)));
	buf_clear(&b);
}

static uint64_t
size_kept(void)
{
	struct head *h;
	uint64_t size;

	assert_ok(head_open(path, &mac, &h));
	size = head_checkpoint(h) == NULL ? 0 : head_checkpoint(h)->size;
	head_close(h);
	return size;
}

static void
new_head_promises_nothing(void **state)
{
	struct head *h;

	(void)state;
	assert_err(ERR_EXISTS, head_create(path, &mac));
	assert_ok(head_open(path, &mac, &h));
	assert_null(head_checkpoint(h));
	assert_int_equal(head_note(h).n, 0);
	head_close(h);
	assert_err(ERR_NOT_FOUND, head_open("/nonexistent/head", &mac, &h));
}

static void
newest_checkpoint_is_kept(void **state)
{
	struct head *h;

	(void)state;
	assert_ok(head_open(path, &mac, &h));
	for (uint64_t size = 1; size < 6; size++) {
		move(h, size);
		assert_int_equal(size_kept(), size);
	}
	head_close(h);
}

static void
torn_slot_leaves_the_one_before(void **state)
{
	struct head *h;

	(void)state;
	assert_ok(head_open(path, &mac, &h));
	move(h, 1); /* slot 1 */
	move(h, 2); /* slot 0 */
	head_close(h);
	folder_flip(folder, "head", 100);
	assert_int_equal(size_kept(), 1);
	folder_flip(folder, "head", HEAD_SLOT_DISTANCE_BYTES + 4000);
	assert_err(ERR_CORRUPT, head_open(path, &mac, &h));
}

static void
another_keystore_does_not_open_it(void **state)
{
	struct key other = {{0x43}};
	struct head *h;

	(void)state;
	assert_err(ERR_CORRUPT, head_open(path, &other, &h));
}

static void
each_flipped_bit_of_a_slot_is_refused(void **state)
{
	struct head_slot s = {.sequence = 9, .note_bytes = 3, .note = "abc"};
	uint8_t slot[HEAD_SLOT_BYTES];
	struct head_slot back;

	(void)state;
	head_slot_encode(&s, &mac, slot);
	assert_ok(head_slot_decode(slot, &mac, &back));
	assert_int_equal(back.sequence, 9);
	for (size_t bit = 0; bit < 8 * HEAD_SLOT_BYTES; bit += 5) {
		slot[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_err(ERR_CORRUPT, head_slot_decode(slot, &mac, &back));
		slot[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

int
main(void)
{
#define HEAD_TEST(f) cmocka_unit_test_setup_teardown(f, make_head, remove_head)
	const struct CMUnitTest tests[] = {
		HEAD_TEST(new_head_promises_nothing),
		HEAD_TEST(newest_checkpoint_is_kept),
		HEAD_TEST(torn_slot_leaves_the_one_before),
		HEAD_TEST(another_keystore_does_not_open_it),
		HEAD_TEST(each_flipped_bit_of_a_slot_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

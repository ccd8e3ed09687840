#include "unit/audit/folder.h"

#include <signal.h>
#include <sys/resource.h>

#include "audit/logkeys.h"
#include "audit/signer.h"

#define ORIGIN "ninety.example/log"

static const struct key mac = {{0x42}};
static const struct key seed = {{1}};
static const struct key new_seed = {{2}};
static const struct key both_seeds[] = {{{1}}, {{2}}};
static char parent[64];
static char folder[96];
static char head_path[96];
static struct head *head;

static int
make_log(void **state)
{
	(void)state;
	if (secret_init() != 0) {
		return -1;
	}
	secret_unlocked_ok(true);
	(void)snprintf(folder, sizeof(folder), "%s/log", folder_make(parent));
	(void)snprintf(head_path, sizeof(head_path), "%s/head", parent);
	return head_create(head_path, &mac) != 0 ||
			       head_open(head_path, &mac, &head) != 0
		       ? -1
		       : 0;
}

static int
remove_log(void **state)
{
	(void)state;
	head_close(head);
	folder_remove(parent);
	return 0;
}

static void
leaf_bytes(uint64_t i, uint8_t out[LEAF_BYTES])
{
	struct leaf l = {.type = LEAF_READ, .at_ms = (int64_t)i};

	leaf_encode(&l, out);
}

static struct signer_options
options_of(const char *origin, const struct key *with)
{
	return (struct signer_options){.folder = folder,
				       .origin = origin,
				       .keys = {.seed = with},
				       .head = head};
}

static int
try_open(const char *origin, const struct key *with, struct signer **out)
{
	struct signer_options o = options_of(origin, with);

	return signer_open(&o, out);
}

/* The log whose key was rotated at that size. */
static int
try_open_rotated(uint64_t size, struct signer **out)
{
	struct signer_options o = options_of(ORIGIN, &both_seeds[1]);
	struct note_signer *old = note_signer_new(ORIGIN, &both_seeds[0]);
	struct note_signer *next = note_signer_new(ORIGIN, &both_seeds[1]);
	struct bytes note;
	struct buf b;
	int rc;

	buf_init(&b, NOTE_BYTES_MAX);
	assert_ok(log_keys_rotation(old, next, size, &b));
	note = buf_bytes(&b);
	o.keys.rotations = &note;
	o.keys.n_rotations = 1;
	rc = signer_open(&o, out);
	note_signer_free(old);
	note_signer_free(next);
	buf_clear(&b);
	return rc;
}

static void
feed(struct signer *s, uint64_t upto)
{
	uint8_t b[LEAF_BYTES];

	while (signer_size(s) < upto) {
		leaf_bytes(signer_size(s), b);
		assert_ok(signer_feed(s, bytes_of(b, sizeof(b))));
	}
}

static void
folder_remove_file(const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

/* Signs a log of `size` leaves and closes it. */
static void
sign_upto(uint64_t size)
{
	struct signer *s;

	assert_ok(try_open(ORIGIN, &seed, &s));
	feed(s, size);
	assert_ok(signer_checkpoint(s));
	signer_close(s);
}

static int
leaf_of_store(void *context, uint64_t index, struct buf *out)
{
	const uint64_t *changed = context;
	uint8_t b[LEAF_BYTES];

	leaf_bytes(index, b);
	b[15] = (uint8_t)(b[15] ^ (changed != NULL && index == *changed));
	return buf_put(out, b, sizeof(b));
}

static void
checkpoint_is_published(void **state)
{
	struct checkpoint c;
	struct signer *s;
	struct buf b;

	(void)state;
	buf_init(&b, NOTE_BYTES_MAX);
	assert_ok(try_open(ORIGIN, &seed, &s));
	assert_int_equal(signer_note(s).n, 0);
	assert_ok(signer_checkpoint(s)); /* the empty log may be signed */
	feed(s, 300);
	assert_ok(signer_checkpoint(s));
	folder_load(folder, "checkpoint", &b);
	assert_true(bytes_equal(buf_bytes(&b), signer_note(s)));
	assert_ok(checkpoint_open(buf_bytes(&b), signer_verifier(s), 1, &c));
	assert_int_equal(c.size, 300);
	signer_close(s);
	buf_clear(&b);
}

static void
signer_goes_on_after_a_restart(void **state)
{
	(void)state;
	sign_upto(300);
	sign_upto(700);
	sign_upto(700);
	assert_int_equal(head_checkpoint(head)->size, 700);
}

static void
lost_checkpoint_file_comes_back_from_the_head(void **state)
{
	(void)state;
	sign_upto(300);
	folder_remove_file("checkpoint");
	sign_upto(300);
	assert_true(folder_has(folder, "checkpoint"));
}

static void
restored_log_does_not_fork(void **state)
{
	char cmd[400];
	struct signer *s;

	(void)state;
	sign_upto(300);
	(void)snprintf(cmd, sizeof(cmd), "cp -r %s %s/backup", folder, parent);
	assert_int_equal(system(cmd), 0);
	sign_upto(310);
	(void)snprintf(cmd, sizeof(cmd),
		       "rm -r %s && mv %s/backup %s", folder, parent, folder);
	assert_int_equal(system(cmd), 0);
	/* The files end at 300; 310 were signed. */
	assert_err(ERR_CORRUPT, try_open(ORIGIN, &seed, &s));
	assert_int_equal(head_checkpoint(head)->size, 310);
}

static void
head_refuses_a_fork(void **state)
{
	struct checkpoint c = {.origin = ORIGIN};
	struct merkle_source none = {NULL, NULL};

	(void)state;
	sign_upto(300);
	c.size = 299;
	assert_err(ERR_CORRUPT, head_check(head, &c, &none));
	c.size = 300; /* and another root */
	assert_err(ERR_CORRUPT, head_check(head, &c, &none));
	memcpy(c.origin, "other", 6);
	assert_err(ERR_CORRUPT, head_check(head, &c, &none));
	c = *head_checkpoint(head);
	assert_ok(head_check(head, &c, &none));
}

static void
log_is_not_begun_again_without_its_head(void **state)
{
	struct signer *s;

	(void)state;
	sign_upto(300);
	head_close(head);
	assert_int_equal(unlink(head_path), 0);
	assert_ok(head_create(head_path, &mac));
	assert_ok(head_open(head_path, &mac, &head));
	assert_err(ERR_CORRUPT, try_open(ORIGIN, &seed, &s));
	assert_true(folder_has(folder, "tile/0/000"));
}

static void
damaged_files_are_built_again(void **state)
{
	struct signer_options o = options_of(ORIGIN, &seed);
	struct signer_leaves leaves = {leaf_of_store, NULL};
	struct signer *s;
	struct buf a, b;

	(void)state;
	buf_init(&a, TILE_BYTES);
	buf_init(&b, TILE_BYTES);
	sign_upto(600);
	folder_load(folder, "tile/0/002.p/88", &a);
	folder_flip(folder, "tile/0/002.p/88", 1);
	assert_err(ERR_CORRUPT, signer_open(&o, &s));
	assert_ok(signer_rebuild(&o, &leaves));
	folder_load(folder, "tile/0/002.p/88", &b);
	assert_true(bytes_equal(buf_bytes(&a), buf_bytes(&b)));
	sign_upto(601);
	buf_clear(&a);
	buf_clear(&b);
}

static void
other_leaves_do_not_replace_the_signed_ones(void **state)
{
	uint64_t changed = 5;
	struct signer_options o = options_of(ORIGIN, &seed);
	struct signer_leaves leaves = {leaf_of_store, &changed};

	(void)state;
	sign_upto(600);
	assert_err(ERR_CORRUPT, signer_rebuild(&o, &leaves));
	assert_true(folder_has(folder, "tile/0/002.p/88"));
	sign_upto(601);
}

/* No file may grow past that, as if the disk were full there. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static int
feed_and_sign(struct signer *s, uint64_t upto)
{
	uint8_t b[LEAF_BYTES];
	int rc = 0;

	while (rc == 0 && signer_size(s) < upto) {
		leaf_bytes(signer_size(s), b);
		rc = signer_feed(s, bytes_of(b, sizeof(b)));
	}
	return rc == 0 ? signer_checkpoint(s) : rc;
}

static void
failed_write_signs_nothing(void **state)
{
	/* A note fits and a tile does not; tiles do, the head's slot not. */
	static const rlim_t limits[] = {0, 600, 5000, 100000};
	struct signer *s;

	(void)state;
	sign_upto(300);
	sign_upto(310); /* slot 1 of the head is the next */
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		uint64_t size = head_checkpoint(head)->size;

		assert_ok(try_open(ORIGIN, &seed, &s));
		limit_files(limits[i]);
		assert_int_not_equal(feed_and_sign(s, size + 600), 0);
		limit_files(RLIM_INFINITY);
		assert_int_equal(head_checkpoint(head)->size, size);
		signer_close(s);
		sign_upto(size + 600);
		sign_upto(size + 610);
		assert_int_equal(head_checkpoint(head)->size, size + 610);
	}
}

static void
store_that_grew_again_is_noticed(void **state)
{
	uint64_t changed = 599;
	struct signer_leaves same = {leaf_of_store, NULL};
	struct signer_leaves other = {leaf_of_store, &changed};
	struct signer_options o = options_of(ORIGIN, &seed);
	struct signer *s;

	(void)state;
	o.leaves = &same;
	sign_upto(600);
	assert_ok(signer_open(&o, &s));
	signer_close(s);
	o.leaves = &other;
	assert_err(ERR_CORRUPT, signer_open(&o, &s));
	assert_err(ERR_CORRUPT, signer_rebuild(&o, &other));
}

static void
rotated_key_leaves_old_checkpoints_verifiable(void **state)
{
	struct note_verifier first;
	struct log_keys keys;
	struct checkpoint c;
	struct signer *s;
	struct buf old, now;
	int fd;

	(void)state;
	buf_init(&old, NOTE_BYTES_MAX);
	buf_init(&now, NOTE_BYTES_MAX);
	sign_upto(300);
	folder_load(folder, "checkpoint", &old);
	assert_ok(try_open(ORIGIN, &seed, &s));
	first = *signer_verifier(s);
	assert_ok(signer_rotate(s, &new_seed));
	feed(s, 400);
	assert_ok(signer_checkpoint(s));
	signer_close(s);
	folder_load(folder, "checkpoint", &now);
	fd = open(folder, O_RDONLY | O_DIRECTORY);
	assert_ok(log_keys_read(fd, &first, &keys));
	assert_int_equal(keys.n, 2);
	assert_ok(log_keys_open(&keys, buf_bytes(&old), &c));
	assert_int_equal(c.size, 300);
	assert_ok(log_keys_open(&keys, buf_bytes(&now), &c));
	assert_int_equal(c.size, 400);
	log_keys_clear(&keys);
	/* The old key has had its time, and the new one has a past. */
	assert_err(ERR_STATE, try_open(ORIGIN, &seed, &s));
	assert_err(ERR_STATE, try_open(ORIGIN, &new_seed, &s));
	assert_err(ERR_STATE, try_open_rotated(299, &s));
	assert_ok(try_open_rotated(300, &s));
	signer_close(s);
	folder_flip(folder, "key/1", 40);
	assert_int_not_equal(log_keys_read(fd, &first, &keys), 0);
	folder_flip(folder, "key/1", 40);
	first.public_key[0] ^= 1;
	assert_err(ERR_CORRUPT, log_keys_read(fd, &first, &keys));
	(void)close(fd);
	buf_clear(&old);
	buf_clear(&now);
}

/* Killed right after the store has it: nothing of the rotation is written, or
 * only its note. */
static void
rotation_cut_short_is_carried_through(void **state)
{
	struct buf note, again;
	struct signer *s;

	(void)state;
	buf_init(&note, NOTE_BYTES_MAX);
	buf_init(&again, NOTE_BYTES_MAX);
	sign_upto(300);
	assert_ok(try_open_rotated(300, &s));
	assert_ok(checkpoint_open(signer_note(s), signer_verifier(s), 1,
				  &(struct checkpoint){0}));
	signer_close(s);
	folder_load(folder, "checkpoint", &note);
	assert_true(bytes_equal(buf_bytes(&note), head_note(head)));
	buf_reset(&note);
	folder_load(folder, "key/1", &note);
	folder_remove_file("vkey");
	folder_remove_file("key/1");
	assert_ok(try_open_rotated(300, &s));
	signer_close(s);
	folder_load(folder, "key/1", &again);
	assert_true(bytes_equal(buf_bytes(&note), buf_bytes(&again)));
	assert_true(folder_has(folder, "vkey"));
	buf_clear(&note);
	buf_clear(&again);
}

/* Files of other keys are left as they are. */
static void
strangers_keys_are_refused(void **state)
{
	struct buf before, after;
	struct signer *s;

	(void)state;
	buf_init(&before, NOTE_BYTES_MAX);
	buf_init(&after, NOTE_BYTES_MAX);
	sign_upto(300);
	folder_load(folder, "vkey", &before);
	assert_err(ERR_STATE, try_open(ORIGIN, &new_seed, &s));
	folder_load(folder, "vkey", &after);
	assert_true(bytes_equal(buf_bytes(&before), buf_bytes(&after)));
	folder_remove_file("vkey");
	/* No file says otherwise, but what was signed does. */
	assert_err(ERR_CORRUPT, try_open(ORIGIN, &new_seed, &s));
	buf_clear(&before);
	buf_clear(&after);
}

static void
seeds_differ_by_number_and_log(void **state)
{
	struct key a, b;

	(void)state;
	keychain_seed(&seed, ORIGIN, 0, &a);
	keychain_seed(&seed, ORIGIN, 0, &b);
	assert_memory_equal(a.b, b.b, KEY_BYTES);
	keychain_seed(&seed, ORIGIN, 1, &b);
	assert_memory_not_equal(a.b, b.b, KEY_BYTES);
	keychain_seed(&seed, ORIGIN "/2", 0, &b);
	assert_memory_not_equal(a.b, b.b, KEY_BYTES);
}

static void
old_key_may_not_sign_after_its_time(void **state)
{
	struct checkpoint c = {.origin = ORIGIN, .size = 301};
	struct note_signer *old = note_signer_new(ORIGIN, &seed);
	struct log_keys keys;
	struct signer *s;
	struct buf b;
	int fd;

	(void)state;
	buf_init(&b, NOTE_BYTES_MAX);
	sign_upto(300);
	assert_ok(try_open(ORIGIN, &seed, &s));
	assert_ok(signer_rotate(s, &new_seed));
	signer_close(s);
	fd = open(folder, O_RDONLY | O_DIRECTORY);
	assert_ok(log_keys_read(fd, NULL, &keys));
	assert_ok(checkpoint_sign(&c, old, &b));
	assert_err(ERR_CORRUPT, log_keys_open(&keys, buf_bytes(&b), &c));
	log_keys_clear(&keys);
	note_signer_free(old);
	(void)close(fd);
	buf_clear(&b);
}

static void
successor_begins_with_the_old_checkpoint(void **state)
{
	struct id id = {{7}};
	uint8_t b[LEAF_BYTES];
	struct signer *s;
	struct leaf first;

	(void)state;
	sign_upto(300);
	first = signer_successor_leaf(head, id, 5);
	assert_err(ERR_STATE, try_open("stranger/log", &new_seed, &s));
	assert_ok(try_open(ORIGIN "/2", &new_seed, &s));
	assert_true(folder_has(parent, "log.1/checkpoint"));
	assert_int_equal(signer_size(s), 0);
	feed(s, 2); /* begins with something else */
	assert_err(ERR_CORRUPT, signer_checkpoint(s));
	signer_close(s);
	assert_int_equal(head_checkpoint(head)->size, 300);
	assert_ok(try_open(ORIGIN "/2", &new_seed, &s));
	leaf_encode(&first, b);
	assert_ok(signer_feed(s, bytes_of(b, sizeof(b))));
	assert_ok(signer_checkpoint(s));
	feed(s, 40);
	assert_ok(signer_checkpoint(s));
	signer_close(s);
	assert_string_equal(head_checkpoint(head)->origin, ORIGIN "/2");
	assert_int_equal(head_checkpoint(head)->size, 40);
	assert_err(ERR_STATE, try_open(ORIGIN, &seed, &s));
}

int
main(void)
{
#define LOG_TEST(f) cmocka_unit_test_setup_teardown(f, make_log, remove_log)
	const struct CMUnitTest tests[] = {
		LOG_TEST(checkpoint_is_published),
		LOG_TEST(signer_goes_on_after_a_restart),
		LOG_TEST(lost_checkpoint_file_comes_back_from_the_head),
		LOG_TEST(restored_log_does_not_fork),
		LOG_TEST(head_refuses_a_fork),
		LOG_TEST(log_is_not_begun_again_without_its_head),
		LOG_TEST(damaged_files_are_built_again),
		LOG_TEST(other_leaves_do_not_replace_the_signed_ones),
		LOG_TEST(failed_write_signs_nothing),
		LOG_TEST(store_that_grew_again_is_noticed),
		LOG_TEST(rotated_key_leaves_old_checkpoints_verifiable),
		LOG_TEST(rotation_cut_short_is_carried_through),
		LOG_TEST(strangers_keys_are_refused),
		LOG_TEST(seeds_differ_by_number_and_log),
		LOG_TEST(old_key_may_not_sign_after_its_time),
		LOG_TEST(successor_begins_with_the_old_checkpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

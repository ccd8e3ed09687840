/* A log whose process is killed at any moment goes on where it was, and its
 * checkpoints stay consistent. (That a sync reaches the disk is not tried
 * here.) */

#include "unit/audit/folder.h"

#include <signal.h>
#include <sys/wait.h>

#include "audit/signer.h"
#include "audit/tileread.h"

#define ORIGIN "ninety.example/log"
#define KILLS 25
#define STEP_LEAVES 37
#define WAIT_US_MAX 9000
#define FIRST_WAIT_MS 10000

static const struct key mac = {{0x42}};
static const struct key seed = {{1}};
static char parent[64];
static char folder[96];
static char head_path[96];

static void
leaf_bytes(uint64_t i, uint8_t out[LEAF_BYTES])
{
	struct leaf l = {.type = LEAF_WRITE, .at_ms = (int64_t)i};

	leaf_encode(&l, out);
}

static int
feed(struct signer *s, uint64_t n)
{
	uint8_t b[LEAF_BYTES];
	int rc = 0;

	for (; n > 0 && rc == 0; n--) {
		leaf_bytes(signer_size(s), b);
		rc = signer_feed(s, bytes_of(b, sizeof(b)));
	}
	return rc;
}

/* What is killed: opens, then signs and signs. */
static void
run_until_killed(void)
{
	struct signer_options o = {.folder = folder,
				   .origin = ORIGIN,
				   .keys = {.seed = &seed}};
	struct signer *s;

	if (head_open(head_path, &mac, &o.head) != 0 ||
	    signer_open(&o, &s) != 0) {
		_exit(1);
	}
	for (;;) {
		if (feed(s, STEP_LEAVES) != 0 || signer_checkpoint(s) != 0) {
			_exit(2);
		}
	}
}

/* The first one lives until it has signed, however slow the machine. */
static void
kill_one(bool is_first, unsigned wait_us)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		run_until_killed();
	}
	for (int i = 0; is_first && i < FIRST_WAIT_MS &&
			!folder_has(folder, "checkpoint");
	     i++) {
		(void)usleep(1000);
	}
	(void)usleep(wait_us);
	(void)kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	/* It came to its end by us, not by a log that it could not open. */
	assert_true(WIFSIGNALED(status));
}

/* The published checkpoint after a kill, as an auditor would keep it; size 0
 * before the first. */
static struct checkpoint
published(void)
{
	struct checkpoint c = {.size = 0};
	struct note note;
	struct buf b;

	buf_init(&b, NOTE_BYTES_MAX);
	if (folder_has(folder, "checkpoint")) {
		folder_load(folder, "checkpoint", &b);
		assert_ok(note_parse(buf_bytes(&b), &note));
		assert_ok(checkpoint_parse(note.text, &c));
	}
	buf_clear(&b);
	return c;
}

/* From the files alone: the log leads to that root. */
static void
assert_root(const struct checkpoint *c)
{
	struct merkle_source tree;
	struct tile_reader *r;
	struct hash root;

	if (c->size == 0) {
		return;
	}
	assert_ok(tile_reader_open(folder, &r));
	tree = tile_reader_source(r, c->size);
	assert_ok(merkle_root(&tree, c->size, &root));
	assert_true(hash_equal(&root, &c->root));
	tile_reader_close(r);
}

static void
killed_signer_goes_on(void **state)
{
	struct checkpoint kept[KILLS];
	unsigned chance = 7;
	struct head *head;

	(void)state;
	assert_ok(secret_init());
	secret_unlocked_ok(true);
	(void)snprintf(folder, sizeof(folder), "%s/log", folder_make(parent));
	(void)snprintf(head_path, sizeof(head_path), "%s/head", parent);
	assert_ok(head_create(head_path, &mac));
	for (size_t i = 0; i < KILLS; i++) {
		chance = chance * 1103515245u + 12345u;
		kill_one(i == 0, 1000 + chance / 65536 % WAIT_US_MAX);
		kept[i] = published();
		assert_root(&kept[i]);
		assert_ok(head_open(head_path, &mac, &head));
		if (kept[i].size > 0) {
			assert_true(head_checkpoint(head)->size >=
				    kept[i].size);
		}
		head_close(head);
	}
	for (size_t i = 1; i < KILLS; i++) {
		assert_true(kept[i].size >= kept[i - 1].size);
		assert_root(&kept[i - 1]);
	}
	assert_true(kept[KILLS - 1].size > 0);
	folder_remove(parent);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_signer_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

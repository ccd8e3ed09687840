/* keystore: two slots that forget, copies, passphrases. */

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"

#include "base/secret.h"
#include "keyring/filesystem.h"
#include "keyring/keystore.h"
#include "support/files.h"
#include "support/keyring_env.h"

static struct bytes
slot_of(const struct buf *file, int slot)
{
	return bytes_of(file->data +
				(size_t)slot * KEYSTORE_SLOT_DISTANCE_BYTES,
			KEYSTORE_SLOT_BYTES);
}

static void
kek_of(const struct keyring_env *e, const struct buf *file, struct key *out)
{
	const struct keystore_source source = {e->passphrase, NULL};
	struct keystore_header header;

	assert_ok(keystore_header_decode(slot_of(file, 0), &header));
	assert_ok(keystore_kek(&source, &header.kdf, out));
}

static int
open_code(const struct keyring_env *e)
{
	struct keyring_recovery recovery;
	struct keyring *k = NULL;
	int rc = keyring_open(&e->config, (struct keyring_batch){0}, &k,
			      &recovery);

	keyring_close(k);
	return rc;
}

static void
raw_slots_hold_no_old_key_after_erasure(void **state)
{
	struct keyring_env e;
	struct buf before, after;
	struct key kek;
	struct keystore_content old, now;
	const slot_t slot = keyring_first_free();
	struct keyring_destroyed out;

	(void)state;
	keyring_env_open(&e, 100);
	files_read(e.keystore, &before);
	kek_of(&e, &before, &kek);
	assert_ok(keystore_slot_decode(slot_of(&before, 0), &kek, &old));
	assert_ok(keyring_destroy(
		e.keyring,
		(struct keyring_batch){1, keyring_epoch(e.keyring) + 1}, &slot,
		1, &out));
	files_read(e.keystore, &after);
	assert_int_equal(before.len, after.len);
	for (int i = 0; i < 2; i++) {
		assert_ok(keystore_slot_decode(slot_of(&after, i), &kek, &now));
		assert_int_equal(now.state, KEYSTORE_STABLE);
		assert_memory_not_equal(&now.root, &old.root, KEY_BYTES);
		assert_memory_not_equal(&now.next, &old.root, KEY_BYTES);
		/* Nor any sealed form of it, in the whole file. */
		for (int j = 0; j < 2; j++) {
			assert_null(memmem(after.data, after.len,
					   slot_of(&before, j).p +
						   KEYSTORE_HEADER_BYTES,
					   24));
		}
	}
	assert_null(memmem(after.data, after.len, &old.root, KEY_BYTES));
	buf_clear(&before);
	buf_clear(&after);
	keyring_env_close(&e);
}

static void
file_is_private_and_has_all_its_blocks(void **state)
{
	struct keyring_env e;
	struct stat st;

	(void)state;
	keyring_env_open(&e, 0);
	assert_int_equal(stat(e.keystore, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, KEYSTORE_FILE_BYTES);
	keyring_env_close(&e);
}

static void
one_changed_byte_anywhere_in_a_slot_leaves_the_other(void **state)
{
	struct keyring_env e;
	struct buf good;
	struct key kek;
	struct keystore_content content;

	(void)state;
	keyring_env_open(&e, 0);
	keyring_close(e.keyring);
	e.keyring = NULL;
	files_read(e.keystore, &good);
	kek_of(&e, &good, &kek);
	for (size_t at = 0; at < KEYSTORE_HEADER_BYTES + 200; at++) {
		struct bytes slot = slot_of(&good, 0);

		good.data[at] ^= 0x40;
		assert_int_not_equal(
			keystore_slot_decode(slot, &kek, &content), 0);
		if (at % 16 == 0 || (at >= 48 && at < 64)) {
			files_write(e.keystore, buf_bytes(&good));
			assert_ok(open_code(&e));
		}
		good.data[at] ^= 0x40;
	}
	/* Both slots changed: refused, not guessed. */
	good.data[100] ^= 1;
	good.data[KEYSTORE_SLOT_DISTANCE_BYTES + 100] ^= 1;
	files_write(e.keystore, buf_bytes(&good));
	assert_err(ERR_SEAL, open_code(&e));
	buf_clear(&good);
	keyring_env_close(&e);
}

static void
wrong_or_missing_passphrase_is_refused(void **state)
{
	struct keyring_env e;

	(void)state;
	keyring_env_open(&e, 0);
	keyring_close(e.keyring);
	e.keyring = NULL;
	files_write(e.passphrase, bytes_str("incorrect"));
	assert_err(ERR_SEAL, open_code(&e));
	files_write(e.passphrase, bytes_str("\n"));
	assert_err(ERR_CONFIG, open_code(&e));
	files_write(e.passphrase, bytes_str("correct horse battery staple"));
	assert_ok(open_code(&e));
	assert_int_equal(chmod(e.passphrase, 0640), 0);
	assert_err(ERR_CONFIG, open_code(&e));
	e.config.passphrase_file = NULL;
	assert_err(ERR_CONFIG, open_code(&e));
	keyring_env_close(&e);
}

static void
systemd_credential_opens_it(void **state)
{
	struct keyring_env e;
	char beside[128];

	(void)state;
	keyring_env_open(&e, 0);
	keyring_close(e.keyring);
	e.keyring = NULL;
	e.config.passphrase_file = NULL;
	e.config.credential = "pass";
	assert_err(ERR_CONFIG, open_code(&e));
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", e.directory, 1), 0);
	assert_ok(open_code(&e));
	e.config.passphrase_file = e.passphrase;
	assert_int_equal(chmod(e.passphrase, 0440), 0);
	assert_ok(open_code(&e));
	/* A folder beside it whose name begins alike. */
	(void)snprintf(beside, sizeof(beside), "%.*s",
		       (int)strlen(e.directory) - 1, e.directory);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", beside, 1), 0);
	assert_err(ERR_CONFIG, open_code(&e));
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	assert_err(ERR_CONFIG, open_code(&e));
	keyring_env_close(&e);
}

#define NEW_PASSPHRASE "a better one"

static void
new_passphrase_seals_every_slot_of_every_copy(void **state)
{
	const char *paths[2];
	struct keyring_env e;
	struct buf before[2], after, old;
	char from[128];
	char pipe[128];

	(void)state;
	keyring_env_open_mirrored(&e, 0);
	keyring_close(e.keyring);
	e.keyring = NULL;
	paths[0] = e.keystore;
	paths[1] = e.second;
	files_read(e.keystore, &before[0]);
	files_read(e.second, &before[1]);
	files_read(e.passphrase, &old);
	(void)snprintf(from, sizeof(from), "%s/from", e.directory);
	files_write(from, bytes_str(NEW_PASSPHRASE "\n"));
	assert_int_equal(chmod(from, 0644), 0);
	assert_err(ERR_CONFIG, keyring_change_passphrase(&e.config, from));
	assert_ok(open_code(&e));
	/* Nobody waits for a pipe's other end. */
	(void)snprintf(pipe, sizeof(pipe), "%s/pipe", e.directory);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_err(ERR_CONFIG, keyring_change_passphrase(&e.config, pipe));
	assert_ok(open_code(&e));
	assert_int_equal(chmod(from, 0600), 0);
	assert_ok(keyring_change_passphrase(&e.config, from));
	assert_true(files_holds(e.passphrase, bytes_str(NEW_PASSPHRASE)));
	for (int i = 0; i < 2; i++) {
		struct key kek;
		struct keystore_content now;

		files_read(paths[i], &after);
		kek_of(&e, &after, &kek);
		for (int slot = 0; slot < 2; slot++) {
			assert_ok(keystore_slot_decode(slot_of(&after, slot),
						       &kek, &now));
			/* Neither salt nor nonce of before is left. */
			assert_null(memmem(after.data, after.len,
					   slot_of(&before[i], slot).p + 48,
					   16));
			assert_null(memmem(after.data, after.len,
					   slot_of(&before[i], slot).p +
						   KEYSTORE_HEADER_BYTES,
					   24));
		}
		buf_clear(&after);
		buf_clear(&before[i]);
	}
	assert_ok(open_code(&e));
	files_write(e.passphrase, buf_bytes(&old));
	assert_err(ERR_SEAL, open_code(&e));
	buf_clear(&old);
	keyring_env_close(&e);
}

static void
count_down(const char *name, void *ctx)
{
	int *left = ctx;

	(void)name;
	if ((*left)-- == 0) {
		_exit(9);
	}
}

/* Killed between any two writes: the file that is named opens every copy, the
 * next start makes all slots even, and the change can be made again. */
static void
passphrase_change_may_be_killed(void **state)
{
	bool killed = true;

	(void)state;
	for (int at = 0; killed; at++) {
		struct keyring_env e;
		char from[128];
		int status;
		pid_t child;

		keyring_env_open_mirrored(&e, 0);
		keyring_close(e.keyring);
		e.keyring = NULL;
		(void)snprintf(from, sizeof(from), "%s/from", e.directory);
		files_write(from, bytes_str(NEW_PASSPHRASE));
		assert_int_equal(chmod(from, 0600), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			int left = at;

			e.config.step = count_down;
			e.config.step_ctx = &left;
			_exit(keyring_change_passphrase(&e.config, from) != 0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		killed = WIFEXITED(status) && WEXITSTATUS(status) == 9;
		assert_true(killed || (at == 5 && WEXITSTATUS(status) == 0));
		/* Each copy alone. */
		for (int i = 0; i < 2; i++) {
			struct keyring_config both = e.config;
			struct keyring *k;

			e.config.keystore = i == 0 ? e.keystore : e.second;
			e.config.keystore_second = NULL;
			assert_ok(keyring_open_readonly(&e.config, &k));
			keyring_close(k);
			e.config = both;
		}
		assert_ok(open_code(&e));
		assert_ok(keyring_change_passphrase(&e.config, from));
		assert_ok(open_code(&e));
		keyring_env_close(&e);
	}
}

static void
kdf_out_of_range_is_not_tried(void **state)
{
	uint8_t slot[KEYSTORE_SLOT_BYTES];
	struct keystore_header header = {
		.kdf = {.operations = 1, .memory_bytes = 8192}};
	struct keystore_header out;
	struct keystore_content content = {
		.state = KEYSTORE_STABLE, .sequence = 1, .epoch = 1};
	const struct key kek = {{1}};

	(void)state;
	assert_ok(secret_init());
	keystore_slot_encode(&header, &content, &kek, entropy_system(), slot);
	assert_ok(keystore_header_decode(bytes_of(slot, sizeof(slot)), &out));
	header.kdf.memory_bytes = 1ull << 40;
	keystore_slot_encode(&header, &content, &kek, entropy_system(), slot);
	assert_err(ERR_CORRUPT,
		   keystore_header_decode(bytes_of(slot, sizeof(slot)), &out));
	assert_err(ERR_CORRUPT,
		   keystore_header_decode(bytes_of(slot, 100), &out));
}

static void
copies_of_two_stores_are_refused(void **state)
{
	struct keyring_env e, other;

	(void)state;
	keyring_env_open(&e, 0);
	keyring_env_open(&other, 0);
	keyring_close(e.keyring);
	e.keyring = NULL;
	other.store_id.b[0] ^= 1;
	assert_int_equal(unlink(other.keystore), 0);
	keyring_close(other.keyring);
	other.keyring = NULL;
	other.config.directory = other.mirror;
	assert_ok(keyring_create(&other.config, other.store_id, 0));
	files_copy(other.keystore, e.second);
	e.config.keystore_second = e.second;
	assert_err(ERR_CONFIG, open_code(&e));
	keyring_env_close(&e);
	keyring_env_close(&other);
}

static void
weak_file_system_wants_consent(void **state)
{
	static const char *const candidates[] = {"/", "/tmp", "/var", "/dev"};
	struct keyring_env e;
	struct keyring_status status;
	const char *name;
	const char *found = NULL;

	(void)state;
	for (int i = 0; i < 4; i++) {
		assert_ok(filesystem_forgets_not(candidates[i], &name));
	}
	keyring_env_init(&e);
	assert_ok(filesystem_forgets_not(e.directory, &found));
	e.config.accept_weak_keystore = false;
	if (found == NULL) {
		assert_ok(keyring_create(&e.config, e.store_id, 0));
		keyring_env_reopen(&e);
		keyring_status(e.keyring, &status);
		assert_false(status.weak_keystore);
	} else {
		assert_err(ERR_CONFIG,
			   keyring_create(&e.config, e.store_id, 0));
	}
	assert_err(ERR_IO, filesystem_forgets_not("/nonexistent", &name));
	keyring_env_close(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_slots_hold_no_old_key_after_erasure),
		cmocka_unit_test(file_is_private_and_has_all_its_blocks),
		cmocka_unit_test(
			one_changed_byte_anywhere_in_a_slot_leaves_the_other),
		cmocka_unit_test(wrong_or_missing_passphrase_is_refused),
		cmocka_unit_test(systemd_credential_opens_it),
		cmocka_unit_test(
			new_passphrase_seals_every_slot_of_every_copy),
		cmocka_unit_test(passphrase_change_may_be_killed),
		cmocka_unit_test(kdf_out_of_range_is_not_tried),
		cmocka_unit_test(copies_of_two_stores_are_refused),
		cmocka_unit_test(weak_file_system_wants_consent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

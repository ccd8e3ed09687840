#include "support/test.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ninety/client.h"

static char dir[64];
static char path[128];

static int
make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/ninety-keyfile-XXXXXX");
	if (mkdtemp(dir) == NULL) {
		return -1;
	}
	(void)snprintf(path, sizeof(path), "%s/a.key", dir);
	return 0;
}

static int
drop_dir(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(dir);
}

static void
write_text(const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(0, fclose(f));
	assert_int_equal(0, chmod(path, mode));
}

static void
key_comes_back_as_written(void **state)
{
	struct ninety_key back;

	(void)state;
	/* Z85 has all that YAML takes for syntax; try many. */
	for (int i = 0; i < 200; i++) {
		struct ninety_key key = {.name = "front desk: 1",
					 .role = "portal",
					 .endpoint = "tcp://[::1]:5390"};
		struct ninety_key server = {.name = ""};

		assert_int_equal(NINETY_DONE, ninety_key_generate(&key));
		assert_int_equal(NINETY_DONE, ninety_key_generate(&server));
		memcpy(key.server_key, server.public_key,
		       sizeof(key.server_key));
		assert_int_equal(NINETY_DONE, ninety_key_write(path, &key));
		assert_int_equal(NINETY_DONE, ninety_key_read(path, &back));
		assert_memory_equal(&key, &back, sizeof(key));
		assert_int_equal(0, unlink(path));
	}
}

static void
key_file_is_for_its_owner_alone(void **state)
{
	struct ninety_key key = {.name = "x"};
	struct stat st;

	(void)state;
	assert_int_equal(NINETY_DONE, ninety_key_generate(&key));
	assert_int_equal(NINETY_DONE, ninety_key_write(path, &key));
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0600, st.st_mode & 07777);
	assert_int_equal(0, chmod(path, 0640));
	assert_int_equal(NINETY_KEY_FILE_MODE, ninety_key_read(path, &key));
	assert_int_equal(0, chmod(path, 0604));
	assert_int_equal(NINETY_KEY_FILE_MODE, ninety_key_read(path, &key));
}

static void
key_file_is_not_overwritten(void **state)
{
	struct ninety_key key = {.name = "x"};

	(void)state;
	assert_int_equal(NINETY_DONE, ninety_key_generate(&key));
	assert_int_equal(NINETY_DONE, ninety_key_write(path, &key));
	assert_int_equal(NINETY_IO, ninety_key_write(path, &key));
	assert_int_equal(EEXIST, errno);
}

static void
missing_key_file_is_told_by_errno(void **state)
{
	struct ninety_key key;

	(void)state;
	assert_int_equal(NINETY_IO, ninety_key_read("/nonexistent", &key));
	assert_int_equal(ENOENT, errno);
}

static void
what_is_no_key_file_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"just words",
		"name: x\n",
		"public: abc\nsecret: def\n",
		/* halves of two pairs */
		"public: \"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\"\n"
		"secret: \"D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs\"\n",
		"unknown: 1\n",
	};
	struct ninety_key key = {.name = "untouched"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_text(texts[i], 0600);
		assert_int_equal(NINETY_BAD_KEY_FILE,
				 ninety_key_read(path, &key));
		assert_string_equal("untouched", key.name);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make_dir, drop_dir)
	const struct CMUnitTest tests[] = {
		T(key_comes_back_as_written),
		T(key_file_is_for_its_owner_alone),
		T(key_file_is_not_overwritten),
		T(missing_key_file_is_told_by_errno),
		T(what_is_no_key_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

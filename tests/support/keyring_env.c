/* A keyring for tests, made anew in a directory of its own. */

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/test.h"

#include "base/secret.h"
#include "support/keyring_env.h"

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void
join(char *out, size_t n, const char *directory, const char *name)
{
	int length = snprintf(out, n, "%s/%s", directory, name);

	assert_true(length > 0 && (size_t)length < n);
}

void
keyring_env_init(struct keyring_env *e)
{
	static const char passphrase[] = "correct horse battery staple\n";
	const char *tmp = getenv("TMPDIR");
	FILE *f;

	*e = (struct keyring_env){0};
	assert_ok(secret_init());
	secret_unlocked_ok(true);
	join(e->directory, sizeof(e->directory),
	     tmp != NULL && strlen(tmp) < 32 ? tmp : "/tmp",
	     "ninety-keys-XXXXXX");
	assert_non_null(mkdtemp(e->directory));
	join(e->keys, sizeof(e->keys), e->directory, "keys");
	join(e->mirror, sizeof(e->mirror), e->directory, "mirror");
	join(e->keystore, sizeof(e->keystore), e->directory, "keystore");
	join(e->second, sizeof(e->second), e->directory, "second");
	join(e->passphrase, sizeof(e->passphrase), e->directory, "pass");
	f = fopen(e->passphrase, "w");
	assert_non_null(f);
	assert_true(fputs(passphrase, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(e->passphrase, 0600), 0);
	entropy_seeded_init(&e->entropy, 90);
	entropy_fill(&e->entropy.base, e->store_id.b, ID_BYTES);
	e->config = (struct keyring_config){
		.directory = e->keys,
		.keystore = e->keystore,
		.passphrase_file = e->passphrase,
		.accept_weak_keystore = true,
		.cheap_kdf_for_tests = true,
		.cache_bytes_max = 1u << 20,
		.entropy = &e->entropy.base,
	};
}

void
keyring_env_reopen(struct keyring_env *e)
{
	struct keyring_recovery recovery;

	keyring_close(e->keyring);
	e->keyring = NULL;
	assert_ok(keyring_open(&e->config, (struct keyring_batch){0},
			       &e->keyring, &recovery));
}

void
keyring_env_open(struct keyring_env *e, uint64_t slots)
{
	keyring_env_init(e);
	assert_ok(keyring_create(&e->config, e->store_id, slots));
	keyring_env_reopen(e);
}

void
keyring_env_open_mirrored(struct keyring_env *e, uint64_t slots)
{
	keyring_env_init(e);
	e->config.mirrors[0] = e->mirror;
	e->config.n_mirrors = 1;
	e->config.keystore_second = e->second;
	assert_ok(keyring_create(&e->config, e->store_id, slots));
	keyring_env_reopen(e);
}

void
keyring_env_close(struct keyring_env *e)
{
	keyring_close(e->keyring);
	e->keyring = NULL;
	assert_int_equal(nftw(e->directory, remove_one, 16,
			      FTW_DEPTH | FTW_PHYS),
			 0);
}

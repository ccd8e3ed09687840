/* One keystore slot as bytes, and the key that seals it. Pure but for reading
 * the passphrase; files and copies are keystore.c's. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/pack.h"
#include "keyring/aead.h"
#include "keyring/keystore.h"

static const uint8_t slot_magic[8] = {'N', '9', 'K', 'E', 'Y', 'S', 'T', '1'};

#define KDF_ARGON2ID13 1
/* Bounds on what a file may ask of us. */
#define KDF_OPERATIONS_MAX 16
#define KDF_MEMORY_BYTES_MAX (1ull << 30)

#define SEALED_BYTES (KEYSTORE_PLAIN_BYTES + AEAD_OVERHEAD_BYTES)

static void
header_put(const struct keystore_header *h, uint8_t out[KEYSTORE_HEADER_BYTES])
{
	memset(out, 0, KEYSTORE_HEADER_BYTES);
	memcpy(out, slot_magic, sizeof(slot_magic));
	memcpy(out + 8, h->store_id.b, ID_BYTES);
	out[24] = KDF_ARGON2ID13;
	out[25] = h->weak;
	put_u64(out + 32, h->kdf.operations);
	put_u64(out + 40, h->kdf.memory_bytes);
	memcpy(out + 48, h->kdf.salt, sizeof(h->kdf.salt));
}

int
keystore_header_decode(struct bytes slot, struct keystore_header *out)
{
	static const uint8_t zeros[6];
	struct keystore_header h = {0};

	if (slot.n != KEYSTORE_SLOT_BYTES ||
	    memcmp(slot.p, slot_magic, sizeof(slot_magic)) != 0 ||
	    slot.p[24] != KDF_ARGON2ID13 || slot.p[25] > 1 ||
	    memcmp(slot.p + 26, zeros, sizeof(zeros)) != 0) {
		return err_set(ERR_CORRUPT, "no keystore slot");
	}
	memcpy(h.store_id.b, slot.p + 8, ID_BYTES);
	h.weak = slot.p[25] == 1;
	h.kdf.operations = get_u64(slot.p + 32);
	h.kdf.memory_bytes = get_u64(slot.p + 40);
	memcpy(h.kdf.salt, slot.p + 48, sizeof(h.kdf.salt));
	if (h.kdf.operations < crypto_pwhash_OPSLIMIT_MIN ||
	    h.kdf.operations > KDF_OPERATIONS_MAX ||
	    h.kdf.memory_bytes < crypto_pwhash_MEMLIMIT_MIN ||
	    h.kdf.memory_bytes > KDF_MEMORY_BYTES_MAX) {
		return err_set(ERR_CORRUPT, "keystore slot: KDF out of range");
	}
	*out = h;
	return 0;
}

void
keystore_slot_encode(const struct keystore_header *header,
		     const struct keystore_content *content,
		     const struct key *kek, struct entropy *entropy,
		     uint8_t out[KEYSTORE_SLOT_BYTES])
{
	uint8_t plain[KEYSTORE_PLAIN_BYTES] = {0};

	plain[0] = (uint8_t)content->state;
	put_u64(plain + 8, content->sequence);
	put_u64(plain + 16, content->epoch);
	put_u64(plain + 24, content->batch);
	memcpy(plain + 32, content->root.b, KEY_BYTES);
	memcpy(plain + 64, content->next.b, KEY_BYTES);
	memcpy(plain + 96, content->outer.b, KEY_BYTES);
	memset(out, 0, KEYSTORE_SLOT_BYTES);
	header_put(header, out);
	aead_seal(kek, NULL, bytes_of(out, KEYSTORE_HEADER_BYTES),
		  bytes_of(plain, sizeof(plain)), entropy,
		  out + KEYSTORE_HEADER_BYTES);
	secret_wipe(plain, sizeof(plain));
}

static int
content_get(const uint8_t plain[KEYSTORE_PLAIN_BYTES],
	    struct keystore_content *out)
{
	if ((plain[0] != KEYSTORE_STABLE && plain[0] != KEYSTORE_PENDING) ||
	    get_u64(plain + 8) == 0 || get_u64(plain + 16) == 0) {
		return err_set(ERR_CORRUPT, "keystore slot: no known state");
	}
	out->state = (enum keystore_state)plain[0];
	out->sequence = get_u64(plain + 8);
	out->epoch = get_u64(plain + 16);
	out->batch = get_u64(plain + 24);
	memcpy(out->root.b, plain + 32, KEY_BYTES);
	memcpy(out->next.b, plain + 64, KEY_BYTES);
	memcpy(out->outer.b, plain + 96, KEY_BYTES);
	return 0;
}

int
keystore_slot_decode(struct bytes slot, const struct key *kek,
		     struct keystore_content *out)
{
	uint8_t plain[KEYSTORE_PLAIN_BYTES];
	struct keystore_header header;
	int rc = keystore_header_decode(slot, &header);

	if (rc == 0) {
		rc = aead_open(
			kek, NULL, bytes_of(slot.p, KEYSTORE_HEADER_BYTES),
			bytes_of(slot.p + KEYSTORE_HEADER_BYTES, SEALED_BYTES),
			plain);
	}
	if (rc == 0) {
		rc = content_get(plain, out);
	}
	secret_wipe(plain, sizeof(plain));
	return rc;
}

/* The file's bytes without the last newline. */
static int
passphrase_read(const char *path, bool private, char *to, size_t *out_n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0) {
		return err_set(ERR_CONFIG, "keystore passphrase: %s",
			       strerror(errno));
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (private && (st.st_mode & 077) != 0)) {
		(void)close(fd);
		return err_set(ERR_CONFIG, "keystore passphrase: others may "
					   "read the file (want mode 0600)");
	}
	n = read(fd, to, KEYSTORE_PASSPHRASE_BYTES_MAX);
	(void)close(fd);
	if (n > 0 && to[n - 1] == '\n') {
		n--;
	}
	if (n <= 0) {
		return err_set(ERR_CONFIG, "keystore passphrase: empty");
	}
	*out_n = (size_t)n;
	return 0;
}

static bool
is_below(const char *path, const char *directory)
{
	size_t n = directory == NULL ? 0 : strlen(directory);

	return n > 0 && strncmp(path, directory, n) == 0 &&
	       (path[n] == '/' || directory[n - 1] == '/');
}

static int
passphrase_get(const struct keystore_source *source, char *to, size_t *out_n)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_MAX];
	int n;

	if (source->passphrase_file != NULL) {
		/* systemd guards its credentials by an access list, whose mask
		 * shows in the mode as if a group could read. */
		return passphrase_read(
			source->passphrase_file,
			!is_below(source->passphrase_file, directory), to,
			out_n);
	}
	if (source->credential == NULL || directory == NULL) {
		return err_set(ERR_CONFIG,
			       "keystore: neither a passphrase file nor a "
			       "systemd credential");
	}
	n = snprintf(path, sizeof(path), "%s/%s", directory,
		     source->credential);
	if (n < 0 || (size_t)n >= sizeof(path)) {
		return err_set(ERR_CONFIG, "keystore credential: long name");
	}
	return passphrase_read(path, false, to, out_n);
}

int
keystore_kek(const struct keystore_source *source,
	     const struct keystore_kdf *kdf, struct key *out)
{
	char *passphrase = secret_alloc(KEYSTORE_PASSPHRASE_BYTES_MAX);
	size_t n = 0;
	int rc;

	if (passphrase == NULL) {
		return ERR_NOMEM;
	}
	rc = passphrase_get(source, passphrase, &n);
	if (rc == 0 &&
	    crypto_pwhash(out->b, KEY_BYTES, passphrase, n, kdf->salt,
			  kdf->operations, (size_t)kdf->memory_bytes,
			  crypto_pwhash_ALG_ARGON2ID13) != 0) {
		rc = err_set(ERR_NOMEM, "no memory for the passphrase hash");
	}
	secret_free(passphrase);
	return rc;
}

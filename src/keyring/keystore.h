#ifndef KEYRING_KEYSTORE_H
#define KEYRING_KEYSTORE_H

#include "base/entropy.h"
#include "base/id.h"
#include "base/secret.h"

/*
 * The small place that really forgets: the root key of the tree, in two slots
 * of a file, 1 MiB apart, overwritten in place with O_DSYNC, each sealed under
 * a key from a passphrase file or a systemd credential (Argon2id). The same
 * content may stand at a second place. Whatever can hold two slots and forget
 * them, a TPM or an HSM, can stand behind these functions.
 *
 * One slot:
 *	magic "N9KEYST1" || store id 16 || KDF 1 || weak 1 || zero 6 ||
 *	operations 8 || memory bytes 8 || salt 16                 = 64 bytes
 *	|| nonce 24 || k_com 32 || ciphertext 128 || tag 16, zeros up to 4096
 * sealed (the 64 bytes are the associated data):
 *	state 1 || zero 7 || sequence 8 || epoch 8 || batch 8 ||
 *	root key 32 || next root key 32 || outer key 32
 *
 * docs/format.md "The keystore".
 */
#define KEYSTORE_SLOT_BYTES 4096
#define KEYSTORE_SLOT_DISTANCE_BYTES (1u << 20)
#define KEYSTORE_FILE_BYTES (KEYSTORE_SLOT_DISTANCE_BYTES + KEYSTORE_SLOT_BYTES)
#define KEYSTORE_HEADER_BYTES 64
#define KEYSTORE_PLAIN_BYTES 128
#define KEYSTORE_COPIES_MAX 2
#define KEYSTORE_PASSPHRASE_BYTES_MAX 4096

enum keystore_state {
	KEYSTORE_STABLE = 1, /* root is K_epoch */
	KEYSTORE_PENDING = 2 /* root is K_epoch, next is K_(epoch + 1) */
};

/* Holds keys: lives in secret memory. */
struct keystore_content {
	enum keystore_state state;
	uint64_t sequence;
	uint64_t epoch;
	uint64_t batch; /* of a PENDING one, 0: growth or rotation */
	struct key root;
	struct key next; /* zero when STABLE */
	struct key outer;
};

/* How the key that seals the slots is made; the salt is not secret. */
struct keystore_kdf {
	uint64_t operations;
	uint64_t memory_bytes;
	uint8_t salt[16];
};

struct keystore_header {
	struct id store_id;
	bool weak; /* made on a file system that forgets nothing */
	struct keystore_kdf kdf;
};

/* Where the passphrase comes from; the strings are borrowed. */
struct keystore_source {
	const char *passphrase_file; /* not readable by others; or NULL */
	const char *credential;      /* a name in $CREDENTIALS_DIRECTORY */
};

/* The slot as bytes, and back. ERR_CORRUPT: no slot; ERR_SEAL: another key,
 * or changed. Both are pure, for tests, scans and fuzzers. */
void keystore_slot_encode(const struct keystore_header *header,
			  const struct keystore_content *content,
			  const struct key *kek, struct entropy *entropy,
			  uint8_t out[KEYSTORE_SLOT_BYTES]);
int keystore_header_decode(struct bytes slot,
			   struct keystore_header *out) MUST_CHECK;
int keystore_slot_decode(struct bytes slot, const struct key *kek,
			 struct keystore_content *out) MUST_CHECK;

/* The key that seals slots. ERR_CONFIG: no passphrase, or one that others may
 * read. ERR_NOMEM: Argon2id wants more than there is. */
int keystore_kek(const struct keystore_source *source,
		 const struct keystore_kdf *kdf, struct key *out) MUST_CHECK;

struct keystore;

struct keystore_config {
	const char *paths[KEYSTORE_COPIES_MAX]; /* the second may be NULL */
	struct keystore_source source;
	bool cheap_kdf_for_tests;
	bool accept_weak;
	struct entropy *entropy;
	/* Called after each synced write of one copy: "<step>-copy". */
	void (*step)(const char *name, void *ctx);
	void *step_ctx;
};

/* Makes the files, mode 0600, with this content in both slots. ERR_EXISTS,
 * ERR_CONFIG (a file system that forgets nothing), ERR_IO. */
int keystore_create(const struct keystore_config *config, struct id store_id,
		    const struct keystore_content *content) MUST_CHECK;

/* Reads every copy and changes nothing. ERR_CORRUPT: no slot of no copy is
 * good; ERR_SEAL: none opens with this passphrase. */
int keystore_open(const struct keystore_config *config, bool readonly,
		  struct keystore **out) MUST_CHECK;
void keystore_close(struct keystore *s);

/* The newest content. Borrowed; changes with each write. */
const struct keystore_content *keystore_content(const struct keystore *s);
struct id keystore_store_id(const struct keystore *s);
bool keystore_is_weak(const struct keystore *s);
unsigned keystore_copies(const struct keystore *s);
/* Slots that opened, of two in each copy. */
unsigned keystore_good_slots(const struct keystore *s);

/* Whether every slot of every copy holds the newest content. */
bool keystore_is_even(const struct keystore *s);

/* Writes the content into one slot of every copy, the one written longest ago,
 * synced. ERR_OUTCOME. */
int keystore_write(struct keystore *s, const struct keystore_content *content,
		   const char *step) MUST_CHECK;

/* Writes the newest content over every slot of every copy, that which holds it
 * first: what was read back may never have reached the disk. Makes copies that
 * are lost. Counts those that lacked it. ERR_OUTCOME. */
int keystore_repair(struct keystore *s, unsigned *out_repaired) MUST_CHECK;

/* Seals all slots of all copies anew, under the passphrase of `next` and a
 * fresh salt. `between` is called when one slot of every copy is under the new
 * passphrase and the other one under the old: whichever stands where `source`
 * looks, at any moment, opens every copy, and the next keystore_repair goes
 * all the way with it. An error of `between` ends it there. ERR_OUTCOME. */
int keystore_reseal(struct keystore *s, const struct keystore_source *next,
		    int (*between)(void *ctx), void *ctx) MUST_CHECK;

#endif

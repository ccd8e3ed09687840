#ifndef KEYRING_KEYRING_H
#define KEYRING_KEYRING_H

#include "base/entropy.h"
#include "base/id.h"
#include "base/secret.h"
#include "base/timefmt.h"

/*
 * Every key that seals personal data is a slot of one tree: 32 random bytes in
 * a leaf, made with it. Nodes of 124 children are sealed by their parent's
 * key, the root by a key that stands only in the keystore. Destroying slots
 * gives every node on their paths a new key and the keystore a new root, and
 * so no copy of the old tree, wherever it lies, opens them again.
 *
 * Reading keys is for any thread; destroying, growing and rotating is for one
 * thread at a time and lets readers go on until the root changes hands.
 *
 * Source: Reardon, Ritzdorf, Basin, Capkun, "Secure Data Deletion from
 * Persistent Media", CCS 2013; docs/format.md "The key tree".
 */
struct keyring;

typedef uint64_t slot_t;

#define KEYRING_FANOUT 124u
#define SLOT_NONE UINT64_MAX

/* The first leaf: keys of the house, by fixed place. */
enum slot_system {
	SLOT_SYSTEM = 0,     /* jobs, counters, settings */
	SLOT_INDEX_ROUTE = 1, /* which bucket a value belongs to */
	SLOT_CALLS = 2,      /* fingerprints, replies that concern nobody */
	SLOT_PRINCIPALS = 3,
	SLOT_LOG_SIGNER = 4, /* the log's first signing key comes from it */
	SLOT_LOG_HOUSE = 5,  /* commitments of leaves about nobody */
	SLOT_COUNTS = 6,     /* page names in the navigation counts */
	SLOT_LOG_SIGNERS = 24, /* one for each later one, in order */
	SLOT_SYSTEM_END = 124
};

/* Then one slot for each day, computed, never allocated. */
#define KEYRING_DAY_FIRST 18262 /* 2020-01-01 */
#define KEYRING_DAY_END 65744   /* 2150-01-01 */

/* A person's four neighbours. */
enum slot_part {
	SLOT_PROFILE = 0,
	SLOT_ACTIVITY = 1,
	SLOT_BILLING = 2,
	SLOT_LOG = 3,
	SLOT_PARTS = 4
};

#define KEYRING_MIRRORS_MAX 4

struct keyring_config {
	const char *directory;           /* the LMDB environment of the nodes */
	const char *mirrors[KEYRING_MIRRORS_MAX];
	size_t n_mirrors;
	const char *keystore;            /* the file */
	const char *keystore_second;     /* or NULL */
	const char *passphrase_file;     /* or NULL: systemd credential */
	const char *credential;          /* its name, or NULL */
	bool accept_weak_keystore;
	bool cheap_kdf_for_tests; /* a passphrase hash that hinders nobody */
	size_t cache_bytes_max;          /* of leaves; 0: default */
	struct entropy *entropy;
	/* Tests stop the process here: called with each named step of the
	 * two-store commit. NULL outside of tests. */
	void (*step)(const char *name, void *ctx);
	void *step_ctx;
};

/* Makes the tree with the system's and the days' leaves and room for
 * `slots` more, and the keystore (0600). ERR_EXISTS, ERR_CONFIG (a file system
 * on which overwriting in place means nothing), ERR_IO. */
int keyring_create(const struct keyring_config *config, struct id store_id,
		   uint64_t slots) MUST_CHECK;

/*
 * Opens and recovers by the table in docs/format.md. `running` tells which
 * batch the store has RUNNING, {0} when none. ERR_CORRUPT with the reason when
 * only an operator can decide; nothing is changed then. With mirrors all
 * nodes are compared, 4 KiB for 124 slots in each copy.
 */
struct keyring_batch {
	uint64_t id;       /* 0: none */
	uint64_t epoch_to; /* the epoch it leads to */
};

struct keyring_recovery {
	bool batch_done;    /* the running batch destroyed its slots */
	bool batch_again;   /* it must run again */
	unsigned repaired_mirrors;
	unsigned repaired_keystores;
	unsigned mended_nodes; /* rows of a copy, from another where it opens */
	unsigned lost_nodes;   /* that differ, and open in no copy */
	bool unmended_copy;    /* one has no room for it, or LMDB refuses it */
};

int keyring_open(const struct keyring_config *config,
		 struct keyring_batch running, struct keyring **out,
		 struct keyring_recovery *out_recovery) MUST_CHECK;
void keyring_close(struct keyring *k);

/* Gives the keystore, every copy of it, the passphrase that stands in the file
 * `from` (mode 0600), and puts it where passphrase_file was; nobody may have
 * the keyring open. Stopped at any moment, what stands in passphrase_file
 * opens the keystore. ERR_CONFIG: no passphrase, or one that others may read;
 * nothing is changed. ERR_OUTCOME. */
int keyring_change_passphrase(const struct keyring_config *config,
			      const char *from) MUST_CHECK;

/* Opens for keyring_key alone and changes nothing: for auditors, on a stopped
 * instance or a copy. Decides nothing: a batch cut short is seen as the tree
 * shows it. Reads `directory` and no mirror. */
int keyring_open_readonly(const struct keyring_config *config,
			  struct keyring **out) MUST_CHECK;

struct id keyring_store_id(const struct keyring *k);
struct entropy *keyring_entropy(const struct keyring *k);

/* Copies one slot's key. ERR_EXPIRED: destroyed. ERR_NOT_FOUND: not grown. */
int keyring_key(struct keyring *k, slot_t slot, struct key *out) MUST_CHECK;

/* The slot of a day; SLOT_NONE outside of the range. */
slot_t keyring_day_slot(date_t day);

/* First slot after the days, where allocation begins; and the first slot that
 * is not grown yet. Both are multiples of the fan-out. */
slot_t keyring_first_free(void);
slot_t keyring_grown(const struct keyring *k);

/* The epoch of the root, which each batch raises by one. */
uint64_t keyring_epoch(const struct keyring *k);

#define KEYRING_BATCH_SLOTS_MAX 1000000u

/* Steps 2 to 4 of the two-store commit: when it returns 0 the keys of these
 * slots are nowhere. The list may hold dead slots. batch.epoch_to must be
 * keyring_epoch() + 1, else ERR_STATE. ERR_OUTCOME: stop and recover; after
 * any other error nothing is changed. bytes_written counts nodes, slots and
 * keystore, not LMDB's own pages. */
struct keyring_destroyed {
	uint64_t epoch;
	uint64_t nodes;
	uint64_t bytes_written;
	uint8_t root_hash[32]; /* BLAKE2b-256 of the new sealed root */
	bool weak_keystore;
};

int keyring_destroy(struct keyring *k, struct keyring_batch batch,
		    const slot_t *slots, size_t n,
		    struct keyring_destroyed *out) MUST_CHECK;

/* Adds leaves until at least `slots` lie beyond `from`. A batch of its own
 * that destroys nothing but old node keys. */
int keyring_grow(struct keyring *k, slot_t from, uint64_t slots) MUST_CHECK;

/* Gives at most `nodes` leaves, and every node above them, new keys; *out_left
 * counts the nodes that still have a key from before the rotation began: 0 at
 * the end. Resumable: a rotation begins when none is left of an earlier one.
 * With `nodes` 0 it only counts. */
int keyring_rotate(struct keyring *k, uint64_t nodes,
		   uint64_t *out_left) MUST_CHECK;

/* A key of the keystore's own, for what must be outside of the tree: label
 * "head" authenticates the last checkpoint. */
int keyring_outer_key(struct keyring *k, const char *label,
		      struct key *out) MUST_CHECK;

struct keyring_status {
	uint64_t epoch;
	uint64_t nodes;
	slot_t grown;
	uint64_t cache_bytes;
	uint64_t rotation_left;
	/* Since it was opened: nodes that a key was looked for in, each one
	 * read from LMDB and one opening; and what batches, growth and
	 * rotation wrote, as keyring_destroyed counts it. */
	uint64_t nodes_opened;
	uint64_t nodes_written;
	uint64_t bytes_written;
	unsigned mirrors;
	unsigned keystores;
	unsigned keystore_slots; /* that opened: two of each */
	bool weak_keystore;
	bool unlocked_memory;
	char keystore_class[16]; /* "file" */
};

void keyring_status(struct keyring *k, struct keyring_status *out);

#endif

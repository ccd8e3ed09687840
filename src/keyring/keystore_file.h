#ifndef KEYRING_KEYSTORE_FILE_H
#define KEYRING_KEYSTORE_FILE_H

#include "keyring/keystore.h"

/*
 * A copy of the keystore: two slots, KEYSTORE_SLOT_DISTANCE_BYTES apart, that
 * are overwritten where they lie.
 */
#define KEYSTORE_SLOTS 2

/* Whether the place cannot forget what was overwritten: *out_weak is set then,
 * else left alone. ERR_CONFIG when that is not accepted. */
int keystore_file_weak(const char *path, bool accept,
		       bool *out_weak) MUST_CHECK;

/* A new file with all its blocks, both slots empty; the descriptor is the
 * caller's and writes through. ERR_EXISTS, ERR_IO. */
int keystore_file_make(const char *path, int *out_fd) MUST_CHECK;

/* How many bytes of the slot could be read: a lost one is a short one. */
size_t keystore_file_read(int fd, int slot, uint8_t out[KEYSTORE_SLOT_BYTES]);

/* ERR_OUTCOME: what the slot holds is not known. */
int keystore_file_write(int fd, int slot,
			const uint8_t bytes[KEYSTORE_SLOT_BYTES]) MUST_CHECK;

/* Syncs the folder that the path names a file in. ERR_IO. */
int keystore_directory_sync(const char *path) MUST_CHECK;

#endif

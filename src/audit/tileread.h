#ifndef AUDIT_TILEREAD_H
#define AUDIT_TILEREAD_H

#include "audit/merkle.h"
#include "audit/tilepath.h"
#include "base/buf.h"

/*
 * Reads hashes and entries from a log's files, as a published log lets anyone
 * do it; also while a writer goes on. Keeps a few tiles in memory. Trusts
 * nothing it reads for true: proofs made from it are checked by who uses them.
 * A reader serves one thread.
 */
struct tile_reader;

/* ERR_NOT_FOUND without such a folder, ERR_NOMEM. */
int tile_reader_open(const char *folder, struct tile_reader **out) MUST_CHECK;
void tile_reader_close(struct tile_reader *r);

/* The root of the full subtree of 2^level leaves beginning at leaf
 * index * 2^level, in a log of `size` leaves. ERR_INVALID when it reaches past
 * `size`, ERR_CORRUPT when the tile is missing or short. */
int tile_reader_hash(struct tile_reader *r, uint64_t size, unsigned level,
		     uint64_t index, struct hash *out) MUST_CHECK;

/* A source for roots and proofs of the tree of `size` leaves. It borrows the
 * reader, and holds for one size at a time. */
struct merkle_source tile_reader_source(struct tile_reader *r, uint64_t size);

/* Appends the bytes of entry `index`. ERR_INVALID, ERR_CORRUPT. */
int tile_reader_entry(struct tile_reader *r, uint64_t size, uint64_t index,
		      struct buf *out) MUST_CHECK;

#endif

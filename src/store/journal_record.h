#ifndef STORE_JOURNAL_RECORD_H
#define STORE_JOURNAL_RECORD_H

#include "base/bytes.h"
#include "base/err.h"

/*
 * One group in the journal: u64 checksum, u32 magic, u32 payload length, u64
 * sequence, payload; padded with zeros to whole blocks, so that a block that
 * was synced is never written again and a torn write harms its own group only.
 *
 * The checksum is SipHash-2-4 over all that follows it, keyed with the
 * journal's incarnation. It tells torn and stale bytes from written ones:
 * records of another incarnation do not pass, nor does a record that somebody
 * hid in a value. 64 bits are enough for that, at twice the speed of BLAKE2b;
 * whoever can write to the disk reads the incarnation there, and is the log's
 * concern, not the checksum's.
 */
#define RECORD_HEAD_BYTES 24
#define RECORD_BLOCK_BYTES 4096
#define INCARNATION_BYTES 16

struct incarnation {
	uint8_t b[INCARNATION_BYTES];
};

static inline size_t
journal_record_padded_bytes(size_t payload_n)
{
	return (RECORD_HEAD_BYTES + payload_n + RECORD_BLOCK_BYTES - 1) /
	       RECORD_BLOCK_BYTES * RECORD_BLOCK_BYTES;
}

/* Writes the head before the payload that stands behind it. */
void journal_record_seal(const struct incarnation *incarnation,
			 uint64_t sequence, uint8_t *record, size_t payload_n);

struct record {
	uint64_t sequence;
	struct bytes payload; /* borrowed */
};

/* Whether a whole record begins here. */
bool journal_record_read(const struct incarnation *incarnation,
			 struct bytes from, struct record *out);

/*
 * Every whole record of a segment, wherever it begins: bad blocks are passed
 * over, since a good record behind one tells damage from a torn tail. `then`
 * gets each with its offset and stops the scan by returning other than 0.
 */
typedef int record_fn(void *ctx, size_t at, const struct record *record);
int journal_record_scan(const struct incarnation *incarnation,
			struct bytes segment, record_fn *then,
			void *ctx) MUST_CHECK;

#endif

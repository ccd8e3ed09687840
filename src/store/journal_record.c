/* The journal's records as bytes; files and their order are journal.c's. */

#include "store/journal_record.h"

#include <assert.h>
#include <sodium.h>

#include "base/pack.h"

#define MAGIC 0x4e4a5231u /* NJR1 */
#define AT_MAGIC 8
#define AT_LENGTH 12
#define AT_SEQUENCE 16

_Static_assert(crypto_shorthash_KEYBYTES == INCARNATION_BYTES, "key");
_Static_assert(crypto_shorthash_BYTES == AT_MAGIC, "checksum");

void
journal_record_seal(const struct incarnation *incarnation, uint64_t sequence,
		    uint8_t *record, size_t payload_n)
{
	assert(payload_n <= UINT32_MAX);
	put_u32(record + AT_MAGIC, MAGIC);
	put_u32(record + AT_LENGTH, (uint32_t)payload_n);
	put_u64(record + AT_SEQUENCE, sequence);
	(void)crypto_shorthash(record, record + AT_MAGIC,
			       RECORD_HEAD_BYTES - AT_MAGIC + payload_n,
			       incarnation->b);
}

bool
journal_record_read(const struct incarnation *incarnation, struct bytes from,
		    struct record *out)
{
	uint8_t sum[crypto_shorthash_BYTES];
	size_t n;

	if (from.n < RECORD_HEAD_BYTES || get_u32(from.p + AT_MAGIC) != MAGIC) {
		return false;
	}
	n = get_u32(from.p + AT_LENGTH);
	if (n > from.n - RECORD_HEAD_BYTES) {
		return false;
	}
	(void)crypto_shorthash(sum, from.p + AT_MAGIC,
			       RECORD_HEAD_BYTES - AT_MAGIC + n,
			       incarnation->b);
	if (memcmp(sum, from.p, sizeof(sum)) != 0) {
		return false;
	}
	out->sequence = get_u64(from.p + AT_SEQUENCE);
	out->payload = bytes_of(from.p + RECORD_HEAD_BYTES, n);
	return true;
}

int
journal_record_scan(const struct incarnation *incarnation, struct bytes segment,
		    record_fn *then, void *ctx)
{
	size_t at = 0;

	while (at < segment.n) {
		struct bytes rest = bytes_of(segment.p + at, segment.n - at);
		struct record record;
		int rc;

		if (!journal_record_read(incarnation, rest, &record)) {
			at += RECORD_BLOCK_BYTES;
			continue;
		}
		rc = then(ctx, at, &record);
		if (rc != 0) {
			return rc;
		}
		at += journal_record_padded_bytes(record.payload.n);
	}
	return 0;
}

/* Aims at journal_record_scan, journal_record_read and write_set_unpack. The
 * bytes are a segment as they are, a segment whose records have been given
 * right checksums, and the payload of a group; what is understood of the last
 * is packed again and understood again. */
// links: ninety_store ninety_base

#include "base/pack.h"
#include "fuzz.h"
#include "store/journal_record.h"
#include "store/write_set.h"

#define SET_BYTES_MAX ((size_t)4 << 20)
#define SEGMENT_BYTES ((size_t)16 * RECORD_BLOCK_BYTES)
#define AT_LENGTH 12
#define AT_SEQUENCE 16

static const struct incarnation incarnation = {{1, 2, 3, 4}};

struct seen {
	size_t end; /* of the record before */
	size_t n;
	const uint8_t *segment;
	size_t segment_n;
};

static int
see_record(void *ctx, size_t at, const struct record *record)
{
	struct seen *seen = ctx;

	FUZZ_ASSERT(at % RECORD_BLOCK_BYTES == 0 && at >= seen->end);
	FUZZ_ASSERT(record->payload.p ==
		    seen->segment + at + RECORD_HEAD_BYTES);
	FUZZ_ASSERT(record->payload.n <=
		    seen->segment_n - at - RECORD_HEAD_BYTES);
	seen->end = at + RECORD_HEAD_BYTES + record->payload.n;
	seen->n++;
	return 0;
}

static size_t
scan(const uint8_t *p, size_t n)
{
	struct seen seen = {0, 0, p, n};

	FUZZ_ASSERT(journal_record_scan(&incarnation, bytes_of(p, n),
					see_record, &seen) == 0);
	return seen.n;
}

/* Spreads the bytes over blocks and seals a record at the start of each whose
 * first byte is odd, of the length that the bytes say. */
static void
scan_sealed(const uint8_t *data, size_t n)
{
	static uint8_t segment[SEGMENT_BYTES];
	size_t sealed = 0;

	memset(segment, 0, sizeof(segment));
	for (size_t at = 0; at + RECORD_BLOCK_BYTES <= sizeof(segment);
	     at += RECORD_BLOCK_BYTES) {
		size_t from = at / 64;
		size_t room = sizeof(segment) - at - RECORD_HEAD_BYTES;
		size_t payload_n;

		if (from + RECORD_HEAD_BYTES > n || (data[from] & 1) == 0) {
			continue;
		}
		payload_n = get_u32(data + from + AT_LENGTH) % (room + 1);
		memcpy(segment + at, data + from, RECORD_HEAD_BYTES);
		journal_record_seal(&incarnation,
				    get_u64(data + from + AT_SEQUENCE),
				    segment + at, payload_n);
		sealed++;
	}
	/* Later ones may have been written into earlier ones. */
	FUZZ_ASSERT(scan(segment, sizeof(segment)) <= sealed);
	FUZZ_ASSERT(sealed == 0 || scan(segment, sizeof(segment)) > 0);
}

static void
pack_again(const struct write_set *w)
{
	struct write_set *again = write_set_new(SET_BYTES_MAX);
	struct buf first;
	struct buf second;

	buf_init(&first, SET_BYTES_MAX);
	buf_init(&second, SET_BYTES_MAX);
	FUZZ_ASSERT(again != NULL);
	FUZZ_ASSERT(write_set_pack(w, &first) == 0);
	FUZZ_ASSERT(write_set_unpack(again, buf_bytes(&first)) == 0);
	FUZZ_ASSERT(write_set_rows(again) == write_set_rows(w));
	FUZZ_ASSERT(write_set_pack(again, &second) == 0);
	FUZZ_ASSERT(bytes_equal(buf_bytes(&first), buf_bytes(&second)));
	buf_clear(&first);
	buf_clear(&second);
	write_set_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct write_set *w = write_set_new(SET_BYTES_MAX);

	FUZZ_ASSERT(w != NULL);
	(void)scan(data, n);
	scan_sealed(data, n);
	if (write_set_unpack(w, bytes_of(data, n)) == 0) {
		pack_again(w);
	}
	write_set_free(w);
	return 0;
}

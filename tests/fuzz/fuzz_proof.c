/* Aims at proof_parse, receipt_decode, receipt_check. A file that parses is
 * printed again byte by byte; none verifies under a key that signed nothing. */
// links: ninety_audit ninety_base

#include "audit/proof.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t nobody[NOTE_PUBLIC_BYTES] = {0x58, 0x66};
	struct bytes from = bytes_of(data, n);
	struct receipt_says says;
	struct note_verifier v;
	struct buf extra, again;
	struct proof_file p;
	struct receipt r;

	buf_init(&extra, PROOF_EXTRA_BYTES_MAX);
	buf_init(&again, PROOF_BYTES_MAX);
	if (proof_parse(from, &extra, &p) == 0) {
		FUZZ_ASSERT(proof_print(&p, &again) == 0);
		FUZZ_ASSERT(bytes_equal(buf_bytes(&again), from));
		buf_reset(&again);
		if (receipt_decode(p.extra, &r) == 0) {
			FUZZ_ASSERT(receipt_encode(&r, &again) == 0);
			FUZZ_ASSERT(bytes_equal(buf_bytes(&again), p.extra));
		}
	}
	FUZZ_ASSERT(note_verifier_make("ninety.example/fuzz", nobody, &v) ==
		    0);
	FUZZ_ASSERT(receipt_check(from, &v, 1, &extra, &says) != 0);
	buf_clear(&extra);
	buf_clear(&again);
	return 0;
}

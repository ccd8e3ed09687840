/* Aims at head_slot_decode. The slot is taken as it comes, which must fail,
 * and once more with the right MAC over it: what then decodes encodes to the
 * same slot, zero padding aside. */
// links: ninety_audit ninety_base ninety::dep::sodium

#include <sodium.h>

#include "audit/head.h"
#include "fuzz.h"

#define MAC_BYTES 32
#define AT_MAC (HEAD_SLOT_BYTES - MAC_BYTES)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct key mac = {{7}};
	uint8_t slot[HEAD_SLOT_BYTES] = {0};
	uint8_t again[HEAD_SLOT_BYTES];
	struct head_slot s;

	memcpy(slot, data, n < sizeof(slot) ? n : sizeof(slot));
	if (head_slot_decode(slot, &mac, &s) == 0) {
		FUZZ_ASSERT(s.note_bytes <= HEAD_NOTE_BYTES_MAX);
	}
	(void)crypto_generichash_blake2b(slot + AT_MAC, MAC_BYTES, slot,
					 AT_MAC, mac.b, KEY_BYTES);
	if (head_slot_decode(slot, &mac, &s) != 0) {
		return 0;
	}
	head_slot_encode(&s, &mac, again);
	FUZZ_ASSERT(memcmp(again, slot, 20 + s.note_bytes) == 0);
	return 0;
}

/* Aims at keystore_header_decode, keystore_slot_decode. The input is a slot as
 * it may lie in the file, and once more the plaintext of one that opens: what
 * is taken is built again the same. */
// links: ninety_keyring

#include "fuzz.h"
#include "keyring/aead.h"
#include "keyring/keystore.h"

static const struct key kek = {{7}};

static void
as_plaintext(const uint8_t *data, size_t n)
{
	static const struct keystore_header header = {
		.kdf = {.operations = 1, .memory_bytes = 8192}};
	uint8_t slot[KEYSTORE_SLOT_BYTES];
	uint8_t plain[KEYSTORE_PLAIN_BYTES] = {0};
	struct keystore_content content = {
		.state = KEYSTORE_STABLE, .sequence = 1, .epoch = 1};
	int rc;

	memcpy(plain, data, n < sizeof(plain) ? n : sizeof(plain));
	keystore_slot_encode(&header, &content, &kek, entropy_system(), slot);
	aead_seal(&kek, NULL, bytes_of(slot, KEYSTORE_HEADER_BYTES),
		  bytes_of(plain, sizeof(plain)), entropy_system(),
		  slot + KEYSTORE_HEADER_BYTES);
	rc = keystore_slot_decode(bytes_of(slot, sizeof(slot)), &kek, &content);
	FUZZ_ASSERT(rc == 0 || rc == ERR_CORRUPT);
	if (rc == 0) {
		struct keystore_content again;

		keystore_slot_encode(&header, &content, &kek, entropy_system(),
				     slot);
		FUZZ_ASSERT(keystore_slot_decode(bytes_of(slot, sizeof(slot)),
						 &kek, &again) == 0);
		FUZZ_ASSERT(again.state == content.state &&
			    again.sequence == content.sequence &&
			    again.epoch == content.epoch &&
			    again.batch == content.batch &&
			    secret_equal(&again.root, &content.root,
					 3 * KEY_BYTES));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct keystore_content content;
	struct keystore_header header;
	int rc = secret_init();

	FUZZ_ASSERT(rc == 0);
	rc = keystore_header_decode(bytes_of(data, n), &header);
	FUZZ_ASSERT(rc == 0 || rc == ERR_CORRUPT);
	rc = keystore_slot_decode(bytes_of(data, n), &kek, &content);
	FUZZ_ASSERT(rc == ERR_SEAL || rc == ERR_CORRUPT);
	as_plaintext(data, n);
	return 0;
}

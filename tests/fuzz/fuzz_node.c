/* Aims at node_header_get, node_open, node_commits, tree_head_decode. The input
 * is a row of the key tree; under a key that did not seal it none opens. */
// links: ninety_keyring ninety::dep::lmdb

#include "fuzz.h"
#include "keyring/tree.h"

static const struct key key = {{9}};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct id store_id = {{3}};
	const struct bytes row = bytes_of(data, n);
	uint8_t plain[NODE_PLAIN_BYTES];
	uint8_t sealed[NODE_BYTES];
	uint8_t bytes[TREE_HEAD_BYTES];
	struct node_header header;
	struct tree_head head;

	FUZZ_ASSERT(secret_init() == 0);
	FUZZ_ASSERT(!node_commits(&key, store_id, row));
	if (node_header_get(row, &header) == 0) {
		FUZZ_ASSERT(header.level < NODE_LEVELS);
		FUZZ_ASSERT(node_open(&key, header.level, header.index,
				      store_id, row, plain) == ERR_SEAL);
		/* The same header with our own seal opens. */
		memset(plain, 1, sizeof(plain));
		node_seal(&key, &header, store_id, plain, entropy_system(),
			  sealed);
		FUZZ_ASSERT(memcmp(sealed, data, NODE_HEADER_BYTES) == 0);
		FUZZ_ASSERT(node_open(&key, header.level, header.index,
				      store_id,
				      bytes_of(sealed, sizeof(sealed)),
				      plain) == 0);
	}
	FUZZ_ASSERT(tree_head_decode(row, &key, &head) != 0);
	if (tree_head_decode(row, NULL, &head) == 0) {
		tree_head_encode(&head, &key, bytes);
		FUZZ_ASSERT(tree_head_decode(bytes_of(bytes, sizeof(bytes)),
					     &key, &head) == 0);
	}
	return 0;
}

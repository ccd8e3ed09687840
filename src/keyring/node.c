/* Tree nodes as bytes: header, seal, place. Pure; what is read and written,
 * and when, is up to tree and erase. */

#include "base/pack.h"
#include "keyring/node.h"

static const uint8_t node_magic[4] = {'N', '9', 'K', 'N'};

#define NODE_VERSION 1
#define NODE_AAD_BYTES (NODE_HEADER_BYTES + ID_BYTES)

_Static_assert(NODE_BYTES == 4064, "a node fills one overflow page of LMDB");
_Static_assert(NODE_LEAVES_MAX <= 1u << 24, "an index has three bytes");

void
node_place(uint8_t level, uint64_t index, uint8_t out[NODE_KEY_BYTES])
{
	put_u32(out, (uint32_t)index);
	out[0] = level;
}

static void
node_header_put(const struct node_header *h, uint8_t out[NODE_HEADER_BYTES])
{
	memcpy(out, node_magic, sizeof(node_magic));
	out[4] = NODE_VERSION;
	out[5] = h->level;
	put_u16(out + 6, 0);
	put_u64(out + 8, h->index);
	put_u64(out + 16, h->epoch);
}

int
node_header_get(struct bytes sealed, struct node_header *out)
{
	struct node_header h = {0};

	if (sealed.n != NODE_BYTES ||
	    memcmp(sealed.p, node_magic, sizeof(node_magic)) != 0 ||
	    sealed.p[4] != NODE_VERSION || sealed.p[5] >= NODE_LEVELS ||
	    get_u16(sealed.p + 6) != 0) {
		return err_set(ERR_CORRUPT, "no tree node");
	}
	h.level = sealed.p[5];
	h.index = get_u64(sealed.p + 8);
	h.epoch = get_u64(sealed.p + 16);
	if (h.index >= NODE_LEAVES_MAX || h.epoch == 0) {
		return err_set(ERR_CORRUPT, "no tree node");
	}
	*out = h;
	return 0;
}

static struct bytes
node_aad(struct bytes header, struct id store_id,
	 uint8_t aad[NODE_AAD_BYTES])
{
	memcpy(aad, header.p, NODE_HEADER_BYTES);
	memcpy(aad + NODE_HEADER_BYTES, store_id.b, ID_BYTES);
	return bytes_of(aad, NODE_AAD_BYTES);
}

void
node_seal(const struct key *key, const struct node_header *header,
	  struct id store_id, const uint8_t plain[NODE_PLAIN_BYTES],
	  struct entropy *entropy, uint8_t out[NODE_BYTES])
{
	uint8_t aad[NODE_AAD_BYTES];

	node_header_put(header, out);
	aead_seal(key, NULL,
		  node_aad(bytes_of(out, NODE_HEADER_BYTES), store_id, aad),
		  bytes_of(plain, NODE_PLAIN_BYTES), entropy,
		  out + NODE_HEADER_BYTES);
}

static struct bytes
node_body(struct bytes sealed)
{
	return bytes_of(sealed.p + NODE_HEADER_BYTES,
			sealed.n - NODE_HEADER_BYTES);
}

int
node_open(const struct key *key, uint8_t level, uint64_t index,
	  struct id store_id, struct bytes sealed,
	  uint8_t out_plain[NODE_PLAIN_BYTES])
{
	uint8_t aad[NODE_AAD_BYTES];
	struct node_header h = {0};
	int rc = node_header_get(sealed, &h);

	if (rc != 0) {
		return rc;
	}
	if (h.level != level || h.index != index) {
		return err_set(ERR_CORRUPT, "a tree node in another's place");
	}
	return aead_open(key, NULL, node_aad(sealed, store_id, aad),
			 node_body(sealed), out_plain);
}

bool
node_commits(const struct key *key, struct id store_id, struct bytes sealed)
{
	uint8_t aad[NODE_AAD_BYTES];

	return sealed.n == NODE_BYTES &&
	       aead_commits(key, NULL, node_aad(sealed, store_id, aad),
			    node_body(sealed));
}

bool
key_is_zero(const struct key *key)
{
	uint64_t any = 0;

	/* All bytes, whatever they are: the time says nothing of them. */
	for (size_t i = 0; i < KEY_BYTES; i += sizeof(any)) {
		uint64_t word;

		memcpy(&word, key->b + i, sizeof(word));
		any |= word;
	}
	return any == 0;
}

uint64_t
node_ancestor(uint64_t leaf, uint8_t level)
{
	for (uint8_t i = 0; i < level; i++) {
		leaf /= KEYRING_FANOUT;
	}
	return leaf;
}

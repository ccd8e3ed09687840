/* Parts of keys, big-endian, so that bytewise order is numeric order. */

#include <assert.h>

#include "base/pack.h"
#include "store/keyspace.h"

void
key_raw(struct key_maker *k, const void *p, size_t n)
{
	assert(n <= sizeof(k->b) - k->n);
	if (n > 0) {
		memcpy(k->b + k->n, p, n);
	}
	k->n += n;
}

void
key_u8(struct key_maker *k, uint8_t v)
{
	key_raw(k, &v, 1);
}

void
key_u16(struct key_maker *k, uint16_t v)
{
	uint8_t b[2];

	put_u16(b, v);
	key_raw(k, b, sizeof(b));
}

void
key_u32(struct key_maker *k, uint32_t v)
{
	uint8_t b[4];

	put_u32(b, v);
	key_raw(k, b, sizeof(b));
}

void
key_u64(struct key_maker *k, uint64_t v)
{
	uint8_t b[8];

	put_u64(b, v);
	key_raw(k, b, sizeof(b));
}

void
key_id(struct key_maker *k, struct id id)
{
	key_raw(k, id.b, sizeof(id.b));
}

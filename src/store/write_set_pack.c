/*
 * A write set as the journal holds it. A row is a head of two bytes (table 6
 * bits, put 1, key length 9), for a put u24 value length, key, value. Tables
 * in order of their numbers, keys in bytewise order, so that unpacking
 * appends.
 */
#include <assert.h>

#include "base/pack.h"
#include "store/write_set.h"

#define DEL_HEAD_BYTES 2
#define PUT_HEAD_BYTES 5
#define TABLE_SHIFT 10
#define PUT_BIT (1u << 9)
#define KEY_MASK (PUT_BIT - 1)

_Static_assert(TABLE_END <= 1 << (16 - TABLE_SHIFT), "tables have six bits");
_Static_assert(KEY_BYTES_MAX <= KEY_MASK, "keys have nine");
_Static_assert(VALUE_BYTES_MAX < 1 << 24, "values have three bytes");

size_t
write_set_packed_bytes(const struct write_set *w)
{
	return write_set_bytes(w) + write_set_rows(w) * PUT_HEAD_BYTES;
}

static uint8_t *
row_pack(uint8_t *p, enum table t, const struct write_set_row *row)
{
	put_u16(p, (uint16_t)((unsigned)t << TABLE_SHIFT |
			      (row->is_deleted ? 0 : PUT_BIT) | row->key.n));
	p += DEL_HEAD_BYTES;
	if (!row->is_deleted) {
		p[0] = (uint8_t)(row->value.n >> 16);
		put_u16(p + 1, (uint16_t)row->value.n);
		p += PUT_HEAD_BYTES - DEL_HEAD_BYTES;
	}
	memcpy(p, row->key.p, row->key.n);
	p += row->key.n;
	if (row->value.n > 0) {
		memcpy(p, row->value.p, row->value.n);
		p += row->value.n;
	}
	return p;
}

int
write_set_pack(const struct write_set *w, struct buf *to)
{
	uint8_t *p = buf_room(to, write_set_packed_bytes(w));
	const uint8_t *start = p;

	if (write_set_rows(w) == 0) {
		return 0;
	}
	if (p == NULL) {
		return err_set(ERR_TOO_LARGE, "no room in the group");
	}
	for (enum table t = 0; t < TABLE_END; t++) {
		const struct write_set_row *row =
			write_set_seek(w, t, bytes_of(NULL, 0), false);

		for (; row != NULL; row = write_set_step(row, false)) {
			p = row_pack(p, t, row);
		}
	}
	assert((size_t)(p - start) <= write_set_packed_bytes(w));
	buf_grown(to, (size_t)(p - start));
	return 0;
}

bool
write_set_unpack_row(struct bytes *from, struct packed_row *out)
{
	struct bytes b = *from;
	size_t head = DEL_HEAD_BYTES;
	size_t key_n;
	size_t value_n = 0;
	unsigned bits;

	if (b.n < DEL_HEAD_BYTES) {
		return false;
	}
	bits = get_u16(b.p);
	key_n = bits & KEY_MASK;
	if ((bits & PUT_BIT) != 0) {
		head = PUT_HEAD_BYTES;
		if (b.n < head) {
			return false;
		}
		value_n = (size_t)b.p[2] << 16 | get_u16(b.p + 3);
	}
	if (bits >> TABLE_SHIFT >= TABLE_END || key_n == 0 ||
	    value_n > VALUE_BYTES_MAX || head + key_n + value_n > b.n) {
		return false;
	}
	*out = (struct packed_row){
		.table = (enum table)(bits >> TABLE_SHIFT),
		.is_deleted = (bits & PUT_BIT) == 0,
		.key = bytes_of(b.p + head, key_n),
		.value = bytes_of(b.p + head + key_n, value_n),
	};
	*from = bytes_of(b.p + head + key_n + value_n,
			 b.n - head - key_n - value_n);
	return true;
}

int
write_set_unpack(struct write_set *w, struct bytes from)
{
	struct packed_row row;
	int rc = 0;

	while (rc == 0 && from.n > 0) {
		if (!write_set_unpack_row(&from, &row)) {
			return err_set(ERR_CORRUPT,
				       "a stored row is malformed");
		}
		rc = row.is_deleted
			     ? write_set_del(w, row.table, row.key)
			     : write_set_put(w, row.table, row.key, row.value);
	}
	return rc;
}

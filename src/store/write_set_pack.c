/*
 * A write set as the journal holds it: for each row u8 table, u8 kind, u16 key
 * length, u32 value length, key, value. Tables in order of their numbers, keys
 * in bytewise order, so that unpacking appends.
 */
#include <assert.h>

#include "base/pack.h"
#include "store/write_set.h"

#define ROW_HEAD_BYTES 8

enum row_kind { ROW_PUT = 1, ROW_DEL = 2 };

size_t
write_set_packed_bytes(const struct write_set *w)
{
	return write_set_bytes(w) + write_set_rows(w) * ROW_HEAD_BYTES;
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
			p[0] = (uint8_t)t;
			p[1] = row->is_deleted ? ROW_DEL : ROW_PUT;
			put_u16(p + 2, (uint16_t)row->key.n);
			put_u32(p + 4, (uint32_t)row->value.n);
			memcpy(p + ROW_HEAD_BYTES, row->key.p, row->key.n);
			p += ROW_HEAD_BYTES + row->key.n;
			if (row->value.n > 0) {
				memcpy(p, row->value.p, row->value.n);
				p += row->value.n;
			}
		}
	}
	assert((size_t)(p - start) == write_set_packed_bytes(w));
	buf_grown(to, (size_t)(p - start));
	return 0;
}

int
write_set_unpack(struct write_set *w, struct bytes from)
{
	struct unpacker u = {from, 0};

	while (u.rc == 0 && u.from.n > 0) {
		uint8_t table = unpack_u8(&u);
		uint8_t kind = unpack_u8(&u);
		uint16_t key_n = unpack_u16(&u);
		uint32_t value_n = unpack_u32(&u);
		struct bytes key = unpack_raw(&u, key_n);
		struct bytes value = unpack_raw(&u, value_n);
		int rc;

		if (u.rc != 0) {
			break;
		}
		if (table >= TABLE_END || key_n == 0 || key_n > KEY_BYTES_MAX ||
		    value_n > VALUE_BYTES_MAX ||
		    (kind != ROW_PUT && (kind != ROW_DEL || value_n != 0))) {
			return err_set(ERR_CORRUPT,
				       "a stored row is malformed");
		}
		rc = kind == ROW_PUT
			     ? write_set_put(w, (enum table)table, key, value)
			     : write_set_del(w, (enum table)table, key);
		if (rc != 0) {
			return rc;
		}
	}
	return unpack_end(&u);
}

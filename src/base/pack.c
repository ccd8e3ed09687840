/* Big-endian cursors with a sticky error. */

#include "base/arena.h"
#include "base/pack.h"

#define TEXT_NULL 0xffffffffu

void
put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void
put_u32(uint8_t *p, uint32_t v)
{
	put_u16(p, (uint16_t)(v >> 16));
	put_u16(p + 2, (uint16_t)v);
}

void
put_u64(uint8_t *p, uint64_t v)
{
	put_u32(p, (uint32_t)(v >> 32));
	put_u32(p + 4, (uint32_t)v);
}

uint16_t
get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t
get_u32(const uint8_t *p)
{
	return (uint32_t)get_u16(p) << 16 | get_u16(p + 2);
}

uint64_t
get_u64(const uint8_t *p)
{
	return (uint64_t)get_u32(p) << 32 | get_u32(p + 4);
}

void
pack_raw(struct packer *p, const void *b, size_t n)
{
	if (p->rc == 0) {
		p->rc = buf_put(p->to, b, n);
	}
}

void
pack_u8(struct packer *p, uint8_t v)
{
	pack_raw(p, &v, 1);
}

void
pack_u16(struct packer *p, uint16_t v)
{
	uint8_t b[2];

	put_u16(b, v);
	pack_raw(p, b, sizeof(b));
}

void
pack_u32(struct packer *p, uint32_t v)
{
	uint8_t b[4];

	put_u32(b, v);
	pack_raw(p, b, sizeof(b));
}

void
pack_u64(struct packer *p, uint64_t v)
{
	uint8_t b[8];

	put_u64(b, v);
	pack_raw(p, b, sizeof(b));
}

void
pack_i64(struct packer *p, int64_t v)
{
	pack_u64(p, (uint64_t)v);
}

void
pack_id(struct packer *p, struct id v)
{
	pack_raw(p, v.b, sizeof(v.b));
}

void
pack_bytes(struct packer *p, struct bytes b)
{
	if (p->rc == 0 && b.n >= TEXT_NULL) {
		p->rc = err_set(ERR_TOO_LARGE, "%zu bytes to pack", b.n);
		return;
	}
	pack_u32(p, (uint32_t)b.n);
	pack_raw(p, b.p, b.n);
}

void
pack_text(struct packer *p, const char *s)
{
	if (s == NULL) {
		pack_u32(p, TEXT_NULL);
		return;
	}
	pack_bytes(p, bytes_str(s));
}

struct bytes
unpack_raw(struct unpacker *u, size_t n)
{
	struct bytes b = {NULL, 0};

	if (u->rc != 0) {
		return b;
	}
	if (u->from.n < n) {
		u->rc = err_set(ERR_CORRUPT, "stored bytes end early");
		return b;
	}
	b = bytes_of(u->from.p, n);
	u->from.p += n;
	u->from.n -= n;
	return b;
}

uint8_t
unpack_u8(struct unpacker *u)
{
	struct bytes b = unpack_raw(u, 1);

	return b.n == 0 ? 0 : b.p[0];
}

uint16_t
unpack_u16(struct unpacker *u)
{
	struct bytes b = unpack_raw(u, 2);

	return b.n == 0 ? 0 : get_u16(b.p);
}

uint32_t
unpack_u32(struct unpacker *u)
{
	struct bytes b = unpack_raw(u, 4);

	return b.n == 0 ? 0 : get_u32(b.p);
}

uint64_t
unpack_u64(struct unpacker *u)
{
	struct bytes b = unpack_raw(u, 8);

	return b.n == 0 ? 0 : get_u64(b.p);
}

int64_t
unpack_i64(struct unpacker *u)
{
	return (int64_t)unpack_u64(u);
}

struct id
unpack_id(struct unpacker *u)
{
	struct bytes b = unpack_raw(u, ID_BYTES);
	struct id v = {{0}};

	if (b.n == ID_BYTES) {
		memcpy(v.b, b.p, ID_BYTES);
	}
	return v;
}

struct bytes
unpack_bytes(struct unpacker *u)
{
	return unpack_raw(u, unpack_u32(u));
}

const char *
unpack_text(struct unpacker *u, struct arena *a)
{
	uint32_t n = unpack_u32(u);
	struct bytes b;
	const char *s;

	if (u->rc != 0 || n == TEXT_NULL) {
		return NULL;
	}
	b = unpack_raw(u, n);
	if (u->rc == 0 && b.n > 0 && memchr(b.p, '\0', b.n) != NULL) {
		u->rc = err_set(ERR_CORRUPT, "a stored text holds a NUL");
	}
	if (u->rc != 0) {
		return NULL;
	}
	s = arena_text(a, (const char *)b.p, b.n);
	if (s == NULL) {
		u->rc = ERR_NOMEM;
	}
	return s;
}

int
unpack_end(struct unpacker *u)
{
	if (u->rc == 0 && u->from.n != 0) {
		u->rc = err_set(ERR_CORRUPT, "%zu stored bytes too many",
				u->from.n);
	}
	return u->rc;
}

#ifndef BASE_PACK_H
#define BASE_PACK_H

#include "base/buf.h"
#include "base/id.h"

/*
 * Stored and internal bytes: big-endian integers, length-prefixed strings.
 * Errors stick: write or read everything, then ask once.
 */
struct packer {
	struct buf *to;
	int rc;
};

void pack_u8(struct packer *p, uint8_t v);
void pack_u16(struct packer *p, uint16_t v);
void pack_u32(struct packer *p, uint32_t v);
void pack_u64(struct packer *p, uint64_t v);
void pack_i64(struct packer *p, int64_t v);
void pack_id(struct packer *p, struct id v);
void pack_raw(struct packer *p, const void *b, size_t n);
/* u32 length and the bytes. */
void pack_bytes(struct packer *p, struct bytes b);
/* As pack_bytes; NULL is written as the length 0xffffffff. */
void pack_text(struct packer *p, const char *s);

struct unpacker {
	struct bytes from; /* what is left */
	int rc;            /* 0 or ERR_CORRUPT */
};

struct arena;

uint8_t unpack_u8(struct unpacker *u);
uint16_t unpack_u16(struct unpacker *u);
uint32_t unpack_u32(struct unpacker *u);
uint64_t unpack_u64(struct unpacker *u);
int64_t unpack_i64(struct unpacker *u);
struct id unpack_id(struct unpacker *u);
/* Borrowed from the source; zero bytes after an error. */
struct bytes unpack_raw(struct unpacker *u, size_t n);
struct bytes unpack_bytes(struct unpacker *u);
/* A copy in the arena; NULL for a NULL text or after an error. */
const char *unpack_text(struct unpacker *u, struct arena *a);
/* The sticky error, or ERR_CORRUPT when bytes are left over. */
int unpack_end(struct unpacker *u) MUST_CHECK;

/* Fixed places in a key or header. */
void put_u16(uint8_t *p, uint16_t v);
void put_u32(uint8_t *p, uint32_t v);
void put_u64(uint8_t *p, uint64_t v);
uint16_t get_u16(const uint8_t *p);
uint32_t get_u32(const uint8_t *p);
uint64_t get_u64(const uint8_t *p);

#endif

/* Records sealed under their slot's and their day's key, bound to what and
 * where they are. The construction is keyring/aead's; which slot and day a
 * record has is decided by its owner. */

#include "base/pack.h"
#include "keyring/aead.h"
#include "vault/seal.h"

static const uint8_t seal_magic[4] = {'N', '9', 'S', '1'};

_Static_assert(SEAL_OVERHEAD_BYTES == 1 + AEAD_OVERHEAD_BYTES,
	       "a sealed record is a version and what aead_seal makes");

void
seal_aad(const struct seal_context *c, struct id store_id,
	 uint8_t out[SEAL_AAD_BYTES])
{
	memcpy(out, seal_magic, 4);
	memcpy(out + 4, store_id.b, ID_BYTES);
	out[20] = (uint8_t)c->type;
	put_u16(out + 21, c->category);
	put_u64(out + 23, c->slot);
	memcpy(out + 31, c->record.b, ID_BYTES);
	put_u64(out + 47, c->version);
	put_u32(out + 55, (uint32_t)c->day);
	put_u16(out + 59, c->schema);
}

/* The two keys of a record; day stays zero where there is none. */
static int
keys_get(struct keyring *k, const struct seal_context *c, struct key *slot,
	 struct key *day)
{
	int rc = keyring_key(k, c->slot, slot);

	if (rc == 0 && c->day != DAY_NONE) {
		slot_t at = keyring_day_slot(c->day);

		rc = at == SLOT_NONE
			     ? err_set(ERR_INTERNAL, "a day out of range")
			     : keyring_key(k, at, day);
	}
	return rc;
}

/* `to` has room for the plaintext and SEAL_OVERHEAD_BYTES. */
static int
seal_into(struct keyring *k, const struct seal_context *c, struct bytes plain,
	  uint8_t *to)
{
	AUTO_KEY slot;
	AUTO_KEY day = {{0}};
	uint8_t aad[SEAL_AAD_BYTES];
	int rc = keys_get(k, c, &slot, &day);

	if (rc != 0) {
		return rc;
	}
	seal_aad(c, keyring_store_id(k), aad);
	to[0] = SEAL_VERSION;
	aead_seal(&slot, &day, bytes_of(aad, sizeof(aad)), plain,
		  keyring_entropy(k), to + 1);
	return 0;
}

int
seal_put(struct keyring *k, const struct seal_context *c, struct bytes plain,
	 struct buf *to)
{
	uint8_t *room = buf_room(to, plain.n + SEAL_OVERHEAD_BYTES);
	int rc;

	if (room == NULL) {
		return err_set(ERR_TOO_LARGE, "a sealed record of %zu bytes",
			       plain.n);
	}
	rc = seal_into(k, c, plain, room);
	if (rc == 0) {
		buf_grown(to, plain.n + SEAL_OVERHEAD_BYTES);
	}
	return rc;
}

int
seal_make(struct keyring *k, const struct seal_context *c, struct bytes plain,
	  struct arena *a, struct bytes *out_sealed)
{
	uint8_t *to = arena_alloc(a, plain.n + SEAL_OVERHEAD_BYTES);
	int rc;

	if (to == NULL) {
		return ERR_NOMEM;
	}
	rc = seal_into(k, c, plain, to);
	if (rc == 0) {
		*out_sealed = bytes_of(to, plain.n + SEAL_OVERHEAD_BYTES);
	}
	return rc;
}

int
seal_open(struct keyring *k, const struct seal_context *c, struct bytes sealed,
	  struct arena *a, struct bytes *out_plain)
{
	AUTO_KEY slot;
	AUTO_KEY day = {{0}};
	uint8_t aad[SEAL_AAD_BYTES];
	uint8_t *to;
	int rc = keys_get(k, c, &slot, &day);

	if (rc != 0) {
		return rc;
	}
	if (sealed.n < SEAL_OVERHEAD_BYTES || sealed.p[0] != SEAL_VERSION) {
		return err_set(ERR_SEAL, "no sealed record");
	}
	/* One byte more: an empty plaintext has a place too. */
	to = arena_alloc(a, sealed.n - SEAL_OVERHEAD_BYTES + 1);
	if (to == NULL) {
		return ERR_NOMEM;
	}
	seal_aad(c, keyring_store_id(k), aad);
	rc = aead_open(&slot, &day, bytes_of(aad, sizeof(aad)),
		       bytes_of(sealed.p + 1, sealed.n - 1), to);
	if (rc == 0) {
		*out_plain = bytes_of(to, sealed.n - SEAL_OVERHEAD_BYTES);
	}
	return rc;
}

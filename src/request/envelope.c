/* Sealing a bundle to the key that came with the request. */
#include "request/envelope.h"

#include <assert.h>
#include <sodium.h>

#include "base/secret.h"

static_assert(crypto_box_SEALBYTES + KEY_BYTES + 32 +
			      crypto_secretstream_xchacha20poly1305_HEADERBYTES ==
		      ENVELOPE_HEAD_BYTES,
	      "the head is as docs/protocol.md says");

static int
chunks_put(crypto_secretstream_xchacha20poly1305_state *st, struct bytes plain,
	   struct buf *to)
{
	size_t at = 0;
	bool last;

	do {
		size_t n = plain.n - at < ENVELOPE_CHUNK_BYTES
				   ? plain.n - at
				   : ENVELOPE_CHUNK_BYTES;
		size_t room = n + crypto_secretstream_xchacha20poly1305_ABYTES;
		uint8_t *place = buf_room(to, room);

		if (place == NULL) {
			return err_set(ERR_TOO_LARGE,
				       "the bundle is too large");
		}
		last = at + n == plain.n;
		if (crypto_secretstream_xchacha20poly1305_push(
			    st, place, NULL, plain.p + at, n, NULL, 0,
			    last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
				 : 0) != 0) {
			return err_set(ERR_INTERNAL, "a stream did not seal");
		}
		buf_grown(to, room);
		at += n;
	} while (!last);
	return 0;
}

bool
envelope_key_is_good(const uint8_t reply_key[ENVELOPE_KEY_BYTES])
{
	static const uint8_t any[ENVELOPE_KEY_BYTES] = {8};
	uint8_t shared[ENVELOPE_KEY_BYTES];

	return crypto_scalarmult(shared, any, reply_key) == 0;
}

int
envelope_seal(const uint8_t reply_key[ENVELOPE_KEY_BYTES], struct bytes plain,
	      struct buf *to)
{
	crypto_secretstream_xchacha20poly1305_state st;
	uint8_t head[ENVELOPE_HEAD_BYTES];
	AUTO_KEY k;
	int rc;

	crypto_secretstream_xchacha20poly1305_keygen(k.b);
	if (crypto_box_seal(head, k.b, sizeof(k.b), reply_key) != 0) {
		return err_field(ERR_INVALID, "reply_key",
				 "nothing can be sealed to it");
	}
	crypto_generichash(head + 80, 32, (const uint8_t *)ENVELOPE_LABEL,
			   strlen(ENVELOPE_LABEL), k.b, sizeof(k.b));
	crypto_secretstream_xchacha20poly1305_init_push(&st, head + 80 + 32,
							k.b);
	rc = buf_put(to, head, sizeof(head));
	if (rc == 0) {
		rc = chunks_put(&st, plain, to);
	}
	secret_wipe(&st, sizeof(st));
	return rc;
}

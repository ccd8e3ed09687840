#ifndef AUDIT_NOTE_H
#define AUDIT_NOTE_H

#include "audit/merkle.h"
#include "base/buf.h"
#include "base/secret.h"

/*
 * Signed notes, c2sp.org/signed-note: a text that ends in a newline, an empty
 * line, and one line a signature: em dash, key name, base64 of the key id (4
 * bytes, big-endian) and the signature. The signature covers the text with
 * its last newline. Only Ed25519 (type 0x01) signs here; signatures of other
 * types and of unknown keys are left unread, as the format wants.
 */
#define NOTE_BYTES_MAX 16384
#define NOTE_NAME_BYTES_MAX 200
#define NOTE_SIGNATURES_MAX 64
#define NOTE_TYPE_ED25519 0x01
#define NOTE_PUBLIC_BYTES 32
#define NOTE_SIGNATURE_BYTES 64
/* name + 8 hexadecimal digits + base64 of type and key, and NUL */
#define NOTE_VKEY_BYTES (NOTE_NAME_BYTES_MAX + 1 + 8 + 1 + 44 + 1)

/* Who may sign: a verifier key, the `vkey` of the format. */
struct note_verifier {
	char name[NOTE_NAME_BYTES_MAX + 1];
	uint32_t id;
	uint8_t public_key[NOTE_PUBLIC_BYTES];
};

/* The other half: lives in secret memory (note_signer_new). */
struct note_signer {
	struct note_verifier verifier;
	struct key seed;
};

/* A parsed note borrows the bytes it was parsed from. */
struct note_signature {
	struct bytes name;
	uint32_t id;
	struct bytes line;  /* the base64 of id and signature */
	uint8_t value[NOTE_SIGNATURE_BYTES]; /* zero when not 64 bytes long */
	size_t value_bytes; /* its true length */
};

struct note {
	struct bytes text; /* with its last newline */
	size_t n_signatures;
	struct note_signature signatures[NOTE_SIGNATURES_MAX];
};

/* A key name: UTF-8 without spaces and '+', 1 to NOTE_NAME_BYTES_MAX bytes. */
bool note_name_is_good(struct bytes name);

/* UTF-8 without control characters but the newline. */
bool note_text_is_good(struct bytes text);

/* Fills in the id: the first 4 bytes of SHA-256(name, newline, type, key).
 * ERR_INVALID for a bad name. */
int note_verifier_make(const char *name,
		       const uint8_t public_key[NOTE_PUBLIC_BYTES],
		       struct note_verifier *out) MUST_CHECK;

/* "name+id+key"; blanks around it are ignored. ERR_INVALID. */
int note_vkey_parse(struct bytes text, struct note_verifier *out) MUST_CHECK;
char *note_vkey_print(const struct note_verifier *v,
		      char out[NOTE_VKEY_BYTES]);

/* The key pair of a 32-byte Ed25519 seed, under a name. NULL with the context
 * set. note_signer_free wipes; NULL is fine. */
struct note_signer *note_signer_new(const char *name, const struct key *seed);
void note_signer_free(struct note_signer *s);

/* Appends the note of `text`, signed by each of the signers. ERR_INVALID when
 * the text is not fit for a note, ERR_TOO_LARGE. */
int note_sign(struct bytes text, const struct note_signer *const *signers,
	      size_t n, struct buf *out) MUST_CHECK;

/* Strict: ERR_INVALID for whatever Go's note.Open calls malformed, and for
 * base64 that is not canonical. Checks no signature. */
int note_parse(struct bytes from, struct note *out) MUST_CHECK;

/* The note is signed by one of the verifiers, `*out_which` if it is not NULL.
 * ERR_CORRUPT when a signature by a known key does not verify or none of the
 * known keys has signed. */
int note_check(const struct note *note, const struct note_verifier *known,
	       size_t n, size_t *out_which) MUST_CHECK;

/* Canonical base64 with padding, as all C2SP formats want it. The decoder
 * gives ERR_INVALID for anything else and when it is longer than `max`. */
#define BASE64_CHARS(n) (((n) + 2) / 3 * 4)
int base64_put(struct buf *out, struct bytes from) MUST_CHECK;
int base64_read(struct bytes text, uint8_t *out, size_t max,
		size_t *out_n) MUST_CHECK;
int base64_read_hash(struct bytes text, struct hash *out) MUST_CHECK;

/* A decimal number without sign and leading zeros. ERR_INVALID. */
int decimal_read(struct bytes text, uint64_t *out) MUST_CHECK;

/* Cuts the first line off `*rest`, without its newline; false at the end or
 * when the last line lacks its newline. */
bool line_cut(struct bytes *rest, struct bytes *out_line);

#endif

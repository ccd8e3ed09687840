/* Signed notes: keys, signing, reading. What a note says is its text, which
 * checkpoint.c and others make and read. */

#include <stdio.h>

#include <sodium.h>

#include "audit/note.h"
#include "base/pack.h"

#define EM_DASH "\xe2\x80\x94 "
#define EM_DASH_BYTES 4
#define KEY_ID_BYTES 4
/* The longest signature that is read (ML-DSA-44 has 2,420 bytes). */
#define SIGNATURE_BYTES_MAX 4096

int
note_verifier_make(const char *name,
		   const uint8_t public_key[NOTE_PUBLIC_BYTES],
		   struct note_verifier *out)
{
	uint8_t to_hash[NOTE_NAME_BYTES_MAX + 2 + NOTE_PUBLIC_BYTES];
	struct note_verifier v = {0};
	size_t n = strlen(name);
	struct hash h;

	if (!note_name_is_good(bytes_of(name, n))) {
		return err_set(ERR_INVALID, "not a name for a key");
	}
	memcpy(v.name, name, n);
	memcpy(v.public_key, public_key, NOTE_PUBLIC_BYTES);
	memcpy(to_hash, name, n);
	to_hash[n] = '\n';
	to_hash[n + 1] = NOTE_TYPE_ED25519;
	memcpy(to_hash + n + 2, public_key, NOTE_PUBLIC_BYTES);
	h = merkle_sha256(bytes_of(to_hash, n + 2 + NOTE_PUBLIC_BYTES));
	v.id = get_u32(h.b);
	*out = v;
	return 0;
}

static struct bytes
trimmed(struct bytes t)
{
	while (t.n > 0 && strchr(" \t\r\n", t.p[0]) != NULL && t.p[0] != 0) {
		t = bytes_of(t.p + 1, t.n - 1);
	}
	while (t.n > 0 && strchr(" \t\r\n", t.p[t.n - 1]) != NULL &&
	       t.p[t.n - 1] != 0) {
		t.n--;
	}
	return t;
}

int
note_vkey_parse(struct bytes text, struct note_verifier *out)
{
	uint8_t key[1 + NOTE_PUBLIC_BYTES];
	char name[NOTE_NAME_BYTES_MAX + 1];
	struct note_verifier v;
	char hex[9];
	const uint8_t *plus;
	size_t n, at;

	text = trimmed(text);
	plus = text.n == 0 ? NULL : memchr(text.p, '+', text.n);
	at = plus == NULL ? 0 : (size_t)(plus - text.p);
	if (plus == NULL || at > NOTE_NAME_BYTES_MAX || text.n < at + 10 ||
	    text.p[at + 9] != '+') {
		return err_set(ERR_INVALID, "not a verifier key "
					    "(name+id+key)");
	}
	memcpy(name, text.p, at);
	name[at] = 0;
	if (strlen(name) != at ||
	    base64_read(bytes_of(text.p + at + 10, text.n - at - 10), key,
			sizeof(key), &n) != 0 ||
	    n != sizeof(key) || key[0] != NOTE_TYPE_ED25519 ||
	    note_verifier_make(name, key + 1, &v) != 0) {
		return err_set(ERR_INVALID, "not an Ed25519 verifier key");
	}
	(void)snprintf(hex, sizeof(hex), "%08x", v.id);
	if (memcmp(hex, text.p + at + 1, 8) != 0) {
		return err_set(ERR_INVALID,
			       "the verifier key's id is not its own");
	}
	*out = v;
	return 0;
}

char *
note_vkey_print(const struct note_verifier *v, char out[NOTE_VKEY_BYTES])
{
	uint8_t key[1 + NOTE_PUBLIC_BYTES];
	char b64[BASE64_CHARS(sizeof(key)) + 1];

	key[0] = NOTE_TYPE_ED25519;
	memcpy(key + 1, v->public_key, NOTE_PUBLIC_BYTES);
	sodium_bin2base64(b64, sizeof(b64), key, sizeof(key),
			  sodium_base64_VARIANT_ORIGINAL);
	(void)snprintf(out, NOTE_VKEY_BYTES, "%s+%08x+%s", v->name, v->id,
		       b64);
	return out;
}

struct note_signer *
note_signer_new(const char *name, const struct key *seed)
{
	struct note_signer *s = secret_alloc(sizeof(*s));
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
	uint8_t pair[crypto_sign_SECRETKEYBYTES];

	if (s == NULL) {
		return NULL;
	}
	s->seed = *seed;
	(void)crypto_sign_seed_keypair(public_key, pair, seed->b);
	secret_wipe(pair, sizeof(pair));
	if (note_verifier_make(name, public_key, &s->verifier) != 0) {
		secret_free(s);
		return NULL;
	}
	return s;
}

void
note_signer_free(struct note_signer *s)
{
	secret_free(s);
}

static int
put_signature(struct bytes text, const struct note_signer *s, struct buf *out)
{
	uint8_t value[KEY_ID_BYTES + NOTE_SIGNATURE_BYTES];
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
	uint8_t pair[crypto_sign_SECRETKEYBYTES];
	int rc;

	put_u32(value, s->verifier.id);
	(void)crypto_sign_seed_keypair(public_key, pair, s->seed.b);
	(void)crypto_sign_detached(value + KEY_ID_BYTES, NULL, text.p, text.n,
				   pair);
	secret_wipe(pair, sizeof(pair));
	rc = buf_put_str(out, EM_DASH);
	if (rc == 0) {
		rc = buf_put_str(out, s->verifier.name);
	}
	if (rc == 0) {
		rc = buf_put_str(out, " ");
	}
	if (rc == 0) {
		rc = base64_put(out, bytes_of(value, sizeof(value)));
	}
	return rc == 0 ? buf_put_str(out, "\n") : rc;
}

int
note_sign(struct bytes text, const struct note_signer *const *signers,
	  size_t n, struct buf *out)
{
	int rc;

	if (text.n == 0 || text.p[text.n - 1] != '\n' ||
	    !note_text_is_good(text)) {
		return err_set(ERR_INVALID, "not a text for a note");
	}
	rc = buf_put(out, text.p, text.n);
	if (rc == 0) {
		rc = buf_put_str(out, "\n");
	}
	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = put_signature(text, signers[i], out);
	}
	return rc;
}

/* "name base64", what follows the em dash. */
static int
parse_signature(struct bytes line, struct note_signature *out)
{
	uint8_t value[KEY_ID_BYTES + SIGNATURE_BYTES_MAX];
	struct note_signature s = {0};
	const uint8_t *space;
	size_t n;

	if (line.n < EM_DASH_BYTES ||
	    memcmp(line.p, EM_DASH, EM_DASH_BYTES) != 0) {
		return err_set(ERR_INVALID, "not a signature line");
	}
	line = bytes_of(line.p + EM_DASH_BYTES, line.n - EM_DASH_BYTES);
	space = line.n == 0 ? NULL : memchr(line.p, ' ', line.n);
	if (space == NULL) {
		return err_set(ERR_INVALID, "signature line without a name");
	}
	s.name = bytes_of(line.p, (size_t)(space - line.p));
	s.line = bytes_of(space + 1, line.n - s.name.n - 1);
	if (!note_name_is_good(s.name) ||
	    base64_read(s.line, value, sizeof(value), &n) != 0 ||
	    n <= KEY_ID_BYTES) {
		return err_set(ERR_INVALID, "malformed signature line");
	}
	s.id = get_u32(value);
	s.value_bytes = n - KEY_ID_BYTES;
	if (s.value_bytes == NOTE_SIGNATURE_BYTES) {
		memcpy(s.value, value + KEY_ID_BYTES, NOTE_SIGNATURE_BYTES);
	}
	*out = s;
	return 0;
}

/* Where the text ends: the newline before the last empty line. */
static size_t
text_end(struct bytes from)
{
	for (size_t i = from.n; i >= 2; i--) {
		if (from.p[i - 1] == '\n' && from.p[i - 2] == '\n') {
			return i - 1;
		}
	}
	return 0;
}

int
note_parse(struct bytes from, struct note *out)
{
	struct note note = {0};
	struct bytes rest, line;
	size_t end;

	if (from.n > NOTE_BYTES_MAX) {
		return err_set(ERR_TOO_LARGE, "a note of more than %d bytes",
			       NOTE_BYTES_MAX);
	}
	end = text_end(from);
	if (end == 0 || !note_text_is_good(from)) {
		return err_set(ERR_INVALID, "not a signed note");
	}
	note.text = bytes_of(from.p, end);
	rest = bytes_of(from.p + end + 1, from.n - end - 1);
	while (line_cut(&rest, &line)) {
		if (note.n_signatures == NOTE_SIGNATURES_MAX ||
		    parse_signature(line, &note.signatures[note.n_signatures]) !=
			    0) {
			return err_set(ERR_INVALID, "malformed signatures");
		}
		note.n_signatures++;
	}
	if (rest.n != 0 || note.n_signatures == 0) {
		return err_set(ERR_INVALID, "a note without signatures");
	}
	*out = note;
	return 0;
}

static bool
is_by(const struct note_signature *s, const struct note_verifier *v)
{
	return s->id == v->id && bytes_equal(s->name, bytes_str(v->name));
}

int
note_check(const struct note *note, const struct note_verifier *known,
	   size_t n, size_t *out_which)
{
	size_t which = n;

	for (size_t i = 0; i < note->n_signatures; i++) {
		const struct note_signature *s = &note->signatures[i];

		for (size_t k = 0; k < n; k++) {
			if (!is_by(s, &known[k])) {
				continue;
			}
			if (s->value_bytes != NOTE_SIGNATURE_BYTES ||
			    crypto_sign_verify_detached(
				    s->value, note->text.p, note->text.n,
				    known[k].public_key) != 0) {
				return err_set(ERR_CORRUPT,
					       "a signature does not verify");
			}
			which = which == n ? k : which;
		}
	}
	if (which == n) {
		return err_set(ERR_CORRUPT, "none of the known keys has "
					    "signed");
	}
	if (out_which != NULL) {
		*out_which = which;
	}
	return 0;
}

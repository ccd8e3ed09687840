/* The fixed bytes of a log entry and its commitment. Which entries are made,
 * and where the openings are kept, is for those who call. */

#include <assert.h>

#include <sodium.h>

#include "audit/leaf.h"
#include "base/pack.h"
#include "base/timefmt.h"

#define AT_VERSION 0
#define AT_TYPE 1
#define AT_OUTCOME 2
#define AT_CATEGORY 3
#define AT_RECIPIENT 4
#define AT_COUNT 6
#define AT_TIME 8
#define AT_ID 16
#define AT_COMMITMENT 32

/* The end of the year 9999, where RFC 3339 ends. */
#define TIME_MS_MAX INT64_C(253402300799999)

_Static_assert(AT_COMMITMENT + COMMITMENT_BYTES == LEAF_BYTES, "leaf layout");

enum {
	OUTCOME_COUNT_ = 1
#define X(name, word, sentence) +1 /* NOLINT: a sum */
			 NINETY_STATUSES(X)
#undef X
};

uint8_t
leaf_outcome(int rc)
{
	return rc == 0 ? 0 : (uint8_t)(err_status(rc) - ERR_BASE_);
}

const char *
leaf_outcome_word(uint8_t outcome)
{
	if (outcome >= OUTCOME_COUNT_) {
		return NULL;
	}
	return outcome == 0 ? "done" : err_word(ERR_BASE_ + outcome);
}

const char *
leaf_type_word(unsigned number)
{
	switch (number) {
#define X(name, n, word) \
	case n:          \
		return word;
		LEAF_TYPES(X)
#undef X
	default:
		return NULL;
	}
}

void
leaf_encode(const struct leaf *l, uint8_t out[LEAF_BYTES])
{
	assert(leaf_type_word(l->type) != NULL);
	assert(leaf_outcome_word(l->outcome) != NULL);
	assert(l->at_ms >= 0 && l->at_ms <= TIME_MS_MAX);
	out[AT_VERSION] = LEAF_VERSION;
	out[AT_TYPE] = (uint8_t)l->type;
	out[AT_OUTCOME] = l->outcome;
	out[AT_CATEGORY] = l->category;
	put_u16(out + AT_RECIPIENT, l->recipient);
	put_u16(out + AT_COUNT, l->count);
	put_u64(out + AT_TIME, (uint64_t)l->at_ms);
	memcpy(out + AT_ID, l->id.b, ID_BYTES);
	memcpy(out + AT_COMMITMENT, l->commitment, COMMITMENT_BYTES);
}

int
leaf_decode(struct bytes from, struct leaf *out)
{
	struct leaf l = {0};

	if (from.n != LEAF_BYTES) {
		return err_set(ERR_CORRUPT, "a leaf has %d bytes", LEAF_BYTES);
	}
	if (from.p[AT_VERSION] != LEAF_VERSION ||
	    leaf_type_word(from.p[AT_TYPE]) == NULL ||
	    leaf_outcome_word(from.p[AT_OUTCOME]) == NULL) {
		return err_set(ERR_CORRUPT, "a leaf of an unknown kind");
	}
	l.type = (enum leaf_type)from.p[AT_TYPE];
	l.outcome = from.p[AT_OUTCOME];
	l.category = from.p[AT_CATEGORY];
	l.recipient = get_u16(from.p + AT_RECIPIENT);
	l.count = get_u16(from.p + AT_COUNT);
	l.at_ms = (int64_t)get_u64(from.p + AT_TIME);
	if (l.at_ms < 0 || l.at_ms > TIME_MS_MAX) {
		return err_set(ERR_CORRUPT, "a leaf outside of time");
	}
	memcpy(l.id.b, from.p + AT_ID, ID_BYTES);
	memcpy(l.commitment, from.p + AT_COMMITMENT, COMMITMENT_BYTES);
	*out = l;
	return 0;
}

static int
add_text(struct value *o, struct arena *a, const char *name, const char *text)
{
	const char *copy = arena_text(a, text, strlen(text));

	return copy == NULL ? ERR_NOMEM : value_add(o, a, name,
						    value_text(copy));
}

static int
add_number(struct value *o, struct arena *a, const char *name, unsigned n)
{
	return n == 0 ? 0 : value_add(o, a, name, value_int(n));
}

int
leaf_describe(const struct leaf *l, struct arena *a, struct value *out)
{
	struct value o = value_object();
	char at[TIME_TEXT_BYTES];
	char id[ID_TEXT_BYTES];
	char hex[2 * COMMITMENT_BYTES + 1];
	int rc;

	rc = value_add(&o, a, "type", value_text(leaf_type_word(l->type)));
	if (rc == 0) {
		rc = add_text(&o, a, "at", time_print(l->at_ms, at));
	}
	if (rc == 0) {
		rc = value_add(&o, a, "outcome",
			       value_text(leaf_outcome_word(l->outcome)));
	}
	if (rc == 0) {
		rc = add_number(&o, a, "category", l->category);
	}
	if (rc == 0) {
		rc = add_number(&o, a, "recipient", l->recipient);
	}
	if (rc == 0) {
		rc = add_number(&o, a, "count", l->count);
	}
	if (rc == 0) {
		rc = add_text(&o, a, "id", id_print(l->id, id));
	}
	if (rc == 0 && !sodium_is_zero(l->commitment, COMMITMENT_BYTES)) {
		sodium_bin2hex(hex, sizeof(hex), l->commitment,
			       COMMITMENT_BYTES);
		rc = add_text(&o, a, "commitment", hex);
	}
	if (rc == 0) {
		*out = o;
	}
	return rc;
}

void
leaf_keys(const struct key *log_slot, struct id leaf_id, struct leaf_keys *out)
{
	static const uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES] =
		"ninety leaf";
	static const uint8_t salt[crypto_generichash_blake2b_SALTBYTES];
	uint8_t both[2 * KEY_BYTES];

	(void)crypto_generichash_blake2b_salt_personal(
		both, sizeof(both), leaf_id.b, ID_BYTES, log_slot->b, KEY_BYTES,
		salt, personal);
	memcpy(out->commit.b, both, KEY_BYTES);
	memcpy(out->seal.b, both + KEY_BYTES, KEY_BYTES);
	secret_wipe(both, sizeof(both));
}

void
leaf_commit(const struct key *k_leaf, struct bytes details,
	    uint8_t out[COMMITMENT_BYTES])
{
	(void)crypto_generichash_blake2b(out, COMMITMENT_BYTES, details.p,
					 details.n, k_leaf->b, KEY_BYTES);
}

int
leaf_open(const struct leaf *l, const struct key *k_leaf, struct bytes details)
{
	uint8_t commitment[COMMITMENT_BYTES];

	leaf_commit(k_leaf, details, commitment);
	return secret_equal(commitment, l->commitment, COMMITMENT_BYTES)
		       ? 0
		       : err_set(ERR_SEAL, "not the details that the leaf "
					   "commits to");
}

/* Counted from 1, as XChaCha20-Poly1305 counts its text. */
static void
details_xor(const struct leaf *l, const struct leaf_keys *keys,
	    struct bytes from, uint8_t *to)
{
	_Static_assert(crypto_stream_xchacha20_NONCEBYTES <= COMMITMENT_BYTES,
		       "the commitment is a nonce");

	if (from.n > 0) {
		(void)crypto_stream_xchacha20_xor_ic(
			to, from.p, from.n, l->commitment, 1, keys->seal.b);
	}
}

void
leaf_seal(const struct leaf *l, const struct leaf_keys *keys,
	  struct bytes details, uint8_t *out)
{
	details_xor(l, keys, details, out);
}

int
leaf_unseal(const struct leaf *l, const struct leaf_keys *keys,
	    struct bytes sealed, uint8_t *out_details)
{
	int rc;

	details_xor(l, keys, sealed, out_details);
	rc = leaf_open(l, &keys->commit, bytes_of(out_details, sealed.n));
	if (rc != 0) {
		secret_wipe(out_details, sealed.n);
	}
	return rc;
}

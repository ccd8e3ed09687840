/* Marks of holds: bits by category. */
#include "vault/hold_mark.h"

#define SETTING "hold.categories"

static bool
bit_get(const uint8_t *bits, uint8_t i)
{
	return (bits[i / 8] >> (i % 8) & 1) != 0;
}

static void
bit_set(uint8_t *bits, uint8_t i, bool on)
{
	uint8_t bit = (uint8_t)(1u << (i % 8));

	if (on) {
		bits[i / 8] |= bit;
	} else {
		bits[i / 8] &= (uint8_t)~bit;
	}
}

static int
all_load(struct vault *v, uint8_t bits[HOLD_MARK_BYTES])
{
	struct bytes value;
	int rc = txn_get(v->txn, TABLE_SYSTEM, bytes_str(SETTING), &value);

	memset(bits, 0, HOLD_MARK_BYTES);
	if (rc == ERR_NOT_FOUND) {
		return 0;
	}
	if (rc == 0 && value.n != HOLD_MARK_BYTES) {
		return err_set(ERR_CORRUPT, "marks of holds");
	}
	if (rc == 0) {
		memcpy(bits, value.p, HOLD_MARK_BYTES);
	}
	return rc;
}

void
hold_mark_set(struct subject *s, uint8_t category, bool held)
{
	bit_set(s->hold_marks, category, held);
}

int
hold_mark_set_all(struct vault *v, uint8_t category, bool held)
{
	uint8_t bits[HOLD_MARK_BYTES];
	int rc = all_load(v, bits);

	if (rc != 0) {
		return rc;
	}
	bit_set(bits, category, held);
	return txn_put(v->txn, TABLE_SYSTEM, bytes_str(SETTING),
		       bytes_of(bits, sizeof(bits)));
}

int
hold_mark_has(struct vault *v, const struct subject *s, uint8_t category,
	      bool *out)
{
	uint8_t bits[HOLD_MARK_BYTES];
	int rc = 0;

	if (s != NULL && bit_get(s->hold_marks, category)) {
		*out = true;
		return 0;
	}
	rc = all_load(v, bits);
	if (rc == 0) {
		*out = bit_get(bits, category);
	}
	return rc;
}

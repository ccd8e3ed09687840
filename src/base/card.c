/* Card numbers, to keep them out of where they do not belong. */

#include <stdint.h>

#include "base/card.h"

/* Between two groups of one number: "4111 - 1111". */
#define GAP_BYTES_MAX 3
#define BLOCK_BYTES 16

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
luhn_ok(const char *digits, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = (unsigned char)digits[n - 1 - i] - (unsigned)'0';

		if (d > 9) {
			return false;
		}
		if (i % 2 == 1) {
			d = d > 4 ? 2 * d - 9 : 2 * d;
		}
		sum = (sum + d) % 10;
	}
	return n > 0 && sum == 0;
}

bool
card_number_ok(const char *text, size_t n)
{
	char digits[CARD_DIGITS_MAX];
	size_t n_digits = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == ' ' || text[i] == '-') {
			continue;
		}
		if (!is_digit(text[i]) || n_digits == CARD_DIGITS_MAX) {
			return false;
		}
		digits[n_digits++] = text[i];
	}
	return n_digits >= CARD_DIGITS_MIN && luhn_ok(digits, n_digits);
}

/* The last groups of digits before the one at hand, as much as a card number
 * can hold. */
struct window {
	char digits[2 * CARD_DIGITS_MAX];
	size_t n;
	uint64_t starts; /* bit i: a group begins with digits[i] */
};

static void
window_clear(struct window *w)
{
	w->n = 0;
	w->starts = 0;
}

/* One more group; true when it ends a card number. */
static bool
window_add(struct window *w, const char *group, size_t n)
{
	size_t keep;

	if (n > CARD_DIGITS_MAX) {
		window_clear(w);
		return false;
	}
	keep = w->n < CARD_DIGITS_MAX - n ? w->n : CARD_DIGITS_MAX - n;
	for (size_t i = 0; i < keep; i++) {
		w->digits[i] = w->digits[w->n - keep + i];
	}
	w->starts >>= w->n - keep;
	w->starts |= UINT64_C(1) << keep;
	for (size_t i = 0; i < n; i++) {
		w->digits[keep + i] = group[i];
	}
	w->n = keep + n;
	for (size_t i = 0; i + CARD_DIGITS_MIN <= w->n; i++) {
		if ((w->starts >> i & 1) != 0 &&
		    luhn_ok(w->digits + i, w->n - i)) {
			return true;
		}
	}
	return false;
}

/* The next digit at or after i; n when there is none. In whole blocks first,
 * of which compilers make few instructions: most text has no digits. */
static size_t
digit_next(const char *text, size_t i, size_t n)
{
	for (; n - i >= BLOCK_BYTES; i += BLOCK_BYTES) {
		unsigned char any = 0;

		for (size_t k = 0; k < BLOCK_BYTES; k++) {
			any |= (unsigned char)(text[i + k] - '0') <= 9;
		}
		if (any != 0) {
			break;
		}
	}
	while (i < n && !is_digit(text[i])) {
		i++;
	}
	return i;
}

bool
text_has_card_number(const char *text, size_t n)
{
	struct window w;
	size_t gap = 0;
	size_t i = 0;

	window_clear(&w);
	while (i < n) {
		size_t start = i;

		if (w.n == 0 && !is_digit(text[i])) {
			/* Nothing has begun: what stands here ends nothing. */
			i = digit_next(text, i, n);
			continue;
		}
		if (is_digit(text[i])) {
			while (i < n && is_digit(text[i])) {
				i++;
			}
			if (window_add(&w, text + start, i - start)) {
				return true;
			}
			gap = 0;
			continue;
		}
		gap++;
		if ((text[i] != ' ' && text[i] != '-') ||
		    gap > GAP_BYTES_MAX) {
			window_clear(&w);
		}
		i++;
	}
	return false;
}

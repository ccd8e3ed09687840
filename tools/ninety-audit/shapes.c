/* Plaintext in bytes: shapes, and texts that somebody knows. */

#include <ctype.h>
#include <stdio.h>

#include <stdlib.h>

#include <sodium.h>

#include "command.h"
#include "input.h"
#include "shapes.h"

#define CHUNK_BYTES (1u << 20)
#define CANARY_FILE_BYTES_MAX (1u << 20)
#define CARD_DIGITS_MIN 13
#define CARD_DIGITS_MAX 19
#define EMAIL_LOCAL_MIN 3
#define EMAIL_LABEL_MIN 3

static bool
is_printable(uint8_t b)
{
	return b >= 0x20 && b < 0x7f;
}

static bool
is_mail(uint8_t b)
{
	return isalnum(b) || b == '.' || b == '-' || b == '_' || b == '+';
}

/* abc@def.gh around the @ at `at`: short ones come up by chance. */
static bool
is_email(struct bytes run, size_t at)
{
	size_t local = 0;
	size_t label = 0;
	size_t i = at + 1;

	while (local < at && is_mail(run.p[at - 1 - local])) {
		local++;
	}
	while (i < run.n && (isalnum(run.p[i]) || run.p[i] == '-')) {
		i++;
		label++;
	}
	return local >= EMAIL_LOCAL_MIN && label >= EMAIL_LABEL_MIN &&
	       i + 2 < run.n && run.p[i] == '.' && isalpha(run.p[i + 1]) &&
	       isalpha(run.p[i + 2]);
}

/* Luhn's sum over digits that may stand in groups; *out_next goes behind. */
static bool
is_card(struct bytes run, size_t at, size_t *out_next)
{
	uint8_t digits[CARD_DIGITS_MAX];
	size_t n = 0;
	size_t i = at;
	unsigned sum = 0;

	for (; i < run.n; i++) {
		if (isdigit(run.p[i])) {
			if (n < CARD_DIGITS_MAX) {
				digits[n] = (uint8_t)(run.p[i] - '0');
			}
			n++;
		} else if ((run.p[i] != ' ' && run.p[i] != '-') ||
			   i + 1 >= run.n || !isdigit(run.p[i + 1])) {
			break;
		}
	}
	*out_next = i;
	if (n < CARD_DIGITS_MIN || n > CARD_DIGITS_MAX) {
		return false;
	}
	for (size_t j = 0; j < n; j++) {
		unsigned d = digits[n - 1 - j];

		d = j % 2 == 1 ? 2 * d : d;
		sum += d > 9 ? d - 9 : d;
	}
	return sum % 10 == 0;
}

static bool
is_address(struct bytes run, size_t at)
{
	size_t i = at;

	if (at > 0 && (isalnum(run.p[at - 1]) || run.p[at - 1] == '.')) {
		return false;
	}
	for (int part = 0; part < 4; part++) {
		unsigned value = 0;
		size_t digits = 0;

		while (i < run.n && isdigit(run.p[i]) && digits < 4) {
			value = value * 10 + (unsigned)(run.p[i++] - '0');
			digits++;
		}
		if (digits == 0 || digits > 3 || value > 255) {
			return false;
		}
		if (part < 3 && (i >= run.n || run.p[i++] != '.')) {
			return false;
		}
	}
	return i >= run.n || (!isalnum(run.p[i]) && run.p[i] != '.');
}

static void
count_run(struct bytes run, struct shape_counts *counts)
{
	size_t digits_end = 0;

	for (size_t i = 0; i < run.n; i++) {
		if (run.p[i] == '@') {
			counts->emails += is_email(run, i);
		}
		if (!isdigit(run.p[i])) {
			continue;
		}
		counts->addresses += is_address(run, i);
		if (i >= digits_end) {
			counts->cards += is_card(run, i, &digits_end);
		}
	}
}

void
shapes_count(struct bytes in, struct shape_counts *counts)
{
	size_t i = 0;

	while (i < in.n) {
		size_t start = i;

		while (i < in.n && is_printable(in.p[i])) {
			i++;
		}
		if (i - start >= SHAPES_RUN_BYTES_MIN) {
			count_run(bytes_of(in.p + start, i - start), counts);
		}
		i++;
	}
}

void
shapes_count_random(uint64_t n, struct shape_counts *counts)
{
	static uint8_t chunk[CHUNK_BYTES];
	uint8_t seed[randombytes_SEEDBYTES] = {9, 0};

	while (n > 0) {
		size_t now = n < CHUNK_BYTES ? (size_t)n : CHUNK_BYTES;

		randombytes_buf_deterministic(chunk, now, seed);
		sodium_increment(seed, sizeof(seed));
		shapes_count(bytes_of(chunk, now), counts);
		n -= now;
	}
}

int
canary_make(struct bytes text, struct canary *out)
{
	struct canary c = {0};
	uint8_t shifted[CANARY_BYTES_MAX + 2] = {0};

	if (text.n < CANARY_BYTES_MIN || text.n > CANARY_BYTES_MAX) {
		return err_set(ERR_INVALID, "a canary has %d to %d bytes",
			       CANARY_BYTES_MIN, CANARY_BYTES_MAX);
	}
	memcpy(c.forms[0], text.p, text.n);
	c.n[0] = text.n;
	(void)sodium_bin2hex(c.forms[1], sizeof(c.forms[1]), text.p, text.n);
	c.n[1] = 2 * text.n;
	for (size_t i = 0; i < c.n[1]; i++) {
		c.forms[2][i] = (char)toupper((uint8_t)c.forms[1][i]);
	}
	c.n[2] = c.n[1];
	/* The characters that depend on the canary alone, whatever stands
	 * before and after it. */
	for (size_t shift = 0; shift < 3; shift++) {
		char *form = c.forms[3 + shift];
		size_t skip = (shift * 8 + 5) / 6;
		size_t end = (shift + text.n) * 8 / 6;

		memcpy(shifted + shift, text.p, text.n);
		(void)sodium_bin2base64(form, sizeof(c.forms[0]), shifted,
					shift + text.n,
					sodium_base64_VARIANT_ORIGINAL);
		memmove(form, form + skip, end - skip);
		c.n[3 + shift] = end - skip;
	}
	*out = c;
	return 0;
}

bool
canary_found(const struct canary *c, struct bytes in)
{
	for (int i = 0; i < CANARY_FORMS; i++) {
		if (memmem(in.p, in.n, c->forms[i], c->n[i]) != NULL) {
			return true;
		}
	}
	return false;
}

int
canaries_read(const char *path, struct canaries *out)
{
	struct canaries c = {0};
	struct buf b;
	size_t at = 0;
	int status;

	*out = c;
	if (path == NULL) {
		return EXIT_GOOD;
	}
	buf_init(&b, CANARY_FILE_BYTES_MAX);
	status = input_file(path, &b);
	c.all = calloc(CANARIES_MAX, sizeof(*c.all));
	if (status == EXIT_GOOD && c.all == NULL) {
		status = EXIT_BUG;
	}
	while (status == EXIT_GOOD && at < b.len && c.n < CANARIES_MAX) {
		const uint8_t *end = memchr(b.data + at, '\n', b.len - at);
		size_t n = end == NULL ? b.len - at
				       : (size_t)(end - b.data) - at;

		if (n > 0 && canary_make(bytes_of(b.data + at, n),
					 &c.all[c.n++]) != 0) {
			(void)fprintf(stderr, "ninety-audit: %s: %s\n", path,
				      err_last()->text);
			status = EXIT_BAD_DATA;
		}
		at += n + 1;
	}
	buf_clear(&b);
	*out = c;
	return status;
}

void
canaries_clear(struct canaries *c)
{
	free(c->all);
	*c = (struct canaries){0};
}

size_t
canaries_find(const struct canaries *c, struct bytes in)
{
	for (size_t i = 0; i < c->n; i++) {
		if (canary_found(&c->all[i], in)) {
			return i + 1;
		}
	}
	return 0;
}

/* UUIDs: made, read, written. */

#include "base/entropy.h"
#include "base/id.h"

static const char hex[] = "0123456789abcdef";

struct id
id_new(int64_t now_ms, struct entropy *entropy)
{
	struct id id;

	entropy_fill(entropy, id.b, sizeof(id.b));
	for (int i = 0; i < 6; i++) {
		id.b[i] = (uint8_t)((uint64_t)now_ms >> (40 - 8 * i));
	}
	id.b[6] = (uint8_t)(0x70 | (id.b[6] & 0x0f));
	id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f));
	return id;
}

int64_t
id_time_ms(struct id id)
{
	uint64_t ms = 0;

	for (int i = 0; i < 6; i++) {
		ms = ms << 8 | id.b[i];
	}
	return (int64_t)ms;
}

static bool
is_hyphen_place(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

/* -1: no digit in lower case. */
static int
digit_of(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
id_parse(const char *text, struct id *out)
{
	struct id id = {{0}};
	size_t digits = 0;

	if (strlen(text) != ID_TEXT_BYTES - 1) {
		return err_set(ERR_INVALID, "not a UUID");
	}
	for (size_t i = 0; i < ID_TEXT_BYTES - 1; i++) {
		int digit;

		if (is_hyphen_place(i)) {
			if (text[i] != '-') {
				return err_set(ERR_INVALID, "not a UUID");
			}
			continue;
		}
		digit = digit_of(text[i]);
		if (digit < 0) {
			return err_set(ERR_INVALID, "not a UUID");
		}
		id.b[digits / 2] =
			(uint8_t)(id.b[digits / 2] << 4 | digit);
		digits++;
	}
	*out = id;
	return 0;
}

char *
id_print(struct id id, char out[ID_TEXT_BYTES])
{
	size_t digits = 0;

	for (size_t i = 0; i < ID_TEXT_BYTES - 1; i++) {
		if (is_hyphen_place(i)) {
			out[i] = '-';
			continue;
		}
		out[i] = hex[digits % 2 == 0 ? id.b[digits / 2] >> 4
					     : id.b[digits / 2] & 0x0f];
		digits++;
	}
	out[ID_TEXT_BYTES - 1] = '\0';
	return out;
}

bool
id_equal(struct id a, struct id b)
{
	return memcmp(a.b, b.b, ID_BYTES) == 0;
}

bool
id_is_nil(struct id id)
{
	static const struct id nil;

	return id_equal(id, nil);
}

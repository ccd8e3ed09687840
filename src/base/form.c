/* Checks of form only: whether an address or a number is in use is not known
 * here. */

#include "base/form.h"

#define LOCAL_BYTES_MAX 64
#define LABEL_BYTES_MAX 63
#define PHONE_DIGITS_MIN 7
#define PHONE_DIGITS_MAX 15
#define REGION_PART_BYTES_MAX 3
#define BLOCK_BYTES 16

/* ISO 3166-1 alpha-2 as of 2024: the second letters that go with a first. */
static const char *const second_letters[26] = {
	['A' - 'A'] = "DEFGILMOQRSTUWXZ",
	['B' - 'A'] = "ABDEFGHIJLMNOQRSTVWYZ",
	['C' - 'A'] = "ACDFGHIKLMNORUVWXYZ",
	['D' - 'A'] = "EJKMOZ",
	['E' - 'A'] = "CEGHRST",
	['F' - 'A'] = "IJKMOR",
	['G' - 'A'] = "ABDEFGHILMNPQRSTUWY",
	['H' - 'A'] = "KMNRTU",
	['I' - 'A'] = "DELMNOQRST",
	['J' - 'A'] = "EMOP",
	['K' - 'A'] = "EGHIMNPRWYZ",
	['L' - 'A'] = "ABCIKRSTUVY",
	['M' - 'A'] = "ACDEFGHKLMNOPQRSTUVWXYZ",
	['N' - 'A'] = "ACEFGILOPRUZ",
	['O' - 'A'] = "M",
	['P' - 'A'] = "AEFGHKLMNRSTWY",
	['Q' - 'A'] = "A",
	['R' - 'A'] = "EOSUW",
	['S' - 'A'] = "ABCDEGHIJKLMNORSTVXYZ",
	['T' - 'A'] = "CDFGHJKLMNORTVWZ",
	['U' - 'A'] = "AGMSYZ",
	['V' - 'A'] = "ACEGINU",
	['W' - 'A'] = "FS",
	['X' - 'A'] = "K",
	['Y' - 'A'] = "ET",
	['Z' - 'A'] = "AMW",
};

static bool
is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_number(char c)
{
	return c >= '0' && c <= '9';
}

/* A letter or digit of ASCII, or a byte of any letter beyond it. */
static bool
is_alnum(char c)
{
	return is_capital(c) || is_number(c) || (c >= 'a' && c <= 'z') ||
	       (unsigned char)c >= 0x80;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The length of the control character at s, 0 when there is none. */
static size_t
control_bytes(const char *s, size_t n)
{
	unsigned char c = (unsigned char)s[0];

	if (c < 0x20 || c == 0x7f) {
		return 1;
	}
	/* U+0080 to U+009F */
	if (c == 0xc2 && n > 1 && (unsigned char)s[1] < 0xa0) {
		return 2;
	}
	return 0;
}

/* Whether a block is printable ASCII throughout: most text is, and compilers
 * make few instructions of this. */
static bool
is_plain_block(const char *s)
{
	unsigned char bad = 0;

	for (size_t i = 0; i < BLOCK_BYTES; i++) {
		bad |= (unsigned char)(s[i] - 0x20) > 0x7e - 0x20;
	}
	return bad == 0;
}

int
form_text(const char *text, size_t n, bool prose)
{
	for (size_t i = 0; i < n; i++) {
		while (n - i >= BLOCK_BYTES && is_plain_block(text + i)) {
			i += BLOCK_BYTES;
		}
		if (i == n || control_bytes(text + i, n - i) == 0) {
			continue;
		}
		if (prose && (text[i] == '\n' || text[i] == '\t')) {
			continue;
		}
		if (prose && text[i] == '\r' && i + 1 < n &&
		    text[i + 1] == '\n') {
			continue;
		}
		return err_set(ERR_INVALID, "holds a control character");
	}
	return 0;
}

static bool
domain_ok(const char *p, size_t n)
{
	size_t label = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '.') {
			if (label == 0 || p[i - 1] == '-') {
				return false;
			}
			label = 0;
			continue;
		}
		if (!is_alnum(p[i]) && (p[i] != '-' || label == 0)) {
			return false;
		}
		if (++label > LABEL_BYTES_MAX) {
			return false;
		}
	}
	return label > 0 && p[n - 1] != '-';
}

static bool
local_ok(const char *p, size_t n)
{
	static const char never[] = " ()<>,;:\\\"[]@";

	for (size_t i = 0; i < n; i++) {
		if (control_bytes(p + i, n - i) != 0 ||
		    memchr(never, p[i], sizeof(never) - 1) != NULL) {
			return false;
		}
	}
	return n > 0 && n <= LOCAL_BYTES_MAX;
}

int
form_email(const char *text, size_t n)
{
	const char *at;
	size_t local;

	while (n > 0 && is_blank(text[0])) {
		text++;
		n--;
	}
	while (n > 0 && is_blank(text[n - 1])) {
		n--;
	}
	if (n > FORM_EMAIL_BYTES_MAX) {
		return err_set(ERR_INVALID, "an e-mail has at most %d bytes",
			       FORM_EMAIL_BYTES_MAX);
	}
	at = n == 0 ? NULL : memchr(text, '@', n);
	local = at == NULL ? 0 : (size_t)(at - text);
	if (at == NULL || form_text(text, n, false) != 0 ||
	    !local_ok(text, local) || !domain_ok(at + 1, n - local - 1)) {
		return err_set(ERR_INVALID,
			       "not an e-mail (as name@example.org)");
	}
	return 0;
}

int
form_phone(const char *text, size_t n)
{
	bool ok = n > PHONE_DIGITS_MIN && n <= PHONE_DIGITS_MAX + 1 &&
		  text[0] == '+' && text[1] != '0';

	for (size_t i = 1; ok && i < n; i++) {
		ok = is_number(text[i]);
	}
	return ok ? 0
		  : err_set(ERR_INVALID,
			    "not a telephone number (E.164, '+' and %d to %d "
			    "digits)",
			    PHONE_DIGITS_MIN, PHONE_DIGITS_MAX);
}

static bool
country_ok(const char *text)
{
	const char *seconds;

	if (!is_capital(text[0]) || !is_capital(text[1])) {
		return false;
	}
	seconds = second_letters[text[0] - 'A'];
	return strchr(seconds, text[1]) != NULL;
}

int
form_country(const char *text, size_t n)
{
	if (n != 2 || !country_ok(text)) {
		return err_set(ERR_INVALID,
			       "not a country (ISO 3166-1 alpha-2, as DE)");
	}
	return 0;
}

int
form_region(const char *text, size_t n)
{
	bool ok = n >= 4 && n <= 3 + REGION_PART_BYTES_MAX &&
		  country_ok(text) && text[2] == '-';

	for (size_t i = 3; ok && i < n; i++) {
		ok = is_capital(text[i]) || is_number(text[i]);
	}
	return ok ? 0
		  : err_set(ERR_INVALID,
			    "not a region (ISO 3166-2, as US-CA)");
}

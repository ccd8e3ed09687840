#ifndef BASE_FORM_H
#define BASE_FORM_H

#include "base/bytes.h"
#include "base/err.h"

/*
 * The forms of texts that come from outside. Each check takes UTF-8 of n bytes
 * and says ERR_INVALID, in words that repeat none of it.
 */

#define FORM_EMAIL_BYTES_MAX 254 /* RFC 5321 §4.5.3.1.3 */

/* local@domain, blanks around it passed over: neither blanks nor control
 * characters within, a local part to 64 bytes, labels of letters, digits and
 * hyphens to 63; letters beyond ASCII are taken (RFC 6531). */
int form_email(const char *text, size_t n) MUST_CHECK;

/* ITU-T E.164: '+' and 7 to 15 digits, the first not 0. */
int form_phone(const char *text, size_t n) MUST_CHECK;

/* ISO 3166-1 alpha-2, assigned; also XK, which the EU uses for Kosovo. */
int form_country(const char *text, size_t n) MUST_CHECK;

/* ISO 3166-2: a country, '-', 1 to 3 capitals or digits, as US-CA. */
int form_region(const char *text, size_t n) MUST_CHECK;

/* Nothing that moves a cursor: no control characters of ASCII or Latin-1.
 * With `prose` a tab and a new line ("\n", "\r\n") are fine. */
int form_text(const char *text, size_t n, bool prose) MUST_CHECK;

#endif

#ifndef VAULT_NORMALISE_H
#define VAULT_NORMALISE_H

#include "base/arena.h"
#include "base/err.h"

/*
 * The form in which e-mail addresses and telephone numbers are compared and
 * looked up. What is stored is what was sent.
 */
#define EMAIL_BYTES_MAX 254 /* RFC 5321 4.5.3.1.3, without the brackets */
#define PHONE_DIGITS_MIN 7
#define PHONE_DIGITS_MAX 15 /* ITU-T E.164 */

/* Without surrounding blanks, lower case: ASCII, and the letters of Latin-1,
 * Latin Extended-A, Greek and Cyrillic that have a lower case of their own.
 * In the arena. ERR_INVALID: no local part or domain, blanks or controls
 * inside, not UTF-8, too long. */
int normalise_email(const char *sent, struct arena *a,
		    const char **out) MUST_CHECK;

/* "+" and 7 to 15 digits; blanks, dots, hyphens and brackets between them are
 * dropped. ERR_INVALID. */
int normalise_phone(const char *sent, struct arena *a,
		    const char **out) MUST_CHECK;

#endif

#ifndef NINETY_UTF8_H
#define NINETY_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the character of UTF-8 (RFC 3629) that begins at p, of which n
 * bytes are there: 1 to 4; 0 when none does. */
size_t utf8_character(const uint8_t *p, size_t n);

#endif

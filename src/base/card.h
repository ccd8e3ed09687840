#ifndef BASE_CARD_H
#define BASE_CARD_H

#include <stdbool.h>
#include <stddef.h>

#define CARD_DIGITS_MIN 13
#define CARD_DIGITS_MAX 19

/* Whether n digits pass the check of ISO/IEC 7812-1, annex B; false for
 * anything but digits. */
bool luhn_ok(const char *digits, size_t n);

/* Whether the text is a card number: 13 to 19 digits that pass luhn_ok,
 * blanks and hyphens between them passed over. */
bool card_number_ok(const char *text, size_t n);

/* Whether a card number stands anywhere in the text, blanks or hyphens
 * between its digits or not. It begins and ends where a group of digits
 * does, so "4111 1111 1111 1111 123" holds one. Linear. */
bool text_has_card_number(const char *text, size_t n);

#endif

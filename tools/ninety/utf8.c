/* UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing above
 * U+10FFFF. */

#include "ninety/utf8.h"

size_t
utf8_character(const uint8_t *p, size_t n)
{
	size_t k;

	if (n == 0) {
		return 0;
	}
	if (p[0] < 0x80) {
		return 1;
	}
	k = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (k == 0 || p[0] > 0xf4 || n < k) {
		return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f)) {
		return 0;
	}
	for (size_t i = 1; i < k; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			return 0;
		}
	}
	return k;
}

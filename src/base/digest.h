#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/bytes.h"

#define SHA256_HEX_BYTES 65 /* with the closing NUL */

/* The SHA-256 of public bytes in lower-case hex; returns `out`. */
char *sha256_hex(struct bytes from, char out[SHA256_HEX_BYTES]);

#endif

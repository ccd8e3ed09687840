#ifndef AUDIT_SHA256_H
#define AUDIT_SHA256_H

#include "base/bytes.h"

/*
 * SHA-256, of public bytes: a log's every leaf and node. OpenSSL's where the
 * build has found it, since it uses the processor's own instructions (six
 * times the speed), else libsodium's; the build takes one of sha256_openssl.c
 * and sha256_sodium.c.
 */
#define SHA256_BYTES 32

void sha256(struct bytes of, uint8_t out[SHA256_BYTES]);

/* Of both, one after the other. */
void sha256_joined(struct bytes first, struct bytes second,
		   uint8_t out[SHA256_BYTES]);

#endif

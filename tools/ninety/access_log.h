#ifndef NINETY_ACCESS_LOG_H
#define NINETY_ACCESS_LOG_H

#include "base/bytes.h"
#include "base/err.h"

/*
 * One line of an access log in the combined format of nginx and Apache:
 *
 *	IP - user [23/Nov/2026:20:34:00 +0100] "GET /a?b HTTP/1.1" 200 612
 *	"REFERRER" "USER AGENT"
 *
 * Quotes inside of a quoted part are \" or \x22, other bytes may be \xHH.
 */
#define ACCESS_TEXT_BYTES 2048
#define ACCESS_IP_BYTES 46
#define ACCESS_METHOD_BYTES 16

struct access_line {
	char ip[ACCESS_IP_BYTES]; /* IPv4 or IPv6, in its shortest form */
	int64_t at_ms;
	char method[ACCESS_METHOD_BYTES];
	char page[ACCESS_TEXT_BYTES]; /* the path; what is asked behind it
				       * ("?...") may name people and is not
				       * kept */
	int status;
	char referrer[ACCESS_TEXT_BYTES];   /* "" for none; without "?..." */
	char user_agent[ACCESS_TEXT_BYTES]; /* "" for none */
};

/* ERR_INVALID for a line that is none. Texts are UTF-8 without control
 * characters: bytes that do not fit stay as \xHH. */
int access_log_parse(struct bytes line, struct access_line *out) MUST_CHECK;

#endif

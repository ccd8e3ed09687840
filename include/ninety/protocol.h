#ifndef NINETY_PROTOCOL_H
#define NINETY_PROTOCOL_H

/* The names and limits of the wire, docs/protocol.md. */

#define NINETY_PROTOCOL "N1"
#define NINETY_ZAP_DOMAIN "ninety"
#define NINETY_ENDPOINT_DEFAULT "tcp://127.0.0.1:5390"

#define NINETY_CALL_ID_BYTES 16
#define NINETY_OPERATION_BYTES_MAX 64
#define NINETY_STATUS_BYTES_MAX 32
#define NINETY_MESSAGE_BYTES_MAX 1048576 /* body included */

/* Frames after the empty delimiter. */
#define NINETY_REQUEST_FRAMES 4 /* "N1" operation id body */
#define NINETY_REPLY_FRAMES 4   /* "N1" id status body */

/* A repeated id gets the first answer for at least this long. */
#define NINETY_REPEAT_DAYS_MIN 7

/* A CURVE key: raw, and in Z85 with the closing NUL. */
#define NINETY_KEY_BYTES 32
#define NINETY_KEY_TEXT_BYTES 41

/* The roles of a caller. The first column names the bit, the second is the
 * word in principal.add, in key files and in the configuration. */
#define NINETY_ROLES(X)                                                       \
	X(PORTAL, "portal")                                                   \
	X(SUPPORT, "support")                                                 \
	X(BILLING, "billing")                                                 \
	X(COMPLIANCE, "compliance")                                           \
	X(AUDITOR, "auditor")                                                 \
	X(ADMIN, "admin")

enum ninety_role_index {
#define X(name, word) NINETY_ROLE_INDEX_##name,
	NINETY_ROLES(X)
#undef X
	NINETY_ROLE_COUNT
};

enum ninety_role {
#define X(name, word) NINETY_ROLE_##name = 1 << NINETY_ROLE_INDEX_##name,
	NINETY_ROLES(X)
#undef X
	NINETY_ROLE_ALL = (1 << NINETY_ROLE_COUNT) - 1
};

#endif

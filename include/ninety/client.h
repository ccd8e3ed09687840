#ifndef NINETY_CLIENT_H
#define NINETY_CLIENT_H

/*
 * The C client of ninety. One client is one ZeroMQ connection and belongs to
 * one thread at a time. Bodies are JSON texts in UTF-8; what is in them is in
 * docs/protocol.md. Link with `pkg-config --cflags --libs ninety`.
 */

#include <stddef.h>
#include <stdint.h>

#include <ninety/protocol.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a function of this header returns. A reply with an error status is a
 * reply: NINETY_DONE. */
enum ninety_result {
	NINETY_DONE = 0,
	NINETY_TIMEOUT = -1, /* no answer: the outcome is unknown, repeat */
	NINETY_REFUSED = -2, /* the service refused our key */
	NINETY_UNREACHABLE = -3, /* nobody listens, or it does not speak CURVE */
	NINETY_FULL = -4,    /* the window is full: receive first */
	NINETY_BAD_REPLY = -5,
	NINETY_BAD_ARGUMENT = -6,
	NINETY_BAD_KEY_FILE = -7,
	NINETY_KEY_FILE_MODE = -8, /* others could read the key file */
	NINETY_IO = -9,
	NINETY_NO_MEMORY = -10
};

/* One sentence about a result; never NULL. */
const char *ninety_result_text(int result);

#define NINETY_NAME_BYTES 65
#define NINETY_ROLE_BYTES 17
#define NINETY_ENDPOINT_BYTES 256

/* The content of a key file. `name`, `role`, `server_key` and `endpoint` may
 * be empty where a file has no such line. Wipe it after use. */
struct ninety_key {
	char name[NINETY_NAME_BYTES];
	char role[NINETY_ROLE_BYTES];
	char public_key[NINETY_KEY_TEXT_BYTES];
	char secret_key[NINETY_KEY_TEXT_BYTES];
	char server_key[NINETY_KEY_TEXT_BYTES];
	char endpoint[NINETY_ENDPOINT_BYTES];
};

/* A new key pair; the other members stay as they are. */
int ninety_key_generate(struct ninety_key *key);

/* Reads a key file: NINETY_IO when it is not there (errno says why),
 * NINETY_KEY_FILE_MODE when anybody but the owner may read or write it,
 * NINETY_BAD_KEY_FILE when it is not one, or its halves do not belong
 * together. */
int ninety_key_read(const char *path, struct ninety_key *out_key);

/* Writes a key file (0600) that must not exist yet. */
int ninety_key_write(const char *path, const struct ninety_key *key);

/* The pair as raw bytes, for those that do not speak Z85. */
int ninety_key_raw(const struct ninety_key *key,
		   unsigned char out_secret[NINETY_KEY_BYTES],
		   unsigned char out_public[NINETY_KEY_BYTES]);

void ninety_key_wipe(struct ninety_key *key);

struct ninety_client;

/* Makes a client for the key, its server and its endpoint; both must be set.
 * Nothing is sent yet, and a service that is down is no error here. */
int ninety_client_open(const struct ninety_key *key,
		       struct ninety_client **out_client);

void ninety_client_close(struct ninety_client *client);

struct ninety_reply {
	unsigned char id[NINETY_CALL_ID_BYTES];
	const char *status; /* "ok", or an error code of the protocol */
	const char *body;   /* NUL-terminated JSON */
	size_t body_bytes;
};

/* A new call id, a UUIDv7. */
void ninety_id_new(unsigned char out_id[NINETY_CALL_ID_BYTES]);

/* One call and its answer: `body` NULL means {}. The call is repeated under
 * the same id over a new connection when an answer does not come, until
 * timeout_ms have passed. The reply is the client's until its next use.
 * NINETY_TIMEOUT means that the outcome is unknown. */
int ninety_call(struct ninety_client *client, const char *operation,
		const char *body, int timeout_ms,
		struct ninety_reply *out_reply);

/* As ninety_call, under an id of the caller's own, so that a call whose
 * outcome is unknown can be repeated later, by another process too. */
int ninety_call_id(struct ninety_client *client,
		   const unsigned char id[NINETY_CALL_ID_BYTES],
		   const char *operation, const char *body, int timeout_ms,
		   struct ninety_reply *out_reply);

/* Many calls in flight: send without waiting, receive in any order and match
 * by id. Nothing is repeated here. NINETY_FULL when the connection takes no
 * more at present. A receive that waited in vain is NINETY_TIMEOUT. Do not mix
 * with ninety_call while answers are outstanding. */
int ninety_send(struct ninety_client *client,
		const unsigned char id[NINETY_CALL_ID_BYTES],
		const char *operation, const void *body, size_t body_bytes);
int ninety_receive(struct ninety_client *client, int timeout_ms,
		   struct ninety_reply *out_reply);

#ifdef __cplusplus
}
#endif

#endif

#ifndef WIRE_FRAMES_H
#define WIRE_FRAMES_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/id.h"
#include "ninety/protocol.h"

/*
 * The frames of a message after the empty delimiter, as docs/protocol.md
 * "Framing" has them. All views are borrowed.
 */

/* More frames than this are cut off by whoever receives them: the count is
 * wrong all the same. */
#define FRAMES_MAX 8

/* An id frame of another length than 16 comes back in the refusal, so that
 * the caller finds its call again, unless it is longer than this. */
#define FRAMES_ECHO_BYTES_MAX 64

struct frames {
	struct bytes at[FRAMES_MAX];
	size_t n;
};

struct request_frames {
	char operation[NINETY_OPERATION_BYTES_MAX + 1];
	struct id id;
	struct bytes body;
};

struct reply_frames {
	struct id id;
	char status[NINETY_STATUS_BYTES_MAX + 1]; /* "ok" or an error word */
	struct bytes body;
};

/* ERR_UNSUPPORTED_VERSION for another first frame; ERR_INVALID for a wrong
 * number of frames, an id that is not 16 bytes, an operation that is not 1 to
 * 64 of a-z, '_' and '.'; ERR_TOO_LARGE past NINETY_MESSAGE_BYTES_MAX. */
int frames_parse_request(const struct frames *from,
			 struct request_frames *out) MUST_CHECK;

/* The id to put into the reply to a message that may be malformed: its third
 * frame as it came, or no bytes. */
struct bytes frames_reply_id(const struct frames *request);

/* `status` and `body` must outlive `out`; body may be empty. */
void frames_build_request(const char *operation, const struct id *id,
			  struct bytes body, struct frames *out);
void frames_build_reply(struct bytes id, const char *status,
			struct bytes body, struct frames *out);

/* For clients: ERR_INVALID when the service does not speak this protocol. */
int frames_parse_reply(const struct frames *from,
		       struct reply_frames *out) MUST_CHECK;

#endif

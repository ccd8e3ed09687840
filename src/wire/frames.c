/* The layout of a message in frames. What an operation's name means, and what
 * its body holds, is for others. */

#include <stdio.h>

#include "wire/frames.h"

enum { REQUEST_VERSION, REQUEST_OPERATION, REQUEST_ID, REQUEST_BODY };
enum { REPLY_VERSION, REPLY_ID, REPLY_STATUS, REPLY_BODY };

static bool
is_version(struct bytes b)
{
	return bytes_equal(b, bytes_str(NINETY_PROTOCOL));
}

/* Copies a word of a-z, '_' and '.'; false when it is none or too long. */
static bool
word_copy(struct bytes b, size_t bytes_max, char *out)
{
	if (b.n == 0 || b.n > bytes_max) {
		return false;
	}
	for (size_t i = 0; i < b.n; i++) {
		uint8_t c = b.p[i];

		if ((c < 'a' || c > 'z') && c != '_' && c != '.') {
			return false;
		}
	}
	memcpy(out, b.p, b.n);
	out[b.n] = '\0';
	return true;
}

static size_t
frames_bytes(const struct frames *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		n += f->at[i].n;
	}
	return n;
}

int
frames_parse_request(const struct frames *from, struct request_frames *out)
{
	struct request_frames r = {.operation = ""};

	if (from->n > 0 && !is_version(from->at[REQUEST_VERSION])) {
		return err_set(ERR_UNSUPPORTED_VERSION, "the version is %s",
			       NINETY_PROTOCOL);
	}
	if (from->n != NINETY_REQUEST_FRAMES) {
		return err_set(ERR_INVALID,
			       "a request has %d frames after the empty one",
			       NINETY_REQUEST_FRAMES);
	}
	if (from->at[REQUEST_ID].n != NINETY_CALL_ID_BYTES) {
		return err_set(ERR_INVALID, "an id has %d bytes",
			       NINETY_CALL_ID_BYTES);
	}
	if (frames_bytes(from) > NINETY_MESSAGE_BYTES_MAX) {
		return err_set(ERR_TOO_LARGE, "a message has at most %d bytes",
			       NINETY_MESSAGE_BYTES_MAX);
	}
	if (!word_copy(from->at[REQUEST_OPERATION], NINETY_OPERATION_BYTES_MAX,
		       r.operation)) {
		return err_set(ERR_INVALID,
			       "an operation's name is 1 to %d of a-z, _ and .",
			       NINETY_OPERATION_BYTES_MAX);
	}
	memcpy(r.id.b, from->at[REQUEST_ID].p, ID_BYTES);
	r.body = from->at[REQUEST_BODY];
	*out = r;
	return 0;
}

struct bytes
frames_reply_id(const struct frames *request)
{
	if (request->n <= REQUEST_ID ||
	    request->at[REQUEST_ID].n > FRAMES_ECHO_BYTES_MAX) {
		return bytes_of(NULL, 0);
	}
	return request->at[REQUEST_ID];
}

void
frames_build_request(const char *operation, const struct id *id,
		     struct bytes body, struct frames *out)
{
	*out = (struct frames){
		.at = {[REQUEST_VERSION] = bytes_str(NINETY_PROTOCOL),
		       [REQUEST_OPERATION] = bytes_str(operation),
		       [REQUEST_ID] = id_bytes(id),
		       [REQUEST_BODY] = body},
		.n = NINETY_REQUEST_FRAMES,
	};
}

void
frames_build_reply(struct bytes id, const char *status, struct bytes body,
		   struct frames *out)
{
	*out = (struct frames){
		.at = {[REPLY_VERSION] = bytes_str(NINETY_PROTOCOL),
		       [REPLY_ID] = id,
		       [REPLY_STATUS] = bytes_str(status),
		       [REPLY_BODY] = body},
		.n = NINETY_REPLY_FRAMES,
	};
}

int
frames_parse_reply(const struct frames *from, struct reply_frames *out)
{
	struct reply_frames r = {.status = ""};

	if (from->n != NINETY_REPLY_FRAMES ||
	    !is_version(from->at[REPLY_VERSION]) ||
	    from->at[REPLY_ID].n != NINETY_CALL_ID_BYTES ||
	    !word_copy(from->at[REPLY_STATUS], NINETY_STATUS_BYTES_MAX,
		       r.status)) {
		return err_set(ERR_INVALID, "the reply is not one of %s",
			       NINETY_PROTOCOL);
	}
	memcpy(r.id.b, from->at[REPLY_ID].p, ID_BYTES);
	r.body = from->at[REPLY_BODY];
	*out = r;
	return 0;
}

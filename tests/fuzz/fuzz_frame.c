/* Aims at frames_parse_request, frames_parse_reply, frames_reply_id. The input
 * is frames, each one length byte and its bytes; what parses is built again
 * the same. */
// links: ninety_wire

#include "fuzz.h"
#include "wire/frames.h"

static void
split(const uint8_t *data, size_t n, struct frames *out)
{
	*out = (struct frames){.n = 0};
	while (n > 0 && out->n < FRAMES_MAX) {
		size_t len = data[0];

		data++;
		n--;
		len = len < n ? len : n;
		out->at[out->n++] = bytes_of(data, len);
		data += len;
		n -= len;
	}
}

static void
check_same(const struct frames *a, const struct frames *b)
{
	FUZZ_ASSERT(a->n == b->n);
	for (size_t i = 0; i < a->n; i++) {
		FUZZ_ASSERT(bytes_equal(a->at[i], b->at[i]));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct frames from;
	struct frames again;
	struct request_frames request;
	struct reply_frames reply;
	int rc;

	split(data, n, &from);
	FUZZ_ASSERT(frames_reply_id(&from).n <= FRAMES_ECHO_BYTES_MAX);
	rc = frames_parse_request(&from, &request);
	if (rc == 0) {
		frames_build_request(request.operation, &request.id,
				     request.body, &again);
		check_same(&from, &again);
	} else {
		FUZZ_ASSERT(rc == ERR_INVALID || rc == ERR_TOO_LARGE ||
			    rc == ERR_UNSUPPORTED_VERSION);
	}
	rc = frames_parse_reply(&from, &reply);
	if (rc == 0) {
		frames_build_reply(id_bytes(&reply.id), reply.status,
				   reply.body, &again);
		check_same(&from, &again);
	} else {
		FUZZ_ASSERT(rc == ERR_INVALID);
	}
	return 0;
}

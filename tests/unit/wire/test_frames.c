/* Requests and replies as frames: well formed, and in every way not. */

#include "support/test.h"
#include "wire/frames.h"

static const uint8_t sixteen[17] = "0123456789abcdef";
static uint8_t large[NINETY_MESSAGE_BYTES_MAX];

static struct frames
request_of(struct bytes version, struct bytes operation, struct bytes id,
	   struct bytes body)
{
	return (struct frames){.at = {version, operation, id, body}, .n = 4};
}

static struct frames
good_request(void)
{
	return request_of(bytes_str("N1"), bytes_str("subject.register"),
			  bytes_of(sixteen, 16), bytes_str("{}"));
}

static void
requests_are_parsed(void **state)
{
	struct frames f = good_request();
	struct request_frames r;

	(void)state;
	assert_ok(frames_parse_request(&f, &r));
	assert_string_equal(r.operation, "subject.register");
	assert_memory_equal(r.id.b, sixteen, 16);
	assert_true(bytes_equal(r.body, bytes_str("{}")));
	f.at[3] = bytes_of(NULL, 0);
	assert_ok(frames_parse_request(&f, &r));
	assert_int_equal(r.body.n, 0);
}

static void
versions_are_told_apart(void **state)
{
	static const char *const others[] = {"", "N", "N2", "n1", "N1 ", NULL};
	struct request_frames r;

	(void)state;
	for (const char *const *v = others; *v != NULL; v++) {
		struct frames f = good_request();

		f.at[0] = bytes_str(*v);
		assert_err(ERR_UNSUPPORTED_VERSION,
			   frames_parse_request(&f, &r));
		/* A later version may have another number of frames. */
		f.n = 6;
		assert_err(ERR_UNSUPPORTED_VERSION,
			   frames_parse_request(&f, &r));
	}
}

static void
other_counts_are_invalid(void **state)
{
	struct request_frames r;

	(void)state;
	for (size_t n = 0; n <= FRAMES_MAX; n++) {
		struct frames f = good_request();

		f.n = n;
		if (n != 4) {
			assert_err(ERR_INVALID, frames_parse_request(&f, &r));
		}
	}
}

static void
other_ids_are_invalid_and_come_back(void **state)
{
	struct request_frames r;
	struct frames f = good_request();

	(void)state;
	for (size_t n = 0; n <= FRAMES_ECHO_BYTES_MAX; n++) {
		f.at[2] = bytes_of(large, n);
		if (n != 16) {
			assert_err(ERR_INVALID, frames_parse_request(&f, &r));
		}
		assert_int_equal(frames_reply_id(&f).n, n);
	}
	f.at[2] = bytes_of(large, FRAMES_ECHO_BYTES_MAX + 1);
	assert_int_equal(frames_reply_id(&f).n, 0);
	f.n = 2;
	assert_int_equal(frames_reply_id(&f).n, 0);
}

static void
operations_have_a_form(void **state)
{
	static const char *const bad[] = {
		"", "Service.ping", "service ping", "service.ping\n",
		"service/ping", "s\xc3\xa4", "a1",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		NULL};
	struct request_frames r;
	struct frames f = good_request();

	(void)state;
	for (const char *const *name = bad; *name != NULL; name++) {
		f.at[1] = bytes_str(*name);
		assert_err(ERR_INVALID, frames_parse_request(&f, &r));
	}
	f.at[1] = bytes_of("a\0b", 3);
	assert_err(ERR_INVALID, frames_parse_request(&f, &r));
}

static void
large_messages_are_refused(void **state)
{
	struct request_frames r;
	struct frames f = good_request();

	(void)state;
	f.at[3] = bytes_of(large, sizeof(large) - 34);
	assert_ok(frames_parse_request(&f, &r));
	f.at[3] = bytes_of(large, sizeof(large) - 33);
	assert_err(ERR_TOO_LARGE, frames_parse_request(&f, &r));
}

static void
both_ends_agree(void **state)
{
	struct request_frames request;
	struct reply_frames reply;
	struct frames f;
	struct id id;

	(void)state;
	memcpy(id.b, sixteen, 16);
	frames_build_request("service.ping", &id, bytes_str("{}"), &f);
	assert_ok(frames_parse_request(&f, &request));
	assert_true(id_equal(request.id, id));
	frames_build_reply(id_bytes(&id), "ok", bytes_str("{}"), &f);
	assert_ok(frames_parse_reply(&f, &reply));
	assert_string_equal(reply.status, "ok");
	assert_true(id_equal(reply.id, id));
	f.at[1].n = 3;
	assert_err(ERR_INVALID, frames_parse_reply(&f, &reply));
	f.at[1].n = 16;
	f.at[2] = bytes_of("", 0);
	assert_err(ERR_INVALID, frames_parse_reply(&f, &reply));
	f.at[2] = bytes_str("ok");
	f.n = 3;
	assert_err(ERR_INVALID, frames_parse_reply(&f, &reply));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_parsed),
		cmocka_unit_test(versions_are_told_apart),
		cmocka_unit_test(other_counts_are_invalid),
		cmocka_unit_test(other_ids_are_invalid_and_come_back),
		cmocka_unit_test(operations_have_a_form),
		cmocka_unit_test(large_messages_are_refused),
		cmocka_unit_test(both_ends_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Messages between front and core: round trips, hostile bytes, full pipes. */

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/pack.h"
#include "support/test.h"
#include "wire/ipc.h"

static uint8_t key[IPC_KEY_BYTES] = {1, 2, 3};
static uint8_t keys[IPC_KEYS_MAX * IPC_KEY_BYTES];
static uint8_t body[NINETY_MESSAGE_BYTES_MAX];

static struct ipc_msg
call_of(uint64_t token, size_t body_bytes)
{
	static const struct id id = {{7}};
	struct ipc_msg m = {.type = IPC_CALL,
			    .call = {.token = token, .caller = key}};

	frames_build_request("service.ping", &id,
			     bytes_of(body, body_bytes), &m.call.frames);
	return m;
}

static struct ipc_msg
init_of(void)
{
	struct ipc_msg m = {.type = IPC_INIT};

	m.init.secret_key = key;
	m.init.public_key = keys;
	m.init.limits = (struct ipc_limits){1, 2, 3, 4};
	m.init.endpoints[0] = bytes_str("tcp://127.0.0.1:5390");
	m.init.endpoints[1] = bytes_str("ipc:///run/ninety/front");
	m.init.n_endpoints = 2;
	return m;
}

/* Everything from one writer into one reader, in pieces of that size. */
static void
carry(struct ipc_writer *w, struct ipc_reader *r, size_t piece)
{
	struct bytes all = bytes_of(w->buf.data + w->sent,
				    ipc_writer_pending(w));

	piece = piece < all.n ? piece : all.n;
	assert_ok(ipc_reader_feed(r, bytes_of(all.p, piece)));
	w->sent += piece;
}

static void
every_type_travels(void **state)
{
	struct ipc_msg to_core[] = {
		{.type = IPC_READY},
		{.type = IPC_STATS, .stats = {1, 2, UINT64_MAX}},
		{.type = IPC_PONG, .nonce = 99},
		call_of(5, 300),
	};
	struct ipc_writer w;
	struct ipc_reader r;
	struct ipc_msg m;

	(void)state;
	ipc_writer_init(&w, 0);
	ipc_reader_init(&r, IPC_FROM_FRONT);
	for (size_t i = 0; i < 4; i++) {
		assert_ok(ipc_writer_put(&w, &to_core[i]));
	}
	carry(&w, &r, SIZE_MAX);
	assert_ok(ipc_reader_next(&r, &m));
	assert_int_equal(m.type, IPC_READY);
	assert_ok(ipc_reader_next(&r, &m));
	assert_int_equal(m.type, IPC_STATS);
	assert_true(m.stats.dropped == UINT64_MAX);
	assert_ok(ipc_reader_next(&r, &m));
	assert_int_equal(m.nonce, 99);
	assert_ok(ipc_reader_next(&r, &m));
	assert_int_equal(m.call.token, 5);
	assert_memory_equal(m.call.caller, key, IPC_KEY_BYTES);
	assert_int_equal(m.call.frames.n, 4);
	assert_int_equal(m.call.frames.at[3].n, 300);
	assert_ok(ipc_reader_next(&r, &m));
	assert_int_equal(m.type, IPC_NONE);
	ipc_reader_clear(&r);
	ipc_writer_clear(&w);
}

static void
the_core_is_understood(void **state)
{
	struct ipc_msg init = init_of();
	struct ipc_msg table = {.type = IPC_KEYS,
				.keys = {keys, IPC_KEYS_MAX}};
	struct ipc_msg ping = {.type = IPC_PING, .nonce = 1};
	struct ipc_msg stop = {.type = IPC_STOP};
	struct ipc_msg reply = {.type = IPC_REPLY, .reply = {.token = 8}};
	struct ipc_writer w;
	struct ipc_reader r;
	struct ipc_msg m;

	(void)state;
	ipc_writer_init(&w, 0);
	ipc_reader_init(&r, IPC_FROM_CORE);
	frames_build_reply(bytes_str("id"), "invalid", bytes_str("{}"),
			   &reply.reply.frames);
	assert_ok(ipc_writer_put(&w, &init));
	assert_ok(ipc_writer_put(&w, &table));
	assert_ok(ipc_writer_put(&w, &reply));
	assert_ok(ipc_writer_put(&w, &ping));
	assert_ok(ipc_writer_put(&w, &stop));
	carry(&w, &r, SIZE_MAX);
	assert_ok(ipc_reader_next(&r, &m));
	assert_memory_equal(m.init.secret_key, key, IPC_KEY_BYTES);
	assert_int_equal(m.init.limits.handshake_ms_max, 4);
	assert_int_equal(m.init.n_endpoints, 2);
	assert_true(bytes_equal(m.init.endpoints[1],
				bytes_str("ipc:///run/ninety/front")));
	assert_ok(ipc_reader_next(&r, &m));
	assert_int_equal(m.keys.n, IPC_KEYS_MAX);
	assert_memory_equal(m.keys.keys, keys, sizeof(keys));
	assert_ok(ipc_reader_next(&r, &m));
	assert_int_equal(m.reply.token, 8);
	assert_true(bytes_equal(m.reply.frames.at[1], bytes_str("id")));
	assert_ok(ipc_reader_next(&r, &m));
	assert_int_equal(m.type, IPC_PING);
	assert_ok(ipc_reader_next(&r, &m));
	assert_int_equal(m.type, IPC_STOP);
	ipc_reader_clear(&r);
	ipc_writer_clear(&w);
}

static void
bytes_may_come_one_by_one(void **state)
{
	struct ipc_msg call = call_of(1, 100);
	struct ipc_writer w;
	struct ipc_reader r;
	struct ipc_msg m = {.type = IPC_NONE};
	int found = 0;

	(void)state;
	ipc_writer_init(&w, 0);
	ipc_reader_init(&r, IPC_FROM_FRONT);
	assert_ok(ipc_writer_put(&w, &call));
	assert_ok(ipc_writer_put(&w, &call));
	while (ipc_writer_pending(&w) > 0) {
		carry(&w, &r, 1);
		assert_ok(ipc_reader_next(&r, &m));
		found += m.type == IPC_CALL;
	}
	assert_int_equal(found, 2);
	ipc_reader_clear(&r);
	ipc_writer_clear(&w);
}

static void
expect_dead(enum ipc_side from, const void *p, size_t n)
{
	struct ipc_reader r;
	struct ipc_msg m;

	ipc_reader_init(&r, from);
	assert_ok(ipc_reader_feed(&r, bytes_of(p, n)));
	assert_err(ERR_CORRUPT, ipc_reader_next(&r, &m));
	assert_err(ERR_CORRUPT, ipc_reader_next(&r, &m));
	assert_err(ERR_CORRUPT, ipc_reader_feed(&r, bytes_of(p, n)));
	assert_err(ERR_CORRUPT, ipc_reader_fill(&r, -1));
	ipc_reader_clear(&r);
}

static void
hostile_bytes_kill_the_reader(void **state)
{
	static const struct {
		enum ipc_side from;
		const char *bytes;
		size_t n;
	} cases[] = {
		{IPC_FROM_FRONT, "\0\0\0\0\1", 5},       /* no type */
		{IPC_FROM_FRONT, "\xff\xff\xff\xff", 4}, /* too long */
		{IPC_FROM_FRONT, "\0\x10\x10\0\2", 5},
		{IPC_FROM_FRONT, "\0\0\0\1\0", 5},   /* IPC_NONE */
		{IPC_FROM_FRONT, "\0\0\0\1\x05", 5}, /* unknown */
		{IPC_FROM_FRONT, "\0\0\0\1\x44", 5}, /* the core's STOP */
		{IPC_FROM_CORE, "\0\0\0\1\1", 5},    /* the front's READY */
		{IPC_FROM_FRONT, "\0\0\0\2\1x", 6},  /* a byte too many */
		{IPC_FROM_FRONT, "\0\0\0\1\3", 5},   /* STATS cut off */
		{IPC_FROM_CORE, "\0\0\0\5\x42\xff\xff\xff\xff", 9},
		{IPC_FROM_CORE, "\0\0\0\5\x42\0\0\0\1", 9}, /* key missing */
		{IPC_FROM_CORE, "\0\0\0\x0a\x41\0\0\0\0\0\0\0\1\x09", 14},
		{IPC_FROM_CORE,
		 "\0\0\0\x0e\x41\0\0\0\0\0\0\0\1\1\xff\xff\xff\xff", 18},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		expect_dead(cases[i].from, cases[i].bytes, cases[i].n);
	}
}

static void
endpoints_are_checked(void **state)
{
	struct ipc_msg init = init_of();
	struct ipc_writer w;

	(void)state;
	ipc_writer_init(&w, 0);
	init.init.endpoints[0] = bytes_of("tcp\0//", 6);
	assert_ok(ipc_writer_put(&w, &init));
	expect_dead(IPC_FROM_CORE, w.buf.data, w.buf.len);
	init.init.endpoints[0] = bytes_of(body, IPC_ENDPOINT_BYTES_MAX + 1);
	assert_err(ERR_TOO_LARGE, ipc_writer_put(&w, &init));
	init.init.endpoints[0] = bytes_of(body, 0);
	assert_err(ERR_TOO_LARGE, ipc_writer_put(&w, &init));
	ipc_writer_clear(&w);
}

static void
the_writer_keeps_the_bounds(void **state)
{
	struct ipc_msg call = call_of(1, NINETY_MESSAGE_BYTES_MAX - 64);
	struct ipc_msg large = call_of(1, sizeof(body));
	struct ipc_msg table = {.type = IPC_KEYS,
				.keys = {keys, IPC_KEYS_MAX + 1}};
	struct ipc_msg none = {.type = IPC_NONE};
	struct ipc_writer w;
	size_t before;

	(void)state;
	ipc_writer_init(&w, 0);
	assert_err(ERR_TOO_LARGE, ipc_writer_put(&w, &table));
	assert_err(ERR_TOO_LARGE, ipc_writer_put(&w, &none));
	large.call.frames.n = FRAMES_MAX + 1;
	assert_err(ERR_TOO_LARGE, ipc_writer_put(&w, &large));
	large.call.frames.n = 4;
	large.call.frames.at[2] = bytes_of(body, sizeof(body));
	assert_err(ERR_TOO_LARGE, ipc_writer_put(&w, &large));
	assert_int_equal(ipc_writer_pending(&w), 0);
	assert_ok(ipc_writer_put(&w, &call));
	before = ipc_writer_pending(&w);
	assert_err(ERR_BUSY, ipc_writer_put(&w, &call));
	assert_int_equal(ipc_writer_pending(&w), before);
	ipc_writer_clear(&w);
}

static void
full_sockets_are_waited_for(void **state)
{
	enum { CALLS = 300 };
	struct ipc_msg call = call_of(0, 40000);
	struct ipc_writer w;
	struct ipc_reader r;
	uint64_t sent = 0;
	uint64_t got = 0;
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
				    fd), 0);
	ipc_writer_init(&w, 0);
	ipc_reader_init(&r, IPC_FROM_FRONT);
	while (got < CALLS) {
		struct ipc_msg m;
		int rc = 0;

		while (sent < CALLS && rc == 0) {
			call.call.token = sent;
			rc = ipc_writer_put(&w, &call);
			sent += rc == 0;
		}
		assert_ok(ipc_writer_flush(&w, fd[0]));
		assert_ok(ipc_reader_fill(&r, fd[1]));
		assert_ok(ipc_reader_next(&r, &m));
		while (m.type == IPC_CALL) {
			assert_int_equal(m.call.token, got);
			assert_int_equal(m.call.frames.at[3].n, 40000);
			got++;
			assert_ok(ipc_reader_next(&r, &m));
		}
	}
	assert_ok(ipc_reader_fill(&r, fd[1])); /* nothing there */
	assert_ok(ipc_writer_put(&w, &call));
	assert_int_equal(close(fd[1]), 0);
	assert_err(ERR_UNAVAILABLE, ipc_writer_flush(&w, fd[0]));
	assert_err(ERR_UNAVAILABLE, ipc_reader_fill(&r, fd[0]));
	assert_int_equal(close(fd[0]), 0);
	ipc_reader_clear(&r);
	ipc_writer_clear(&w);
}

static void
the_largest_call_fits(void **state)
{
	struct ipc_msg call = call_of(1, NINETY_MESSAGE_BYTES_MAX - 64);
	struct ipc_writer w;
	struct ipc_reader r;
	struct ipc_msg m;

	(void)state;
	ipc_writer_init(&w, 0);
	ipc_reader_init(&r, IPC_FROM_FRONT);
	assert_ok(ipc_writer_put(&w, &call));
	carry(&w, &r, 1000);
	assert_ok(ipc_reader_next(&r, &m));
	assert_int_equal(m.type, IPC_NONE);
	carry(&w, &r, SIZE_MAX);
	assert_ok(ipc_reader_next(&r, &m));
	assert_int_equal(m.call.frames.at[3].n, NINETY_MESSAGE_BYTES_MAX - 64);
	ipc_reader_clear(&r);
	ipc_writer_clear(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_travels),
		cmocka_unit_test(the_core_is_understood),
		cmocka_unit_test(bytes_may_come_one_by_one),
		cmocka_unit_test(hostile_bytes_kill_the_reader),
		cmocka_unit_test(endpoints_are_checked),
		cmocka_unit_test(the_writer_keeps_the_bounds),
		cmocka_unit_test(full_sockets_are_waited_for),
		cmocka_unit_test(the_largest_call_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

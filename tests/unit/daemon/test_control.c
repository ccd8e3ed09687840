#include "support/test.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/child.h"
#include "daemon/control.h"

static int pair[2];

static int
open_pair(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int
close_pair(void **state)
{
	(void)state;
	(void)close(pair[0]);
	(void)close(pair[1]);
	return 0;
}

static void
message_arrives_with_its_descriptor(void **state)
{
	struct control_message m;
	int pipe_fds[2];
	char c = 0;

	(void)state;
	assert_int_equal(0, pipe(pipe_fds));
	assert_ok(control_send(pair[0], CONTROL_FRONT, 7, pipe_fds[1]));
	assert_ok(control_take(pair[1], &m));
	assert_int_equal(CONTROL_FRONT, m.type);
	assert_int_equal(7, m.number);
	assert_true(m.fd >= 0 && m.fd != pipe_fds[1]);
	assert_true((fcntl(m.fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal(1, write(m.fd, "x", 1));
	assert_int_equal(1, read(pipe_fds[0], &c, 1));
	(void)close(m.fd);
	(void)close(pipe_fds[0]);
	(void)close(pipe_fds[1]);
}

static void
empty_socket_is_no_message(void **state)
{
	struct control_message m;

	(void)state;
	assert_ok(control_take(pair[1], &m));
	assert_int_equal(CONTROL_NONE, m.type);
}

static void
end_of_the_other_side_is_unavailable(void **state)
{
	struct control_message m;

	(void)state;
	(void)close(pair[0]);
	pair[0] = -1;
	assert_err(ERR_UNAVAILABLE, control_take(pair[1], &m));
	assert_err(ERR_UNAVAILABLE,
		   control_send(pair[1], CONTROL_PONG, 0, -1));
}

static void
what_is_no_message_is_refused(void **state)
{
	struct control_message m;

	(void)state;
	assert_int_equal(1, send(pair[0], "P", 1, 0));
	assert_err(ERR_CORRUPT, control_take(pair[1], &m));
	assert_int_equal(5, send(pair[0], "PPPPP", 5, 0));
	assert_err(ERR_CORRUPT, control_take(pair[1], &m));
	/* A front without its socket, a socket that nobody asked for. */
	assert_ok(control_send(pair[0], CONTROL_FRONT, 0, -1));
	assert_err(ERR_CORRUPT, control_take(pair[1], &m));
	assert_ok(control_send(pair[0], CONTROL_PING, 0, STDIN_FILENO));
	assert_err(ERR_CORRUPT, control_take(pair[1], &m));
}

static void
delay_doubles_up_to_its_maximum(void **state)
{
	struct child c = {.pid = 5, .started_ms = 1000};
	int64_t now = 1000;

	(void)state;
	child_ended(&c, now, 800);
	assert_int_equal(50, c.delay_ms);
	assert_false(child_is_due(&c, now + 49));
	assert_true(child_is_due(&c, now + 50));
	for (int i = 0; i < 10; i++) {
		c.pid = 6;
		c.started_ms = now;
		child_ended(&c, now, 800);
	}
	assert_int_equal(800, c.delay_ms);
	/* Who lived long enough is back at once. */
	c.started_ms = now;
	child_ended(&c, now + 10000, 800);
	assert_int_equal(50, c.delay_ms);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_pair, close_pair)
	const struct CMUnitTest tests[] = {
		T(message_arrives_with_its_descriptor),
		T(empty_socket_is_no_message),
		T(end_of_the_other_side_is_unavailable),
		T(what_is_no_message_is_refused),
		cmocka_unit_test(delay_doubles_up_to_its_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

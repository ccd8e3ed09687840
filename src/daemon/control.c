#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/control.h"

#define CONTROL_BYTES 2

union ancillary {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

int
control_send(int socket, enum control_type type, uint8_t number, int fd)
{
	uint8_t bytes[CONTROL_BYTES] = {(uint8_t)type, number};
	struct iovec part = {bytes, sizeof(bytes)};
	union ancillary with;
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t n;

	if (fd >= 0) {
		struct cmsghdr *c;

		memset(&with, 0, sizeof(with));
		m.msg_control = with.room;
		m.msg_controllen = sizeof(with.room);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	do {
		n = sendmsg(socket, &m, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof(bytes)) {
		return 0;
	}
	return n < 0 && (errno == EPIPE || errno == ECONNRESET)
		       ? err_set(ERR_UNAVAILABLE, "the other side is gone")
		       : err_set(ERR_IO, "control: %s", strerror(errno));
}

static int
descriptor_of(struct msghdr *m)
{
	int fd = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	     c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_RIGHTS &&
		    c->cmsg_len == CMSG_LEN(sizeof(fd))) {
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		}
	}
	return fd;
}

int
control_take(int socket, struct control_message *out)
{
	uint8_t bytes[CONTROL_BYTES + 1];
	struct iovec part = {bytes, sizeof(bytes)};
	union ancillary with;
	struct msghdr m = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = with.room,
			   .msg_controllen = sizeof(with.room)};
	ssize_t n;
	int fd;

	do {
		n = recvmsg(socket, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN) {
		*out = (struct control_message){CONTROL_NONE, 0, -1};
		return 0;
	}
	if (n <= 0) {
		return err_set(ERR_UNAVAILABLE, "the other side is gone");
	}
	fd = descriptor_of(&m);
	if (n != CONTROL_BYTES ||
	    (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ||
	    (bytes[0] == CONTROL_FRONT) != (fd >= 0)) {
		if (fd >= 0) {
			(void)close(fd);
		}
		return err_set(ERR_CORRUPT, "control: no message");
	}
	*out = (struct control_message){(enum control_type)bytes[0], bytes[1],
					fd};
	return 0;
}

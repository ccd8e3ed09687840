/* The two ends of the pipe between front and core: buffers, reads and writes.
 * What stands in a message is ipc_message's. */

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/pack.h"
#include "base/secret.h"
#include "wire/ipc_message.h"

/* All that a socket holds, so that what has arrived is one group. */
#define READ_BYTES_MIN (1u << 20)

static int
broken(const char *what)
{
	return err_set(ERR_CORRUPT, "front and core: %s", what);
}

void
ipc_reader_init(struct ipc_reader *r, enum ipc_side from)
{
	*r = (struct ipc_reader){.from = from};
	buf_init(&r->buf, IPC_MESSAGE_BYTES_MAX);
}

void
ipc_reader_clear(struct ipc_reader *r)
{
	buf_clear(&r->buf);
	r->taken = 0;
}

/* Moves what was not handed out yet to the front; wipes what was. */
static void
reader_compact(struct ipc_reader *r)
{
	size_t left = r->buf.len - r->taken;

	if (r->taken == 0) {
		return;
	}
	memmove(r->buf.data, r->buf.data + r->taken, left);
	secret_wipe(r->buf.data + left, r->taken);
	r->buf.len = left;
	r->taken = 0;
}

/* Where the next bytes go and how many: as many as the message that has begun
 * wants, at least a bufferful of small ones. */
static uint8_t *
reader_room(struct ipc_reader *r, size_t *out_n)
{
	size_t want = READ_BYTES_MIN;
	size_t room;

	reader_compact(r);
	if (r->buf.len >= 4) {
		size_t whole = 4 + (size_t)get_u32(r->buf.data);

		if (whole > r->buf.len && whole - r->buf.len > want) {
			want = whole - r->buf.len;
		}
	}
	room = r->buf.max - r->buf.len;
	*out_n = want < room ? want : room;
	return *out_n == 0 ? NULL : buf_room(&r->buf, *out_n);
}

/* The length in the header at p; 0 when it is out of bounds. */
static size_t
content_bytes(const uint8_t *p)
{
	size_t n = get_u32(p);

	return n == 0 || n > IPC_MESSAGE_BYTES_MAX - 4 ? 0 : n;
}

/* A length that cannot be is noticed before anything is read for it. */
static int
reader_check(struct ipc_reader *r)
{
	if (r->rc == 0 && r->buf.len - r->taken >= 4 &&
	    content_bytes(r->buf.data + r->taken) == 0) {
		r->rc = broken("a length that cannot be");
	}
	return r->rc;
}

int
ipc_reader_fill(struct ipc_reader *r, int fd)
{
	uint8_t *p;
	size_t room;
	ssize_t got;

	if (reader_check(r) != 0) {
		return r->rc;
	}
	p = reader_room(r, &room);
	if (p == NULL) {
		return room == 0 ? 0 : err_last()->code;
	}
	do {
		got = read(fd, p, room);
	} while (got < 0 && errno == EINTR);
	if (got == 0 || (got < 0 && errno == ECONNRESET)) {
		return err_set(ERR_UNAVAILABLE, "front and core: closed");
	}
	if (got < 0) {
		return errno == EAGAIN ? 0
				       : err_set(ERR_IO, "front and core: %s",
						 strerror(errno));
	}
	buf_grown(&r->buf, (size_t)got);
	return 0;
}

int
ipc_reader_feed(struct ipc_reader *r, struct bytes bytes)
{
	if (reader_check(r) != 0) {
		return r->rc;
	}
	reader_compact(r);
	return buf_put(&r->buf, bytes.p, bytes.n);
}

int
ipc_reader_next(struct ipc_reader *r, struct ipc_msg *out)
{
	size_t left = r->buf.len - r->taken;
	const uint8_t *p;
	size_t n;

	if (reader_check(r) != 0) {
		return r->rc;
	}
	if (left < IPC_HEADER_BYTES) {
		*out = (struct ipc_msg){.type = IPC_NONE};
		return 0;
	}
	p = r->buf.data + r->taken;
	n = content_bytes(p);
	if (!ipc_side_sends(r->from, p[4])) {
		r->rc = broken("a type of the other side, or none");
		return r->rc;
	}
	if (left < 4 + n) {
		*out = (struct ipc_msg){.type = IPC_NONE};
		return 0;
	}
	r->rc = ipc_message_take(p[4],
				 bytes_of(p + IPC_HEADER_BYTES, n - 1), out);
	if (r->rc == 0) {
		r->taken += 4 + n;
	}
	return r->rc;
}

void
ipc_writer_init(struct ipc_writer *w, size_t queue_bytes_max)
{
	*w = (struct ipc_writer){.sent = 0};
	buf_init(&w->buf, queue_bytes_max < IPC_MESSAGE_BYTES_MAX
				  ? IPC_MESSAGE_BYTES_MAX
				  : queue_bytes_max);
}

void
ipc_writer_clear(struct ipc_writer *w)
{
	buf_clear(&w->buf);
	w->sent = 0;
}

size_t
ipc_writer_pending(const struct ipc_writer *w)
{
	return w->buf.len - w->sent;
}

/* Forgets what the socket has taken, wiped. */
static void
writer_compact(struct ipc_writer *w)
{
	size_t left = ipc_writer_pending(w);

	if (w->sent == 0) {
		return;
	}
	memmove(w->buf.data, w->buf.data + w->sent, left);
	secret_wipe(w->buf.data + left, w->sent);
	w->buf.len = left;
	w->sent = 0;
}

int
ipc_writer_put(struct ipc_writer *w, const struct ipc_msg *m)
{
	size_t n = ipc_message_bytes(m);
	struct packer p = {.to = &w->buf};
	size_t before;

	if (n == 0) {
		return err_set(ERR_TOO_LARGE,
			       "front and core: a message over its bounds");
	}
	if (n > w->buf.max - w->buf.len) {
		writer_compact(w);
	}
	if (n > w->buf.max - w->buf.len) {
		return err_set(ERR_BUSY, "front and core: the queue is full");
	}
	before = w->buf.len;
	pack_u32(&p, (uint32_t)(n - 4));
	ipc_message_put(&p, m);
	if (p.rc != 0) {
		buf_cut(&w->buf, before);
	}
	return p.rc;
}

int
ipc_writer_flush(struct ipc_writer *w, int fd)
{
	while (ipc_writer_pending(w) > 0) {
		ssize_t n = send(fd, w->buf.data + w->sent,
				 ipc_writer_pending(w), MSG_NOSIGNAL);

		if (n >= 0) {
			w->sent += (size_t)n;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			break;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			return err_set(ERR_UNAVAILABLE,
				       "front and core: closed");
		} else if (errno != EINTR) {
			return err_set(ERR_IO, "front and core: %s",
				       strerror(errno));
		}
	}
	/* What has left is wiped when all of it has, or when half of the queue
	 * has: so each byte is moved once at most. */
	if (w->sent * 2 >= w->buf.len) {
		writer_compact(w);
	}
	return 0;
}

/* Messages between the front and the core: their bytes, checked on the way in,
 * and the two ends of the pipe. What a message asks for is not known here. */

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/pack.h"
#include "base/secret.h"
#include "wire/ipc.h"

#define READ_BYTES_FIRST 65536u
#define LIMITS_COUNT 4

_Static_assert(IPC_KEYS_MAX * IPC_KEY_BYTES + 16 < IPC_MESSAGE_BYTES_MAX,
	       "the whole table of keys fits one message");
_Static_assert(NINETY_MESSAGE_BYTES_MAX + FRAMES_MAX * 4 + 32 <
		       IPC_MESSAGE_BYTES_MAX,
	       "the largest call fits one message");

static int
broken(const char *what)
{
	return err_set(ERR_CORRUPT, "front and core: %s", what);
}

/* Frames of a call or reply. */
static void
take_frames(struct unpacker *u, struct frames *out)
{
	size_t n = unpack_u8(u);

	if (u->rc == 0 && n > FRAMES_MAX) {
		u->rc = broken("too many frames");
		return;
	}
	out->n = n;
	for (size_t i = 0; i < n && u->rc == 0; i++) {
		out->at[i] = unpack_bytes(u);
	}
}

static void
take_keys(struct unpacker *u, struct ipc_keys *out)
{
	size_t n = unpack_u32(u);

	if (u->rc == 0 && n > IPC_KEYS_MAX) {
		u->rc = broken("too many keys");
		return;
	}
	out->n = n;
	out->keys = unpack_raw(u, n * IPC_KEY_BYTES).p;
}

static void
take_init(struct unpacker *u, struct ipc_init *out)
{
	size_t n;

	out->secret_key = unpack_raw(u, IPC_KEY_BYTES).p;
	out->public_key = unpack_raw(u, IPC_KEY_BYTES).p;
	out->limits.message_bytes_max = unpack_u32(u);
	out->limits.connections_max = unpack_u32(u);
	out->limits.calls_in_flight_max = unpack_u32(u);
	out->limits.handshake_ms_max = unpack_u32(u);
	n = unpack_u8(u);
	if (u->rc == 0 && n > IPC_ENDPOINTS_MAX) {
		u->rc = broken("too many endpoints");
		return;
	}
	out->n_endpoints = n;
	for (size_t i = 0; i < n && u->rc == 0; i++) {
		struct bytes b = unpack_bytes(u);

		out->endpoints[i] = b;
		if (u->rc == 0 && (b.n == 0 || b.n > IPC_ENDPOINT_BYTES_MAX ||
				   memchr(b.p, 0, b.n) != NULL)) {
			u->rc = broken("an endpoint that is none");
		}
	}
}

/* Whether that side sends messages of that type; false for unknown types. */
static bool
side_sends(enum ipc_side side, uint8_t type)
{
	if (side == IPC_FROM_FRONT) {
		return type >= IPC_READY && type <= IPC_PONG;
	}
	return type >= IPC_INIT && type <= IPC_STOP;
}

static int
message_take(uint8_t type, struct bytes content, struct ipc_msg *out)
{
	struct unpacker u = {.from = content};
	struct ipc_msg m = {.type = (enum ipc_type)type};

	switch (m.type) {
	case IPC_CALL:
		m.call.token = unpack_u64(&u);
		m.call.caller = unpack_raw(&u, IPC_KEY_BYTES).p;
		take_frames(&u, &m.call.frames);
		break;
	case IPC_REPLY:
		m.reply.token = unpack_u64(&u);
		take_frames(&u, &m.reply.frames);
		break;
	case IPC_STATS:
		m.stats.denied = unpack_u64(&u);
		m.stats.live = unpack_u64(&u);
		m.stats.dropped = unpack_u64(&u);
		break;
	case IPC_PING:
	case IPC_PONG:
		m.nonce = unpack_u64(&u);
		break;
	case IPC_INIT:
		take_init(&u, &m.init);
		break;
	case IPC_KEYS:
		take_keys(&u, &m.keys);
		break;
	case IPC_READY:
	case IPC_STOP:
		break;
	case IPC_NONE:
	default:
		return broken("a type that is none");
	}
	if (unpack_end(&u) != 0) {
		return broken("a message of another length");
	}
	*out = m;
	return 0;
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
	size_t want = READ_BYTES_FIRST;
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
	if (!side_sends(r->from, p[4])) {
		r->rc = broken("a type of the other side, or none");
		return r->rc;
	}
	if (left < 4 + n) {
		*out = (struct ipc_msg){.type = IPC_NONE};
		return 0;
	}
	r->rc = message_take(p[4], bytes_of(p + IPC_HEADER_BYTES, n - 1), out);
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

static void
put_frames(struct packer *p, const struct frames *f)
{
	pack_u8(p, (uint8_t)f->n);
	for (size_t i = 0; i < f->n; i++) {
		pack_bytes(p, f->at[i]);
	}
}

static void
put_init(struct packer *p, const struct ipc_init *m)
{
	pack_raw(p, m->secret_key, IPC_KEY_BYTES);
	pack_raw(p, m->public_key, IPC_KEY_BYTES);
	pack_u32(p, m->limits.message_bytes_max);
	pack_u32(p, m->limits.connections_max);
	pack_u32(p, m->limits.calls_in_flight_max);
	pack_u32(p, m->limits.handshake_ms_max);
	pack_u8(p, (uint8_t)m->n_endpoints);
	for (size_t i = 0; i < m->n_endpoints; i++) {
		pack_bytes(p, m->endpoints[i]);
	}
}

static void
message_put(struct packer *p, const struct ipc_msg *m)
{
	pack_u8(p, (uint8_t)m->type);
	switch (m->type) {
	case IPC_CALL:
		pack_u64(p, m->call.token);
		pack_raw(p, m->call.caller, IPC_KEY_BYTES);
		put_frames(p, &m->call.frames);
		break;
	case IPC_REPLY:
		pack_u64(p, m->reply.token);
		put_frames(p, &m->reply.frames);
		break;
	case IPC_STATS:
		pack_u64(p, m->stats.denied);
		pack_u64(p, m->stats.live);
		pack_u64(p, m->stats.dropped);
		break;
	case IPC_PING:
	case IPC_PONG:
		pack_u64(p, m->nonce);
		break;
	case IPC_INIT:
		put_init(p, &m->init);
		break;
	case IPC_KEYS:
		pack_u32(p, (uint32_t)m->keys.n);
		pack_raw(p, m->keys.keys, m->keys.n * IPC_KEY_BYTES);
		break;
	case IPC_READY:
	case IPC_STOP:
	case IPC_NONE:
		break;
	}
}

static size_t
frames_room(const struct frames *f)
{
	size_t n = 1;

	for (size_t i = 0; i < f->n && i < FRAMES_MAX; i++) {
		if (f->at[i].n > IPC_MESSAGE_BYTES_MAX) {
			return SIZE_MAX / 2;
		}
		n += 4 + f->at[i].n;
	}
	return n;
}

/* The bytes of the whole message, or 0 for one that a reader would refuse. */
static size_t
message_bytes(const struct ipc_msg *m)
{
	size_t n = IPC_HEADER_BYTES;
	bool ok = m->type != IPC_NONE;

	if (m->type == IPC_CALL) {
		ok = m->call.frames.n <= FRAMES_MAX;
		n += 8 + IPC_KEY_BYTES + frames_room(&m->call.frames);
	} else if (m->type == IPC_REPLY) {
		ok = m->reply.frames.n <= FRAMES_MAX;
		n += 8 + frames_room(&m->reply.frames);
	} else if (m->type == IPC_STATS) {
		n += 3 * 8;
	} else if (m->type == IPC_PING || m->type == IPC_PONG) {
		n += 8;
	} else if (m->type == IPC_KEYS) {
		ok = m->keys.n <= IPC_KEYS_MAX;
		n += 4 + m->keys.n * IPC_KEY_BYTES;
	} else if (m->type == IPC_INIT) {
		ok = m->init.n_endpoints <= IPC_ENDPOINTS_MAX;
		n += 2 * IPC_KEY_BYTES + LIMITS_COUNT * 4 + 1;
		for (size_t i = 0; ok && i < m->init.n_endpoints; i++) {
			struct bytes b = m->init.endpoints[i];

			ok = b.n > 0 && b.n <= IPC_ENDPOINT_BYTES_MAX;
			n += 4 + b.n;
		}
	}
	return ok && n <= IPC_MESSAGE_BYTES_MAX ? n : 0;
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
	size_t n = message_bytes(m);
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
	message_put(&p, m);
	if (p.rc != 0) {
		w->buf.len = before;
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

/* What each message between front and core looks like, byte by byte. */

#include "base/pack.h"
#include "wire/ipc_message.h"

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

bool
ipc_side_sends(enum ipc_side side, uint8_t type)
{
	if (side == IPC_FROM_FRONT) {
		return type >= IPC_READY && type <= IPC_PONG;
	}
	return type >= IPC_INIT && type <= IPC_STOP;
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

int
ipc_message_take(uint8_t type, struct bytes content, struct ipc_msg *out)
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

void
ipc_message_put(struct packer *p, const struct ipc_msg *m)
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

size_t
ipc_message_bytes(const struct ipc_msg *m)
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

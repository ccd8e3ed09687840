#ifndef WIRE_IPC_H
#define WIRE_IPC_H

#include <stdint.h>

#include "base/buf.h"
#include "ninety/protocol.h"
#include "wire/frames.h"

/*
 * What the front and the core say to each other over a SOCK_STREAM socket
 * pair: u32 length of what follows, u8 type, content; integers big-endian.
 * Each side takes the other for hostile: everything is bounded, a type of the
 * wrong direction or a byte too many ends the connection.
 */
enum ipc_type {
	IPC_NONE = 0, /* no complete message yet */
	/* front to core */
	IPC_READY = 1, /* INIT obeyed: every endpoint is bound */
	IPC_CALL = 2,
	IPC_STATS = 3,
	IPC_PONG = 4,
	/* core to front */
	IPC_INIT = 64, /* after the first KEYS: nobody knocks at an empty table */
	IPC_REPLY = 65,
	IPC_KEYS = 66, /* replaces the whole table */
	IPC_PING = 67,
	IPC_STOP = 68 /* close the endpoints and leave */
};

#define IPC_KEY_BYTES NINETY_KEY_BYTES
#define IPC_KEYS_MAX 4096
#define IPC_ENDPOINTS_MAX 16
#define IPC_ENDPOINT_BYTES_MAX 256
/* Length and type, before the content. */
#define IPC_HEADER_BYTES 5
/* The largest message, header included: a whole call with its lengths. */
#define IPC_MESSAGE_BYTES_MAX (NINETY_MESSAGE_BYTES_MAX + 4096u)

/* A client's call; the token comes back in the reply. It is the front's own
 * and tells nothing to the core. */
struct ipc_call {
	uint64_t token;
	const uint8_t *caller; /* IPC_KEY_BYTES, the client's CURVE key */
	struct frames frames;  /* after the empty delimiter */
};

struct ipc_reply {
	uint64_t token;
	struct frames frames;
};

/* Totals since the front started; `live` is the present number. */
struct ipc_stats {
	uint64_t denied;  /* handshakes of keys that are not enrolled */
	uint64_t live;    /* connections */
	uint64_t dropped; /* messages that got silence */
};

struct ipc_limits {
	uint32_t message_bytes_max;   /* of one frame: ZMQ_MAXMSGSIZE */
	uint32_t connections_max;     /* per front */
	uint32_t calls_in_flight_max; /* taken from clients, not answered */
	uint32_t handshake_ms_max;
};

struct ipc_init {
	const uint8_t *secret_key; /* IPC_KEY_BYTES, the server's */
	const uint8_t *public_key;
	struct ipc_limits limits;
	struct bytes endpoints[IPC_ENDPOINTS_MAX]; /* text without NUL */
	size_t n_endpoints;
};

struct ipc_keys {
	const uint8_t *keys; /* n times IPC_KEY_BYTES, one after the other */
	size_t n;
};

struct ipc_msg {
	enum ipc_type type;
	union {
		struct ipc_call call;
		struct ipc_reply reply;
		struct ipc_stats stats;
		struct ipc_init init;
		struct ipc_keys keys;
		uint64_t nonce; /* IPC_PING, IPC_PONG */
	};
};

/* Whose messages a reader takes. */
enum ipc_side { IPC_FROM_FRONT, IPC_FROM_CORE };

struct ipc_reader {
	enum ipc_side from;
	struct buf buf;
	size_t taken; /* bytes of buf that were handed out */
	int rc;       /* sticky: a dead reader stays dead */
};

void ipc_reader_init(struct ipc_reader *r, enum ipc_side from);
void ipc_reader_clear(struct ipc_reader *r);

/* Reads once what is there to read, up to one largest message; 0 also when
 * that is nothing (EAGAIN) or when there is no room before ipc_reader_next
 * has been asked. Views handed out before are no longer valid. A blocking fd
 * blocks. ERR_UNAVAILABLE when the other side has closed, ERR_IO, or the
 * error that killed the reader. */
int ipc_reader_fill(struct ipc_reader *r, int fd) MUST_CHECK;

/* The same from bytes in memory, for tests; ERR_TOO_LARGE past the room. */
int ipc_reader_feed(struct ipc_reader *r, struct bytes bytes) MUST_CHECK;

/* The next complete message, borrowed until the next fill or clear;
 * out->type is IPC_NONE when there is none. ERR_CORRUPT: not a message of
 * that side; the reader is dead and the connection must be closed. */
int ipc_reader_next(struct ipc_reader *r, struct ipc_msg *out) MUST_CHECK;

struct ipc_writer {
	struct buf buf;
	size_t sent; /* bytes of buf that the socket has taken */
};

/* At most queue_bytes_max wait; at least IPC_MESSAGE_BYTES_MAX. */
void ipc_writer_init(struct ipc_writer *w, size_t queue_bytes_max);
void ipc_writer_clear(struct ipc_writer *w);

/* Queues a copy: nothing of it on failure. ERR_BUSY when the queue is full,
 * ERR_TOO_LARGE for a message that is over a bound, ERR_NOMEM. */
int ipc_writer_put(struct ipc_writer *w, const struct ipc_msg *m) MUST_CHECK;

/* Writes as much as the socket takes, in as few calls as it allows; 0 also
 * when some is left: then wait for POLLOUT. No SIGPIPE. ERR_UNAVAILABLE when
 * the other side is gone, ERR_IO. */
int ipc_writer_flush(struct ipc_writer *w, int fd) MUST_CHECK;

/* Bytes that wait for the socket. */
size_t ipc_writer_pending(const struct ipc_writer *w);

#endif

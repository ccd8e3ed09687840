/* rfc.zeromq.org/spec/23 (ZMTP 3.0) and /26 (CurveZMQ), the client's half. */

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <sodium.h>
#include <zmq.h>

#include "support/raw_peer.h"

#define FRAME_MAX 65536

struct handshake {
	uint8_t server[32];
	uint8_t public_key[32];
	uint8_t secret_key[32];
	uint8_t short_public[32];
	uint8_t short_secret[32];
	uint8_t server_short[32];
	uint8_t cookie[96];
};

static int
send_all(int s, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t done = send(s, p, n, MSG_NOSIGNAL);

		if (done <= 0) {
			return -1;
		}
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

static int
take_all(int s, uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t done = recv(s, p, n, 0);

		if (done <= 0) {
			return -1;
		}
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

static void
nonce_make(uint8_t out[24], const char *prefix, const void *rest)
{
	size_t n = strlen(prefix);

	memcpy(out, prefix, n);
	memcpy(out + n, rest, 24 - n);
}

static void
put_number(uint8_t out[8], uint64_t n)
{
	for (int i = 0; i < 8; i++) {
		out[i] = (uint8_t)(n >> (56 - 8 * i));
	}
}

static int
send_framed(int s, uint8_t flags, const uint8_t *body, size_t n)
{
	uint8_t head[9] = {flags};

	if (n <= 255) {
		head[1] = (uint8_t)n;
		return send_all(s, head, 2) != 0 || send_all(s, body, n) != 0
			       ? -1
			       : 0;
	}
	head[0] |= 2;
	put_number(head + 1, n);
	return send_all(s, head, 9) != 0 || send_all(s, body, n) != 0 ? -1 : 0;
}

static int
greet(int s)
{
	uint8_t ours[64] = {0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0,
			    'C',  'U', 'R', 'V', 'E'};
	uint8_t theirs[64];

	return send_all(s, ours, sizeof(ours)) != 0 ||
			       take_all(s, theirs, sizeof(theirs)) != 0
		       ? -1
		       : 0;
}

static int
hello(int s, struct handshake *h, uint64_t nonce)
{
	uint8_t body[200] = {5, 'H', 'E', 'L', 'L', 'O', 1, 0};
	const uint8_t zeros[64] = {0};
	uint8_t n[24];

	memcpy(body + 80, h->short_public, 32);
	put_number(body + 112, nonce);
	nonce_make(n, "CurveZMQHELLO---", body + 112);
	return crypto_box_easy(body + 120, zeros, sizeof(zeros), n, h->server,
			       h->short_secret) != 0 ||
			       send_framed(s, 4, body, sizeof(body)) != 0
		       ? -1
		       : 0;
}

static int
welcome(int s, struct handshake *h)
{
	uint8_t frame[2 + 168];
	uint8_t plain[128];
	uint8_t n[24];

	if (take_all(s, frame, sizeof(frame)) != 0 || frame[1] != 168) {
		return -1;
	}
	nonce_make(n, "WELCOME-", frame + 10);
	if (crypto_box_open_easy(plain, frame + 26, 144, n, h->server,
				 h->short_secret) != 0) {
		return -1;
	}
	memcpy(h->server_short, plain, 32);
	memcpy(h->cookie, plain + 32, 96);
	return 0;
}

static size_t
put_property(uint8_t *to, const char *name, const void *value, size_t n)
{
	size_t name_bytes = strlen(name);

	to[0] = (uint8_t)name_bytes;
	memcpy(to + 1, name, name_bytes);
	memset(to + 1 + name_bytes, 0, 3);
	to[4 + name_bytes] = (uint8_t)n;
	memcpy(to + 5 + name_bytes, value, n);
	return 5 + name_bytes + n;
}

static int
initiate(int s, struct handshake *h, uint64_t nonce, const void *routing_id,
	 size_t routing_id_bytes)
{
	uint8_t body[600] = {8, 'I', 'N', 'I', 'T', 'I', 'A', 'T', 'E'};
	uint8_t plain[400];
	uint8_t vouch[64];
	uint8_t n[24];
	size_t size = 128;

	memcpy(plain, h->public_key, 32);
	randombytes_buf(plain + 32, 16);
	memcpy(vouch, h->short_public, 32);
	memcpy(vouch + 32, h->server, 32);
	nonce_make(n, "VOUCH---", plain + 32);
	if (crypto_box_easy(plain + 48, vouch, sizeof(vouch), n,
			    h->server_short, h->secret_key) != 0) {
		return -1;
	}
	size += put_property(plain + size, "Socket-Type", "DEALER", 6);
	size += put_property(plain + size, "Identity", routing_id,
			     routing_id_bytes);
	memcpy(body + 9, h->cookie, 96);
	put_number(body + 105, nonce);
	nonce_make(n, "CurveZMQINITIATE", body + 105);
	return crypto_box_easy(body + 113, plain, size, n, h->server_short,
			       h->short_secret) != 0 ||
			       send_framed(s, 4, body, 113 + size + 16) != 0
		       ? -1
		       : 0;
}

/* READY, or ERROR for a key that is not enrolled. */
static int
ready(int s)
{
	uint8_t head[2];
	uint8_t body[256];

	return take_all(s, head, 2) != 0 || take_all(s, body, head[1]) != 0 ||
			       memcmp(body, "\5READY", 6) != 0
		       ? -1
		       : 0;
}

static int
connect_to(const char *endpoint)
{
	const struct timeval patience = {3, 0};
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_port = htons(
		(uint16_t)strtol(strrchr(endpoint, ':') + 1, NULL, 10));
	(void)setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience,
			 sizeof(patience));
	(void)setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &patience,
			 sizeof(patience));
	if (s >= 0 && connect(s, (struct sockaddr *)&a, sizeof(a)) != 0) {
		(void)close(s);
		return -1;
	}
	return s;
}

int
raw_peer_open(struct raw_peer *p, const struct ninety_key *key,
	      const void *routing_id, size_t routing_id_bytes)
{
	struct handshake h;

	p->nonce = 3;
	p->socket = connect_to(key->endpoint);
	(void)zmq_z85_decode(h.server, key->server_key);
	(void)zmq_z85_decode(h.public_key, key->public_key);
	(void)zmq_z85_decode(h.secret_key, key->secret_key);
	(void)crypto_box_keypair(h.short_public, h.short_secret);
	if (p->socket < 0 || greet(p->socket) != 0 ||
	    hello(p->socket, &h, 1) != 0 || welcome(p->socket, &h) != 0 ||
	    initiate(p->socket, &h, 2, routing_id, routing_id_bytes) != 0 ||
	    ready(p->socket) != 0 ||
	    crypto_box_beforenm(p->shared, h.server_short, h.short_secret) !=
		    0) {
		raw_peer_close(p);
		return -1;
	}
	return 0;
}

void
raw_peer_close(struct raw_peer *p)
{
	if (p->socket >= 0) {
		(void)close(p->socket);
	}
	p->socket = -1;
}

int
raw_peer_send(struct raw_peer *p, const void *frame, size_t n, int more)
{
	static uint8_t body[FRAME_MAX + 64] = {7,   'M', 'E', 'S',
					       'S', 'A', 'G', 'E'};
	static uint8_t plain[FRAME_MAX + 1];
	uint8_t nonce[24];

	if (n > FRAME_MAX) {
		return -1;
	}
	plain[0] = more != 0;
	memcpy(plain + 1, frame, n);
	put_number(body + 8, p->nonce++);
	nonce_make(nonce, "CurveZMQMESSAGEC", body + 8);
	if (crypto_box_easy_afternm(body + 16, plain, n + 1, nonce,
				    p->shared) != 0) {
		return -1;
	}
	return send_framed(p->socket, 0, body, 16 + n + 1 + 16);
}

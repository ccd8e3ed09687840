/*
 * Redis over TLS: commands and replies are hiredis', the TLS socket is
 * OpenSSL's (Debian's hiredis has none). Each operation is one MULTI/EXEC with
 * its audit entry; a window of them is pipelined. Sealed here.
 */

#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hiredis/hiredis.h>
#include <openssl/ssl.h>

#include "peer.h"

#define READ_BYTES 65536
#define WRITE_BYTES (1u << 20)

struct peer {
	int fd;
	SSL_CTX *ctx;
	SSL *tls;
	redisReader *reader;
	char in[READ_BYTES];
	char out[WRITE_BYTES]; /* goes when there is nothing to read */
	size_t out_n;
};

static void
peer_close(struct peer *p)
{
	if (p->reader != NULL) {
		redisReaderFree(p->reader);
	}
	SSL_free(p->tls);
	SSL_CTX_free(p->ctx);
	if (p->fd >= 0) {
		(void)close(p->fd);
	}
	free(p);
}

static int
dial(const char *at)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	const char *colon = strrchr(at, ':');
	char host[256];
	const int yes = 1;
	int fd = -1;

	if (colon == NULL || (size_t)(colon - at) >= sizeof(host)) {
		return -1;
	}
	memcpy(host, at, (size_t)(colon - at));
	host[colon - at] = '\0';
	if (getaddrinfo(host, colon + 1, &hints, &found) != 0) {
		return -1;
	}
	fd = socket(found->ai_family, found->ai_socktype, 0);
	if (fd >= 0 &&
	    (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) != 0 ||
	     connect(fd, found->ai_addr, found->ai_addrlen) != 0)) {
		(void)close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

static struct peer *
peer_open(const struct peer_kind *kind, const char *at, unsigned window)
{
	struct peer *p = calloc(1, sizeof(*p));

	(void)kind;
	(void)window;
	if (p == NULL) {
		return NULL;
	}
	p->fd = dial(at);
	p->ctx = SSL_CTX_new(TLS_client_method());
	p->tls = p->ctx == NULL ? NULL : SSL_new(p->ctx);
	p->reader = redisReaderCreate();
	if (p->fd < 0 || p->tls == NULL || p->reader == NULL ||
	    SSL_set_fd(p->tls, p->fd) != 1 || SSL_connect(p->tls) != 1) {
		(void)fprintf(stderr, "ninety-bench: redis: no TLS to %s\n",
			      at);
		peer_close(p);
		return NULL;
	}
	return p;
}

static int
flush(struct peer *p)
{
	int n = (int)p->out_n;

	p->out_n = 0;
	return n == 0 || SSL_write(p->tls, p->out, n) == n ? 0 : -1;
}

static void
add(struct peer *p, char *command, int n, bool *failed)
{
	if (n > 0 && (size_t)n > sizeof(p->out) - p->out_n) {
		*failed = flush(p) != 0 || *failed;
	}
	if (n <= 0 || (size_t)n > sizeof(p->out)) {
		*failed = true;
	} else {
		memcpy(p->out + p->out_n, command, (size_t)n);
		p->out_n += (size_t)n;
	}
	if (n > 0) {
		redisFreeCommand(command);
	}
}

#define ADD(...)                                                               \
	do {                                                                   \
		char *command_ = NULL;                                         \
		int n_ = redisFormatCommand(&command_, __VA_ARGS__);           \
		add(p, command_, n_, &failed);                                 \
	} while (0)

static int
peer_send(struct peer *p, enum peer_work work, uint64_t person,
	  const char *text)
{
	static const char *const words[] = {"contact", "write", "read"};
	uint8_t blind[PEER_BLIND_BYTES];
	uint8_t sealed[PEER_TEXT_BYTES_MAX + PEER_SEAL_OVERHEAD_BYTES];
	size_t n = 0;
	bool failed = false;

	peer_blind(person, blind);
	if (work != PEER_READ) {
		n = peer_seal(person, text, sealed);
	}
	ADD("MULTI");
	switch (work) {
	case PEER_CONTACT:
		ADD("SET contact:%b %b", blind, sizeof(blind), sealed, n);
		break;
	case PEER_WRITE:
		ADD("RPUSH record:%b %b", blind, sizeof(blind), sealed, n);
		break;
	case PEER_READ:
		ADD("GET contact:%b", blind, sizeof(blind));
		break;
	}
	ADD("RPUSH audit %s:%b:%llu", words[work], blind, sizeof(blind),
	    (unsigned long long)bench_now_us());
	ADD("EXEC");
	return failed ? -1 : 0;
}

static redisReply *
reply_next(struct peer *p)
{
	void *reply = NULL;

	for (;;) {
		int n;

		if (redisReaderGetReply(p->reader, &reply) != REDIS_OK) {
			return NULL;
		}
		if (reply != NULL) {
			return reply;
		}
		if (flush(p) != 0) {
			return NULL;
		}
		n = SSL_read(p->tls, p->in, sizeof(p->in));
		if (n <= 0 ||
		    redisReaderFeed(p->reader, p->in, (size_t)n) != REDIS_OK) {
			return NULL;
		}
	}
}

static bool
is_right(const redisReply *r, enum peer_work work, uint64_t person)
{
	const redisReply *first;

	if (r->type != REDIS_REPLY_ARRAY || r->elements != 2 ||
	    r->element[1]->type != REDIS_REPLY_INTEGER) {
		return false;
	}
	first = r->element[0];
	switch (work) {
	case PEER_CONTACT:
		return first->type == REDIS_REPLY_STATUS;
	case PEER_WRITE:
		return first->type == REDIS_REPLY_INTEGER;
	case PEER_READ:
		break;
	}
	return first->type == REDIS_REPLY_STRING &&
	       peer_opens(person, first->str, (size_t)first->len);
}

/* MULTI, two times QUEUED, and what EXEC says. */
static int
peer_receive(struct peer *p, enum peer_work work, uint64_t person)
{
	int rc = 0;

	for (int i = 0; i < 4; i++) {
		redisReply *r = reply_next(p);

		if (r == NULL) {
			(void)fprintf(stderr, "ninety-bench: redis: the "
					      "connection is lost\n");
			return -1;
		}
		if (r->type == REDIS_REPLY_ERROR ||
		    (i == 3 && !is_right(r, work, person))) {
			rc = 1;
		}
		freeReplyObject(r);
	}
	return rc;
}

const struct peer_kind peer_redis = {
	"redis",
	"TLS, appendfsync always, audit entry, sealed in the client",
	"127.0.0.1:56380",
	peer_open,
	peer_send,
	peer_receive,
	peer_close,
};

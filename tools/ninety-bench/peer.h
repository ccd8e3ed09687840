#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stddef.h>
#include <stdint.h>

#include "bench.h"

/*
 * What a user would otherwise build: a database with TLS, every commit
 * synced, personal data encrypted, and a row or entry of an audit table in
 * the same transaction as each write and each read. tools/bench-peers starts
 * them on loopback.
 *
 * `contact` adds a person's contact data before the clock runs. `send` begins
 * an operation; `receive` takes the answers in order and checks them: 0, 1 for
 * a wrong one, -1 when the connection is lost. Reasons go to stderr.
 */
struct peer;

enum peer_work { PEER_CONTACT, PEER_WRITE, PEER_READ };

#define PEER_TEXT_BYTES_MAX 4096

struct peer_kind {
	const char *name;
	const char *summary;
	const char *at;
	struct peer *(*open)(const struct peer_kind *kind, const char *at,
			     unsigned window);
	int (*send)(struct peer *p, enum peer_work work, uint64_t person,
		    const char *text);
	int (*receive)(struct peer *p, enum peer_work work, uint64_t person);
	void (*close)(struct peer *p);
};

extern const struct peer_kind *const peers[]; /* those that were built */
extern const size_t n_peers;

const struct peer_kind *peer_find(const char *name);

extern const struct peer_kind peer_postgres;
extern const struct peer_kind peer_postgres_pgp;
extern const struct peer_kind peer_redis;

/* Encryption in the client: a key for each person, a keyed hash of their
 * number to find them by, XChaCha20-Poly1305. */
#define PEER_BLIND_BYTES 16
#define PEER_SEAL_OVERHEAD_BYTES 40

void peer_blind(uint64_t person, uint8_t out[PEER_BLIND_BYTES]);
/* Returns the sealed length. */
size_t peer_seal(uint64_t person, const char *text, uint8_t *out);
/* Whether it opens, and is a person's contact data. */
int peer_opens(uint64_t person, const void *sealed, size_t n);
int peer_is_contact(const void *text, size_t n);

#endif

#ifndef BENCH_LOCAL_H
#define BENCH_LOCAL_H

#include "base/clock.h"
#include "service/core.h"

/*
 * The core of a ninetyd in this process: an instance made for one measurement
 * in a folder of its own, and removed with it. It is the daemon's code behind
 * the wire; what is missing is the front, ZeroMQ and CURVE. For figures that
 * a client cannot see from outside.
 *
 * Everything returns 0 or an exit status; the reason is on stderr.
 */
#define LOCAL_PATH_BYTES 512

struct local {
	char directory[LOCAL_PATH_BYTES];
	char store[LOCAL_PATH_BYTES];
	char keys[LOCAL_PATH_BYTES];
	char keystore[LOCAL_PATH_BYTES];
	char passphrase[LOCAL_PATH_BYTES];
	char policies[LOCAL_PATH_BYTES];
	char log[LOCAL_PATH_BYTES];
	char head[LOCAL_PATH_BYTES];
	struct clock_fake stands;
	struct core_config config;
	struct core *core;
	uint64_t token;

	/* Of the answers so far. */
	uint64_t answered;
	uint64_t refused;
	char first_refusal[256];
	uint64_t awaited; /* the token of local_call's */
	char *body;       /* its answer, NUL-terminated */
	/* Where set: told of each answer, with body its text. */
	void (*heard)(void *ctx, uint64_t token);
	void *heard_ctx;
};

struct local_options {
	const char *under;     /* the folder is made in here */
	uint32_t buckets;      /* of the look-up index; 0: default */
	bool time_stands;      /* it moves by local_advance alone */
	/* Lines of house.yaml that stand in the place of those with the same
	 * first word; up to NULL. */
	const char *const *house;
};

int local_open(const struct local_options *o, struct local *l);
void local_close(struct local *l);

/* Closes the core and leaves the instance; opens it again. */
void local_stop(struct local *l);
int local_start(struct local *l);

/* A folder of its own under `under`; its removal with all that is in it. */
int local_folder(const char *under, char out[LOCAL_PATH_BYTES]);
void local_remove(const char *directory);
/* Bytes of all files below. */
double tree_bytes(const char *directory);

/* The keyring of a folder without an instance: what keyring_create wants. */
int local_keyring(const char *directory, struct local *l,
		  struct keyring_config *out);

/* Hands a call in; it is answered by a later turn. */
int local_send(struct local *l, unsigned role, const char *operation,
	       const char *body);
int local_turn(struct local *l);

/* Sends, and turns until it is answered: l->body. */
int local_call(struct local *l, unsigned role, const char *operation,
	       const char *body);
/* Turns until all calls are answered and nothing is at work. */
int local_settle(struct local *l);
/* Turns until nothing is left to do but what waits for time; takes so long
 * when there is nothing. */
#define LOCAL_REST_US 50000
int local_rest(struct local *l);
void local_advance(struct local *l, int64_t ms);

/* The member `name` of the last answer: a text of at most n - 1 bytes, or a
 * number; false when it has none. */
bool local_text(const struct local *l, const char *name, char *out, size_t n);
int64_t local_number(const struct local *l, const char *name);

/* A fault in the words of the last error. */
int local_failed(const char *what);

#endif

#ifndef SERVICE_CORE_H
#define SERVICE_CORE_H

#include "base/clock.h"
#include "base/entropy.h"
#include "keyring/keyring.h"
#include "store/store.h"
#include "wire/frames.h"

/*
 * The core: everything behind the wire, without a socket. The owner's loop (or
 * a test) hands it calls, turns its wheel and carries its replies.
 *
 *	core_call(...) any number of times, then core_turn(...):
 *	due work, one sync for all, replies.
 */
struct core;

/* Where a call came from and its reply goes. */
struct origin {
	uint32_t front;
	uint64_t token;
	unsigned roles; /* mask of its endpoint */
};

struct core_host {
	void (*reply)(void *ctx, struct origin to, const struct frames *reply);
	/* The enrolled keys have changed; 32 bytes each. */
	void (*keys)(void *ctx, const uint8_t *keys, size_t n);
	void *ctx;
};

/* What a new instance begins with. */
struct core_principal {
	const char *name;
	uint8_t key[32];
	unsigned roles;
};

struct core_creation {
	uint32_t index_buckets;
	uint64_t people; /* whose keys are made ahead; at least 25,000 are */
	const struct core_principal *principals;
	size_t n;
};

struct core_config {
	/* Not NULL: make the instance first, ERR_EXISTS when there is one. The
	 * tree of keys, an empty store, the log's key, the principals. */
	const struct core_creation *creates;
	struct store_config store;
	struct keyring_config keyring;
	const char *policies; /* directory */
	const char *log;      /* directory of tiles and checkpoints */
	const char *head;     /* file beside the keystore */
	struct clock *clock;
	struct entropy *entropy;
	struct core_host host;
	unsigned calls_per_key_max; /* at work for one caller; 0: default */
	size_t group_bytes_max;     /* replies gathered before a sync */
};

/* Opens store, keys and policies, recovers, loads principals and jobs.
 * ERR_CONFIG, ERR_CORRUPT, ERR_IO with the reason. */
int core_open(const struct core_config *config, struct core **out) MUST_CHECK;

/* A clean end: what is accepted is finished, everything applied. */
void core_close(struct core *core);

/* Runs one call; its reply comes from core_turn or later. A caller that is not
 * enrolled gets silence. Only ERR_OUTCOME-like errors come back: stop. */
int core_call(struct core *core, struct origin from, const uint8_t *caller,
	      const struct frames *frames) MUST_CHECK;

/* Due jobs and timers, one sync, the replies. *out_wait_ms: how long until
 * something is due. An error means: stop, restart, recover. */
int core_turn(struct core *core, int64_t *out_wait_ms) MUST_CHECK;

/* Whether the group is full: call core_turn before another core_call. */
bool core_is_full(const struct core *core);

/* Readable when core_turn has something to do that came from a thread. */
int core_fd(const struct core *core);

/* Reads the policies anew, all or nothing: ERR_CONFIG keeps the old ones. */
int core_reload(struct core *core) MUST_CHECK;

/* Whether calls are at work whose answers are still owed. */
bool core_is_idle(const struct core *core);

/* What each front has told of itself, for service.status. */
void core_front_stats(struct core *core, uint32_t front, uint64_t denied,
		      uint64_t live, uint64_t dropped);

/* The enrolled keys now, as host.keys gets them. */
void core_keys(struct core *core, const uint8_t **out_keys, size_t *out_n);

#endif

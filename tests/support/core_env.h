#ifndef SUPPORT_CORE_ENV_H
#define SUPPORT_CORE_ENV_H

#include "base/clock.h"
#include "service/core.h"
#include "service/ops.h"
#include "support/keyring_env.h"

/*
 * A whole core in process: the shipped policies, a store on disk or in memory,
 * a throw-away keyring, a clock that stands until it is moved, and one key for
 * each role. Calls go in as frames, as the front brings them.
 *
 *	struct core_env e;
 *	core_env_open(&e, NULL);
 *	core_env_call(&e, ROLE_ADMIN, "service.ping", "{}");
 *	assert_string_equal(e.status, "ok");
 *	... core_env_text(&e, "version") ...
 *	core_env_close(&e);
 *
 * Failures end the test.
 */
struct core_env {
	struct keyring_env keys;
	struct clock_fake clock;
	char directory[96];
	char policies[192];
	char log[128];
	char head[128];
	char store[128];
	struct core_config config;
	struct core *core;
	uint64_t token;

	/* The last answer. */
	bool answered;
	uint64_t answered_token;
	char status[33];
	char *body; /* NUL-terminated */
	struct arena *arena;
	struct value answer;
	uint8_t keys_seen[64][32];
	size_t n_keys_seen;
};

struct core_env_options {
	bool on_disk;         /* journal and LMDB instead of memory */
	const char *policies; /* another directory than the shipped ones */
	unsigned calls_per_key_max; /* 0: the default */
	uint32_t index_buckets; /* 0: default */
	int64_t now_ms;       /* 0: 2026-03-02T09:00:00Z */
};

void core_env_open(struct core_env *e, const struct core_env_options *o);
void core_env_close(struct core_env *e);

/* Stops it in good order and opens it again. */
void core_env_restart(struct core_env *e);

/* The key that is enrolled for a role (one bit). */
const uint8_t *core_env_key(unsigned role);

/* One call with a fresh id, until its answer is there (threads included). */
void core_env_call(struct core_env *e, unsigned role, const char *operation,
		   const char *json);
/* The same with an id of one's own. */
void core_env_call_id(struct core_env *e, unsigned role, const char *operation,
		      const struct id *id, const char *json);

/* core_env_call that must say "ok". */
void core_env_ok(struct core_env *e, unsigned role, const char *operation,
		 const char *json);
/* ... that must say `status`, at `field` unless that is NULL. */
void core_env_refused(struct core_env *e, unsigned role, const char *operation,
		      const char *json, const char *status, const char *field);

/* JSON with printf's words. The text lives until the next call of it but
 * seven. */
const char *json_of(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* A member of the last answer by a path as "items.0.request"; NULL. */
const struct value *core_env_at(const struct core_env *e, const char *path);
const char *core_env_text(const struct core_env *e, const char *path);
int64_t core_env_number(const struct core_env *e, const char *path);

/* Turns until nothing is due and nothing at work. */
void core_env_settle(struct core_env *e);

/* Moves the clock and settles. */
void core_env_advance(struct core_env *e, int64_t ms);

#endif

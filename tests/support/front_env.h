#ifndef SUPPORT_FRONT_ENV_H
#define SUPPORT_FRONT_ENV_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "ninety/client.h"
#include "wire/ipc.h"

/*
 * A ninety-front of our own with a core that echoes: the body of a call comes
 * back with status "ok", except for the operations "hold" (answered when the
 * test says so), "hush" (silence) and "slow" (a millisecond of work).
 */
#define FRONT_ENV_KEYS_MAX 64

struct front_env {
	char endpoint[128];
	struct ninety_key server;
	pid_t pid;
	int fd;
	pthread_t thread;
	pthread_mutex_t lock;
	uint8_t keys[FRONT_ENV_KEYS_MAX][NINETY_KEY_BYTES]; /* enrolled */
	size_t n_keys;
	struct ipc_stats stats;
	atomic_bool keys_changed;
	atomic_int pongs;
	atomic_bool is_releasing; /* answer what was held */
	atomic_bool is_stopping;
	atomic_int held;
	atomic_int calls;
	atomic_bool is_ready;
};

/* Starts on a free port of loopback, or at `endpoint`; extra_argument may be
 * NULL. Fails the test unless the front is ready within 10 s. */
void front_env_start(struct front_env *e, const char *endpoint,
		     const char *extra_argument);

/* Orderly stop; returns the front's exit status, or minus its signal. */
int front_env_stop(struct front_env *e);

/* A front that is to open its doors before it knows anybody: how it ends. */
int front_env_init_alone(void);

/* Kills the front and waits for it; front_env_stop is not called then. */
void front_env_kill(struct front_env *e);

/* A fresh key pair that fits the front; enrolled if wanted. */
void front_env_key(struct front_env *e, bool is_enrolled,
		   struct ninety_key *out_key);
void front_env_revoke_all(struct front_env *e);

struct ipc_stats front_env_stats(struct front_env *e);

/* Resident memory of the front, in bytes. */
long front_env_resident(const struct front_env *e);

int front_env_free_port(void);

#endif

#ifndef SERVICE_OWNER_H
#define SERVICE_OWNER_H

#include "service/core.h"
#include "wire/ipc.h"

/*
 * The core's loop: fronts on one side, the core on the other. One thread.
 * Calls are taken from all fronts in turn, a bounded number each, then the
 * core turns: one sync, and all replies go.
 */
struct owner;

#define OWNER_FRONTS_MAX 16

struct owner_front {
	const char *endpoint;
	unsigned roles; /* mask of those who may come in here */
};

struct owner_config {
	struct core_config core; /* its host is the owner's to set */
	const uint8_t *server_secret; /* 32 bytes, lent for owner_add_front */
	const uint8_t *server_public;
	struct ipc_limits limits;
	struct owner_front fronts[OWNER_FRONTS_MAX];
	size_t n_fronts;
	/* Called when control_fd is readable: it may call owner_add_front,
	 * owner_reload and owner_stop. -1: there is none. */
	int control_fd;
	void (*control)(struct owner *, void *ctx);
	/* All fronts have said that they are ready, or again after a reload. */
	void (*ready)(void *ctx);
	void *ctx;
	int64_t stop_ms; /* a stop waits so long for open calls */
};

int owner_open(const struct owner_config *config,
	       struct owner **out) MUST_CHECK;
void owner_close(struct owner *o);

/* A front's new socket, the old one's place is taken: what was in flight to
 * the old one is dropped (its clients repeat). The owner owns fd. */
int owner_add_front(struct owner *o, size_t index, int fd) MUST_CHECK;

/* Policies anew; ERR_CONFIG keeps the old ones. */
int owner_reload(struct owner *o) MUST_CHECK;

/* Takes no more calls, answers what is accepted, then owner_run returns 0. */
void owner_stop(struct owner *o);

/* Until owner_stop; an error means: the process must end and recover. */
int owner_run(struct owner *o) MUST_CHECK;

#endif

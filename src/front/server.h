#ifndef FRONT_SERVER_H
#define FRONT_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "front/usage.h"

/*
 * The front: owns every ZeroMQ object of the service and nothing else. It gets
 * its orders from the core (wire/ipc.h) over one socket, hands calls up and
 * replies down, and holds no state that is worth keeping.
 */
struct front_options {
	int core_fd;              /* SOCK_STREAM */
	int64_t memory_bytes_max; /* resident; past it the front ends itself */
	bool is_sandboxed;
	struct usage usage; /* opened while the process was dumpable */
};

/* Runs until the core says stop or is gone. Returns an exit status of
 * sysexits.h: 0 after STOP, 69 when the core went away, 73 when an endpoint is
 * taken, 78 when it cannot be bound at all, 71 past the memory bound, 70 when the self-test failed. */
int front_run(const struct front_options *options);

#endif

#ifndef NINETY_PIPELINE_H
#define NINETY_PIPELINE_H

#include "connect.h"

/*
 * Many writes in flight over one connection. Each has an id; while its answer
 * is missing, or is `busy` or `unavailable`, it is sent again under the same
 * id with the same bytes, until the connection's time is over. Answers come in
 * any order.
 */
struct pipeline;

#define PIPELINE_WINDOW 64

/* An answer: `tag` is the caller's own, `body` decoded. Returns 0, or an exit
 * status that ends the run. */
typedef int pipeline_fn(void *ctx, uint64_t tag, const char *status,
			const struct value *body);

int pipeline_open(struct connection *c, pipeline_fn *answered, void *ctx,
		  struct pipeline **out);
void pipeline_close(struct pipeline *p);

/* Sends a call; waits for an answer first when the window is full.
 * `operation` is static. 0 or an exit status. */
int pipeline_put(struct pipeline *p,
		 const unsigned char id[NINETY_CALL_ID_BYTES],
		 const char *operation, const struct value *body, uint64_t tag);

/* Waits for all that is under way. */
int pipeline_finish(struct pipeline *p);

#endif

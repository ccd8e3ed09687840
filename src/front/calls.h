#ifndef FRONT_CALLS_H
#define FRONT_CALLS_H

#include "base/err.h"
#include "ninety/protocol.h"

/* The form that libzmq gives the routing ids it makes itself. */
#define ROUTING_ID_BYTES 5

/* What a reply needs: the connection that brought the call, and the key that
 * it was made with. Never a name that a client has chosen. */
struct call_origin {
	uint8_t routing_id[ROUTING_ID_BYTES];
	char caller[NINETY_KEY_TEXT_BYTES];
};

/* The calls at work: tokens to origins, a fixed number of places. */
struct calls;

struct calls *calls_new(size_t places);
void calls_free(struct calls *c);

bool calls_is_full(const struct calls *c);

/* Notes a call and returns the token of it; there must be a place. A token is
 * not given twice within 2^32 uses of its place. */
uint64_t calls_add(struct calls *c, const struct call_origin *origin);

/* Ends a call: false when no such call is at work. */
bool calls_take(struct calls *c, uint64_t token,
		struct call_origin *out_origin);

#endif

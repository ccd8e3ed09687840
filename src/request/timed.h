#ifndef REQUEST_TIMED_H
#define REQUEST_TIMED_H

#include "call/call.h"

/* How often the service looks for what is due. */
#define REQUEST_TIMED_MS 1000

/* What requests do by themselves, a few at a time: alarms of their dates,
 * expiry of what nobody verified, the end of a cool-off, of a bundle, of a
 * record. For the service's table of timed work. */
int request_timed(struct call *c, bool *out_more) MUST_CHECK;

#endif

#ifndef NAVIGATION_IDLE_H
#define NAVIGATION_IDLE_H

#include "call/call.h"

/*
 * Timed: a visitor of whom nothing is left, and who is older than what the
 * policy keeps, is forgotten: the head, the place in the look-up index, the
 * key. Walks over all visitors, some at a time, the cursor in the store.
 */
int visitors_forget_idle(struct call *c, bool *out_more);

#endif

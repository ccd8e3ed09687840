#ifndef REGISTRATION_BANDS_H
#define REGISTRATION_BANDS_H

#include "call/call.h"

/*
 * Timed: minors grow up by themselves. Once a month, on its first day, every
 * head is looked at in bounded steps: a band whose month is over moves on; at
 * adulthood the guardian's entries leave the look-up index, and that there was
 * a guardian is forgotten (the guardian's record went with its day). No list
 * of minors exists: it would tell what the heads are sealed for.
 */
int registration_advance_bands(struct call *c, bool *out_more);

#endif

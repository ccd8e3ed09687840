#ifndef REQUEST_TAKEDOWN_H
#define REQUEST_TAKEDOWN_H

#include "registration/consent.h"

/*
 * consent.set with what follows from a withdrawal: what was published on that
 * consent must come down, so whoever publishes gets a notice `take_down` with
 * the shares by which it went out (GDPR Art. 7(3), 17(1)(b)).
 */
int consent_set_told(struct call *c, const void *in, void *out);

#endif

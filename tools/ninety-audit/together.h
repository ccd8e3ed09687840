#ifndef NINETY_AUDIT_TOGETHER_H
#define NINETY_AUDIT_TOGETHER_H

#include "instance.h"

/*
 * That the parts of an instance are of one time: store, log, tree of keys,
 * keystore and head each remember something of the others, and one that was
 * put back alone, or with some of the rest, does not fit. Only all of them put
 * back together is seen by nobody but who keeps a later checkpoint. Adds what
 * it finds to the report; without the keystore it knows less.
 */
void together_check(struct instance *in);

#endif

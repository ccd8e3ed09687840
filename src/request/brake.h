#ifndef REQUEST_BRAKE_H
#define REQUEST_BRAKE_H

#include "call/call.h"

/*
 * A brake on deletion in bulk: one key of compliance, in wrong hands, can end
 * no more people a day than the house foresees (house.yaml,
 * erasures_per_day). More takes another policy, which is the operator's to
 * load, or another day.
 *
 *	TABLE_SYSTEM "erasures.day": day 4 || number 4
 */

/* Counts an erasure that is about to begin. ERR_STATE with `state`
 * "erasures_braked": today's are used up. */
int brake_take(struct call *c) MUST_CHECK;

#endif

#ifndef POLICY_PRIVATE_H
#define POLICY_PRIVATE_H

#include <stdatomic.h>

#include "policy/policy.h"

/* A policy, the memory that it lies in, and who still needs it. Only load.c
 * makes one. */
struct policy_box {
	struct policy policy; /* first: a policy's address is its box's */
	struct arena *arena;
	atomic_uint references;
};

#endif

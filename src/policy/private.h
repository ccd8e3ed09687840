#ifndef POLICY_PRIVATE_H
#define POLICY_PRIVATE_H

#include <stdatomic.h>

#include "base/bytes.h"
#include "policy/policy.h"

/* A policy, the memory that it lies in, and who still needs it. Only load.c
 * makes one. */
struct policy_box {
	struct policy policy; /* first: a policy's address is its box's */
	struct arena *arena;
	atomic_uint references;
};

#define POLICY_MEMORY_BYTES_MAX (64u << 20)

/* The files that there must be, in the order of enum raw_source. */
#define POLICY_MAIN_FILES 5
extern const char *const policy_main_files[POLICY_MAIN_FILES];

/* One file, read. Without content it could not be, and has had its fault. */
struct policy_source {
	const char *file; /* "house.yaml", "regimes/gdpr.yaml" */
	struct bytes content;
};

/* A policy from sources: the main files first, then regimes. The arena, in
 * which the sources lie, becomes the policy's when it succeeds, and stays the
 * caller's otherwise. ERR_CONFIG, ERR_NOMEM. */
int policy_load_sources(struct arena *a, const struct policy_source *sources,
			size_t n, const struct policy **out_policy,
			struct policy_faults *faults) MUST_CHECK;

#endif

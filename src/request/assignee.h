#ifndef REQUEST_ASSIGNEE_H
#define REQUEST_ASSIGNEE_H

#include "call/call.h"

/*
 * Names of those who work on requests, by number, so that a covering row holds
 * a number only: one sealed row of TABLE_SYSTEM, "request.assignees".
 */
#define ASSIGNEE_BYTES_MAX 64
#define ASSIGNEES_MAX 1000

/* The number of a name, a new one where it has none; from 1. ERR_TOO_MANY. */
int assignee_number(struct call *c, const char *name,
		    uint32_t *out_number) MUST_CHECK;

/* All names in the arena: names[number - 1]. */
int assignee_names(struct call *c, const char *const **out_names,
		   size_t *out_n) MUST_CHECK;

#endif

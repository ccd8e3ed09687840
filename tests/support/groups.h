#ifndef SUPPORT_GROUPS_H
#define SUPPORT_GROUPS_H

#include "store/store.h"

/*
 * Numbered groups: number n is one txn of three rows in three tables that say
 * n, synced. A store holds groups 1 to n whole and nothing else, or it is
 * wrong. Nothing here is of cmocka, so that a child process can use it.
 */

/* The store's own error; the group was answered if there is none. */
int groups_write(struct store *s, uint64_t n) MUST_CHECK;

/* How many there are. ERR_CORRUPT: one is there in part, is missing, or is
 * there after the last. */
int groups_count(struct txn *t, uint64_t *out_n) MUST_CHECK;

#endif

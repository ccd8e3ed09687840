#ifndef NINETY_AUDIT_LEAVES_H
#define NINETY_AUDIT_LEAVES_H

#include "recount.h"

/*
 * The leaves that the store holds, its journal included, against the entries
 * of the log's files, once they have been replayed. The store may be ahead:
 * what is durable there reaches the files a moment later. Of a log that continues
 * a closed one both begin with the leaf that says so. ERR_IO, ERR_BUSY.
 */
int leaves_compare(struct recount *r, const char *store) MUST_CHECK;

#endif

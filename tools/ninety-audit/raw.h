#ifndef NINETY_AUDIT_RAW_H
#define NINETY_AUDIT_RAW_H

#include "base/bytes.h"
#include "base/err.h"
#include "store/keyspace.h"

/*
 * Rows as they lie in the raw files of a store, whether anything still leads
 * to them or not: LMDB leaf pages, live and free, and what is left in the gaps
 * between their nodes; groups in journal segments, old ones too.
 */

/* TABLE_END where the file does not tell: a page is of any table. */
typedef void raw_row_fn(void *ctx, enum table table, struct bytes key,
			struct bytes value);

struct raw_counts {
	uint64_t pages; /* of data.mdb */
	uint64_t leaf_pages;
	uint64_t segments; /* files of the journal */
	uint64_t rows;     /* handed to the function */
};

/* The same on bytes at hand: the pages of a data.mdb, and one segment. Whatever
 * they are, no byte beyond them is read or handed on. */
void raw_scan_pages(struct bytes file, raw_row_fn *then, void *ctx,
		    struct raw_counts *counts);
void raw_scan_segment(struct bytes file, raw_row_fn *then, void *ctx,
		      struct raw_counts *counts);

/* Reads a data.mdb; ERR_NOT_FOUND, ERR_IO. Counts are added to. */
int raw_scan_data(const char *file, raw_row_fn *then, void *ctx,
		  struct raw_counts *counts) MUST_CHECK;

/* Reads every file of a directory of journal segments; no directory is no
 * error. */
int raw_scan_journal(const char *directory, raw_row_fn *then, void *ctx,
		     struct raw_counts *counts) MUST_CHECK;

#endif

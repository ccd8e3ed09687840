#ifndef SUPPORT_FAULT_IO_H
#define SUPPORT_FAULT_IO_H

#include "store/io.h"

/*
 * The system's disk, whose n-th call fails: once, or from then on. A failing
 * write may write a part of its bytes first.
 */
enum fault_kind { FAULT_EIO, FAULT_ENOSPC, FAULT_TORN };

struct fault_io {
	struct io base;
	enum fault_kind kind;
	unsigned long calls;   /* so far */
	unsigned long fail_at; /* 1: the first; 0: never */
	bool forever;
	bool failed;
};

void fault_io_init(struct fault_io *f, enum fault_kind kind,
		   unsigned long fail_at, bool forever);

#endif

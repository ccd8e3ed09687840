#ifndef SUPPORT_FAULT_IO_H
#define SUPPORT_FAULT_IO_H

#include "store/io.h"

/*
 * The system's disk, whose n-th call fails: once, or from then on. A failing
 * write may write a part of its bytes first (FAULT_TORN). When the power goes
 * (FAULT_POWER), any of the sectors of a write that was not synced are there
 * and any are not: those of the failing write, or of the one before a failing
 * sync.
 */
enum fault_kind { FAULT_EIO, FAULT_ENOSPC, FAULT_TORN, FAULT_POWER };

#define FAULT_SECTOR_BYTES 512
#define FAULT_WRITE_BYTES_MAX (1u << 16)

struct fault_io {
	struct io base;
	enum fault_kind kind;
	unsigned long calls;   /* so far */
	unsigned long fail_at; /* 1: the first; 0: never */
	bool forever;
	bool failed;
	unsigned random;
	/* The last write, and what was there before it. */
	int last_fd;
	size_t last_n;
	off_t last_at;
	uint8_t before[FAULT_WRITE_BYTES_MAX];
};

void fault_io_init(struct fault_io *f, enum fault_kind kind,
		   unsigned long fail_at, bool forever);

#endif

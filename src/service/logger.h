#ifndef SERVICE_LOGGER_H
#define SERVICE_LOGGER_H

#include "base/bytes.h"

struct core;

/* What the log last signed; borrowed until the next turn. */
struct log_view {
	struct bytes note; /* empty before the first checkpoint */
	uint64_t size;
	const char *vkey;
	const char *origin;
};

struct log_view logger_view(const struct core *core);

#endif

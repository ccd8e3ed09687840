#ifndef TOOLS_NINETY_OFFLINE_H
#define TOOLS_NINETY_OFFLINE_H

#include "connect.h"
#include "service/core.h"

/* A stopped instance as the core opens it: for verbs that work on the files
 * alone. Points into itself: not to be copied. */
struct offline {
	struct config *config;
	struct core_config core;
	char head[PATH_BYTES];
};

/* An exit status; says why. */
int offline_open(const struct options *o, struct offline *out);
void offline_close(struct offline *f);

/* Says why it did not work; the exit status for it. */
int offline_refusal(int rc);

#endif

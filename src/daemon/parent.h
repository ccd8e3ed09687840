#ifndef DAEMON_PARENT_H
#define DAEMON_PARENT_H

#include "daemon/config.h"

/* The keyless process: starts the core and one front for each endpoint, starts
 * them again when they die, passes signals on. Returns an exit status. */
int parent_run(const struct config *config);

#endif

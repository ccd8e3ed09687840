#ifndef DAEMON_CORE_MAIN_H
#define DAEMON_CORE_MAIN_H

#include "daemon/config.h"

/* The core as a process: the parent has executed this program anew with the
 * control socket. Returns an exit status. */
int core_main(const struct config *config, int control_fd);

#endif

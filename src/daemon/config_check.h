#ifndef DAEMON_CONFIG_CHECK_H
#define DAEMON_CONFIG_CHECK_H

#include "daemon/config.h"
#include "daemon/config_text.h"

/* Fills `c` (zeroed but for `file` and `dir`) from the text, with a default
 * for all that is absent. ERR_CONFIG names file, line and column; `yaml` is
 * where they are looked up. */
int config_check(const struct config_text *t, struct bytes yaml,
		 struct config *c) MUST_CHECK;

#endif

#ifndef DAEMON_INSTANCE_H
#define DAEMON_INSTANCE_H

#include "daemon/config.h"
#include "service/core.h"

/* What the core wants to know, said in terms of the configuration: for the
 * daemon and for `ninety init`. Everything is borrowed from `c`, and `head`
 * must hold the text that is made here: the file beside the keystore. Host,
 * clock and entropy are the system's; `creates` is left NULL. */
void instance_core_config(const struct config *c,
			  char head[4096], struct core_config *out);

/* Says once what the operator should know of a keystore without a second
 * place: losing one disk erases everybody. */
void instance_warn(const struct config *c);

#endif

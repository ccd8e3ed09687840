#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

/*
 * What a service manager is told: sd_notify(3), one datagram to the socket
 * named by NOTIFY_SOCKET, which systemd documents as stable. Silent without
 * one. libsystemd would bring four more libraries into the process.
 */

/* At the start: remembers the socket and drops the variables, so that no child
 * inherits them. */
void notify_open(void);

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);
void notify_alive(void);

/* How often the manager wants to hear notify_alive; 0: never. */
int64_t notify_alive_ms(void);

#endif

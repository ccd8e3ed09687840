#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/notify.h"

static struct {
	struct sockaddr_un address;
	socklen_t bytes;
	int64_t alive_ms;
} manager;

void
notify_open(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	const char *watchdog = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");

	if (watchdog != NULL &&
	    (pid == NULL || strtol(pid, NULL, 10) == (long)getpid())) {
		manager.alive_ms = strtoll(watchdog, NULL, 10) / 1000;
	}
	if (path != NULL && (path[0] == '/' || path[0] == '@') &&
	    strlen(path) < sizeof(manager.address.sun_path)) {
		manager.address.sun_family = AF_UNIX;
		memcpy(manager.address.sun_path, path, strlen(path));
		if (path[0] == '@') {
			manager.address.sun_path[0] = '\0';
		}
		manager.bytes =
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				    strlen(path));
	}
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
}

static void
say(const char *text)
{
	int s;

	if (manager.bytes == 0) {
		return;
	}
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s >= 0) {
		/* A manager that does not listen is no reason to stop. */
		(void)sendto(s, text, strlen(text), MSG_NOSIGNAL,
			     (const struct sockaddr *)&manager.address,
			     manager.bytes);
		(void)close(s);
	}
}

void
notify_ready(void)
{
	say("READY=1");
}

void
notify_reloading(void)
{
	char text[80];

	(void)snprintf(text, sizeof(text),
		       "RELOADING=1\nMONOTONIC_USEC=%lld",
		       (long long)clock_boot_us());
	say(text);
}

void
notify_stopping(void)
{
	say("STOPPING=1");
}

void
notify_alive(void)
{
	say("WATCHDOG=1");
}

int64_t
notify_alive_ms(void)
{
	return manager.bytes == 0 ? 0 : manager.alive_ms;
}

/* Children are executed anew: none inherits a memory, a descriptor or a
 * signal mask that it was not meant to have. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/child.h"

#define DELAY_MS_MIN 50
/* Who lived so long did not fail at its start. */
#define LIVED_MS 10000

static void
become(const char *program, char *const argv[], int fd)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (fd == CHILD_FD ? fcntl(fd, F_SETFD, 0) != 0
			   : dup2(fd, CHILD_FD) < 0) {
		_exit(EX_OSERR);
	}
	(void)syscall(SYS_close_range, CHILD_FD + 1, ~0U, 0);
	(void)execv(program, argv);
	log_write(LOG_ERROR, "not_executed",
		  LOG_TEXT("why", strerror(errno)));
	_exit(EX_OSERR);
}

int
child_start(struct child *c, const char *program, char *const argv[], int fd,
	    int64_t now_ms)
{
	pid_t pid = fork();

	if (pid < 0) {
		return err_set(ERR_IO, "fork: %s", strerror(errno));
	}
	if (pid == 0) {
		become(program, argv, fd);
	}
	c->pid = pid;
	c->started_ms = now_ms;
	return 0;
}

void
child_ended(struct child *c, int64_t now_ms, int64_t delay_ms_max)
{
	if (now_ms - c->started_ms >= LIVED_MS || c->delay_ms == 0) {
		c->delay_ms = DELAY_MS_MIN;
	} else if (c->delay_ms < delay_ms_max) {
		c->delay_ms = c->delay_ms * 2 < delay_ms_max ? c->delay_ms * 2
							     : delay_ms_max;
	}
	c->pid = 0;
	c->restart_at_ms = now_ms + c->delay_ms;
}

bool
child_is_due(const struct child *c, int64_t now_ms)
{
	return c->pid == 0 && now_ms >= c->restart_at_ms;
}

/* Watches; holds no key and reads no data. What the core and the fronts say to
 * each other does not pass through here. */

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/child.h"
#include "daemon/control.h"
#include "daemon/notify.h"
#include "daemon/parent.h"
#include "sandbox/sandbox.h"

#ifndef NINETY_LIBEXEC_DIR
#define NINETY_LIBEXEC_DIR "/usr/libexec/ninety"
#endif

#define FRONT_DELAY_MS_MAX 800 /* it must be back within a second */
#define CORE_DELAY_MS_MAX 10000
#define CORE_STARTS_MAX 5 /* in a row that never became ready */
#define PING_MS 1000
#define FRONTS_END_MS 4000
/* A core that does not end at its own deadline. */
#define STOP_GRACE_MS 10000
#define NUMBER_BYTES 24
#define MIB 1048576LL

struct parent {
	const struct config *config;
	char program[PATH_MAX];
	char front[PATH_MAX + 16];
	int signals;
	int control; /* -1: no core */
	struct child core;
	struct child fronts[CONFIG_ENDPOINTS_MAX];
	bool was_ready;
	int starts_unready;
	bool is_stopping;
	int64_t stop_at_ms;
	bool is_core_gone; /* for good: only the fronts are left */
	int64_t fronts_until_ms;
	int64_t ping_at_ms;
	bool is_answered; /* the last ping */
	int64_t alive_at_ms;
	int exit_status;
};

static int64_t
now_ms(void)
{
	return clock_boot_ms(clock_system());
}

static void
tell_core(struct parent *p, enum control_type type, uint8_t number, int fd)
{
	/* A core that is gone is heard of by its end. */
	if (p->control >= 0 &&
	    control_send(p->control, type, number, fd) != 0) {
		log_write(LOG_WARNING, "core_not_told",
			  LOG_TEXT("why", err_last()->text));
	}
}

/* --- starting --- */

static void
start_front(struct parent *p, size_t i)
{
	char fd[NUMBER_BYTES];
	char memory[NUMBER_BYTES];
	char connections[NUMBER_BYTES];
	char *argv[10] = {"ninety-front", "--core", fd, "--memory", memory,
			  "--connections", connections};
	size_t n = 7;
	int pair[2];

	(void)snprintf(fd, sizeof(fd), "%d", CHILD_FD);
	(void)snprintf(memory, sizeof(memory), "%lld",
		       (long long)(p->config->limits.front_memory_bytes /
				   MIB));
	(void)snprintf(connections, sizeof(connections), "%lld",
		       (long long)p->config->limits.connections);
	if (!p->config->is_sandboxed) {
		argv[n++] = "--no-sandbox";
	}
	if (p->config->log_level == LOG_DEBUG) {
		argv[n++] = "--debug";
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		       pair) != 0) {
		log_write(LOG_ERROR, "front_not_started",
			  LOG_TEXT("why", strerror(errno)));
		child_ended(&p->fronts[i], now_ms(), FRONT_DELAY_MS_MAX);
		return;
	}
	if (child_start(&p->fronts[i], p->front, argv, pair[0], now_ms()) !=
	    0) {
		log_write(LOG_ERROR, "front_not_started",
			  LOG_TEXT("why", err_last()->text));
		child_ended(&p->fronts[i], now_ms(), FRONT_DELAY_MS_MAX);
	} else {
		tell_core(p, CONTROL_FRONT, (uint8_t)i, pair[1]);
	}
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
start_core(struct parent *p)
{
	char fd[NUMBER_BYTES];
	char *argv[] = {"ninetyd", "--core", fd, "--config", p->config->file,
			NULL};
	int pair[2];
	int rc;

	(void)snprintf(fd, sizeof(fd), "%d", CHILD_FD);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		rc = err_set(ERR_IO, "socketpair: %s", strerror(errno));
	} else {
		rc = child_start(&p->core, p->program, argv, pair[0],
				 now_ms());
		(void)close(pair[0]);
		if (rc == 0) {
			p->control = pair[1];
		} else {
			(void)close(pair[1]);
		}
	}
	if (rc != 0) {
		log_write(LOG_ERROR, "core_not_started",
			  LOG_TEXT("why", err_last()->text));
		child_ended(&p->core, now_ms(), CORE_DELAY_MS_MAX);
		return;
	}
	p->starts_unready++;
	p->is_answered = true;
	for (size_t i = 0; i < p->config->n_endpoints; i++) {
		/* Old ones end by themselves when their core is gone; their
		 * places are filled as they do. */
		p->fronts[i].delay_ms = 0;
		if (p->fronts[i].pid == 0) {
			start_front(p, i);
		}
	}
}

/* --- ending --- */

static void
end_all(struct parent *p, int exit_status)
{
	if (!p->is_stopping) {
		p->is_stopping = true;
		p->exit_status = exit_status;
		p->stop_at_ms = now_ms() + p->config->limits.stop_ms +
				STOP_GRACE_MS;
		notify_stopping();
		tell_core(p, CONTROL_STOP, 0, -1);
	}
}

static void
core_gone_for_good(struct parent *p)
{
	p->is_core_gone = true;
	p->fronts_until_ms = now_ms() + FRONTS_END_MS;
}

static void
core_died(struct parent *p, int wait_status)
{
	int code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
	int signal_number = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status)
						     : 0;

	(void)close(p->control);
	p->control = -1;
	child_ended(&p->core, now_ms(), CORE_DELAY_MS_MAX);
	if (p->is_stopping) {
		if (code != 0 && p->exit_status == EX_OK) {
			p->exit_status = code > 0 ? code : EX_SOFTWARE;
		}
		core_gone_for_good(p);
		return;
	}
	log_write(LOG_ERROR, "core_died", LOG_NUMBER("status", code),
		  LOG_NUMBER("signal", signal_number));
	/* What is wrong from the start does not mend itself. */
	if (code == EX_CONFIG || (code >= 0 && !p->was_ready) ||
	    p->starts_unready >= CORE_STARTS_MAX) {
		p->is_stopping = true;
		p->exit_status = code > 0 ? code : EX_SOFTWARE;
		notify_stopping();
		core_gone_for_good(p);
	}
}

static void
front_died(struct parent *p, size_t i, int wait_status)
{
	int code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;

	child_ended(&p->fronts[i], now_ms(), FRONT_DELAY_MS_MAX);
	if (p->is_stopping) {
		return;
	}
	log_write(LOG_WARNING, "front_died", LOG_NUMBER("number", i),
		  LOG_NUMBER("status", code),
		  LOG_NUMBER("signal", WIFSIGNALED(wait_status)
					       ? WTERMSIG(wait_status)
					       : 0));
	if (!p->was_ready && (code == EX_CONFIG || code == EX_CANTCREAT)) {
		end_all(p, code == EX_CONFIG ? EX_CONFIG : EX_UNAVAILABLE);
	}
}

static void
reap(struct parent *p)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == p->core.pid) {
			core_died(p, status);
			continue;
		}
		for (size_t i = 0; i < p->config->n_endpoints; i++) {
			if (pid == p->fronts[i].pid) {
				front_died(p, i, status);
			}
		}
	}
}

/* --- the loop --- */

static void
take_signals(struct parent *p)
{
	struct signalfd_siginfo info;

	while (read(p->signals, &info, sizeof(info)) ==
	       (ssize_t)sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGTERM:
		case SIGINT:
			log_plain(LOG_NOTICE, "stopping");
			end_all(p, EX_OK);
			break;
		case SIGHUP:
			notify_reloading();
			tell_core(p, CONTROL_RELOAD, 0, -1);
			break;
		default:
			reap(p);
			break;
		}
	}
}

static void
core_is_ready(struct parent *p)
{
	p->was_ready = true;
	p->starts_unready = 0;
	log_write(LOG_NOTICE, "ready", LOG_NUMBER("endpoints",
						  p->config->n_endpoints));
	notify_ready();
}

static void
take_control(struct parent *p)
{
	struct control_message m = {.type = CONTROL_NONE, .fd = -1};

	do {
		if (control_take(p->control, &m) != 0) {
			return; /* its end is told by SIGCHLD */
		}
		switch (m.type) {
		case CONTROL_READY:
			core_is_ready(p);
			break;
		case CONTROL_RELOADED:
		case CONTROL_REFUSED:
			notify_ready();
			break;
		case CONTROL_PONG:
			p->is_answered = true;
			break;
		case CONTROL_NONE:
			break;
		case CONTROL_FRONT:
		case CONTROL_RELOAD:
		case CONTROL_STOP:
		case CONTROL_PING:
		default:
			if (m.fd >= 0) {
				(void)close(m.fd);
			}
			log_plain(LOG_ERROR, "core_out_of_order");
			break;
		}
	} while (m.type != CONTROL_NONE);
}

/* A core that does not answer in time is the service manager's to judge. */
static void
watch_core(struct parent *p, int64_t now)
{
	int64_t alive_ms = notify_alive_ms();

	if (alive_ms > 0 && p->is_answered &&
	    now - p->alive_at_ms >= alive_ms / 4) {
		p->alive_at_ms = now;
		notify_alive();
	}
	if (now >= p->ping_at_ms && p->is_answered && p->control >= 0) {
		p->ping_at_ms = now + PING_MS;
		p->is_answered = false;
		tell_core(p, CONTROL_PING, 0, -1);
	}
}

static void
restart_what_is_due(struct parent *p, int64_t now)
{
	if (child_is_due(&p->core, now)) {
		start_core(p);
		return;
	}
	for (size_t i = 0; p->control >= 0 && i < p->config->n_endpoints;
	     i++) {
		if (child_is_due(&p->fronts[i], now)) {
			start_front(p, i);
		}
	}
}

static void
kill_fronts(const struct parent *p)
{
	for (size_t i = 0; i < p->config->n_endpoints; i++) {
		if (p->fronts[i].pid > 0) {
			(void)kill(p->fronts[i].pid, SIGKILL);
		}
	}
}

static bool
has_fronts(const struct parent *p)
{
	for (size_t i = 0; i < p->config->n_endpoints; i++) {
		if (p->fronts[i].pid > 0) {
			return true;
		}
	}
	return false;
}

/* False when all is over. */
static bool
turn(struct parent *p)
{
	struct pollfd fds[] = {{p->signals, POLLIN, 0},
			       {p->control, POLLIN, 0}};
	int64_t now;

	(void)poll(fds, 2, p->is_stopping || p->core.pid == 0 ? 20 : 50);
	take_signals(p);
	if (p->control >= 0) {
		take_control(p);
	}
	now = now_ms();
	if (!p->is_stopping) {
		watch_core(p, now);
		restart_what_is_due(p, now);
		return true;
	}
	if (!p->is_core_gone) {
		if (p->core.pid == 0) {
			core_gone_for_good(p);
		} else if (now >= p->stop_at_ms) {
			log_plain(LOG_ERROR, "core_does_not_end");
			(void)kill(p->core.pid, SIGKILL);
			p->exit_status = EX_SOFTWARE;
			p->stop_at_ms = INT64_MAX;
		}
		return true;
	}
	if (has_fronts(p) && now >= p->fronts_until_ms) {
		kill_fronts(p);
	}
	return has_fronts(p);
}

static int
find_programs(struct parent *p)
{
	ssize_t n = readlink("/proc/self/exe", p->program,
			     sizeof(p->program) - 1);
	char *slash;

	if (n <= 0) {
		return err_set(ERR_IO, "/proc/self/exe: %s", strerror(errno));
	}
	p->program[n] = '\0';
	slash = strrchr(p->program, '/');
	(void)snprintf(p->front, sizeof(p->front), "%.*s/ninety-front",
		       (int)(slash - p->program), p->program);
	if (p->config->front != NULL) {
		(void)snprintf(p->front, sizeof(p->front), "%s",
			       p->config->front);
	} else if (access(p->front, X_OK) != 0) {
		(void)snprintf(p->front, sizeof(p->front), "%s",
			       NINETY_LIBEXEC_DIR "/ninety-front");
	}
	return access(p->front, X_OK) == 0
		       ? 0
		       : err_set(ERR_CONFIG,
				 "%s:1:1: front: there is no program "
				 "%.120s; name it as 'front'",
				 p->config->file, p->front);
}

static int
open_signals(struct parent *p)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) {
		return err_set(ERR_IO, "signals: %s", strerror(errno));
	}
	p->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return p->signals < 0
		       ? err_set(ERR_IO, "signals: %s", strerror(errno))
		       : 0;
}

int
parent_run(const struct config *config)
{
	struct parent p = {.config = config, .control = -1};
	int rc = find_programs(&p);

	if (rc == 0) {
		rc = open_signals(&p);
	}
	if (rc == 0 && config->is_sandboxed) {
		rc = sandbox_calls(SANDBOX_PARENT);
	}
	if (rc != 0) {
		(void)fprintf(stderr, "ninetyd: %s\n", err_last()->text);
		return rc == ERR_CONFIG ? EX_CONFIG : EX_OSERR;
	}
	notify_open();
	start_core(&p);
	while (turn(&p)) {
	}
	log_write(LOG_NOTICE, "stopped", LOG_NUMBER("status", p.exit_status));
	return p.exit_status;
}

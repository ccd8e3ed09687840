/* The system calls of each role, as libseccomp rules. What is not listed ends
 * the process: at once in release builds; debug builds say which call it was
 * unless the thread blocks all signals, as libzmq's do (the kernel log tells). */

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <seccomp.h>

#include "base/log.h"
#include "sandbox/sandbox.h"

#ifdef SANDBOX_OFF

int
sandbox_calls(enum sandbox_role role)
{
	(void)role;
	return 0;
}

#else

/* Memory, threads, time, descriptors that are open already. */
static const char *const everybody[] = {
	"brk", "clock_getres", "clock_gettime", "clock_nanosleep", "close",
	"epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait", "eventfd2",
	"exit", "exit_group", "fcntl", "fstat", "futex", "getegid", "geteuid",
	"getgid", "getpid", "getppid", "getrandom", "getrlimit", "getrusage",
	"gettid", "gettimeofday", "getuid", "ioctl", "lseek", "madvise",
	"membarrier", "mlock", "mmap", "mprotect", "mremap", "munlock", "munmap", "nanosleep",
	"newfstatat", "poll", "ppoll", "prctl", "pread64", "prlimit64",
	"pwrite64", "read", "readv", "recvfrom", "recvmsg", "restart_syscall",
	"rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
	"rt_sigtimedwait", "sched_getaffinity", "sched_getparam",
	"sched_getscheduler", "sched_setscheduler", "sched_yield", "sendmsg",
	"sendto", "set_robust_list", "sigaltstack", "sysinfo", "tgkill",
	"time", "uname", "write", "writev", NULL};

static const char *const front[] = {
	"accept", "accept4", "bind", "connect", "getdents64", "getpeername",
	"getsockname", "getsockopt", "listen", "pipe2", "setsockopt",
	"shutdown", "socket", "socketpair", "unlink", NULL};

/* Files, locks and key memory; no new socket. */
static const char *const core[] = {
	"access", "alarm", "chmod", "copy_file_range", "dup", "faccessat", "faccessat2",
	"fadvise64", "fallocate", "fchmod", "fdatasync", "flock", "fstatfs",
	"fsync", "ftruncate", "getcwd", "getdents64", "getsockopt", "link",
	"linkat", "lstat", "mincore", "mkdir", "mkdirat", "mlock2", "msync", "open", "openat", "pipe2", "preadv", "pwritev",
	"readlink", "readlinkat", "rename", "renameat", "renameat2", "rmdir",
	"signalfd4", "stat", "statfs", "statx", "sync_file_range", "syncfs",
	"timerfd_create", "timerfd_settime", "umask", "unlink", "unlinkat",
	"utimensat", NULL};

/* Processes, and what they need on their way to a filter of their own. */
static const char *const parent[] = {
	"arch_prctl", "capget", "clone", "close_range", "dup2", "dup3",
	"execve", "getpriority", "kill", "landlock_add_rule",
	"landlock_create_ruleset", "landlock_restrict_self", "pidfd_open",
	"pidfd_send_signal", "seccomp", "set_tid_address", "setpgid",
	"setpriority", "setrlimit", "setsid", "vfork", "wait4", "waitid", NULL};

static int
allow(scmp_filter_ctx filter, const char *const *names)
{
	for (size_t i = 0; names[i] != NULL; i++) {
		int number = seccomp_syscall_resolve_name(names[i]);
		int rc;

		if (number == __NR_SCMP_ERROR) {
			continue; /* not on this machine */
		}
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
		if (rc != 0 && rc != -EDOM) {
			return rc;
		}
	}
	return 0;
}

/* Threads, not processes. The flags of clone3 lie in memory, where a filter
 * cannot look: glibc falls back to clone when there is no such call. */
static int
allow_threads(scmp_filter_ctx filter)
{
	int rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
				  SCMP_SYS(clone3), 0);

	return rc != 0 ? rc
		       : seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					  SCMP_SYS(clone), 1,
					  SCMP_A0(SCMP_CMP_MASKED_EQ,
						  CLONE_THREAD, CLONE_THREAD));
}

/* glibc's malloc looks at /proc when it gives memory back, and copes with a
 * refusal. */
static int
refuse_files(scmp_filter_ctx filter)
{
	int rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES),
				  SCMP_SYS(openat), 0);

	return rc != 0 ? rc
		       : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES),
					  SCMP_SYS(open), 0);
}

static int
allow_role(scmp_filter_ctx filter, enum sandbox_role role)
{
	int rc = allow(filter, everybody);

	if (rc == 0 && role != SANDBOX_CORE) {
		rc = allow(filter, front);
	}
	if (rc == 0) {
		rc = role == SANDBOX_FRONT ? refuse_files(filter)
					   : allow(filter, core);
	}
	if (rc == 0 && role == SANDBOX_PARENT) {
		rc = allow(filter, parent);
	}
	if (rc == 0 && role == SANDBOX_PARENT) {
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
					SCMP_SYS(clone3), 0);
	}
	return rc == 0 ? allow_threads(filter) : rc;
}

#ifndef SANDBOX_EXPLAINS

static uint32_t
refusal(void)
{
	return SCMP_ACT_KILL_PROCESS;
}

#else

static void
say_which(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	log_write(LOG_ERROR, "system_call_not_allowed",
		  LOG_NUMBER("call", info->si_syscall));
	_exit(EX_SOFTWARE);
}

static uint32_t
refusal(void)
{
	struct sigaction act = {.sa_sigaction = say_which,
				.sa_flags = SA_SIGINFO};

	(void)sigaction(SIGSYS, &act, NULL);
	return SCMP_ACT_TRAP;
}

#endif

int
sandbox_calls(enum sandbox_role role)
{
	scmp_filter_ctx filter = seccomp_init(refusal());
	int rc;

	if (filter == NULL) {
		return err_set(ERR_NOMEM, "no memory for the filter");
	}
	rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (rc == 0) {
		rc = allow_role(filter, role);
	}
	if (rc == 0) {
		rc = seccomp_load(filter);
	}
	seccomp_release(filter);
	if (rc == 0) {
		return 0;
	}
	/* A container may keep seccomp to itself. */
	if (rc == -EINVAL || rc == -ENOSYS || rc == -EFAULT) {
		log_write(LOG_NOTICE, "seccomp_absent",
			  LOG_TEXT("why", strerror(-rc)));
		return 0;
	}
	return err_set(ERR_INTERNAL, "seccomp: %s", strerror(-rc));
}

#endif

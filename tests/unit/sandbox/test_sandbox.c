/* Each case in a child of its own: a sandbox is not taken off again. */

#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/sandbox.h"

#define SKIPPED 77
#define SURVIVED 0

static int
in_child(int (*f)(void))
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		_exit(f());
	}
	assert_int_equal(pid, waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int
plain_part(void)
{
	struct rlimit core;

	return sandbox_begin() == 0 &&
			       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
			       prctl(PR_GET_DUMPABLE) == 0 &&
			       getrlimit(RLIMIT_CORE, &core) == 0 &&
			       core.rlim_max == 0
		       ? 0
		       : 1;
}

static void
process_is_not_dumpable_and_gains_nothing(void **state)
{
	(void)state;
	assert_int_equal(0, in_child(plain_part));
}

static char allowed[] = "/tmp/ninety-sandbox-XXXXXX";

static bool
can_write(const char *dir)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/x", dir);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd >= 0) {
		(void)close(fd);
		(void)unlink(path);
	}
	return fd >= 0;
}

/* A file that can be filled, and neither read nor removed again. */
static bool
made_and_hidden(void)
{
	const char *path = "/var/tmp/ninety-sandbox-test";
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	return fd >= 0 && write(fd, "x", 1) == 1 &&
	       open(path, O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES &&
	       unlink(path) != 0 && errno == EACCES;
}

static bool
has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
}

static int
files_part(void)
{
	const struct sandbox_path paths[] = {
		{allowed, SANDBOX_WRITE},
		{"/usr/share", SANDBOX_READ},
		{"/var/tmp", SANDBOX_CREATE},
		{"/nonexistent", SANDBOX_WRITE}};

	if (sandbox_begin() != 0 || sandbox_files(paths, 4) != 0 ||
	    !can_write(allowed)) {
		return 1;
	}
	if (!has_landlock()) {
		return SKIPPED;
	}
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 &&
			       errno == EACCES && !can_write("/tmp") &&
			       !can_write("/usr/share") &&
			       open("/usr/share", O_RDONLY | O_CLOEXEC) >= 0 &&
			       made_and_hidden()
		       ? 0
		       : 2;
}

/* What makes sockets alone is confined by the first version too. */
static int
first_version_part(void)
{
	const struct sandbox_path paths[] = {{allowed, SANDBOX_SOCKET}};
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/s", allowed);
	if (fd < 0 || sandbox_begin() != 0 ||
	    sandbox_files_as(1, paths, 1) != 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    unlink(at.sun_path) != 0) {
		return 1;
	}
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 &&
			       errno == EACCES && !can_write(allowed)
		       ? 0
		       : 2;
}

/* What must move files is not: rather no Landlock than no log. */
static int
moves_part(void)
{
	const struct sandbox_path paths[] = {{allowed, SANDBOX_WRITE}};

	return sandbox_begin() == 0 && sandbox_files_as(1, paths, 1) == 0 &&
			       sandbox_files_as(0, paths, 1) == 0 &&
			       can_write("/tmp")
		       ? 0
		       : 1;
}

static void
first_version_serves_who_moves_nothing(void **state)
{
	int rc;

	(void)state;
#ifdef SANDBOX_OFF
	skip();
#endif
	assert_int_equal(0, in_child(moves_part));
	if (!has_landlock()) {
		skip();
	}
	memcpy(allowed + strlen(allowed) - 6, "XXXXXX", 6);
	assert_non_null(mkdtemp(allowed));
	rc = in_child(first_version_part);
	assert_int_equal(0, rmdir(allowed));
	memcpy(allowed + strlen(allowed) - 6, "XXXXXX", 6);
	assert_int_equal(0, rc);
}

static void
files_outside_are_out_of_reach(void **state)
{
	int rc;

	(void)state;
#ifdef SANDBOX_OFF
	skip();
#endif
	assert_non_null(mkdtemp(allowed));
	rc = in_child(files_part);
	assert_int_equal(0, rmdir(allowed));
	(void)unlink("/var/tmp/ninety-sandbox-test");
	if (rc == SKIPPED) {
		skip();
	}
	assert_int_equal(0, rc);
}

/* What a process of ours never does; each ends it. */
static const struct {
	const char *name;
	long number;
	bool for_core; /* forbidden to the core as well */
} foreign[] = {
	{"execve", SYS_execve, true},
	{"ptrace", SYS_ptrace, true},
	{"mount", SYS_mount, true},
	{"setuid", SYS_setuid, true},
	{"chroot", SYS_chroot, true},
	{"init_module", SYS_init_module, true},
	{"bpf", SYS_bpf, true},
	{"keyctl", SYS_keyctl, true},
	{"process_vm_readv", SYS_process_vm_readv, true},
	{"perf_event_open", SYS_perf_event_open, true},
	{"io_uring_setup", SYS_io_uring_setup, true},
	{"userfaultfd", SYS_userfaultfd, true},
	{"unshare", SYS_unshare, true},
	{"kill", SYS_kill, true},
	{"fork", SYS_fork, true},
	{"reboot", SYS_reboot, true},
	{"symlink", SYS_symlink, true},
	{"mknod", SYS_mknod, true},
	{"memfd_create", SYS_memfd_create, true},
	{"socket", SYS_socket, false},
	{"mkdir", SYS_mkdir, false},
	{"rename", SYS_rename, false},
	{"ftruncate", SYS_ftruncate, false},
};

static enum sandbox_role role_tried;
static size_t call_tried;

static int
calls_part(void)
{
	if (sandbox_begin() != 0 || sandbox_calls(role_tried) != 0) {
		return 1;
	}
	(void)syscall(foreign[call_tried].number, 0, 0, 0, 0, 0, 0);
	return SURVIVED;
}

static void
foreign_calls_end_the_process(void **state)
{
	(void)state;
#ifdef SANDBOX_OFF
	skip();
#endif
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		call_tried = i;
		role_tried = SANDBOX_FRONT;
		if (foreign[i].number != SYS_socket &&
		    in_child(calls_part) == SURVIVED) {
			fail_msg("the front may call %s", foreign[i].name);
		}
		role_tried = SANDBOX_CORE;
		if ((foreign[i].for_core ||
		     foreign[i].number == SYS_socket) &&
		    in_child(calls_part) == SURVIVED) {
			fail_msg("the core may call %s", foreign[i].name);
		}
	}
}

static void *
thread_part(void *arg)
{
	(void)arg;
	return arg;
}

static int
work_part(void)
{
	pthread_t thread;
	char *p;

	if (sandbox_begin() != 0 || sandbox_calls(role_tried) != 0 ||
	    pthread_create(&thread, NULL, thread_part, NULL) != 0 ||
	    pthread_join(thread, NULL) != 0) {
		return 1;
	}
	p = malloc(10000000);
	if (p == NULL) {
		return 1;
	}
	memset(p, 1, 10000000);
	free(p);
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 ? 2 : 0;
}

static void
threads_and_memory_go_on(void **state)
{
	(void)state;
#ifdef SANDBOX_OFF
	skip();
#endif
	role_tried = SANDBOX_FRONT;
	assert_int_equal(0, in_child(work_part));
	role_tried = SANDBOX_CORE;
	assert_int_equal(2, in_child(work_part)); /* it has files */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(process_is_not_dumpable_and_gains_nothing),
		cmocka_unit_test(first_version_serves_who_moves_nothing),
		cmocka_unit_test(files_outside_are_out_of_reach),
		cmocka_unit_test(foreign_calls_end_the_process),
		cmocka_unit_test(threads_and_memory_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

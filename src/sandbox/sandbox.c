/* The plain part of the sandbox: what needs neither Landlock nor seccomp. */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "sandbox/sandbox.h"

int
sandbox_begin(void)
{
	const struct rlimit none = {0, 0};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    setrlimit(RLIMIT_CORE, &none) != 0 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
		return err_set(ERR_INTERNAL, "cannot lock the process down: %s",
			       strerror(errno));
	}
	(void)umask(077);
	return 0;
}

int64_t
sandbox_raise_descriptors(int64_t wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
		return -1;
	}
	if (limit.rlim_cur < (rlim_t)wanted) {
		limit.rlim_cur = limit.rlim_max < (rlim_t)wanted
					 ? limit.rlim_max
					 : (rlim_t)wanted;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0 ||
		    getrlimit(RLIMIT_NOFILE, &limit) != 0) {
			return -1;
		}
	}
	return limit.rlim_cur > INT64_MAX ? INT64_MAX
					  : (int64_t)limit.rlim_cur;
}

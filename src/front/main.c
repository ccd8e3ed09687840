/* ninety-front: takes its one socket from ninetyd and serves it. It is not
 * started by hand. */

#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "front/server.h"
#include "sandbox/sandbox.h"

/* Descriptors that libzmq and we need besides one a connection. */
#define DESCRIPTORS_OWN 128
#define MIB 1048576LL
#define MEMORY_MIB_DEFAULT 512

static const struct argp_option options[] = {
	{"core", 'c', "FD", 0, "the socket to the core", 0},
	{"memory", 'm', "MIB", 0, "end past so much resident memory", 0},
	{"connections", 'n', "N", 0, "descriptors for so many clients", 0},
	{"no-sandbox", 's', NULL, 0, "keep files and system calls", 0},
	{"debug", 'd', NULL, 0, "log everything", 0},
	{0}};

struct arguments {
	struct front_options front;
	long connections;
	enum log_level level;
};

static long
number(struct argp_state *state, const char *text, long min, long max)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno != 0 || *text == '\0' || *end != '\0' || n < min ||
	    n > max) {
		argp_error(state, "bad number");
	}
	return n;
}

static error_t
take_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'c':
		a->front.core_fd = (int)number(state, text, 3, 1000);
		return 0;
	case 'm':
		a->front.memory_bytes_max =
			MIB * number(state, text, 1, 1 << 20);
		return 0;
	case 'n':
		a->connections = number(state, text, 1, 1 << 20);
		return 0;
	case 's':
		a->front.is_sandboxed = false;
		return 0;
	case 'd':
		a->level = LOG_DEBUG;
		return 0;
	case ARGP_KEY_END:
		if (a->front.core_fd < 0) {
			argp_error(state, "ninetyd starts this program");
		}
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int
main(int argc, char **argv)
{
	static const struct argp argp = {
		options, take_option, NULL,
		"The ZeroMQ side of ninetyd, which starts it.", NULL, NULL,
		NULL};
	struct arguments a = {
		.front = {.core_fd = -1,
			  .memory_bytes_max = MEMORY_MIB_DEFAULT * MIB,
			  .is_sandboxed = true},
		.connections = 1024,
		.level = LOG_NOTICE};
	int64_t wanted;
	int64_t got;
	int status;

	argp_err_exit_status = EX_USAGE;
	(void)argp_parse(&argp, argc, argv, 0, NULL, &a);
	log_open("ninety-front", a.level);
	/* An orderly end is the core's to say; a terminal or a service manager
	 * that signals the whole group must not cut replies off. */
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	usage_open(&a.front.usage);
	if (sandbox_begin() != 0 || secret_init() != 0) {
		log_write(LOG_ERROR, "not_started",
			  LOG_TEXT("why", err_last()->text));
		return EX_OSERR;
	}
	/* The group may reach the socket of an ipc endpoint. */
	(void)umask(007);
	wanted = a.connections + DESCRIPTORS_OWN;
	got = sandbox_raise_descriptors(wanted);
	if (got < wanted) {
		log_write(LOG_WARNING, "few_descriptors",
			  LOG_NUMBER("wanted", wanted),
			  LOG_NUMBER("allowed", got));
	}
	status = front_run(&a.front);
	usage_close(&a.front.usage);
	return status;
}

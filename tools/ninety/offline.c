/* A stopped instance, opened by its configuration without a daemon. */

#include <sys/resource.h>

#include "base/secret.h"
#include "daemon/instance.h"
#include "offline.h"
#include "verbs.h"

static void
host_reply(void *ctx, struct origin to, const struct frames *reply)
{
	(void)ctx;
	(void)to;
	(void)reply;
}

static void
host_keys(void *ctx, const uint8_t *keys, size_t n)
{
	(void)ctx;
	(void)keys;
	(void)n;
}

int
offline_open(const struct options *o, struct offline *out)
{
	struct rlimit limit;
	int rc = connection_config(o, &out->config);

	if (rc != 0) {
		return rc;
	}
	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_MEMLOCK, &limit);
	}
	secret_unlocked_ok(out->config->allow_unlocked_memory);
	instance_core_config(out->config, out->head, &out->core);
	out->core.host = (struct core_host){host_reply, host_keys, NULL};
	return 0;
}

void
offline_close(struct offline *f)
{
	config_free(f->config);
}

static int
status_of(int rc)
{
	switch (rc) {
	case ERR_BUSY:
		return EX_UNAVAILABLE;
	case ERR_NOT_FOUND:
		return EX_NOINPUT;
	case ERR_CONFIG:
	case ERR_NOMEM:
		return EX_CONFIG;
	case ERR_IO:
	case ERR_FULL:
	case ERR_OUTCOME:
		return EX_IOERR;
	default:
		return EX_DATAERR;
	}
}

int
offline_refusal(int rc)
{
	return say(status_of(rc), "%s", err_last()->text[0] != '\0'
						? err_last()->text
						: err_word(rc));
}

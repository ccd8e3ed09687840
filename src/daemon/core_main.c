/* From a configuration to a running loop: keys read, files and system calls
 * closed, the parent's orders passed on. The work itself is service/'s. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/secret.h"
#include "daemon/control.h"
#include "daemon/core_main.h"
#include "daemon/instance.h"
#include "ninety/client.h"
#include "policy/policy.h"
#include "sandbox/sandbox.h"
#include "service/owner.h"

#define HANDSHAKE_MS 5000
#define ORPHAN_GRACE_SECONDS 5
#define PATHS_MAX 32
#define PATH_BYTES 4096

struct core_process {
	const struct config *config;
	int control_fd;
	bool is_orphan;
};

static int
status_of(int rc)
{
	switch (rc) {
	case ERR_CONFIG:
	case ERR_NOMEM: /* key memory that may not be locked */
		return EX_CONFIG;
	case ERR_BUSY: /* another process has the store */
		return EX_UNAVAILABLE;
	case ERR_CORRUPT:
	case ERR_SEAL:
	case ERR_STATE:
	case ERR_NOT_FOUND:
		return EX_DATAERR;
	case ERR_IO:
	case ERR_FULL:
	case ERR_OUTCOME:
		return EX_IOERR;
	default:
		return EX_SOFTWARE;
	}
}

static void
tell_parent(const struct core_process *c, enum control_type type)
{
	if (control_send(c->control_fd, type, 0, -1) != 0) {
		log_write(LOG_WARNING, "parent_not_told",
			  LOG_TEXT("why", err_last()->text));
	}
}

/* Policies are read anew; of the configuration itself all is fixed from the
 * start, and a file that is wrong now would keep the next start from
 * succeeding: so it is told. */
static void
reload(struct owner *o, const struct core_process *c)
{
	struct config *fresh;
	int rc = config_read(c->config->file, &fresh);

	if (rc == 0) {
		config_free(fresh);
		rc = owner_reload(o);
	}
	if (rc != 0) {
		(void)fprintf(stderr, "ninetyd: %s\n", err_last()->text);
		log_plain(LOG_ERROR, "reload_refused");
		tell_parent(c, CONTROL_REFUSED);
		return;
	}
	log_plain(LOG_NOTICE, "reloaded");
	tell_parent(c, CONTROL_RELOADED);
}

/* Without a parent nobody would start us again or watch the fronts: finish,
 * and be gone in any case. */
static void
orphaned(struct owner *o, struct core_process *c)
{
	if (!c->is_orphan) {
		c->is_orphan = true;
		log_plain(LOG_ERROR, "parent_lost");
		owner_stop(o);
		(void)alarm((unsigned)(c->config->limits.stop_ms / 1000) +
			    ORPHAN_GRACE_SECONDS);
	}
}

static void
take_order(struct owner *o, const struct core_process *c,
	   const struct control_message *m)
{
	switch (m->type) {
	case CONTROL_FRONT:
		if (owner_add_front(o, m->number, m->fd) != 0) {
			log_write(LOG_ERROR, "front_not_added",
				  LOG_TEXT("why", err_last()->text));
		}
		break;
	case CONTROL_RELOAD:
		reload(o, c);
		break;
	case CONTROL_STOP:
		owner_stop(o);
		break;
	case CONTROL_PING:
		tell_parent(c, CONTROL_PONG);
		break;
	case CONTROL_NONE:
	case CONTROL_READY:
	case CONTROL_RELOADED:
	case CONTROL_REFUSED:
	case CONTROL_PONG:
	default:
		break;
	}
}

static void
on_control(struct owner *o, void *ctx)
{
	struct core_process *c = ctx;
	struct control_message m;

	for (;;) {
		if (control_take(c->control_fd, &m) != 0) {
			orphaned(o, c);
			return;
		}
		if (m.type == CONTROL_NONE) {
			return;
		}
		take_order(o, c, &m);
	}
}

static void
on_ready(void *ctx)
{
	tell_parent(ctx, CONTROL_READY);
}

/* Places that are made when they are missing, before the files are closed. */
static void
make_places(const struct config *c)
{
	const char *places[] = {c->log, c->archive};

	for (size_t i = 0; i < 2; i++) {
		if (places[i] != NULL) {
			(void)mkdir(places[i], 0700);
		}
	}
	for (size_t i = 0; i < c->n_key_mirrors; i++) {
		(void)mkdir(c->key_mirrors[i], 0700);
	}
}

/* The folder of a file, with its closing slash. */
static const char *
folder_of(const char *path, char to[PATH_BYTES])
{
	const char *slash = strrchr(path, '/');

	(void)snprintf(to, PATH_BYTES, "%.*s",
		       slash == NULL ? 0 : (int)(slash - path) + 1, path);
	return to;
}

/* What the core may open from here on: the instance's own places, and where
 * backups may go. */
static int
close_files(const struct config *c)
{
	struct sandbox_path paths[PATHS_MAX];
	char keystores[CONFIG_KEYSTORES_MAX][PATH_BYTES];
	const char *writable[] = {c->store, c->keys, c->log, c->archive,
				  c->dir};
	const char *readable[] = {c->policies, c->passphrase_file,
				  "/usr/share/zoneinfo", "/etc/localtime",
				  "/proc/self", "/proc/sys/vm", "/dev/urandom"};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(writable) / sizeof(writable[0]); i++) {
		if (writable[i] != NULL) {
			paths[n++] = (struct sandbox_path){writable[i],
							   SANDBOX_WRITE};
		}
	}
	for (size_t i = 0; i < c->n_key_mirrors; i++) {
		paths[n++] = (struct sandbox_path){c->key_mirrors[i],
						   SANDBOX_WRITE};
	}
	for (size_t i = 0; i < c->n_keystores; i++) {
		/* The head of the log lies beside the first. */
		paths[n++] = (struct sandbox_path){
			folder_of(c->keystores[i], keystores[i]),
			SANDBOX_WRITE};
	}
	for (size_t i = 0; i < c->n_backups; i++) {
		paths[n++] = (struct sandbox_path){c->backups[i],
						   SANDBOX_CREATE};
	}
	if (c->n_backups == 0) {
		paths[n++] = (struct sandbox_path){"/", SANDBOX_CREATE};
	}
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++) {
		paths[n++] = (struct sandbox_path){readable[i], SANDBOX_READ};
	}
	return sandbox_files(paths, n);
}

/* As much locked memory as we may have without asking anybody. */
static void
raise_locked_memory(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 &&
	    limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_MEMLOCK, &limit);
	}
}

struct server_pair {
	uint8_t secret[NINETY_KEY_BYTES];
	uint8_t public[NINETY_KEY_BYTES];
};

static int
read_server_key(const struct config *c, struct server_pair *out)
{
	struct ninety_key key;
	int rc = ninety_key_read(c->server_key, &key);

	if (rc == NINETY_IO) {
		return err_set(ERR_CONFIG, "%s:1:1: %s; 'ninety init' makes it",
			       c->server_key, strerror(errno));
	}
	if (rc != NINETY_DONE) {
		return err_set(ERR_CONFIG, "%s:1:1: %s", c->server_key,
			       ninety_result_text(rc));
	}
	rc = ninety_key_raw(&key, out->secret, out->public);
	ninety_key_wipe(&key);
	return rc == NINETY_DONE
		       ? 0
		       : err_set(ERR_CONFIG, "%s:1:1: is no key pair",
				 c->server_key);
}

static void
owner_config_make(const struct config *c, struct core_process *process,
		  const struct server_pair *pair, char head[PATH_BYTES],
		  struct owner_config *out)
{
	*out = (struct owner_config){
		.server_secret = pair->secret,
		.server_public = pair->public,
		.limits = {.message_bytes_max = NINETY_MESSAGE_BYTES_MAX,
			   .connections_max = (uint32_t)c->limits.connections,
			   .calls_in_flight_max = (uint32_t)c->limits.calls,
			   .handshake_ms_max = HANDSHAKE_MS},
		.n_fronts = c->n_endpoints,
		.control_fd = process->control_fd,
		.control = on_control,
		.ready = on_ready,
		.ctx = process,
		.stop_ms = c->limits.stop_ms,
	};
	instance_core_config(c, head, &out->core);
	for (size_t i = 0; i < c->n_endpoints; i++) {
		out->fronts[i].endpoint = c->endpoints[i].address;
		out->fronts[i].roles = c->endpoints[i].roles;
	}
}

static int
prepare(const struct config *c, struct server_pair *pair)
{
	int rc;

	raise_locked_memory();
	secret_unlocked_ok(c->allow_unlocked_memory);
	rc = config_check_secrets(c);
	if (rc == 0) {
		rc = read_server_key(c, pair);
	}
	make_places(c);
	if (rc == 0 && c->is_sandboxed) {
		rc = close_files(c);
	}
	return rc;
}

int
core_main(const struct config *config, int control_fd)
{
	struct core_process process = {config, control_fd, false};
	char head[PATH_BYTES];
	struct owner_config oc;
	struct owner *owner = NULL;
	struct server_pair *pair = NULL;
	int rc;

	/* The parent says when to stop: a signal to the whole group is not
	 * for us. */
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	rc = secret_init();
	secret_unlocked_ok(true); /* the CURVE secret opens no data */
	if (rc == 0) {
		pair = secret_alloc(sizeof(*pair));
		rc = pair == NULL ? ERR_NOMEM : prepare(config, pair);
	}
	if (rc == 0) {
		instance_warn(config);
		owner_config_make(config, &process, pair, head, &oc);
		rc = owner_open(&oc, &owner);
	}
	if (rc == 0 && secret_is_unlocked()) {
		log_plain(LOG_WARNING, "key_memory_is_not_locked");
	}
	if (rc == 0 && config->is_sandboxed) {
		rc = sandbox_calls(SANDBOX_CORE);
	}
	if (rc == 0) {
		rc = owner_run(owner);
	}
	if (rc != 0) {
		(void)fprintf(stderr, "ninetyd: %s\n",
			      err_last()->text[0] != '\0' ? err_last()->text
							  : err_word(rc));
	}
	owner_close(owner);
	secret_free(pair);
	return rc == 0 ? EX_OK : status_of(rc);
}

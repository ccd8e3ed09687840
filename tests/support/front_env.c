/* The far end of a front, in a thread. */

#include "support/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <zmq.h>

#include "support/front_env.h"

#define QUEUE_BYTES (16u * IPC_MESSAGE_BYTES_MAX)
#define SLOW_US 1000
#define HELD_MAX 256

struct echo {
	struct front_env *env;
	struct ipc_reader in;
	struct ipc_writer out;
	uint64_t held[HELD_MAX];
	uint8_t held_id[HELD_MAX][NINETY_CALL_ID_BYTES];
	size_t n_held;
};

int
front_env_free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(s >= 0);
	assert_int_equal(0, bind(s, (struct sockaddr *)&a, sizeof(a)));
	assert_int_equal(0, getsockname(s, (struct sockaddr *)&a, &n));
	assert_int_equal(0, close(s));
	return ntohs(a.sin_port);
}

static void
put(struct echo *c, const struct ipc_msg *m)
{
	if (ipc_writer_put(&c->out, m) != 0) {
		abort();
	}
}

static void
put_keys(struct echo *c)
{
	struct front_env *e = c->env;
	struct ipc_msg m = {.type = IPC_KEYS};

	(void)pthread_mutex_lock(&e->lock);
	m.keys.keys = e->keys[0];
	m.keys.n = e->n_keys;
	put(c, &m);
	(void)pthread_mutex_unlock(&e->lock);
}

static void
put_init(struct echo *c)
{
	uint8_t secret[NINETY_KEY_BYTES];
	uint8_t public[NINETY_KEY_BYTES];
	struct ipc_msg m = {.type = IPC_INIT};

	(void)zmq_z85_decode(secret, c->env->server.secret_key);
	(void)zmq_z85_decode(public, c->env->server.public_key);
	m.init.secret_key = secret;
	m.init.public_key = public;
	m.init.limits.message_bytes_max = NINETY_MESSAGE_BYTES_MAX;
	m.init.limits.connections_max = 2000;
	m.init.limits.calls_in_flight_max = 8192;
	m.init.limits.handshake_ms_max = 5000;
	m.init.endpoints[0] = bytes_str(c->env->endpoint);
	m.init.n_endpoints = 1;
	put(c, &m);
}

static void
put_reply(struct echo *c, uint64_t token, struct bytes id, struct bytes body)
{
	struct ipc_msg m = {.type = IPC_REPLY};

	m.reply.token = token;
	frames_build_reply(id, "ok", body, &m.reply.frames);
	put(c, &m);
}

static bool
operation_is(const struct frames *f, const char *text)
{
	return f->n == 4 && bytes_equal(f->at[1], bytes_str(text));
}

static void
take_call(struct echo *c, const struct ipc_call *call)
{
	const struct frames *f = &call->frames;
	struct ipc_msg silence = {.type = IPC_REPLY};

	atomic_fetch_add(&c->env->calls, 1);
	if (operation_is(f, "hold") && c->n_held < HELD_MAX) {
		c->held[c->n_held] = call->token;
		memcpy(c->held_id[c->n_held], f->at[2].p, NINETY_CALL_ID_BYTES);
		c->n_held++;
		atomic_store(&c->env->held, (int)c->n_held);
	} else if (f->n != 4 || operation_is(f, "hush")) {
		silence.reply.token = call->token;
		put(c, &silence);
	} else {
		if (operation_is(f, "slow")) {
			(void)usleep(SLOW_US);
		}
		put_reply(c, call->token, f->at[2], f->at[3]);
	}
}

static void
take(struct echo *c, const struct ipc_msg *m)
{
	switch (m->type) {
	case IPC_READY:
		atomic_store(&c->env->is_ready, true);
		break;
	case IPC_CALL:
		take_call(c, &m->call);
		break;
	case IPC_STATS:
		(void)pthread_mutex_lock(&c->env->lock);
		c->env->stats = m->stats;
		(void)pthread_mutex_unlock(&c->env->lock);
		break;
	case IPC_PONG:
		atomic_fetch_add(&c->env->pongs, 1);
		break;
	case IPC_NONE:
	case IPC_INIT:
	case IPC_REPLY:
	case IPC_KEYS:
	case IPC_PING:
	case IPC_STOP:
		break;
	}
}

static void
obey_test(struct echo *c)
{
	struct front_env *e = c->env;
	const struct ipc_msg stop = {.type = IPC_STOP};
	const struct ipc_msg ping = {.type = IPC_PING, .nonce = 90};

	if (atomic_exchange(&e->keys_changed, false)) {
		put_keys(c);
		put(c, &ping);
	}
	if (atomic_exchange(&e->is_releasing, false)) {
		for (size_t i = 0; i < c->n_held; i++) {
			put_reply(c, c->held[i],
				  bytes_of(c->held_id[i], NINETY_CALL_ID_BYTES),
				  bytes_str("held"));
		}
		c->n_held = 0;
	}
	if (atomic_exchange(&e->is_stopping, false)) {
		put(c, &stop);
	}
}

static void *
echo_run(void *arg)
{
	struct echo *c = calloc(1, sizeof(*c));
	struct pollfd p = {((struct front_env *)arg)->fd, POLLIN, 0};
	struct ipc_msg m;
	bool is_up = c != NULL;

	if (c == NULL) {
		return NULL;
	}
	c->env = arg;
	ipc_reader_init(&c->in, IPC_FROM_FRONT);
	ipc_writer_init(&c->out, QUEUE_BYTES);
	put_keys(c);
	put_init(c);
	while (is_up) {
		obey_test(c);
		p.events = (short)(POLLIN |
				   (ipc_writer_pending(&c->out) > 0 ? POLLOUT
								    : 0));
		if (ipc_writer_flush(&c->out, p.fd) != 0) {
			break;
		}
		if (poll(&p, 1, 10) <= 0 || (p.revents & ~POLLOUT) == 0) {
			continue;
		}
		is_up = ipc_reader_fill(&c->in, p.fd) == 0;
		while (is_up && (is_up = ipc_reader_next(&c->in, &m) == 0) &&
		       m.type != IPC_NONE) {
			take(c, &m);
		}
	}
	ipc_reader_clear(&c->in);
	ipc_writer_clear(&c->out);
	free(c);
	return NULL;
}

static void
nap(void)
{
	const struct timespec t = {0, 10000000};

	(void)nanosleep(&t, NULL);
}

static void
spawn(struct front_env *e, int far, const char *extra_argument)
{
	e->pid = fork();
	assert_true(e->pid >= 0);
	if (e->pid == 0) {
		char fd[16];

		(void)snprintf(fd, sizeof(fd), "%d", dup(far));
		(void)execl(BUILD_DIR "/bin/ninety-front", "ninety-front",
			    "--core", fd, "--connections", "2000",
			    extra_argument, (char *)NULL);
		_exit(127);
	}
}

void
front_env_start(struct front_env *e, const char *endpoint,
		const char *extra_argument)
{
	int pair[2];

	memset(e, 0, sizeof(*e));
	if (endpoint != NULL) {
		(void)snprintf(e->endpoint, sizeof(e->endpoint), "%s",
			       endpoint);
	} else {
		(void)snprintf(e->endpoint, sizeof(e->endpoint),
			       "tcp://127.0.0.1:%d", front_env_free_port());
	}
	assert_int_equal(NINETY_DONE, ninety_key_generate(&e->server));
	assert_int_equal(0, pthread_mutex_init(&e->lock, NULL));
	assert_int_equal(0,
			 socketpair(AF_UNIX,
				    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
				    0, pair));
	spawn(e, pair[1], extra_argument);
	assert_int_equal(0, close(pair[1]));
	e->fd = pair[0];
	assert_int_equal(0, pthread_create(&e->thread, NULL, echo_run, e));
	for (int i = 0; i < 1000 && !atomic_load(&e->is_ready); i++) {
		nap();
	}
	if (!atomic_load(&e->is_ready)) {
		int status = 0;

		(void)waitpid(e->pid, &status, WNOHANG);
		fail_msg("the front is not ready, wait status %d", status);
	}
}

int
front_env_init_alone(void)
{
	static struct front_env e;
	struct echo *c = calloc(1, sizeof(*c));
	int pair[2];
	int status = 0;

	assert_non_null(c);
	(void)snprintf(e.endpoint, sizeof(e.endpoint), "tcp://127.0.0.1:%d",
		       front_env_free_port());
	assert_int_equal(NINETY_DONE, ninety_key_generate(&e.server));
	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				       pair));
	spawn(&e, pair[1], NULL);
	assert_int_equal(0, close(pair[1]));
	c->env = &e;
	ipc_writer_init(&c->out, QUEUE_BYTES);
	put_init(c);
	assert_int_equal(0, ipc_writer_flush(&c->out, pair[0]));
	assert_int_equal(0, close(pair[0]));
	assert_int_equal(e.pid, waitpid(e.pid, &status, 0));
	ipc_writer_clear(&c->out);
	free(c);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int
reap(struct front_env *e)
{
	int status = 0;

	assert_int_equal(e->pid, waitpid(e->pid, &status, 0));
	(void)pthread_join(e->thread, NULL);
	(void)close(e->fd);
	(void)pthread_mutex_destroy(&e->lock);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int
front_env_stop(struct front_env *e)
{
	atomic_store(&e->is_stopping, true);
	return reap(e);
}

void
front_env_kill(struct front_env *e)
{
	(void)kill(e->pid, SIGKILL);
	(void)reap(e);
}

/* Until the front has obeyed: its answer to a ping comes after that. */
static void
tell_keys(struct front_env *e)
{
	int before = atomic_load(&e->pongs);

	atomic_store(&e->keys_changed, true);
	for (int i = 0; i < 1000 && atomic_load(&e->pongs) == before; i++) {
		nap();
	}
	assert_true(atomic_load(&e->pongs) > before);
}

void
front_env_key(struct front_env *e, bool is_enrolled, struct ninety_key *out_key)
{
	memset(out_key, 0, sizeof(*out_key));
	assert_int_equal(NINETY_DONE, ninety_key_generate(out_key));
	memcpy(out_key->server_key, e->server.public_key,
	       NINETY_KEY_TEXT_BYTES);
	memcpy(out_key->endpoint, e->endpoint, sizeof(e->endpoint));
	if (is_enrolled) {
		(void)pthread_mutex_lock(&e->lock);
		assert_true(e->n_keys < FRONT_ENV_KEYS_MAX);
		(void)zmq_z85_decode(e->keys[e->n_keys], out_key->public_key);
		e->n_keys++;
		(void)pthread_mutex_unlock(&e->lock);
		tell_keys(e);
	}
}

void
front_env_revoke_all(struct front_env *e)
{
	(void)pthread_mutex_lock(&e->lock);
	e->n_keys = 0;
	(void)pthread_mutex_unlock(&e->lock);
	tell_keys(e);
}

struct ipc_stats
front_env_stats(struct front_env *e)
{
	struct ipc_stats s;

	(void)pthread_mutex_lock(&e->lock);
	s = e->stats;
	(void)pthread_mutex_unlock(&e->lock);
	return s;
}

long
front_env_resident(const struct front_env *e)
{
	char path[64];
	long pages = -1;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)e->pid);
	f = fopen(path, "r");
	if (f != NULL) {
		if (fscanf(f, "%*s %ld", &pages) != 1) {
			pages = -1;
		}
		(void)fclose(f);
	}
	return pages < 0 ? -1 : pages * sysconf(_SC_PAGESIZE);
}

/*
 * kill -9 under load. Four clients register, write and submit through one
 * service; at a random moment every process of it is killed. After the next
 * start each answered write must be there once, and each unanswered one,
 * repeated under its id, must end up there once.
 *
 * Usage: kills BIN_DIRECTORY ROUNDS [SEED]. Prints the seed, then "N passed,
 * N failed"; SIGINT ends it after the round.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ninety/client.h>

#define CLIENTS 4
#define WINDOW 32
#define CALLS_MAX 20000
#define START_MS 60000
#define CALL_MS 60000
#define LOAD_MS_MIN 5
#define LOAD_MS_MAX 400
/* Below the ports that the kernel gives to clients. */
#define PORT_FIRST 20000
#define PORTS 12000

enum kind { REGISTER, WRITE, SUBMIT };

struct call {
	unsigned char id[NINETY_CALL_ID_BYTES];
	enum kind kind;
	unsigned number; /* makes the e-mail */
	char answer[40]; /* subject, record or request; "" while unknown */
};

struct client {
	pthread_t thread;
	struct ninety_client *wire;
	struct call calls[CALLS_MAX];
	size_t n;
	unsigned index;
	unsigned round;
	char subject[40]; /* a person of its own to write to */
	atomic_bool *stop;
	atomic_bool is_answered; /* one call of this round is */
};

static char bin[512];
static char instance[256];
static char portal_key[300];
static struct ninety_key key;
static unsigned long failures;
static unsigned long checks;
static volatile sig_atomic_t is_interrupted;

static void
die(const char *what)
{
	(void)fprintf(stderr, "kills: %s: %s\n", what, strerror(errno));
	exit(70);
}

static void
sleep_ms(long ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	(void)nanosleep(&ts, NULL);
}

static pid_t
run(const char *program, char *const argv[], const char *log)
{
	char path[600];
	pid_t pid = fork();
	int fd;

	if (pid < 0) {
		die("fork");
	}
	if (pid > 0) {
		return pid;
	}
	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd >= 0) {
		(void)dup2(fd, 1);
		(void)dup2(fd, 2);
	}
	(void)snprintf(path, sizeof(path), "%s/%s", bin, program);
	(void)execv(path, argv);
	_exit(127);
}

static void
member(const char *body, const char *name, char out[40])
{
	char want[32];
	const char *at;

	(void)snprintf(want, sizeof(want), "\"%s\":\"", name);
	at = strstr(body, want);
	out[0] = '\0';
	if (at != NULL) {
		(void)snprintf(out, 40, "%.36s", at + strlen(want));
	}
}

static void
email(const struct client *c, unsigned number, char out[96])
{
	(void)snprintf(out, 96, "r%u-c%u-n%u@kills.example", c->round,
		       c->index, number);
}

/* The same call always has the same body: it may have to be repeated. */
static const char *
body_make(const struct client *c, const struct call *call, char *out,
	  size_t n)
{
	char mail[96];

	email(c, call->number, mail);
	switch (call->kind) {
	case REGISTER:
		(void)snprintf(out, n,
			       "{\"birth_date\":\"1980-05-05\",\"country\":"
			       "\"US\",\"contact\":{\"name\":\"K\",\"email\":"
			       "\"%s\"},\"terms\":{\"version\":\"1\","
			       "\"accepted_at\":\"2026-01-01T00:00:00Z\"}}",
			       mail);
		return "subject.register";
	case WRITE:
		(void)snprintf(out, n,
			       "{\"subject\":\"%s\",\"category\":"
			       "\"preferences\",\"data\":{\"language\":"
			       "\"en-GB\"}}",
			       c->subject);
		return "subject.write";
	case SUBMIT:
		(void)snprintf(out, n,
			       "{\"type\":\"access\",\"identity\":{\"email\":"
			       "\"%s\"},\"channel\":\"portal\"}",
			       mail);
		return "request.submit";
	}
	return NULL;
}

static const char *
answer_name(enum kind kind)
{
	return kind == REGISTER ? "subject"
	       : kind == WRITE  ? "record"
				: "request";
}

static void
answered(struct client *c, const struct ninety_reply *r)
{
	for (size_t i = c->n; i-- > 0;) {
		struct call *call = &c->calls[i];

		if (memcmp(call->id, r->id, sizeof(call->id)) != 0) {
			continue;
		}
		if (strcmp(r->status, "ok") == 0) {
			member(r->body, answer_name(call->kind),
			       call->answer);
		} else if (strcmp(r->status, "busy") != 0) {
			(void)fprintf(stderr, "refused: %s %s\n", r->status,
				      r->body);
			__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
		}
		return;
	}
}

static void *
load(void *arg)
{
	struct client *c = arg;
	struct ninety_reply reply;
	size_t in_flight = 0;
	char body[512];

	while (!*c->stop) {
		if (in_flight < WINDOW && c->n < CALLS_MAX) {
			struct call *call = &c->calls[c->n];
			const char *operation;

			*call = (struct call){
				.kind = c->n % 3 == 0   ? REGISTER
					: c->n % 3 == 1 ? WRITE
							: SUBMIT,
				.number = (unsigned)c->n,
			};
			ninety_id_new(call->id);
			operation = body_make(c, call, body, sizeof(body));
			if (ninety_send(c->wire, call->id, operation, body,
					strlen(body)) == NINETY_DONE) {
				c->n++;
				in_flight++;
				continue;
			}
		}
		if (ninety_receive(c->wire, 20, &reply) == NINETY_DONE) {
			in_flight -= in_flight > 0 ? 1 : 0;
			answered(c, &reply);
			c->is_answered = true;
		}
	}
	return NULL;
}

static void
wait_up(void)
{
	struct ninety_client *c;
	struct ninety_reply reply;
	int rc;

	if (ninety_client_open(&key, &c) != NINETY_DONE) {
		die("client");
	}
	rc = ninety_call(c, "service.ping", NULL, START_MS, &reply);
	ninety_client_close(c);
	if (rc != NINETY_DONE) {
		(void)fprintf(stderr, "kills: the service does not start: %s\n",
			      ninety_result_text(rc));
		exit(1);
	}
}

static void
check(bool good, const char *what, const struct client *c,
      const struct call *call, const char *body)
{
	checks++;
	if (!good) {
		failures++;
		(void)fprintf(stderr, "round %u client %u call %u: %s: %s\n",
			      c->round, c->index, call->number, what, body);
	}
}

/* Answered: a repetition gives the same answer. Unknown: it gives one. Then
 * the e-mail has exactly one owner. */
static void
verify_call(struct client *c, struct ninety_client *wire, struct call *call)
{
	struct ninety_reply r;
	char body[512];
	char find[160];
	char mail[96];
	char got[40];
	const char *operation = body_make(c, call, body, sizeof(body));
	const char *second;

	if (ninety_call_id(wire, call->id, operation, body, CALL_MS, &r) !=
	    NINETY_DONE) {
		check(false, "no answer to a repetition", c, call, "");
		return;
	}
	member(r.body, answer_name(call->kind), got);
	check(strcmp(r.status, "ok") == 0, "a repetition is refused", c, call,
	      r.body);
	if (call->answer[0] != '\0') {
		check(strcmp(got, call->answer) == 0,
		      "an answered write is lost or doubled", c, call,
		      r.body);
	}
	if (call->kind != REGISTER) {
		return;
	}
	email(c, call->number, mail);
	(void)snprintf(find, sizeof(find), "{\"email\":\"%s\"}", mail);
	if (ninety_call(wire, "subject.find", find, CALL_MS, &r) !=
	    NINETY_DONE) {
		check(false, "no answer to find", c, call, "");
		return;
	}
	second = strstr(r.body, "\"subjects\"");
	second = second == NULL ? NULL : strstr(second, "\"subject\":");
	check(second != NULL && strstr(second + 1, "\"subject\":") == NULL,
	      "not exactly one owner", c, call, r.body);
	check(strstr(r.body, got) != NULL, "another owner", c, call, r.body);
}

static void
own_subject(struct client *c)
{
	struct ninety_reply r;
	char body[512];

	(void)snprintf(body, sizeof(body),
		       "{\"birth_date\":\"1980-05-05\",\"country\":\"US\","
		       "\"contact\":{\"name\":\"K\",\"email\":"
		       "\"own-%u-%u@kills.example\"},\"terms\":{\"version\":"
		       "\"1\",\"accepted_at\":\"2026-01-01T00:00:00Z\"}}",
		       c->round, c->index);
	if (ninety_call(c->wire, "subject.register", body, CALL_MS, &r) !=
		    NINETY_DONE ||
	    strcmp(r.status, "ok") != 0) {
		(void)fprintf(stderr, "kills: no person to write to: %s\n",
			      r.body);
		exit(1);
	}
	member(r.body, "subject", c->subject);
}

static pid_t
start(void)
{
	static char config[300];
	static char log[300];
	char *argv[] = {(char *)(uintptr_t) "ninetyd",
			(char *)(uintptr_t) "--config", config, NULL};
	pid_t pid;

	(void)snprintf(config, sizeof(config), "%s/ninety.yaml", instance);
	(void)snprintf(log, sizeof(log), "%s.log", instance);
	pid = run("ninetyd", argv, log);
	wait_up();
	return pid;
}

/* Gone means all of them: the core holds the store until the kernel has taken
 * it away, and the auditor refuses an instance that somebody has open. Orphans
 * are ours (main), so that nobody has to wait for init. */
static void
end(pid_t pid)
{
	(void)kill(-pid, SIGKILL);
	while (waitpid(-pid, NULL, 0) > 0 || errno == EINTR) {
	}
}

/* Every second round is killed at its beginning, answered or not; the others
 * only when each client has had an answer, however slow the machine. */
static void
load_wait(unsigned round, struct client *clients)
{
	for (unsigned i = 0; i < CLIENTS && round % 2 == 1; i++) {
		for (int ms = 0; ms < CALL_MS && !clients[i].is_answered;
		     ms++) {
			sleep_ms(1);
		}
	}
	sleep_ms(LOAD_MS_MIN + random() % LOAD_MS_MAX);
}

static void
round_run(unsigned round, struct client *clients)
{
	atomic_bool stop = false;
	pid_t pid = start();
	unsigned long known = 0;
	unsigned long all = 0;
	struct ninety_client *wire;

	for (unsigned i = 0; i < CLIENTS; i++) {
		struct client *c = &clients[i];

		*c = (struct client){.index = i, .round = round,
				     .stop = &stop};
		if (ninety_client_open(&key, &c->wire) != NINETY_DONE) {
			die("client");
		}
		own_subject(c);
	}
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (pthread_create(&clients[i].thread, NULL, load,
				   &clients[i]) != 0) {
			die("thread");
		}
	}
	load_wait(round, clients);
	end(pid);
	stop = true;
	for (unsigned i = 0; i < CLIENTS; i++) {
		(void)pthread_join(clients[i].thread, NULL);
		ninety_client_close(clients[i].wire);
	}
	pid = start();
	if (ninety_client_open(&key, &wire) != NINETY_DONE) {
		die("client");
	}
	for (unsigned i = 0; i < CLIENTS; i++) {
		for (size_t k = 0; k < clients[i].n; k++) {
			struct call *call = &clients[i].calls[k];

			all++;
			known += call->answer[0] != '\0' ? 1 : 0;
			/* All unknown ones, and of the answered ones the
			 * last, who are the first to be lost. */
			if (call->answer[0] == '\0' ||
			    k + 200 > clients[i].n) {
				verify_call(&clients[i], wire, call);
			}
		}
	}
	ninety_client_close(wire);
	end(pid);
	(void)printf("round %u: %lu sent, %lu answered\n", round, all, known);
	(void)fflush(stdout);
}

static void
instance_make(void)
{
	char endpoint[64];
	char *argv[] = {(char *)(uintptr_t) "ninety",
			(char *)(uintptr_t) "init", instance,
			(char *)(uintptr_t) "--endpoint", endpoint,
			(char *)(uintptr_t) "--accept-weak-keystore", NULL};
	const char *tmp = getenv("TMPDIR");
	int status;

	(void)snprintf(instance, sizeof(instance), "%s/ninety-kills-XXXXXX",
		       tmp == NULL ? "/tmp" : tmp);
	if (mkdtemp(instance) == NULL) {
		die("mkdtemp");
	}
	(void)snprintf(endpoint, sizeof(endpoint), "tcp://127.0.0.1:%d",
		       PORT_FIRST + (int)getpid() % PORTS);
	if (waitpid(run("ninety", argv, "/dev/null"), &status, 0) < 0 ||
	    status != 0) {
		(void)fprintf(stderr, "kills: ninety init fails\n");
		exit(1);
	}
	(void)snprintf(portal_key, sizeof(portal_key),
		       "%s/clients/portal.key", instance);
	if (ninety_key_read(portal_key, &key) != NINETY_DONE) {
		die(portal_key);
	}
}

/* What is left must also satisfy the auditor. */
static void
audit(void)
{
	char *argv[] = {(char *)(uintptr_t) "ninety-audit",
			(char *)(uintptr_t) "log", instance, NULL};
	char log[300];
	int status;

	(void)snprintf(log, sizeof(log), "%s.log", instance);
	checks++;
	if (waitpid(run("ninety-audit", argv, log), &status, 0) < 0 ||
	    status != 0) {
		(void)fprintf(stderr, "kills: ninety-audit log: status %d\n",
			      status);
		failures++;
	}
}

static void
interrupt(int signal_number)
{
	(void)signal_number;
	is_interrupted = 1;
}

int
main(int argc, char **argv)
{
	static struct client clients[CLIENTS];
	char command[1200];
	unsigned rounds;
	unsigned done = 0;
	unsigned seed;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: kills BIN ROUNDS [SEED]\n");
		return 64;
	}
	(void)snprintf(bin, sizeof(bin), "%s", argv[1]);
	rounds = (unsigned)strtoul(argv[2], NULL, 10);
	seed = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10)
			: (unsigned)time(NULL);
	srandom(seed);
	(void)printf("seed %u\n", seed);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
		die("prctl");
	}
	(void)signal(SIGINT, interrupt);
	instance_make();
	while (done < rounds && !is_interrupted) {
		round_run(done++, clients);
	}
	audit();
	(void)printf("%u rounds: %lu passed, %lu failed\n", done,
		     checks - failures, failures);
	if (failures == 0) {
		(void)snprintf(command, sizeof(command),
			       "rm -rf '%s' '%s.log'", instance, instance);
		return system(command) == 0 ? 0 : 70;
	}
	(void)printf("the instance is in %s\n", instance);
	return 1;
}

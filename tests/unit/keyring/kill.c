/*
 * kill N: N times a child erases, grows and rotates until it is killed at any
 * moment; what it had answered must be destroyed after the next start, and in
 * the end today's root opens live nodes only, in the tree and in its mirror.
 */

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/test.h"

#include "keyring/scan.h"
#include "support/keyring_env.h"

#define SLOTS 20000
#define RUN_MS_MAX 60

/* What the child says after each batch: its slot is destroyed. */
static void
child_works(struct keyring_env *e, struct keyring_batch running, int to,
	    uint64_t seed)
{
	struct keyring_recovery recovery;
	struct keyring_destroyed out;
	struct keyring *k;
	uint64_t left;

	if (keyring_open(&e->config, running, &k, &recovery) != 0) {
		_exit(1);
	}
	for (uint64_t i = seed;; i++) {
		struct keyring_batch batch = {i, keyring_epoch(k) + 1};
		slot_t slot = keyring_first_free() + i % SLOTS;
		int rc = keyring_destroy(k, batch, &slot, 1, &out);

		if (rc == 0 &&
		    write(to, &slot, sizeof(slot)) != sizeof(slot)) {
			_exit(2);
		}
		if (rc == 0 && i % 7 == 0) {
			rc = keyring_rotate(k, 40, &left);
		}
		if (rc == 0 && i % 50 == 0) {
			rc = keyring_grow(k, keyring_grown(k), 1);
		}
		if (rc != 0) {
			_exit(3);
		}
	}
}

/* Runs a child, kills it, returns how many slots it had answered. */
static size_t
run_and_kill(struct keyring_env *e, uint64_t seed, slot_t *answered)
{
	struct timespec wait = {0};
	int ends[2];
	int status;
	size_t n = 0;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(ends[0]);
		child_works(e, (struct keyring_batch){seed, 1}, ends[1], seed);
	}
	(void)close(ends[1]);
	wait.tv_nsec = (long)(seed * 7919 % (RUN_MS_MAX * 1000)) * 1000;
	(void)nanosleep(&wait, NULL);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	while (read(ends[0], &answered[n], sizeof(slot_t)) == sizeof(slot_t)) {
		n++;
	}
	(void)close(ends[0]);
	return n;
}

static void
check_answered(struct keyring_env *e, const slot_t *answered, size_t n)
{
	struct key key;

	keyring_env_reopen(e);
	for (size_t i = 0; i < n; i++) {
		assert_err(ERR_EXPIRED,
			   keyring_key(e->keyring, answered[i], &key));
	}
	keyring_close(e->keyring);
	e->keyring = NULL;
}

static void
check_closure(struct keyring_env *e)
{
	const char *const directories[] = {e->keys, e->mirror};
	struct closure *c = NULL;
	struct scan_tree tree;
	struct scan_pages pages;
	struct keyring *k = NULL;
	char file[128];

	assert_ok(keyring_open_readonly(&e->config, &k));
	assert_ok(closure_open(k, &c, &tree));
	assert_int_equal(tree.unreadable, 0);
	for (int i = 0; i < 2; i++) {
		(void)snprintf(file, sizeof(file), "%s/data.mdb",
			       directories[i]);
		assert_ok(scan_closure(c, file, &pages));
		assert_int_equal(pages.stale, 0);
		assert_int_equal(pages.live, tree.nodes);
	}
	(void)printf("epoch %llu, %llu slots destroyed, %llu old nodes, none "
		     "opens\n",
		     (unsigned long long)keyring_epoch(k),
		     (unsigned long long)tree.slots_dead,
		     (unsigned long long)pages.closed);
	closure_close(c);
	keyring_close(k);
}

int
main(int argc, char **argv)
{
	static slot_t answered[1u << 20];
	struct keyring_env e;
	uint64_t kills = argc > 1 ? strtoull(argv[1], NULL, 10) : 10;
	uint64_t seed = 1;
	size_t n = 0;

	keyring_env_open_mirrored(&e, SLOTS);
	keyring_close(e.keyring);
	e.keyring = NULL;
	for (uint64_t i = 0; i < kills; i++) {
		/* Children all begin with the same seeded entropy otherwise. */
		entropy_seeded_init(&e.entropy, 1000 + i);
		n += run_and_kill(&e, seed, answered + n);
		seed += 100;
		check_answered(&e, answered, n);
	}
	(void)printf("%llu kills, %zu answered erasures, all kept\n",
		     (unsigned long long)kills, n);
	check_closure(&e);
	keyring_env_close(&e);
	return 0;
}

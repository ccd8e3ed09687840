/*
 * A child writes numbered groups and says through a pipe which were answered;
 * the parent kills it at a random moment and looks: each answered one is there
 * once and whole. kill ROUNDS [SEED]
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/groups.h"
#include "support/temp.h"

#define SEGMENT_BYTES ((size_t)4 << 20)
#define ARENA_BYTES ((size_t)1 << 20)
#define LIFE_US_MAX 40000
#define GROUPS_PER_DRAIN 13     /* so that batches are applied under the kill */
#define LIVES_PER_EARLY_DEATH 5 /* one in so many may die before its first */

static int
die(const char *what)
{
	(void)fprintf(stderr, "kill: %s: %s\n", what, err_last()->text);
	return 1;
}

static int
write_groups(const struct store_config *config, uint64_t n, int to)
{
	struct store *s;

	if (store_open(config, &s) != 0) {
		return die("child: open");
	}
	for (;;) {
		int rc = groups_write(s, ++n);

		if (rc == ERR_BUSY) {
			n--;
			continue;
		}
		if (rc != 0) {
			return die("child: write");
		}
		if (write(to, &n, sizeof(n)) != sizeof(n)) {
			return 1;
		}
		if (n % GROUPS_PER_DRAIN == 0 && store_drain(s) != 0) {
			return die("child: drain");
		}
	}
}

static void
sleep_us(long us)
{
	const struct timespec t = {us / 1000000, us % 1000000 * 1000};

	(void)nanosleep(&t, NULL);
}

/* One life of a child; the last answered number, or what was before. */
static int
one_life(const struct store_config *config, unsigned *random, uint64_t before,
	 uint64_t *out_answered)
{
	uint64_t n = before;
	uint64_t answered = before;
	int ends[2];
	pid_t child;
	int status;

	if (pipe(ends) != 0 || (child = fork()) < 0) {
		return die("fork");
	}
	if (child == 0) {
		(void)close(ends[0]);
		_exit(write_groups(config, before, ends[1]));
	}
	(void)close(ends[1]);
	if (rand_r(random) % LIVES_PER_EARLY_DEATH != 0 &&
	    read(ends[0], &answered, sizeof(answered)) != sizeof(answered)) {
		return die("the child said nothing");
	}
	sleep_us(rand_r(random) % LIFE_US_MAX);
	(void)kill(child, SIGKILL);
	while (read(ends[0], &n, sizeof(n)) == sizeof(n)) {
		answered = n;
	}
	(void)close(ends[0]);
	if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status)) {
		return die("the child ended by itself");
	}
	*out_answered = answered;
	return 0;
}

static int
look(const struct store_config *config, uint64_t *out_n)
{
	struct txn *t;
	int rc = store_open_readonly(config->directory, ARENA_BYTES, &t);

	if (rc == ERR_IO || rc == ERR_NOT_FOUND) {
		*out_n = 0; /* killed before there was a store */
		return 0;
	}
	if (rc != 0) {
		return die("look");
	}
	rc = groups_count(t, out_n);
	snapshot_close(t);
	return rc == 0 ? 0 : die("count");
}

int
main(int argc, char **argv)
{
	unsigned random =
		argc > 2 ? (unsigned)atoi(argv[2]) : (unsigned)getpid();
	int rounds = argc > 1 ? atoi(argv[1]) : 20;
	struct temp temp;
	struct store_config config = {.directory = temp.path,
				      .segment_bytes = SEGMENT_BYTES};
	unsigned seed = random;
	uint64_t n = 0;
	int rc = 0;

	temp_make(&temp);
	for (int i = 0; rc == 0 && i < rounds; i++) {
		uint64_t answered = n;
		uint64_t found = 0;

		rc = one_life(&config, &random, n, &answered);
		if (rc == 0) {
			rc = look(&config, &found);
		}
		if (rc == 0 && (found < answered || found > answered + 1)) {
			(void)fprintf(stderr,
				      "kill: round %d: answered %llu, found "
				      "%llu\n",
				      i, (unsigned long long)answered,
				      (unsigned long long)found);
			rc = 1;
		}
		n = found;
	}
	(void)printf("%d kills, %llu groups, seed %u: %s\n", rounds,
		     (unsigned long long)n, seed,
		     rc == 0 ? "none lost, none doubled" : "WRONG");
	temp_remove(&temp);
	return rc;
}

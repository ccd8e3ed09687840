/*
 * The tree of keys of a large population, by the keyring library alone. Who is
 * erased is drawn from all of it, each with two look-up buckets drawn from
 * those that such a population fills: nobody's neighbours go with them, so
 * that nearly every key lies under a node of its own.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/secret.h"
#include "bench.h"
#include "erase.h"
#include "keyring/cache.h"
#include "keyring/scan.h"
#include "local.h"
#include "store/store.h"

#define BUCKETS_EACH 2 /* e-mail and telephone */
#define SLOTS_EACH (SLOT_PARTS + BUCKETS_EACH)
#define PEOPLE_A_BUCKET 10 /* 10 million in 2^20 */
#define ALONE 200          /* erasures of one person, timed */
#define COMMITS 10
#define KEYS_READ 1000
#define CACHE_LEAVES (CACHE_BYTES_DEFAULT / NODE_PLAIN_BYTES)
#define PATH_BYTES (LOCAL_PATH_BYTES + 16)

struct tree_run {
	const struct erase_options *o;
	struct figures *f;
	struct local at;
	struct keyring_config config;
	struct keyring *k;
	struct store *disk; /* for commits to compare with */
	struct work_state random;
	uint64_t buckets;
	uint64_t batch; /* number of the last one */
	struct keyring_destroyed done;
};

static void
person_slots(struct tree_run *t, slot_t *out)
{
	slot_t base = keyring_first_free() +
		      work_random(&t->random) % t->o->people * SLOT_PARTS;
	slot_t first_bucket = keyring_first_free() + t->o->people * SLOT_PARTS;

	for (unsigned i = 0; i < SLOT_PARTS; i++) {
		*out++ = base + i;
	}
	for (unsigned i = 0; i < BUCKETS_EACH; i++) {
		*out++ = first_bucket + work_random(&t->random) % t->buckets;
	}
}

/* One batch of so many people drawn from all. */
static int
destroy(struct tree_run *t, uint32_t people)
{
	size_t n = (size_t)people * SLOTS_EACH;
	slot_t *slots = malloc(n * sizeof(*slots));
	struct keyring_batch batch = {++t->batch, keyring_epoch(t->k) + 1};
	int rc;

	if (slots == NULL) {
		return EX_OSERR;
	}
	for (uint32_t i = 0; i < people; i++) {
		person_slots(t, slots + (size_t)i * SLOTS_EACH);
	}
	rc = keyring_destroy(t->k, batch, slots, n, &t->done);
	free(slots);
	return rc == 0 ? 0 : local_failed("batch");
}

static int
tree_make(struct tree_run *t)
{
	uint64_t began = bench_now_us();
	struct id id = id_new(clock_wall_ms(clock_system()), entropy_system());
	struct keyring_recovery recovery;
	char path[PATH_BYTES];
	struct stat st = {0};
	int rc = local_keyring(t->at.directory, &t->at, &t->config);

	if (rc != 0) {
		return rc;
	}
	if (keyring_create(&t->config, id,
			   t->o->people * SLOT_PARTS + t->buckets) != 0 ||
	    keyring_open(&t->config, (struct keyring_batch){0}, &t->k,
			 &recovery) != 0) {
		return local_failed("keys");
	}
	(void)snprintf(path, sizeof(path), "%s/data.mdb", t->at.keys);
	(void)stat(path, &st);
	figure_plain(t->f, "people_slots", "people whose keys the tree holds",
		     "", (double)t->o->people);
	figure_plain(t->f, "tree_bytes", "its file", "bytes",
		     (double)st.st_size);
	figure_plain(t->f, "tree_made_seconds", "made ahead in", "s",
		     (double)(bench_now_us() - began) / 1e6);
	return 0;
}

static int
commits_open(struct tree_run *t)
{
	static char path[PATH_BYTES];
	struct store_config config = {.directory = path,
				      .entropy = entropy_system()};

	(void)snprintf(path, sizeof(path), "%s/commits", t->at.directory);
	if (mkdir(path, 0700) != 0 || store_open(&config, &t->disk) != 0) {
		return local_failed("commits");
	}
	return 0;
}

/* Ten rows, each synced before the next: the store's own commit. */
static int
commits_time(struct tree_run *t, uint64_t *out_us)
{
	static const uint8_t row[256];
	uint64_t began = bench_now_us();
	struct txn *txn;
	int rc = 0;

	for (unsigned i = 0; i < COMMITS && rc == 0; i++) {
		rc = store_begin(t->disk, &txn);
		if (rc == 0) {
			rc = txn_put(txn, TABLE_SYSTEM, bytes_str("commit"),
				     bytes_of(row, sizeof(row)));
			rc = rc == 0 ? store_end(t->disk, txn, true) : rc;
		}
		rc = rc == 0 ? store_sync(t->disk) : rc;
	}
	*out_us = bench_now_us() - began;
	return rc == 0 ? 0 : local_failed("commits");
}

static int
alone(struct tree_run *t)
{
	static struct histogram erasures;
	static struct histogram commits;
	uint64_t nodes_max = 0;
	uint64_t bytes_max = 0;
	uint64_t disk = 0;
	int rc = 0;

	erasures = (struct histogram){.max = 0};
	commits = (struct histogram){.max = 0};
	for (unsigned i = 0; i < ALONE && rc == 0; i++) {
		uint64_t before = written_bytes(NULL);
		uint64_t began = bench_now_us();
		uint64_t us;

		rc = destroy(t, 1);
		histogram_add(&erasures, bench_now_us() - began);
		disk += written_bytes(NULL) - before;
		nodes_max =
			t->done.nodes > nodes_max ? t->done.nodes : nodes_max;
		bytes_max = t->done.bytes_written > bytes_max
				    ? t->done.bytes_written
				    : bytes_max;
		if (rc == 0) {
			rc = commits_time(t, &us);
			histogram_add(&commits, us);
		}
	}
	figure_at_most(t->f, "alone_nodes",
		       "one erasure alone: nodes, at worst", "nodes",
		       (double)nodes_max, 12);
	figure_plain(t->f, "alone_key_bytes", " nodes and keystore, at worst",
		     "bytes", (double)bytes_max);
	figure_plain(t->f, "alone_key_disk_bytes",
		     " written for it, LMDB's pages too", "bytes",
		     (double)disk / ALONE);
	figure_plain(t->f, "alone_p50_us", " median time", "us",
		     (double)histogram_at(&erasures, 0.5));
	figure_plain(t->f, "commits_p50_us", " ten synced commits, median",
		     "us", (double)histogram_at(&commits, 0.5));
	figure_plain(t->f, "commits_p99_us", " ten synced commits, p99", "us",
		     (double)histogram_at(&commits, 0.99));
	figure_at_most(t->f, "alone_p99_us", " p99, against theirs", "us",
		       (double)histogram_at(&erasures, 0.99),
		       (double)histogram_at(&commits, 0.99));
	return rc;
}

static int
batch(struct tree_run *t)
{
	uint64_t before = written_bytes(NULL);
	uint64_t began = bench_now_us();
	int rc = destroy(t, t->o->batch);

	figure_plain(t->f, "batch_people", "a batch of people", "",
		     t->o->batch);
	figure_plain(t->f, "batch_seconds", " time", "s",
		     (double)(bench_now_us() - began) / 1e6);
	figure_plain(t->f, "batch_nodes_each", " nodes a person", "nodes",
		     (double)t->done.nodes / t->o->batch);
	figure_plain(t->f, "batch_key_disk_bytes_each",
		     " written a person for keys, LMDB's pages too", "bytes",
		     (double)(written_bytes(NULL) - before) / t->o->batch);
	return rc;
}

static int
large_batch(struct tree_run *t)
{
	uint64_t before = written_bytes(NULL);
	uint64_t began = bench_now_us();
	int rc;

	if (t->o->large == 0) {
		return 0;
	}
	rc = destroy(t, t->o->large);
	figure_plain(t->f, "large_people", "a large batch of people", "",
		     t->o->large);
	figure_plain(t->f, "large_seconds", " time", "s",
		     (double)(bench_now_us() - began) / 1e6);
	figure_plain(t->f, "large_nodes", " nodes", "nodes",
		     (double)t->done.nodes);
	figure_plain(t->f, "large_disk_bytes", " written, LMDB's pages too",
		     "bytes", (double)(written_bytes(NULL) - before));
	return rc;
}

static int
day(struct tree_run *t)
{
	slot_t slot = keyring_day_slot(KEYRING_DAY_FIRST + 2500);
	struct keyring_batch b = {++t->batch, keyring_epoch(t->k) + 1};
	uint64_t began = bench_now_us();

	if (keyring_destroy(t->k, b, &slot, 1, &t->done) != 0) {
		return local_failed("day");
	}
	figure_at_most(t->f, "day_nodes", "one day of expiry for everybody",
		       "nodes", (double)t->done.nodes, 4);
	figure_plain(t->f, "day_us", " until unreadable", "us",
		     (double)(bench_now_us() - began));
	return 0;
}

/* The scan must have many batches behind it. */
static int
batches(struct tree_run *t)
{
	int rc = 0;

	while (t->batch < t->o->batches && rc == 0) {
		rc = destroy(t, 1 + (uint32_t)(work_random(&t->random) % 5));
	}
	return rc;
}

static uint64_t
nodes_opened(struct tree_run *t)
{
	struct keyring_status s;

	keyring_status(t->k, &s);
	return s.nodes_opened;
}

/* Reads the key of somebody; the dead are people, too. */
static int
key_read(struct tree_run *t, slot_t slot)
{
	AUTO_KEY key = {{0}};
	int rc = keyring_key(t->k, slot, &key);

	return rc == 0 || rc == ERR_EXPIRED ? 0 : local_failed("key");
}

static int
keys(struct tree_run *t)
{
	struct keyring_recovery recovery;
	uint64_t worst = 0;
	uint64_t before;
	uint64_t began;
	slot_t slots[SLOTS_EACH];
	int rc = 0;

	keyring_close(t->k);
	t->k = NULL;
	if (keyring_open(&t->config, (struct keyring_batch){0}, &t->k,
			 &recovery) != 0) {
		return local_failed("keys");
	}
	began = bench_now_us();
	for (unsigned i = 0; i < KEYS_READ && rc == 0; i++) {
		before = nodes_opened(t);
		person_slots(t, slots);
		rc = key_read(t, slots[0]);
		if (nodes_opened(t) - before > worst) {
			worst = nodes_opened(t) - before;
		}
	}
	figure_at_most(t->f, "cold_nodes",
		       "a key, cold: nodes opened, at worst", "nodes",
		       (double)worst, 4);
	figure_plain(t->f, "cold_us", " time, mean", "us",
		     (double)(bench_now_us() - began) / KEYS_READ);
	before = nodes_opened(t);
	began = bench_now_us();
	for (unsigned i = 0; i < KEYS_READ && rc == 0; i++) {
		rc = key_read(t, slots[i % SLOT_PARTS]);
	}
	figure_at_most(t->f, "warm_reads", "a key, warm: reads of LMDB",
		       "reads", (double)(nodes_opened(t) - before), 0);
	figure_plain(t->f, "warm_us", " time, mean", "us",
		     (double)(bench_now_us() - began) / KEYS_READ);
	return rc;
}

/* Keys of all people in turn, until the cache holds what it may. */
static int
memory(struct tree_run *t)
{
	struct keyring_status s;
	slot_t slots[SLOTS_EACH];
	int rc = 0;

	for (uint64_t i = 0; i < 4 * CACHE_LEAVES && rc == 0; i++) {
		person_slots(t, slots);
		rc = key_read(t, slots[0]);
	}
	keyring_status(t->k, &s);
	figure_plain(t->f, "cache_bytes", "memory for keys, cache full",
		     "bytes", (double)s.cache_bytes);
	figure_at_most(t->f, "locked_bytes", " locked in all", "bytes",
		       (double)locked_bytes(), 256.0 * 1024 * 1024);
	figure_at_most(t->f, "unlocked_memory", " could not be locked", "",
		       s.unlocked_memory ? 1 : 0, 0);
	return rc;
}

static int
scan(struct tree_run *t)
{
	struct keyring *readonly = NULL;
	struct closure *c = NULL;
	struct scan_tree tree = {0};
	struct scan_pages pages = {0};
	char path[PATH_BYTES];
	uint64_t began = bench_now_us();
	uint64_t opened;
	int rc;

	keyring_close(t->k);
	t->k = NULL;
	(void)snprintf(path, sizeof(path), "%s/data.mdb", t->at.keys);
	rc = keyring_open_readonly(&t->config, &readonly);
	if (rc == 0) {
		rc = closure_open(readonly, &c, &tree);
	}
	opened = bench_now_us();
	if (rc == 0) {
		rc = scan_closure(c, path, &pages);
	}
	closure_close(c);
	keyring_close(readonly);
	if (rc != 0) {
		return local_failed("scan");
	}
	figure_plain(t->f, "scan_batches", "closure scan, after batches", "",
		     (double)t->batch);
	figure_plain(t->f, "scan_tree_seconds",
		     " opening the tree from its root", "s",
		     (double)(opened - began) / 1e6);
	figure_at_least(t->f, "scan_pages_per_s", " pages", "/s",
			(double)pages.pages * 1e6 /
				(double)(bench_now_us() - opened),
			50000);
	figure_plain(t->f, "scan_closed", " old nodes that stay closed", "",
		     (double)pages.closed);
	figure_at_most(t->f, "scan_stale", " stale keys", "",
		       (double)(pages.stale + tree.unreadable), 0);
	return 0;
}

int
erase_tree(const struct erase_options *o, struct figures *f)
{
	struct tree_run t = {.o = o,
			     .f = f,
			     .random = {.random = o->seed},
			     .buckets = o->people / PEOPLE_A_BUCKET + 1};
	int rc = local_folder(o->under, t.at.directory);

	if (rc != 0) {
		return rc;
	}
	rc = tree_make(&t);
	if (rc == 0) {
		rc = commits_open(&t);
	}
	if (rc == 0) {
		rc = alone(&t);
	}
	if (rc == 0) {
		rc = batch(&t);
	}
	if (rc == 0) {
		rc = large_batch(&t);
	}
	if (rc == 0) {
		rc = day(&t);
	}
	if (rc == 0) {
		rc = batches(&t);
	}
	if (rc == 0) {
		rc = keys(&t);
	}
	if (rc == 0) {
		rc = memory(&t);
	}
	if (rc == 0) {
		rc = scan(&t);
	}
	store_close(t.disk);
	keyring_close(t.k);
	local_remove(t.at.directory);
	return rc;
}

/*
 * The log's files, on a thread of their own: durable leaves go out in order,
 * checkpoints come back. The owner never waits for it; a checkpoint covers
 * what has been handed over, and so lags by at most the policy's interval.
 */

#include <poll.h>
#include <stdlib.h>

#include "audit/signer.h"
#include "base/log.h"
#include "service/log_key.h"
#include "service/logger.h"
#include "service/state.h"

#define FEED_LEAVES_MAX 900
#define FEEDS_AHEAD_MAX 8
#define CLOSE_MS_MAX 5000 /* for what a clean stop still signs */
#define CLOSE_POLL_MS 50
#define QUEUE_MAX (FEEDS_AHEAD_MAX + 4)
/* Waking the thread, and being woken by it, for each group costs more than the
 * group's leaves: under load they go out in lots. */
#define FEED_MS 10

struct logger {
	struct worker *worker;
	struct head *head;
	struct signer *signer; /* the thread's once it runs */
	uint64_t fed;         /* leaves handed over */
	uint64_t fed_up_to;   /* the store's sequence when none was left */
	int64_t fed_at_ms;    /* boot clock */
	unsigned feeds;       /* tasks not come back */
	bool is_signing;
	int64_t signed_at_ms; /* boot clock */
	uint64_t signed_size;
	struct buf note;      /* copy of the last one */
	char vkey[NOTE_VKEY_BYTES];
	char origin[ORIGIN_BYTES_MAX + 1];
};

struct feed {
	struct core *core;
	uint64_t from;
	size_t n;
	int rc;
	struct err_info info;
	uint8_t leaves[FEED_LEAVES_MAX][LEAF_BYTES];
};

static void
thread_failed(struct core *core, int rc, const struct err_info *info)
{
	err_restore(info);
	log_write(LOG_ERROR, "log_failed", LOG_TEXT("error", err_word(rc)),
		  LOG_TEXT("text", info->text));
	/* A log that cannot be written must stop what it would record. */
	core->fatal = err_class_of(rc) == ERR_CLASS_FATAL ? rc : ERR_OUTCOME;
}

static void
feed_done(void *ctx)
{
	struct feed *f = ctx;

	f->core->logger->feeds--;
	if (f->rc != 0) {
		thread_failed(f->core, f->rc, &f->info);
	}
	free(f);
}

static void
feed_run(void *ctx)
{
	struct feed *f = ctx;
	struct signer *s = f->core->logger->signer;

	for (size_t i = 0; i < f->n && f->rc == 0; i++) {
		f->rc = signer_feed(s, bytes_of(f->leaves[i], LEAF_BYTES));
	}
	if (f->rc != 0) {
		f->info = *err_last();
	}
	inbox_post(f->core->inbox, feed_done, f);
}

static int
feed_collect(struct call *c, void *arg)
{
	struct feed *f = arg;
	struct key_maker from = {.n = 0};
	struct range *r;
	struct bytes key;
	struct bytes value;
	int rc;

	key_u64(&from, f->from);
	rc = range_open(c->txn, TABLE_LEAF, bytes_of(NULL, 0),
			key_bytes(&from), 0, &r);
	if (rc != 0) {
		return rc;
	}
	while (f->n < FEED_LEAVES_MAX &&
	       (rc = range_next(r, &key, &value)) == 1) {
		if (value.n != LEAF_BYTES ||
		    !bytes_equal(key, key_bytes(&from))) {
			rc = err_set(ERR_CORRUPT, "leaf %llu is missing",
				     (unsigned long long)(f->from + f->n));
			break;
		}
		memcpy(f->leaves[f->n++], value.p, LEAF_BYTES);
		from.n = 0;
		key_u64(&from, f->from + f->n);
	}
	range_close(r);
	return rc < 0 ? rc : 0;
}

/* Hands over the next leaves; *out_n 0 when there are none. */
static int
feed_next(struct core *core, size_t *out_n)
{
	struct logger *l = core->logger;
	struct feed *f = calloc(1, sizeof(*f));
	int rc;

	*out_n = 0;
	if (f == NULL) {
		return err_set(ERR_NOMEM, "no memory for the log");
	}
	f->core = core;
	f->from = l->fed;
	rc = core_internal(core, "log", feed_collect, f);
	if (rc == 0 && f->n > 0) {
		*out_n = f->n;
		rc = worker_submit(l->worker, feed_run, f);
		if (rc == 0) {
			l->fed += f->n;
			l->feeds++;
			return 0;
		}
	}
	free(f);
	return rc;
}

/* A checkpoint, and where the log's key is to change, a second one of the same
 * size by the next key. */
struct signing {
	struct core *core;
	bool rotates;
	struct key *next; /* secret memory, once the rotation is decided */
	uint64_t size;
	int rc;
	struct err_info info;
	struct buf note;
	char vkey[NOTE_VKEY_BYTES];
};

static void signing_run(void *ctx);

static void
signing_free(struct signing *s)
{
	secret_free(s->next);
	buf_clear(&s->note);
	free(s);
}

static int
rotation_decide(struct call *c, void *arg)
{
	const struct signing *s = arg;

	return log_key_rotated(c, s->size);
}

static int
rotation_count(struct call *c, void *arg)
{
	return log_key_rotations(c->txn, arg);
}

static int
keys_retire(struct call *c, void *arg)
{
	(void)arg;
	return log_key_retire(c);
}

/* The old key has signed its last. From the moment this is durable the next
 * one signs, at the latest after a restart. */
static int
rotation_start(struct signing *s)
{
	struct core *core = s->core;
	struct log_rotations r;
	int rc = core_internal(core, "log", rotation_decide, s);

	if (rc == 0) {
		rc = store_sync(core->store);
	}
	if (rc == 0) {
		rc = core_internal(core, "log", rotation_count, &r);
	}
	if (rc == 0) {
		s->next = secret_alloc(sizeof(*s->next));
		rc = s->next == NULL ? ERR_NOMEM
				     : log_key_seed(core->keys,
						    core->logger->origin, &r,
						    r.n, s->next);
		log_rotations_clear(&r);
	}
	if (rc == 0) {
		s->rotates = false;
		rc = worker_submit(core->logger->worker, signing_run, s);
	}
	return rc;
}

static void
signing_done(void *ctx)
{
	struct signing *s = ctx;
	struct logger *l = s->core->logger;
	int rc;

	if (s->rc != 0) {
		thread_failed(s->core, s->rc, &s->info);
		l->is_signing = false;
		signing_free(s);
		return;
	}
	buf_clear(&l->note);
	l->note = s->note;
	buf_init(&s->note, HEAD_NOTE_BYTES_MAX);
	memcpy(l->vkey, s->vkey, sizeof(l->vkey));
	l->signed_size = s->size;
	l->signed_at_ms = clock_boot_ms(s->core->config.clock);
	if (s->rotates && !s->core->is_closing) {
		/* Once it has started, `s` is the thread's again. */
		rc = rotation_start(s);
		if (rc == 0) {
			return;
		}
		/* Not decided: asked for again by the next checkpoint. */
		if (rc != ERR_BUSY && rc != ERR_RETRY) {
			thread_failed(s->core, rc, err_last());
		}
	}
	l->is_signing = false;
	signing_free(s);
}

static void
signing_run(void *ctx)
{
	struct signing *s = ctx;
	struct signer *signer = s->core->logger->signer;
	struct bytes note;

	s->rc = s->next == NULL ? signer_checkpoint(signer)
				: signer_rotate(signer, s->next);
	if (s->rc == 0) {
		note = signer_note(signer);
		s->rc = buf_put(&s->note, note.p, note.n);
	}
	if (s->rc == 0) {
		s->size = signer_signed(signer);
		(void)note_vkey_print(signer_verifier(signer), s->vkey);
	} else {
		s->info = *err_last();
	}
	inbox_post(s->core->inbox, signing_done, s);
}

static int
rotation_look(struct call *c, void *arg)
{
	return txn_has(c->txn, TABLE_SYSTEM, bytes_str(LOG_ROTATE), arg);
}

static int
signing_start(struct core *core)
{
	struct signing *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL) {
		return err_set(ERR_NOMEM, "no memory for a checkpoint");
	}
	s->core = core;
	buf_init(&s->note, HEAD_NOTE_BYTES_MAX);
	rc = core_internal(core, "log", rotation_look, &s->rotates);
	if (rc == 0) {
		rc = worker_submit(core->logger->worker, signing_run, s);
	}
	if (rc != 0) {
		signing_free(s);
		return rc;
	}
	core->logger->is_signing = true;
	return 0;
}

/* Hands over all there is, unless the thread is far behind. */
static int
feed_all(struct core *core, int64_t now_ms)
{
	struct logger *l = core->logger;
	size_t n = 1;
	int rc = 0;

	while (rc == 0 && n > 0 && l->feeds < FEEDS_AHEAD_MAX) {
		rc = feed_next(core, &n);
	}
	if (rc == 0 && n == 0) {
		l->fed_up_to = store_sequence(core->store);
	}
	l->fed_at_ms = now_ms;
	return rc;
}

int
logger_turn(struct core *core, bool is_quiet, int64_t *out_wait_ms)
{
	struct logger *l = core->logger;
	const struct policy_house *house = &core->policy->house;
	int64_t now_ms = clock_boot_ms(core->config.clock);
	int64_t due_ms = l->signed_at_ms + house->checkpoint_ms - now_ms;
	int64_t feed_ms = l->fed_at_ms + FEED_MS - now_ms;
	int rc = 0;

	if (l->fed_up_to != store_sequence(core->store)) {
		if (is_quiet || due_ms <= 0 || feed_ms <= 0) {
			rc = feed_all(core, now_ms);
		} else if (feed_ms < *out_wait_ms) {
			*out_wait_ms = feed_ms;
		}
	}
	if (rc != 0 || l->is_signing || l->fed == l->signed_size) {
		return rc;
	}
	if (due_ms <= 0 ||
	    l->fed - l->signed_size >= (uint64_t)house->checkpoint_leaves) {
		return signing_start(core);
	}
	if (due_ms < *out_wait_ms) {
		*out_wait_ms = due_ms;
	}
	return 0;
}

static int
leaf_append(void *context, uint64_t index, struct buf *out)
{
	struct core *core = context;
	struct key_maker k = {.n = 0};
	struct bytes value;
	struct txn *t;
	int rc = store_begin(core->store, &t);

	if (rc != 0) {
		return rc;
	}
	key_u64(&k, index);
	rc = txn_get(t, TABLE_LEAF, key_bytes(&k), &value);
	if (rc == 0) {
		rc = buf_put(out, value.p, value.n);
	}
	store_abandon(core->store, t);
	return rc;
}

static int
size_get(struct call *c, void *arg)
{
	return txn_counter_get(c->txn, "log.size", arg);
}

/* A log that a restore had to close goes on under another name. */
static int
origin_get(struct call *c, void *arg)
{
	char *origin = arg;
	struct bytes row;
	int rc = txn_get(c->txn, TABLE_SYSTEM, bytes_str(LOG_ORIGIN), &row);

	if (rc == ERR_NOT_FOUND) {
		return 0;
	}
	if (rc == 0 && row.n > ORIGIN_BYTES_MAX) {
		rc = err_set(ERR_CORRUPT, "the log's name is too long");
	}
	if (rc == 0) {
		memcpy(origin, row.p, row.n);
		origin[row.n] = '\0';
	}
	return rc;
}

/* Files that do not hold what was signed are built anew from the store. */
static int
signer_take(const struct signer_options *options, struct logger *l)
{
	int rc = signer_open(options, &l->signer);

	if (rc == ERR_CORRUPT || rc == ERR_NOT_FOUND) {
		log_write(LOG_WARNING, "log_rebuilt",
			  LOG_TEXT("why", err_last()->text));
		rc = signer_rebuild(options, options->leaves);
		if (rc == 0) {
			rc = signer_open(options, &l->signer);
		}
	}
	return rc;
}

/* The present seed, and the notes of the rotations before: the log's files are
 * written from them. */
static int
signer_start(struct core *core, struct logger *l)
{
	struct signer_leaves leaves = {leaf_append, core};
	struct log_rotations r;
	struct signer_options options = {
		.folder = core->config.log,
		.origin = l->origin,
		.head = l->head,
		.leaves = &leaves,
	};
	struct key *seed = NULL;
	int rc = core_internal(core, "log", rotation_count, &r);

	if (rc != 0) {
		return rc;
	}
	seed = secret_alloc(sizeof(*seed));
	rc = seed == NULL ? ERR_NOMEM
			  : log_key_seed(core->keys, l->origin, &r, r.n, seed);
	if (rc == 0) {
		options.keys = (struct keychain){seed, r.notes, r.n};
		rc = signer_take(&options, l);
	}
	secret_free(seed);
	log_rotations_clear(&r);
	return rc == 0 ? core_internal(core, "log", keys_retire, NULL) : rc;
}

/* The store must hold every leaf that was signed. */
static int
size_check(struct core *core, const struct logger *l)
{
	const struct checkpoint *last = head_checkpoint(l->head);
	uint64_t size = 0;
	int rc = core_internal(core, "log", size_get, &size);

	if (rc == 0 && last != NULL && last->size > size &&
	    strcmp(last->origin, l->origin) == 0) {
		return err_set(ERR_CORRUPT,
			       "the log has signed %llu leaves, the store "
			       "holds %llu: restore what is missing",
			       (unsigned long long)last->size,
			       (unsigned long long)size);
	}
	return rc;
}

int
logger_open(struct core *core)
{
	struct logger *l = calloc(1, sizeof(*l));
	struct bytes note;
	AUTO_KEY mac = {{0}};
	int rc;

	if (l == NULL) {
		return err_set(ERR_NOMEM, "no memory for the log");
	}
	core->logger = l;
	buf_init(&l->note, HEAD_NOTE_BYTES_MAX);
	rc = keyring_outer_key(core->keys, "head", &mac);
	if (rc == 0) {
		rc = head_open(core->config.head, &mac, &l->head);
	}
	if (rc == 0) {
		rc = log_origin(core->policy, l->head, l->origin);
	}
	if (rc == 0) {
		rc = core_internal(core, "log", origin_get, l->origin);
	}
	if (rc == 0) {
		rc = size_check(core, l);
	}
	if (rc == 0) {
		rc = signer_start(core, l);
	}
	if (rc == 0) {
		(void)note_vkey_print(signer_verifier(l->signer), l->vkey);
		l->fed = signer_size(l->signer);
		l->signed_size = l->fed;
		l->fed_up_to = UINT64_MAX;
		note = signer_note(l->signer);
		rc = buf_put(&l->note, note.p, note.n);
	}
	if (rc == 0) {
		rc = worker_open("log", 1, 0, QUEUE_MAX, &l->worker);
	}
	return rc;
}

static void
thread_wait(struct core *core)
{
	struct pollfd p = {inbox_fd(core->inbox), POLLIN, 0};

	(void)poll(&p, 1, CLOSE_POLL_MS);
	(void)inbox_run(core->inbox);
}

/* A clean stop leaves nothing unsigned: whoever looks at the files then sees
 * all that was answered. After a failure, or when it takes too long, the next
 * start does it. */
static void
last_checkpoint(struct core *core)
{
	struct logger *l = core->logger;
	int64_t end_us = clock_boot_us() + CLOSE_MS_MAX * 1000;
	size_t n = 1;
	int rc = 0;

	while (rc == 0 && core->fatal == 0 && clock_boot_us() < end_us) {
		if (l->is_signing || l->feeds >= FEEDS_AHEAD_MAX) {
			thread_wait(core);
			n = 1;
		} else if (n > 0) {
			/* What the threads had to say may have ended txns
			 * with leaves: none is signed that is not durable. */
			rc = store_sync(core->store);
			if (rc == 0) {
				rc = feed_next(core, &n);
			}
		} else if (l->fed == l->signed_size) {
			return;
		} else {
			rc = signing_start(core);
		}
	}
}

void
logger_close(struct core *core)
{
	struct logger *l = core->logger;

	if (l == NULL) {
		return;
	}
	if (l->worker != NULL) {
		last_checkpoint(core);
	}
	worker_close(l->worker);
	/* What the thread has to say is heard before its ground goes. */
	(void)inbox_run(core->inbox);
	signer_close(l->signer);
	head_close(l->head);
	buf_clear(&l->note);
	free(l);
	core->logger = NULL;
}

bool
logger_is_idle(const struct core *core)
{
	return core->logger->feeds == 0 && !core->logger->is_signing;
}

uint64_t
logger_checkpoint_size(const struct core *core)
{
	return core->logger->signed_size;
}

struct log_view
logger_view(const struct core *core)
{
	const struct logger *l = core->logger;

	return (struct log_view){
		.note = buf_bytes(&l->note),
		.size = l->signed_size,
		.vkey = l->vkey,
		.origin = l->origin,
	};
}

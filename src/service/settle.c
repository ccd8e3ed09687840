/* A restored store and the tree of keys: batches, slots, people, the index. */

#include "base/pack.h"
#include "base/timefmt.h"
#include "navigation/visitor.h"
#include "registration/invite.h"
#include "request/person.h"
#include "retention/ended.h"
#include "service/backup.h"
#include "service/settle.h"
#include "vault/index.h"
#include "vault/record.h"
#include "vault/subject.h"

#define GROW_BY_SLOTS (4u * 20000u)
#define BATCH_STEP_MAX 200 /* two writes each */
#define BUCKET_STEP_MAX 250
#define OWNER_STEP_MAX 12
#define PAGE_RECORDS 50
#define SPAN_BYTES 16

int
settle_call(struct core *core, internal_fn *fn, void *arg)
{
	int rc = core_internal(core, "restore", fn, arg);

	if (rc == ERR_BUSY || rc == ERR_RETRY) {
		err_clear();
		rc = store_sync(core->store);
		if (rc == 0) {
			rc = store_drain(core->store);
		}
		if (rc == 0) {
			rc = core_internal(core, "restore", fn, arg);
		}
	}
	return rc;
}

static int
system_put_u64(struct txn *t, const char *name, uint64_t v)
{
	uint8_t b[8];

	put_u64(b, v);
	return txn_put(t, TABLE_SYSTEM, bytes_str(name),
		       bytes_of(b, sizeof(b)));
}

struct batches {
	uint64_t number; /* under which all wait from now on */
	uint64_t moved;
	bool more;
};

/* No batch has a higher number than the epoch: each raises it by one. */
static int
batches_number(struct call *c, void *arg)
{
	struct batches *b = arg;
	uint64_t open;
	uint64_t epoch = keyring_epoch(c->keys);
	int rc = txn_counter_get(c->txn, "batch.open", &open);

	b->number = (open > epoch ? open : epoch) + 2;
	return rc;
}

static int
batches_move(struct call *c, void *arg)
{
	struct batches *b = arg;
	struct key_maker keys[BATCH_STEP_MAX];
	uint8_t values[BATCH_STEP_MAX][BATCH_VALUE_BYTES];
	struct bytes key, value;
	struct range *r;
	size_t n = 0;
	int rc = range_open(c->txn, TABLE_BATCH, bytes_of(NULL, 0),
			    bytes_of(NULL, 0), 0, &r);

	while (rc == 0 && n < BATCH_STEP_MAX &&
	       (rc = range_next(r, &key, &value)) == 1) {
		rc = 0;
		if (key.n != 16 || value.n != BATCH_VALUE_BYTES ||
		    get_u64(key.p) >= b->number) {
			break;
		}
		keys[n].n = 0;
		key_raw(&keys[n], key.p, key.n);
		memcpy(values[n++], value.p, BATCH_VALUE_BYTES);
	}
	range_close(r);
	for (size_t i = 0; i < n && rc == 0; i++) {
		struct key_maker to = {.n = 0};

		key_u64(&to, b->number);
		key_u64(&to, get_u64(keys[i].b + 8));
		rc = txn_del(c->txn, TABLE_BATCH, key_bytes(&keys[i]));
		if (rc == 0) {
			rc = txn_put(c->txn, TABLE_BATCH, key_bytes(&to),
				     bytes_of(values[i], BATCH_VALUE_BYTES));
		}
	}
	b->moved += n;
	b->more = n == BATCH_STEP_MAX;
	return rc;
}

static int
batches_end(struct call *c, void *arg)
{
	const struct batches *b = arg;
	int rc = txn_del(c->txn, TABLE_SYSTEM, bytes_str("batch.running"));

	if (rc == 0) {
		rc = system_put_u64(c->txn, "batch.open", b->number - 1);
	}
	if (rc == 0) {
		rc = system_put_u64(c->txn, "batch.waiting", b->moved);
	}
	return rc != 0 ? rc
		       : system_put_u64(c->txn, "batch.since",
					(uint64_t)c->now_ms);
}

/* Behind what an earlier restore stepped over and nobody acknowledged yet. */
static int
slots_step_over(struct call *c, void *arg)
{
	struct slot_span spans[SLOTS_SKIPPED];
	struct bytes name = bytes_str(RESTORE_SLOTS);
	uint8_t span[SPAN_BYTES];
	struct bytes before;
	struct buf row;
	int rc = txn_get(c->txn, TABLE_SYSTEM, name, &before);

	(void)arg;
	buf_init(&row, VALUE_BYTES_MAX);
	if (rc == 0) {
		rc = buf_put(&row, before.p, before.n);
	} else if (rc == ERR_NOT_FOUND) {
		rc = 0;
	}
	if (rc == 0) {
		rc = slots_skip(c->txn, c->keys, spans);
	}
	for (size_t i = 0; i < SLOTS_SKIPPED && rc == 0; i++) {
		put_u64(span, spans[i].from);
		put_u64(span + 8, spans[i].end);
		if (spans[i].from < spans[i].end) {
			rc = buf_put(&row, span, sizeof(span));
		}
	}
	if (rc == 0 && row.len > 0) {
		rc = txn_put(c->txn, TABLE_SYSTEM, name, buf_bytes(&row));
	}
	buf_clear(&row);
	return rc;
}

int
settle_slots(struct core *core)
{
	struct batches b = {.more = true};
	int rc = settle_call(core, batches_number, &b);

	while (rc == 0 && b.more) {
		rc = settle_call(core, batches_move, &b);
	}
	if (rc == 0) {
		rc = settle_call(core, batches_end, &b);
	}
	if (rc == 0) {
		rc = settle_call(core, slots_step_over, NULL);
	}
	/* The marks are durable before anything is taken behind them. */
	if (rc == 0) {
		rc = store_sync(core->store);
	}
	return rc == 0 ? keyring_grow(core->keys, keyring_grown(core->keys),
				      GROW_BY_SLOTS)
		       : rc;
}

/* A walk over a table, some rows a step. */
struct walk {
	enum table table;
	size_t step_rows;
	int (*row)(struct call *c, struct walk *w, struct bytes key,
		   struct bytes value);
	struct restore_report *report;
	struct key_maker from;
	bool more;
};

static int
walk_step(struct call *c, void *arg)
{
	struct walk *w = arg;
	struct key_maker next = w->from;
	struct bytes key, value;
	struct range *r;
	size_t n = 0;
	int rc = range_open(c->txn, w->table, bytes_of(NULL, 0),
			    key_bytes(&w->from), 0, &r);

	w->more = false;
	while (rc == 0 && (rc = range_next(r, &key, &value)) == 1) {
		struct bytes kept_key, kept;

		if (n++ == w->step_rows) {
			next.n = 0;
			key_raw(&next, key.p, key.n);
			w->more = true;
			rc = 0;
			break;
		}
		kept_key = bytes_of(arena_copy(c->arena, key.p, key.n), key.n);
		kept = bytes_of(arena_copy(c->arena, value.p, value.n),
				value.n);
		if (kept_key.p == NULL || kept.p == NULL) {
			rc = ERR_NOMEM;
			break;
		}
		rc = w->row(c, w, kept_key, kept);
	}
	range_close(r);
	if (rc == 0) {
		w->from = next;
	}
	return rc;
}

static int
walk_all(struct core *core, struct walk w)
{
	int rc = 0;

	for (w.more = true; w.more && rc == 0;) {
		rc = settle_call(core, walk_step, &w);
	}
	return rc;
}

static int
bucket_row(struct call *c, struct walk *w, struct bytes key,
	   struct bytes value)
{
	struct vault v = call_vault(c);
	bool dropped = false;
	int rc = index_drop_dead(&v, key, value, &dropped);

	w->report->buckets_rebuilt += rc == 0 && dropped ? 1 : 0;
	return rc;
}

static bool
is_indexed(const struct policy_category *c)
{
	for (size_t i = 0; i < c->n_fields; i++) {
		if (c->fields[i].indexed != INDEX_NONE) {
			return true;
		}
	}
	return false;
}

static int
person_found_again(struct vault *v, struct subject *s)
{
	const struct policy *p = v->policy;
	int rc = 0;

	for (size_t i = 0; i < p->n_categories && rc == 0; i++) {
		const struct policy_category *category = &p->categories[i];
		struct record_query q = {.categories = &category,
					 .n_categories = 1,
					 .limit = PAGE_RECORDS};

		if (!is_indexed(category)) {
			continue;
		}
		do {
			struct record *records;
			size_t n = 0;

			rc = record_list(v, s, &q, &records, &n, &q.cursor);
			for (size_t k = 0; k < n && rc == 0; k++) {
				rc = record_index_again(v, s, category,
							&records[k].data);
			}
		} while (rc == 0 && q.cursor != NULL);
	}
	return rc;
}

static int
is_all_dead(struct call *c, slot_t base, bool *out)
{
	AUTO_KEY key = {{0}};

	*out = true;
	for (unsigned i = 0; i < SLOT_PARTS && *out; i++) {
		int rc = keyring_key(c->keys, base + i, &key);

		if (rc != 0 && rc != ERR_EXPIRED) {
			return rc;
		}
		*out = rc == ERR_EXPIRED;
	}
	err_clear();
	return 0;
}

/* The job that takes away what an erasure leaves begins at its last part: all
 * that it looks at is dead. */
static int
person_rest_goes(struct call *c, struct walk *w, struct bytes key,
		 struct bytes row)
{
	struct value state = value_object();
	char *text = arena_alloc(c->arena, ID_TEXT_BYTES);
	slot_t base = get_u64(row.p);
	slot_t held = get_u64(row.p + 8);
	struct id subject, job;
	bool dead;
	int rc = is_all_dead(c, base, &dead);

	if (rc != 0 || !dead || text == NULL) {
		return text == NULL ? ERR_NOMEM : rc;
	}
	memcpy(subject.b, key.p, ID_BYTES);
	rc = value_add(&state, c->arena, "subject",
		       value_text(id_print(subject, text)));
	if (rc == 0) {
		rc = value_add(&state, c->arena, "base",
			       value_int((int64_t)base));
	}
	if (rc == 0 && held != SLOT_NONE) {
		rc = value_add(&state, c->arena, "held",
			       value_int((int64_t)held));
	}
	if (rc == 0) {
		rc = job_start(c, ended_job.name, state, &job);
	}
	w->report->people_erased += rc == 0 ? 1 : 0;
	return rc;
}

static int
person_row(struct call *c, struct walk *w, struct bytes key,
	   struct bytes value)
{
	struct vault v = call_vault(c);
	struct subject *s;
	int rc = subject_open_row(&v, key, value, &s);

	if (rc == ERR_NOT_FOUND) {
		err_clear();
		return person_rest_goes(c, w, key, value);
	}
	return rc == 0 ? person_found_again(&v, s) : rc;
}

static int
id_of_key(struct bytes key, struct id *out)
{
	if (key.n != ID_BYTES) {
		return err_set(ERR_CORRUPT, "a row's key");
	}
	memcpy(out->b, key.p, ID_BYTES);
	return 0;
}

static int
request_row(struct call *c, struct walk *w, struct bytes key,
	    struct bytes value)
{
	struct id id;
	int rc = id_of_key(key, &id);

	(void)w;
	(void)value;
	return rc == 0 ? person_index_again(c, id) : rc;
}

static int
invite_row(struct call *c, struct walk *w, struct bytes key,
	   struct bytes value)
{
	struct id id;
	int rc = id_of_key(key, &id);

	(void)w;
	(void)value;
	return rc == 0 ? invite_index_again(c, id) : rc;
}

static int
visitor_row(struct call *c, struct walk *w, struct bytes key,
	    struct bytes value)
{
	struct vault v = call_vault(c);

	(void)w;
	(void)value;
	return key.n == sizeof(slot_t)
		       ? visitor_index_again(&v, get_u64(key.p))
		       : err_set(ERR_CORRUPT, "a row's key");
}

/* The backup holds the job that made it, which is over. */
static int
job_row(struct call *c, struct walk *w, struct bytes key, struct bytes value)
{
	struct job job;
	struct id id;
	int rc = id_of_key(key, &id);

	(void)w;
	(void)value;
	if (rc == 0) {
		rc = job_load(c, id, &job);
	}
	return rc == 0 && strcmp(job.kind, backup_job.name) == 0
		       ? job_delete(c, id)
		       : rc;
}

int
settle_people(struct core *core, struct restore_report *r)
{
	struct walk w = {TABLE_BUCKET, BUCKET_STEP_MAX, bucket_row, r,
			 {.n = 0}, true};
	int rc = walk_all(core, w);

	if (rc == 0) {
		w.table = TABLE_SUBJECT;
		w.step_rows = OWNER_STEP_MAX;
		w.row = person_row;
		rc = walk_all(core, w);
	}
	if (rc == 0) {
		w.table = TABLE_REQUEST;
		w.row = request_row;
		rc = walk_all(core, w);
	}
	if (rc == 0) {
		w.table = TABLE_INVITE;
		w.row = invite_row;
		rc = walk_all(core, w);
	}
	if (rc == 0) {
		w.table = TABLE_VISITOR;
		w.row = visitor_row;
		rc = walk_all(core, w);
	}
	if (rc == 0) {
		w.table = TABLE_JOB;
		w.row = job_row;
		rc = walk_all(core, w);
	}
	return rc;
}

static int
add_time(struct call *c, struct value *to, const char *name, int64_t ms)
{
	char *text = arena_alloc(c->arena, TIME_TEXT_BYTES);

	return text == NULL ? ERR_NOMEM
			    : value_add(to, c->arena, name,
					value_text(time_print(ms, text)));
}

static int
gap_describe(struct call *c, const struct restore_report *r, struct value *out)
{
	const struct {
		const char *name;
		uint64_t number;
	} numbers[] = {{"from_leaf", r->from_leaf},
		       {"to_leaf", r->to_leaf},
		       {"leaves_put_back", r->leaves_put_back}};
	int rc = value_add(out, c->arena, "gap", value_text(r->gap));

	for (size_t i = 0; i < 3 && rc == 0; i++) {
		rc = value_add(out, c->arena, numbers[i].name,
			       value_int((int64_t)numbers[i].number));
	}
	if (rc == 0) {
		rc = add_time(c, out, "from_time", r->from_ms);
	}
	if (rc == 0) {
		rc = add_time(c, out, "to_time", r->to_ms);
	}
	if (rc == 0) {
		rc = add_time(c, out, "restored_at", c->now_ms);
	}
	return rc != 0 ? rc
		       : value_add(out, c->arena, "log_closed",
				   value_bool(r->log_closed));
}

static int
end_rows(struct call *c, void *arg)
{
	struct restore_report *r = arg;
	struct value gap = value_object();
	struct buf row;
	int rc = 0;

	buf_init(&row, VALUE_BYTES_MAX);
	if (r->has_gap) {
		(void)id_print(call_new_id(c), r->gap);
		rc = gap_describe(c, r, &gap);
		if (rc == 0) {
			rc = value_pack(&gap, &row);
		}
		if (rc == 0) {
			rc = txn_put(c->txn, TABLE_SYSTEM,
				     bytes_str(RESTORE_GAP), buf_bytes(&row));
		}
	}
	buf_clear(&row);
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){
					      .type = LEAF_RESTORE,
					      .log_slot = SLOT_NONE,
					      .details = gap});
}

int
settle_end(struct core *core, struct restore_report *r)
{
	int rc = settle_call(core, end_rows, r);

	if (rc == 0) {
		rc = store_sync(core->store);
	}
	return rc == 0 ? store_drain(core->store) : rc;
}

/* A restored store and who is in it: whoever lives is found again, whoever has
 * been erased since the backup goes. */

#include "base/pack.h"
#include "navigation/visitor.h"
#include "registration/invite.h"
#include "request/person.h"
#include "retention/ended.h"
#include "service/backup.h"
#include "service/settle.h"
#include "vault/index.h"
#include "vault/record.h"
#include "vault/subject.h"

#define BUCKET_STEP_MAX 250
#define OWNER_STEP_MAX 12
#define PAGE_RECORDS 50

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
	slot_t base = get_u64(row.p);
	slot_t held = get_u64(row.p + 8);
	struct id subject;
	bool dead;
	int rc = is_all_dead(c, base, &dead);

	if (rc != 0 || !dead) {
		return rc;
	}
	memcpy(subject.b, key.p, ID_BYTES);
	rc = ended_start_at_rows(c, subject, base, held);
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

/* Calls for tests, with what dispatch does around them. */

#include "support/test.h"

#include "call/erasure.h"
#include "policy/decide.h"
#include "registration/register.h"
#include "support/call_env.h"
#include "wire/schema.h"

#define REPLY_BYTES_MAX (4u << 20)
#define JOBS_MAX 256

void
call_env_open(struct call_env *e)
{
	memset(e, 0, sizeof(*e));
	vault_env_open(&e->vault);
	e->reply_arena = arena_new(REPLY_BYTES_MAX);
	assert_non_null(e->reply_arena);
}

void
call_env_close(struct call_env *e)
{
	arena_free(e->reply_arena);
	vault_env_close(&e->vault);
}

struct call *
call_env_begin(struct call_env *e, unsigned role)
{
	struct vault *v = vault_env_begin(&e->vault);

	e->call = (struct call){
		.operation = "test",
		.id = e->next_id,
		.caller = {.number = role == ROLE_INTERNAL ? 0 : role,
			   .name = role_name(role),
			   .roles = role},
		.now_ms = v->now_ms,
		.today = v->today,
		.boot_ms = v->now_ms - e->boot_lag_ms,
		.txn = v->txn,
		.arena = v->arena,
		.keys = v->keys,
		.policy = v->policy,
		.entropy = v->entropy,
		.log_slot = SLOT_NONE,
		.reply_slot = SLOT_NONE};
	if (id_is_nil(e->next_id)) {
		e->call.id = call_new_id(&e->call);
	}
	return &e->call;
}

static void
jobs_add(struct call_env *e, struct id id)
{
	for (size_t i = 0; i < e->n_jobs; i++) {
		if (id_equal(e->jobs[i], id)) {
			return;
		}
	}
	assert_true(e->n_jobs < sizeof(e->jobs) / sizeof(e->jobs[0]));
	e->jobs[e->n_jobs++] = id;
}

int
call_env_end(struct call_env *e, int rc)
{
	struct err_info info = *err_last();

	if (rc != 0) {
		e->refusal = info;
	}
	assert_ok(call_log(&e->call, rc, LEAF_REFUSED));
	if (rc == 0) {
		vault_env_commit(&e->vault);
		for (size_t i = 0; i < e->call.n_runnable; i++) {
			jobs_add(e, e->call.runnable[i]);
		}
	} else {
		vault_env_fail(&e->vault);
		err_restore(&info);
	}
	return rc;
}

static void
reply_keep(struct call_env *e, const struct field_table *out,
	   const void *structure)
{
	struct buf json;

	buf_init(&json, REPLY_BYTES_MAX);
	arena_reset(e->reply_arena);
	assert_ok(schema_encode(out->rows, out->n, structure, &json));
	assert_ok(schema_value_decode(buf_bytes(&json), e->reply_arena,
				      &e->reply));
	buf_clear(&json);
}

int
call_env_run(struct call_env *e, unsigned role, call_env_op *op,
	     const struct field_table *in, const struct field_table *out,
	     const char *json_format, ...)
{
	struct call *c = call_env_begin(e, role);
	void *in_struct = arena_alloc(c->arena, in->bytes);
	void *out_struct = arena_alloc(c->arena, out == NULL ? 1 : out->bytes);
	struct buf json;
	char *text = NULL;
	va_list ap;
	int rc;

	va_start(ap, json_format);
	assert_true(vasprintf(&text, json_format, ap) >= 0);
	va_end(ap);
	buf_init(&json, REPLY_BYTES_MAX);
	assert_ok(buf_put_str(&json, text));
	free(text);
	rc = schema_decode(in->rows, in->n, buf_bytes(&json), c->now_ms,
			   c->arena, in_struct);
	buf_clear(&json);
	if (rc == 0) {
		rc = op(c, in_struct, out_struct);
	}
	e->reply = (struct value){.kind = VALUE_NULL};
	if (rc == 0 && out != NULL && id_is_nil(c->deferred_to)) {
		reply_keep(e, out, out_struct);
	}
	return call_env_end(e, rc);
}

const struct value *
call_env_get(const struct call_env *e, const char *path)
{
	const struct value *v = &e->reply;

	while (v != NULL && *path != '\0') {
		size_t n = strcspn(path, ".");
		char name[64];

		assert_true(n < sizeof(name));
		memcpy(name, path, n);
		name[n] = '\0';
		if (v->kind == VALUE_LIST) {
			size_t i = strtoul(name, NULL, 10);

			v = i < v->of.n ? &v->of.items[i].value : NULL;
		} else {
			v = value_get(v, name);
		}
		path += path[n] == '.' ? n + 1 : n;
	}
	return v;
}

const char *
call_env_text(const struct call_env *e, const char *path)
{
	const struct value *v = call_env_get(e, path);

	if (v == NULL || v->kind != VALUE_TEXT) {
		fail_msg("no text at %s", path);
		return "";
	}
	return v->text.s;
}

int64_t
call_env_int(const struct call_env *e, const char *path)
{
	const struct value *v = call_env_get(e, path);

	if (v == NULL || v->kind != VALUE_INT) {
		fail_msg("no integer at %s", path);
		return 0;
	}
	return v->number;
}

bool
call_env_bool(const struct call_env *e, const char *path)
{
	const struct value *v = call_env_get(e, path);

	if (v == NULL || v->kind != VALUE_BOOL) {
		fail_msg("no truth at %s", path);
		return false;
	}
	return v->truth;
}

size_t
call_env_count(const struct call_env *e, const char *path)
{
	const struct value *v = call_env_get(e, path);

	return v == NULL || v->kind != VALUE_LIST ? 0 : v->of.n;
}

static const struct job_kind *
kind_find(const struct job_kind *const *kinds, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(kinds[i]->name, name) == 0) {
			return kinds[i];
		}
	}
	fail_msg("no kind of job by the name %s", name);
	return NULL;
}

/* The kind's read over a snapshot; what it made goes into the next step. */
static int
job_reads(struct call_env *e, const struct job_kind *kind, struct id id,
	  struct buf *result)
{
	struct call *c = call_env_begin(e, ROLE_INTERNAL);
	struct call reading = *c;
	struct job job;
	int rc;

	assert_ok(job_load(c, id, &job));
	reading.txn = store_env_snapshot(&e->vault.store);
	rc = kind->read(&reading, &job, result);
	snapshot_close(reading.txn);
	vault_env_fail(&e->vault);
	return rc;
}

/* One step, and what follows from it; returns the error of a job that ended
 * with one. */
static int
job_turn(struct call_env *e, const struct job_kind *const *kinds, size_t n,
	 struct id id, struct buf *result, int *read_rc,
	 const struct field_table *answer)
{
	struct call *c = call_env_begin(e, ROLE_INTERNAL);
	const struct job_kind *kind;
	enum job_next next = JOB_DONE;
	struct job job;
	int rc = job_load(c, id, &job);

	if (rc == ERR_NOT_FOUND) {
		vault_env_fail(&e->vault);
		return 0;
	}
	assert_ok(rc);
	kind = kind_find(kinds, n, job.kind);
	job.has_result = result->len > 0 || *read_rc != 0;
	job.result = buf_bytes(result);
	job.result_rc = *read_rc;
	rc = kind->step(c, &job, &next);
	buf_reset(result);
	*read_rc = 0;
	if (rc == ERR_BUSY) {
		/* Tried again, after the others. */
		vault_env_fail(&e->vault);
		jobs_add(e, id);
		memmove(&e->jobs[1], &e->jobs[0],
			(e->n_jobs - 1) * sizeof(e->jobs[0]));
		e->jobs[0] = id;
		return 0;
	}
	if (rc != 0) {
		(void)call_env_end(e, rc);
		c = call_env_begin(e, ROLE_INTERNAL);
		assert_ok(job_delete(c, id));
		vault_env_commit(&e->vault);
		return rc;
	}
	if (next == JOB_DONE) {
		rc = job.answer_rc;
		if (rc == 0 && job.answer != NULL && answer != NULL) {
			reply_keep(e, answer, job.answer);
		}
		assert_ok(job_delete(c, id));
	} else {
		assert_ok(job_save(c, &job));
	}
	assert_ok(call_env_end(e, 0));
	if (next == JOB_SNAPSHOT) {
		*read_rc = job_reads(e, kind, id, result);
	}
	if (next == JOB_AGAIN || next == JOB_SNAPSHOT) {
		jobs_add(e, id);
	}
	return rc;
}

int
call_env_jobs(struct call_env *e, const struct job_kind *const *kinds, size_t n,
	      const struct field_table *answer)
{
	struct buf result;
	int read_rc = 0;
	int rc = 0;

	buf_init(&result, 64u << 20);
	for (unsigned turns = 0; e->n_jobs > 0; turns++) {
		struct id id = e->jobs[--e->n_jobs];
		int ended =
			job_turn(e, kinds, n, id, &result, &read_rc, answer);

		rc = ended != 0 ? ended : rc;
		assert_true(turns < 10000);
	}
	buf_clear(&result);
	return rc;
}

bool
call_env_step(struct call_env *e, const struct job_kind *const *kinds, size_t n,
	      const char *kind, unsigned pick,
	      const struct field_table *answer)
{
	struct call *c = call_env_begin(e, ROLE_INTERNAL);
	struct id ids[JOBS_MAX];
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;
	struct buf result;
	size_t found = 0;
	int read_rc = 0;

	assert_ok(range_open(c->txn, TABLE_JOB, bytes_of(NULL, 0),
			     bytes_of(NULL, 0), 0, &r));
	while (found < JOBS_MAX && range_next(r, &key, &value) == 1) {
		struct job job;

		memcpy(ids[found].b, key.p, ID_BYTES);
		assert_ok(job_load(c, ids[found], &job));
		found += kind == NULL || strcmp(job.kind, kind) == 0 ? 1 : 0;
	}
	range_close(r);
	vault_env_fail(&e->vault);
	e->n_jobs = 0;
	if (found == 0) {
		return false;
	}
	buf_init(&result, 64u << 20);
	assert_ok(job_turn(e, kinds, n, ids[pick % found], &result, &read_rc,
			   answer));
	buf_clear(&result);
	return true;
}

size_t
call_env_erase(struct call_env *e)
{
	static slot_t slots[4096];
	struct call *c = call_env_begin(e, ROLE_INTERNAL);
	struct erasure_batch batch;
	slot_t cursor = 0;
	size_t n = 0;
	size_t some;
	struct keyring_destroyed destroyed;
	bool done = false;

	assert_ok(erasure_begin(c, keyring_epoch(c->keys) + 1, &batch));
	vault_env_commit(&e->vault);
	if (batch.number == 0) {
		return 0;
	}
	do {
		c = call_env_begin(e, ROLE_INTERNAL);
		assert_true(n + 256 <= sizeof(slots) / sizeof(slots[0]));
		assert_ok(erasure_slots(c->txn, batch.number, &cursor,
					slots + n, 256, &some));
		vault_env_fail(&e->vault);
		n += some;
	} while (some > 0);
	assert_ok(keyring_destroy(
		e->vault.keys.keyring,
		(struct keyring_batch){batch.number, batch.epoch_to}, slots, n,
		&destroyed));
	while (!done) {
		c = call_env_begin(e, ROLE_INTERNAL);
		assert_ok(erasure_finish(c, batch, &done));
		assert_ok(call_env_end(e, 0));
	}
	return n;
}

void
call_env_advance(struct call_env *e, int64_t ms)
{
	vault_env_advance(&e->vault, ms);
}

char *
call_env_customer(struct call_env *e, const char *email,
		  char out[ID_TEXT_BYTES])
{
	assert_ok(call_env_run(
		e, ROLE_PORTAL, CALL_OP(subject_register),
		"{\"birth_date\":\"1980-02-29\",\"country\":\"US\","
		"\"region\":\"US-CA\",\"contact\":{\"name\":\"Ada Lovelace\","
		"\"email\":\"%s\"},\"terms\":{\"version\":\"1\","
		"\"accepted_at\":\"2026-01-01T00:00:00Z\"}}",
		email));
	(void)snprintf(out, ID_TEXT_BYTES, "%s", call_env_text(e, "subject"));
	return out;
}

size_t
call_env_leaves(struct call_env *e, enum leaf_type type)
{
	struct txn *t = store_env_snapshot(&e->vault.store);
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;
	struct leaf leaf;
	size_t n = 0;

	assert_ok(range_open(t, TABLE_LEAF, bytes_of(NULL, 0),
			     bytes_of(NULL, 0), 0, &r));
	while (range_next(r, &key, &value) == 1) {
		assert_ok(leaf_decode(value, &leaf));
		n += leaf.type == type ? 1 : 0;
	}
	range_close(r);
	snapshot_close(t);
	return n;
}

/*
 * An access request: the bundle is read and packed on a reader thread, over
 * one snapshot, then sealed in parts by steps of the job. After a crash it is
 * made again.
 */
#include "keyring/slots.h"
#include "request/archive.h"
#include "request/bundle.h"
#include "request/envelope.h"
#include "request/fulfil.h"
#include "request/gather.h"
#include "request/page.h"
#include "wire/schema.h"

#define GATHER_BYTES_MAX ((size_t)512 << 20)

static int
state_make(struct call *c, struct id request, uint32_t part, bool is_gone,
	   struct value *out)
{
	struct value v = value_object();
	char *id = arena_alloc(c->arena, ID_TEXT_BYTES);
	int rc = id == NULL ? ERR_NOMEM
			    : value_add(&v, c->arena, "request",
					value_text(id_print(request, id)));

	if (rc == 0) {
		rc = value_add(&v, c->arena, "part", value_int(part));
	}
	if (rc == 0) {
		rc = value_add(&v, c->arena, "gone", value_bool(is_gone));
	}
	if (rc == 0) {
		*out = v;
	}
	return rc;
}

static int
state_read(const struct job *job, struct id *out_request, uint32_t *out_part,
	   bool *out_gone)
{
	const char *id = value_get_text(&job->state, "request");
	const struct value *part = value_get(&job->state, "part");
	const struct value *gone = value_get(&job->state, "gone");

	if (id == NULL || id_parse(id, out_request) != 0 || part == NULL ||
	    part->kind != VALUE_INT || gone == NULL ||
	    gone->kind != VALUE_BOOL) {
		return err_set(ERR_CORRUPT, "the state of a bundle");
	}
	*out_part = (uint32_t)part->number;
	*out_gone = gone->truth;
	return 0;
}

int
request_access_begin(struct call *c, struct request *r, struct id *out_job)
{
	struct value state;
	int rc = 0;

	if (r->bundle_slot == SLOT_NONE) {
		rc = slots_take_one(c->txn, c->keys, &r->bundle_slot);
	}
	if (rc == 0) {
		rc = state_make(c, r->id, 0, false, &state);
	}
	if (rc == 0) {
		rc = job_start(c, request_access_job.name, state, out_job);
	}
	if (rc != 0) {
		return rc;
	}
	r->job = *out_job;
	return request_save(c, r);
}

/* Both files, zipped, and sealed where a key came with the request. */
static int
pack(struct call *c, const struct request *r, const struct value *data,
     struct buf *to)
{
	struct archive_file files[2] = {{.name = "data.json"},
					{.name = "index.html"}};
	struct buf json;
	struct buf html;
	struct buf zip;
	int rc;

	buf_init(&json, BUNDLE_BYTES_MAX);
	buf_init(&html, BUNDLE_BYTES_MAX);
	buf_init(&zip, BUNDLE_BYTES_MAX);
	rc = schema_value_encode(data, 2, &json);
	if (rc == 0) {
		rc = page_make(data, &html);
	}
	if (rc == 0) {
		files[0].content = buf_bytes(&json);
		files[1].content = buf_bytes(&html);
		rc = archive_make(files, 2, c->now_ms,
				  r->has_reply_key ? &zip : to);
	}
	if (rc == 0 && r->has_reply_key) {
		rc = envelope_seal(r->reply_key, buf_bytes(&zip), to);
	}
	buf_clear(&json);
	buf_clear(&html);
	buf_clear(&zip);
	return rc;
}

static int
access_read(struct call *c, const struct job *job, struct buf *result)
{
	struct call reading = *c;
	struct request *r;
	struct value data;
	struct id id;
	uint32_t part;
	bool is_gone;
	int rc = state_read(job, &id, &part, &is_gone);

	if (rc != 0) {
		return rc;
	}
	/* More than an operation's memory. */
	reading.arena = arena_new(GATHER_BYTES_MAX);
	if (reading.arena == NULL) {
		return err_set(ERR_NOMEM, "no memory for a bundle");
	}
	rc = request_peek(&reading, id, &r);
	if (rc == 0) {
		rc = gather(&reading, r, &data);
	}
	if (rc == 0) {
		rc = pack(&reading, r, &data, result);
	}
	arena_free(reading.arena);
	return rc;
}

/* What was read of somebody who has been marked for erasure since is dropped.
 * Of whom another request has erased, nothing is held. */
static int
person_check(struct call *c, const struct request *r, bool *out_gone)
{
	struct vault v = call_vault(c);
	struct subject *s;
	int rc = id_is_nil(r->subject) ? 0
				       : subject_load(&v, r->subject, &s);

	*out_gone = rc == ERR_NOT_FOUND;
	if (*out_gone) {
		err_clear();
		rc = 0;
	}
	return rc;
}

static int
finish(struct call *c, struct request *r, struct job *job, uint32_t parts)
{
	struct request_fulfil_out *out =
		ARENA_NEW(c->arena, struct request_fulfil_out);
	int rc;

	if (out == NULL) {
		return ERR_NOMEM;
	}
	r->bundle_parts = parts;
	r->bundle_bytes = (int64_t)job->result.n;
	r->alarms[ALARM_BUNDLE] = c->now_ms + c->policy->house.bundle_ms;
	rc = request_fulfilled(c, r, LEAF_REQUEST_FULFILLED, NULL);
	if (rc == 0) {
		*out = (struct request_fulfil_out){
			.state = (int)r->state,
			.parts = parts,
			.expires_at = r->alarms[ALARM_BUNDLE]};
		job->answer = out;
	}
	return rc;
}

static int
access_step(struct call *c, struct job *job, enum job_next *out_next)
{
	struct request *r;
	struct id id;
	uint32_t part;
	bool more;
	bool was_gone;
	bool is_gone;
	int rc = state_read(job, &id, &part, &was_gone);

	if (rc == 0) {
		rc = request_load(c, id, &r);
	}
	if (rc == 0) {
		rc = person_check(c, r, &is_gone);
	}
	if (rc != 0) {
		return rc;
	}
	/* What was read of a person who has been erased meanwhile is nobody's
	 * to have: it is read again. */
	if (!job->has_result || is_gone != was_gone) {
		*out_next = JOB_SNAPSHOT;
		return state_make(c, id, 0, is_gone, &job->state);
	}
	if (job->result_rc != 0) {
		return err_set(job->result_rc, "the bundle was not made");
	}
	rc = bundle_put(c, r->bundle_slot, job->result, part, &part, &more);
	if (rc == 0 && more) {
		*out_next = JOB_AGAIN_KEEP;
		return state_make(c, id, part, is_gone, &job->state);
	}
	*out_next = JOB_DONE;
	return rc != 0 ? rc : finish(c, r, job, part);
}

const struct job_kind request_access_job = {"request.access", access_step,
					    access_read};

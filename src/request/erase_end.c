/*
 * What an erasure leaves behind when keys and rows are gone: a person who is
 * nowhere, or of whom something is kept, the leaf of the log that the receipt
 * opens, and the request's answer.
 */
#include "request/erase_end.h"

#include "request/fulfil.h"
#include "request/tell.h"

static int
person_end(struct call *c, const struct request *r, const struct erasing *e)
{
	struct vault v = call_vault(c);
	struct subject *s;
	int rc;

	if (id_is_nil(r->subject)) {
		return 0;
	}
	if (!e->keeps) {
		return subject_delete(&v, r->subject);
	}
	rc = subject_load_erasing(&v, r->subject, &s);
	if (rc == 0) {
		s->erasing = false;
		rc = subject_save(&v, s);
	}
	return rc;
}

static int
erased_list(struct call *c, struct request *r, const struct erasing *e)
{
	int rc = 0;

	for (unsigned i = 1; i < 256 && rc == 0; i++) {
		const struct policy_category *category =
			policy_category_by_id(c->policy, (uint8_t)i);
		struct request_erased item = {
			.category = category == NULL ? "former"
						     : category->name,
			.records = e->records[i]};

		for (size_t k = 0; k < r->n_erased; k++) {
			if (strcmp(r->erased[k].category, item.category) ==
			    0) {
				r->erased[k].records += item.records;
				item.records = 0;
			}
		}
		if (item.records > 0) {
			rc = request_push(c, &r->erased, &r->n_erased, &item,
					  sizeof(item));
		}
	}
	return rc;
}

/* What the leaf commits to, and the receipt opens. */
static int
erasure_details(struct call *c, const struct request *r,
		const struct erasing *e, struct value *out)
{
	struct value erased = value_object();
	struct value kept = value_object();
	struct value more = value_object();
	struct value recipients;
	struct keyring_status keys;
	struct arena *a = c->arena;
	int rc = 0;

	keyring_status(c->keys, &keys);
	for (size_t i = 0; i < r->n_erased && rc == 0; i++) {
		rc = value_add(&erased, a, r->erased[i].category,
			       value_int(r->erased[i].records));
	}
	for (size_t i = 0; i < r->n_kept && rc == 0; i++) {
		rc = value_add(&kept, a, r->kept[i].category,
			       value_text(r->kept[i].basis));
	}
	if (rc == 0) {
		rc = value_add(&more, a, "erased", erased);
	}
	if (rc == 0) {
		rc = value_add(&more, a, "kept", kept);
	}
	if (rc == 0) {
		rc = value_add(&more, a, "epoch",
			       value_int((int64_t)keys.epoch));
	}
	if (rc == 0) {
		const char *class = arena_text(a, keys.keystore_class,
					       strlen(keys.keystore_class));

		rc = class == NULL ? ERR_NOMEM
				   : value_add(&more, a, "keystore",
					       value_text(class));
	}
	if (rc == 0) {
		rc = value_add(&more, a, "weak_keystore",
			       value_bool(keys.weak_keystore));
	}
	if (rc == 0) {
		rc = value_add(&more, a, "notices", value_int(e->told));
	}
	if (rc == 0) {
		rc = tell_names(c, r, &recipients);
	}
	if (rc == 0) {
		rc = value_add(&more, a, "recipients", recipients);
	}
	*out = more;
	return rc;
}

/* The rest of an erasure that kept something: the request ended before. */
static int
rest_end(struct call *c, struct request *r, const struct value *more)
{
	struct request_event e = {.at = c->now_ms,
				  .state = (int)r->state,
				  .by = request_by(c),
				  .event = "erased_rest"};
	int rc = request_push(c, &r->events, &r->n_events, &e, sizeof(e));

	r->job = (struct id){{0}};
	if (rc == 0) {
		rc = request_leaf(c, r, LEAF_ERASURE, more);
	}
	return rc != 0 ? rc : request_save(c, r);
}

int
erase_end(struct call *c, const struct erasing *e, struct request *r,
	  struct job *job)
{
	struct request_fulfil_out *out =
		ARENA_NEW(c->arena, struct request_fulfil_out);
	struct value more;
	int rc = out == NULL ? ERR_NOMEM : person_end(c, r, e);

	if (rc == 0) {
		rc = erased_list(c, r, e);
	}
	if (rc == 0) {
		rc = erasure_details(c, r, e, &more);
	}
	r->alarms[ALARM_KEPT] = e->keeps ? c->now_ms + MS_PER_DAY : 0;
	if (rc == 0) {
		rc = state_is_open(r->state)
			     ? request_fulfilled(c, r, LEAF_ERASURE, &more)
			     : rest_end(c, r, &more);
	}
	if (rc == 0) {
		*out = (struct request_fulfil_out){.state = (int)r->state,
						   .erased = r->erased,
						   .n_erased = r->n_erased,
						   .has_erased = true,
						   .kept = r->kept,
						   .n_kept = r->n_kept,
						   .has_kept = true};
		job->answer = out;
	}
	return rc;
}

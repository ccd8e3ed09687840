/* A change request: a new version of a record, and word of it to those who
 * got the old one. */
#include "request/fulfil.h"

#include "registration/write.h"
#include "request/tell.h"

/* As many shares as one operation may look at: the oldest ones. */
#define SHARE_PAGES_MAX 2

static int
target(struct call *c, const struct request *r, struct subject **out_subject,
       const struct policy_category **out_category)
{
	struct vault v = call_vault(c);

	*out_category = policy_category(c->policy, r->change.category);
	if (*out_category == NULL) {
		return err_set(ERR_NOT_PERMITTED,
			       "the policy has no such category any more");
	}
	if (id_is_nil(r->subject)) {
		return err_set(ERR_NOT_FOUND, "it matches nobody");
	}
	return subject_load(&v, r->subject, out_subject);
}

int
request_change_apply(struct call *c, struct request *r, bool dry_run,
		     struct request_fulfil_out *out)
{
	struct vault v = call_vault(c);
	struct record_new new = {.data = &r->change.data,
				 .record = r->change.record,
				 .source = "request",
				 .by = c->caller.number};
	struct record_written written;
	struct value more = value_object();
	struct value recipients;
	struct id after = {{0}};
	int64_t told = 0;
	bool more_shares = true;
	struct subject *s;
	int rc = target(c, r, &s, &new.category);

	if (rc != 0) {
		return rc;
	}
	if (dry_run) {
		out->state = (int)r->state;
		rc = write_check(&v, s, &new);
		if (rc == 0) {
			rc = record_check(new.category, new.data);
		}
	} else {
		rc = write_apply(&v, s, &new, &written);
	}
	if (rc != 0) {
		err_field_within("change");
	}
	if (rc != 0 || dry_run) {
		return rc;
	}
	if (rc == 0) {
		rc = call_leaf(c, (struct call_leaf){
					  .type = LEAF_WRITE,
					  .category = new.category->id,
					  .log_slot = s->base + SLOT_LOG});
	}
	for (int i = 0; rc == 0 && more_shares && i < SHARE_PAGES_MAX; i++) {
		rc = tell_recipients(c, r, s->base, "change", new.category,
				     &after, &told, &more_shares);
	}
	if (rc == 0) {
		rc = part_add_text(&more, c->arena, "category",
				   new.category->name);
	}
	if (rc == 0) {
		rc = tell_names(c, r, &recipients);
	}
	if (rc == 0) {
		rc = value_add(&more, c->arena, "recipients", recipients);
	}
	if (rc == 0) {
		rc = request_fulfilled(c, r, LEAF_REQUEST_FULFILLED, &more);
	}
	if (rc == 0) {
		*out = (struct request_fulfil_out){.state = (int)r->state,
						   .record = written.record,
						   .version = written.version};
	}
	return rc;
}

/*
 * A visitor turns out to be a customer: one row joins them, nothing of the
 * past is written again.
 */
#include "navigation/held.h"
#include "navigation/visit.h"
#include "vault/hold_mark.h"
#include "vault/index.h"

#define CATEGORY "navigation"

static const struct field visit_identify_in_fields[] = {
	F_WORD(struct visit_identify_in, visitor, 0, VISITOR_BYTES_MAX,
	       "a visitor's id, from a cookie"),
	F_MUST(struct visit_identify_in, subject, FIELD_ID, "the customer"),
};
const struct field_table visit_identify_in_table =
	FIELD_TABLE(struct visit_identify_in, visit_identify_in_fields);

/* A hold over the customer covers the visitor's past from now on. */
static int
past_hold(struct call *c, const struct subject *s)
{
	const struct policy_category *category =
		policy_category(c->policy, CATEGORY);
	struct vault v = call_vault(c);
	bool held = false;
	int rc = category == NULL
			 ? 0
			 : hold_mark_has(&v, s, category->id, &held);

	return rc != 0 || !held ? rc : visits_settle_begin(c, s->base,
						       (struct id){{0}});
}

/* The join: from the customer to the visitor, from the visitor to the
 * customer, and from the cookie to the customer, so that a request by
 * whoever shows the cookie finds its person. */
static int
join(struct call *c, struct subject *s, struct visitor *visitor,
     const char *cookie)
{
	struct vault v = call_vault(c);
	struct index_entry entry = {.kind = OWNER_SUBJECT, .owner = s->id};
	uint32_t bucket;
	int rc = of_subject_add(c->txn, OF_SUBJECT_VISITOR, s->base,
				index_owner_of_slot(visitor->slot));

	if (rc == 0) {
		rc = index_add(&v, INDEX_OF_VISITOR, cookie, &entry, &bucket);
	}
	if (rc == 0) {
		rc = subject_add_bucket(&v, s, bucket);
	}
	if (rc == 0) {
		rc = subject_save(&v, s);
	}
	if (rc == 0) {
		visitor->subject = s->id;
		visitor->base = s->base;
		rc = visitor_save(&v, visitor);
	}
	return rc != 0 ? rc : past_hold(c, s);
}

int
visit_identify(struct call *c, const void *input, void *out)
{
	const struct visit_identify_in *in = input;
	const struct policy_category *category =
		policy_category(c->policy, CATEGORY);
	struct vault v = call_vault(c);
	struct visitor visitor;
	struct subject *s;
	int rc = subject_load(&v, in->subject, &s);

	(void)out;
	if (rc == 0) {
		rc = subject_need_whole(s);
	}
	if (rc != 0) {
		return rc;
	}
	call_about(c, s->base);
	rc = visitor_need(&v, in->visitor, &visitor);
	if (rc == 0 && id_is_nil(visitor.subject)) {
		rc = join(c, s, &visitor, in->visitor);
	} else if (rc == 0 && !id_equal(visitor.subject, s->id)) {
		(void)err_set(ERR_STATE, "this visitor is another customer");
		err_extra_text("state", "identified");
		rc = ERR_STATE;
	}
	return rc != 0 ? rc
		       : call_leaf(c,
				   (struct call_leaf){
					   .type = LEAF_IDENTIFY,
					   .category = category == NULL
							       ? 0
							       : category->id,
					   .log_slot = c->log_slot});
}

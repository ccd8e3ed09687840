/*
 * Reading what is known of a customer: for a purpose of the policy, with a
 * reason, and never without a leaf for each category that was shown.
 */
#include "registration/read.h"

#include <string.h>

#include "policy/decide.h"
#include "registration/consent.h"
#include "registration/parts.h"

#define LIMIT_DEFAULT 100
#define CATEGORIES_MAX 64
#define TICKET_BYTES_MAX 64
#define CURSOR_BYTES_MAX 96
#define CARD_DIGITS_SHOWN 4

static const struct field subject_read_in_fields[] = {
	F_MUST(struct subject_read_in, subject, FIELD_ID, "the customer"),
	F_WORD(struct subject_read_in, purpose, 0, POLICY_NAME_BYTES_MAX,
	       "a purpose of the policy"),
	F_PROSE(struct subject_read_in, reason, 0, REASON_BYTES_MAX,
		"why, for the log"),
	F_LIST_SOME(struct subject_read_in, categories, FIELD_TEXT,
		    CATEGORIES_MAX,
		    "only these; else all that the purpose allows"),
	F_WORD(struct subject_read_in, ticket, FIELD_OPTIONAL, TICKET_BYTES_MAX,
	       "the customer's own support ticket"),
	F_INT_HAS(struct subject_read_in, limit, 1, RECORD_PAGE_MAX,
		  "records in a page"),
	F_WORD(struct subject_read_in, cursor, FIELD_OPTIONAL, CURSOR_BYTES_MAX,
	       "`next` of the page before"),
};
const struct field_table subject_read_in_table =
	FIELD_TABLE(struct subject_read_in, subject_read_in_fields);

static const struct field item_fields[] = {
	F_MUST(struct read_item, record, FIELD_ID, "the record"),
	F_MUST(struct read_item, category, FIELD_TEXT, "its category"),
	F_MUST(struct read_item, data, FIELD_VALUE, "fields and values"),
	F_MUST(struct read_item, version, FIELD_INT, "the newest"),
	F_MUST(struct read_item, collected_at, FIELD_TIME, "when it came"),
	F_MAY(struct read_item, expires_at, FIELD_TIME,
	      "from then on it is not read"),
};
static const struct field subject_read_out_fields[] = {
	F_LIST(struct subject_read_out, records, 0, item_fields,
	       RECORD_PAGE_MAX, "newest first within a category"),
	F_MAY(struct subject_read_out, next, FIELD_TEXT,
	      "cursor of the next page"),
};
const struct field_table subject_read_out_table =
	FIELD_TABLE(struct subject_read_out, subject_read_out_fields);

/* The last digits of a card number, whatever stands between them. */
static int
card_end(const char *number, struct arena *a, struct value *out)
{
	char *end = arena_alloc(a, CARD_DIGITS_SHOWN + 1);
	size_t n = CARD_DIGITS_SHOWN;

	if (end == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = strlen(number); i > 0 && n > 0; i--) {
		if (number[i - 1] >= '0' && number[i - 1] <= '9') {
			end[--n] = number[i - 1];
		}
	}
	*out = value_text(end + n);
	return 0;
}

int
read_fields(const struct policy_category *c, field_mask_t fields,
	    bool whole_card, const struct value *data, struct arena *a,
	    struct value *out)
{
	struct value shown = value_object();
	int rc = 0;

	for (size_t i = 0; i < data->of.n && rc == 0; i++) {
		const struct member *m = &data->of.items[i];
		int at = policy_field_index(c, m->name);
		struct value v = m->value;

		/* A field that the policy has no more is for nobody. */
		if (at < 0 || (fields >> at & 1u) == 0) {
			continue;
		}
		if (c->fields[at].type == PFIELD_CARD_NUMBER && !whole_card &&
		    v.kind == VALUE_TEXT) {
			rc = card_end(v.text.s, a, &v);
		}
		if (rc == 0) {
			rc = value_add(&shown, a, m->name, v);
		}
	}
	if (rc == 0) {
		*out = shown;
	}
	return rc;
}

/* What this call may see: categories with their fields. */
struct view {
	const struct policy_purpose *purpose;
	const struct policy_category *categories[CATEGORIES_MAX];
	field_mask_t fields[CATEGORIES_MAX];
	size_t n;
};

static int
view_add(struct view *view, const struct call *c,
	 const struct policy_category *category, bool has_ticket)
{
	field_mask_t fields;
	int rc = decide_read(view->purpose, c->caller.roles, category,
			     has_ticket, &fields);

	if (rc == 0 && view->n < CATEGORIES_MAX) {
		view->categories[view->n] = category;
		view->fields[view->n++] = fields;
	}
	return rc;
}

/* The role may call the operation: that the purpose is not for it is a matter
 * of the policy. */
static int
not_permitted(void)
{
	return err_field(ERR_NOT_PERMITTED, err_last()->field, "%s",
			 err_last()->text);
}

static int
view_named(struct view *view, const struct call *c,
	   const struct subject_read_in *in)
{
	for (size_t i = 0; i < in->n_categories; i++) {
		const struct policy_category *category =
			policy_category(c->policy, in->categories[i]);
		int rc;

		if (category == NULL) {
			return err_field(ERR_INVALID, "categories",
					 "no such category in the policy");
		}
		rc = view_add(view, c, category, in->ticket != NULL);
		if (rc == ERR_NOT_PERMITTED || rc == ERR_DENIED) {
			return not_permitted();
		}
		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

static int
view_make(struct view *view, const struct call *c,
	  const struct subject_read_in *in)
{
	view->purpose = policy_purpose(c->policy, in->purpose);
	if (view->purpose == NULL) {
		return err_field(ERR_INVALID, "purpose",
				 "no such purpose in the policy");
	}
	if (in->n_categories > 0) {
		return view_named(view, c, in);
	}
	for (size_t i = 0; i < view->purpose->n_access; i++) {
		int rc = view_add(view, c, view->purpose->access[i].category,
				  in->ticket != NULL);

		if (rc != 0 && rc != ERR_NOT_PERMITTED && rc != ERR_DENIED) {
			return rc;
		}
	}
	if (view->n == 0) {
		return not_permitted();
	}
	err_clear();
	return 0;
}

static int
details_of(struct call *c, const struct subject_read_in *in, size_t records,
	   struct value *out)
{
	struct value d = value_object();
	int rc = part_add_text(&d, c->arena, "purpose", in->purpose);

	if (rc == 0) {
		rc = part_add_text(&d, c->arena, "reason", in->reason);
	}
	if (rc == 0) {
		rc = part_add_text(&d, c->arena, "ticket", in->ticket);
	}
	if (rc == 0) {
		rc = value_add(&d, c->arena, "records",
			       value_int((int64_t)records));
	}
	if (rc == 0) {
		*out = d;
	}
	return rc;
}

static int
read_leaf(struct call *c, const struct subject_read_in *in, uint8_t category,
	  size_t records)
{
	struct value details;
	int rc = details_of(c, in, records, &details);

	return rc != 0 ? rc
		       : call_leaf(c,
				   (struct call_leaf){.type = LEAF_READ,
						      .category = category,
						      .log_slot = c->log_slot,
						      .details = details});
}

/* A leaf for each category of which something was shown; one without a
 * category when there was nothing to show. */
static int
read_leaves(struct call *c, const struct subject_read_in *in,
	    const struct view *view, const struct record *records, size_t n)
{
	int rc = 0;

	if (n == 0) {
		return read_leaf(c, in, 0, 0);
	}
	for (size_t i = 0; i < view->n && rc == 0; i++) {
		size_t shown = 0;

		for (size_t j = 0; j < n; j++) {
			shown += records[j].category == view->categories[i] ? 1
									    : 0;
		}
		if (shown > 0) {
			rc = read_leaf(c, in, view->categories[i]->id, shown);
		}
	}
	return rc;
}

/* A refusal by the policy has a leaf with purpose and reason. */
static int
refuse(struct call *c, const struct subject_read_in *in, int why)
{
	struct err_info info = *err_last();
	struct value details;
	int rc = details_of(c, in, 0, &details);

	if (rc == 0) {
		rc = call_leaf_always(
			c, (struct call_leaf){.type = LEAF_READ,
					      .outcome = why,
					      .log_slot = c->log_slot,
					      .details = details});
	}
	if (rc == 0) {
		err_restore(&info);
	}
	return rc != 0 ? rc : why;
}

static int
items_make(struct call *c, const struct view *view,
	   const struct record *records, size_t n, struct subject_read_out *out)
{
	struct read_item *items = arena_array(c->arena, n, sizeof(*items));

	if (items == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		const struct record *r = &records[i];
		size_t at = 0;
		int rc;

		while (view->categories[at] != r->category) {
			at++;
		}
		items[i] = (struct read_item){
			.record = r->id,
			.category = r->category->name,
			.version = r->version,
			.collected_at = r->collected_at_ms,
			.expires_at = r->due == DAY_NONE
					      ? 0
					      : decide_day_begin_ms(c->policy,
								    r->due)};
		rc = read_fields(r->category, view->fields[at],
				 view->purpose->whole_card, &r->data, c->arena,
				 &items[i].data);
		if (rc != 0) {
			return rc;
		}
	}
	out->records = items;
	out->n_records = n;
	return 0;
}

int
subject_read(struct call *c, const void *input, void *output)
{
	const struct subject_read_in *in = input;
	struct subject_read_out *out = output;
	struct vault v = call_vault(c);
	struct record_query q = {.cursor = in->cursor};
	struct view view = {0};
	struct record *records;
	struct subject *s;
	const char *next;
	size_t n;
	int rc = subject_load(&v, in->subject, &s);

	if (rc != 0) {
		return rc;
	}
	call_about(c, s->base);
	rc = view_make(&view, c, in);
	if (rc == 0) {
		rc = consent_check(&v, s, view.purpose);
	}
	if (rc == ERR_NOT_PERMITTED || rc == ERR_CONSENT_REQUIRED) {
		return refuse(c, in, rc);
	}
	if (rc != 0) {
		return rc;
	}
	q.categories = view.categories;
	q.n_categories = view.n;
	q.limit = in->has_limit ? (size_t)in->limit : LIMIT_DEFAULT;
	rc = record_list(&v, s, &q, &records, &n, &next);
	if (rc == 0) {
		rc = items_make(c, &view, records, n, out);
	}
	if (rc == 0) {
		out->next = next;
		rc = read_leaves(c, in, &view, records, n);
	}
	return rc;
}

/* Placing and listing holds, and asking them. Rows are moved by hold_move.c,
 * ends are hold_end.c's. */
#include "retention/hold.h"

#include "keyring/slots.h"
#include "navigation/held.h"
#include "retention/count.h"
#include "retention/hold_move.h"
#include "retention/hold_row.h"
#include "vault/hold_mark.h"

static const struct field place_in_fields[] = {
	F_MAY(struct hold_place_in, subject, FIELD_ID, "over one person"),
	F_WORD(struct hold_place_in, category, FIELD_OPTIONAL,
	       POLICY_NAME_BYTES_MAX, "over this category of everybody"),
	F_LIST_SOME(struct hold_place_in, categories, FIELD_TEXT,
		    HOLD_CATEGORIES_MAX, "of the person; default: all"),
	F_PROSE(struct hold_place_in, matter, 0, HOLD_MATTER_BYTES_MAX,
		"what it is needed for"),
	F_MAY_HAS(struct hold_place_in, until, FIELD_DATE,
		  "the last day on which it stands"),
};
const struct field_table hold_place_in_table =
	FIELD_TABLE(struct hold_place_in, place_in_fields);
static const struct field place_out_fields[] = {
	F_MUST(struct hold_place_out, hold, FIELD_ID, "the hold"),
	F_MUST(struct hold_place_out, placed_at, FIELD_TIME, "since when"),
	F_LIST_OF(struct hold_place_out, categories, 0, FIELD_TEXT,
		  HOLD_CATEGORIES_MAX, "what it covers"),
	F_MUST(struct hold_place_out, moving, FIELD_BOOL,
	       "records are still being moved"),
};
const struct field_table hold_place_out_table =
	FIELD_TABLE(struct hold_place_out, place_out_fields);
static const struct field item_fields[] = {
	F_MUST(struct hold_item, hold, FIELD_ID, "the hold"),
	F_MAY(struct hold_item, subject, FIELD_ID,
	      "over this person; absent: everybody"),
	F_LIST_OF(struct hold_item, categories, 0, FIELD_TEXT,
		  HOLD_CATEGORIES_MAX, "what it covers"),
	F_MUST(struct hold_item, matter, FIELD_TEXT, "what it is needed for"),
	F_MAY_HAS(struct hold_item, until, FIELD_DATE,
		  "the last day on which it stands"),
	F_MUST(struct hold_item, placed_at, FIELD_TIME, "since when"),
	F_MUST(struct hold_item, moving, FIELD_BOOL,
	       "records are still being moved"),
};
static const struct field list_out_fields[] = {
	F_LIST(struct hold_list_out, items, 0, item_fields, HOLDS_MAX,
	       "every hold that stands"),
};
const struct field_table hold_list_out_table =
	FIELD_TABLE(struct hold_list_out, list_out_fields);

/* Invitations are no records: they go with their time, or are taken. */
static bool
can_be_held(const struct policy_category *category)
{
	return strcmp(category->name, "invitation") != 0;
}

bool
hold_has_visits(struct call *c, const struct hold *h)
{
	const struct policy_category *visits =
		policy_category(c->policy, "navigation");

	return visits != NULL && hold_has_category(h, visits->id);
}

static int
category_add(const struct policy *p, struct hold *h, const char *name,
	     const char *field)
{
	const struct policy_category *category = policy_category(p, name);

	if (category == NULL) {
		return err_field(ERR_INVALID, field,
				 "no such category in the policy");
	}
	if (!can_be_held(category)) {
		return err_field(ERR_INVALID, field,
				 "a category that cannot be held");
	}
	if (!hold_has_category(h, category->id)) {
		h->categories[h->n_categories++] = category->id;
	}
	return 0;
}

static int
categories_read(struct call *c, const struct hold_place_in *in, struct hold *h)
{
	int rc = 0;

	if (in->category != NULL) {
		return category_add(c->policy, h, in->category, "category");
	}
	for (size_t i = 0; i < in->n_categories && rc == 0; i++) {
		rc = category_add(c->policy, h, in->categories[i],
				  "categories");
	}
	for (size_t i = 0;
	     in->n_categories == 0 && i < c->policy->n_categories; i++) {
		const struct policy_category *all = &c->policy->categories[i];

		if (can_be_held(all)) {
			h->categories[h->n_categories++] = all->id;
		}
	}
	return rc;
}

static int
place_check(struct call *c, const struct hold_place_in *in, struct hold *h)
{
	struct hold *others;
	size_t n;
	int rc;

	if (id_is_nil(in->subject) == (in->category == NULL)) {
		return err_field(ERR_INVALID, "subject",
				 "either a person or a category of everybody");
	}
	if (in->category != NULL && in->n_categories > 0) {
		return err_field(ERR_INVALID, "categories",
				 "only with a person");
	}
	if (in->has_until && in->until < c->today) {
		return err_field(ERR_INVALID, "until", "in the past");
	}
	rc = categories_read(c, in, h);
	if (rc == 0) {
		rc = hold_load_all(c, &others, &n);
	}
	if (rc == 0 && n == HOLDS_MAX) {
		rc = err_set(ERR_TOO_MANY, "too many holds stand");
	}
	return rc;
}

/* What is written from now on lies under HELD from the start. */
static int
marks_set(struct call *c, const struct hold *h, struct subject *s)
{
	struct vault v = call_vault(c);
	int rc = 0;

	for (size_t i = 0; i < h->n_categories && rc == 0; i++) {
		if (s != NULL) {
			hold_mark_set(s, h->categories[i], true);
		} else {
			rc = hold_mark_set_all(&v, h->categories[i], true);
		}
	}
	if (rc == 0 && s != NULL) {
		rc = subject_save(&v, s);
	}
	if (rc == 0 && s != NULL) {
		rc = of_subject_add(c->txn, OF_SUBJECT_HOLD, s->base, h->id);
	}
	return rc;
}

int
hold_place_out_of(struct call *c, const struct hold *h,
		  struct hold_place_out *out)
{
	*out = (struct hold_place_out){.hold = h->id,
				       .placed_at = h->placed_at_ms,
				       .moving = h->moving};
	return hold_names(c, h, &out->categories, &out->n_categories);
}

int
hold_names(struct call *c, const struct hold *h, const char ***out,
	   size_t *out_n)
{
	const char **names =
		arena_array(c->arena, h->n_categories, sizeof(*names));

	if (names == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < h->n_categories; i++) {
		const struct policy_category *category =
			policy_category_by_id(c->policy, h->categories[i]);

		names[i] = category == NULL ? "former" : category->name;
	}
	*out = names;
	*out_n = h->n_categories;
	return 0;
}

int
hold_leaf(struct call *c, const struct hold *h, enum leaf_type type,
	  const char *reason)
{
	struct value details = value_object();
	char *id = arena_alloc(c->arena, ID_TEXT_BYTES);
	int rc = id == NULL ? ERR_NOMEM : 0;

	if (rc == 0) {
		rc = value_add(&details, c->arena, "hold",
			       value_text(id_print(h->id, id)));
	}
	if (rc == 0 && reason != NULL) {
		rc = value_add(&details, c->arena, "reason",
			       value_text(reason));
	}
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){
					      .type = type,
					      .category = h->n_categories == 1
								  ? h->categories[0]
								  : 0,
					      .log_slot =
						      h->base == SLOT_NONE
							      ? SLOT_NONE
							      : h->base +
									SLOT_LOG,
					      .details = details});
}

int
hold_place(struct call *c, const void *input, void *output)
{
	const struct hold_place_in *in = input;
	struct vault v = call_vault(c);
	struct subject *s = NULL;
	struct id job;
	struct hold h = {.id = call_new_id(c),
			 .subject = in->subject,
			 .base = SLOT_NONE,
			 .matter = in->matter,
			 .until = in->has_until ? in->until : DAY_NONE,
			 .placed_at_ms = c->now_ms,
			 .by = c->caller.number,
			 .moving = true};
	int rc = place_check(c, in, &h);

	if (rc == 0 && !id_is_nil(in->subject)) {
		rc = subject_load(&v, in->subject, &s);
	}
	if (rc == 0 && s != NULL) {
		h.base = s->base;
		call_about(c, s->base);
	}
	if (rc == 0) {
		rc = slots_take_one(c->txn, c->keys, &h.slot);
	}
	if (rc == 0) {
		rc = hold_save(c, &h);
	}
	if (rc == 0) {
		rc = marks_set(c, &h, s);
	}
	if (rc == 0) {
		rc = hold_move_begin(c, &h, &job);
	}
	if (rc == 0 && hold_has_visits(c, &h)) {
		rc = visits_settle_begin(c, h.base, job);
	}
	if (rc == 0) {
		rc = hold_leaf(c, &h, LEAF_HOLD_PLACED, NULL);
	}
	if (rc == 0) {
		rc = retention_count_add(c, RETENTION_HOLD_PLACED, 0, 1);
	}
	if (rc == 0) {
		rc = hold_place_out_of(c, &h, output);
	}
	if (rc == 0 && s != NULL) {
		job_answers(c, job);
	}
	return rc;
}

int
hold_list(struct call *c, const void *input, void *output)
{
	struct hold_list_out *out = output;
	struct hold *holds;
	size_t n;
	int rc = hold_load_all(c, &holds, &n);

	(void)input;
	if (rc != 0) {
		return rc;
	}
	out->items = arena_array(c->arena, n, sizeof(*out->items));
	if (out->items == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n && rc == 0; i++) {
		const struct hold *h = &holds[i];
		struct hold_item *item = &out->items[i];

		*item = (struct hold_item){.hold = h->id,
					   .subject = h->subject,
					   .matter = h->matter,
					   .until = h->until,
					   .has_until = h->until != DAY_NONE,
					   .placed_at = h->placed_at_ms,
					   .moving = h->moving};
		rc = hold_names(c, h, &item->categories, &item->n_categories);
	}
	out->n_items = n;
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){.type = LEAF_STATUS,
							 .log_slot =
								 SLOT_NONE});
}

int
hold_covers(struct call *c, const struct subject *s,
	    const struct policy_category *category, bool *out, date_t *out_until)
{
	struct vault v = call_vault(c);
	date_t until = 0;
	struct hold *holds;
	bool held;
	size_t n;
	int rc = hold_mark_has(&v, s, category->id, &held);

	if (rc != 0 || !held) {
		if (rc == 0) {
			*out = false;
			*out_until = DAY_NONE;
		}
		return rc;
	}
	rc = hold_load_all(c, &holds, &n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct hold *h = &holds[i];

		if (!hold_has_category(h, category->id) ||
		    (!id_is_nil(h->subject) &&
		     !id_equal(h->subject, s->id))) {
			continue;
		}
		if (h->until == DAY_NONE || until == DAY_NONE) {
			until = DAY_NONE;
		} else if (h->until > until) {
			until = h->until;
		}
	}
	if (rc == 0) {
		*out = true;
		*out_until = until;
	}
	return rc;
}

int
hold_is_moving(struct call *c, bool *out)
{
	struct hold *holds;
	size_t n;
	int rc = hold_load_all(c, &holds, &n);

	*out = false;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		*out = *out || holds[i].moving;
	}
	return rc != 0 || *out ? rc : visits_are_settling(c, out);
}

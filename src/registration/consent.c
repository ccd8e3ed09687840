/*
 * Consents: set, listed, asked for. What follows when one is withdrawn (a
 * testimonial that must come down) is sharing's.
 */
#include "registration/consent.h"

#include <string.h>

#include "vault/record.h"

#define CATEGORY "consent"
#define PURPOSES_MAX 200 /* of one person; the policy knows fewer */
#define PAGES_SEARCHED_MAX 4 /* of a person's history of consents */
#define OFFER_PREFIX "offer:"

static const struct field consent_set_in_fields[] = {
	F_MUST(struct consent_set_in, subject, FIELD_ID, "the customer"),
	F_WORD(struct consent_set_in, purpose, 0, 64,
	       "a purpose of the policy, or offer:NAME"),
	F_MUST(struct consent_set_in, granted, FIELD_BOOL,
	       "given, or withdrawn"),
	F_OBJECT_HAS(struct consent_set_in, evidence, part_evidence_fields,
		     "how it is known; of the guardian under 16"),
};
const struct field_table consent_set_in_table =
	FIELD_TABLE(struct consent_set_in, consent_set_in_fields);

static const struct field consent_list_in_fields[] = {
	F_MUST(struct consent_list_in, subject, FIELD_ID, "the customer"),
};
const struct field_table consent_list_in_table =
	FIELD_TABLE(struct consent_list_in, consent_list_in_fields);

static const struct field consent_item_fields[] = {
	F_MUST(struct consent_item, purpose, FIELD_TEXT, "what for"),
	F_MUST(struct consent_item, granted, FIELD_BOOL, "it stands"),
	F_MUST(struct consent_item, at, FIELD_TIME, "since when"),
	F_MUST(struct consent_item, by, FIELD_TEXT, "self or guardian"),
	F_OBJECT_HAS(struct consent_item, evidence, part_evidence_fields,
		     "how it is known"),
};
static const struct field consent_list_out_fields[] = {
	F_LIST(struct consent_list_out, items, 0, consent_item_fields,
	       PURPOSES_MAX, "the newest word on each purpose"),
};
const struct field_table consent_list_out_table =
	FIELD_TABLE(struct consent_list_out, consent_list_out_fields);

static bool
is_known_purpose(const struct policy *p, const char *purpose)
{
	size_t n = strlen(OFFER_PREFIX);

	if (strncmp(purpose, OFFER_PREFIX, n) == 0) {
		return policy_partner(p, purpose + n) != NULL;
	}
	return policy_purpose(p, purpose) != NULL;
}

/* All newest consents of a person. */
static int
consents_of(struct vault *v, const struct subject *s, struct record **out,
	    size_t *out_n)
{
	const struct policy_category *c = policy_category(v->policy, CATEGORY);
	struct record_query q = {
		.categories = &c, .n_categories = 1, .limit = PURPOSES_MAX};
	const char *next;

	if (c == NULL) {
		return err_set(ERR_CONFIG, "the policy has no category "
					   "`consent`");
	}
	return record_list(v, s, &q, out, out_n, &next);
}

static const struct record *
find_purpose(const struct record *items, size_t n, const char *purpose)
{
	for (size_t i = 0; i < n; i++) {
		const char *p = value_get_text(&items[i].data, "purpose");

		if (p != NULL && strcmp(p, purpose) == 0) {
			return &items[i];
		}
	}
	return NULL;
}

static bool
is_granted(const struct record *r)
{
	const struct value *granted = value_get(&r->data, "granted");

	return granted != NULL && granted->kind == VALUE_BOOL && granted->truth;
}

static bool
is_by_guardian(const struct record *r)
{
	const char *by = value_get_text(&r->data, "by");

	return by != NULL && strcmp(by, "guardian") == 0;
}

/* Granted, and by who could on that day. */
static bool
is_standing(const struct vault *v, const struct subject *s,
	    const struct record *r, date_t day)
{
	return is_granted(r) &&
	       (is_by_guardian(r) ||
		subject_band(v->policy, s, day) != BAND_13_15);
}

int
consent_stands(struct vault *v, const struct subject *s, const char *purpose,
	       bool *out)
{
	struct record *items;
	const struct record *r;
	size_t n;
	int rc = consents_of(v, s, &items, &n);

	if (rc != 0) {
		return rc;
	}
	r = find_purpose(items, n, purpose);
	*out = r != NULL && is_standing(v, s, r, v->today);
	return 0;
}

int
consent_check(struct vault *v, const struct subject *s,
	      const struct policy_purpose *purpose)
{
	const struct record *r;
	struct record *items;
	size_t n;
	int rc;

	if (!purpose->needs_consent && !purpose->may_object) {
		return 0;
	}
	rc = consents_of(v, s, &items, &n);
	if (rc != 0) {
		return rc;
	}
	r = find_purpose(items, n, purpose->name);
	if (purpose->needs_consent &&
	    (r == NULL || !is_standing(v, s, r, v->today))) {
		return err_field(ERR_CONSENT_REQUIRED, "purpose",
				 "no consent for this purpose stands");
	}
	return purpose->may_object && r != NULL && !is_granted(r)
		       ? err_field(ERR_NOT_PERMITTED, "purpose",
				   "the person objects to this purpose")
		       : 0;
}

/* The newest word on the purpose that was there at the moment, NULL for
 * none. Versions lie in several places while a hold stands. */
static int
find_then(struct vault *v, const struct subject *s, const char *purpose,
	  int64_t at_ms, const struct record **out)
{
	const struct policy_category *c = policy_category(v->policy, CATEGORY);
	struct record_query q = {.categories = &c,
				 .n_categories = 1,
				 .flags = RECORD_LIST_VERSIONS,
				 .limit = PURPOSES_MAX};
	const struct record *found = NULL;
	size_t pages = 0;

	if (c == NULL) {
		return err_set(ERR_CONFIG, "the policy has no category "
					   "`consent`");
	}
	do {
		struct record *items;
		size_t n;
		int rc = record_list(v, s, &q, &items, &n, &q.cursor);

		if (rc != 0) {
			return rc;
		}
		for (size_t i = 0; i < n; i++) {
			if (items[i].collected_at_ms <= at_ms &&
			    find_purpose(&items[i], 1, purpose) != NULL &&
			    (found == NULL ||
			     items[i].version > found->version)) {
				found = &items[i];
			}
		}
	} while (q.cursor != NULL && ++pages < PAGES_SEARCHED_MAX);
	if (q.cursor != NULL) {
		return err_set(ERR_TOO_MANY, "more consents than one "
					     "operation reads");
	}
	*out = found;
	return 0;
}

int
consent_stood(struct vault *v, const struct subject *s, const char *purpose,
	      int64_t at_ms, bool *out)
{
	const struct record *r;
	int rc = find_then(v, s, purpose, at_ms, &r);

	if (rc == 0) {
		*out = r != NULL && is_standing(v, s, r,
						decide_today(v->policy, at_ms));
	}
	return rc;
}

int
consent_write(struct call *c, struct subject *s,
	      const struct consent_item *item, const char *source)
{
	struct vault v = call_vault(c);
	struct value data = value_object();
	struct record_new in = {.category =
					policy_category(c->policy, CATEGORY),
				.data = &data,
				.source = source,
				.by = c->caller.number};
	struct record_written written;
	struct record *items;
	const struct record *old;
	size_t n;
	int rc = consents_of(&v, s, &items, &n);

	if (rc == 0) {
		rc = part_add_text(&data, c->arena, "purpose", item->purpose);
	}
	if (rc == 0) {
		rc = value_add(&data, c->arena, "granted",
			       value_bool(item->granted));
	}
	if (rc == 0) {
		rc = part_add_time(&data, c->arena, "at", item->at);
	}
	if (rc == 0) {
		rc = part_add_text(&data, c->arena, "by", item->by);
	}
	if (rc == 0 && item->has_evidence) {
		rc = part_evidence_add(&item->evidence, c->arena, &data);
	}
	if (rc != 0) {
		return rc;
	}
	old = find_purpose(items, n, item->purpose);
	if (old != NULL) {
		in.record = old->id;
	}
	return record_write(&v, s, &in, &written);
}

static int
consent_leaf(struct call *c, const struct subject *s, const char *purpose,
	     bool granted)
{
	const struct policy_category *cat =
		policy_category(c->policy, CATEGORY);
	struct value details = value_object();
	int rc = part_add_text(&details, c->arena, "purpose", purpose);

	if (rc == 0) {
		rc = value_add(&details, c->arena, "granted",
			       value_bool(granted));
	}
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){.type = LEAF_CONSENT,
							 .category = cat->id,
							 .log_slot = s->base +
								     SLOT_LOG,
							 .details = details});
}

int
consent_set(struct call *c, const void *input, void *out)
{
	const struct consent_set_in *in = input;
	struct vault v = call_vault(c);
	struct consent_item item = {.purpose = in->purpose,
				    .granted = in->granted,
				    .at = c->now_ms,
				    .by = "self",
				    .has_evidence = in->has_evidence,
				    .evidence = in->evidence};
	struct subject *s;
	int rc;

	(void)out;
	if (!is_known_purpose(c->policy, in->purpose)) {
		return err_field(ERR_INVALID, "purpose",
				 "no such purpose in the policy");
	}
	rc = subject_load(&v, in->subject, &s);
	if (rc == 0) {
		rc = subject_need_whole(s);
	}
	if (rc != 0) {
		return rc;
	}
	call_about(c, s->base);
	/* GDPR Art. 8 and the policy's ages: under 16 the guardian speaks.
	 * Withdrawing is open to the child as well. */
	if (in->granted && subject_band(c->policy, s, c->today) == BAND_13_15) {
		if (!in->has_evidence) {
			return err_field(ERR_CONSENT_REQUIRED, "evidence",
					 "under 16 the guardian consents");
		}
		item.by = "guardian";
	}
	rc = consent_write(c, s, &item, "consent.set");
	s->last_activity_ms = c->now_ms;
	if (rc == 0) {
		rc = subject_save(&v, s);
	}
	return rc != 0 ? rc : consent_leaf(c, s, in->purpose, in->granted);
}

static struct consent_item
item_of(const struct record *r)
{
	const char *at = value_get_text(&r->data, "at");
	const char *evidence_at = value_get_text(&r->data, "evidence_at");
	struct consent_item item = {
		.purpose = value_get_text(&r->data, "purpose"),
		.granted = is_granted(r),
		.at = r->collected_at_ms,
		.by = is_by_guardian(r) ? "guardian" : "self",
		.evidence = {
			.method = value_get_text(&r->data, "evidence_method"),
			.reference = value_get_text(&r->data,
						    "evidence_reference")}};

	item.has_evidence = item.evidence.method != NULL &&
			    item.evidence.reference != NULL &&
			    evidence_at != NULL &&
			    time_parse(evidence_at, &item.evidence.at) == 0;
	if (at != NULL && time_parse(at, &item.at) != 0) {
		item.at = r->collected_at_ms;
	}
	return item;
}

int
consent_list(struct call *c, const void *input, void *output)
{
	const struct consent_list_in *in = input;
	struct consent_list_out *out = output;
	struct vault v = call_vault(c);
	struct consent_item *items;
	struct record *records;
	struct subject *s;
	size_t n;
	int rc = subject_load(&v, in->subject, &s);

	if (rc == 0) {
		call_about(c, s->base);
		rc = consents_of(&v, s, &records, &n);
	}
	if (rc != 0) {
		return rc;
	}
	items = arena_array(c->arena, n, sizeof(*items));
	if (items == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		items[i] = item_of(&records[i]);
	}
	out->items = items;
	out->n_items = n;
	return call_leaf(
		c, (struct call_leaf){
			   .type = LEAF_READ,
			   .category = policy_category(c->policy, CATEGORY)->id,
			   .log_slot = s->base + SLOT_LOG});
}

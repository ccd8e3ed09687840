/* Looking people up, and what is held of them by name of category. */
#include "registration/find.h"

#include <string.h>

#include "registration/parts.h"
#include "vault/index.h"
#include "vault/normalise.h"
#include "vault/record.h"

#define LISTED_MAX 100 /* holds, open requests */
#define VISITORS_EXAMINED_MAX 50

static const struct field subject_find_in_fields[] = {
	F_MAY(struct subject_find_in, email, FIELD_EMAIL, "this address"),
	F_MAY(struct subject_find_in, phone, FIELD_PHONE, "this telephone"),
};
const struct field_table subject_find_in_table =
	FIELD_TABLE(struct subject_find_in, subject_find_in_fields);

static const char *const standing_words[] = {"adult", "minor", "prospect",
					     NULL};
static const char *const account_words[] = {"open", "blocked", "closed", NULL};
static const struct field found_fields[] = {
	F_MUST(struct subject_found, subject, FIELD_ID, "a person"),
	F_ENUM(struct subject_found, standing, 0, standing_words,
	       "adult, minor or prospect"),
};
static const struct field subject_find_out_fields[] = {
	F_MUST(struct subject_find_out, subject, FIELD_ID,
	       "the customer, or else the first person found"),
	F_LIST(struct subject_find_out, subjects, 0, found_fields,
	       INDEX_HITS_MAX, "all who are known by it"),
};
const struct field_table subject_find_out_table =
	FIELD_TABLE(struct subject_find_out, subject_find_out_fields);

static const struct field subject_status_in_fields[] = {
	F_MUST(struct subject_status_in, subject, FIELD_ID, "the person"),
};
const struct field_table subject_status_in_table =
	FIELD_TABLE(struct subject_status_in, subject_status_in_fields);

static const struct field subject_status_out_fields[] = {
	F_ENUM(struct subject_status_out, standing, 0, standing_words,
	       "adult, minor or prospect"),
	F_ENUM(struct subject_status_out, account, 0, account_words,
	       "open, blocked or closed"),
	F_MUST(struct subject_status_out, since, FIELD_TIME,
	       "of the account's state"),
	F_LIST_OF(struct subject_status_out, categories, 0, FIELD_TEXT, 255,
		  "what is held"),
	F_LIST_OF(struct subject_status_out, holds, 0, FIELD_ID, LISTED_MAX,
		  "legal holds that stand"),
	F_LIST_OF(struct subject_status_out, requests, 0, FIELD_ID, LISTED_MAX,
		  "open requests"),
	F_MAY(struct subject_status_out, band, FIELD_TEXT,
	      "of ages: 13-15, 16-17, adult"),
	F_MAY(struct subject_status_out, terms_version, FIELD_TEXT,
	      "of the terms accepted last"),
	F_MAY(struct subject_status_out, terms_at, FIELD_TIME,
	      "when they were accepted"),
	F_MUST(struct subject_status_out, guardian, FIELD_BOOL,
	       "a guardian consented"),
	F_MUST(struct subject_status_out, legal_capacity, FIELD_BOOL,
	       "legal capacity was stipulated"),
};
const struct field_table subject_status_out_table =
	FIELD_TABLE(struct subject_status_out, subject_status_out_fields);

static bool
is_listed(const struct subject_found *list, size_t n, struct id id)
{
	for (size_t i = 0; i < n; i++) {
		if (id_equal(list[i].subject, id)) {
			return true;
		}
	}
	return false;
}

/* Whether somebody is still known by this: lives, is not being erased, and has
 * a record of the category that the entry came from. */
static int
is_known(struct vault *v, const struct index_entry *hit, struct subject **out,
	 bool *out_known)
{
	const struct policy_category *c =
		policy_category_by_id(v->policy, hit->tag);
	int rc = subject_load_erasing(v, hit->owner, out);

	*out_known = false;
	if (rc == ERR_NOT_FOUND) {
		err_clear();
		return 0;
	}
	if (rc != 0 || (*out)->erasing || c == NULL) {
		return rc;
	}
	return record_has(v, *out, c, out_known);
}

/* The people among the hits; customers of that contact first. */
static int
people_among(struct vault *v, const struct index_entry *hits, size_t n,
	     struct subject_found *list, size_t *out_n)
{
	const struct policy_category *contact =
		policy_category(v->policy, "contact");
	size_t found = 0;

	for (unsigned pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < n; i++) {
			bool own =
				contact != NULL && hits[i].tag == contact->id;
			struct subject *s;
			bool known;
			int rc;

			if (hits[i].kind != OWNER_SUBJECT ||
			    own != (pass == 0) ||
			    is_listed(list, found, hits[i].owner)) {
				continue;
			}
			rc = is_known(v, &hits[i], &s, &known);
			if (rc != 0) {
				return rc;
			}
			if (!known) {
				continue;
			}
			list[found++] = (struct subject_found){
				s->id, (int)subject_standing_on(v->policy, s,
								v->today)};
		}
	}
	*out_n = found;
	return 0;
}

int
subject_find(struct call *c, const void *input, void *output)
{
	const struct subject_find_in *in = input;
	struct subject_find_out *out = output;
	struct vault v = call_vault(c);
	struct subject_found *list;
	struct index_entry *hits = NULL;
	const char *value = NULL;
	size_t n_hits = 0;
	size_t n;
	int rc;

	if ((in->email == NULL) == (in->phone == NULL)) {
		return err_field(ERR_INVALID,
				 in->email == NULL ? "email" : "phone",
				 "either an e-mail address or a telephone");
	}
	rc = in->email != NULL ? normalise_email(in->email, c->arena, &value)
			       : normalise_phone(in->phone, c->arena, &value);
	if (rc != 0) {
		return err_field(rc, in->email != NULL ? "email" : "phone",
				 "not of that form");
	}
	rc = index_find(&v, in->email != NULL ? INDEX_OF_EMAIL : INDEX_OF_PHONE,
			value, &hits, &n_hits);
	if (rc != 0) {
		return rc;
	}
	list = arena_array(c->arena, n_hits, sizeof(*list));
	if (list == NULL) {
		return ERR_NOMEM;
	}
	rc = people_among(&v, hits, n_hits, list, &n);
	if (rc != 0) {
		return rc;
	}
	if (n == 0) {
		return err_set(ERR_NOT_FOUND, "nobody by that");
	}
	out->subject = list[0].subject;
	out->subjects = list;
	out->n_subjects = n;
	for (size_t i = 0; i < n && rc == 0 && i < CALL_LEAVES_MAX; i++) {
		struct subject *s;

		rc = subject_load(&v, list[i].subject, &s);
		if (rc == 0 && i == 0) {
			call_about(c, s->base);
		}
		if (rc == 0) {
			rc = call_leaf(c,
				       (struct call_leaf){
					       .type = LEAF_FIND,
					       .log_slot = s->base + SLOT_LOG});
		}
	}
	return rc;
}

static int
has_rows(struct call *c, slot_t slot, bool *out)
{
	struct key_maker k = {.n = 0};
	struct bytes key;
	struct bytes row;
	struct range *r;
	int rc;

	key_u64(&k, slot);
	rc = range_open(c->txn, TABLE_VISIT, key_bytes(&k), bytes_of(NULL, 0),
			0, &r);
	if (rc != 0) {
		return rc;
	}
	rc = range_next(r, &key, &row);
	range_close(r);
	*out = rc == 1;
	return rc > 0 ? 0 : rc;
}

/* Visits lie under slots of their own: there are some when one of the
 * customer's visitors has a row. */
static int
has_visits(struct call *c, const struct subject *s, bool *out)
{
	struct id *visitors;
	size_t n;
	int rc = of_subject_list(c->txn, c->arena, OF_SUBJECT_VISITOR, s->base,
				 (struct id){{0}}, VISITORS_EXAMINED_MAX,
				 &visitors, &n);

	*out = false;
	for (size_t i = 0; i < n && rc == 0 && !*out; i++) {
		slot_t visitor = index_slot_of_owner(visitors[i]);
		slot_t held;

		rc = visitor_held_slot(c->txn, visitor, &held);
		if (rc == 0) {
			rc = has_rows(c, visitor, out);
		}
		if (rc == 0 && !*out && held != SLOT_NONE) {
			rc = has_rows(c, held, out);
		}
	}
	return rc;
}

static int
category_names(struct call *c, struct vault *v, const struct subject *s,
	       struct subject_status_out *out)
{
	size_t n = c->policy->n_categories;
	bool *any = arena_array(c->arena, n, sizeof(*any));
	const char **names = arena_array(c->arena, n, sizeof(*names));
	bool visits = false;
	int rc;

	if (any == NULL || names == NULL) {
		return ERR_NOMEM;
	}
	rc = record_categories(v, s, any);
	if (rc == 0) {
		rc = has_visits(c, s, &visits);
	}
	if (rc != 0) {
		return rc;
	}
	out->categories = names;
	for (size_t i = 0; i < n; i++) {
		const char *name = c->policy->categories[i].name;

		if (any[i] || (visits && strcmp(name, "navigation") == 0)) {
			names[out->n_categories++] =
				c->policy->categories[i].name;
		}
	}
	return 0;
}

int
subject_status(struct call *c, const void *input, void *output)
{
	const struct subject_status_in *in = input;
	struct subject_status_out *out = output;
	struct vault v = call_vault(c);
	struct id first = {{0}};
	struct subject *s;
	int rc = subject_load(&v, in->subject, &s);

	if (rc != 0) {
		return rc;
	}
	call_about(c, s->base);
	out->standing = (int)subject_standing_on(c->policy, s, c->today);
	out->account = (int)s->account;
	out->since = s->account_since_ms;
	out->terms_version = s->terms_version;
	out->terms_at = s->terms_at_ms;
	out->guardian = s->has_guardian;
	out->legal_capacity = s->has_legal_capacity;
	if (s->standing != STANDING_PROSPECT) {
		out->band = age_band_name(subject_band(c->policy, s, c->today));
	}
	rc = category_names(c, &v, s, out);
	if (rc == 0) {
		rc = of_subject_list(c->txn, c->arena, OF_SUBJECT_HOLD, s->base,
				     first, LISTED_MAX, &out->holds,
				     &out->n_holds);
	}
	if (rc == 0) {
		rc = of_subject_list(c->txn, c->arena, OF_SUBJECT_OPEN_REQUEST,
				     s->base, first, LISTED_MAX, &out->requests,
				     &out->n_requests);
	}
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){.type = LEAF_STATUS,
							 .log_slot = s->base +
								     SLOT_LOG});
}

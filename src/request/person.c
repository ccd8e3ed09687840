/* From what somebody presents to whom it is about. */
#include "request/person.h"

#include <stdlib.h>

#include "navigation/visitor.h"
#include "vault/index.h"
#include "vault/normalise.h"
#include "vault/record.h"

#define VERSIONS_MAX 300

int
person_normalise(struct call *c, const struct request_identity *sent,
		 struct request_identity *out)
{
	struct request_identity norm = {.visitor = sent->visitor};
	int rc = 0;

	if (sent->email != NULL) {
		rc = normalise_email(sent->email, c->arena, &norm.email);
		if (rc == ERR_INVALID) {
			return err_field(rc, "identity.email",
					 "is no e-mail address");
		}
	}
	if (rc == 0 && sent->phone != NULL) {
		rc = normalise_phone(sent->phone, c->arena, &norm.phone);
		if (rc == ERR_INVALID) {
			return err_field(rc, "identity.phone",
					 "is no telephone number");
		}
	}
	if (rc == 0) {
		*out = norm;
	}
	return rc;
}

/* The values with the kinds of the index, at most three. */
struct presented {
	enum index_kind kind;
	const char *value;
};

static size_t
presented_of(const struct request_identity *i, struct presented out[3])
{
	size_t n = 0;

	if (i->email != NULL) {
		out[n++] = (struct presented){INDEX_OF_EMAIL, i->email};
	}
	if (i->phone != NULL) {
		out[n++] = (struct presented){INDEX_OF_PHONE, i->phone};
	}
	if (i->visitor != NULL) {
		out[n++] = (struct presented){INDEX_OF_VISITOR, i->visitor};
	}
	return n;
}

static bool
id_among(const struct id *list, size_t n, struct id id)
{
	for (size_t i = 0; i < n; i++) {
		if (id_equal(list[i], id)) {
			return true;
		}
	}
	return false;
}

/* The visitor behind a cookie; slot SLOT_NONE when there is none. */
static int
visitor_of(struct call *c, const char *cookie, struct visitor *out)
{
	struct vault v = call_vault(c);
	int rc;

	*out = (struct visitor){.slot = SLOT_NONE};
	rc = visitor_find(&v, cookie, &out->slot);
	if (rc == 0 && out->slot != SLOT_NONE) {
		rc = visitor_load(&v, out->slot, out);
	}
	if (rc == ERR_NOT_FOUND) {
		err_clear();
		*out = (struct visitor){.slot = SLOT_NONE};
		rc = 0;
	}
	return rc;
}

int
person_visitor(struct call *c, const struct request_identity *identity,
	       slot_t *out_slot)
{
	struct visitor visitor = {.slot = SLOT_NONE};
	int rc = identity->visitor == NULL
			 ? 0
			 : visitor_of(c, identity->visitor, &visitor);

	if (rc == 0) {
		*out_slot = id_is_nil(visitor.subject) ? visitor.slot
						       : SLOT_NONE;
	}
	return rc;
}

/* Whose visitor it is. */
static int
people_of_visitor(struct call *c, const char *cookie, struct id *ids,
		  size_t *out_n)
{
	struct vault v = call_vault(c);
	struct visitor visitor;
	struct subject *s;
	int rc = visitor_of(c, cookie, &visitor);

	*out_n = 0;
	if (rc != 0 || visitor.slot == SLOT_NONE ||
	    id_is_nil(visitor.subject)) {
		return rc;
	}
	rc = subject_load(&v, visitor.subject, &s);
	if (rc == ERR_NOT_FOUND || rc == ERR_STATE) {
		err_clear();
		return 0;
	}
	ids[0] = visitor.subject;
	*out_n = rc == 0 ? 1 : 0;
	return rc;
}

/* As whom somebody is known by a value. */
enum known_as { KNOWN_AS_GUARDIAN, KNOWN_AS_CUSTOMER, KNOWN_AS_ANY };

static bool
is_known_as(const struct policy *p, const struct index_entry *hit,
	    enum known_as as, bool for_guardian)
{
	const struct policy_category *contact = policy_category(p, "contact");
	const struct policy_category *guardian =
		policy_category(p, "guardian");
	bool by_guardian = guardian != NULL && hit->tag == guardian->id;

	switch (as) {
	case KNOWN_AS_GUARDIAN:
		return by_guardian;
	case KNOWN_AS_CUSTOMER:
		return contact != NULL && hit->tag == contact->id;
	case KNOWN_AS_ANY:
		return !by_guardian || for_guardian;
	}
	return false;
}

/* Whether the person lives and still has what made them known by it. */
static int
is_still_known(struct vault *v, const struct index_entry *hit, bool *out)
{
	const struct policy_category *category =
		policy_category_by_id(v->policy, hit->tag);
	struct subject *s;
	int rc = subject_load(v, hit->owner, &s);

	*out = false;
	if (rc == ERR_NOT_FOUND || rc == ERR_STATE) {
		err_clear();
		return 0;
	}
	return rc != 0 || category == NULL ? rc
					   : record_has(v, s, category, out);
}

/* The people under one value. */
static int
people_under(struct call *c, const struct presented *p, enum known_as as,
	     bool for_guardian, struct id *ids, size_t *out_n)
{
	struct vault v = call_vault(c);
	struct index_entry *hits;
	size_t n;
	size_t found = 0;
	int rc = index_find(&v, p->kind, p->value, &hits, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		bool still;

		if (hits[i].kind != OWNER_SUBJECT ||
		    !is_known_as(c->policy, &hits[i], as, for_guardian) ||
		    id_among(ids, found, hits[i].owner)) {
			continue;
		}
		rc = is_still_known(&v, &hits[i], &still);
		if (rc == 0 && still) {
			ids[found++] = hits[i].owner;
		}
	}
	*out_n = found;
	return rc;
}

/* Those whom all values lead to. */
static int
people_match(struct call *c, const struct presented *list, size_t n,
	     enum known_as as, bool for_guardian,
	     struct id left[INDEX_HITS_MAX], size_t *out_n)
{
	size_t n_left = 0;
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		struct id ids[INDEX_HITS_MAX];
		size_t n_ids;
		size_t kept = 0;

		rc = list[i].kind == INDEX_OF_VISITOR
			     ? people_of_visitor(c, list[i].value, ids, &n_ids)
			     : people_under(c, &list[i], as, for_guardian, ids,
					    &n_ids);
		if (rc != 0) {
			return rc;
		}
		for (size_t k = 0; k < n_ids; k++) {
			if (i == 0 || id_among(left, n_left, ids[k])) {
				left[kept++] = ids[k];
			}
		}
		n_left = kept;
	}
	*out_n = n_left;
	return rc;
}

int
person_match(struct call *c, const struct request_identity *identity,
	     bool as_guardian, struct subject **out)
{
	struct vault v = call_vault(c);
	struct presented list[3];
	size_t n = presented_of(identity, list);
	struct id left[INDEX_HITS_MAX];
	size_t n_left = 0;
	int rc = 0;

	/* A guardian speaks for the child, who else has the address or not; a
	 * customer comes before who has only asked with that address. */
	for (int as = as_guardian ? KNOWN_AS_GUARDIAN : KNOWN_AS_CUSTOMER;
	     rc == 0 && n_left == 0 && as <= KNOWN_AS_ANY; as++) {
		rc = people_match(c, list, n, (enum known_as)as, as_guardian,
				  left, &n_left);
	}
	*out = NULL;
	return rc == 0 && n_left == 1 ? subject_load(&v, left[0], out) : rc;
}

static int
by_time(const void *a, const void *b)
{
	return memcmp(a, b, ID_BYTES); /* a UUIDv7 begins with the time */
}

int
person_requests(struct call *c, slot_t base, bool open_only,
		const struct request_identity *identity, struct id **out,
		size_t *out_n)
{
	struct vault v = call_vault(c);
	struct id *ids = arena_array(c->arena, PERSON_REQUESTS_MAX,
				     sizeof(*ids));
	struct presented list[3];
	size_t n_list = identity == NULL ? 0 : presented_of(identity, list);
	size_t n = 0;
	int rc = ids == NULL ? ERR_NOMEM : 0;

	if (rc == 0 && base != SLOT_NONE) {
		struct id *of;

		rc = of_subject_list(c->txn, c->arena,
				     open_only ? OF_SUBJECT_OPEN_REQUEST
					       : OF_SUBJECT_REQUEST,
				     base, (struct id){{0}},
				     PERSON_REQUESTS_MAX, &of, &n);
		if (rc == 0 && n > 0) {
			memcpy(ids, of, n * sizeof(*ids));
		}
	}
	for (size_t i = 0; i < n_list && rc == 0; i++) {
		struct index_entry *hits;
		size_t n_hits;

		rc = index_find(&v, list[i].kind, list[i].value, &hits,
				&n_hits);
		for (size_t k = 0; rc == 0 && k < n_hits; k++) {
			if (hits[k].kind == OWNER_REQUEST &&
			    n < PERSON_REQUESTS_MAX &&
			    !id_among(ids, n, hits[k].owner)) {
				ids[n++] = hits[k].owner;
			}
		}
	}
	if (rc == 0) {
		qsort(ids, n, sizeof(*ids), by_time);
		*out = ids;
		*out_n = n;
	}
	return rc;
}

int
person_index(struct call *c, struct request *r,
	     const struct request_identity *identity)
{
	struct vault v = call_vault(c);
	struct index_entry entry = {.kind = OWNER_REQUEST, .owner = r->id};
	struct presented list[3];
	size_t n = presented_of(identity, list);
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		uint32_t bucket;

		rc = index_add(&v, list[i].kind, list[i].value, &entry,
			       &bucket);
		if (rc == 0 && r->n_buckets < REQUEST_BUCKETS_MAX) {
			r->buckets[r->n_buckets++] = bucket;
		}
	}
	return rc;
}

static void
contact_of(const struct record *r, struct request_identity *out)
{
	*out = (struct request_identity){
		.email = value_get_text(&r->data, "email"),
		.phone = value_get_text(&r->data, "phone")};
}

/* Of one category, if it has both the member and a version; the oldest, when
 * none is old enough, with `or_first`. */
static int
contact_in(struct call *c, const struct subject *s, const char *name,
	   int64_t before_ms, bool or_first, struct request_identity *out)
{
	struct vault v = call_vault(c);
	const struct policy_category *category =
		policy_category(c->policy, name);
	struct record *newest;
	struct record *list;
	size_t n = 0;
	int rc = category == NULL
			 ? ERR_NOT_FOUND
			 : record_read_single(&v, s, category, &newest);

	if (rc == ERR_NOT_FOUND) {
		err_clear();
		return 0;
	}
	if (rc == 0) {
		rc = record_versions(&v, s, category, newest->id, VERSIONS_MAX,
				     &list, &n);
	}
	if (rc != 0 || n == 0) {
		return rc;
	}
	if (or_first) {
		contact_of(&list[0], out);
	}
	for (size_t i = 0; i < n && list[i].collected_at_ms <= before_ms;
	     i++) {
		contact_of(&list[i], out);
	}
	return 0;
}

int
person_contact(struct call *c, const struct subject *s, int64_t before_ms,
	       struct request_identity *out)
{
	struct request_identity contact = {0};
	int rc = contact_in(c, s, "contact", before_ms, true, &contact);

	if (rc == 0 && contact.email == NULL && contact.phone == NULL) {
		rc = contact_in(c, s, "prospect", before_ms, true, &contact);
	}
	if (rc == 0) {
		*out = contact;
	}
	return rc;
}

int
person_guardian(struct call *c, const struct subject *s, int64_t before_ms,
		struct request_identity *out)
{
	struct request_identity contact = {0};
	int rc = contact_in(c, s, "guardian", before_ms, false, &contact);

	if (rc == 0) {
		*out = contact;
	}
	return rc;
}

int
person_index_again(struct call *c, struct id request)
{
	struct vault v = call_vault(c);
	struct request_identity known;
	struct request *r;
	struct subject *s;
	int rc = request_peek(c, request, &r);

	if (rc == ERR_NOT_FOUND) {
		err_clear();
		return 0;
	}
	if (rc != 0) {
		return rc;
	}
	known = r->identity;
	if (known.email == NULL && known.phone == NULL &&
	    known.visitor == NULL && !id_is_nil(r->subject)) {
		rc = subject_load_erasing(&v, r->subject, &s);
		if (rc == 0) {
			rc = person_contact(c, s, r->submitted_at_ms, &known);
		} else if (rc == ERR_NOT_FOUND) {
			err_clear();
			rc = 0;
		}
	}
	if (rc == 0) {
		rc = person_normalise(c, &known, &known);
	}
	/* The bucket's number follows from the value: it is noted already. */
	return rc == 0 ? person_index(c, r, &known) : rc;
}

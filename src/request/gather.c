/*
 * The content of an access bundle. Lists hold at most VALUE_MEMBERS_MAX items,
 * so that records come in pages of a category.
 */
#include "request/gather.h"

#include "registration/read.h"
#include "request/person.h"
#include "request/visits.h"
#include "sharing/share.h"
#include "vault/record.h"

#define SHARES_A_PAGE 500

static int
put(struct call *c, struct value *to, const char *name, const char *text)
{
	return part_add_text(to, c->arena, name, text);
}

static int
put_date(struct call *c, struct value *to, const char *name, date_t date)
{
	char *text = arena_alloc(c->arena, DATE_TEXT_BYTES);

	if (text == NULL) {
		return ERR_NOMEM;
	}
	return put(c, to, name, date_print(date, text));
}

static int
put_id(struct call *c, struct value *to, const char *name, struct id id)
{
	char *text = arena_alloc(c->arena, ID_TEXT_BYTES);

	if (text == NULL) {
		return ERR_NOMEM;
	}
	return put(c, to, name, id_print(id, text));
}

static const char *
source_words(const char *source)
{
	if (source == NULL) {
		return "recorded by us";
	}
	if (strcmp(source, "register") == 0) {
		return "given at registration";
	}
	if (strcmp(source, "request") == 0) {
		return "changed at your request";
	}
	return source;
}

static int
record_value(struct call *c, const struct record *r, struct value *out)
{
	struct value v = value_object();
	struct value data;
	int rc = put_id(c, &v, "record", r->id);

	if (rc == 0) {
		rc = value_add(&v, c->arena, "version",
			       value_int(r->version));
	}
	if (rc == 0) {
		rc = part_add_time(&v, c->arena, "collected_at",
				   r->collected_at_ms);
	}
	if (rc == 0) {
		rc = put(c, &v, "source", source_words(r->source));
	}
	if (rc == 0) {
		rc = put(c, &v, "collected_with", r->collected_with);
	}
	if (rc == 0 && r->due != DAY_NONE) {
		rc = put_date(c, &v, "kept_until", r->due);
	}
	if (rc == 0) {
		/* Card numbers by their last digits, as everywhere. */
		rc = read_fields(r->category, POLICY_ALL_FIELDS, false,
				 &r->data, c->arena, &data);
	}
	if (rc == 0) {
		rc = value_add(&v, c->arena, "data", data);
	}
	*out = v;
	return rc;
}

static int
category_head(struct call *c, const struct policy_category *k,
	      struct value *out)
{
	struct value v = value_object();
	char *period = arena_alloc(c->arena, 40);
	int rc = period == NULL ? ERR_NOMEM : put(c, &v, "category", k->name);

	if (rc == 0) {
		rc = put(c, &v, "title", k->title);
	}
	if (rc == 0) {
		rc = put(c, &v, "legal_basis", k->basis);
	}
	if (rc == 0) {
		rc = put(c, &v, "clause", k->clause);
	}
	if (rc == 0) {
		rc = put(c, &v, "kept_for",
			 duration_print(k->retention.period, period));
	}
	if (rc == 0) {
		rc = put(c, &v, "counted_from",
			 policy_from_name(k->retention.from));
	}
	*out = v;
	return rc;
}

static int
page_value(struct call *c, const struct policy_category *k,
	   const struct record *records, size_t n, struct value *pages)
{
	struct value list = value_list();
	struct value page;
	int rc = category_head(c, k, &page);

	for (size_t i = 0; i < n && rc == 0; i++) {
		struct value v;

		if (records[i].data.kind != VALUE_OBJECT) {
			continue;
		}
		rc = record_value(c, &records[i], &v);
		if (rc == 0) {
			rc = value_push(&list, c->arena, v);
		}
	}
	if (rc == 0) {
		rc = value_add(&page, c->arena, "records", list);
	}
	return rc != 0 ? rc : value_push(pages, c->arena, page);
}

static int
category_value(struct call *c, const struct subject *s,
	       const struct policy_category *k, struct value *pages)
{
	struct vault v = call_vault(c);
	struct record_query q = {.categories = &k,
				 .n_categories = 1,
				 .flags = RECORD_LIST_DUE |
					  RECORD_LIST_VERSIONS,
				 .limit = RECORD_PAGE_MAX};
	int rc;

	do {
		struct record *records;
		size_t n;

		rc = record_list(&v, s, &q, &records, &n, &q.cursor);
		if (rc == 0 && n > 0) {
			rc = page_value(c, k, records, n, pages);
		}
	} while (rc == 0 && q.cursor != NULL);
	return rc;
}

static int
held_value(struct call *c, const struct subject *s, struct value *out)
{
	struct value pages = value_list();
	int rc = 0;

	for (size_t i = 0; s != NULL && i < c->policy->n_categories && rc == 0;
	     i++) {
		rc = category_value(c, s, &c->policy->categories[i], &pages);
	}
	*out = pages;
	return rc;
}

static int
account_value(struct call *c, const struct subject *s, struct value *out)
{
	struct value v = value_object();
	int rc = 0;

	if (s != NULL) {
		rc = put_id(c, &v, "subject", s->id);
		if (rc == 0) {
			rc = put(c, &v, "standing",
				 subject_standing_names[subject_standing_on(
					 c->policy, s, c->today)]);
		}
		if (rc == 0) {
			rc = put(c, &v, "age_band",
				 age_band_name(subject_band(c->policy, s,
							    c->today)));
		}
		if (rc == 0) {
			rc = put(c, &v, "account",
				 account_state_names[s->account]);
		}
		if (rc == 0) {
			rc = put(c, &v, "account_reason", s->account_reason);
		}
		if (rc == 0) {
			rc = put(c, &v, "country", s->country);
		}
		if (rc == 0) {
			rc = put(c, &v, "region", s->region);
		}
		if (rc == 0) {
			rc = put(c, &v, "terms_version", s->terms_version);
		}
		if (rc == 0) {
			rc = part_add_time(&v, c->arena, "terms_accepted_at",
					   s->terms_at_ms);
		}
		if (rc == 0) {
			rc = part_add_time(&v, c->arena, "known_since",
					   s->created_at_ms);
		}
	}
	*out = v;
	return rc;
}

static int
purposes_value(struct call *c, struct value *out)
{
	struct value list = value_list();
	int rc = 0;

	for (size_t i = 0; i < c->policy->n_purposes && rc == 0; i++) {
		const struct policy_purpose *p = &c->policy->purposes[i];
		struct value v = value_object();
		struct value categories = value_list();

		rc = put(c, &v, "purpose", p->name);
		for (size_t k = 0; k < p->n_access && rc == 0; k++) {
			rc = value_push(&categories, c->arena,
					value_text(
						p->access[k].category->name));
		}
		if (rc == 0) {
			rc = put(c, &v, "legal_basis", p->basis);
		}
		if (rc == 0) {
			rc = put(c, &v, "clause", p->clause);
		}
		if (rc == 0) {
			rc = value_add(&v, c->arena, "categories", categories);
		}
		if (rc == 0) {
			rc = value_push(&list, c->arena, v);
		}
	}
	*out = list;
	return rc;
}

static int
share_value(struct call *c, const struct share *s, struct value *out)
{
	const struct policy_recipient *known =
		policy_recipient_by_id(c->policy, s->recipient_id);
	struct value fields = value_list();
	struct value v = value_object();
	int rc = part_add_time(&v, c->arena, "at", s->at_ms);

	if (rc == 0) {
		rc = put(c, &v, "recipient",
			 known != NULL ? known->title : s->recipient);
	}
	if (rc == 0) {
		rc = put(c, &v, "kind",
			 known != NULL ? policy_kind_name(known->kind) : NULL);
	}
	if (rc == 0) {
		rc = put(c, &v, "purpose", s->purpose);
	}
	if (rc == 0) {
		rc = put(c, &v, "country", s->country);
	}
	if (rc == 0 && s->has_basis) {
		rc = put(c, &v, "basis", share_basis_names[s->basis.kind]);
	}
	for (size_t i = 0; i < s->n_fields && rc == 0; i++) {
		rc = value_push(&fields, c->arena, value_text(s->fields[i]));
	}
	if (rc == 0) {
		rc = value_add(&v, c->arena, "fields", fields);
	}
	*out = v;
	return rc;
}

static int
disclosures_value(struct call *c, const struct subject *s, struct value *out)
{
	struct value list = value_list();
	struct id after = {{0}};
	size_t n = s == NULL ? 0 : SHARES_A_PAGE;
	int rc = 0;

	while (rc == 0 && n == SHARES_A_PAGE) {
		struct id *ids;

		rc = of_subject_list(c->txn, c->arena, OF_SUBJECT_SHARE,
				     s->base, after, SHARES_A_PAGE, &ids, &n);
		for (size_t i = 0; rc == 0 && i < n; i++) {
			struct share share;
			struct value v;

			rc = share_load(c, ids[i], &share);
			if (rc == 0 && !share.is_gone) {
				rc = share_value(c, &share, &v);
				if (rc == 0) {
					rc = value_push(&list, c->arena, v);
				}
			}
			after = ids[i];
		}
	}
	*out = list;
	return rc;
}

static int
requests_value(struct call *c, const struct request *asked, struct value *out)
{
	struct value list = value_list();
	struct request_identity identity = {0};
	struct id *ids;
	size_t n = 0;
	int rc = person_normalise(c, &asked->identity, &identity);

	if (rc == 0) {
		rc = person_requests(c, asked->subject_base, false, &identity,
				     &ids, &n);
	}
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct value v = value_object();
		struct request *r;

		rc = request_peek(c, ids[i], &r);
		if (rc == ERR_NOT_FOUND) {
			err_clear();
			rc = 0;
			continue;
		}
		if (rc == 0) {
			rc = put_id(c, &v, "request", r->id);
		}
		if (rc == 0) {
			rc = put(c, &v, "type", request_type_names[r->type]);
		}
		if (rc == 0) {
			rc = put(c, &v, "state",
				 request_state_names[r->state]);
		}
		if (rc == 0) {
			rc = part_add_time(&v, c->arena, "received_at",
					   r->received_at_ms);
		}
		if (rc == 0) {
			rc = part_add_time(&v, c->arena, "closed_at",
					   r->closed_at_ms);
		}
		if (rc == 0) {
			rc = put(c, &v, "reason", r->reason);
		}
		if (rc == 0) {
			rc = value_push(&list, c->arena, v);
		}
	}
	*out = list;
	return rc;
}

static int
rights_value(struct call *c, const struct request *r, struct value *out)
{
	static const char *const rights[] = {
		"You may ask us to change what is wrong or incomplete.",
		"You may ask us to delete what we hold about you.",
		"You may withdraw a consent at any time.",
		"You may take this copy to another service.",
		("You may complain to the supervisory authority of the place "
		 "where you live, or go to court."),
	};
	const struct policy_regime *regime =
		r->regime == NULL ? NULL : policy_regime(c->policy, r->regime);
	struct value list = value_list();
	int rc = 0;

	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]) && rc == 0;
	     i++) {
		rc = value_push(&list, c->arena, value_text(rights[i]));
	}
	if (rc == 0 && regime != NULL) {
		char *text = arena_printf(c->arena, "The law that applies: %s "
						    "(%s).",
					  regime->title, regime->source);

		rc = text == NULL ? ERR_NOMEM
				  : value_push(&list, c->arena,
					       value_text(text));
	}
	*out = list;
	return rc;
}

static int
head_value(struct call *c, const struct request *r, struct value *v)
{
	int rc = put(c, v, "format", "ninety access bundle 1");

	if (rc == 0) {
		rc = put(c, v, "controller", c->policy->house.controller);
	}
	if (rc == 0) {
		rc = part_add_time(v, c->arena, "made_at", c->now_ms);
	}
	return rc != 0 ? rc : put_id(c, v, "request", r->id);
}

int
gather(struct call *c, const struct request *r, struct value *out)
{
	struct vault v = call_vault(c);
	struct value all = value_object();
	struct subject *s = NULL;
	struct {
		const char *name;
		struct value value;
	} parts[7] = {{.name = "account"},     {.name = "data"},
		      {.name = "purposes"},    {.name = "disclosures"},
		      {.name = "requests"},    {.name = "rights"},
		      {.name = "navigation"}};
	int rc = head_value(c, r, &all);

	if (rc == 0 && !id_is_nil(r->subject)) {
		rc = subject_load(&v, r->subject, &s);
	}
	if (rc == ERR_NOT_FOUND) {
		/* Erased by another request: nothing is held. */
		err_clear();
		rc = 0;
	}
	if (rc == 0) {
		rc = account_value(c, s, &parts[0].value);
	}
	if (rc == 0) {
		rc = held_value(c, s, &parts[1].value);
	}
	if (rc == 0) {
		rc = purposes_value(c, &parts[2].value);
	}
	if (rc == 0) {
		rc = disclosures_value(c, s, &parts[3].value);
	}
	if (rc == 0) {
		rc = requests_value(c, r, &parts[4].value);
	}
	if (rc == 0) {
		rc = rights_value(c, r, &parts[5].value);
	}
	if (rc == 0) {
		rc = visits_value(c, r, &parts[6].value);
	}
	for (size_t i = 0; i < 7 && rc == 0; i++) {
		rc = value_add(&all, c->arena, parts[i].name, parts[i].value);
	}
	if (rc == 0) {
		*out = all;
	}
	return rc;
}

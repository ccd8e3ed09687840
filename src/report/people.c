/* What came in and what went out to others, summed over the days of a span. */
#include "report/people.h"

#include "policy/decide.h"
#include "registration/count.h"
#include "sharing/count.h"

#define MONTHS_MAX (SPAN_DAYS_MAX / 28)

static const struct field registered_fields[] = {
	F_MUST(struct registrations_item, outcome, FIELD_TEXT,
	       "adult, minor, under_age, ..."),
	F_MAY(struct registrations_item, country, FIELD_TEXT,
	      "absent where none is kept"),
	F_MAY(struct registrations_item, band, FIELD_TEXT,
	      "13-15, 16-17 or adult"),
	F_MUST(struct registrations_item, n, FIELD_INT, "how many"),
};
static const struct field month_fields[] = {
	F_MUST(struct registrations_month, month, FIELD_TEXT, "YYYY-MM"),
	F_MUST(struct registrations_month, registered, FIELD_INT,
	       "adults and minors"),
	F_MUST(struct registrations_month, refused, FIELD_INT,
	       "for their age or for want of consent"),
	F_MUST(struct registrations_month, closed, FIELD_INT,
	       "accounts closed"),
};
static const struct field registrations_fields[] = {
	F_MUST(struct report_registrations_out, from, FIELD_DATE, "first day"),
	F_MUST(struct report_registrations_out, to, FIELD_DATE,
	       "the day after the last"),
	F_MUST(struct report_registrations_out, adults, FIELD_INT,
	       "registered"),
	F_MUST(struct report_registrations_out, minors, FIELD_INT,
	       "registered"),
	F_MUST(struct report_registrations_out, under_age, FIELD_INT,
	       "refused; nothing else is kept of them"),
	F_MUST(struct report_registrations_out, consent_required, FIELD_INT,
	       "refused for want of a guardian or of capacity"),
	F_MUST(struct report_registrations_out, prospects, FIELD_INT,
	       "inquiries"),
	F_MUST(struct report_registrations_out, closed, FIELD_INT,
	       "accounts closed"),
	F_MUST(struct report_registrations_out, reopened, FIELD_INT,
	       "accounts opened again"),
	F_LIST(struct report_registrations_out, items, 0, registered_fields,
	       PEOPLE_ITEMS_MAX, "by outcome, country and age"),
	F_LIST(struct report_registrations_out, months, 0, month_fields,
	       MONTHS_MAX, "by month"),
};
const struct field_table report_registrations_out_table = FIELD_TABLE(
	struct report_registrations_out, registrations_fields);

static const struct field sharing_item_fields[] = {
	F_MAY(struct sharing_item, recipient, FIELD_TEXT,
	      "absent: one that the policy does not know"),
	F_MAY(struct sharing_item, purpose, FIELD_TEXT, "what for"),
	F_MAY(struct sharing_item, category, FIELD_TEXT, "of data"),
	F_MAY(struct sharing_item, country, FIELD_TEXT, "where to"),
	F_MUST(struct sharing_item, outcome, FIELD_TEXT,
	       "given, declared or refused"),
	F_MUST(struct sharing_item, n, FIELD_INT, "how often"),
};
static const struct field sharing_fields[] = {
	F_MUST(struct report_sharing_out, from, FIELD_DATE, "first day"),
	F_MUST(struct report_sharing_out, to, FIELD_DATE,
	       "the day after the last"),
	F_MUST(struct report_sharing_out, given, FIELD_INT,
	       "handed out, a category of a share each"),
	F_MUST(struct report_sharing_out, declared, FIELD_INT,
	       "said to have been shared earlier"),
	F_MUST(struct report_sharing_out, refused, FIELD_INT,
	       "not permitted"),
	F_LIST(struct report_sharing_out, items, 0, sharing_item_fields,
	       PEOPLE_ITEMS_MAX, "by recipient, purpose, category, country"),
};
const struct field_table report_sharing_out_table =
	FIELD_TABLE(struct report_sharing_out, sharing_fields);

struct registrations {
	struct call *c;
	struct report_registrations_out *out;
	date_t first_month;
};

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int
registered_item(struct registrations *m, const struct registration_count *k)
{
	struct report_registrations_out *out = m->out;
	const char *outcome = registration_outcome_names[k->outcome];
	const char *band = k->band == REGISTRATION_BAND_NONE
				   ? NULL
				   : age_band_name((enum age_band)k->band);
	const char *country =
		strcmp(k->country, "--") == 0 ? NULL : k->country;

	for (size_t i = 0; i < out->n_items; i++) {
		struct registrations_item *item = &out->items[i];

		if (same(item->outcome, outcome) && same(item->band, band) &&
		    same(item->country, country)) {
			item->n += (int64_t)k->n;
			return 0;
		}
	}
	if (out->n_items == PEOPLE_ITEMS_MAX) {
		return err_set(ERR_TOO_MANY, "too many different counts");
	}
	if (country != NULL) {
		country = arena_text(m->c->arena, country, 2);
		if (country == NULL) {
			return ERR_NOMEM;
		}
	}
	out->items[out->n_items++] = (struct registrations_item){
		outcome, country, band, (int64_t)k->n};
	return 0;
}

static int
registered_add(void *ctx, const struct registration_count *k)
{
	struct registrations *m = ctx;
	struct report_registrations_out *out = m->out;
	struct ymd a = date_to_ymd(m->first_month);
	struct ymd b = date_to_ymd(k->day);
	size_t i = (size_t)((b.year - a.year) * 12 + b.month - a.month);
	struct registrations_month *month =
		&out->months[i < out->n_months ? i : 0];
	int64_t n = (int64_t)k->n;

	switch (k->outcome) {
	case REGISTRATION_ADULT:
		out->adults += n;
		month->registered += n;
		break;
	case REGISTRATION_MINOR:
		out->minors += n;
		month->registered += n;
		break;
	case REGISTRATION_UNDER_AGE:
		out->under_age += n;
		month->refused += n;
		break;
	case REGISTRATION_CONSENT_REQUIRED:
		out->consent_required += n;
		month->refused += n;
		break;
	case REGISTRATION_PROSPECT:
		out->prospects += n;
		break;
	case REGISTRATION_CLOSED:
		out->closed += n;
		month->closed += n;
		break;
	case REGISTRATION_REOPENED:
		out->reopened += n;
		break;
	case REGISTRATION_EXISTS:
	case REGISTRATION_OUTCOMES:
		break;
	}
	return registered_item(m, k);
}

int
report_registrations(struct call *c, const void *input, void *output)
{
	struct report_registrations_out *out = output;
	struct registrations m = {.c = c, .out = out};
	struct span s;
	date_t month;
	int rc = span_read(c, input, &s);

	if (rc != 0) {
		return rc;
	}
	out->from = s.from;
	out->to = s.to;
	m.first_month = month_of(s.from);
	out->months = arena_array(c->arena, MONTHS_MAX, sizeof(*out->months));
	out->items =
		arena_array(c->arena, PEOPLE_ITEMS_MAX, sizeof(*out->items));
	if (out->months == NULL || out->items == NULL) {
		return ERR_NOMEM;
	}
	for (month = m.first_month;
	     month < s.to && out->n_months < MONTHS_MAX;
	     month = date_add(month, (struct duration){.months = 1})) {
		const char *name = month_print(c->arena, month);

		if (name == NULL) {
			return ERR_NOMEM;
		}
		out->months[out->n_months++].month = name;
	}
	return registration_count_each(c->txn, s.from, s.to, registered_add,
				       &m);
}

struct sharing {
	struct call *c;
	struct report_sharing_out *out;
};

static int
text_keep(struct arena *a, const char *text, const char **out)
{
	*out = NULL;
	if (text[0] != '\0' && strcmp(text, "--") != 0) {
		*out = arena_text(a, text, strlen(text));
		return *out == NULL ? ERR_NOMEM : 0;
	}
	return 0;
}

static int
shared_add(void *ctx, const struct share_count *k)
{
	struct sharing *m = ctx;
	struct report_sharing_out *out = m->out;
	const struct policy *p = m->c->policy;
	const struct policy_recipient *r =
		policy_recipient_by_id(p, k->recipient);
	const struct policy_category *category =
		policy_category_by_id(p, k->category);
	struct sharing_item item = {
		.recipient = r == NULL ? NULL : r->name,
		.category = category == NULL ? NULL : category->name,
		.outcome = share_outcome_names[k->outcome],
		.n = (int64_t)k->n};
	int rc = text_keep(m->c->arena, k->purpose, &item.purpose);

	if (rc == 0) {
		rc = text_keep(m->c->arena, k->country, &item.country);
	}
	if (rc != 0) {
		return rc;
	}
	if (k->outcome == SHARE_OUTCOME_GIVEN) {
		out->given += item.n;
	} else if (k->outcome == SHARE_OUTCOME_DECLARED) {
		out->declared += item.n;
	} else {
		out->refused += item.n;
	}
	for (size_t i = 0; i < out->n_items; i++) {
		struct sharing_item *o = &out->items[i];

		if (same(o->recipient, item.recipient) &&
		    same(o->purpose, item.purpose) &&
		    same(o->category, item.category) &&
		    same(o->country, item.country) &&
		    same(o->outcome, item.outcome)) {
			o->n += item.n;
			return 0;
		}
	}
	if (out->n_items == PEOPLE_ITEMS_MAX) {
		return err_set(ERR_TOO_MANY, "too many different counts");
	}
	out->items[out->n_items++] = item;
	return 0;
}

int
report_sharing(struct call *c, const void *input, void *output)
{
	struct report_sharing_out *out = output;
	struct sharing m = {c, out};
	struct span s;
	int rc = span_read(c, input, &s);

	if (rc != 0) {
		return rc;
	}
	out->from = s.from;
	out->to = s.to;
	out->items =
		arena_array(c->arena, PEOPLE_ITEMS_MAX, sizeof(*out->items));
	if (out->items == NULL) {
		return ERR_NOMEM;
	}
	return share_count_each(c->txn, s.from, s.to, shared_add, &m);
}

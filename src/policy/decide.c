/* The policy's answers, computed from the arguments alone. Whether consent
 * stands and what was collected with which offer the callers know. */
#include "policy/decide.h"

#include <stdio.h>

#include "policy/zone.h"

#define BAND_MIDDLE_AGE 16 /* 13-15, 16-17: as subject.register keeps them */
#define BIRTH_YEAR_MIN 1900

date_t
decide_today(const struct policy *p, int64_t at_ms)
{
	return zone_date(p->house.zone, at_ms);
}

int64_t
decide_day_begin_ms(const struct policy *p, date_t day)
{
	return zone_day_begin_ms(p->house.zone, day);
}

/* The birthday at which somebody is `years` old; 1 March for one born on
 * 29 February where the year has none. */
static date_t
birthday(date_t birth, int years)
{
	struct ymd b = date_to_ymd(birth);

	b.year += years;
	if (b.month == 2 && b.day == 29 && days_in_month(b.year, 2) == 28) {
		b.month = 3;
		b.day = 1;
	}
	return date_from_ymd(b);
}

int
decide_age(date_t birth, date_t today)
{
	int years = date_to_ymd(today).year - date_to_ymd(birth).year;

	return birthday(birth, years) <= today ? years : years - 1;
}

int
decide_own_consent(const struct policy *p, const char *country, date_t today)
{
	const struct policy_ages *a = &p->ages;
	const struct policy_own_consent *best = NULL;

	for (size_t i = 0; i < a->n_own_consent; i++) {
		const struct policy_own_consent *o = &a->own_consent[i];

		if (strcmp(o->country, country) == 0 && o->from <= today &&
		    (best == NULL || o->from > best->from)) {
			best = o;
		}
	}
	return best == NULL ? a->own_consent_default : best->age;
}

static date_t
month_of(date_t date)
{
	struct ymd v = date_to_ymd(date);

	v.day = 1;
	return date_from_ymd(v);
}

int
decide_register(const struct policy *p, const char *country, date_t birth,
		date_t today, struct age_decision *out)
{
	static const struct duration month = {.months = 1};
	struct age_decision d = {.standing = AGE_ADULT, .band = BAND_ADULT};
	int age = decide_age(birth, today);

	if (birth > today || date_to_ymd(birth).year < BIRTH_YEAR_MIN) {
		return err_field(ERR_INVALID, "birth_date",
				 "not a date of birth from %d to today",
				 BIRTH_YEAR_MIN);
	}
	if (age < p->ages.minimum) {
		d.standing = AGE_UNDER;
	} else if (age < p->ages.adult) {
		bool young = age < BAND_MIDDLE_AGE;

		d.standing = age < decide_own_consent(p, country, today)
				     ? AGE_GUARDIAN
				     : AGE_CAPACITY;
		d.band = young ? BAND_13_15 : BAND_16_17;
		d.next_band = month_of(birthday(birth, young ? BAND_MIDDLE_AGE
							     : p->ages.adult));
		d.next_band_at = date_add(d.next_band, month);
	}
	*out = d;
	return 0;
}

int
decide_consent(const struct age_decision *d, bool has_guardian,
	       bool has_legal_capacity)
{
	switch (d->standing) {
	case AGE_UNDER:
		return err_set(ERR_UNDER_AGE, "below the minimum age");
	case AGE_GUARDIAN:
		if (!has_guardian) {
			return err_field(ERR_CONSENT_REQUIRED, "guardian",
					 "at this age a guardian consents");
		}
		return 0;
	case AGE_CAPACITY:
		if (!has_guardian && !has_legal_capacity) {
			return err_field(ERR_CONSENT_REQUIRED, "legal_capacity",
					 "at this age a guardian consents or "
					 "legal capacity is stipulated");
		}
		return 0;
	case AGE_ADULT:
		return 0;
	}
	return err_set(ERR_INTERNAL, "an unknown standing");
}

const char *
age_band_name(enum age_band band)
{
	static const char *const names[] = {
		[BAND_13_15] = "13-15",
		[BAND_16_17] = "16-17",
		[BAND_ADULT] = "adult",
	};

	return names[band];
}

enum age_band
age_band_next(enum age_band band)
{
	return band == BAND_13_15 ? BAND_16_17 : BAND_ADULT;
}

date_t
age_band_next_month(const struct policy *p, enum age_band begun,
		    date_t begun_month)
{
	struct duration years = {.months = 12 *
					   (p->ages.adult - BAND_MIDDLE_AGE)};

	return begun == BAND_16_17 ? date_add(begun_month, years) : 0;
}

static const struct policy_access *
find_access(const struct policy_access *list, size_t n,
	    const struct policy_category *category)
{
	for (size_t i = 0; i < n; i++) {
		/* By id: the category may come from an older policy. */
		if (list[i].category->id == category->id) {
			return &list[i];
		}
	}
	return NULL;
}

int
decide_read(const struct policy_purpose *purpose, unsigned role,
	    const struct policy_category *category, bool has_ticket,
	    field_mask_t *out_fields)
{
	const struct policy_access *a =
		find_access(purpose->access, purpose->n_access, category);

	if ((purpose->roles & role) == 0) {
		return err_field(ERR_DENIED, "purpose",
				 "this role does not read for that purpose");
	}
	if (a == NULL) {
		return err_field(ERR_NOT_PERMITTED, "categories",
				 "the purpose does not cover that category");
	}
	if (a->needs_ticket && !has_ticket) {
		return err_field(ERR_NOT_PERMITTED, "ticket",
				 "only the customer's own ticket opens that");
	}
	*out_fields = a->fields;
	return 0;
}

struct refusal {
	const char *name;
	const char *text;
};

static const struct refusal refusals[] = {
	[SHARE_ALLOWED] = {"allowed", "permitted"},
	[SHARE_NO_SUCH_RECIPIENT] = {"no_such_recipient",
				     "not a recipient of the policy"},
	[SHARE_NO_CONTRACT] = {"no_contract",
			       "the recipient has no contract on that day"},
	[SHARE_PURPOSE] = {"purpose", "not a purpose of that recipient"},
	[SHARE_CATEGORY] = {"category", "not a category of that recipient"},
	[SHARE_FIELD] = {"field", "not all of these fields may go there"},
	[SHARE_NOT_SOLE_PURPOSE] = {"not_sole_purpose",
				    "billing data go to card processors alone"},
	[SHARE_NO_BASIS] = {"no_basis", "a basis is needed"},
	[SHARE_NO_CONSENT] = {"no_consent", "no consent to that stands"},
	[SHARE_NOT_COLLECTED_WITH] = {"not_collected_with",
				      "not collected with that offer"},
};

const char *
share_refusal_name(enum share_refusal why)
{
	return refusals[why].name;
}

const char *
share_refusal_text(enum share_refusal why)
{
	return refusals[why].text;
}

bool
decide_is_billing(const struct policy_category *c)
{
	if (c->slot == SLOT_CLASS_BILLING) {
		return true;
	}
	for (size_t i = 0; i < c->n_fields; i++) {
		if (c->fields[i].type == PFIELD_CARD_NUMBER) {
			return true;
		}
	}
	return false;
}

static bool
has_purpose(const struct policy_recipient *r, const char *purpose)
{
	static const char offer[] = "offer:";

	if (r->kind == KIND_PARTNER) {
		if (strncmp(purpose, offer, sizeof(offer) - 1) == 0) {
			purpose += sizeof(offer) - 1;
		}
		return strcmp(purpose, r->offer) == 0;
	}
	for (size_t i = 0; i < r->n_purposes; i++) {
		if (strcmp(r->purposes[i]->name, purpose) == 0) {
			return true;
		}
	}
	return false;
}

enum share_refusal
decide_share(const struct share_question *q)
{
	const struct policy_recipient *r = q->recipient;
	bool by_law = r->kind == KIND_AUTHORITY || r->kind == KIND_HARMED_PARTY;
	const struct policy_access *a;

	if (q->day < r->contract_from || q->day > r->contract_until) {
		return SHARE_NO_CONTRACT;
	}
	if (!has_purpose(r, q->purpose)) {
		return SHARE_PURPOSE;
	}
	a = find_access(r->access, r->n_access, q->category);
	if (a == NULL) {
		return SHARE_CATEGORY;
	}
	if (decide_is_billing(q->category) && !by_law &&
	    !(r->kind == KIND_PROCESSOR && r->sole_purpose)) {
		return SHARE_NOT_SOLE_PURPOSE;
	}
	if (q->fields == 0 || (q->fields & ~a->fields) != 0) {
		return SHARE_FIELD;
	}
	return by_law && !q->has_basis ? SHARE_NO_BASIS : SHARE_ALLOWED;
}

bool
decide_share_consent(const struct policy_recipient *r, char *out,
		     size_t out_bytes)
{
	if (r->kind == KIND_PARTNER) {
		(void)snprintf(out, out_bytes, "offer:%s", r->offer);
		return true;
	}
	if (r->kind == KIND_PUBLIC) {
		(void)snprintf(out, out_bytes, "publish");
		return true;
	}
	return false;
}

date_t
decide_expiry(const struct policy_category *c, date_t collected,
	      date_t account_end)
{
	if (c->retention.from == FROM_COLLECTED) {
		return date_add(collected, c->retention.period);
	}
	return account_end == DAY_NONE
		       ? DAY_NONE
		       : date_add(account_end, c->retention.period);
}

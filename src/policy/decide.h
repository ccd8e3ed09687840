#ifndef POLICY_DECIDE_H
#define POLICY_DECIDE_H

#include "policy/policy.h"

/*
 * Questions to the policy, answered from the arguments alone: no store, no
 * clock. Dates are calendar dates in the house's time zone (decide_today).
 */

/* The calendar date of a moment in the house's time zone. */
date_t decide_today(const struct policy *p, int64_t at_ms);

/* The age in whole years on a day. Born on 29 February: the birthday is
 * 1 March in common years. Negative before birth. */
int decide_age(date_t birth, date_t today);

enum age_band { BAND_13_15, BAND_16_17, BAND_ADULT };

enum age_standing {
	AGE_UNDER,    /* below the minimum: nothing is kept */
	AGE_GUARDIAN, /* only a guardian's consent counts */
	AGE_CAPACITY, /* a guardian, or stipulated legal capacity */
	AGE_ADULT
};

struct age_decision {
	enum age_standing standing;
	enum age_band band;  /* not for AGE_UNDER */
	date_t next_band;    /* a minor: the first day of the month in which
				the next band begins; 0 for adults */
	date_t next_band_at; /* the first day of the month after: the band moves
				on then, never too early */
};

/* The age gate of subject.register: `country` two letters, `birth` not in the
 * future (ERR_INVALID, field birth_date, also before 1900). */
int decide_register(const struct policy *p, const char *country, date_t birth,
		    date_t today, struct age_decision *out) MUST_CHECK;

/* What a decision makes of what was sent along: 0, ERR_UNDER_AGE or
 * ERR_CONSENT_REQUIRED. */
int decide_consent(const struct age_decision *d, bool has_guardian,
		   bool has_legal_capacity) MUST_CHECK;

/* The age of own consent in a country on a day. */
int decide_own_consent(const struct policy *p, const char *country,
		       date_t today);

/* The words "13-15", "16-17", "adult". */
const char *age_band_name(enum age_band band);

/* The band that follows, and the month (first day) in which the one after it
 * begins, given the month in which a band began; 0 for adults, who stay. */
enum age_band age_band_next(enum age_band band);
date_t age_band_next_month(const struct policy *p, enum age_band begun,
			   date_t begun_month);

/* Which fields of a category may be read for a purpose by a role. 0 with the
 * mask, or ERR_NOT_PERMITTED (the purpose does not cover the category, or a
 * ticket is missing), ERR_DENIED (not for this role). */
int decide_read(const struct policy_purpose *purpose, unsigned role,
		const struct policy_category *category, bool has_ticket,
		field_mask_t *out_fields) MUST_CHECK;

/* Why a recipient may not have something. The word is stored and goes into a
 * refusal's leaf: never renumber. */
enum share_refusal {
	SHARE_ALLOWED = 0,
	SHARE_NO_SUCH_RECIPIENT = 1, /* the caller's to set */
	SHARE_NO_CONTRACT = 2,       /* not on that day */
	SHARE_PURPOSE = 3,           /* not for that purpose */
	SHARE_CATEGORY = 4,          /* not that category */
	SHARE_FIELD = 5,             /* not all of those fields */
	SHARE_NOT_SOLE_PURPOSE = 6,  /* billing data need a card processor */
	SHARE_NO_BASIS = 7,          /* authority, harmed party: no basis */
	SHARE_NO_CONSENT = 8,        /* the caller's: offer or publication */
	SHARE_NOT_COLLECTED_WITH = 9 /* the caller's: not of that offer */
};

const char *share_refusal_name(enum share_refusal why);

/* The sentence for people of a refusal. */
const char *share_refusal_text(enum share_refusal why);

struct share_question {
	const struct policy_recipient *recipient;
	const char
		*purpose; /* "legal", ...; of a partner "offer:NAME" or NAME */
	const struct policy_category *category;
	field_mask_t fields;
	date_t day; /* of the sharing, the house's zone */
	bool has_basis;
};

/* What the policy alone can say; consent and collected_with are left to the
 * caller (decide_share_consent names the consent to look for). */
enum share_refusal decide_share(const struct share_question *q);

/* The purpose of the consent that must stand before this recipient gets
 * anything, "offer:NAME" or "publish", written into `out`; false when none is
 * asked for. */
bool decide_share_consent(const struct policy_recipient *r, char *out,
			  size_t out_bytes);

/* Whether any field of the category is a card's, or it lies in the billing
 * slot: then only sole-purpose processors may have it, authorities apart. */
bool decide_is_billing(const struct policy_category *c);

#define DAY_NONE INT32_MIN /* no end known yet: the account still lives */

/* The day from which a record is unreadable: counted from the collection or
 * from the end of the account (DAY_NONE while it is open: then the result is
 * DAY_NONE for what counts from there). */
date_t decide_expiry(const struct policy_category *c, date_t collected,
		     date_t account_end);

/* The first moment of a day in the house's time zone, for expires_at. */
int64_t decide_day_begin_ms(const struct policy *p, date_t day);

#endif

#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/timefmt.h"
#include "base/value.h"
#include "policy/role.h"

struct zone;     /* policy/zone.h */
struct calendar; /* policy/calendar.h */

/*
 * What the house has promised, as loaded from policies/ (policies/README.md
 * says what each field means). A policy is read-only once loaded and may be
 * used by any thread; it is replaced whole, never changed. All texts and
 * pointers below belong to it and live until its last reference is gone.
 */

#define POLICY_FIELDS_MAX 32 /* of a category: bits of a field_mask_t */
#define POLICY_FILE_BYTES_MAX ((size_t)256 * 1024)
#define POLICY_FILES_MAX 64
#define POLICY_NAME_BYTES_MAX 48
#define POLICY_KEY_BYTES 32
#define POLICY_HOUSE_DAYS_MAX 90 /* the statement: "within 90 days" */
#define POLICY_REPLY_DAYS_MIN 7  /* the protocol: repeated ids */

/* Bit i stands for fields[i] of the category it is used with. */
typedef uint32_t field_mask_t;
#define POLICY_ALL_FIELDS UINT32_MAX

struct policy_file {
	const char *file;   /* relative to the policy directory */
	const char *sha256; /* 64 lower-case hex digits */
	const char *version;
	const char *source;
	const char *date; /* YYYY-MM-DD */
};

/* A span of time as laws write it. */
enum policy_unit { TERM_NONE, TERM_DAYS, TERM_WORKING_DAYS, TERM_MONTHS };

struct policy_term {
	enum policy_unit unit;
	int n;
};

/* A date at which somebody is told that a request is getting old. */
struct policy_alarm {
	const char *name;         /* "day-25" */
	struct policy_term after; /* receipt */
};

struct policy_house {
	const char *controller;
	const char *clause;
	const char *time_zone; /* IANA name; "today" is this zone's */
	const struct zone *zone;
	const char *holidays; /* for alarms in working days */
	const struct calendar *calendar;
	const char *log_origin;
	struct duration period; /* to answer: days only, at most 90 */
	int64_t period_ms;
	int64_t cool_off_ms;     /* between verification and erasure */
	int erasures_per_day;    /* begun at most; 0: no brake */
	int64_t verification_ms; /* then a request not verified expires */
	int64_t code_ms;         /* lifetime of a verification code */
	int code_tries;
	int64_t batch_window_ms; /* erasures are gathered this long */
	int64_t checkpoint_ms;   /* a checkpoint at least so often ... */
	int checkpoint_leaves;   /* ... or after so many leaves */
	int64_t bundle_ms;       /* an access bundle can be fetched so long */
	int64_t invite_ms; /* an invitation, and "a friend is invited once" */
	int64_t reopen_ms; /* a closed account can come back so long */
	int64_t reply_ms;  /* first answers are kept for repeated ids */
	struct duration request_retention; /* of a request's own record */
	struct duration notice_retention;  /* after acknowledgement */
	const struct policy_alarm *alarms;
	size_t n_alarms;
	bool alarm_at_cut_offs; /* confirmation, extension notice, due */
	/* The fields above that the statement is silent about. */
	const char *const *house_decisions;
	size_t n_house_decisions;
};

enum policy_field_type {
	PFIELD_TEXT,
	PFIELD_EMAIL,
	PFIELD_PHONE,
	PFIELD_ADDRESS, /* {street, city, region?, postal_code, country} */
	PFIELD_CARD_NUMBER,
	PFIELD_CARD_EXPIRY, /* YYYY-MM */
	PFIELD_INTEGER,
	PFIELD_BOOLEAN,
	PFIELD_DATE,
	PFIELD_TIME, /* RFC 3339 */
	PFIELD_URL,
	PFIELD_LANGUAGE, /* BCP 47, as en-GB */
	PFIELD_COUNTRY
};

enum policy_index { INDEX_NONE, INDEX_EMAIL, INDEX_PHONE };

struct policy_field {
	const char *name;
	enum policy_field_type type;
	bool required;
	bool free_text; /* searched for card numbers */
	enum policy_index indexed;
	uint32_t max_bytes; /* of the UTF-8 text, of the whole address */
	int64_t min, max;   /* PFIELD_INTEGER */
	const char *fideslang;
};

enum policy_slot {
	SLOT_CLASS_PROFILE,
	SLOT_CLASS_ACTIVITY,
	SLOT_CLASS_BILLING
};

/* What the period of a category is counted from. */
enum policy_from {
	FROM_COLLECTED,  /* the day a record is written */
	FROM_ACCOUNT_END /* the day the account is closed; no day until then */
};

struct policy_retention {
	struct duration period; /* days or months, at least one day */
	enum policy_from from;
	bool house_decision;  /* the statement names no period */
	bool until_adulthood; /* goes earlier, when the minor is an adult */
	const char *clause;
};

struct policy_category {
	const char *name;
	uint8_t id; /* 1 to 255, stored; never used again for another */
	const char *title;
	const char *fideslang;
	const char *clause; /* of the statement */
	const char *basis;
	enum policy_slot slot;
	bool many; /* false: one record a person, written over as versions */
	const struct policy_field *fields;
	size_t n_fields;
	struct policy_retention retention;
	/* A delete request leaves it until its own end, on this ground. NULL:
	 * it goes on request. */
	const char *kept_on_request;
};

/* Some fields of one category. */
struct policy_access {
	const struct policy_category *category;
	field_mask_t fields;
	bool needs_ticket; /* the customer's own support ticket */
};

struct policy_purpose {
	const char *name;
	const char *clause;
	const char *basis;
	unsigned roles;     /* who may read for it */
	bool whole_card;    /* card numbers come out whole */
	bool needs_consent; /* consent.set for this purpose must stand */
	bool may_object;    /* consent.set, not granted, ends it */
	const struct policy_access *access;
	size_t n_access;
};

enum policy_kind {
	KIND_PROCESSOR,
	KIND_PARTNER,
	KIND_AUTHORITY,
	KIND_HARMED_PARTY,
	KIND_PUBLIC
};

#define DATE_OPEN INT32_MAX /* contract_until: no end agreed */

struct policy_recipient {
	const char *name;
	uint16_t id; /* stored and in leaves; never used again */
	const char *title;
	enum policy_kind kind;
	const char *clause;
	const struct policy_purpose *const *purposes; /* none of a partner */
	size_t n_purposes;
	bool sole_purpose; /* may use it for that one purpose only */
	const char *offer; /* KIND_PARTNER: NAME of "offer:NAME" */
	const struct policy_access *access;
	size_t n_access;
	const char *const *countries; /* where it works */
	size_t n_countries;
	date_t contract_from;
	date_t contract_until; /* last day, or DATE_OPEN */
	bool has_key;
	uint8_t key[POLICY_KEY_BYTES]; /* X25519 */
};

enum policy_request_type {
	REQUEST_TYPE_ACCESS,
	REQUEST_TYPE_CHANGE,
	REQUEST_TYPE_DELETE
};
#define REQUEST_TYPE_COUNT 3

/* Where a regime applies: a country ("DE") or a region ("US-CA"). */
struct policy_place {
	const char *place;
	const char *time_zone; /* the regime's own where none is given */
	const struct zone *zone;
	const char *holidays; /* likewise */
	const struct calendar *calendar;
};

struct policy_regime {
	const char *name;
	const char *title;
	const char *source;
	const char *date; /* when the source was read */
	const char *note; /* NULL or what the reader should know */
	bool unverified;  /* from memory: explanations say so */
	unsigned types;   /* bit 1 << enum policy_request_type */
	date_t in_force;  /* requests received before are not under it */
	struct policy_term confirm;
	const char *confirm_clause;
	struct policy_term answer;
	const char *answer_clause;
	struct policy_term extended; /* in total, from receipt; NONE: never */
	const char *extended_clause;
	struct policy_term extension_notice; /* from receipt */
	/* Of an appeal against a denial, from its receipt; NONE: no word. */
	struct policy_term appeal;
	struct policy_term appeal_extended; /* in total; NONE */
	const char *appeal_clause;
	bool next_working_day; /* a last day on a free day moves on */
	bool pause;
	date_t pause_in_force;
	const char *pause_clause;
	const char *const *extension_reasons;
	size_t n_extension_reasons;
	const char *const *denial_reasons;
	size_t n_denial_reasons;
	const char *time_zone;
	const struct zone *zone;
	const char *holidays;
	const struct calendar *calendar;
	const struct policy_place *places;
	size_t n_places;
};

struct policy_own_consent {
	const char *country;
	int age;
	date_t from; /* this age holds from that day on */
	bool unverified;
};

struct policy_ages {
	int minimum; /* below it nobody registers */
	int adult;
	int own_consent_default;
	const char *clause;
	const struct policy_own_consent *own_consent;
	size_t n_own_consent;
};

struct policy {
	const struct policy_file *files;
	size_t n_files;
	const char *sha256; /* over all files: one hash for the log */
	struct policy_house house;
	const struct policy_category *categories;
	size_t n_categories;
	const struct policy_purpose *purposes;
	size_t n_purposes;
	const struct policy_recipient *recipients;
	size_t n_recipients;
	const struct policy_regime *regimes;
	size_t n_regimes;
	struct policy_ages ages;
};

/* What is wrong with a set of files, all of it at once. Line and column count
 * from 1; line 0: the file as a whole. Texts say what would be right; they do
 * hold values from the file. */
#define POLICY_FAULTS_MAX 200
#define POLICY_FAULT_TEXT_BYTES 256

struct policy_fault {
	char file[128];
	unsigned line;
	unsigned column;
	char text[POLICY_FAULT_TEXT_BYTES];
};

struct policy_faults {
	struct policy_fault items[POLICY_FAULTS_MAX];
	size_t n;
	size_t dropped; /* faults beyond the maximum */
};

/* Reads DIR/{house,categories,purposes,recipients,ages}.yaml and
 * DIR/regimes/NAME.yaml, checks them across files, and makes a policy with one
 * reference. ERR_CONFIG with at least one fault (the first also as err text),
 * ERR_IO, ERR_NOMEM. `faults` is cleared first. */
int policy_load(const char *dir, const struct policy **out_policy,
		struct policy_faults *faults) MUST_CHECK;

/* Whether a policy may follow another one in force: ERR_CONFIG with faults (of
 * files as a whole) where a stored id would change its meaning, a category
 * with records would vanish or change its slot or the type of a field, or the
 * log its name. `faults` is cleared first. */
int policy_succeeds(const struct policy *old, const struct policy *fresh,
		    struct policy_faults *faults) MUST_CHECK;

/* "FILE:LINE:COLUMN: TEXT", for people. Returns `out`. */
char *policy_fault_print(const struct policy_fault *fault, char *out,
			 size_t out_bytes);

/* One more reference; policy_free gives one back. NULL is fine. */
const struct policy *policy_ref(const struct policy *p);
void policy_free(const struct policy *p);

/* By name or stored id; NULL when there is none. */
const struct policy_category *policy_category(const struct policy *p,
					      const char *name);
const struct policy_category *policy_category_by_id(const struct policy *p,
						    uint8_t id);
const struct policy_purpose *policy_purpose(const struct policy *p,
					    const char *name);
const struct policy_recipient *policy_recipient(const struct policy *p,
						const char *name);
const struct policy_recipient *policy_recipient_by_id(const struct policy *p,
						      uint16_t id);
const struct policy_regime *policy_regime(const struct policy *p,
					  const char *name);

/* The partner of an offer, by the offer's name; NULL. */
const struct policy_recipient *policy_partner(const struct policy *p,
					      const char *offer);

/* The place of a field in its category, -1 when it has none by that name. */
int policy_field_index(const struct policy_category *c, const char *name);

/* All fields that the category has. */
static inline field_mask_t
policy_field_mask(const struct policy_category *c)
{
	return c->n_fields >= POLICY_FIELDS_MAX
		       ? POLICY_ALL_FIELDS
		       : ((field_mask_t)1 << c->n_fields) - 1;
}

/* The words of the enums above, as the files and replies have them. */
const char *policy_field_type_name(enum policy_field_type type);
const char *policy_slot_name(enum policy_slot slot);
const char *policy_from_name(enum policy_from from);
const char *policy_kind_name(enum policy_kind kind);
const char *policy_request_type_name(enum policy_request_type type);
/* "P1M", "P45D", "10 working days", "none". Returns `out`. */
char *policy_term_print(struct policy_term term, char out[32]);

/* The answer of policy.show: {files, house, ages, categories, purposes,
 * recipients, regimes}; texts borrowed from the policy. ERR_NOMEM. */
int policy_show(const struct policy *p, struct arena *a,
		struct value *out) MUST_CHECK;

#endif

#ifndef SHARING_SHARE_H
#define SHARING_SHARE_H

#include "call/call.h"
#include "vault/subject.h"

/*
 * What was handed out to whom: one row a share, which dies with the person,
 * and one that tells the recipient's side of it and stays.
 *
 *	TABLE_SHARE: share id 16 -> base slot 8 || slot 8 || recipient 2 ||
 *		at 8 || sealed {subject, recipient, purpose, fields, ...}
 *	TABLE_SHARE_BY: recipient 2 || at 8 || share id 16 ->
 *		declared 1 || category 1 ...
 *	TABLE_OF_SUBJECT: OF_SUBJECT_SHARE
 *
 * The sealed part lies under BILLING when anything of that slot was shared,
 * else under ACTIVITY. TABLE_SHARE_BY holds nothing of the person: after an
 * erasure the recipient can still be told, by the share's id, what must go
 * (GDPR Art. 19), until the record of the request itself is gone.
 */
#define SHARE_CATEGORIES_MAX 16
#define SHARE_FIELDS_MAX 128
#define SHARE_REFERENCE_BYTES_MAX 500

/* Stored: never renumber. */
enum share_basis_kind {
	BASIS_COURT_ORDER = 0,
	BASIS_LEGAL_PROCESS = 1,
	BASIS_LAW = 2,
	BASIS_RIGHTS_DEFENCE = 3,
	BASIS_HARMED_PARTY = 4
};
extern const char *const share_basis_names[]; /* NULL-terminated */

/* Why an authority or a harmed party may have it. */
struct share_basis {
	int kind; /* enum share_basis_kind */
	const char *reference;
	const char *name; /* of the authority or party; NULL */
};

struct share {
	struct id id;
	slot_t base; /* of the person */
	slot_t slot; /* which seals it */
	struct id subject;
	uint16_t recipient_id;
	const char *recipient; /* its name then */
	const char *purpose;
	const char *const *fields; /* "category.field" */
	size_t n_fields;
	uint8_t categories[SHARE_CATEGORIES_MAX];
	size_t n_categories;
	int64_t at_ms;
	int64_t recorded_at_ms;
	bool is_declared; /* it had happened before, elsewhere */
	bool is_sealed;   /* handed out under the recipient's key */
	const char *country;
	bool has_basis;
	struct share_basis basis;
	const char *by; /* the principal's name */
	/* Erased: only id, recipient_id, at_ms, is_declared, categories. */
	bool is_gone;
};

/* Writes the rows; `id` and `slot` are the caller's to set. */
int share_save(struct call *c, const struct share *s) MUST_CHECK;

/* In the arena. ERR_NOT_FOUND: no row; one whose key is destroyed comes back
 * with is_gone. */
int share_load(struct call *c, struct id id, struct share *out) MUST_CHECK;

/* For an erasure, once the keys are dead: takes the person's side away, at
 * most `max` shares (three writes each); *out_more: call again. What
 * TABLE_SHARE_BY knows stays for the policy's request_retention. */
int share_forget(struct call *c, slot_t base, size_t max,
		 bool *out_more) MUST_CHECK;

/* The names of a share's categories, in the arena: those that the policy
 * still has. */
int share_category_names(struct call *c, const struct share *s,
			 const char *const **out, size_t *out_n) MUST_CHECK;

/* A row of TABLE_SHARE_BY, as a range gives it, into id, recipient_id, at_ms,
 * is_declared and categories. ERR_CORRUPT. */
int share_by_parse(struct bytes key, struct bytes value,
		   struct share *out) MUST_CHECK;

#endif

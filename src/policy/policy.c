/*
 * A loaded policy as a thing to hold and to look names up in. How it comes to
 * be is load.c's, what follows from it decide.c's and deadline.c's.
 */
#include "policy/policy.h"

#include <stdio.h>
#include <string.h>

#include "policy/private.h"

static struct policy_box *
box_of(const struct policy *p)
{
	/* Only the count is written through this pointer, and every policy
	 * lies in a box that is not const. */
	union {
		const struct policy *policy;
		struct policy_box *box;
	} at = {.policy = p};

	return at.box;
}

const struct policy *
policy_ref(const struct policy *p)
{
	atomic_fetch_add_explicit(&box_of(p)->references, 1,
				  memory_order_relaxed);
	return p;
}

void
policy_free(const struct policy *p)
{
	struct policy_box *box;

	if (p == NULL) {
		return;
	}
	box = box_of(p);
	if (atomic_fetch_sub_explicit(&box->references, 1,
				      memory_order_acq_rel) == 1) {
		arena_free(box->arena);
	}
}

/* The lists are short, and their names in no order of ours. */
#define FIND(list, n, name)                                                    \
	do {                                                                   \
		for (size_t i_ = 0; i_ < (n); i_++) {                          \
			if (strcmp((list)[i_].name, (name)) == 0) {            \
				return &(list)[i_];                            \
			}                                                      \
		}                                                              \
		return NULL;                                                   \
	} while (0)

const struct policy_category *
policy_category(const struct policy *p, const char *name)
{
	FIND(p->categories, p->n_categories, name);
}

const struct policy_purpose *
policy_purpose(const struct policy *p, const char *name)
{
	FIND(p->purposes, p->n_purposes, name);
}

const struct policy_recipient *
policy_recipient(const struct policy *p, const char *name)
{
	FIND(p->recipients, p->n_recipients, name);
}

const struct policy_regime *
policy_regime(const struct policy *p, const char *name)
{
	FIND(p->regimes, p->n_regimes, name);
}

const struct policy_category *
policy_category_by_id(const struct policy *p, uint8_t id)
{
	for (size_t i = 0; i < p->n_categories; i++) {
		if (p->categories[i].id == id) {
			return &p->categories[i];
		}
	}
	return NULL;
}

const struct policy_recipient *
policy_recipient_by_id(const struct policy *p, uint16_t id)
{
	for (size_t i = 0; i < p->n_recipients; i++) {
		if (p->recipients[i].id == id) {
			return &p->recipients[i];
		}
	}
	return NULL;
}

const struct policy_recipient *
policy_partner(const struct policy *p, const char *offer)
{
	for (size_t i = 0; i < p->n_recipients; i++) {
		const struct policy_recipient *r = &p->recipients[i];

		if (r->offer != NULL && strcmp(r->offer, offer) == 0) {
			return r;
		}
	}
	return NULL;
}

int
policy_field_index(const struct policy_category *c, const char *name)
{
	for (size_t i = 0; i < c->n_fields; i++) {
		if (strcmp(c->fields[i].name, name) == 0) {
			return (int)i;
		}
	}
	return -1;
}

const char *
policy_field_type_name(enum policy_field_type type)
{
	static const char *const names[] = {
		[PFIELD_TEXT] = "text",
		[PFIELD_EMAIL] = "email",
		[PFIELD_PHONE] = "phone",
		[PFIELD_ADDRESS] = "address",
		[PFIELD_CARD_NUMBER] = "card_number",
		[PFIELD_CARD_EXPIRY] = "card_expiry",
		[PFIELD_INTEGER] = "integer",
		[PFIELD_BOOLEAN] = "boolean",
		[PFIELD_DATE] = "date",
		[PFIELD_TIME] = "time",
		[PFIELD_URL] = "url",
		[PFIELD_LANGUAGE] = "language",
		[PFIELD_COUNTRY] = "country",
	};

	return names[type];
}

const char *
policy_slot_name(enum policy_slot slot)
{
	static const char *const names[] = {
		[SLOT_CLASS_PROFILE] = "profile",
		[SLOT_CLASS_ACTIVITY] = "activity",
		[SLOT_CLASS_BILLING] = "billing",
	};

	return names[slot];
}

const char *
policy_from_name(enum policy_from from)
{
	return from == FROM_COLLECTED ? "collected" : "account_end";
}

const char *
policy_kind_name(enum policy_kind kind)
{
	static const char *const names[] = {
		[KIND_PROCESSOR] = "processor",
		[KIND_PARTNER] = "partner",
		[KIND_AUTHORITY] = "authority",
		[KIND_HARMED_PARTY] = "harmed_party",
		[KIND_PUBLIC] = "public",
	};

	return names[kind];
}

const char *
policy_request_type_name(enum policy_request_type type)
{
	static const char *const names[] = {
		[REQUEST_TYPE_ACCESS] = "access",
		[REQUEST_TYPE_CHANGE] = "change",
		[REQUEST_TYPE_DELETE] = "delete",
	};

	return names[type];
}

char *
policy_term_print(struct policy_term term, char out[32])
{
	switch (term.unit) {
	case TERM_NONE:
		(void)snprintf(out, 32, "none");
		break;
	case TERM_DAYS:
		(void)snprintf(out, 32, "P%dD", term.n);
		break;
	case TERM_WORKING_DAYS:
		(void)snprintf(out, 32, "%d working days", term.n);
		break;
	case TERM_MONTHS:
		(void)snprintf(out, 32, "P%dM", term.n);
		break;
	}
	return out;
}

char *
policy_fault_print(const struct policy_fault *fault, char *out,
		   size_t out_bytes)
{
	if (fault->line == 0) {
		(void)snprintf(out, out_bytes, "%s: %s", fault->file,
			       fault->text);
	} else {
		(void)snprintf(out, out_bytes, "%s:%u:%u: %s", fault->file,
			       fault->line, fault->column, fault->text);
	}
	return out;
}

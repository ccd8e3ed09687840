/*
 * Handing out: exactly the fields that were asked for, sealed to the recipient
 * where the policy has a key, with the rows, counts and leaves that tell of it.
 */
#include "sharing/record.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "registration/parts.h"
#include "registration/read.h"
#include "sharing/count.h"
#include "sharing/plan.h"
#include "wire/schema.h"

#define HANDED_OUT_BYTES_MAX ((size_t)640 * 1024) /* before base64 */
#define PURPOSE_BYTES_MAX (POLICY_NAME_BYTES_MAX + 8)

static const struct field basis_fields[] = {
	F_ENUM(struct share_basis, kind, 0, share_basis_names,
	       "on what ground"),
	F_PROSE(struct share_basis, reference, 0, SHARE_REFERENCE_BYTES_MAX,
		"file number, law, claim"),
	F_PROSE(struct share_basis, name, FIELD_OPTIONAL, NAME_BYTES_MAX,
		"of the authority or party"),
};
static const struct field share_record_in_fields[] = {
	F_MUST(struct share_record_in, subject, FIELD_ID, "the customer"),
	F_WORD(struct share_record_in, recipient, 0, POLICY_NAME_BYTES_MAX,
	       "a recipient of the policy"),
	F_WORD(struct share_record_in, purpose, 0, PURPOSE_BYTES_MAX,
	       "a purpose of that recipient; of a partner offer:NAME"),
	F_LIST_FILLED_OF(struct share_record_in, categories, FIELD_TEXT,
			 SHARE_CATEGORIES_MAX, "of what"),
	F_LIST_FILLED_OF(struct share_record_in, fields, FIELD_TEXT,
			 SHARE_FIELDS_MAX,
			 "which fields; category.field where two have it"),
	F_MAY_HAS(struct share_record_in, at, FIELD_TIME,
		  "in the past: declared, nothing is handed out"),
	F_MAY(struct share_record_in, country, FIELD_COUNTRY,
	      "where to; else where the recipient works"),
	F_OBJECT_HAS(struct share_record_in, basis, basis_fields,
		     "for authorities and harmed parties"),
};
const struct field_table share_record_in_table =
	FIELD_TABLE(struct share_record_in, share_record_in_fields);

static const struct field share_record_out_fields[] = {
	F_MUST(struct share_record_out, share, FIELD_ID, "the share"),
	F_MUST(struct share_record_out, data, FIELD_VALUE,
	       "{category: {field: value}}, or {sealed}: crypto_box_seal of "
	       "the same JSON, base64"),
};
const struct field_table share_record_out_table =
	FIELD_TABLE(struct share_record_out, share_record_out_fields);

static const char *
country_of(const struct share_record_in *in, const struct share_plan *p)
{
	if (in->country != NULL) {
		return in->country;
	}
	return p->recipient != NULL && p->recipient->n_countries > 0
		       ? p->recipient->countries[0]
		       : NULL;
}

static int
count_add(struct call *c, const struct share_record_in *in,
	  const struct share_plan *p, size_t at, enum share_outcome outcome)
{
	struct share_count n = {
		.day = outcome == SHARE_OUTCOME_REFUSED ? c->today : p->day,
		.outcome = outcome,
		.recipient = p->recipient == NULL ? 0 : p->recipient->id,
		.category = p->items[at].category->id,
		.n = 1};
	const char *country = country_of(in, p);
	const char *offer =
		p->recipient != NULL && p->recipient->kind == KIND_PARTNER
			? p->recipient->offer
			: NULL;

	if (country != NULL) {
		memcpy(n.country, country, 2);
	}
	/* Labels are the policy's words, never a caller's. */
	if (offer != NULL) {
		(void)snprintf(n.purpose, sizeof(n.purpose), "offer:%s", offer);
	} else if (policy_purpose(c->policy, in->purpose) != NULL) {
		(void)snprintf(n.purpose, sizeof(n.purpose), "%s", in->purpose);
	}
	return share_count_add(c, &n);
}

/* The leaf of a refusal is written whatever becomes of the call. */
static int
refuse(struct call *c, const struct share_record_in *in,
       const struct share_plan *p, enum share_refusal why, size_t at)
{
	struct call_leaf leaf = {
		.type = LEAF_DISCLOSE_REFUSED,
		.outcome = ERR_NOT_PERMITTED,
		.category = p->items[at].category->id,
		.recipient = p->recipient == NULL ? 0 : p->recipient->id,
		.log_slot = c->log_slot,
		.details = value_object()};
	int rc = part_add_text(&leaf.details, c->arena, "reason",
			       share_refusal_name(why));

	if (rc == 0) {
		rc = part_add_text(&leaf.details, c->arena, "recipient",
				   in->recipient);
	}
	if (rc == 0) {
		rc = part_add_text(&leaf.details, c->arena, "purpose",
				   in->purpose);
	}
	if (rc == 0) {
		rc = call_leaf_always(c, leaf);
	}
	if (rc == 0) {
		rc = count_add(c, in, p, at, SHARE_OUTCOME_REFUSED);
	}
	if (rc != 0) {
		return rc;
	}
	(void)err_set(ERR_NOT_PERMITTED, "%s", share_refusal_text(why));
	err_extra_text("reason", share_refusal_name(why));
	return ERR_NOT_PERMITTED;
}

/* While a restored store lacks what partners were told, they get nothing. */
static int
gap_check(struct call *c, const struct share_plan *p)
{
	bool gap = false;
	int rc = p->recipient != NULL && p->recipient->kind == KIND_PARTNER
			 ? txn_has(c->txn, TABLE_SYSTEM,
				   bytes_str("restore.gap"), &gap)
			 : 0;

	if (rc == 0 && gap) {
		(void)err_set(ERR_STATE, "nothing goes to partners until the "
					 "gap is acknowledged");
		err_extra_text("state", "restored_with_gap");
		return ERR_STATE;
	}
	return rc;
}

static int
data_make(struct call *c, const struct share_plan *p, struct value *out)
{
	const struct policy_purpose *purpose =
		policy_purpose(c->policy, p->purpose);
	bool whole_card = purpose != NULL && purpose->whole_card;
	struct value data = value_object();
	int rc = 0;

	for (size_t i = 0; i < p->n && rc == 0; i++) {
		const struct share_item *item = &p->items[i];
		struct value shown = value_object();

		if (item->record == NULL) {
			return err_field(ERR_NOT_FOUND, "categories",
					 "nothing is held of a category");
		}
		rc = read_fields(item->category, item->fields, whole_card,
				 &item->record->data, c->arena, &shown);
		if (rc == 0) {
			rc = value_add(&data, c->arena, item->category->name,
				       shown);
		}
	}
	if (rc == 0) {
		*out = data;
	}
	return rc;
}

/* libsodium's sealed box: an ephemeral X25519 key, XSalsa20-Poly1305. */
static int
data_seal(struct call *c, const struct policy_recipient *r, struct value *data)
{
	struct value sealed = value_object();
	struct buf plain;
	uint8_t *box;
	char *text = NULL;
	int rc;

	buf_init(&plain, HANDED_OUT_BYTES_MAX);
	rc = schema_value_encode(data, 0, &plain);
	if (rc == ERR_TOO_LARGE) {
		rc = err_set(ERR_TOO_LARGE, "more than one answer holds");
	}
	if (rc != 0 || !r->has_key) {
		buf_clear(&plain);
		return rc;
	}
	box = arena_alloc(c->arena, plain.len + crypto_box_SEALBYTES);
	if (box == NULL) {
		rc = ERR_NOMEM;
	} else if (crypto_box_seal(box, plain.data, plain.len, r->key) != 0) {
		rc = err_set(ERR_CONFIG, "a recipient's key is no key");
	} else {
		text = base64_encode(
			bytes_of(box, plain.len + crypto_box_SEALBYTES),
			c->arena);
		rc = text == NULL ? ERR_NOMEM : 0;
	}
	buf_clear(&plain);
	if (rc == 0) {
		rc = value_add(&sealed, c->arena, "sealed", value_text(text));
	}
	if (rc == 0) {
		*data = sealed;
	}
	return rc;
}

/* "category.field" of everything asked for; of what is handed out, those that
 * are held. */
static int
fields_name(struct call *c, const struct share_plan *p, struct share *s)
{
	/* No more than were named in the call. */
	const char **names =
		arena_array(c->arena, SHARE_FIELDS_MAX, sizeof(*names));

	if (names == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < p->n; i++) {
		const struct share_item *item = &p->items[i];

		s->categories[s->n_categories++] = item->category->id;
		for (size_t f = 0; f < item->category->n_fields; f++) {
			const char *name = item->category->fields[f].name;

			if ((item->fields >> f & 1u) == 0 ||
			    (!p->is_declared &&
			     value_get(&item->record->data, name) == NULL)) {
				continue;
			}
			names[s->n_fields] = arena_printf(
				c->arena, "%s.%s", item->category->name, name);
			if (names[s->n_fields++] == NULL) {
				return ERR_NOMEM;
			}
		}
	}
	s->fields = names;
	return 0;
}

static slot_t
slot_of(const struct subject *s, const struct share_plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->items[i].category->slot == SLOT_CLASS_BILLING) {
			return s->base + SLOT_BILLING;
		}
	}
	return s->base + SLOT_ACTIVITY;
}

static int
leaf_details(struct call *c, const struct share *s, struct value *out)
{
	struct value d = value_object();
	struct value fields = value_list();
	char id[ID_TEXT_BYTES];
	char *text =
		arena_text(c->arena, id_print(s->id, id), ID_TEXT_BYTES - 1);
	int rc = text == NULL ? ERR_NOMEM
			      : part_add_text(&d, c->arena, "share", text);

	if (rc == 0) {
		rc = part_add_text(&d, c->arena, "purpose", s->purpose);
	}
	if (rc == 0) {
		rc = part_add_text(&d, c->arena, "country", s->country);
	}
	if (rc == 0) {
		rc = part_add_time(&d, c->arena, "at", s->at_ms);
	}
	if (rc == 0 && s->has_basis) {
		rc = part_add_text(&d, c->arena, "basis",
				   share_basis_names[s->basis.kind]);
	}
	for (size_t i = 0; i < s->n_fields && rc == 0; i++) {
		rc = value_push(&fields, c->arena, value_text(s->fields[i]));
	}
	if (rc == 0) {
		rc = value_add(&d, c->arena, "fields", fields);
	}
	if (rc == 0) {
		*out = d;
	}
	return rc;
}

/* A leaf and a count for each category. */
static int
tell(struct call *c, const struct share_record_in *in,
     const struct share_plan *p, const struct share *s)
{
	enum share_outcome outcome =
		s->is_declared ? SHARE_OUTCOME_DECLARED : SHARE_OUTCOME_GIVEN;
	struct call_leaf leaf = {.type = s->is_declared ? LEAF_DISCLOSE_DECLARED
							: LEAF_DISCLOSE,
				 .recipient = s->recipient_id,
				 .log_slot = c->log_slot};
	int rc = leaf_details(c, s, &leaf.details);

	for (size_t i = 0; i < p->n && rc == 0; i++) {
		leaf.category = p->items[i].category->id;
		rc = call_leaf(c, leaf);
		if (rc == 0) {
			rc = count_add(c, in, p, i, outcome);
		}
	}
	return rc;
}

static int
give(struct call *c, const struct share_record_in *in, const struct subject *s,
     const struct share_plan *p, struct share_record_out *out)
{
	struct share share = {.id = call_new_id(c),
			      .base = s->base,
			      .slot = slot_of(s, p),
			      .subject = s->id,
			      .recipient_id = p->recipient->id,
			      .recipient = p->recipient->name,
			      .purpose = in->purpose,
			      .at_ms = p->is_declared ? in->at : c->now_ms,
			      .recorded_at_ms = c->now_ms,
			      .is_declared = p->is_declared,
			      .is_sealed =
				      p->recipient->has_key && !p->is_declared,
			      .country = country_of(in, p),
			      .has_basis = in->has_basis,
			      .basis = in->basis,
			      .by = c->caller.name};
	struct value data = value_object();
	int rc = 0;

	if (!p->is_declared) {
		rc = data_make(c, p, &data);
		if (rc == 0) {
			rc = data_seal(c, p->recipient, &data);
		}
	}
	if (rc == 0) {
		rc = fields_name(c, p, &share);
	}
	if (rc == 0) {
		rc = share_save(c, &share);
	}
	if (rc == 0) {
		rc = tell(c, in, p, &share);
	}
	if (rc == 0) {
		/* The stored answer holds what the share holds. */
		c->reply_slot = share.slot;
		out->share = share.id;
		out->data = data;
	}
	return rc;
}

int
share_record(struct call *c, const void *input, void *output)
{
	const struct share_record_in *in = input;
	struct share_plan p = {
		.recipient = policy_recipient(c->policy, in->recipient),
		.purpose = in->purpose,
		.is_declared = in->has_at && in->at < c->now_ms,
		.declared_at_ms = in->at,
		.has_basis = in->has_basis,
		.basis_kind = in->basis.kind};
	struct vault v = call_vault(c);
	enum share_refusal why;
	struct subject *s;
	size_t at;
	int rc = subject_load(&v, in->subject, &s);

	if (rc != 0) {
		return rc;
	}
	call_about(c, s->base);
	p.day = p.is_declared ? decide_today(c->policy, in->at) : c->today;
	rc = plan_resolve(c, in->categories, in->n_categories, in->fields,
			  in->n_fields, &p);
	if (rc == 0) {
		rc = gap_check(c, &p);
	}
	if (rc == 0) {
		rc = plan_decide(c, s, &p, &why, &at);
	}
	if (rc == 0 && why != SHARE_ALLOWED) {
		return refuse(c, in, &p, why, at);
	}
	return rc != 0 ? rc : give(c, in, s, &p, output);
}

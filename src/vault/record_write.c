/*
 * A new record or a new version of one: checked against the policy, sealed
 * under its slot and day, and found again through the index by what the policy
 * marks as indexed.
 */
#include "vault/record.h"

#include <string.h>

#include "vault/hold_mark.h"
#include "vault/index.h"
#include "vault/normalise.h"
#include "vault/record_row.h"

/* The normal form of an indexed member, NULL when `data` lacks it. */
static int
indexed_value(struct vault *v, const struct policy_field *f,
	      const struct value *data, const char **out)
{
	const char *text = value_get_text(data, f->name);

	*out = NULL;
	if (text == NULL || f->indexed == INDEX_NONE) {
		return 0;
	}
	return f->indexed == INDEX_EMAIL ? normalise_email(text, v->arena, out)
					 : normalise_phone(text, v->arena, out);
}

/* `old` is NULL for a first version. Categories with many records may hold one
 * value twice, so that an old value cannot be taken out there. */
static int
index_follow(struct vault *v, struct subject *s,
	     const struct policy_category *c, const struct value *old,
	     const struct value *new)
{
	struct index_entry entry = {
		.kind = OWNER_SUBJECT, .owner = s->id, .tag = c->id};

	for (size_t i = 0; i < c->n_fields; i++) {
		const struct policy_field *f = &c->fields[i];
		enum index_kind kind = f->indexed == INDEX_EMAIL
					       ? INDEX_OF_EMAIL
					       : INDEX_OF_PHONE;
		const char *was = NULL;
		const char *is;
		uint32_t bucket;
		int rc = indexed_value(v, f, new, &is);

		if (rc == 0 && old != NULL && !c->many) {
			rc = indexed_value(v, f, old, &was);
		}
		if (rc == 0 && was != NULL && is != NULL &&
		    strcmp(was, is) == 0) {
			continue;
		}
		if (rc == 0 && was != NULL) {
			rc = index_remove(v, kind, was, &entry);
		}
		if (rc == 0 && is != NULL) {
			rc = index_add(v, kind, is, &entry, &bucket);
			if (rc == 0) {
				rc = subject_add_bucket(v, s, bucket);
			}
		}
		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

int
record_index_again(struct vault *v, struct subject *s,
		   const struct policy_category *c, const struct value *data)
{
	return index_follow(v, s, c, NULL, data);
}

/* The newest row of the record that is written to, under whichever slot; 0
 * when there is none yet. */
static int
predecessor(struct vault *v, const struct subject *s,
	    const struct record_new *in, struct record *out, struct bytes *row)
{
	bool found = false;

	if (id_is_nil(in->record) && in->category->many) {
		return 0;
	}
	for (unsigned i = 0; i < SUBJECT_PLACES; i++) {
		slot_t slot = subject_place(s, in->category, i);
		struct record r;
		struct bytes bytes;
		int rc;

		if (slot == SLOT_NONE) {
			continue;
		}
		rc = record_newest(v, slot, in->category->id, in->record,
				   &r, &bytes);
		if (rc < 0) {
			return rc;
		}
		if (rc == 1 && (!found || r.version > out->version)) {
			*out = r;
			*row = bytes;
			found = true;
		}
	}
	if (!found && !id_is_nil(in->record)) {
		return err_field(ERR_NOT_FOUND, "record", "no such record");
	}
	return found ? 1 : 0;
}

date_t
record_due_day(const struct vault *v, const struct subject *s,
	       const struct policy_category *c, int64_t collected_at_ms)
{
	date_t due = decide_expiry(c, decide_today(v->policy, collected_at_ms),
				   s->account_end);
	date_t adult = c->retention.until_adulthood
			       ? subject_adult_on(v->policy, s)
			       : DAY_NONE;

	if (adult != DAY_NONE && (due == DAY_NONE || adult < due)) {
		due = adult;
	}
	return due != DAY_NONE && due >= KEYRING_DAY_END ? KEYRING_DAY_END - 1
							 : due;
}

/* The same of what is written now: it must lie ahead. */
static int
due_day(struct vault *v, const struct subject *s,
	const struct policy_category *c, int64_t collected_at_ms, date_t *out)
{
	date_t due = record_due_day(v, s, c, collected_at_ms);

	if (c->retention.until_adulthood &&
	    subject_standing_on(v->policy, s, v->today) != STANDING_MINOR) {
		return err_set(ERR_EXPIRED, "kept of minors only");
	}
	if (due != DAY_NONE && due <= v->today) {
		return err_set(ERR_EXPIRED,
			       "what was collected then is not kept any more");
	}
	*out = due;
	return 0;
}

/* The row that `in` makes, after `old` (version 0: none). */
static int
next_version(struct vault *v, struct subject *s, const struct record_new *in,
	     const struct record *old, struct record *out)
{
	struct record r = {.slot = subject_slot(s, in->category),
			   .category = in->category,
			   .category_id = in->category->id,
			   .version = old->version + 1,
			   .data = *in->data,
			   .collected_at_ms = in->collected_at_ms,
			   .collected_with = in->collected_with,
			   .source = in->source,
			   .by = in->by};
	bool held;
	int rc;

	r.id = old->version > 0 ? old->id : id_new(v->now_ms, v->entropy);
	if (r.collected_at_ms == 0) {
		r.collected_at_ms = v->now_ms;
	}
	rc = due_day(v, s, in->category, r.collected_at_ms, &r.due);
	if (rc == 0) {
		rc = hold_mark_has(v, s, in->category->id, &held);
	}
	if (rc == 0 && held) {
		/* A hold covers what is written while it stands. */
		rc = subject_need_held(v, s);
		r.slot = s->held;
	}
	r.day = rc == 0 && held ? DAY_NONE : r.due;
	if (rc == 0) {
		*out = r;
	}
	return rc;
}

int
record_write(struct vault *v, struct subject *s, const struct record_new *in,
	     struct record_written *out)
{
	struct record old = {0};
	struct record r;
	struct bytes old_row;
	bool had = false;
	int rc = record_check(in->category, in->data);

	if (rc == 0) {
		rc = predecessor(v, s, in, &old, &old_row);
		had = rc == 1;
		rc = rc < 0 ? rc : 0;
	}
	if (rc == 0) {
		rc = next_version(v, s, in, &old, &r);
	}
	if (rc == 0) {
		rc = record_put(v, &r);
		if (rc == ERR_TOO_LARGE) {
			return err_field(ERR_TOO_LARGE, "data",
					 "longer than %d bytes",
					 RECORD_DATA_BYTES_MAX);
		}
	}
	if (rc != 0) {
		return rc;
	}
	if (had) {
		rc = record_open(v, old_row, &old);
		/* Of a dead day: nobody can say what it held. */
		had = rc == 0;
		rc = rc == ERR_EXPIRED ? 0 : rc;
	}
	if (rc == 0) {
		rc = index_follow(v, s, in->category, had ? &old.data : NULL,
				  &r.data);
	}
	if (rc == 0) {
		*out = (struct record_written){
			.record = r.id,
			.version = r.version,
			.due = r.due,
			.expires_at_ms = r.due == DAY_NONE
						 ? 0
						 : decide_day_begin_ms(
							   v->policy, r.due)};
	}
	return rc;
}

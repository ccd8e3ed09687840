/* Blocking, closing, opening again, new terms. The days of records that count
 * from the end of the account are account_days.c's. */
#include "registration/account.h"

#include "registration/account_days.h"
#include "registration/count.h"
#include "registration/parts.h"
#include "vault/record.h"

static const struct field block_fields[] = {
	F_MUST(struct account_in, subject, FIELD_ID, "the customer"),
	F_PROSE(struct account_in, reason, 0, REASON_BYTES_MAX, "why"),
};
const struct field_table subject_block_in_table =
	FIELD_TABLE(struct account_in, block_fields);
const struct field_table subject_close_in_table =
	FIELD_TABLE(struct account_in, block_fields);

static const struct field reopen_fields[] = {
	F_MUST(struct subject_reopen_in, subject, FIELD_ID, "the customer"),
};
const struct field_table subject_reopen_in_table =
	FIELD_TABLE(struct subject_reopen_in, reopen_fields);

static const struct field terms_fields[] = {
	F_MUST(struct terms_accept_in, subject, FIELD_ID, "the customer"),
	F_WORD(struct terms_accept_in, version, 0, 64, "of the terms"),
	F_MUST(struct terms_accept_in, at, FIELD_TIME,
	       "when they were accepted"),
};
const struct field_table terms_accept_in_table =
	FIELD_TABLE(struct terms_accept_in, terms_fields);

int
account_need(const struct subject *s)
{
	if (s->standing == STANDING_PROSPECT) {
		(void)err_set(ERR_STATE, "a prospect has no account");
		err_extra_text("state", "prospect");
		return ERR_STATE;
	}
	return subject_need_whole(s);
}

static int
wrong_state(const struct subject *s, const char *text)
{
	(void)err_set(ERR_STATE, "%s", text);
	err_extra_text("state", account_state_names[s->account]);
	return ERR_STATE;
}

static int
account_load(struct call *c, struct vault *v, struct id id,
	     struct subject **out)
{
	int rc = subject_load(v, id, out);

	if (rc == 0) {
		call_about(c, (*out)->base);
		rc = account_need(*out);
	}
	return rc;
}

static int
account_leaf(struct call *c, const struct subject *s, enum leaf_type type,
	     const char *reason)
{
	struct value details = value_object();
	int rc = part_add_text(&details, c->arena, "reason", reason);

	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){.type = type,
							 .log_slot = s->base +
								     SLOT_LOG,
							 .details = details});
}

static void
account_set(struct call *c, struct subject *s, enum account_state state,
	    const char *reason)
{
	s->account = state;
	s->account_since_ms = c->now_ms;
	s->account_reason = reason;
	s->last_activity_ms = c->now_ms;
}

int
subject_block(struct call *c, const void *input, void *out)
{
	const struct account_in *in = input;
	struct vault v = call_vault(c);
	struct subject *s;
	int rc = account_load(c, &v, in->subject, &s);

	(void)out;
	if (rc == 0 && s->account != ACCOUNT_OPEN) {
		rc = wrong_state(s, "only an open account can be blocked");
	}
	if (rc != 0) {
		return rc;
	}
	account_set(c, s, ACCOUNT_BLOCKED, in->reason);
	rc = subject_save(&v, s);
	return rc != 0 ? rc : account_leaf(c, s, LEAF_BLOCK, in->reason);
}

int
subject_close(struct call *c, const void *input, void *out)
{
	const struct account_in *in = input;
	struct vault v = call_vault(c);
	struct subject *s;
	int rc = account_load(c, &v, in->subject, &s);

	(void)out;
	if (rc == 0 && s->account == ACCOUNT_CLOSED) {
		rc = wrong_state(s, "the account is closed already");
	}
	if (rc != 0) {
		return rc;
	}
	account_set(c, s, ACCOUNT_CLOSED, in->reason);
	s->account_end = c->today;
	rc = account_days_begin(c, &v, s);
	if (rc == 0) {
		rc = subject_save(&v, s);
	}
	if (rc == 0) {
		rc = registration_count_add(c, REGISTRATION_CLOSED, s->country,
					    REGISTRATION_BAND_NONE, false);
	}
	return rc != 0 ? rc : account_leaf(c, s, LEAF_CLOSE, in->reason);
}

int
subject_reopen(struct call *c, const void *input, void *out)
{
	const struct subject_reopen_in *in = input;
	struct vault v = call_vault(c);
	enum account_state was;
	struct subject *s;
	int rc = account_load(c, &v, in->subject, &s);

	(void)out;
	if (rc == 0 && s->account == ACCOUNT_OPEN) {
		rc = wrong_state(s, "the account is open");
	}
	if (rc == 0 && s->account == ACCOUNT_CLOSED &&
	    c->now_ms - s->account_since_ms > c->policy->house.reopen_ms) {
		rc = wrong_state(s, "closed too long ago");
	}
	if (rc != 0) {
		return rc;
	}
	was = s->account;
	account_set(c, s, ACCOUNT_OPEN, NULL);
	if (was == ACCOUNT_CLOSED) {
		s->account_end = DAY_NONE;
		rc = account_days_begin(c, &v, s);
	}
	if (rc == 0) {
		rc = subject_save(&v, s);
	}
	if (rc == 0 && was == ACCOUNT_CLOSED) {
		rc = registration_count_add(c, REGISTRATION_REOPENED,
					    s->country, REGISTRATION_BAND_NONE,
					    false);
	}
	return rc != 0 ? rc
		       : account_leaf(c, s,
				      was == ACCOUNT_CLOSED ? LEAF_REOPEN
							    : LEAF_UNBLOCK,
				      NULL);
}

/* The account record as it was, with other terms. */
static int
terms_record(struct call *c, struct vault *v, struct subject *s)
{
	struct record_new in = {.category =
					policy_category(c->policy, "account"),
				.source = "terms.accept",
				.by = c->caller.number};
	struct value data = value_object();
	struct record_written written;
	struct record *old;
	int rc;

	if (in.category == NULL) {
		return err_set(ERR_CONFIG,
			       "the policy has no category `account`");
	}
	rc = record_read_single(v, s, in.category, &old);
	if (rc == 0) {
		for (size_t i = 0; i < old->data.of.n && rc == 0; i++) {
			const struct member *m = &old->data.of.items[i];

			if (strcmp(m->name, "terms_version") != 0 &&
			    strcmp(m->name, "terms_accepted_at") != 0) {
				rc = value_add(&data, c->arena, m->name,
					       m->value);
			}
		}
	} else if (rc == ERR_NOT_FOUND) {
		rc = part_add_text(&data, c->arena, "country", s->country);
	}
	if (rc == 0) {
		rc = part_add_text(&data, c->arena, "terms_version",
				   s->terms_version);
	}
	if (rc == 0) {
		rc = part_add_time(&data, c->arena, "terms_accepted_at",
				   s->terms_at_ms);
	}
	in.data = &data;
	return rc != 0 ? rc : record_write(v, s, &in, &written);
}

int
terms_accept(struct call *c, const void *input, void *out)
{
	const struct terms_accept_in *in = input;
	struct vault v = call_vault(c);
	struct subject *s;
	int rc = account_load(c, &v, in->subject, &s);

	(void)out;
	if (rc != 0) {
		return rc;
	}
	s->terms_version = in->version;
	s->terms_at_ms = in->at;
	s->last_activity_ms = c->now_ms;
	rc = terms_record(c, &v, s);
	if (rc == 0) {
		rc = subject_save(&v, s);
	}
	return rc != 0 ? rc : account_leaf(c, s, LEAF_TERMS, NULL);
}

/*
 * A policy as the answer of policy.show: what is in force, in the words of its
 * files. Texts are borrowed from the policy; only printed numbers are made.
 */
#include "base/base64.h"
#include "policy/policy.h"

/* Adds members until something fails; the failure sticks. */
struct shower {
	struct arena *a;
	int rc;
};

static void
put(struct shower *s, struct value *to, const char *name, struct value v)
{
	if (s->rc == 0) {
		s->rc = value_add(to, s->a, name, v);
	}
}

static void
push(struct shower *s, struct value *to, struct value v)
{
	if (s->rc == 0) {
		s->rc = value_push(to, s->a, v);
	}
}

/* Nothing for an absent text. */
static void
put_text(struct shower *s, struct value *to, const char *name, const char *text)
{
	if (text != NULL) {
		put(s, to, name, value_text(text));
	}
}

static void
put_copy(struct shower *s, struct value *to, const char *name, const char *text)
{
	const char *copy =
		s->rc == 0 ? arena_text(s->a, text, strlen(text)) : NULL;

	if (copy == NULL) {
		s->rc = s->rc == 0 ? ERR_NOMEM : s->rc;
		return;
	}
	put(s, to, name, value_text(copy));
}

static void
put_duration(struct shower *s, struct value *to, const char *name,
	     struct duration d)
{
	char text[40];

	put_copy(s, to, name, duration_print(d, text));
}

static void
put_ms(struct shower *s, struct value *to, const char *name, int64_t ms)
{
	put_duration(s, to, name,
		     (struct duration){.days = (int32_t)(ms / MS_PER_DAY),
				       .ms = ms % MS_PER_DAY});
}

static void
put_term(struct shower *s, struct value *to, const char *name,
	 struct policy_term term)
{
	char text[32];

	if (term.unit != TERM_NONE) {
		put_copy(s, to, name, policy_term_print(term, text));
	}
}

static void
put_date(struct shower *s, struct value *to, const char *name, date_t date)
{
	char text[DATE_TEXT_BYTES];

	put_copy(s, to, name, date_print(date, text));
}

static void
put_words(struct shower *s, struct value *to, const char *name,
	  const char *const *words, size_t n)
{
	struct value list = value_list();

	for (size_t i = 0; i < n; i++) {
		push(s, &list, value_text(words[i]));
	}
	put(s, to, name, list);
}

static void
put_roles(struct shower *s, struct value *to, unsigned roles)
{
	struct value list = value_list();

	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		if ((roles & role_at(i)) != 0) {
			push(s, &list, value_text(role_name(role_at(i))));
		}
	}
	put(s, to, "roles", list);
}

static struct value
show_files(struct shower *s, const struct policy *p)
{
	struct value list = value_list();

	for (size_t i = 0; i < p->n_files; i++) {
		const struct policy_file *f = &p->files[i];
		struct value v = value_object();

		put_text(s, &v, "file", f->file);
		put_text(s, &v, "sha256", f->sha256);
		put_text(s, &v, "version", f->version);
		put_text(s, &v, "source", f->source);
		put_text(s, &v, "date", f->date);
		push(s, &list, v);
	}
	return list;
}

static struct value
show_house(struct shower *s, const struct policy_house *h)
{
	struct value v = value_object();
	struct value alarms = value_list();

	put_text(s, &v, "controller", h->controller);
	put_text(s, &v, "clause", h->clause);
	put_duration(s, &v, "period", h->period);
	put_text(s, &v, "time_zone", h->time_zone);
	put_text(s, &v, "holidays", h->holidays);
	put_text(s, &v, "log_origin", h->log_origin);
	put_ms(s, &v, "cool_off", h->cool_off_ms);
	if (h->erasures_per_day > 0) {
		put(s, &v, "erasures_per_day",
		    value_int(h->erasures_per_day));
	}
	put_ms(s, &v, "verification_expiry", h->verification_ms);
	put_ms(s, &v, "code_lifetime", h->code_ms);
	put(s, &v, "code_tries", value_int(h->code_tries));
	put_ms(s, &v, "batch_window", h->batch_window_ms);
	put_ms(s, &v, "checkpoint_interval", h->checkpoint_ms);
	put(s, &v, "checkpoint_leaves", value_int(h->checkpoint_leaves));
	put_ms(s, &v, "bundle_lifetime", h->bundle_ms);
	put_ms(s, &v, "invite_lifetime", h->invite_ms);
	put_ms(s, &v, "reopen_within", h->reopen_ms);
	put_ms(s, &v, "reply_retention", h->reply_ms);
	put_duration(s, &v, "request_retention", h->request_retention);
	put_duration(s, &v, "notice_retention", h->notice_retention);
	for (size_t i = 0; i < h->n_alarms; i++) {
		struct value a = value_object();

		put_text(s, &a, "name", h->alarms[i].name);
		put_term(s, &a, "after", h->alarms[i].after);
		push(s, &alarms, a);
	}
	put(s, &v, "alarms", alarms);
	put(s, &v, "alarm_at_cut_offs", value_bool(h->alarm_at_cut_offs));
	put_words(s, &v, "house_decisions", h->house_decisions,
		  h->n_house_decisions);
	return v;
}

static struct value
show_ages(struct shower *s, const struct policy_ages *a)
{
	struct value v = value_object();
	struct value list = value_list();

	put(s, &v, "minimum", value_int(a->minimum));
	put(s, &v, "adult", value_int(a->adult));
	put(s, &v, "own_consent_default", value_int(a->own_consent_default));
	put_text(s, &v, "clause", a->clause);
	for (size_t i = 0; i < a->n_own_consent; i++) {
		const struct policy_own_consent *o = &a->own_consent[i];
		struct value item = value_object();

		put_text(s, &item, "country", o->country);
		put(s, &item, "age", value_int(o->age));
		if (o->from != 0) {
			put_date(s, &item, "from", o->from);
		}
		if (o->unverified) {
			put(s, &item, "unverified", value_bool(true));
		}
		push(s, &list, item);
	}
	put(s, &v, "own_consent", list);
	return v;
}

static struct value
show_field(struct shower *s, const struct policy_field *f)
{
	struct value v = value_object();

	put_text(s, &v, "name", f->name);
	put_text(s, &v, "type", policy_field_type_name(f->type));
	put(s, &v, "required", value_bool(f->required));
	put(s, &v, "free_text", value_bool(f->free_text));
	if (f->indexed != INDEX_NONE) {
		put_text(s, &v, "indexed",
			 f->indexed == INDEX_EMAIL ? "email" : "phone");
	}
	if (f->type == PFIELD_INTEGER) {
		put(s, &v, "min", value_int(f->min));
		put(s, &v, "max", value_int(f->max));
	} else {
		put(s, &v, "max_bytes", value_int(f->max_bytes));
	}
	put_text(s, &v, "fideslang", f->fideslang);
	return v;
}

static struct value
show_retention(struct shower *s, const struct policy_retention *r)
{
	struct value v = value_object();

	put_duration(s, &v, "period", r->period);
	put_text(s, &v, "from", policy_from_name(r->from));
	put(s, &v, "house_decision", value_bool(r->house_decision));
	if (r->until_adulthood) {
		put(s, &v, "until_adulthood", value_bool(true));
	}
	put_text(s, &v, "clause", r->clause);
	return v;
}

static struct value
show_categories(struct shower *s, const struct policy *p)
{
	struct value list = value_list();

	for (size_t i = 0; i < p->n_categories; i++) {
		const struct policy_category *c = &p->categories[i];
		struct value v = value_object();
		struct value fields = value_list();

		put_text(s, &v, "name", c->name);
		put(s, &v, "id", value_int(c->id));
		put_text(s, &v, "title", c->title);
		put_text(s, &v, "fideslang", c->fideslang);
		put_text(s, &v, "clause", c->clause);
		put_text(s, &v, "basis", c->basis);
		put_text(s, &v, "slot", policy_slot_name(c->slot));
		put(s, &v, "many", value_bool(c->many));
		for (size_t j = 0; j < c->n_fields; j++) {
			push(s, &fields, show_field(s, &c->fields[j]));
		}
		put(s, &v, "fields", fields);
		put(s, &v, "retention", show_retention(s, &c->retention));
		put_text(s, &v, "kept_on_request", c->kept_on_request);
		push(s, &list, v);
	}
	return list;
}

static void
put_access(struct shower *s, struct value *to,
	   const struct policy_access *access, size_t n)
{
	struct value list = value_list();

	for (size_t i = 0; i < n; i++) {
		const struct policy_category *c = access[i].category;
		struct value v = value_object();
		struct value fields = value_list();

		put_text(s, &v, "category", c->name);
		for (size_t j = 0; j < c->n_fields; j++) {
			if ((access[i].fields >> j & 1u) != 0) {
				push(s, &fields, value_text(c->fields[j].name));
			}
		}
		put(s, &v, "fields", fields);
		if (access[i].needs_ticket) {
			put(s, &v, "needs_ticket", value_bool(true));
		}
		push(s, &list, v);
	}
	put(s, to, "access", list);
}

static struct value
show_purposes(struct shower *s, const struct policy *p)
{
	struct value list = value_list();

	for (size_t i = 0; i < p->n_purposes; i++) {
		const struct policy_purpose *u = &p->purposes[i];
		struct value v = value_object();

		put_text(s, &v, "name", u->name);
		put_text(s, &v, "clause", u->clause);
		put_text(s, &v, "basis", u->basis);
		put_roles(s, &v, u->roles);
		put(s, &v, "whole_card", value_bool(u->whole_card));
		put(s, &v, "needs_consent", value_bool(u->needs_consent));
		put(s, &v, "may_object", value_bool(u->may_object));
		put_access(s, &v, u->access, u->n_access);
		push(s, &list, v);
	}
	return list;
}

static void
put_key(struct shower *s, struct value *to, const struct policy_recipient *r)
{
	const char *text;

	if (r->has_key && s->rc == 0) {
		text = base64_encode(bytes_of(r->key, sizeof(r->key)), s->a);
		s->rc = text == NULL ? ERR_NOMEM : 0;
		put_text(s, to, "public_key", text);
	}
}

static struct value
show_recipients(struct shower *s, const struct policy *p)
{
	struct value list = value_list();

	for (size_t i = 0; i < p->n_recipients; i++) {
		const struct policy_recipient *r = &p->recipients[i];
		struct value v = value_object();
		struct value purposes = value_list();

		put_text(s, &v, "name", r->name);
		put(s, &v, "id", value_int(r->id));
		put_text(s, &v, "title", r->title);
		put_text(s, &v, "kind", policy_kind_name(r->kind));
		put_text(s, &v, "clause", r->clause);
		for (size_t j = 0; j < r->n_purposes; j++) {
			push(s, &purposes, value_text(r->purposes[j]->name));
		}
		put(s, &v, "purposes", purposes);
		put(s, &v, "sole_purpose", value_bool(r->sole_purpose));
		put_text(s, &v, "offer", r->offer);
		put_access(s, &v, r->access, r->n_access);
		put_words(s, &v, "countries", r->countries, r->n_countries);
		put_date(s, &v, "contract_from", r->contract_from);
		if (r->contract_until != DATE_OPEN) {
			put_date(s, &v, "contract_until", r->contract_until);
		}
		put_key(s, &v, r);
		push(s, &list, v);
	}
	return list;
}

static void
put_regime_terms(struct shower *s, struct value *to,
		 const struct policy_regime *r)
{
	struct value answer = value_object();

	if (r->confirm.unit != TERM_NONE) {
		struct value v = value_object();

		put_term(s, &v, "within", r->confirm);
		put_text(s, &v, "clause", r->confirm_clause);
		put(s, to, "confirm", v);
	}
	put_term(s, &answer, "within", r->answer);
	put_text(s, &answer, "clause", r->answer_clause);
	put(s, to, "answer", answer);
	if (r->extended.unit != TERM_NONE) {
		struct value v = value_object();

		put_term(s, &v, "until", r->extended);
		put_term(s, &v, "notice_within", r->extension_notice);
		put_words(s, &v, "reasons", r->extension_reasons,
			  r->n_extension_reasons);
		put_text(s, &v, "clause", r->extended_clause);
		put(s, to, "extension", v);
	}
	if (r->appeal.unit != TERM_NONE) {
		struct value v = value_object();

		put_term(s, &v, "within", r->appeal);
		if (r->appeal_extended.unit != TERM_NONE) {
			put_term(s, &v, "until", r->appeal_extended);
		}
		put_text(s, &v, "clause", r->appeal_clause);
		put(s, to, "appeal", v);
	}
	if (r->pause) {
		struct value v = value_object();

		put_date(s, &v, "from", r->pause_in_force);
		put_text(s, &v, "clause", r->pause_clause);
		put(s, to, "pause", v);
	}
}

static struct value
show_regimes(struct shower *s, const struct policy *p)
{
	struct value list = value_list();

	for (size_t i = 0; i < p->n_regimes; i++) {
		const struct policy_regime *r = &p->regimes[i];
		struct value v = value_object();
		struct value types = value_list();
		struct value places = value_list();

		put_text(s, &v, "name", r->name);
		put_text(s, &v, "title", r->title);
		put_text(s, &v, "source", r->source);
		put_text(s, &v, "date", r->date);
		put_text(s, &v, "note", r->note);
		put(s, &v, "unverified", value_bool(r->unverified));
		for (int t = 0; t < REQUEST_TYPE_COUNT; t++) {
			if ((r->types >> t & 1u) != 0) {
				push(s, &types,
				     value_text(policy_request_type_name(
					     (enum policy_request_type)t)));
			}
		}
		put(s, &v, "types", types);
		put_date(s, &v, "in_force", r->in_force);
		put_regime_terms(s, &v, r);
		put(s, &v, "next_working_day", value_bool(r->next_working_day));
		put_words(s, &v, "denials", r->denial_reasons,
			  r->n_denial_reasons);
		put_text(s, &v, "time_zone", r->time_zone);
		put_text(s, &v, "holidays", r->holidays);
		for (size_t j = 0; j < r->n_places; j++) {
			struct value place = value_object();

			put_text(s, &place, "place", r->places[j].place);
			put_text(s, &place, "time_zone",
				 r->places[j].time_zone);
			put_text(s, &place, "holidays", r->places[j].holidays);
			push(s, &places, place);
		}
		put(s, &v, "places", places);
		push(s, &list, v);
	}
	return list;
}

int
policy_show(const struct policy *p, struct arena *a, struct value *out)
{
	struct shower s = {.a = a};
	struct value v = value_object();

	put(&s, &v, "files", show_files(&s, p));
	put(&s, &v, "house", show_house(&s, &p->house));
	put(&s, &v, "ages", show_ages(&s, &p->ages));
	put(&s, &v, "categories", show_categories(&s, p));
	put(&s, &v, "purposes", show_purposes(&s, p));
	put(&s, &v, "recipients", show_recipients(&s, p));
	put(&s, &v, "regimes", show_regimes(&s, p));
	if (s.rc != 0) {
		return s.rc;
	}
	*out = v;
	return 0;
}

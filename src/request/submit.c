/*
 * A request comes in: checked, dated by law, joined with what is there of the
 * same person. Nobody is told whether the identity matched.
 */
#include "request/submit.h"

#include "base/pack.h"
#include "keyring/aead.h"
#include "registration/write.h"
#include "request/count.h"
#include "request/envelope.h"
#include "request/person.h"
#include "vault/record.h"

static const struct field acting_fields[] = {
	F_ENUM(struct request_acting, kind, 0, acting_kind_names,
	       "as whom they act"),
	F_PROSE(struct request_acting, name, 0, NAME_BYTES_MAX, "full name"),
	F_MUST(struct request_acting, email, FIELD_EMAIL, "e-mail address"),
	{.name = "evidence", .type = FIELD_OBJECT,
	 .offset = offsetof(struct request_acting, evidence),
	 .has_offset = FIELD_NO_OFFSET, .fields = part_evidence_fields,
	 .n_fields = PART_EVIDENCE_FIELDS,
	 .help = "how their right to act was shown"},
};

static const struct field change_fields[] = {
	F_WORD(struct request_change, category, 0, POLICY_NAME_BYTES_MAX,
	       "which category of data"),
	F_MAY(struct request_change, record, FIELD_ID,
	      "which record of it, where there are many"),
	{.name = "data", .type = FIELD_VALUE, .flags = FIELD_SECRET,
	 .offset = offsetof(struct request_change, data),
	 .has_offset = FIELD_NO_OFFSET, .max = RECORD_DATA_BYTES_MAX,
	 .help = "the category's fields as they should be"},
};

static const struct field submit_in_fields[] = {
	F_ENUM(struct request_submit_in, type, 0, request_type_names,
	       "what is asked for"),
	F_MAY(struct request_submit_in, subject, FIELD_ID,
	      "the customer; or `identity`"),
	{.name = "identity", .type = FIELD_OBJECT, .flags = FIELD_OPTIONAL,
	 .offset = offsetof(struct request_submit_in, identity),
	 .has_offset = offsetof(struct request_submit_in, has_identity),
	 .fields = request_identity_fields,
	 .n_fields = REQUEST_IDENTITY_FIELDS,
	 .help = "what they are known by; it may match nobody"},
	F_ENUM(struct request_submit_in, channel, 0, request_channel_names,
	       "how the request came"),
	F_WORD(struct request_submit_in, regime, FIELD_OPTIONAL,
	       POLICY_NAME_BYTES_MAX, "a law named with it: can only shorten"),
	F_MAY(struct request_submit_in, country, FIELD_COUNTRY,
	      "where they live; else the customer's"),
	F_MAY(struct request_submit_in, region, FIELD_REGION,
	      "ISO 3166-2; else the customer's"),
	F_MAY_HAS(struct request_submit_in, received_at, FIELD_TIME,
		  "when it was received, up to five years ago; else now"),
	F_OBJECT_HAS(struct request_submit_in, acting, acting_fields,
		     "who acts for the person"),
	F_OBJECT_HAS(struct request_submit_in, change, change_fields,
		     "what should be changed: of type change alone"),
	{.name = "reply_key", .type = FIELD_BASE64, .flags = FIELD_OPTIONAL,
	 .offset = offsetof(struct request_submit_in, reply_key),
	 .has_offset = FIELD_NO_OFFSET, .min = REQUEST_REPLY_KEY_BYTES,
	 .max = REQUEST_REPLY_KEY_BYTES,
	 .help = "X25519 public key that the bundle is sealed to"},
};
const struct field_table request_submit_in_table =
	FIELD_TABLE(struct request_submit_in, submit_in_fields);

static const struct field submit_out_fields[] = {
	F_MUST(struct request_submit_out, request, FIELD_ID, "its id"),
	F_ENUM(struct request_submit_out, state, 0, request_state_names,
	       "where it stands"),
	F_MUST(struct request_submit_out, received_at, FIELD_TIME,
	       "the dates count from here"),
	F_MUST(struct request_submit_out, due_at, FIELD_TIME,
	       "the earlier of the house's date and the law's"),
	F_MAY(struct request_submit_out, legal_due_at, FIELD_TIME,
	      "the law's date"),
	F_MAY(struct request_submit_out, confirm_by, FIELD_TIME,
	      "receipt must be confirmed by then"),
	F_MAY(struct request_submit_out, regime, FIELD_TEXT,
	      "the law that decides"),
	F_MAY(struct request_submit_out, duplicate_of, FIELD_ID,
	      "an open one of the same type and person"),
};
const struct field_table request_submit_out_table =
	FIELD_TABLE(struct request_submit_out, submit_out_fields);

int
request_received_check(const struct call *c, int64_t received_at_ms)
{
	struct duration years = {.months = 12 * RECEIVED_YEARS_MAX};
	date_t last = date_add(date_of_ms_utc(received_at_ms), years);

	return last < date_of_ms_utc(c->now_ms)
		       ? err_field(ERR_INVALID, "received_at",
				   "lies more than %d years back",
				   RECEIVED_YEARS_MAX)
		       : 0;
}

int
request_place_check(const char *country, const char *region)
{
	return country != NULL && region != NULL &&
			       memcmp(region, country, 2) != 0
		       ? err_field(ERR_INVALID, "region",
				   "not a region of that country")
		       : 0;
}

static int
change_check(const struct call *c, const struct request_submit_in *in)
{
	const struct policy_category *category;
	int rc;

	if (in->has_change != (in->type == REQUEST_TYPE_CHANGE)) {
		return err_field(ERR_INVALID, "change",
				 in->has_change
					 ? "belongs to type change alone"
					 : "is missing");
	}
	if (!in->has_change) {
		return 0;
	}
	rc = write_category(c, in->change.category, &category);
	if (rc == 0) {
		rc = record_check(category, &in->change.data);
	}
	if (rc != 0) {
		err_field_within("change");
	}
	return rc;
}

static int
input_check(const struct call *c, const struct request_submit_in *in)
{
	bool has_subject = !id_is_nil(in->subject);
	int rc;

	if (has_subject && in->has_identity) {
		return err_field(ERR_INVALID, "identity",
				 "either subject or identity");
	}
	if (!has_subject && !in->has_identity) {
		return err_field(ERR_INVALID, "identity",
				 "subject or identity is missing");
	}
	if (in->has_identity && in->identity.email == NULL &&
	    in->identity.phone == NULL && in->identity.visitor == NULL) {
		return err_field(ERR_INVALID, "identity",
				 "holds nothing to know them by");
	}
	if (in->reply_key.n > 0 && !envelope_key_is_good(in->reply_key.p)) {
		return err_field(ERR_INVALID, "reply_key",
				 "nothing can be sealed to it");
	}
	rc = request_place_check(in->country, in->region);
	if (rc == 0) {
		rc = request_regime_check(c, in->regime);
	}
	if (rc == 0 && in->has_received_at) {
		rc = request_received_check(c, in->received_at);
	}
	return rc != 0 ? rc : change_check(c, in);
}

/* The hash of all that was sent, in normal form. It lies sealed. */
static int
print_make(const struct request_submit_in *in,
	   const struct request_identity *identity, uint8_t out[32])
{
	struct packer p = {0};
	struct buf b;

	buf_init(&b, 2 * VALUE_PACKED_BYTES_MAX);
	p.to = &b;
	pack_u8(&p, (uint8_t)in->type);
	pack_u8(&p, (uint8_t)in->channel);
	pack_id(&p, in->subject);
	pack_text(&p, identity->email);
	pack_text(&p, identity->phone);
	pack_text(&p, identity->visitor);
	pack_text(&p, in->regime);
	pack_text(&p, in->country);
	pack_text(&p, in->region);
	pack_i64(&p, in->has_received_at ? in->received_at : -1);
	pack_bytes(&p, in->reply_key);
	if (in->has_acting) {
		pack_u8(&p, (uint8_t)(1 + in->acting.kind));
		pack_text(&p, in->acting.name);
		pack_text(&p, in->acting.email);
		pack_text(&p, in->acting.evidence.method);
		pack_text(&p, in->acting.evidence.reference);
		pack_i64(&p, in->acting.evidence.at);
	}
	if (in->has_change) {
		pack_text(&p, in->change.category);
		pack_id(&p, in->change.record);
		p.rc = p.rc != 0 ? p.rc : value_pack(&in->change.data, &b);
	}
	if (p.rc == 0) {
		aead_hash(NULL, buf_bytes(&b), out);
	}
	buf_clear(&b);
	return p.rc;
}

static void
answer(const struct request *r, struct request_submit_out *out)
{
	*out = (struct request_submit_out){
		.request = r->id,
		.state = (int)r->state,
		.received_at = r->received_at_ms,
		.due_at = r->due_at_ms,
		.legal_due_at = r->legal_due_at_ms,
		.confirm_by = r->confirm_by_ms,
		.regime = r->regime,
		.duplicate_of = r->duplicate_of};
}

/* The same request, or the first open one of the same type; NULL. */
static int
others_find(struct call *c, slot_t base,
	    const struct request_identity *identity,
	    enum policy_request_type type, const uint8_t print[32],
	    struct request **out_same, struct request **out_first)
{
	struct id *ids;
	size_t open = 0;
	size_t n;
	int rc = person_requests(c, base, true, identity, &ids, &n);

	*out_same = NULL;
	*out_first = NULL;
	for (size_t i = 0; rc == 0 && i < n && *out_same == NULL; i++) {
		struct request *r;

		rc = request_peek(c, ids[i], &r);
		if (rc == ERR_NOT_FOUND) {
			err_clear();
			rc = 0;
			continue;
		}
		if (rc != 0 || !state_is_open(r->state)) {
			continue;
		}
		open++;
		if (r->type != type) {
			continue;
		}
		if (memcmp(r->print, print, sizeof(r->print)) == 0) {
			*out_same = r;
		}
		if (*out_first == NULL) {
			*out_first = r;
		}
	}
	/* A flood under one value fills its bucket of the index, and with it
	 * everybody else's in there. */
	if (rc == 0 && *out_same == NULL && open >= OPEN_REQUESTS_MAX) {
		rc = err_set(ERR_TOO_MANY, "at most %d open requests a person",
			     OPEN_REQUESTS_MAX);
	}
	return rc;
}

static void
fill(struct call *c, const struct request_submit_in *in,
     const struct subject *s, struct request *r)
{
	r->type = (enum policy_request_type)in->type;
	r->channel = (enum request_channel)in->channel;
	r->identity = in->identity;
	r->given_regime = in->regime;
	r->country = in->country;
	r->region = in->region;
	r->received_at_ms = in->has_received_at ? in->received_at : c->now_ms;
	r->has_acting = in->has_acting;
	r->acting = in->acting;
	r->has_change = in->has_change;
	r->change = in->change;
	r->has_reply_key = in->reply_key.n == sizeof(r->reply_key);
	if (r->has_reply_key) {
		memcpy(r->reply_key, in->reply_key.p, sizeof(r->reply_key));
	}
	if (s != NULL) {
		r->subject = s->id;
		r->subject_base = s->base;
		if (r->country == NULL && r->region == NULL) {
			r->country = s->country;
			r->region = s->region;
		}
	}
}

/* Writes the new one. `known_by` is what it must be found by later. */
static int
create(struct call *c, struct request *r,
       const struct request_identity *known_by)
{
	struct request_event e = {.at = c->now_ms,
				  .state = REQUEST_OPEN,
				  .by = request_by(c),
				  .event = "submitted"};
	struct value more = value_object();
	int rc = request_redate(c, r);

	if (rc == 0) {
		rc = person_index(c, r, known_by);
	}
	if (rc == 0) {
		rc = request_push(c, &r->events, &r->n_events, &e, sizeof(e));
	}
	if (rc == 0) {
		rc = request_count_received(c, r);
	}
	if (rc == 0) {
		rc = part_add_time(&more, c->arena, "received_at",
				   r->received_at_ms);
	}
	if (rc == 0) {
		rc = part_add_time(&more, c->arena, "due_at", r->due_at_ms);
	}
	if (rc == 0) {
		rc = request_leaf(c, r, LEAF_REQUEST_SUBMITTED, &more);
	}
	return rc != 0 ? rc : request_save(c, r);
}

/* Whom it is about and by what it is found: the presented values, or the
 * contact on record. */
static int
person_find(struct call *c, const struct request_submit_in *in,
	    struct subject **out_subject, struct request_identity *out_known)
{
	struct vault v = call_vault(c);
	struct request_identity contact = {0};
	int rc;

	if (in->has_identity) {
		rc = person_normalise(c, &in->identity, out_known);
		return rc != 0 ? rc
			       : person_match(c, out_known,
					      in->has_acting &&
						      in->acting.kind == 0,
					      out_subject);
	}
	rc = subject_load(&v, in->subject, out_subject);
	if (rc == 0) {
		rc = person_contact(c, *out_subject, c->now_ms, &contact);
	}
	return rc != 0 ? rc : person_normalise(c, &contact, out_known);
}

int
request_submit(struct call *c, const void *input, void *output)
{
	const struct request_submit_in *in = input;
	static const struct request_identity nobody = {0};
	struct request_identity known = {0};
	struct subject *s = NULL;
	struct request *same;
	struct request *first;
	struct request *r;
	uint8_t print[32];
	int rc = input_check(c, in);

	if (rc == 0) {
		rc = person_find(c, in, &s, &known);
	}
	if (rc == 0) {
		rc = print_make(in, in->has_identity ? &known : &nobody,
				print);
	}
	if (rc == 0) {
		rc = others_find(c, s == NULL ? SLOT_NONE : s->base, &known,
				 (enum policy_request_type)in->type, print,
				 &same, &first);
	}
	if (rc != 0) {
		return rc;
	}
	if (same != NULL) {
		c->log_slot = same->slot;
		c->reply_slot = same->slot;
		answer(same, output);
		return request_leaf(c, same, LEAF_REQUEST_READ, NULL);
	}
	rc = request_new(c, &r);
	if (rc != 0) {
		return rc;
	}
	fill(c, in, s, r);
	memcpy(r->print, print, sizeof(print));
	if (first != NULL) {
		r->duplicate_of = first->id;
	}
	if (s == NULL) {
		rc = person_visitor(c, &known, &r->visitor_slot);
	}
	if (rc == 0) {
		rc = create(c, r, &known);
	}
	if (rc == 0) {
		answer(r, output);
	}
	return rc;
}

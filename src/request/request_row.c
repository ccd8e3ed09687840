/* The body of a request, packed and unpacked. docs/format.md "Requests". */

#include "base/pack.h"
#include "request/request.h"

enum {
	BODY_EXTENDED = 1,
	BODY_ACTING = 2,
	BODY_CHANGE = 4,
	BODY_REPLY_KEY = 8,
	BODY_EVIDENCE = 16,
	BODY_BUNDLE = 32,
	BODY_CODE = 64,
	BODY_DUPLICATE = 128
};

static void
evidence_pack(struct packer *p, const struct part_evidence *e)
{
	pack_text(p, e->method);
	pack_text(p, e->reference);
	pack_i64(p, e->at);
}

static void
evidence_unpack(struct unpacker *u, struct arena *a, struct part_evidence *e)
{
	e->method = unpack_text(u, a);
	e->reference = unpack_text(u, a);
	e->at = unpack_i64(u);
}

static void
facts_pack(struct packer *p, const struct request *r, unsigned flags)
{
	pack_u8(p, (uint8_t)r->type);
	pack_u8(p, (uint8_t)r->state);
	pack_u8(p, (uint8_t)r->channel);
	pack_u8(p, (uint8_t)flags);
	pack_id(p, r->subject);
	pack_u64(p, r->subject_base);
	pack_u64(p, r->visitor_slot);
	pack_text(p, r->identity.email);
	pack_text(p, r->identity.phone);
	pack_text(p, r->identity.visitor);
	pack_raw(p, r->print, sizeof(r->print));
	pack_text(p, r->given_regime);
	pack_text(p, r->regime);
	pack_text(p, r->country);
	pack_text(p, r->region);
	pack_i64(p, r->submitted_at_ms);
	pack_i64(p, r->received_at_ms);
	pack_i64(p, r->due_at_ms);
	pack_i64(p, r->legal_due_at_ms);
	pack_i64(p, r->confirm_by_ms);
	if ((flags & BODY_DUPLICATE) != 0) {
		pack_id(p, r->duplicate_of);
	}
	pack_text(p, r->assignee);
	pack_u32(p, r->assignee_number);
	pack_i64(p, r->confirmed_at_ms);
	pack_i64(p, r->verified_at_ms);
	pack_text(p, r->method);
	pack_i64(p, r->closed_at_ms);
	pack_text(p, r->reason);
	pack_text(p, r->message);
	pack_id(p, r->job);
	if ((flags & BODY_BUNDLE) != 0) {
		pack_u64(p, r->bundle_slot);
		pack_u32(p, r->bundle_parts);
		pack_i64(p, r->bundle_bytes);
	}
	pack_u8(p, r->receipt_type);
	pack_u64(p, r->receipt_index);
}

static void
code_pack(struct packer *p, const struct request *r)
{
	pack_text(p, r->code);
	pack_i64(p, r->code_expires_ms);
	pack_u32(p, r->code_tries);
	pack_u32(p, r->challenges);
	pack_u8(p, (uint8_t)r->n_code_seen);
	for (size_t i = 0; i < r->n_code_seen; i++) {
		pack_u32(p, r->code_seen[i]);
	}
}

/* Most requests have one or two. */
static void
alarms_pack(struct packer *p, const struct request *r)
{
	unsigned set = 0;

	for (unsigned i = 0; i < ALARM_KINDS; i++) {
		set |= r->alarms[i] != 0 ? 1u << i : 0;
	}
	pack_u8(p, (uint8_t)set);
	for (size_t i = 0; i < ALARM_KINDS; i++) {
		if (r->alarms[i] != 0) {
			pack_i64(p, r->alarms[i]);
		}
	}
}

static void
lists_pack(struct packer *p, const struct request *r)
{
	pack_u16(p, (uint16_t)r->n_pauses);
	for (size_t i = 0; i < r->n_pauses; i++) {
		pack_i64(p, r->pauses[i].from_ms);
		pack_i64(p, r->pauses[i].until_ms);
	}
	pack_u16(p, (uint16_t)r->n_events);
	for (size_t i = 0; i < r->n_events; i++) {
		pack_i64(p, r->events[i].at);
		pack_u8(p, (uint8_t)r->events[i].state);
		pack_text(p, r->events[i].by);
		pack_text(p, r->events[i].event);
		pack_text(p, r->events[i].reason);
	}
	pack_u16(p, (uint16_t)r->n_past);
	for (size_t i = 0; i < r->n_past; i++) {
		pack_i64(p, r->past[i].until_ms);
		pack_u8(p, (uint8_t)r->past[i].type);
		pack_i64(p, r->past[i].received_at_ms);
		pack_i64(p, r->past[i].due_at_ms);
		pack_i64(p, r->past[i].legal_due_at_ms);
		pack_text(p, r->past[i].regime);
	}
	pack_u16(p, (uint16_t)r->n_notes);
	for (size_t i = 0; i < r->n_notes; i++) {
		pack_i64(p, r->notes[i].at);
		pack_text(p, r->notes[i].by);
		pack_text(p, r->notes[i].text);
	}
	pack_u16(p, (uint16_t)r->n_notified);
	for (size_t i = 0; i < r->n_notified; i++) {
		pack_u8(p, (uint8_t)r->notified[i].kind);
		pack_i64(p, r->notified[i].at);
	}
	pack_u16(p, (uint16_t)r->n_erased);
	for (size_t i = 0; i < r->n_erased; i++) {
		pack_text(p, r->erased[i].category);
		pack_i64(p, r->erased[i].records);
	}
	pack_u16(p, (uint16_t)r->n_kept);
	for (size_t i = 0; i < r->n_kept; i++) {
		pack_text(p, r->kept[i].category);
		pack_text(p, r->kept[i].basis);
		pack_u8(p, r->kept[i].has_until ? 1 : 0);
		pack_u32(p, (uint32_t)r->kept[i].until);
	}
	pack_u16(p, (uint16_t)r->n_told);
	for (size_t i = 0; i < r->n_told; i++) {
		pack_id(p, r->told[i]);
	}
	pack_u16(p, (uint16_t)r->n_buckets);
	for (size_t i = 0; i < r->n_buckets; i++) {
		pack_u32(p, r->buckets[i]);
	}
	alarms_pack(p, r);
}

static void
options_pack(struct packer *p, const struct request *r)
{
	if (r->has_acting) {
		pack_u8(p, (uint8_t)r->acting.kind);
		pack_text(p, r->acting.name);
		pack_text(p, r->acting.email);
		evidence_pack(p, &r->acting.evidence);
	}
	if (r->has_reply_key) {
		pack_raw(p, r->reply_key, sizeof(r->reply_key));
	}
	if (r->has_evidence) {
		evidence_pack(p, &r->evidence);
	}
	if (r->has_change) {
		pack_text(p, r->change.category);
		pack_id(p, r->change.record);
		if (p->rc == 0) {
			p->rc = value_pack(&r->change.data, p->to);
		}
	}
}

static unsigned
flags_of(const struct request *r)
{
	bool has_bundle = r->bundle_slot != SLOT_NONE ||
			  r->bundle_parts != 0 || r->bundle_bytes != 0;
	bool has_code = r->code != NULL || r->code_expires_ms != 0 ||
			r->code_tries != 0 || r->challenges != 0 ||
			r->n_code_seen != 0;

	return (r->extended ? BODY_EXTENDED : 0u) |
	       (r->has_acting ? BODY_ACTING : 0u) |
	       (r->has_change ? BODY_CHANGE : 0u) |
	       (r->has_reply_key ? BODY_REPLY_KEY : 0u) |
	       (r->has_evidence ? BODY_EVIDENCE : 0u) |
	       (has_bundle ? BODY_BUNDLE : 0u) |
	       (has_code ? BODY_CODE : 0u) |
	       (id_is_nil(r->duplicate_of) ? 0u : BODY_DUPLICATE);
}

int
request_pack(const struct request *r, struct buf *to)
{
	struct packer p = {.to = to};
	unsigned flags = flags_of(r);

	facts_pack(&p, r, flags);
	if ((flags & BODY_CODE) != 0) {
		code_pack(&p, r);
	}
	lists_pack(&p, r);
	options_pack(&p, r);
	return p.rc;
}

static unsigned
facts_unpack(struct unpacker *u, struct arena *a, struct request *r)
{
	uint8_t type = unpack_u8(u);
	uint8_t state = unpack_u8(u);
	uint8_t channel = unpack_u8(u);
	unsigned flags = unpack_u8(u);
	struct bytes print;

	if (type >= REQUEST_TYPE_COUNT || state >= REQUEST_STATES ||
	    channel > CHANNEL_AGENT) {
		u->rc = ERR_CORRUPT;
	}
	r->type = (enum policy_request_type)type;
	r->state = (enum request_state)state;
	r->channel = (enum request_channel)channel;
	r->subject = unpack_id(u);
	r->subject_base = unpack_u64(u);
	r->visitor_slot = unpack_u64(u);
	r->identity.email = unpack_text(u, a);
	r->identity.phone = unpack_text(u, a);
	r->identity.visitor = unpack_text(u, a);
	print = unpack_raw(u, sizeof(r->print));
	if (u->rc == 0) {
		memcpy(r->print, print.p, print.n);
	}
	r->given_regime = unpack_text(u, a);
	r->regime = unpack_text(u, a);
	r->country = unpack_text(u, a);
	r->region = unpack_text(u, a);
	r->submitted_at_ms = unpack_i64(u);
	r->received_at_ms = unpack_i64(u);
	r->due_at_ms = unpack_i64(u);
	r->legal_due_at_ms = unpack_i64(u);
	r->confirm_by_ms = unpack_i64(u);
	if ((flags & BODY_DUPLICATE) != 0) {
		r->duplicate_of = unpack_id(u);
	}
	r->assignee = unpack_text(u, a);
	r->assignee_number = unpack_u32(u);
	r->confirmed_at_ms = unpack_i64(u);
	r->verified_at_ms = unpack_i64(u);
	r->method = unpack_text(u, a);
	r->closed_at_ms = unpack_i64(u);
	r->reason = unpack_text(u, a);
	r->message = unpack_text(u, a);
	r->job = unpack_id(u);
	r->bundle_slot = SLOT_NONE;
	if ((flags & BODY_BUNDLE) != 0) {
		r->bundle_slot = unpack_u64(u);
		r->bundle_parts = unpack_u32(u);
		r->bundle_bytes = unpack_i64(u);
	}
	r->receipt_type = unpack_u8(u);
	r->receipt_index = unpack_u64(u);
	return flags;
}

static void
code_unpack(struct unpacker *u, struct arena *a, struct request *r)
{
	r->code = unpack_text(u, a);
	r->code_expires_ms = unpack_i64(u);
	r->code_tries = unpack_u32(u);
	r->challenges = unpack_u32(u);
	r->n_code_seen = unpack_u8(u);
	if (r->n_code_seen > REQUEST_SEEN_MAX) {
		u->rc = ERR_CORRUPT;
	}
	for (size_t i = 0; u->rc == 0 && i < r->n_code_seen; i++) {
		r->code_seen[i] = unpack_u32(u);
	}
}

/* A list's length and room for it; no more than could be written. */
static void *
list_unpack(struct unpacker *u, struct arena *a, size_t size, size_t *out_n)
{
	size_t n = unpack_u16(u);
	void *list;

	if (n > REQUEST_LIST_MAX) {
		u->rc = ERR_CORRUPT;
	}
	list = u->rc == 0 ? arena_array(a, n, size) : NULL;
	if (u->rc == 0 && list == NULL) {
		u->rc = ERR_NOMEM;
	}
	*out_n = u->rc == 0 ? n : 0;
	return list;
}

static void
past_unpack(struct unpacker *u, struct arena *a, struct request *r)
{
	r->past = list_unpack(u, a, sizeof(*r->past), &r->n_past);
	for (size_t i = 0; i < r->n_past; i++) {
		struct request_dates *d = &r->past[i];
		uint8_t type;

		d->until_ms = unpack_i64(u);
		type = unpack_u8(u);
		if (type >= REQUEST_TYPE_COUNT) {
			u->rc = ERR_CORRUPT;
			type = 0;
		}
		d->type = (enum policy_request_type)type;
		d->received_at_ms = unpack_i64(u);
		d->due_at_ms = unpack_i64(u);
		d->legal_due_at_ms = unpack_i64(u);
		d->regime = unpack_text(u, a);
	}
}

static void
history_unpack(struct unpacker *u, struct arena *a, struct request *r)
{
	r->pauses = list_unpack(u, a, sizeof(*r->pauses), &r->n_pauses);
	for (size_t i = 0; i < r->n_pauses; i++) {
		r->pauses[i].from_ms = unpack_i64(u);
		r->pauses[i].until_ms = unpack_i64(u);
	}
	r->events = list_unpack(u, a, sizeof(*r->events), &r->n_events);
	for (size_t i = 0; i < r->n_events; i++) {
		struct request_event *e = &r->events[i];

		e->at = unpack_i64(u);
		e->state = unpack_u8(u);
		if (e->state >= REQUEST_STATES) {
			u->rc = ERR_CORRUPT;
			e->state = 0;
		}
		e->by = unpack_text(u, a);
		e->event = unpack_text(u, a);
		e->reason = unpack_text(u, a);
	}
	past_unpack(u, a, r);
	r->notes = list_unpack(u, a, sizeof(*r->notes), &r->n_notes);
	for (size_t i = 0; i < r->n_notes; i++) {
		r->notes[i].at = unpack_i64(u);
		r->notes[i].by = unpack_text(u, a);
		r->notes[i].text = unpack_text(u, a);
	}
	r->notified = list_unpack(u, a, sizeof(*r->notified), &r->n_notified);
	for (size_t i = 0; i < r->n_notified; i++) {
		r->notified[i].kind = unpack_u8(u);
		r->notified[i].at = unpack_i64(u);
	}
}

static void
alarms_unpack(struct unpacker *u, struct request *r)
{
	unsigned set = unpack_u8(u);

	if (set >> ALARM_KINDS != 0) {
		u->rc = ERR_CORRUPT;
	}
	for (unsigned i = 0; i < ALARM_KINDS; i++) {
		r->alarms[i] = (set >> i & 1) != 0 ? unpack_i64(u) : 0;
	}
}

static void
outcome_unpack(struct unpacker *u, struct arena *a, struct request *r)
{
	r->erased = list_unpack(u, a, sizeof(*r->erased), &r->n_erased);
	for (size_t i = 0; i < r->n_erased; i++) {
		r->erased[i].category = unpack_text(u, a);
		r->erased[i].records = unpack_i64(u);
	}
	r->kept = list_unpack(u, a, sizeof(*r->kept), &r->n_kept);
	for (size_t i = 0; i < r->n_kept; i++) {
		r->kept[i].category = unpack_text(u, a);
		r->kept[i].basis = unpack_text(u, a);
		r->kept[i].has_until = unpack_u8(u) != 0;
		r->kept[i].until = (date_t)unpack_u32(u);
	}
	r->told = list_unpack(u, a, sizeof(*r->told), &r->n_told);
	for (size_t i = 0; i < r->n_told; i++) {
		r->told[i] = unpack_id(u);
	}
	r->n_buckets = unpack_u16(u);
	if (r->n_buckets > REQUEST_BUCKETS_MAX) {
		u->rc = ERR_CORRUPT;
		r->n_buckets = 0;
	}
	for (size_t i = 0; i < r->n_buckets; i++) {
		r->buckets[i] = unpack_u32(u);
	}
	alarms_unpack(u, r);
}

static void
options_unpack(struct unpacker *u, struct arena *a, unsigned flags,
	       struct request *r)
{
	struct bytes key;

	if ((flags & BODY_ACTING) != 0) {
		r->has_acting = true;
		r->acting.kind = unpack_u8(u) == 0 ? 0 : 1;
		r->acting.name = unpack_text(u, a);
		r->acting.email = unpack_text(u, a);
		evidence_unpack(u, a, &r->acting.evidence);
	}
	if ((flags & BODY_REPLY_KEY) != 0) {
		r->has_reply_key = true;
		key = unpack_raw(u, sizeof(r->reply_key));
		if (u->rc == 0) {
			memcpy(r->reply_key, key.p, key.n);
		}
	}
	if ((flags & BODY_EVIDENCE) != 0) {
		r->has_evidence = true;
		evidence_unpack(u, a, &r->evidence);
	}
	if ((flags & BODY_CHANGE) != 0) {
		r->has_change = true;
		r->change.category = unpack_text(u, a);
		r->change.record = unpack_id(u);
		if (u->rc == 0) {
			u->rc = value_unpack(u->from, a, &r->change.data);
		}
	} else if (u->rc == 0) {
		u->rc = unpack_end(u);
	}
}

int
request_unpack(struct bytes from, struct arena *a, struct request *out)
{
	struct unpacker u = {.from = from};
	struct request r = *out;
	unsigned flags = facts_unpack(&u, a, &r);

	r.extended = (flags & BODY_EXTENDED) != 0;
	if ((flags & BODY_CODE) != 0) {
		code_unpack(&u, a, &r);
	}
	history_unpack(&u, a, &r);
	outcome_unpack(&u, a, &r);
	options_unpack(&u, a, flags, &r);
	if (u.rc != 0) {
		return u.rc == ERR_NOMEM
			       ? ERR_NOMEM
			       : err_set(ERR_CORRUPT,
					 "a request is not as it was written");
	}
	*out = r;
	return 0;
}

/* Notices that wait: one pass over their rows, the oldest first, so that the
 * first one of a recipient is its oldest. */
#include "report/waiting.h"

#include "request/notice.h"

static const struct field age_fields[] = {
	F_MUST(struct waiting_age, from_days, FIELD_INT,
	       "whole days since it was made"),
	F_MAY_HAS(struct waiting_age, to_days, FIELD_INT,
		  "not included; absent in the last"),
	F_MUST(struct waiting_age, person, FIELD_INT, "to persons"),
	F_MUST(struct waiting_age, recipient, FIELD_INT, "to recipients"),
	F_MUST(struct waiting_age, alarm, FIELD_INT, "to compliance"),
};
static const struct field recipient_fields[] = {
	F_MUST(struct waiting_recipient, recipient, FIELD_TEXT,
	       "who must still be told"),
	F_MUST(struct waiting_recipient, n, FIELD_INT, "of how many"),
	F_MUST(struct waiting_recipient, oldest_at, FIELD_TIME,
	       "since when the oldest waits"),
	F_MUST(struct waiting_recipient, oldest_days, FIELD_INT,
	       "whole days since"),
};
const struct field report_waiting_fields[7] = {
	F_MUST(struct report_waiting, person, FIELD_INT,
	       "that people must still be told"),
	F_MUST(struct report_waiting, recipient, FIELD_INT,
	       "that recipients must still be told"),
	F_MUST(struct report_waiting, alarm, FIELD_INT,
	       "about deadlines, for compliance"),
	F_MAY_HAS(struct report_waiting, oldest_at, FIELD_TIME,
		  "since when the oldest waits; absent: none waits"),
	{.name = "oldest_days", .type = FIELD_INT, .flags = FIELD_OPTIONAL,
	 .offset = offsetof(struct report_waiting, oldest_days),
	 .has_offset = offsetof(struct report_waiting, has_oldest_at),
	 .help = "whole days since"},
	F_LIST(struct report_waiting, ages, 0, age_fields, WAITING_AGE_BINS,
	       "by age, in bins of 10 days"),
	F_LIST(struct report_waiting, recipients, 0, recipient_fields,
	       WAITING_RECIPIENTS_MAX, "the one that waits longest first"),
};
struct making {
	struct call *c;
	struct report_waiting *out;
};

static int64_t
days_since(const struct call *c, int64_t ms)
{
	return c->now_ms > ms ? (c->now_ms - ms) / MS_PER_DAY : 0;
}

static int
recipient_add(struct making *m, const struct notice_waiting *w)
{
	struct report_waiting *out = m->out;
	size_t i = 0;
	char *name;

	while (i < out->n_recipients &&
	       strcmp(out->recipients[i].recipient, w->recipient) != 0) {
		i++;
	}
	if (i < out->n_recipients) {
		out->recipients[i].n++;
		return 0;
	}
	if (i == WAITING_RECIPIENTS_MAX) {
		return err_set(ERR_TOO_MANY, "too many recipients wait");
	}
	name = arena_text(m->c->arena, w->recipient, strlen(w->recipient));
	if (name == NULL) {
		return ERR_NOMEM;
	}
	out->recipients[out->n_recipients++] = (struct waiting_recipient){
		.recipient = name,
		.n = 1,
		.oldest_at = w->since_ms,
		.oldest_days = days_since(m->c, w->since_ms)};
	return 0;
}

static int
waiting_add(void *ctx, const struct notice_waiting *w)
{
	struct making *m = ctx;
	struct report_waiting *out = m->out;
	int64_t days = days_since(m->c, w->since_ms);
	int64_t bin = days / WAITING_AGE_BIN_DAYS;
	struct waiting_age *age =
		&out->ages[bin < WAITING_AGE_BINS ? bin : WAITING_AGE_BINS - 1];

	if (!out->has_oldest_at) {
		out->has_oldest_at = true;
		out->oldest_at = w->since_ms;
		out->oldest_days = days;
	}
	switch (w->kind) {
	case NOTICE_PERSON:
		out->person++;
		age->person++;
		return 0;
	case NOTICE_RECIPIENT:
		out->recipient++;
		age->recipient++;
		return w->recipient == NULL ? 0 : recipient_add(m, w);
	case NOTICE_ALARM:
		out->alarm++;
		age->alarm++;
		return 0;
	}
	return 0;
}

int
report_waiting(struct call *c, struct report_waiting *out)
{
	struct report_waiting w = {.n_ages = WAITING_AGE_BINS};
	struct making m = {c, &w};
	int rc;

	w.ages = arena_array(c->arena, WAITING_AGE_BINS, sizeof(*w.ages));
	w.recipients = arena_array(c->arena, WAITING_RECIPIENTS_MAX,
				   sizeof(*w.recipients));
	if (w.ages == NULL || w.recipients == NULL) {
		return ERR_NOMEM;
	}
	for (int64_t i = 0; i < WAITING_AGE_BINS; i++) {
		w.ages[i].from_days = i * WAITING_AGE_BIN_DAYS;
		w.ages[i].has_to_days = i + 1 < WAITING_AGE_BINS;
		w.ages[i].to_days = (i + 1) * WAITING_AGE_BIN_DAYS;
	}
	rc = notice_each_waiting(c, waiting_add, &m);
	if (rc == 0) {
		*out = w;
	}
	return rc;
}

/* report.requests: one pass over the counts of what was received, one over
 * those of what was closed; notices that wait are waiting.c's. */
#include "report/requests.h"

#define DAYS_MAX 2000 /* older ones count as so old */
#define MONTHS_MAX (SPAN_DAYS_MAX / 28)
#define YEARS_MAX 24

static const struct field type_fields[] = {
	F_ENUM(struct requests_type, type, 0, request_type_names, "of these"),
	F_MUST(struct requests_type, received, FIELD_INT, "received"),
	F_MUST(struct requests_type, fulfilled, FIELD_INT, "fulfilled"),
	F_MUST(struct requests_type, denied, FIELD_INT, "denied"),
	F_MUST(struct requests_type, revoked, FIELD_INT, "revoked"),
	F_MUST(struct requests_type, expired, FIELD_INT,
	       "ended because nobody verified them"),
	F_MUST(struct requests_type, on_time, FIELD_INT,
	       "answered by due_at"),
	F_MUST(struct requests_type, late, FIELD_INT, "answered after due_at"),
	F_MAY_HAS(struct requests_type, median_days, FIELD_INT,
		  "from receipt to the answer"),
	{.name = "p95_days", .type = FIELD_INT, .flags = FIELD_OPTIONAL,
	 .offset = offsetof(struct requests_type, p95_days),
	 .has_offset = offsetof(struct requests_type, has_median_days),
	 .help = "19 of 20 were answered within so many"},
};
static const struct field month_fields[] = {
	F_MUST(struct requests_month, month, FIELD_TEXT, "YYYY-MM"),
	F_MUST(struct requests_month, received, FIELD_INT, "received"),
	F_MUST(struct requests_month, closed, FIELD_INT, "ended, in any way"),
	F_MUST(struct requests_month, on_time, FIELD_INT,
	       "answered by due_at"),
	F_MUST(struct requests_month, late, FIELD_INT,
	       "answered after due_at"),
};
static const struct field year_fields[] = {
	F_INT(struct requests_year, year, 0, 0, 9999, "calendar year"),
	F_ENUM(struct requests_year, type, 0, request_type_names, "of these"),
	F_MUST(struct requests_year, complete, FIELD_BOOL,
	       "the year is over; else counted to date"),
	F_MUST(struct requests_year, received, FIELD_INT, "received"),
	F_MUST(struct requests_year, complied, FIELD_INT,
	       "complied with in whole or in part"),
	F_MUST(struct requests_year, denied, FIELD_INT, "denied"),
	F_MAY_HAS(struct requests_year, median_days, FIELD_INT,
		  "to respond"),
	{.name = "mean_days", .type = FIELD_INT, .flags = FIELD_OPTIONAL,
	 .offset = offsetof(struct requests_year, mean_days),
	 .has_offset = offsetof(struct requests_year, has_median_days),
	 .help = "to respond, rounded"},
};
static const struct field named_fields[] = {
	F_MUST(struct requests_named, name, FIELD_TEXT, "its name"),
	F_MUST(struct requests_named, n, FIELD_INT, "how many"),
};
static const struct field out_fields[] = {
	F_MUST(struct report_requests_out, from, FIELD_DATE, "first day"),
	F_MUST(struct report_requests_out, to, FIELD_DATE,
	       "the day after the last"),
	F_MUST(struct report_requests_out, received, FIELD_INT,
	       "received in the span"),
	F_MUST(struct report_requests_out, closed, FIELD_INT,
	       "ended in the span"),
	F_LIST(struct report_requests_out, types, 0, type_fields, 3,
	       "by type"),
	F_LIST(struct report_requests_out, channels, 0, named_fields, 16,
	       "received, by channel"),
	F_LIST(struct report_requests_out, denials, 0, named_fields, 16,
	       "denied, by reason"),
	F_LIST(struct report_requests_out, months, 0, month_fields, MONTHS_MAX,
	       "by month"),
	F_LIST(struct report_requests_out, years, 0, year_fields,
	       YEARS_MAX * REQUEST_TYPE_COUNT, "the table of 11 CCR 7102(a)"),
	F_OBJECT(struct report_requests_out, unacknowledged,
		 report_waiting_fields, "notices that wait, now"),
};
const struct field_table report_requests_out_table =
	FIELD_TABLE(struct report_requests_out, out_fields);

/* How many took so many days. */
struct spread {
	int64_t n[DAYS_MAX + 1];
	int64_t all;
	int64_t days; /* of all together */
};

struct making {
	struct call *c;
	struct report_requests_out *out;
	struct span span;
	struct spread *types; /* by type */
	struct spread *years; /* by year and type */
	int first_year;
	date_t first_month;
};

static void
spread_add(struct spread *s, uint16_t days, int64_t n)
{
	size_t d = days > DAYS_MAX ? DAYS_MAX : days;

	s->n[d] += n;
	s->all += n;
	s->days += (int64_t)d * n;
}

/* The least number of days within which `percent` of them were done. */
static int64_t
spread_at(const struct spread *s, int64_t percent)
{
	int64_t want = (s->all * percent + 99) / 100;
	int64_t seen = 0;

	for (int64_t d = 0; d <= DAYS_MAX; d++) {
		seen += s->n[d];
		if (seen >= want) {
			return d;
		}
	}
	return DAYS_MAX;
}

static struct requests_month *
month_at(struct making *m, date_t day)
{
	struct ymd a = date_to_ymd(m->first_month);
	struct ymd b = date_to_ymd(day);
	size_t i = (size_t)((b.year - a.year) * 12 + b.month - a.month);

	return &m->out->months[i < m->out->n_months ? i : 0];
}

static size_t
year_at(const struct making *m, date_t day, enum policy_request_type type)
{
	int year = date_to_ymd(day).year - m->first_year;

	return (size_t)year * REQUEST_TYPE_COUNT + (size_t)type;
}

/* Only years reach beyond it. */
static bool
is_in_span(const struct making *m, date_t day)
{
	return day >= m->span.from && day < m->span.to;
}

static int
received_add(void *ctx, const struct request_count *k)
{
	struct making *m = ctx;
	int64_t n = (int64_t)k->n;

	m->out->years[year_at(m, k->day, k->type)].received += n;
	if (!is_in_span(m, k->day)) {
		return 0;
	}
	m->out->received += n;
	m->out->types[k->type].received += n;
	month_at(m, k->day)->received += n;
	if (k->channel < m->out->n_channels) {
		m->out->channels[k->channel].n += n;
	}
	return 0;
}

static bool
is_answer(const struct request_count *k)
{
	return k->state == REQUEST_FULFILLED || k->state == REQUEST_DENIED;
}

static void
year_add(struct making *m, const struct request_count *k)
{
	size_t i = year_at(m, k->day, k->type);
	struct requests_year *y = &m->out->years[i];

	spread_add(&m->years[i], k->days, (int64_t)k->n);
	*(k->state == REQUEST_DENIED ? &y->denied : &y->complied) +=
		(int64_t)k->n;
}

static void
answered_add(struct making *m, const struct request_count *k)
{
	struct requests_type *t = &m->out->types[k->type];
	struct requests_month *month = month_at(m, k->day);
	int64_t n = (int64_t)k->n;

	*(k->is_late ? &t->late : &t->on_time) += n;
	*(k->is_late ? &month->late : &month->on_time) += n;
	spread_add(&m->types[k->type], k->days, n);
	*(k->state == REQUEST_DENIED ? &t->denied : &t->fulfilled) += n;
	if (k->state == REQUEST_DENIED && k->reason < m->out->n_denials) {
		m->out->denials[k->reason].n += n;
	}
}

static int
closed_add(void *ctx, const struct request_count *k)
{
	struct making *m = ctx;
	struct requests_type *t = &m->out->types[k->type];
	int64_t n = (int64_t)k->n;

	if (is_answer(k)) {
		year_add(m, k);
	}
	if (!is_in_span(m, k->day)) {
		return 0;
	}
	m->out->closed += n;
	month_at(m, k->day)->closed += n;
	if (is_answer(k)) {
		answered_add(m, k);
	} else {
		*(k->state == REQUEST_REVOKED ? &t->revoked : &t->expired) += n;
	}
	return 0;
}

static size_t
names_count(const char *const *names)
{
	size_t n = 0;

	while (names[n] != NULL) {
		n++;
	}
	return n;
}

static int
names_make(struct arena *a, const char *const *names,
	   struct requests_named **out, size_t *out_n)
{
	size_t n = names_count(names);

	*out = arena_array(a, n, sizeof(**out));
	if (*out == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		(*out)[i].name = names[i];
	}
	*out_n = n;
	return 0;
}

static int
months_make(struct making *m, const struct span *s)
{
	struct arena *a = m->c->arena;
	date_t last = s->to > s->from ? s->to - 1 : s->from;
	struct ymd x = date_to_ymd(s->from);
	struct ymd y = date_to_ymd(last);
	date_t month = month_of(s->from);

	m->first_month = month;
	m->out->n_months =
		(size_t)(y.year - x.year) * 12 + (size_t)y.month + 1 -
		(size_t)x.month;
	m->out->months =
		arena_array(a, m->out->n_months, sizeof(*m->out->months));
	if (m->out->months == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < m->out->n_months; i++) {
		m->out->months[i].month = month_print(a, month);
		if (m->out->months[i].month == NULL) {
			return ERR_NOMEM;
		}
		month = date_add(month, (struct duration){.months = 1});
	}
	return 0;
}

/* *out is the whole of the years that the span touches. */
static int
years_make(struct making *m, const struct span *s, struct span *out)
{
	date_t last = s->to > s->from ? s->to - 1 : s->from;
	int this_year = date_to_ymd(m->c->today).year;
	int years = date_to_ymd(last).year - date_to_ymd(s->from).year + 1;
	size_t n = (size_t)years * REQUEST_TYPE_COUNT;

	m->first_year = date_to_ymd(s->from).year;
	m->out->n_years = n;
	m->out->years = arena_array(m->c->arena, n, sizeof(*m->out->years));
	m->years = arena_array(m->c->arena, n, sizeof(*m->years));
	if (m->out->years == NULL || m->years == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		m->out->years[i].year =
			m->first_year + (int)(i / REQUEST_TYPE_COUNT);
		m->out->years[i].type = (int)(i % REQUEST_TYPE_COUNT);
		m->out->years[i].complete = m->out->years[i].year < this_year;
	}
	*out = (struct span){
		.from = date_from_ymd((struct ymd){m->first_year, 1, 1}),
		.to = date_from_ymd((struct ymd){m->first_year + years, 1, 1})};
	return 0;
}

static int
making_begin(struct making *m, const struct span *s, struct span *out_years)
{
	struct arena *a = m->c->arena;
	int rc = names_make(a, request_channel_names, &m->out->channels,
			    &m->out->n_channels);

	if (rc == 0) {
		rc = names_make(a, request_denial_names, &m->out->denials,
				&m->out->n_denials);
	}
	if (rc == 0) {
		rc = months_make(m, s);
	}
	if (rc == 0) {
		rc = years_make(m, s, out_years);
	}
	m->types = arena_array(a, REQUEST_TYPE_COUNT, sizeof(*m->types));
	m->out->types =
		arena_array(a, REQUEST_TYPE_COUNT, sizeof(*m->out->types));
	m->out->n_types = REQUEST_TYPE_COUNT;
	if (m->types == NULL || m->out->types == NULL) {
		return ERR_NOMEM;
	}
	return rc;
}

static void
days_set(struct making *m)
{
	for (size_t i = 0; i < m->out->n_types; i++) {
		struct requests_type *t = &m->out->types[i];

		t->type = (int)i;
		t->has_median_days = m->types[i].all > 0;
		t->median_days = spread_at(&m->types[i], 50);
		t->p95_days = spread_at(&m->types[i], 95);
	}
	for (size_t i = 0; i < m->out->n_years; i++) {
		struct requests_year *y = &m->out->years[i];
		const struct spread *s = &m->years[i];

		y->has_median_days = s->all > 0;
		if (s->all > 0) {
			y->median_days = spread_at(s, 50);
			y->mean_days = (s->days + s->all / 2) / s->all;
		}
	}
}

int
report_requests(struct call *c, const void *input, void *output)
{
	struct report_requests_out *out = output;
	struct making m = {.c = c, .out = out};
	struct span years = {0};
	int rc = span_read(c, input, &m.span);

	if (rc == 0) {
		out->from = m.span.from;
		out->to = m.span.to;
		rc = making_begin(&m, &m.span, &years);
	}
	if (rc == 0) {
		rc = request_count_each(c->txn, false, years.from, years.to,
					received_add, &m);
	}
	if (rc == 0) {
		rc = request_count_each(c->txn, true, years.from, years.to,
					closed_add, &m);
	}
	if (rc == 0) {
		rc = report_waiting(c, &out->unacknowledged);
	}
	if (rc == 0) {
		days_set(&m);
	}
	return rc;
}

/*
 * The deadline report, read from the covering rows of requests alone: open
 * ones in the order of their due date. Only a past moment needs more: what has
 * been closed since, and how what was changed since stood then, which the
 * requests themselves remember.
 */
#include "report/deadlines.h"

#include <stdio.h>

#include "base/pack.h"
#include "report/deadlines_csv.h"
#include "request/assignee.h"
#include "retention/asof.h"

#define CURSOR_BYTES_MAX 80
#define SCRATCH_BYTES_MAX ((size_t)4 * VALUE_BYTES_MAX)

static const char *const format_names[] = {"json", "csv", NULL};

static const struct field in_fields[] = {
	F_WORD(struct report_deadlines_in, as_of, FIELD_OPTIONAL, 40,
	       "a date or a time; default: now"),
	F_MAY_HAS(struct report_deadlines_in, within, FIELD_DURATION,
		  "list only what is due by then"),
	F_MAY_HAS(struct report_deadlines_in, summary, FIELD_BOOL,
		  "false: without it, which is faster"),
	F_ENUM_HAS(struct report_deadlines_in, format, format_names,
		   "csv: a text instead of the items, in larger pages"),
	F_INT_HAS(struct report_deadlines_in, limit, 1, DEADLINES_LIMIT_MAX,
		  "items a page"),
	F_WORD(struct report_deadlines_in, cursor, FIELD_OPTIONAL,
	       CURSOR_BYTES_MAX, "`next` of the page before"),
};
const struct field_table report_deadlines_in_table =
	FIELD_TABLE(struct report_deadlines_in, in_fields);

static const struct field types_fields[] = {
	F_MUST(struct deadline_types, access, FIELD_INT, "to access"),
	F_MUST(struct deadline_types, change, FIELD_INT, "to change"),
	{.name = "delete", .type = FIELD_INT,
	 .offset = offsetof(struct deadline_types, delete_),
	 .has_offset = FIELD_NO_OFFSET, .help = "to delete"},
};
static const struct field states_fields[] = {
	F_MUST(struct deadline_states, open, FIELD_INT, "open"),
	F_MUST(struct deadline_states, verifying, FIELD_INT, "verifying"),
	F_MUST(struct deadline_states, in_progress, FIELD_INT, "in progress"),
};
static const struct field track_fields[] = {
	F_ENUM(struct deadline_track, type, 0, request_type_names, "of these"),
	F_MUST(struct deadline_track, on_track, FIELD_INT,
	       "due in more than 14 days"),
	F_MUST(struct deadline_track, approaching, FIELD_INT,
	       "due within 14 days"),
	F_MUST(struct deadline_track, overdue, FIELD_INT, "past due_at"),
};
static const struct field age_fields[] = {
	F_MUST(struct deadline_age, from_days, FIELD_INT,
	       "whole days since receipt"),
	F_MAY_HAS(struct deadline_age, to_days, FIELD_INT,
		  "not included; absent in the last"),
	F_MUST(struct deadline_age, open, FIELD_INT, "open requests"),
	F_MUST(struct deadline_age, overdue, FIELD_INT, "overdue among them"),
};
static const struct field week_fields[] = {
	F_MUST(struct deadline_week, week, FIELD_DATE,
	       "its Monday; the first is the one of as_of"),
	F_MUST(struct deadline_week, due, FIELD_INT, "requests due in it"),
};
static const struct field summary_fields[] = {
	F_MUST(struct deadline_summary, open, FIELD_INT, "not answered yet"),
	F_MUST(struct deadline_summary, overdue, FIELD_INT, "past due_at"),
	F_MUST(struct deadline_summary, approaching, FIELD_INT,
	       "due within 14 days"),
	F_MAY_HAS(struct deadline_summary, due_within, FIELD_INT,
		  "due within the time asked for, not overdue"),
	F_OBJECT(struct deadline_summary, by_type, types_fields, "open ones"),
	F_OBJECT(struct deadline_summary, by_state, states_fields, "open ones"),
	F_LIST(struct deadline_summary, tracks, 0, track_fields, 3,
	       "how far off the deadline is, by type"),
	F_LIST(struct deadline_summary, ages, 0, age_fields, 32,
	       "by age, in bins of 10 days"),
	F_LIST(struct deadline_summary, weeks, 0, week_fields, 32,
	       "the next 13 weeks"),
};
static const struct field item_fields[] = {
	F_MUST(struct deadline_item, request, FIELD_ID, "the request"),
	F_ENUM(struct deadline_item, type, 0, request_type_names, "its type"),
	F_ENUM(struct deadline_item, state, 0, request_state_names,
	       "its state at as_of"),
	F_MAY(struct deadline_item, regime, FIELD_TEXT,
	      "the law that decides; absent: the house alone"),
	F_MAY(struct deadline_item, assignee, FIELD_TEXT, "who works on it"),
	F_MUST(struct deadline_item, received_at, FIELD_TIME, "receipt"),
	F_MUST(struct deadline_item, due_at, FIELD_TIME,
	       "the earlier of the house's date and the law's"),
	F_MAY_HAS(struct deadline_item, legal_due_at, FIELD_TIME,
		  "the law's date"),
	F_MUST(struct deadline_item, days_left, FIELD_INT,
	       "whole days until due_at, rounded down"),
	F_MUST(struct deadline_item, overdue, FIELD_BOOL, "as_of > due_at"),
};
static const struct field out_fields[] = {
	F_MUST(struct report_deadlines_out, as_of, FIELD_TIME,
	       "the moment it is about"),
	F_OBJECT_HAS(struct report_deadlines_out, summary, summary_fields,
		     "of all that is open; on the first page"),
	F_LIST(struct report_deadlines_out, items, 0, item_fields,
	       DEADLINES_LIMIT_MAX, "the most urgent first"),
	F_MAY(struct report_deadlines_out, csv, FIELD_TEXT,
	      "the items as CSV; the first page has a header"),
	F_MAY(struct report_deadlines_out, next, FIELD_TEXT,
	      "cursor of the next page"),
};
const struct field_table report_deadlines_out_table =
	FIELD_TABLE(struct report_deadlines_out, out_fields);

struct place {
	int64_t due_at_ms;
	struct id id;
};

/* Letters of cursors: what the first page was about. */
#define CURSOR_CURRENT 'c'
#define CURSOR_PAST 'p'
#define AS_OF_MS_MAX 253402300799999LL /* the year 9999 */

struct making {
	struct call *c;
	int64_t as_of_ms;
	bool is_past;
	int64_t within_until_ms;
	bool has_within;
	bool has_cursor;
	bool has_summary;
	bool is_csv;
	struct place cursor;
	size_t limit;
	const char *const *names; /* who works on requests */
	size_t n_names;
	struct arena *scratch; /* of a past moment: one request */

	struct request_cover *page; /* in order; room for one more */
	size_t n;

	struct deadline_summary summary;
	struct deadline_track *tracks;
	struct deadline_age *ages;
	struct deadline_week *weeks;
	int64_t week_begins_ms[DEADLINES_WEEKS + 1];
};

static int
place_compare(const struct place *a, const struct place *b)
{
	return a->due_at_ms < b->due_at_ms   ? -1
	       : a->due_at_ms > b->due_at_ms ? 1
					     : memcmp(a->id.b, b->id.b,
						      ID_BYTES);
}

static struct place
place_of(const struct request_cover *cover)
{
	return (struct place){cover->due_at_ms, cover->id};
}

/* Whole days from one moment to another, rounded down. */
static int64_t
deadlines_days(int64_t from_ms, int64_t to_ms)
{
	int64_t ms = to_ms - from_ms;
	int64_t days = ms / MS_PER_DAY;

	return ms < 0 && ms % MS_PER_DAY != 0 ? days - 1 : days;
}

static void
summary_types(struct making *m, const struct request_cover *cover)
{
	struct deadline_summary *s = &m->summary;
	struct deadline_track *track = &m->tracks[cover->type];
	int64_t left = deadlines_days(m->as_of_ms, cover->due_at_ms);

	switch (cover->type) {
	case REQUEST_TYPE_ACCESS:
		s->by_type.access++;
		break;
	case REQUEST_TYPE_CHANGE:
		s->by_type.change++;
		break;
	case REQUEST_TYPE_DELETE:
		s->by_type.delete_++;
		break;
	}
	if (m->as_of_ms > cover->due_at_ms) {
		s->overdue++;
		track->overdue++;
	} else if (left < DEADLINES_APPROACHING_DAYS) {
		s->approaching++;
		track->approaching++;
	} else {
		track->on_track++;
	}
	if (m->has_within && m->as_of_ms <= cover->due_at_ms &&
	    cover->due_at_ms <= m->within_until_ms) {
		s->due_within++;
	}
}

static void
summary_week(struct making *m, int64_t due_at_ms)
{
	size_t week = 0;

	if (due_at_ms < m->week_begins_ms[0]) {
		return;
	}
	while (week < DEADLINES_WEEKS &&
	       due_at_ms >= m->week_begins_ms[week + 1]) {
		week++;
	}
	if (week < DEADLINES_WEEKS) {
		m->weeks[week].due++;
	}
}

static void
summary_add(struct making *m, const struct request_cover *cover)
{
	int64_t age = deadlines_days(cover->received_at_ms, m->as_of_ms);
	size_t bin = age < 0 ? 0 : (size_t)(age / DEADLINES_AGE_BIN_DAYS);

	m->summary.open++;
	summary_types(m, cover);
	if (cover->state == REQUEST_OPEN) {
		m->summary.by_state.open++;
	} else if (cover->state == REQUEST_VERIFYING) {
		m->summary.by_state.verifying++;
	} else {
		m->summary.by_state.in_progress++;
	}
	bin = bin < DEADLINES_AGE_BINS ? bin : DEADLINES_AGE_BINS - 1;
	m->ages[bin].open++;
	m->ages[bin].overdue += m->as_of_ms > cover->due_at_ms ? 1 : 0;
	summary_week(m, cover->due_at_ms);
}

/* Into the page if it belongs there: after the cursor, before the page's end.
 * Rows come almost in order, so that little is moved. */
static void
page_add(struct making *m, const struct request_cover *cover)
{
	struct place here = place_of(cover);
	size_t at = m->n;

	if ((m->has_cursor && place_compare(&here, &m->cursor) <= 0) ||
	    (m->has_within && cover->due_at_ms > m->within_until_ms)) {
		return;
	}
	while (at > 0) {
		struct place before = place_of(&m->page[at - 1]);

		if (place_compare(&before, &here) <= 0) {
			break;
		}
		at--;
	}
	if (at > m->limit) {
		return;
	}
	if (m->n > m->limit) {
		m->n--;
	}
	memmove(&m->page[at + 1], &m->page[at],
		(m->n - at) * sizeof(m->page[0]));
	m->page[at] = *cover;
	m->n++;
}

/* How it stood at a past moment, where that is not how it stands. One request
 * after the other in the same memory. False in *out_kept: its record has ended
 * since this snapshot. */
static int
stood_then(struct making *m, struct request_cover *cover, bool *out_kept)
{
	struct call one = *m->c;
	const char *assignee;
	struct request *r;
	int rc;

	one.arena = m->scratch;
	arena_reset(m->scratch);
	rc = request_peek(&one, cover->id, &r);
	*out_kept = rc != ERR_NOT_FOUND;
	if (rc == ERR_NOT_FOUND) {
		err_clear();
		return 0;
	}
	if (rc != 0) {
		return rc;
	}
	request_cover_then(r, m->as_of_ms, cover, &assignee);
	cover->assignee = 0;
	for (size_t i = 0; assignee != NULL && i < m->n_names; i++) {
		if (strcmp(m->names[i], assignee) == 0) {
			cover->assignee = (uint32_t)i + 1;
		}
	}
	return 0;
}

static int
row_add(struct making *m, struct bytes key, struct bytes value)
{
	struct request_cover cover;
	bool is_kept = true;
	int rc = cover_open(key, value, &cover);

	if (rc != 0 ||
	    (cover.closed_at_ms != 0 && cover.closed_at_ms <= m->as_of_ms)) {
		return rc;
	}
	if (m->is_past && cover.changed_at_ms > m->as_of_ms) {
		rc = stood_then(m, &cover, &is_kept);
	}
	if (rc != 0 || !is_kept || cover.received_at_ms > m->as_of_ms) {
		return rc;
	}
	if (m->has_summary) {
		summary_add(m, &cover);
	}
	page_add(m, &cover);
	return 0;
}

/* Open ones from the cursor on; without a summary to make, until the page is
 * full. */
static int
open_read(struct making *m)
{
	struct key_maker from = {.n = 0};
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;
	int rc;

	/* The order of then is another one: the page sorts. */
	if (m->has_cursor && !m->is_past) {
		key_u64(&from, (uint64_t)m->cursor.due_at_ms);
		key_id(&from, m->cursor.id);
	}
	rc = range_open(m->c->txn, TABLE_DUE, bytes_of(NULL, 0),
			key_bytes(&from), 0, &r);
	while (rc == 0 && (rc = range_next(r, &key, &value)) == 1) {
		rc = row_add(m, key, value);
		if (!m->has_summary && !m->is_past && m->n > m->limit) {
			break;
		}
	}
	range_close(r);
	return rc < 0 ? rc : 0;
}

/* Those closed since a past moment. */
static int
closed_read(struct making *m)
{
	static const uint8_t kind = COVER_KIND_CLOSED;
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;
	int rc;

	if (!m->is_past) {
		return 0;
	}
	rc = range_open(m->c->txn, TABLE_REQUEST_BY, bytes_of(&kind, 1),
			bytes_of(NULL, 0), 0, &r);
	while (rc == 0 && (rc = range_next(r, &key, &value)) == 1) {
		rc = row_add(m, key, value);
	}
	range_close(r);
	return rc < 0 ? rc : 0;
}

/* A cursor brings the moment of its first page along, and whether that was the
 * present then: the pages after it go on reading what is open now, however long
 * they take, and do not turn into questions about the past. */
static int
cursor_read(struct making *m, const char *text, bool *out_is_past)
{
	char id[ID_TEXT_BYTES];
	long long as_of;
	long long due;
	char letter;
	int used = 0;

	if (sscanf(text, "%c%19lld.%19lld.%36[0-9a-f-]%n", &letter, &as_of,
		   &due, id, &used) != 4 ||
	    text[used] != '\0' || id_parse(id, &m->cursor.id) != 0 ||
	    (letter != CURSOR_CURRENT && letter != CURSOR_PAST) || as_of < 0 ||
	    as_of > AS_OF_MS_MAX) {
		return err_field(ERR_INVALID, "cursor",
				 "is none of this service");
	}
	m->as_of_ms = as_of;
	m->cursor.due_at_ms = due;
	m->has_cursor = true;
	*out_is_past = letter == CURSOR_PAST;
	return 0;
}

static int
as_of_read(struct making *m, const struct report_deadlines_in *in)
{
	int64_t now_ms = m->c->now_ms;
	int64_t asked_ms;
	int rc = asof_parse(m->c->policy, in->as_of, "as_of", now_ms,
			    &asked_ms);

	if (rc != 0) {
		return rc;
	}
	if (in->cursor == NULL) {
		m->as_of_ms = asked_ms;
		m->is_past = asked_ms < now_ms;
		return 0;
	}
	rc = cursor_read(m, in->cursor, &m->is_past);
	if (rc == 0 && in->as_of != NULL && asked_ms != m->as_of_ms) {
		return err_field(ERR_INVALID, "as_of",
				 "is not that of the first page");
	}
	return rc;
}

static void
within_read(struct making *m, struct duration within)
{
	int64_t part_ms = within.ms;
	date_t from = date_of_ms_utc(m->as_of_ms);
	date_t to;

	within.ms = 0;
	to = date_add(from, within);
	m->has_within = true;
	m->within_until_ms =
		m->as_of_ms + (to - from) * MS_PER_DAY + part_ms;
}

static int
summary_begin(struct making *m)
{
	struct arena *a = m->c->arena;
	date_t monday = decide_today(m->c->policy, m->as_of_ms);

	monday -= date_weekday(monday);
	m->tracks = arena_array(a, REQUEST_TYPE_COUNT, sizeof(*m->tracks));
	m->ages = arena_array(a, DEADLINES_AGE_BINS, sizeof(*m->ages));
	m->weeks = arena_array(a, DEADLINES_WEEKS, sizeof(*m->weeks));
	if (m->tracks == NULL || m->ages == NULL || m->weeks == NULL) {
		return ERR_NOMEM;
	}
	for (int i = 0; i < REQUEST_TYPE_COUNT; i++) {
		m->tracks[i].type = i;
	}
	for (int i = 0; i < DEADLINES_AGE_BINS; i++) {
		m->ages[i].from_days = i * DEADLINES_AGE_BIN_DAYS;
		m->ages[i].has_to_days = i + 1 < DEADLINES_AGE_BINS;
		m->ages[i].to_days = (i + 1) * DEADLINES_AGE_BIN_DAYS;
	}
	for (int i = 0; i <= DEADLINES_WEEKS; i++) {
		m->week_begins_ms[i] =
			decide_day_begin_ms(m->c->policy, monday + 7 * i);
		if (i < DEADLINES_WEEKS) {
			m->weeks[i].week = monday + 7 * i;
		}
	}
	return 0;
}

static int
making_begin(struct making *m, const struct report_deadlines_in *in)
{
	int rc = as_of_read(m, in);

	if (rc != 0) {
		return rc;
	}
	m->has_summary = !m->has_cursor && (!in->has_summary || in->summary);
	m->is_csv = in->has_format && in->format == DEADLINES_CSV;
	m->limit = in->has_limit ? (size_t)in->limit
		   : m->is_csv	 ? DEADLINES_CSV_ITEMS
				 : DEADLINES_LIMIT_MAX;
	if (in->has_within) {
		within_read(m, in->within);
	}
	m->page = arena_array(m->c->arena, m->limit + 2, sizeof(*m->page));
	return m->page == NULL ? ERR_NOMEM : summary_begin(m);
}

static int
items_make(struct making *m, struct report_deadlines_out *out)
{
	struct call *c = m->c;
	int rc = 0;
	size_t n = m->n < m->limit ? m->n : m->limit;

	out->items = arena_array(c->arena, n, sizeof(*out->items));
	if (out->items == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		const struct request_cover *cover = &m->page[i];

		out->items[i] = (struct deadline_item){
			.request = cover->id,
			.type = (int)cover->type,
			.state = (int)cover->state,
			.regime = cover->regime[0] == '\0' ? NULL
							   : cover->regime,
			.assignee = cover->assignee > 0 &&
						    cover->assignee <=
							    m->n_names
					    ? m->names[cover->assignee - 1]
					    : NULL,
			.received_at = cover->received_at_ms,
			.due_at = cover->due_at_ms,
			.legal_due_at = cover->legal_due_at_ms,
			.has_legal_due_at = cover->legal_due_at_ms != 0,
			.days_left = deadlines_days(m->as_of_ms,
						    cover->due_at_ms),
			.overdue = m->as_of_ms > cover->due_at_ms};
	}
	out->n_items = n;
	if (m->is_csv) {
		rc = deadlines_csv(c->arena, out->items, n, !m->has_cursor, &n,
				   &out->csv);
		out->n_items = 0;
	}
	if (rc == 0 && m->n > n) {
		char id[ID_TEXT_BYTES];
		const struct request_cover *last = &m->page[n - 1];

		out->next = arena_printf(
			c->arena, "%c%lld.%lld.%s",
			m->is_past ? CURSOR_PAST : CURSOR_CURRENT,
			(long long)m->as_of_ms, (long long)last->due_at_ms,
			id_print(last->id, id));
		rc = out->next == NULL ? ERR_NOMEM : 0;
	}
	return rc;
}

bool
report_deadlines_is_brief(const void *input)
{
	const struct report_deadlines_in *in = input;

	return in->as_of == NULL && in->cursor == NULL && !in->has_within &&
	       in->has_summary && !in->summary &&
	       (!in->has_format || in->format == DEADLINES_JSON) &&
	       in->has_limit && in->limit <= DEADLINES_BRIEF_ITEMS;
}

int
report_deadlines(struct call *c, const void *input, void *output)
{
	struct report_deadlines_out *out = output;
	struct making m = {.c = c};
	int rc = making_begin(&m, input);

	if (rc == 0) {
		rc = assignee_names(c, &m.names, &m.n_names);
	}
	if (rc == 0 && m.is_past) {
		m.scratch = arena_new(SCRATCH_BYTES_MAX);
		rc = m.scratch == NULL ? ERR_NOMEM : 0;
	}
	if (rc == 0) {
		rc = open_read(&m);
	}
	if (rc == 0) {
		rc = closed_read(&m);
	}
	arena_free(m.scratch);
	if (rc != 0) {
		return rc;
	}
	out->as_of = m.as_of_ms;
	out->has_summary = m.has_summary;
	m.summary.has_due_within = m.has_within;
	m.summary.tracks = m.tracks;
	m.summary.n_tracks = REQUEST_TYPE_COUNT;
	m.summary.ages = m.ages;
	m.summary.n_ages = DEADLINES_AGE_BINS;
	m.summary.weeks = m.weeks;
	m.summary.n_weeks = DEADLINES_WEEKS;
	out->summary = m.summary;
	return items_make(&m, out);
}

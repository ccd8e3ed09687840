/* What the formats of reports share: which rows and columns there are, what
 * stands in a cell. */
#include "report.h"

#include <inttypes.h>
#include <string.h>

#include "wire/schema.h"

#define JSON_BYTES_MAX ((size_t)1 << 30)

static const char *const deadline_columns[] = {
	"request",	"type",	  "state",	  "regime",    "assignee",
	"received_at",	"due_at", "legal_due_at", "days_left", "overdue",
	NULL};
static const char *const track_columns[] = {"type", "on_track", "approaching",
					    "overdue", NULL};
static const char *const week_columns[] = {"week", "due", NULL};
static const char *const age_columns[] = {"from_days", "to_days", "open",
					  "overdue", NULL};
static const char *const year_columns[] = {
	"year",	  "complete",	 "type",      "received", "complied",
	"denied", "median_days", "mean_days", NULL};
static const char *const type_columns[] = {
	"type",	   "received", "fulfilled", "denied",	   "revoked",
	"expired", "on_time",  "late",	    "median_days", "p95_days",
	NULL};
static const char *const month_columns[] = {"month",   "received", "closed",
					    "on_time", "late",	   NULL};
static const char *const named_columns[] = {"name", "n", NULL};
static const char *const notice_columns[] = {
	"from_days", "to_days", "person", "recipient", "alarm", NULL};
static const char *const recipient_columns[] = {"recipient", "n", "oldest_at",
						"oldest_days", NULL};
static const char *const sharing_columns[] = {
	"recipient", "purpose", "category", "country", "outcome", "n", NULL};
static const char *const registration_columns[] = {"outcome", "country",
						   "band", "n", NULL};
static const char *const registered_columns[] = {"month", "registered",
						 "refused", "closed", NULL};
static const char *const retention_columns[] = {
	"category",	   "expired",	     "holds",
	"period",	   "from",	     "basis",
	"kept_on_request", "house_decision", "clause",
	NULL};
static const char *const navigation_columns[] = {"day", "page", "views",
						 "clicks", NULL};

/* clang-format off */
static const struct report_part parts[] = {
	{"deadlines", "items", NULL, "items", deadline_columns},
	{"deadlines", "tracks", "summary", "tracks", track_columns},
	{"deadlines", "weeks", "summary", "weeks", week_columns},
	{"deadlines", "ages", "summary", "ages", age_columns},
	{"requests", "years", NULL, "years", year_columns},
	{"requests", "types", NULL, "types", type_columns},
	{"requests", "months", NULL, "months", month_columns},
	{"requests", "channels", NULL, "channels", named_columns},
	{"requests", "denials", NULL, "denials", named_columns},
	{"requests", "notices", "unacknowledged", "ages", notice_columns},
	{"requests", "recipients", "unacknowledged", "recipients", recipient_columns},
	{"sharing", "items", NULL, "items", sharing_columns},
	{"registrations", "items", NULL, "items", registration_columns},
	{"registrations", "months", NULL, "months", registered_columns},
	{"retention", "items", NULL, "items", retention_columns},
	{"navigation", "items", NULL, "items", navigation_columns},
};
/* clang-format on */
#define PARTS (sizeof(parts) / sizeof(parts[0]))

const struct report_part *
report_part_of(const char *kind, const char *name)
{
	for (size_t i = 0; i < PARTS; i++) {
		if (strcmp(parts[i].kind, kind) == 0 &&
		    (name == NULL || strcmp(parts[i].name, name) == 0)) {
			return &parts[i];
		}
	}
	return NULL;
}

const char *
report_parts(const char *kind, char *out, size_t n)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < PARTS && at < n; i++) {
		if (strcmp(parts[i].kind, kind) == 0) {
			int more = snprintf(out + at, n - at, "%s%s",
					    at > 0 ? " " : "", parts[i].name);

			at += more > 0 ? (size_t)more : 0;
		}
	}
	return out;
}

const struct value *
report_rows(const struct report *r, const struct report_part *part)
{
	const struct value *of =
		part->object == NULL ? r->answer
				     : value_get(r->answer, part->object);
	const struct value *list =
		of == NULL ? NULL : value_get(of, part->list);

	return list != NULL && list->kind == VALUE_LIST ? list : NULL;
}

int
report_format_of(const char *word)
{
	static const char *const words[] = {"table", "json", "csv", "html",
					    "ics"};

	for (int i = 0; i < 5; i++) {
		if (strcmp(words[i], word) == 0) {
			return i;
		}
	}
	return -1;
}

const char *
report_cell(const struct value *v, char number[24])
{
	if (v == NULL) {
		return "";
	}
	switch (v->kind) {
	case VALUE_TEXT:
		return v->text.s;
	case VALUE_BOOL:
		return v->truth ? "yes" : "no";
	case VALUE_INT:
		(void)snprintf(number, 24, "%" PRId64, v->number);
		return number;
	case VALUE_NULL:
	case VALUE_REAL:
	case VALUE_LIST:
	case VALUE_OBJECT:
		break;
	}
	return "";
}

const char *
report_date(const struct report *r, const char *time,
	    char out[DATE_TEXT_BYTES])
{
	int64_t ms;

	out[0] = '\0';
	if (time == NULL || time_parse(time, &ms) != 0) {
		return out;
	}
	return date_print(r->zone == NULL ? date_of_ms_utc(ms)
					  : zone_date(r->zone, ms),
			  out);
}

int64_t
report_number(const struct value *v, const char *name)
{
	const struct value *m = v == NULL ? NULL : value_get(v, name);

	return m != NULL && m->kind == VALUE_INT ? m->number : 0;
}

int
report_json(const struct report *r, FILE *to)
{
	const struct value *what =
		r->part == NULL ? r->answer
				: report_rows(r, report_part_of(r->kind,
								r->part));
	struct buf text;
	int rc;

	if (what == NULL) {
		return say(EX_SOFTWARE, "the answer has no such part");
	}
	buf_init(&text, JSON_BYTES_MAX);
	rc = schema_value_encode(what, 2, &text);
	if (rc == 0) {
		(void)fwrite(text.data, 1, text.len, to);
		(void)fputc('\n', to);
	}
	buf_clear(&text);
	return rc == 0 ? 0 : say(EX_SOFTWARE, "the report is too long");
}

int
report_render(const struct report *r, enum report_format format, FILE *to)
{
	switch (format) {
	case REPORT_TABLE:
		return report_terminal(r, to);
	case REPORT_JSON:
		return report_json(r, to);
	case REPORT_CSV:
		return report_csv(r, to);
	case REPORT_HTML:
		return report_html(r, to);
	case REPORT_ICS:
		return report_ics(r, to);
	}
	return EX_SOFTWARE;
}

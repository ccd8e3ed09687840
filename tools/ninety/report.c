/* What the formats of reports share: which rows and columns there are, what
 * stands in a cell. */
#include "report.h"

#include <inttypes.h>
#include <string.h>

#include "wire/schema.h"

#define JSON_BYTES_MAX ((size_t)1 << 30)

static const char *const deadline_columns[] = {
	"request", "type",   "state",        "regime",    "assignee", "received_at",
	"due_at",  "legal_due_at", "days_left", "overdue",  NULL};
static const char *const request_columns[] = {
	"year",   "type",        "received",  "complied",
	"denied", "median_days", "mean_days", NULL};
static const char *const sharing_columns[] = {
	"recipient", "purpose", "category", "country", "outcome", "n", NULL};
static const char *const registration_columns[] = {"outcome", "country",
						    "band", "n", NULL};
static const char *const retention_columns[] = {
	"category", "expired", "holds", "period",
	"from",     "basis",   "kept_on_request", "house_decision",
	"clause",   NULL};
static const char *const navigation_columns[] = {"day", "page", "views",
						  "clicks", NULL};

static const struct {
	const char *kind;
	struct report_columns columns;
} kinds[] = {
	{"deadlines", {"items", deadline_columns}},
	{"requests", {"years", request_columns}},
	{"sharing", {"items", sharing_columns}},
	{"registrations", {"items", registration_columns}},
	{"retention", {"items", retention_columns}},
	{"navigation", {"items", navigation_columns}},
};

const struct report_columns *
report_columns_of(const char *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, kind) == 0) {
			return &kinds[i].columns;
		}
	}
	return NULL;
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

int64_t
report_number(const struct value *v, const char *name)
{
	const struct value *m = v == NULL ? NULL : value_get(v, name);

	return m != NULL && m->kind == VALUE_INT ? m->number : 0;
}

int
report_json(const struct report *r, FILE *to)
{
	struct buf text;
	int rc;

	buf_init(&text, JSON_BYTES_MAX);
	rc = schema_value_encode(r->answer, 2, &text);
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

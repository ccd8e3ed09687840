/* Spans of days, months. */
#include "report/span.h"

#include "retention/asof.h"

#define MOMENT_BYTES_MAX 40

static const struct field span_in_fields[] = {
	F_WORD(struct span_in, from, 0, MOMENT_BYTES_MAX,
	       "a date, or a time whose day counts"),
	F_WORD(struct span_in, to, 0, MOMENT_BYTES_MAX,
	       "a date, not included, or the time before which"),
};
const struct field_table span_in_table =
	FIELD_TABLE(struct span_in, span_in_fields);

int
span_read(struct call *c, const struct span_in *in, struct span *out)
{
	struct span s;
	int rc = asof_day(c->policy, in->from, "from", false, &s.from);

	if (rc == 0) {
		rc = asof_day(c->policy, in->to, "to", true, &s.to);
	}
	if (rc == 0 && s.to < s.from) {
		rc = err_field(ERR_INVALID, "to", "before from");
	}
	if (rc == 0 && s.to - s.from > SPAN_DAYS_MAX) {
		rc = err_field(ERR_INVALID, "from", "at most 20 years");
	}
	if (rc == 0) {
		*out = s;
	}
	return rc;
}

date_t
month_of(date_t day)
{
	struct ymd ymd = date_to_ymd(day);

	ymd.day = 1;
	return date_from_ymd(ymd);
}

const char *
month_print(struct arena *a, date_t day)
{
	char text[DATE_TEXT_BYTES];

	return arena_text(a, date_print(day, text), 7);
}

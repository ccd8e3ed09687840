/* Moments given to reports. */
#include "retention/asof.h"

#include "policy/decide.h"

int
asof_parse(const struct policy *p, const char *text, const char *field,
	   int64_t now_ms, int64_t *out_ms)
{
	date_t day;

	if (text == NULL) {
		*out_ms = now_ms;
		return 0;
	}
	if (date_parse(text, &day) == 0) {
		*out_ms = decide_day_begin_ms(p, day);
		return 0;
	}
	if (time_parse(text, out_ms) == 0) {
		err_clear();
		return 0;
	}
	return err_field(ERR_INVALID, field,
			 "neither a date nor a time in UTC");
}

int
asof_day(const struct policy *p, const char *text, const char *field, bool up,
	 date_t *out)
{
	int64_t ms;
	int rc;

	if (date_parse(text, out) == 0) {
		return 0;
	}
	rc = asof_parse(p, text, field, 0, &ms);
	if (rc == 0) {
		*out = up ? decide_today(p, ms - 1) + 1 : decide_today(p, ms);
	}
	return rc;
}

/* Deadlines as a calendar, RFC 5545: one event a request, at its due moment,
 * with a reminder a week and a day before it. libical escapes and folds. The
 * same request keeps its UID, so that a newer file replaces what an older one
 * brought. */
#include <libical/ical.h>
#include <string.h>

#include "base/timefmt.h"
#include "report.h"

static struct icaltimetype
moment(const char *text)
{
	int64_t ms = 0;

	if (text == NULL || time_parse(text, &ms) != 0) {
		return icaltime_null_time();
	}
	return icaltime_from_timet_with_zone((time_t)(ms / 1000), 0,
					     icaltimezone_get_utc_timezone());
}

static void
reminder_add(icalcomponent *event, const char *before, const char *text)
{
	icalcomponent_add_component(
		event,
		icalcomponent_vanew(
			ICAL_VALARM_COMPONENT,
			icalproperty_new_action(ICAL_ACTION_DISPLAY),
			icalproperty_new_description(text),
			icalproperty_new_trigger(
				icaltriggertype_from_string(before)),
			NULL));
}

static icalcomponent *
event_make(const struct value *item, struct icaltimetype stamp)
{
	const char *id = value_get_text(item, "request");
	const char *type = value_get_text(item, "type");
	const char *state = value_get_text(item, "state");
	const char *regime = value_get_text(item, "regime");
	const struct value *overdue = value_get(item, "overdue");
	bool late = overdue != NULL && overdue->kind == VALUE_BOOL &&
		    overdue->truth;
	struct icaltimetype due = moment(value_get_text(item, "due_at"));
	icalcomponent *event;
	char uid[128];
	char summary[256];
	char text[512];

	(void)snprintf(uid, sizeof(uid), "%s@ninety", id == NULL ? "" : id);
	(void)snprintf(summary, sizeof(summary), "%s%s request due",
		       late ? "OVERDUE: " : "", type == NULL ? "" : type);
	(void)snprintf(text, sizeof(text),
		       "Request %s\nState: %s\nRegime: %s\nReceived: %s",
		       id == NULL ? "" : id, state == NULL ? "" : state,
		       regime == NULL ? "house" : regime,
		       value_get_text(item, "received_at"));
	event = icalcomponent_vanew(
		ICAL_VEVENT_COMPONENT, icalproperty_new_uid(uid),
		icalproperty_new_dtstamp(stamp), icalproperty_new_dtstart(due),
		icalproperty_new_summary(summary),
		icalproperty_new_description(text),
		icalproperty_new_categories(type == NULL ? "" : type),
		icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT),
		icalproperty_new_priority(late ? 1 : 0), NULL);
	if (!late) {
		reminder_add(event, "-P7D", summary);
		reminder_add(event, "-P1D", summary);
	}
	return event;
}

int
report_ics(const struct report *r, FILE *to)
{
	const struct value *items = value_get(r->answer, "items");
	struct icaltimetype stamp = moment(value_get_text(r->answer, "as_of"));
	icalcomponent *calendar;
	char *text;

	if (strcmp(r->kind, "deadlines") != 0 || items == NULL) {
		return say(EX_USAGE, "only `deadlines` is a calendar");
	}
	calendar = icalcomponent_vanew(
		ICAL_VCALENDAR_COMPONENT, icalproperty_new_version("2.0"),
		icalproperty_new_prodid("-//ninety//deadlines//EN"),
		icalproperty_new_method(ICAL_METHOD_PUBLISH),
		icalproperty_new_name("Deadlines of data subject requests"),
		NULL);
	for (size_t i = 0; i < items->of.n; i++) {
		icalcomponent_add_component(
			calendar,
			event_make(&items->of.items[i].value, stamp));
	}
	text = icalcomponent_as_ical_string_r(calendar);
	if (text != NULL) {
		(void)fputs(text, to);
	}
	icalmemory_free_buffer(text);
	icalcomponent_free(calendar);
	return text == NULL ? say(EX_OSERR, "no memory for a calendar") : 0;
}

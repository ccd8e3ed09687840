#ifndef REPORT_PEOPLE_H
#define REPORT_PEOPLE_H

#include "report/span.h"

/* report.registrations and report.sharing: counts without a person. */

#define PEOPLE_ITEMS_MAX 4000

struct registrations_item {
	const char *outcome;
	const char *country; /* absent: not known, or a refused child's */
	const char *band;    /* absent likewise */
	int64_t n;
};
struct registrations_month {
	const char *month;
	int64_t registered; /* adults and minors */
	int64_t refused;    /* for their age, or for want of consent */
	int64_t closed;
};
struct report_registrations_out {
	date_t from;
	date_t to;
	int64_t adults;
	int64_t minors;
	int64_t under_age;
	int64_t consent_required;
	int64_t prospects;
	int64_t closed;
	int64_t reopened;
	struct registrations_item *items;
	size_t n_items;
	struct registrations_month *months;
	size_t n_months;
};
extern const struct field_table report_registrations_out_table;
int report_registrations(struct call *c, const void *in, void *out);

struct sharing_item {
	const char *recipient; /* absent: none of the policy */
	const char *purpose;
	const char *category;
	const char *country;
	const char *outcome;
	int64_t n;
};
struct report_sharing_out {
	date_t from;
	date_t to;
	int64_t given;
	int64_t declared;
	int64_t refused;
	struct sharing_item *items;
	size_t n_items;
};
extern const struct field_table report_sharing_out_table;
int report_sharing(struct call *c, const void *in, void *out);

#endif

/*
 * Computes what property_deadline.py asks: lines of
 *   COUNTRY REGION RECEIVED_MS EXTENDED   ("-" for an absent text)
 * on stdin, for each the regime, legal_due_at, due_at, confirm_by and
 * extension_notice_by in milliseconds on stdout, -1 for what there is not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/deadline.h"

static struct policy_faults faults;

static int64_t
shown(int64_t ms)
{
	return ms == DEADLINE_NONE ? -1 : ms;
}

int
main(int argc, char **argv)
{
	const struct policy *p;
	char country[8];
	char region[8];
	int64_t received;
	int extended;

	if (argc != 2 || policy_load(argv[1], &p, &faults) != 0) {
		(void)fprintf(stderr, "cannot load the policies\n");
		return 2;
	}
	while (scanf("%7s %7s %" SCNd64 " %d", country, region, &received,
		     &extended) == 4) {
		struct deadline_facts facts = {
			.received_at_ms = received,
			.country = strcmp(country, "-") == 0 ? NULL : country,
			.region = strcmp(region, "-") == 0 ? NULL : region,
			.extended = extended != 0,
		};
		struct deadline d;

		if (deadline_compute(p, &facts, &d) != 0) {
			return 1;
		}
		printf("%s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n",
		       d.regime == NULL ? "-" : d.regime->name,
		       shown(d.legal_due_at_ms), shown(d.due_at_ms),
		       shown(d.confirm_by_ms),
		       shown(d.extension_notice_by_ms));
	}
	policy_free(p);
	return 0;
}

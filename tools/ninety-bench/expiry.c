/* A day of expiry, through a whole core. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/timefmt.h"
#include "bench.h"
#include "expiry.h"
#include "local.h"
#include "policy/role.h"

#define BODY_BYTES 512
#define UUID_BYTES 37
#define GROUP 256
/* Records of use end 18 months after they were collected. */
#define KEPT_DAYS 552
#define DAY_TURNS_MAX 1000000

struct expiry {
	struct local l;
	char first[UUID_BYTES]; /* of the people */
};

/* One record of use each; they come into being in the same hour. */
static int
people_make(struct expiry *e, unsigned long people)
{
	char subject[UUID_BYTES];
	char body[BODY_BYTES];
	int rc = 0;

	for (unsigned long i = 0; i < people && rc == 0; i++) {
		(void)snprintf(
			body, sizeof(body),
			"{\"birth_date\":\"1980-05-05\",\"country\":\"US\","
			"\"contact\":{\"name\":\"Bench\",\"email\":"
			"\"u%lu@bench.example\"},\"terms\":{\"version\":\"1\","
			"\"accepted_at\":\"2026-01-01T00:00:00Z\"}}",
			i);
		rc = local_call(&e->l, ROLE_PORTAL, "subject.register", body);
		if (rc == 0 &&
		    !local_text(&e->l, "subject", subject, sizeof(subject))) {
			rc = EX_SOFTWARE;
		}
		if (i == 0) {
			memcpy(e->first, subject, sizeof(subject));
		}
		(void)snprintf(body, sizeof(body),
			       "{\"subject\":\"%s\",\"category\":\"usage\","
			       "\"data\":{\"kind\":\"call\",\"units\":1}}",
			       subject);
		rc = rc != 0 ? rc
			     : local_send(&e->l, ROLE_PORTAL, "subject.write",
					  body);
		if (rc == 0 && i % GROUP == GROUP - 1) {
			rc = local_turn(&e->l);
		}
	}
	return rc != 0 ? rc : local_settle(&e->l);
}

/* Whether the first of them still has a record of use. */
static int
is_readable(struct expiry *e, bool *out)
{
	char body[BODY_BYTES];
	int rc;

	(void)snprintf(body, sizeof(body),
		       "{\"subject\":\"%s\",\"purpose\":\"service\","
		       "\"reason\":\"bench\",\"categories\":[\"usage\"]}",
		       e->first);
	rc = local_call(&e->l, ROLE_PORTAL, "subject.read", body);
	*out = rc == 0 && strstr(e->l.body, "\"units\"") != NULL;
	return rc;
}

static int
epoch_take(struct expiry *e, int64_t *out)
{
	int rc = local_call(&e->l, ROLE_ADMIN, "key.status", "{}");

	*out = local_number(&e->l, "epoch");
	return rc;
}

static int
day_end(struct expiry *e, double *out_seconds)
{
	int64_t before = 0;
	int64_t now = 0;
	bool readable = false;
	uint64_t from;
	int rc = is_readable(e, &readable);

	if (rc == 0 && !readable) {
		(void)fputs("ninety-bench: the record is not there\n", stderr);
		rc = EX_SOFTWARE;
	}
	if (rc == 0) {
		rc = epoch_take(e, &before);
	}
	from = bench_now_us();
	local_advance(&e->l, KEPT_DAYS * MS_PER_DAY);
	now = before;
	for (long i = 0; rc == 0 && now == before && i < DAY_TURNS_MAX; i++) {
		rc = epoch_take(e, &now);
	}
	*out_seconds = (double)(bench_now_us() - from) / 1e6;
	if (rc == 0) {
		rc = is_readable(e, &readable);
	}
	if (rc == 0 && (readable || now == before)) {
		(void)fputs("ninety-bench: the day did not end\n", stderr);
		rc = EX_SOFTWARE;
	}
	return rc;
}

int
expiry_measure(const char *under, unsigned long people, double *out_seconds)
{
	static struct expiry e;
	const struct local_options lo = {.under = under, .time_stands = true};
	int rc = local_open(&lo, &e.l);

	if (rc != 0) {
		return rc;
	}
	rc = people_make(&e, people);
	if (rc == 0) {
		rc = day_end(&e, out_seconds);
	}
	local_close(&e.l);
	return rc;
}

/* A day of expiry, through a whole core: people are made by groups, each of
 * them one sync. */

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
	/* Those of a group, in the order of their calls. */
	char subjects[GROUP][UUID_BYTES];
	uint64_t token; /* of the first call */
};

static void
registered(void *ctx, uint64_t token)
{
	struct expiry *e = ctx;

	if (token - e->token < GROUP &&
	    !local_text(&e->l, "subject", e->subjects[token - e->token],
			UUID_BYTES)) {
		e->l.refused++;
	}
}

/* Until the calls handed in have been answered. */
static int
group_answered(struct expiry *e, uint64_t answered)
{
	int rc = 0;

	while (rc == 0 && e->l.answered < answered) {
		rc = local_turn(&e->l);
	}
	return rc;
}

static int
group_register(struct expiry *e, unsigned long from, unsigned long n)
{
	uint64_t answered = e->l.answered + n;
	char body[BODY_BYTES];
	int rc = 0;

	e->token = e->l.token + 1;
	e->l.heard = registered;
	e->l.heard_ctx = e;
	for (unsigned long i = from; i < from + n && rc == 0; i++) {
		(void)snprintf(
			body, sizeof(body),
			"{\"birth_date\":\"1980-05-05\",\"country\":\"US\","
			"\"contact\":{\"name\":\"Bench\",\"email\":"
			"\"u%lu@bench.example\"},\"terms\":{\"version\":\"1\","
			"\"accepted_at\":\"2026-01-01T00:00:00Z\"}}",
			i);
		rc = local_send(&e->l, ROLE_PORTAL, "subject.register", body);
	}
	rc = rc != 0 ? rc : group_answered(e, answered);
	e->l.heard = NULL;
	return rc;
}

static int
group_write(struct expiry *e, unsigned long n)
{
	uint64_t answered = e->l.answered + n;
	char body[BODY_BYTES];
	int rc = 0;

	for (unsigned long i = 0; i < n && rc == 0; i++) {
		(void)snprintf(body, sizeof(body),
			       "{\"subject\":\"%s\",\"category\":\"usage\","
			       "\"data\":{\"kind\":\"call\",\"units\":1}}",
			       e->subjects[i]);
		rc = local_send(&e->l, ROLE_PORTAL, "subject.write", body);
	}
	return rc != 0 ? rc : group_answered(e, answered);
}

/* One record of use each; they come into being in the same hour. */
static int
people_make(struct expiry *e, unsigned long people)
{
	int rc = 0;

	for (unsigned long i = 0; i < people && rc == 0; i += GROUP) {
		unsigned long n = people - i < GROUP ? people - i : GROUP;

		rc = group_register(e, i, n);
		rc = rc != 0 ? rc : group_write(e, n);
		if (i == 0) {
			memcpy(e->first, e->subjects[0], UUID_BYTES);
		}
	}
	if (rc == 0 && e->l.refused > 0) {
		(void)fprintf(stderr, "ninety-bench: %s\n",
			      e->l.first_refusal);
		rc = EX_SOFTWARE;
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

/*
 * Every write operation with each call of it failing, once: a read of a row, a
 * write of one, a key, a piece of memory. The answer is a clean refusal, no
 * row of the effect is there, and the same call by the same id then does what
 * it would have done at once. The operations come from the rows: a new write
 * without a line here fails.
 */

#include <poll.h>

#include "policy/role.h"
#include "service/state.h"
#include "support/core_env.h"
#include "support/failing.h"
#include "support/rows.h"
#include "support/test.h"

#define TURNS_MAX 20000

static unsigned wrong;
static const char *only; /* this operation; NULL: all of them */

/* A small world with one of everything that an operation may be about. */
enum thing {
	A_SUBJECT,
	A_CLOSED,
	AN_INVITE,
	A_HOLD,
	AN_OPEN, /* access under a law that pauses and extends */
	A_PAUSED,
	A_CHALLENGED,
	A_CODE,
	A_VERIFIED, /* access */
	A_DELETION, /* verified */
	A_DENIED,
	A_NOTICE,
	THINGS
};

struct world {
	struct core_env e;
	char things[THINGS][64];
};

/* A text in which $ and a letter stand for a thing: $A the first. */
static const char *
filled(const struct world *w, const char *text)
{
	static char room[8][2048];
	static unsigned next;
	char *to = room[next++ % 8];
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (*text == '$') {
			n += (size_t)snprintf(to + n, sizeof(room[0]) - n, "%s",
					      w->things[*++text - 'A']);
		} else {
			to[n++] = *text;
		}
		assert_true(n < sizeof(room[0]) - 1);
	}
	to[n] = '\0';
	return to;
}

static void
does(struct world *w, unsigned role, const char *operation, const char *body,
     enum thing thing, const char *member)
{
	core_env_ok(&w->e, role, operation, filled(w, body));
	if (member != NULL) {
		const char *text = core_env_text(&w->e, member);

		assert_non_null(text);
		(void)snprintf(w->things[thing], sizeof(w->things[0]), "%s",
			       text);
	}
}

#define REGISTER(email)                                                        \
	"{\"birth_date\":\"1980-02-29\",\"country\":\"DE\",\"contact\":"       \
	"{\"name\":\"Ada\",\"email\":\"" email "\"},\"terms\":"                \
	"{\"version\":\"1\",\"accepted_at\":\"2026-01-01T00:00:00Z\"}}"
#define SUBMIT(type)                                                           \
	"{\"type\":\"" type "\",\"subject\":\"$A\",\"channel\":\"portal\"}"
#define SEEN                                                                   \
	"\"method\":\"seen\",\"evidence\":{\"method\":\"seen\",\"reference\":" \
	"\"r\",\"at\":\"2026-01-01T00:00:00Z\"}"
#define EVENT                                                                  \
	"{\"at\":\"2026-03-02T08:00:00Z\",\"ip\":\"::1\",\"user_agent\":"      \
	"\"Moz\",\"language\":\"en\",\"page\":\"/a\",\"action\":\"view\"}"
#define INVITE(email)                                                          \
	"{\"subject\":\"$A\",\"friend\":{\"name\":\"M\",\"email\":\"" email    \
	"\"}}"
#define HOLD                                                                   \
	"{\"subject\":\"$A\",\"categories\":[\"billing\"],\"matter\":\"7\"}"
#define SHARE                                                                  \
	"{\"subject\":\"$A\",\"recipient\":\"contact-provider\",\"purpose\":"  \
	"\"service\",\"categories\":[\"contact\"],\"fields\":[\"email\"]}"
#define CARD                                                                   \
	"{\"subject\":\"$A\",\"category\":\"billing\",\"data\":{\"name\":"     \
	"\"Ada\",\"card_number\":\"4111111111111111\",\"card_expiry\":"        \
	"\"2027-01\"}}"
#define SOME_KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
/* clang-format off: a table */
static const struct {
	const char *operation;
	unsigned role;
	const char *body; /* NULL: what it needs is not to be had here */
} cases[] = {
	{"principal.add", ROLE_ADMIN,
	 "{\"name\":\"anna\",\"public_key\":\"" SOME_KEY
	 "\",\"roles\":[\"support\"]}"},
	{"principal.revoke", ROLE_ADMIN, "{\"name\":\"billing\"}"},
	{"key.rotate", ROLE_ADMIN, "{}"},
	{"subject.register", ROLE_PORTAL, REGISTER("new@example.org")},
	{"inquiry.record", ROLE_PORTAL,
	 "{\"contact\":{\"name\":\"P\",\"email\":\"p@example.org\"},"
	 "\"interest\":\"phones\",\"message\":\"call\"}"},
	{"subject.write", ROLE_PORTAL, CARD},
	{"subject.block", ROLE_PORTAL,
	 "{\"subject\":\"$A\",\"reason\":\"asked\"}"},
	{"subject.close", ROLE_PORTAL,
	 "{\"subject\":\"$A\",\"reason\":\"asked\"}"},
	{"subject.reopen", ROLE_PORTAL, "{\"subject\":\"$B\"}"},
	{"terms.accept", ROLE_PORTAL,
	 "{\"subject\":\"$A\",\"version\":\"2\",\"at\":\"2026-03-01T00:00:"
	 "00Z\"}"},
	{"invite.create", ROLE_PORTAL, INVITE("n@example.org")},
	{"invite.take", ROLE_PORTAL, "{\"invite\":\"$C\"}"},
	{"consent.set", ROLE_PORTAL,
	 "{\"subject\":\"$A\",\"purpose\":\"offer:headset\",\"granted\":true}"},
	{"visit.append", ROLE_PORTAL,
	 "{\"visitor\":\"c-2\",\"events\":[" EVENT "," EVENT "]}"},
	{"visit.identify", ROLE_PORTAL,
	 "{\"visitor\":\"c-1\",\"subject\":\"$A\"}"},
	{"share.record", ROLE_BILLING, SHARE},
	{"request.submit", ROLE_PORTAL, SUBMIT("access")},
	{"request.challenge", ROLE_PORTAL, "{\"request\":\"$E\"}"},
	{"request.verify", ROLE_PORTAL, "{\"request\":\"$G\",\"code\":\"$H\"}"},
	{"request.assign", ROLE_SUPPORT,
	 "{\"request\":\"$E\",\"to\":\"support\"}"},
	{"request.note", ROLE_SUPPORT,
	 "{\"request\":\"$E\",\"text\":\"called\"}"},
	{"request.confirm", ROLE_PORTAL,
	 "{\"request\":\"$E\",\"at\":\"2026-03-02T09:00:00.500Z\"}"},
	{"request.notified", ROLE_PORTAL,
	 "{\"request\":\"$K\",\"kind\":\"outcome\",\"at\":\"2026-03-02T09:00:"
	 "01Z\"}"},
	{"request.extend", ROLE_COMPLIANCE,
	 "{\"request\":\"$E\",\"reason\":\"complexity\"}"},
	{"request.pause", ROLE_COMPLIANCE,
	 "{\"request\":\"$E\",\"reason\":\"identity\"}"},
	{"request.resume", ROLE_COMPLIANCE,
	 "{\"request\":\"$F\",\"reason\":\"answered\"}"},
	{"request.correct", ROLE_COMPLIANCE,
	 "{\"request\":\"$E\",\"received_at\":\"2026-02-02T00:00:00Z\","
	 "\"reason\":\"stamp\"}"},
	{"request.deny", ROLE_COMPLIANCE,
	 "{\"request\":\"$E\",\"reason\":\"no_match\"}"},
	{"request.revoke", ROLE_PORTAL, "{\"request\":\"$E\"}"},
	{"request.fulfil", ROLE_COMPLIANCE, "{\"request\":\"$J\"}"},
	{"notice.acknowledge", ROLE_COMPLIANCE, "{\"notice\":\"$L\"}"},
	{"hold.place", ROLE_COMPLIANCE, HOLD},
	{"hold.release", ROLE_COMPLIANCE,
	 "{\"hold\":\"$D\",\"reason\":\"over\"}"},
	{"retention.run", ROLE_COMPLIANCE, "{}"},
	/* Copies files: a unit of its own, in service.road. */
	{"backup.create", ROLE_ADMIN, NULL},
	/* Needs a store that was restored with a gap: service.restore. */
	{"restore.acknowledge", ROLE_COMPLIANCE, NULL},
};
/* clang-format on */

static void
requests_make(struct world *w)
{
	does(w, ROLE_PORTAL, "request.submit", SUBMIT("access"), AN_OPEN,
	     "request");
	core_env_advance(&w->e, 1000);
	does(w, ROLE_PORTAL, "request.submit",
	     "{\"type\":\"access\",\"subject\":\"$B\",\"channel\":\"post\"}",
	     A_PAUSED, "request");
	does(w, ROLE_COMPLIANCE, "request.pause",
	     "{\"request\":\"$F\",\"reason\":\"identity\"}", 0, NULL);
	does(w, ROLE_PORTAL, "request.submit",
	     "{\"type\":\"change\",\"subject\":\"$A\",\"channel\":\"portal\","
	     "\"change\":{\"category\":\"contact\",\"data\":{\"name\":\"Ada\","
	     "\"email\":\"a2@example.org\"}}}",
	     A_CHALLENGED, "request");
	does(w, ROLE_PORTAL, "request.challenge", "{\"request\":\"$G\"}",
	     A_CODE, "code");
	does(w, ROLE_PORTAL, "request.submit", SUBMIT("delete"), A_DELETION,
	     "request");
	does(w, ROLE_COMPLIANCE, "request.verify",
	     "{\"request\":\"$J\"," SEEN "}", 0, NULL);
	does(w, ROLE_PORTAL, "request.submit",
	     "{\"type\":\"access\",\"identity\":{\"email\":"
	     "\"nobody@example.org\"},\"channel\":\"post\"}",
	     A_DENIED, "request");
	does(w, ROLE_COMPLIANCE, "request.deny",
	     "{\"request\":\"$K\",\"reason\":\"no_match\"}", 0, NULL);
	does(w, ROLE_COMPLIANCE, "notice.list", "{}", A_NOTICE,
	     "items.0.notice");
}

static void
world_make(struct world *w)
{
	memset(w, 0, sizeof(*w));
	core_env_open(&w->e, NULL);
	does(w, ROLE_PORTAL, "subject.register", REGISTER("a@example.org"),
	     A_SUBJECT, "subject");
	does(w, ROLE_PORTAL, "subject.register", REGISTER("b@example.org"),
	     A_CLOSED, "subject");
	does(w, ROLE_BILLING, "subject.write", CARD, 0, NULL);
	does(w, ROLE_PORTAL, "invite.create", INVITE("m@example.org"),
	     AN_INVITE, "invite");
	does(w, ROLE_PORTAL, "visit.append",
	     "{\"visitor\":\"c-1\",\"events\":[" EVENT "]}", 0, NULL);
	does(w, ROLE_COMPLIANCE, "hold.place", HOLD, A_HOLD, "hold");
	requests_make(w);
	does(w, ROLE_PORTAL, "subject.close",
	     "{\"subject\":\"$B\",\"reason\":\"asked\"}", 0, NULL);
	core_env_settle(&w->e);
}

/* One call, of which the `at`th that can fail does. */
static void
call_failing(struct world *w, size_t i, const struct id *id, unsigned long at)
{
	struct origin from = {.token = ++w->e.token, .roles = ROLE_ENROLLED};
	struct frames frames;
	int64_t wait_ms;

	frames_build_request(cases[i].operation, id,
			     bytes_str(filled(w, cases[i].body)), &frames);
	w->e.answered = false;
	failing_arm(at);
	assert_ok(core_call(w->e.core, from, core_env_key(cases[i].role),
			    &frames));
	failing_disarm();
	for (int k = 0; k < TURNS_MAX && !w->e.answered; k++) {
		struct pollfd p = {core_fd(w->e.core), POLLIN, 0};

		assert_ok(core_turn(w->e.core, &wait_ms));
		if (!w->e.answered) {
			(void)poll(&p, 1, 2);
			clock_fake_advance(&w->e.clock, 1);
		}
	}
	assert_true(w->e.answered);
}

static unsigned
changed_tables(const struct rows *before, const struct rows *after, size_t i,
	       unsigned long at)
{
	unsigned n = 0;

	for (int t = 0; t < TABLE_END; t++) {
		if (before->n[t] != after->n[t] ||
		    before->hash[t] != after->hash[t]) {
			print_error("%s, call %lu (%s) failing: table %d has "
				    "changed\n",
				    cases[i].operation, at, failing_name(), t);
			n++;
		}
	}
	return n;
}

/* `too_large`: a body that does not fit into a call's memory. */
static bool
is_clean(const char *status)
{
	return strcmp(status, "internal") == 0 ||
	       strcmp(status, "unavailable") == 0 ||
	       strcmp(status, "too_large") == 0;
}

static unsigned long
each_call_fails(size_t i, const struct rows *expected)
{
	static struct world w;
	unsigned long at = 1;
	struct rows before;
	struct rows after;
	struct id id;

	world_make(&w);
	id = id_new(w.e.clock.wall, &w.e.keys.entropy.base);
	before = rows_of(&w.e);
	for (;; at++) {
		call_failing(&w, i, &id, at);
		if (failing_name() == NULL) {
			break;
		}
		if (!is_clean(w.e.status)) {
			print_error("%s, call %lu (%s) failing: %s %s\n",
				    cases[i].operation, at, failing_name(),
				    w.e.status, w.e.body);
			wrong++;
			if (strcmp(w.e.status, "ok") == 0) {
				break;
			}
		}
		after = rows_of(&w.e);
		wrong += changed_tables(&before, &after, i, at);
	}
	if (strcmp(w.e.status, "ok") != 0) {
		print_error("%s in the end: %s %s\n", cases[i].operation,
			    w.e.status, w.e.body);
		wrong++;
	}
	core_env_settle(&w.e);
	after = rows_of(&w.e);
	for (int t = 0; t < TABLE_END; t++) {
		if (after.n[t] != expected->n[t]) {
			print_error("%s after %lu failures: table %d has %llu "
				    "rows, not %llu\n",
				    cases[i].operation, at - 1, t,
				    (unsigned long long)after.n[t],
				    (unsigned long long)expected->n[t]);
			wrong++;
		}
	}
	core_env_close(&w.e);
	return at - 1;
}

static void
no_failing_call_leaves_half_an_effect(void **state)
{
	unsigned long failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static struct world w;
		struct rows expected;
		unsigned long n;

		if (cases[i].body == NULL ||
		    (only != NULL && strcmp(only, cases[i].operation) != 0)) {
			continue;
		}
		world_make(&w);
		core_env_ok(&w.e, cases[i].role, cases[i].operation,
			    filled(&w, cases[i].body));
		core_env_settle(&w.e);
		expected = rows_of(&w.e);
		core_env_close(&w.e);
		n = each_call_fails(i, &expected);
		print_message("%-20s %lu calls\n", cases[i].operation, n);
		assert_true(n > 0);
		failed += n;
	}
	print_message("%lu failures in all\n", failed);
	assert_int_equal(wrong, 0);
}

/* Until it is answered, with the `at`th call of the first turn failing. */
static void
job_failing(struct world *w, const char *operation, const char *body,
	    unsigned long at)
{
	struct id id = id_new(w->e.clock.wall, &w->e.keys.entropy.base);
	struct origin from = {.token = ++w->e.token, .roles = ROLE_ENROLLED};
	struct frames frames;
	int64_t wait_ms;

	frames_build_request(operation, &id, bytes_str(filled(w, body)),
			     &frames);
	w->e.answered = false;
	assert_ok(core_call(w->e.core, from, core_env_key(ROLE_COMPLIANCE),
			    &frames));
	failing_arm(at);
	assert_ok(core_turn(w->e.core, &wait_ms));
	failing_disarm();
	for (int i = 0; i < TURNS_MAX && !w->e.answered; i++) {
		assert_ok(core_turn(w->e.core, &wait_ms));
		clock_fake_advance(&w->e.clock, 100);
	}
	if (!w->e.answered || strcmp(w->e.status, "ok") != 0) {
		fail_msg("%s, call %lu of its job (%s) failing: %s", operation,
			 at, failing_name() == NULL ? "none" : failing_name(),
			 w->e.answered ? w->e.body : "no answer");
	}
}

/* The test's own part of a turn does not fail. */
static struct core_host env_host;

static void
reply_unharmed(void *ctx, struct origin to, const struct frames *frames)
{
	failing_pause();
	env_host.reply(ctx, to, frames);
	failing_resume();
}

/* A hold whose job had ended would be moving for ever, and no day would die
 * any more. */
static void
job_that_fails_once_goes_on(void **state)
{
	static struct world w;

	(void)state;
	world_make(&w);
	env_host = w.e.config.host;
	w.e.core->config.host.reply = reply_unharmed;
	for (unsigned long at = 1; at < 200; at += 3) {
		job_failing(&w, "hold.place", HOLD, at);
		(void)snprintf(w.things[A_HOLD], sizeof(w.things[0]), "%s",
			       core_env_text(&w.e, "hold"));
		core_env_settle(&w.e);
		core_env_ok(&w.e, ROLE_COMPLIANCE, "hold.release",
			    filled(&w, "{\"hold\":\"$D\",\"reason\":"
				       "\"over\"}"));
		core_env_settle(&w.e);
	}
	core_env_close(&w.e);
}

static int
batches_count(struct call *c, void *arg)
{
	unsigned *n = arg;
	struct bytes key, value;
	struct range *r;
	struct leaf leaf;
	int rc = range_open(c->txn, TABLE_LEAF, bytes_of(NULL, 0),
			    bytes_of(NULL, 0), 0, &r);

	*n = 0;
	while (rc == 0 && (rc = range_next(r, &key, &value)) == 1) {
		rc = leaf_decode(value, &leaf);
		*n += rc == 0 && leaf.type == LEAF_ERASURE_BATCH;
	}
	range_close(r);
	return rc;
}

static unsigned
batches(struct world *w)
{
	unsigned n;

	assert_ok(core_internal(w->e.core, "test", batches_count, &n));
	return n;
}

/* The keys are gone: their rows and the leaf follow, if not now then later. */
static void
erasure_whose_end_fails_is_ended_later(void **state)
{
	static struct world w;

	(void)state;
	for (unsigned long at = 1; at < 60; at += 2) {
		struct origin from = {.token = 1, .roles = ROLE_ENROLLED};
		struct frames frames;
		struct pollfd p;
		struct id id;
		unsigned before;
		int64_t wait_ms;

		world_make(&w);
		before = batches(&w);
		id = id_new(w.e.clock.wall, &w.e.keys.entropy.base);
		frames_build_request("request.fulfil", &id,
				     bytes_str(filled(&w, "{\"request\":"
							  "\"$J\"}")),
				     &frames);
		w.e.answered = false;
		assert_ok(core_call(w.e.core, from,
				    core_env_key(ROLE_COMPLIANCE), &frames));
		while (!w.e.core->is_erasing) {
			assert_ok(core_turn(w.e.core, &wait_ms));
		}
		p = (struct pollfd){core_fd(w.e.core), POLLIN, 0};
		/* The thread of the log comes back as well. */
		while (w.e.core->is_erasing && w.e.core->ending == NULL) {
			assert_int_equal(poll(&p, 1, 5000), 1);
			failing_arm(at);
			assert_ok(core_turn(w.e.core, &wait_ms));
			failing_disarm();
		}
		for (int i = 0; i < TURNS_MAX && !w.e.answered; i++) {
			assert_ok(core_turn(w.e.core, &wait_ms));
			clock_fake_advance(&w.e.clock, 100);
		}
		assert_true(w.e.answered);
		assert_string_equal(w.e.status, "ok");
		core_env_settle(&w.e);
		assert_int_equal(batches(&w), before + 1);
		core_env_close(&w.e);
	}
}

/* Without memory for an answer there is none: not the end of the core. */
static void
answer_that_fails_stops_nobody(void **state)
{
	static struct world w;

	(void)state;
	world_make(&w);
	for (unsigned long at = 1; at < 12; at++) {
		struct id id = id_new(w.e.clock.wall, &w.e.keys.entropy.base);
		struct frames frames;

		frames_build_request("no.such", &id, bytes_str("{}"), &frames);
		failing_arm(at);
		assert_ok(core_call(w.e.core,
				    (struct origin){.token = 1,
						    .roles = ROLE_ENROLLED},
				    core_env_key(ROLE_ADMIN), &frames));
		failing_disarm();
		core_env_ok(&w.e, ROLE_ADMIN, "service.ping", "{}");
	}
	core_env_close(&w.e);
}

static void
every_write_has_a_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_operations; i++) {
		bool found = operations[i].class != OP_WRITE;

		for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
			found = found || strcmp(cases[k].operation,
						operations[i].name) == 0;
		}
		if (!found) {
			fail_msg("%s has no line here", operations[i].name);
		}
	}
}

/* An operation's name as the argument runs that one alone. */
int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_write_has_a_line),
		cmocka_unit_test(no_failing_call_leaves_half_an_effect),
		cmocka_unit_test(job_that_fails_once_goes_on),
		cmocka_unit_test(erasure_whose_end_fails_is_ended_later),
		cmocka_unit_test(answer_that_fails_stops_nobody),
	};

	only = argc > 1 ? argv[1] : NULL;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

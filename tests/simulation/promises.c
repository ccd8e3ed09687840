/*
 * The store and the log against the model. Some of it is looked at row by row,
 * some is asked for, as callers would.
 */

#include "simulation/simulation.h"

#include "audit/checkpoint.h"
#include "audit/leaf.h"
#include "base/pack.h"
#include "policy/role.h"
#include "service/logger.h"
#include "service/state.h"
#include "support/rows.h"
#include "support/test.h"

#define SNAPSHOT_BYTES_MAX (16u << 20)
#define REQUEST_DAYS_MAX 700 /* kept for 24 months */

/* ---- Rows ---- */

static bool
is_dead(struct bytes key, struct bytes value)
{
	AUTO_KEY secret = {{0}};
	struct keyring *k = sim.e.core->keys;
	date_t day = (date_t)get_u32(value.p);

	return keyring_key(k, get_u64(key.p), &secret) == ERR_EXPIRED ||
	       (day != DAY_NONE &&
		keyring_key(k, keyring_day_slot(day), &secret) == ERR_EXPIRED);
}

/* Key: slot 8, category 1, id 16, version 4. The row begins with the day
 * whose key seals it too. */
static void
records_count(void *ctx, int rc, struct txn *snapshot)
{
	struct bytes none = bytes_of(NULL, 0);
	struct bytes key;
	struct bytes value;
	struct range *r;

	(void)ctx;
	assert_ok(rc);
	assert_ok(range_open(snapshot, TABLE_RECORD, none, none, 0, &r));
	while ((rc = range_next(r, &key, &value)) == 1) {
		struct thing *t;
		struct id record;

		memcpy(record.b, key.p + 9, ID_BYTES);
		t = model_find(record, get_u32(key.p + 25));
		if (t != NULL && !is_dead(key, value)) {
			t->rows++;
		}
	}
	range_close(r);
	assert_ok(rc);
	err_clear();
	snapshot_close(snapshot);
}

static void
thing_fail(const struct thing *t, const char *what)
{
	const struct person *p = t->person < 0 ? NULL : &sim.people[t->person];

	sim_fail("m%u, %s of %s, %s; it ends %lld days from now, its person "
		 "is %s, it is %s",
		 t->mark, p == NULL ? "a visit" : category_names[t->category],
		 p == NULL ? "a visitor" : p->id, what,
		 t->expires_at_ms == 0
			 ? 99999LL
			 : (long long)(t->expires_at_ms - sim.e.clock.wall) /
				   MS_PER_DAY,
		 p != NULL && p->is_erased    ? "erased"
		 : p != NULL && p->is_erasing ? "being erased"
					      : "not erased",
		 p != NULL && model_is_held(t) ? "held" : "not held");
}

static void
records_check(bool is_quiet)
{
	for (size_t i = 0; i < sim.n_records; i++) {
		sim.records[i].rows = 0;
		sim.records[i].is_shown = false;
	}
	core_env_settle(&sim.e);
	assert_ok(store_snapshot(sim.e.core->store, SNAPSHOT_BYTES_MAX,
				 records_count, NULL));
	for (size_t i = 0; i < sim.n_records; i++) {
		const struct thing *t = &sim.records[i];

		if (t->rows > 1) {
			thing_fail(t, "is there twice");
		}
		if (t->rows == 0 && !t->may_go) {
			thing_fail(t, "is lost");
		}
		if (t->rows == 1 && is_quiet && model_is_wanted_gone(t)) {
			thing_fail(t, "opens still");
		}
	}
}

/* ---- What callers are shown ---- */

/* Of somebody erased only what a hold keeps is there to be read. What is not
 * the model's (of registering: contact, account, consents) counts as well. */
static void
read_category_check(int person, unsigned at)
{
	struct thing like = {.person = person, .category = CATEGORIES};
	const char *category;
	char path[48];

	(void)snprintf(path, sizeof(path), "records.%u.category", at);
	category = core_env_text(&sim.e, path);
	for (int i = 0; i < CATEGORIES; i++) {
		if (strcmp(category_names[i], category) == 0) {
			like.category = (enum category)i;
		}
	}
	if (!model_is_held(&like)) {
		sim_fail("p%u, erased, is read: %s", sim.people[person].number,
			 sim.e.body);
	}
}

static void
read_item_check(int person, unsigned at)
{
	char path[48];
	char mark[16];
	struct thing *t;
	struct id record;

	(void)snprintf(path, sizeof(path), "records.%u.record", at);
	assert_ok(id_parse(core_env_text(&sim.e, path), &record));
	(void)snprintf(path, sizeof(path), "records.%u.version", at);
	t = model_find(record, (uint32_t)core_env_number(&sim.e, path));
	if (t == NULL) {
		return; /* of registering: account, consents */
	}
	if (t->person != person) {
		thing_fail(t, "is shown as somebody else's");
	}
	if (t->is_shown) {
		thing_fail(t, "is shown twice");
	}
	t->is_shown = true;
	(void)snprintf(mark, sizeof(mark), "m%u", t->mark);
	for (unsigned i = 0; i < 4; i++) {
		static const char *const marked[] = {"name", "note", "title",
						     "time_zone"};
		const char *text;

		(void)snprintf(path, sizeof(path), "records.%u.data.%s", at,
			       marked[i]);
		text = core_env_text(&sim.e, path);
		if (text != NULL && strcmp(text, mark) != 0) {
			thing_fail(t, "is shown with another content");
		}
	}
}

/* A newer version takes the place of an older one. */
static bool
is_newest(const struct thing *t)
{
	for (size_t i = 0; i < sim.n_records; i++) {
		if (id_equal(sim.records[i].record, t->record) &&
		    sim.records[i].version > t->version) {
			return false;
		}
	}
	return true;
}

static void
reads_check(int person, bool is_quiet)
{
	const struct person *p = &sim.people[person];
	char cursor[512] = "";
	char path[24];

	do {
		core_env_call(&sim.e, ROLE_PORTAL, "subject.read",
			      json_of("{\"subject\":\"%s\",\"purpose\":"
				      "\"service\",\"reason\":\"check\","
				      "\"ticket\":\"T1\"%s}",
				      p->id, cursor));
		if (strcmp(sim.e.status, "ok") != 0 && !p->is_erased) {
			sim_fail("p%u is not read: %s", p->number, sim.e.body);
		}
		for (unsigned i = 0;; i++) {
			(void)snprintf(path, sizeof(path), "records.%u", i);
			if (core_env_at(&sim.e, path) == NULL) {
				break;
			}
			read_item_check(person, i);
			if (p->is_erased && is_quiet) {
				read_category_check(person, i);
			}
		}
		(void)snprintf(cursor, sizeof(cursor), ",\"cursor\":\"%s\"",
			       core_env_text(&sim.e, "next") == NULL
				       ? ""
				       : core_env_text(&sim.e, "next"));
	} while (core_env_text(&sim.e, "next") != NULL);
	for (size_t i = 0; i < sim.n_records; i++) {
		const struct thing *t = &sim.records[i];

		if (t->person == person && !p->is_erased && !t->may_go &&
		    !t->is_shown && is_newest(t) &&
		    (t->expires_at_ms == 0 ||
		     t->expires_at_ms > sim.e.clock.wall)) {
			thing_fail(t, "is not shown");
		}
	}
}

static unsigned
occurrences(const char *in, const char *of)
{
	unsigned n = 0;

	while ((in = strstr(in, of)) != NULL) {
		in += strlen(of);
		n++;
	}
	return n;
}

static void
found_check(const struct person *p)
{
	core_env_call(&sim.e, ROLE_PORTAL, "subject.find",
		      json_of("{\"email\":\"p%u@sim.example\"}", p->number));
	if (p->is_erased) {
		if (strcmp(sim.e.status, "not_found") != 0) {
			sim_fail("p%u, erased, is found: %s %s", p->number,
				 sim.e.status, sim.e.body);
		}
		return;
	}
	if (occurrences(sim.e.body, "\"standing\":") != 1 ||
	    strstr(sim.e.body, p->id) == NULL) {
		sim_fail("p%u is found as %s", p->number, sim.e.body);
	}
}

static void
consent_check(const struct person *p)
{
	const char *at;

	core_env_ok(&sim.e, ROLE_COMPLIANCE, "consent.list",
		    json_of("{\"subject\":\"%s\"}", p->id));
	at = strstr(sim.e.body, "offer:headset");
	if ((at != NULL) != (p->consent >= 0) ||
	    (at != NULL && (strstr(sim.e.body, "\"granted\":true") != NULL) !=
				   (p->consent == 1))) {
		sim_fail("p%u's consent is %d, and not %s", p->number,
			 p->consent, sim.e.body);
	}
}

static void
shares_check(const struct person *p)
{
	core_env_ok(&sim.e, ROLE_COMPLIANCE, "share.list",
		    json_of("{\"subject\":\"%s\",\"limit\":1000}", p->id));
	if (occurrences(sim.e.body, "\"share\":") != p->shares) {
		sim_fail("p%u has %u shares, and not %s", p->number, p->shares,
			 sim.e.body);
	}
}

static void
people_check(bool is_quiet)
{
	for (unsigned i = 0; i < sim.n_people; i++) {
		const struct person *p = &sim.people[i];

		found_check(p);
		reads_check((int)i, is_quiet);
		if (!p->is_erased) {
			consent_check(p);
			shares_check(p);
		}
	}
}

static void
visitor_check(unsigned visitor)
{
	char mark[32];

	core_env_call(&sim.e, ROLE_PORTAL, "visit.read",
		      json_of("{\"visitor\":\"v%u\",\"purpose\":\"improve\","
			      "\"reason\":\"check\",\"limit\":1000}",
			      visitor));
	for (size_t i = 0; i < sim.n_visits; i++) {
		const struct thing *t = &sim.visits[i];
		unsigned n;

		if (t->visitor != visitor) {
			continue;
		}
		(void)snprintf(mark, sizeof(mark), "\"/m%u\"", t->mark);
		n = occurrences(sim.e.body, mark);
		if (n > 1) {
			thing_fail(t, "is there twice");
		}
		if (n == 0 && !t->may_go &&
		    t->expires_at_ms > sim.e.clock.wall) {
			thing_fail(t, "is lost");
		}
	}
}

static void
requests_check(void)
{
	for (size_t i = 0; i < sim.n_requests; i++) {
		const struct model_request *r = &sim.requests[i];
		const char *state;

		if (r->state == NULL || sim.e.clock.wall - r->at_ms >
						REQUEST_DAYS_MAX * MS_PER_DAY) {
			continue;
		}
		core_env_ok(&sim.e, ROLE_COMPLIANCE, "request.get",
			    json_of("{\"request\":\"%s\"}", r->id));
		state = core_env_text(&sim.e, "state");
		if (state == NULL || strcmp(state, r->state) != 0) {
			sim_fail("a request is %s, and not %s", r->state,
				 sim.e.body);
		}
	}
}

static void
holds_check(void)
{
	core_env_ok(&sim.e, ROLE_COMPLIANCE, "hold.list", "{}");
	for (size_t i = 0; i < sim.n_holds; i++) {
		if ((strstr(sim.e.body, sim.holds[i].id) != NULL) ==
		    sim.holds[i].is_over) {
			sim_fail("hold %zu is %s: %s", i,
				 sim.holds[i].is_over ? "over" : "not over",
				 sim.e.body);
		}
	}
}

/* A key that was revoked gets silence, one that is enrolled an answer. */
static void
enrolment_check(void)
{
	struct origin from = {.token = ++sim.e.token, .roles = ROLE_ENROLLED};
	struct id id = id_new(sim.e.clock.wall, &sim.e.keys.entropy.base);
	struct frames frames;

	frames_build_request("service.ping", &id, bytes_str("{}"), &frames);
	sim.e.answered = false;
	assert_ok(
		core_call(sim.e.core, from, core_env_key(EXTRA_ROLE), &frames));
	core_env_settle(&sim.e);
	if (sim.e.answered != sim.is_enrolled) {
		sim_fail("the extra key is %senrolled, and %sanswered",
			 sim.is_enrolled ? "" : "not ",
			 sim.e.answered ? "" : "not ");
	}
}

/* ---- The log ---- */

void
promises_note(void)
{
	struct log_view v = logger_view(sim.e.core);
	struct note_verifier verifier;
	struct checkpoint c;

	if (v.note.n == 0 ||
	    (sim.n_promises > 0 &&
	     v.size <= sim.promises[sim.n_promises - 1].size)) {
		return;
	}
	if (note_vkey_parse(bytes_str(v.vkey), &verifier) != 0 ||
	    checkpoint_open(v.note, &verifier, 1, &c) != 0) {
		sim_fail("a checkpoint does not open");
	}
	if (sim.n_promises == PROMISES_MAX) {
		sim.n_promises = PROMISES_MAX / 2; /* the oldest ones stay */
	}
	sim.promises[sim.n_promises++] = (struct promise){c.size, c.root};
	sim_trace(bytes_of(c.root.b, HASH_BYTES));
}

struct log_look {
	struct merkle_edge edge;
	unsigned long n[LEAF_NUMBERS]; /* done, by type */
	size_t promises;               /* kept so far */
};

static void
leaf_look(struct log_look *l, struct bytes value)
{
	struct hash hash = merkle_leaf(value);
	struct hash root;
	struct leaf leaf;

	assert_ok(leaf_decode(value, &leaf));
	l->n[leaf.type] += leaf.outcome == 0 ? 1 : 0;
	merkle_edge_add(&l->edge, &hash);
	if (l->promises < sim.n_promises &&
	    sim.promises[l->promises].size == l->edge.size) {
		root = merkle_edge_root(&l->edge);
		if (!hash_equal(&root, &sim.promises[l->promises].root)) {
			sim_fail("the log forks before leaf %llu",
				 (unsigned long long)l->edge.size);
		}
		l->promises++;
	}
}

static void
leaves_look(void *ctx, int rc, struct txn *snapshot)
{
	struct bytes none = bytes_of(NULL, 0);
	struct log_look *l = ctx;
	struct bytes key;
	struct bytes value;
	struct range *r;

	assert_ok(rc);
	assert_ok(range_open(snapshot, TABLE_LEAF, none, none, 0, &r));
	while ((rc = range_next(r, &key, &value)) == 1) {
		assert_int_equal(get_u64(key.p), l->edge.size);
		leaf_look(l, value);
	}
	range_close(r);
	assert_ok(rc);
	snapshot_close(snapshot);
}

/* Every effect has its leaf, and there is no leaf without one. */
static void
log_check(void)
{
	static const enum leaf_type counted[] = {LEAF_REGISTER,
						 LEAF_WRITE,
						 LEAF_CONSENT,
						 LEAF_DISCLOSE,
						 LEAF_VISIT,
						 LEAF_REQUEST_SUBMITTED,
						 LEAF_REQUEST_VERIFIED,
						 LEAF_REQUEST_REVOKED,
						 LEAF_HOLD_PLACED,
						 LEAF_HOLD_RELEASED,
						 LEAF_PRINCIPAL_ADDED,
						 LEAF_PRINCIPAL_REVOKED};
	struct log_look l = {.promises = 0};
	struct hash root;

	core_env_settle(&sim.e);
	assert_ok(store_snapshot(sim.e.core->store, SNAPSHOT_BYTES_MAX,
				 leaves_look, &l));
	if (l.promises < sim.n_promises) {
		sim_fail("the log has %llu leaves, and has signed %llu",
			 (unsigned long long)l.edge.size,
			 (unsigned long long)sim.promises[sim.n_promises - 1]
				 .size);
	}
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
		unsigned long done = sim.done[counted[i]];

		if (l.n[counted[i]] < done ||
		    l.n[counted[i]] > done + sim.doubtful[counted[i]]) {
			sim_fail("%lu of %s were answered, %lu leaves say so",
				 done, leaf_type_word(counted[i]),
				 l.n[counted[i]]);
		}
	}
	root = merkle_edge_root(&l.edge);
	sim_trace(bytes_of(root.b, HASH_BYTES));
}

/* ---- */

/* With nobody else about: a child who is refused leaves nothing. */
void
promises_child(void)
{
	struct rows before = rows_of(&sim.e);
	struct rows after;

	core_env_refused(&sim.e, ROLE_PORTAL, "subject.register",
			 json_of("{\"birth_date\":\"2018-02-28\",\"country\":"
				 "\"DE\",\"contact\":{\"name\":\"K\",\"email\":"
				 "\"kid%u@sim.example\"},\"terms\":{"
				 "\"version\":\"1\",\"accepted_at\":"
				 "\"2026-01-01T00:00:00Z\"}}",
				 ++sim.n_marks),
			 "under_age", NULL);
	after = rows_of(&sim.e);
	for (int t = 0; t < TABLE_END; t++) {
		if (before.n[t] != after.n[t] ||
		    before.hash[t] != after.hash[t]) {
			sim_fail("a refused child leaves something in table "
				 "%d",
				 t);
		}
	}
}

void
promises_check(bool is_quiet)
{
	model_follow();
	records_check(is_quiet);
	people_check(is_quiet);
	for (unsigned v = 0; v < VISITORS; v++) {
		visitor_check(v);
	}
	requests_check();
	holds_check();
	enrolment_check();
	log_check();
}

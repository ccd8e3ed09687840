/*
 * Holds, erasures and days in random order against a model that is so simple
 * that it cannot be wrong: a row may go once it was, at some moment, covered by
 * no hold while its day had come or its person was to be erased; until then it
 * is there and seen, and once all is quiet it is gone, in every copy of it that
 * ever lay in the store.
 *
 *	test_hold_model [SEEDS [FIRST]]
 */
#include "support/test.h"

#include <stdlib.h>

#include "base/pack.h"
#include "navigation/held.h"
#include "navigation/visit.h"
#include "policy/decide.h"
#include "policy/role.h"
#include "registration/account.h"
#include "registration/find.h"
#include "registration/write.h"
#include "request/fulfil.h"
#include "request/submit.h"
#include "request/timed.h"
#include "request/verify.h"
#include "request/view.h"
#include "retention/days.h"
#include "retention/ended.h"
#include "retention/hold.h"
#include "support/call_env.h"
#include "vault/record.h"

#define SEEDS_DEFAULT 4
#define OPS 140
#define PEOPLE 3
#define ROWS_MAX 1500
#define PLACES 4096 /* more than twice ROWS_MAX */
#define HOLDS_TRIED_MAX 60
#define COPIES_MAX 20000
#define BURST 90 /* rows: more than one step moves */

static const struct job_kind *const kinds[] = {
	&account_days_job, &ended_job,      &days_job,
	&hold_move_job,    &hold_renew_job, &hold_walk_job,
	&request_erase_job, &visits_settle_job};

#define KINDS kinds, FIELD_COUNT(kinds)

static const char *const categories[] = {"contact", "usage", "content",
					 "navigation"};
#define RECORDS 3 /* the first ones; the last one's rows are of visits */
#define VISITS 3
#define NOBODY PEOPLE /* a visitor whom nobody knows */

struct person {
	char id[ID_TEXT_BYTES];
	struct id subject;
	slot_t base;
	bool to_be_erased;
	date_t account_end;
	unsigned requests;
};

struct row {
	unsigned person;
	unsigned category;
	struct id record;
	uint32_t version;
	date_t collected;
	bool may_go;
	size_t last_copy; /* SIZE_MAX: none */
};

struct matter {
	char id[ID_TEXT_BYTES];
	int person; /* -1: everybody */
	unsigned covers; /* bits of categories */
	date_t until;
	bool ended;
};

/* A row as it lay in the store at some time. */
struct copy {
	size_t row;
	size_t key_n;
	size_t row_n;
	uint8_t *bytes;
};

static struct {
	struct call_env env;
	uint64_t random;
	unsigned seed;
	unsigned op;
	struct person people[PEOPLE + 1];
	struct row rows[ROWS_MAX];
	size_t n_rows;
	size_t places[PLACES]; /* of rows, by hash: index + 1, or 0 */
	struct matter holds[HOLDS_TRIED_MAX];
	size_t n_holds;
	struct copy copies[COPIES_MAX];
	size_t n_copies;
} m;

static unsigned
draw(unsigned n)
{
	m.random ^= m.random << 13;
	m.random ^= m.random >> 7;
	m.random ^= m.random << 17;
	return (unsigned)((m.random >> 11) % n);
}

static date_t
today(void)
{
	return decide_today(m.env.vault.policy, m.env.vault.now_ms);
}

static const struct policy_category *
category_of(unsigned i)
{
	return policy_category(m.env.vault.policy, categories[i]);
}

static date_t
due_of(const struct row *r)
{
	return decide_expiry(category_of(r->category), r->collected,
			     m.people[r->person].account_end);
}

static bool
is_covered(const struct row *r)
{
	for (size_t i = 0; i < m.n_holds; i++) {
		const struct matter *h = &m.holds[i];

		if (!h->ended && (h->covers >> r->category & 1) != 0 &&
		    (h->person < 0 || (unsigned)h->person == r->person)) {
			return true;
		}
	}
	return false;
}

static bool
is_wanted_gone(const struct row *r)
{
	date_t due = due_of(r);

	return !is_covered(r) && (m.people[r->person].to_be_erased ||
				  (due != DAY_NONE && due <= today()));
}

/* Visits end with the last record of a closed account, if not before. */
static bool
may_go_now(const struct row *r)
{
	return is_wanted_gone(r) ||
	       (r->category == VISITS && !is_covered(r) &&
		m.people[r->person].account_end != DAY_NONE);
}

/* After each operation. */
static void
model_follow(void)
{
	for (size_t i = 0; i < m.n_holds; i++) {
		if (m.holds[i].until != DAY_NONE &&
		    m.holds[i].until < today()) {
			m.holds[i].ended = true;
		}
	}
	for (size_t i = 0; i < m.n_rows; i++) {
		m.rows[i].may_go =
			m.rows[i].may_go || may_go_now(&m.rows[i]);
	}
}

/* Where the row's index is, or would be. */
static size_t *
row_place(struct id record, uint32_t version)
{
	size_t at = version;

	for (unsigned i = 0; i < ID_BYTES; i++) {
		at = at * 31 + record.b[i];
	}
	for (at %= PLACES; m.places[at] != 0; at = (at + 1) % PLACES) {
		const struct row *r = &m.rows[m.places[at] - 1];

		if (r->version == version && id_equal(r->record, record)) {
			break;
		}
	}
	return &m.places[at];
}

/* SIZE_MAX: none of the model's. */
static size_t
row_find(struct id record, uint32_t version)
{
	return *row_place(record, version) - 1;
}

static void
failed(const char *what, size_t row)
{
	const struct row *r = &m.rows[row];
	const struct person *p = &m.people[r->person];

	fail_msg("seed %u, operation %u: row %zu (%s of person %u) %s; written "
		 "%d, due %d, account ended %d, today %d, %s, %s",
		 m.seed, m.op, row, categories[r->category], r->person, what,
		 r->collected, due_of(r), p->account_end, today(),
		 p->to_be_erased ? "erased" : "not erased",
		 is_covered(r) ? "held" : "not held");
}

static void
copy_keep(size_t row, struct bytes key, struct bytes value)
{
	size_t last = m.rows[row].last_copy;
	struct copy *c = last == SIZE_MAX ? NULL : &m.copies[last];

	if (c != NULL && c->key_n == key.n && c->row_n == value.n &&
	    memcmp(c->bytes, key.p, key.n) == 0 &&
	    memcmp(c->bytes + key.n, value.p, value.n) == 0) {
		return;
	}
	assert_true(m.n_copies < COPIES_MAX);
	m.rows[row].last_copy = m.n_copies;
	c = &m.copies[m.n_copies++];
	*c = (struct copy){row, key.n, value.n, malloc(key.n + value.n)};
	assert_non_null(c->bytes);
	memcpy(c->bytes, key.p, key.n);
	memcpy(c->bytes + key.n, value.p, value.n);
}

/* What is looked at, is looked at from beside: an operation reads so much and
 * no more. */
static struct vault
look_begin(void)
{
	struct vault v = *vault_env_begin(&m.env.vault);

	vault_env_fail(&m.env.vault);
	v.txn = store_env_snapshot(&m.env.vault.store);
	return v;
}

static slot_t
slot_of(struct bytes key)
{
	return get_u64(key.p);
}

/* What names a row for good, whatever slot it lies under. */
static size_t
row_of(enum table table, struct bytes key)
{
	struct id id;

	/* Slot 8, category 1, id 16, version 4; slot 8, day 4, id 16. */
	memcpy(id.b, key.p + (table == TABLE_RECORD ? 9 : 12), ID_BYTES);
	return row_find(id, table == TABLE_RECORD ? get_u32(key.p + 25) : 0);
}

/* Rows of both tables begin with the day whose key seals them too. */
static bool
is_dead(const struct vault *v, struct bytes key, struct bytes value)
{
	AUTO_KEY secret = {{0}};
	date_t day = (date_t)get_u32(value.p);

	return keyring_key(v->keys, slot_of(key), &secret) == ERR_EXPIRED ||
	       (day != DAY_NONE && keyring_key(v->keys, keyring_day_slot(day),
					       &secret) == ERR_EXPIRED);
}

/* Every row that there is, as it lies: none twice, and a copy of each. */
static void
table_look(enum table table)
{
	bool *seen = calloc(m.n_rows + 1, sizeof(*seen));
	struct vault v = look_begin();
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;
	int rc;

	assert_non_null(seen);
	assert_ok(range_open(v.txn, table, bytes_of(NULL, 0),
			     bytes_of(NULL, 0), 0, &r));
	while ((rc = range_next(r, &key, &value)) == 1) {
		size_t row = row_of(table, key);

		if (row == SIZE_MAX) {
			continue; /* of registering: account, consents */
		}
		if (seen[row]) {
			failed("lies in two places", row);
		}
		seen[row] = true;
		copy_keep(row, key, value);
	}
	range_close(r);
	assert_ok(rc);
	snapshot_close(v.txn);
	free(seen);
}

static void
store_look(void)
{
	table_look(TABLE_RECORD);
	table_look(TABLE_VISIT);
}

/* The same of events under one slot. */
static void
slot_look(struct vault *v, slot_t slot, bool *seen)
{
	struct key_maker prefix = {.n = 0};
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;

	key_u64(&prefix, slot);
	assert_ok(range_open(v->txn, TABLE_VISIT, key_bytes(&prefix),
			     bytes_of(NULL, 0), 0, &r));
	while (range_next(r, &key, &value) == 1) {
		size_t row = row_of(TABLE_VISIT, key);

		if (row != SIZE_MAX && !is_dead(v, key, value)) {
			seen[row] = true;
		}
	}
	range_close(r);
	err_clear();
}

static void
visitor_look(struct vault *v, slot_t visitor, bool *seen)
{
	slot_t held;

	slot_look(v, visitor, seen);
	assert_ok(visitor_held_slot(v->txn, visitor, &held));
	if (held != SLOT_NONE) {
		slot_look(v, held, seen);
	}
}

static void
visitors_look(struct vault *v, unsigned person, bool *seen)
{
	slot_t *visitors;
	slot_t nobodys;
	size_t n;

	if (person == NOBODY) {
		assert_ok(visitor_find(v, "c9", &nobodys));
		if (nobodys != SLOT_NONE) {
			visitor_look(v, nobodys, seen);
		}
		return;
	}
	assert_ok(visitors_of(v->txn, v->arena, m.people[person].base,
			      SLOT_NONE, 10, &visitors, &n));
	for (size_t i = 0; i < n; i++) {
		visitor_look(v, visitors[i], seen);
	}
}

/* What a person's readers see of one category. */
static void
person_look(struct vault *v, const struct subject *s, unsigned category,
	    bool *seen)
{
	const struct policy_category *c = category_of(category);
	struct record_query q = {.categories = &c,
				 .n_categories = 1,
				 .flags = RECORD_LIST_DUE |
					  RECORD_LIST_VERSIONS,
				 .limit = RECORD_PAGE_MAX};

	do {
		struct record *found;
		size_t n;

		assert_ok(record_list(v, s, &q, &found, &n, &q.cursor));
		for (size_t i = 0; i < n; i++) {
			size_t row = row_find(found[i].id, found[i].version);

			if (row != SIZE_MAX) {
				seen[row] = true;
			}
		}
	} while (q.cursor != NULL);
}

/* Nothing is missing that may not go. */
static void
people_look(bool is_quiet)
{
	bool *seen = calloc(m.n_rows + 1, sizeof(*seen));
	struct vault v = look_begin();

	assert_non_null(seen);
	for (unsigned p = 0; p < PEOPLE; p++) {
		struct subject *s;
		int rc = subject_load_erasing(&v, m.people[p].subject, &s);

		for (unsigned i = 0; rc == 0 && i < RECORDS; i++) {
			person_look(&v, s, i, seen);
		}
		visitors_look(&v, p, seen);
	}
	visitors_look(&v, NOBODY, seen);
	snapshot_close(v.txn);
	for (size_t i = 0; i < m.n_rows; i++) {
		if (!seen[i] && !m.rows[i].may_go) {
			failed("is lost", i);
		}
		if (seen[i] && is_quiet && is_wanted_gone(&m.rows[i])) {
			failed("is still seen", i);
		}
	}
	free(seen);
}

/* What was written before the account ended had no day yet, and lies under the
 * person's own slot: that copy opens until the slot goes. */
static bool
is_of_open_account(struct bytes key, struct bytes value,
		   const struct person *p)
{
	return (date_t)get_u32(value.p) == DAY_NONE && slot_of(key) >= p->base &&
	       slot_of(key) < p->base + SLOT_PARTS && !p->to_be_erased;
}

/* What is gone is gone from backups and free pages, too. */
static void
copies_look(void)
{
	struct vault v = look_begin();

	for (size_t i = 0; i < m.n_copies; i++) {
		const struct copy *c = &m.copies[i];
		struct bytes key = bytes_of(c->bytes, c->key_n);
		struct bytes value = bytes_of(c->bytes + c->key_n, c->row_n);

		if (!is_wanted_gone(&m.rows[c->row]) ||
		    is_of_open_account(key, value,
				       &m.people[m.rows[c->row].person])) {
			continue;
		}
		if (!is_dead(&v, key, value)) {
			failed("opens in an old copy", c->row);
		}
	}
	err_clear();
	snapshot_close(v.txn);
}

static void
row_written(unsigned person, unsigned category)
{
	struct row r = {.person = person,
			.category = category,
			.version = (uint32_t)call_env_int(&m.env, "version"),
			.collected = today(),
			.last_copy = SIZE_MAX};

	assert_ok(id_parse(call_env_text(&m.env, "record"), &r.record));
	if (row_find(r.record, r.version) != SIZE_MAX) {
		fail_msg("seed %u, operation %u: a version was written twice",
			 m.seed, m.op);
	}
	assert_true(m.n_rows < ROWS_MAX);
	m.rows[m.n_rows] = r;
	*row_place(r.record, r.version) = ++m.n_rows;
}

static void
op_write(unsigned person, unsigned category, unsigned n)
{
	static const char *const data[] = {
		"{\"name\":\"Ada\",\"email\":\"p0@example.com\"}",
		"{\"name\":\"Ada\",\"email\":\"p1@example.com\"}",
		"{\"name\":\"Ada\",\"email\":\"p2@example.com\"}",
		"{\"kind\":\"call\",\"units\":1}",
		"{\"title\":\"t\",\"text\":\"x\"}"};
	struct person *p = &m.people[person];

	for (unsigned i = 0; i < n && m.n_rows < ROWS_MAX; i++) {
		int rc = call_env_run(
			&m.env, ROLE_PORTAL, CALL_OP(subject_write),
			"{\"subject\":\"%s\",\"category\":\"%s\","
			"\"data\":%s}",
			p->id, categories[category],
			category == 0 ? data[person]
				      : data[PEOPLE - 1 + category]);

		if (rc != 0) {
			/* Being erased, erased, or closed for too long. */
			assert_true(p->to_be_erased ||
				    p->account_end != DAY_NONE);
			return;
		}
		row_written(person, category);
	}
}

/* The rows that a call left are those that the model does not know yet. */
static void
visits_written(unsigned person)
{
	struct vault v = look_begin();
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;

	assert_ok(range_open(v.txn, TABLE_VISIT, bytes_of(NULL, 0),
			     bytes_of(NULL, 0), 0, &r));
	while (range_next(r, &key, &value) == 1) {
		struct row row = {.person = person,
				  .category = VISITS,
				  .collected = today(),
				  .last_copy = SIZE_MAX};

		if (row_of(TABLE_VISIT, key) == SIZE_MAX) {
			assert_true(m.n_rows < ROWS_MAX);
			memcpy(row.record.b, key.p + 12, ID_BYTES);
			m.rows[m.n_rows] = row;
			*row_place(row.record, 0) = ++m.n_rows;
		}
	}
	range_close(r);
	snapshot_close(v.txn);
}

static void
op_visit(unsigned person, unsigned n)
{
	const struct person *p = &m.people[person];
	char cookie[8] = "c9";
	char at[TIME_TEXT_BYTES];

	if (p->to_be_erased || m.n_rows + n > ROWS_MAX) {
		return;
	}
	if (person != NOBODY) {
		(void)snprintf(cookie, sizeof(cookie), "c%u", person);
		if (call_env_run(&m.env, ROLE_PORTAL,
				 CALL_OP_QUIET(visit_identify),
				 "{\"visitor\":\"%s\",\"subject\":\"%s\"}",
				 cookie, p->id) != 0) {
			assert_true(p->account_end != DAY_NONE);
			return;
		}
	}
	for (unsigned i = 0; i < n; i++) {
		assert_ok(call_env_run(
			&m.env, ROLE_PORTAL, CALL_OP(visit_append),
			"{\"visitor\":\"%s\",\"events\":[{\"at\":\"%s\","
			"\"ip\":\"203.0.113.1\",\"user_agent\":\"x\","
			"\"language\":\"en\",\"page\":\"/\","
			"\"action\":\"view\"}]}",
			cookie, time_print(m.env.vault.now_ms, at)));
	}
	visits_written(person);
}

static void
op_place(void)
{
	struct matter h = {.person = -1, .until = DAY_NONE};
	unsigned category = draw(FIELD_COUNT(categories));
	char until[60] = "";
	char date[DATE_TEXT_BYTES];
	char over[160];
	int rc;

	if (m.n_holds == HOLDS_TRIED_MAX) {
		return;
	}
	if (draw(3) == 0) {
		h.until = today() + (date_t)draw(300);
		(void)snprintf(until, sizeof(until), ",\"until\":\"%s\"",
			       date_print(h.until, date));
	}
	switch (draw(4)) {
	case 0:
		(void)snprintf(over, sizeof(over), "\"category\":\"%s\"",
			       categories[category]);
		h.covers = 1u << category;
		break;
	case 1:
		h.person = (int)draw(PEOPLE);
		(void)snprintf(over, sizeof(over), "\"subject\":\"%s\"",
			       m.people[h.person].id);
		h.covers = ~0u;
		break;
	default:
		h.person = (int)draw(PEOPLE);
		(void)snprintf(over, sizeof(over),
			       "\"subject\":\"%s\",\"categories\":[\"%s\"]",
			       m.people[h.person].id, categories[category]);
		h.covers = 1u << category;
		break;
	}
	rc = call_env_run(&m.env, ROLE_COMPLIANCE, hold_place,
			  &hold_place_in_table, NULL,
			  "{%s,\"matter\":\"case %zu\"%s}", over, m.n_holds,
			  until);
	if (rc == 0) {
		m.holds[m.n_holds++] = h;
	} else {
		assert_true(h.person >= 0);
	}
}

/* The id of a hold is told by its job; the list has it at once. */
static void
holds_name(void)
{
	char path[40];

	assert_ok(call_env_run(&m.env, ROLE_COMPLIANCE, hold_list,
			       &(struct field_table){NULL, 0, 1},
			       &hold_list_out_table, "{}"));
	for (size_t i = 0; i < call_env_count(&m.env, "items"); i++) {
		unsigned n;

		(void)snprintf(path, sizeof(path), "items.%zu.matter", i);
		n = (unsigned)strtoul(call_env_text(&m.env, path) + 5, NULL,
				      10);
		assert_true(n < m.n_holds);
		(void)snprintf(path, sizeof(path), "items.%zu.hold", i);
		(void)snprintf(m.holds[n].id, ID_TEXT_BYTES, "%s",
			       call_env_text(&m.env, path));
	}
}

static void
op_release(void)
{
	struct matter *h;
	int rc;

	if (m.n_holds == 0) {
		return;
	}
	h = &m.holds[draw((unsigned)m.n_holds)];
	holds_name();
	rc = call_env_run(&m.env, ROLE_COMPLIANCE, CALL_OP_QUIET(hold_release),
			  "{\"hold\":\"%s\",\"reason\":\"over\"}", h->id);
	if (rc == 0) {
		h->ended = true;
	} else {
		/* It moves still, its person is being erased, or it is over. */
		assert_true(rc == ERR_STATE || rc == ERR_BUSY || h->ended);
	}
}

static void
op_account(unsigned person)
{
	struct person *p = &m.people[person];

	if (p->account_end == DAY_NONE) {
		if (call_env_run(&m.env, ROLE_PORTAL,
				 CALL_OP_QUIET(subject_close),
				 "{\"subject\":\"%s\",\"reason\":\"bye\"}",
				 p->id) == 0) {
			p->account_end = today();
		}
	} else if (call_env_run(&m.env, ROLE_PORTAL,
				CALL_OP_QUIET(subject_reopen),
				"{\"subject\":\"%s\"}", p->id) == 0) {
		p->account_end = DAY_NONE;
		/* That job is not left alone for months. */
		while (call_env_step(&m.env, KINDS, account_days_job.name, 0,
				     NULL)) {
		}
	}
}

static void
op_erase(unsigned person)
{
	static const char *const channels[] = {"portal", "email", "phone",
					       "post"};
	struct person *p = &m.people[person];
	char request[ID_TEXT_BYTES];
	int rc;

	if (p->requests == FIELD_COUNT(channels) ||
	    call_env_run(&m.env, ROLE_PORTAL, CALL_OP(request_submit),
			 "{\"type\":\"delete\",\"subject\":\"%s\","
			 "\"channel\":\"%s\"}",
			 p->id, channels[p->requests]) != 0) {
		return;
	}
	p->requests++;
	(void)snprintf(request, sizeof(request), "%s",
		       call_env_text(&m.env, "request"));
	rc = call_env_run(
		&m.env, ROLE_SUPPORT, CALL_OP(request_verify),
		"{\"request\":\"%s\",\"method\":\"call\",\"evidence\":{"
		"\"method\":\"call\",\"reference\":\"t1\",\"at\":"
		"\"2026-01-01T00:00:00Z\"}}",
		request);
	if (rc != 0) {
		return;
	}
	rc = call_env_run(&m.env, ROLE_COMPLIANCE, CALL_OP(request_fulfil),
			  "{\"request\":\"%s\"}", request);
	assert_true(rc == 0 || rc == ERR_HELD || rc == ERR_STATE);
	if (rc == 0) {
		p->to_be_erased = true;
		if (p->account_end == DAY_NONE) {
			p->account_end = today();
		}
	}
}

static int
run_timed(struct call *c, unsigned which, bool *more)
{
	switch (which) {
	case 0:
		return hold_timed(c, more);
	case 1:
		return days_timed(c, more);
	case 2:
		return request_timed(c, more);
	default:
		return ended_walk(c, more);
	}
}

static void
timed(unsigned which)
{
	bool more;

	do {
		struct call *c = call_env_begin(&m.env, ROLE_INTERNAL);
		int rc = run_timed(c, which, &more);

		if (call_env_end(&m.env, rc) != 0) {
			fail_msg("seed %u, operation %u: timed work %u: %s",
				 m.seed, m.op, which, err_last()->text);
		}
	} while (more);
}

static void
jobs_all(void)
{
	for (unsigned i = 0; i < 5000; i++) {
		if (!call_env_step(&m.env, KINDS, NULL, draw(1000), NULL)) {
			return;
		}
		if (draw(10) == 0) {
			(void)call_env_erase(&m.env);
		}
	}
	fail_msg("seed %u, operation %u: jobs that do not end", m.seed, m.op);
}

/* Nothing is left to do, and what waits for a day had two of them. */
static void
quiet(void)
{
	jobs_all();
	for (unsigned i = 0; i < 4; i++) {
		call_env_advance(&m.env, MS_PER_DAY + 1);
		model_follow();
		for (unsigned which = 0; which < 4; which++) {
			timed(which);
		}
		jobs_all();
		(void)call_env_erase(&m.env);
		jobs_all();
	}
	store_look();
	people_look(true);
	copies_look();
}

/* Time goes by; or days die before any other job has its turn. */
static void
op_time(void)
{
	bool long_time = draw(3) == 0;

	call_env_advance(&m.env, draw(long_time ? 500 : 60) * MS_PER_DAY);
	model_follow();
	if (draw(2) == 0) {
		return;
	}
	timed(1);
	for (unsigned i = 0; i < 4; i++) {
		(void)call_env_step(&m.env, KINDS, days_job.name, 0, NULL);
		if (i == 1) {
			(void)call_env_erase(&m.env);
		}
	}
}

static void
op_any(void)
{
	unsigned person = draw(PEOPLE);

	switch (draw(18)) {
	case 0:
		op_write(person, 1, BURST);
		break;
	case 16:
	case 17:
		op_visit(draw(PEOPLE + 1), draw(8) == 0 ? BURST : 3);
		break;
	case 1:
	case 2:
		op_write(person, draw(RECORDS), 1 + draw(4));
		break;
	case 3:
	case 4:
		op_place();
		break;
	case 5:
	case 6:
		op_release();
		break;
	case 7:
		op_account(person);
		break;
	case 8:
		if (draw(3) == 0) {
			op_erase(person);
		}
		break;
	case 9:
		op_time();
		break;
	case 10:
		timed(draw(4));
		break;
	case 11:
		(void)call_env_erase(&m.env);
		break;
	case 12:
		if (draw(4) == 0) {
			quiet();
		}
		break;
	default:
		for (unsigned n = draw(6); n > 0; n--) {
			(void)call_env_step(&m.env, KINDS, NULL, draw(1000),
					    NULL);
		}
		break;
	}
}

static slot_t
base_of(const struct person *p)
{
	struct vault v = look_begin();
	struct subject *s;
	slot_t base;

	assert_ok(subject_load(&v, p->subject, &s));
	base = s->base;
	snapshot_close(v.txn);
	return base;
}

static void
model_run(unsigned seed)
{
	memset(&m, 0, sizeof(m));
	m.seed = seed;
	m.random = seed * 0x9e3779b97f4a7c15u + 1;
	call_env_open(&m.env);
	timed(1);
	jobs_all();
	for (unsigned i = 0; i < PEOPLE; i++) {
		char email[40];

		(void)snprintf(email, sizeof(email), "p%u@example.com", i);
		call_env_customer(&m.env, email, m.people[i].id);
		assert_ok(id_parse(m.people[i].id, &m.people[i].subject));
		m.people[i].base = base_of(&m.people[i]);
		m.people[i].account_end = DAY_NONE;
	}
	m.people[NOBODY].account_end = DAY_NONE;
	for (m.op = 0; m.op < OPS; m.op++) {
		op_any();
		model_follow();
		store_look();
		people_look(false);
	}
	quiet();
	for (size_t i = 0; i < m.n_copies; i++) {
		free(m.copies[i].bytes);
	}
	call_env_close(&m.env);
}

static unsigned n_seeds = SEEDS_DEFAULT;
static unsigned first_seed = 1;

static void
random_orders_follow_the_model(void **state)
{
	(void)state;
	for (unsigned i = 0; i < n_seeds; i++) {
		model_run(first_seed + i);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_orders_follow_the_model),
	};

	if (argc > 1) {
		n_seeds = (unsigned)strtoul(argv[1], NULL, 10);
	}
	if (argc > 2) {
		first_seed = (unsigned)strtoul(argv[2], NULL, 10);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* vault/record: checked, sealed under slot and day, found, moved, gone. */

#include "support/test.h"

#include "support/vault_env.h"
#include "vault/expiry.h"
#include "vault/hold_mark.h"
#include "vault/index.h"
#include "vault/record.h"

static struct vault_env env;

static int
open_env(void **state)
{
	(void)state;
	vault_env_open(&env);
	return 0;
}

static int
close_env(void **state)
{
	(void)state;
	vault_env_close(&env);
	return 0;
}

static const struct policy_category *
category(const char *name)
{
	const struct policy_category *c = policy_category(env.policy, name);

	assert_non_null(c);
	return c;
}

static struct value
object_of(struct vault *v, const char *name, struct value member)
{
	struct value o = value_object();

	assert_ok(value_add(&o, v->arena, name, member));
	return o;
}

static struct value
contact_of(struct vault *v, const char *email)
{
	struct value o = object_of(v, "name", value_text("Ada Lovelace"));

	assert_ok(value_add(&o, v->arena, "email", value_text(email)));
	return o;
}

static struct subject *
person(struct vault *v)
{
	struct subject *s;

	assert_ok(subject_create(v, STANDING_ADULT, &s));
	return s;
}

static struct record_written
write_one(struct vault *v, struct subject *s, const char *cat,
	  struct value data, struct id record)
{
	struct record_new in = {.category = category(cat),
				.data = &data,
				.record = record,
				.source = "test",
				.by = 3};
	struct record_written out;

	assert_ok(record_write(v, s, &in, &out));
	return out;
}

static const struct id nil;

static size_t
list(struct vault *v, const struct subject *s, const char *cat, unsigned flags,
     struct record **out)
{
	const struct policy_category *c = category(cat);
	struct record_query q = {.categories = &c,
				 .n_categories = 1,
				 .flags = flags,
				 .limit = 100};
	const char *next;
	size_t n;

	assert_ok(record_list(v, s, &q, out, &n, &next));
	assert_null(next);
	return n;
}

static void
versions_of_a_single_record(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct subject *s = person(v);
	struct record_written a =
		write_one(v, s, "contact", contact_of(v, "a@x.y"), nil);
	struct record_written b =
		write_one(v, s, "contact", contact_of(v, "b@x.y"), nil);
	struct record *r;
	size_t n;

	(void)state;
	assert_int_equal(a.version, 1);
	assert_int_equal(b.version, 2);
	assert_true(id_equal(a.record, b.record));
	assert_int_equal(b.expires_at_ms, 0);
	assert_ok(record_read_single(v, s, category("contact"), &r));
	assert_string_equal(value_get_text(&r->data, "email"), "b@x.y");
	assert_string_equal(r->source, "test");
	assert_int_equal(r->by, 3);
	assert_ok(record_versions(v, s, category("contact"), a.record, 10, &r,
				  &n));
	assert_int_equal(n, 2);
	assert_string_equal(value_get_text(&r[0].data, "email"), "a@x.y");
	assert_int_equal(list(v, s, "contact", 0, &r), 1);
	assert_int_equal(list(v, s, "contact", RECORD_LIST_VERSIONS, &r), 2);
	vault_env_commit(&env);
	assert_int_equal(vault_env_count_bytes(&env, TABLE_RECORD, "Lovelace"),
			 0);
}

static void
index_follows_the_address(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct subject *s = person(v);
	struct index_entry *found;
	size_t n;

	(void)state;
	(void)write_one(v, s, "contact", contact_of(v, " Old@X.y"), nil);
	assert_ok(index_find(v, INDEX_OF_EMAIL, "old@x.y", &found, &n));
	assert_int_equal(n, 1);
	assert_true(id_equal(found[0].owner, s->id));
	assert_int_equal(found[0].tag, category("contact")->id);
	(void)write_one(v, s, "contact", contact_of(v, "new@x.y"), nil);
	assert_ok(index_find(v, INDEX_OF_EMAIL, "old@x.y", &found, &n));
	assert_int_equal(n, 0);
	assert_ok(index_find(v, INDEX_OF_EMAIL, "new@x.y", &found, &n));
	assert_int_equal(n, 1);
	/* Past buckets stay listed: their old rows name the person. */
	assert_int_equal(s->n_buckets, 2);
	vault_env_fail(&env);
}

static void
data_is_checked_against_the_policy(void **state)
{
	static const struct {
		const char *category;
		const char *name;
		struct value value;
		const char *field;
	} rows[] = {
#define T(t) {.kind = VALUE_TEXT, .text = {t, sizeof(t) - 1}}
#define I(i)                                                                   \
	{                                                                      \
		.kind = VALUE_INT, .number = (i)                               \
	}
		{"billing", "card_number", T("4111111111111112"),
		 "data.card_number"},
		{"billing", "card_number", I(4111111111111111),
		 "data.card_number"},
		{"billing", "cvv", T("123"), "data.cvv"},
		{"billing", "A secret!", T("123"), "data"},
		{"billing", "card_expiry", T("2027-13"), "data.card_expiry"},
		{"billing", "card_expiry", T("12/27"), "data.card_expiry"},
		{"billing", "name", T("my 4111 1111 1111 1111"), "data.name"},
		{"billing", "address", T("Main St"), "data.address"},
		{"qualification", "employees", T("7"), "data.employees"},
		{"qualification", "employees", I(0), "data.employees"},
		{"qualification", "qualified", I(1), "data.qualified"},
		{"qualification", "financial", T(""), "data.financial"},
		{"usage", "peer", T("5550100"), "data.peer"},
		{"usage", "at", T("yesterday"), "data.at"},
		{"preferences", "language", T("e"), "data.language"},
		{"preferences", "language", T("en_GB"), "data.language"},
		{"publication", "url", T("javascript:1"), "data.kind"},
		{"account", "country", T("us"), "data.country"},
		{"contact", "name", T("Ada"), "data.email"},
#undef T
#undef I
	};
	struct vault *v = vault_env_begin(&env);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct value data = object_of(v, rows[i].name, rows[i].value);
		int rc = record_check(category(rows[i].category), &data);

		assert_err(ERR_INVALID, rc);
		if (strcmp(rows[i].name, "url") != 0) {
			assert_string_equal(err_last()->field, rows[i].field);
		}
	}
	assert_err(ERR_INVALID,
		   record_check(category("billing"),
				&(struct value){.kind = VALUE_NULL}));
	vault_env_fail(&env);
}

static void
good_data_pass(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct value a = object_of(v, "street", value_text("12 Main St"));
	struct value o;

	(void)state;
	assert_ok(value_add(&a, v->arena, "city", value_text("San Jose")));
	assert_ok(value_add(&a, v->arena, "region", value_text("US-CA")));
	assert_ok(value_add(&a, v->arena, "postal_code", value_text("95113")));
	assert_ok(value_add(&a, v->arena, "country", value_text("US")));
	o = object_of(v, "address", a);
	assert_ok(value_add(&o, v->arena, "card_number",
			    value_text("4111111111111111")));
	assert_ok(
		value_add(&o, v->arena, "card_expiry", value_text("2029-04")));
	assert_ok(record_check(category("billing"), &o));
	o = object_of(v, "language", value_text("zh-Hant-TW"));
	assert_ok(record_check(category("preferences"), &o));
	/* A part of the address is at fault. */
	a = object_of(v, "street", value_text("12 Main St"));
	o = object_of(v, "address", a);
	assert_err(ERR_INVALID, record_check(category("billing"), &o));
	assert_string_equal(err_last()->field, "data.address.city");
	vault_env_fail(&env);
}

static void
expiry_counts_from_collection_and_is_refused_in_time(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct subject *s = person(v);
	struct value data = object_of(v, "kind", value_text("call"));
	struct record_new late = {.category = category("usage"),
				  .data = &data,
				  .collected_at_ms =
					  VAULT_ENV_NOW_MS - 600 * MS_PER_DAY};
	struct record_written w = write_one(v, s, "usage", data, nil);
	struct record *r;
	struct bytes key;
	struct bytes value;
	struct range *range;
	enum table table;
	date_t due;

	(void)state;
	assert_true(w.due != DAY_NONE);
	assert_int_equal(w.expires_at_ms,
			 decide_day_begin_ms(env.policy, w.due));
	assert_int_equal(list(v, s, "usage", 0, &r), 1);
	/* What dies with the day is listed under it. */
	assert_ok(range_open(v->txn, TABLE_EXPIRY, bytes_of(NULL, 0),
			     bytes_of(NULL, 0), 0, &range));
	assert_int_equal(range_next(range, &key, &value), 1);
	assert_ok(expiry_parse(key, &due, &table, &key));
	assert_int_equal(due, w.due);
	assert_int_equal(table, TABLE_RECORD);
	assert_int_equal(key.n, RECORD_KEY_BYTES);
	range_close(range);

	assert_err(ERR_EXPIRED,
		   record_write(v, s, &late, &(struct record_written){0}));
	v->today = w.due - 1;
	assert_int_equal(list(v, s, "usage", 0, &r), 1);
	v->today = w.due;
	assert_int_equal(list(v, s, "usage", 0, &r), 0);
	assert_int_equal(list(v, s, "usage", RECORD_LIST_DUE, &r), 1);
	assert_err(ERR_NOT_FOUND,
		   record_read(v, s, category("usage"), w.record, &r));
	vault_env_fail(&env);
}

static void
day_key_ends_all_of_its_records(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct subject *s = person(v);
	struct value data = object_of(v, "kind", value_text("call"));
	struct record_written w;
	struct record *r;
	struct bytes last;
	struct id id = s->id;
	slot_t slot;
	size_t n;

	(void)state;
	w = write_one(v, s, "usage", data, nil);
	assert_ok(subject_save(v, s));
	vault_env_commit(&env);
	slot = keyring_day_slot(w.due);
	vault_env_destroy(&env, &slot, 1);
	v = vault_env_begin(&env);
	assert_ok(subject_load(v, id, &s));
	assert_int_equal(list(v, s, "usage", RECORD_LIST_DUE, &r), 0);
	/* The row is there for the sweep, without its data. */
	assert_ok(record_rows(v, s->base + SLOT_ACTIVITY, 0, bytes_of(NULL, 0),
			      10, &r, &n, &last));
	assert_int_equal(n, 1);
	assert_int_equal(r[0].data.kind, VALUE_NULL);
	vault_env_fail(&env);
}

static void
pages_hold_every_record_once(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct subject *s = person(v);
	struct record_query q = {.limit = 7};
	struct id seen[60];
	size_t n_seen = 0;
	unsigned pages = 0;

	(void)state;
	for (size_t i = 0; i < 50; i++) {
		char kind[16];
		struct record_written w;

		(void)snprintf(kind, sizeof(kind), "k%zu", i);
		v->now_ms++;
		w = write_one(v, s, i % 2 == 0 ? "usage" : "content",
			      i % 2 == 0
				      ? object_of(v, "kind", value_text("c"))
				      : object_of(v, "text", value_text("t")),
			      nil);
		if (i % 5 == 0) {
			(void)write_one(v, s, "usage",
					object_of(v, "kind", value_text("d")),
					i % 2 == 0 ? w.record : nil);
		}
	}
	(void)write_one(v, s, "contact", contact_of(v, "p@x.y"), nil);
	do {
		struct record *r;
		size_t n;

		assert_ok(record_list(v, s, &q, &r, &n, &q.cursor));
		for (size_t i = 0; i < n; i++) {
			for (size_t j = 0; j < n_seen; j++) {
				assert_false(id_equal(seen[j], r[i].id));
			}
			assert_true(n_seen < 60);
			seen[n_seen++] = r[i].id;
		}
		pages++;
	} while (q.cursor != NULL && pages < 60);
	/* 50, 5 more where an odd turn made a new one, and the contact. */
	assert_int_equal(n_seen, 56);
	q.cursor = "nonsense";
	assert_err(ERR_INVALID, record_list(v, s, &q, &(struct record *){NULL},
					    &(size_t){0}, &q.cursor));
	assert_string_equal(err_last()->field, "cursor");
	vault_env_fail(&env);
}

static void
page_stays_within_a_message(void **state)
{
	static char text[60001];
	struct vault *v = vault_env_begin(&env);
	struct subject *s = person(v);
	const struct policy_category *c = category("content");
	struct record_query q = {
		.categories = &c, .n_categories = 1, .limit = 1000};
	size_t total = 0;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	for (size_t i = 0; i < 15; i++) {
		(void)write_one(v, s, "content",
				object_of(v, "text", value_text(text)), nil);
	}
	do {
		struct record *r;
		size_t n;

		assert_ok(record_list(v, s, &q, &r, &n, &q.cursor));
		assert_in_range(n, 1, 11);
		total += n;
	} while (q.cursor != NULL);
	assert_int_equal(total, 15);
	vault_env_fail(&env);
}

static void
held_row_has_no_day_and_comes_back(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct subject *s = person(v);
	struct record_written w = write_one(
		v, s, "usage", object_of(v, "kind", value_text("call")), nil);
	struct record *r;
	bool *any;

	(void)state;
	assert_ok(record_read(v, s, category("usage"), w.record, &r));
	assert_ok(subject_need_held(v, s));
	assert_ok(record_move(v, s, r, s->held, r->due));
	assert_ok(record_read(v, s, category("usage"), w.record, &r));
	assert_int_equal(r->day, DAY_NONE);
	assert_int_equal(r->due, w.due);
	assert_true(r->slot == s->held);
	/* Due, but held: only who asks for it sees it. */
	v->today = w.due + 5;
	assert_int_equal(list(v, s, "usage", 0, &r), 0);
	assert_int_equal(list(v, s, "usage", RECORD_LIST_DUE, &r), 1);
	v->today = w.due - 5;
	any = arena_array(v->arena, env.policy->n_categories, sizeof(*any));
	assert_ok(record_categories(v, s, any));
	for (size_t i = 0; i < env.policy->n_categories; i++) {
		assert_int_equal(any[i], &env.policy->categories[i] ==
						 category("usage"));
	}
	assert_ok(record_read(v, s, category("usage"), w.record, &r));
	assert_ok(record_move(v, s, r, s->base + SLOT_ACTIVITY, r->due));
	assert_int_equal(list(v, s, "usage", 0, &r), 1);
	assert_int_equal(r->day, w.due);
	vault_env_fail(&env);
}

static void
what_is_written_under_a_hold_is_held(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct subject *s = person(v);
	struct value data = object_of(v, "kind", value_text("call"));
	struct record_written a = write_one(v, s, "usage", data, nil);
	struct record_written b;
	struct record *r;

	(void)state;
	hold_mark_set(s, category("usage")->id, true);
	b = write_one(v, s, "usage", data, a.record);
	assert_int_equal(b.version, 2);
	assert_true(s->held != SLOT_NONE);
	assert_ok(record_read(v, s, category("usage"), a.record, &r));
	assert_int_equal(r->version, 2);
	assert_true(r->slot == s->held);
	assert_int_equal(r->day, DAY_NONE);
	/* One record, whichever slot its versions lie under. */
	assert_int_equal(list(v, s, "usage", 0, &r), 1);
	vault_env_fail(&env);
}

static void
rows_of_a_slot_go_in_steps(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct subject *s = person(v);
	struct record_tally tally = {{0}, {0}};
	struct value data = object_of(v, "kind", value_text("call"));
	uint8_t usage = category("usage")->id;
	struct bytes key;
	struct bytes value;
	struct range *range;
	struct record *r;
	unsigned steps = 0;
	bool more;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct record_written w = write_one(v, s, "usage", data, nil);

		(void)write_one(v, s, "usage", data, w.record);
		(void)write_one(v, s, "usage", data, w.record);
	}
	(void)write_one(v, s, "contact", contact_of(v, "s@x.y"), nil);
	do {
		assert_ok(record_delete_all_of(v, s->base + SLOT_ACTIVITY, 0, 5,
					       &tally, &more));
		steps++;
	} while (more);
	assert_int_equal(steps, 3);
	assert_int_equal(tally.rows[usage], 12);
	assert_int_equal(tally.records[usage], 4);
	assert_int_equal(list(v, s, "usage", RECORD_LIST_DUE, &r), 0);
	assert_int_equal(list(v, s, "contact", 0, &r), 1);
	assert_ok(range_open(v->txn, TABLE_EXPIRY, bytes_of(NULL, 0),
			     bytes_of(NULL, 0), 0, &range));
	assert_int_equal(range_next(range, &key, &value), 0);
	range_close(range);
	vault_env_fail(&env);
}

static void
record_that_is_not_there_is_named(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct subject *s = person(v);
	struct value data = object_of(v, "text", value_text("t"));
	struct record_new in = {.category = category("content"),
				.data = &data,
				.record = {{9}}};
	struct record_written w;

	(void)state;
	assert_err(ERR_NOT_FOUND, record_write(v, s, &in, &w));
	assert_string_equal(err_last()->field, "record");
	vault_env_fail(&env);
}

static void
longest_data_fit(void **state)
{
	static char text[65537];
	struct vault *v = vault_env_begin(&env);
	struct subject *s = person(v);
	struct record *r;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	(void)write_one(v, s, "content", object_of(v, "text", value_text(text)),
			nil);
	assert_int_equal(list(v, s, "content", 0, &r), 1);
	assert_int_equal(strlen(value_get_text(&r[0].data, "text")), 65536);
	vault_env_fail(&env);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_of_a_single_record),
		cmocka_unit_test(index_follows_the_address),
		cmocka_unit_test(data_is_checked_against_the_policy),
		cmocka_unit_test(good_data_pass),
		cmocka_unit_test(
			expiry_counts_from_collection_and_is_refused_in_time),
		cmocka_unit_test(pages_hold_every_record_once),
		cmocka_unit_test(page_stays_within_a_message),
		cmocka_unit_test(held_row_has_no_day_and_comes_back),
		cmocka_unit_test(what_is_written_under_a_hold_is_held),
		cmocka_unit_test(rows_of_a_slot_go_in_steps),
		cmocka_unit_test(record_that_is_not_there_is_named),
		cmocka_unit_test(longest_data_fit),
		cmocka_unit_test(day_key_ends_all_of_its_records),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}

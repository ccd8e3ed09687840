/* Every member of every operation, from the rows themselves: missing, given
 * twice, null, of a wrong type, too long, out of range, and one that nobody
 * knows. Each is `invalid`, and the answer names the member. A new row is
 * tested without a line here. */

#include "policy/role.h"
#include "support/core_env.h"
#include "support/test.h"
#include "wire/schema.h"

#define BODY_BYTES_MAX (256u * 1024)
#define PATH_BYTES_MAX 256

/* One body: all of it as it should be, but for the member at `path`. */
struct body {
	const char *path;  /* NULL: nothing is wrong */
	const char *wrong; /* what stands there instead; NULL: nothing does */
	bool twice;        /* it comes a second time, as it should be */
	const char *extra; /* the object here has a member too many */
	bool least;        /* optional members are left out */
	size_t n;
	char text[BODY_BYTES_MAX];
};

struct at {
	struct core_env e;
	const struct operation *op;
	unsigned role;
	struct body body;
	char bad[BODY_BYTES_MAX];
	size_t tried;
};

static void put_members(struct body *b, const char *path,
			const struct field *rows, size_t n);

static void
put(struct body *b, const char *text)
{
	size_t n = strlen(text);

	assert_true(b->n + n < sizeof(b->text));
	memcpy(b->text + b->n, text, n + 1);
	b->n += n;
}

/* A text of n bytes in quotes. */
static const char *
text_of(char *room, size_t n)
{
	assert_true(n + 3 < BODY_BYTES_MAX);
	room[0] = '"';
	memset(room + 1, 'a', n);
	memcpy(room + 1 + n, "\"", 2);
	return room;
}

static const char *
base64_of(char *room, size_t bytes)
{
	size_t n = (bytes + 2) / 3 * 4;

	(void)text_of(room, n);
	memset(room + 1, 'A', n);
	for (size_t i = 0; i < (3 - bytes % 3) % 3; i++) {
		room[n - i] = '=';
	}
	return room;
}

/* A value that the form takes; what it means is not looked at. */
static void
put_good(struct body *b, const char *path, const struct field *f,
	 enum field_type type)
{
	static char room[BODY_BYTES_MAX];

	switch (type) {
	case FIELD_TEXT:
		put(b, text_of(room, f->min > 1 ? (size_t)f->min : 1));
		break;
	case FIELD_ID:
		put(b, "\"01890000-0000-7000-8000-000000000001\"");
		break;
	case FIELD_TIME:
		put(b, "\"2026-01-02T03:04:05.678Z\"");
		break;
	case FIELD_DATE:
		put(b, "\"1980-02-29\"");
		break;
	case FIELD_DURATION:
		put(b, "\"P14D\"");
		break;
	case FIELD_INT:
		(void)snprintf(room, sizeof(room), "%lld", (long long)f->min);
		put(b, room);
		break;
	case FIELD_BOOL:
		put(b, "true");
		break;
	case FIELD_ENUM:
		(void)snprintf(room, sizeof(room), "\"%s\"", f->names[0]);
		put(b, room);
		break;
	case FIELD_EMAIL:
		put(b, "\"nobody@example.org\"");
		break;
	case FIELD_PHONE:
		put(b, "\"+14155550100\"");
		break;
	case FIELD_COUNTRY:
		put(b, "\"US\"");
		break;
	case FIELD_REGION:
		put(b, "\"US-CA\"");
		break;
	case FIELD_BASE64:
		put(b, base64_of(room, f->min > 0 ? (size_t)f->min : 3));
		break;
	case FIELD_Z85:
		put(b, "\"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\"");
		break;
	case FIELD_VALUE:
		put(b, "{\"name\":\"x\"}");
		break;
	case FIELD_OBJECT:
		put(b, "{");
		put_members(b, path, f->fields, f->n_fields);
		put(b, "}");
		break;
	case FIELD_LIST:
	default:
		fail_msg("%s: a list in a list", path);
	}
}

static void
put_list(struct body *b, const char *path, const struct field *f)
{
	char item[PATH_BYTES_MAX + 4];

	put(b, "[");
	for (int64_t i = 0; i < (f->min > 1 ? f->min : 1); i++) {
		(void)snprintf(item, sizeof(item), "%s[%lld]", path,
			       (long long)i);
		put(b, i > 0 ? "," : "");
		put_good(b, item, f, f->item);
	}
	put(b, "]");
}

static void
put_value(struct body *b, const char *path, const struct field *f)
{
	if (f->type == FIELD_LIST) {
		put_list(b, path, f);
	} else {
		put_good(b, path, f, f->type);
	}
}

static void
put_member(struct body *b, const char *path, const struct field *f,
	   const char *value)
{
	put(b, b->text[b->n - 1] == '{' ? "\"" : ",\"");
	put(b, f->name);
	put(b, "\":");
	if (value != NULL) {
		put(b, value);
	} else {
		put_value(b, path, f);
	}
}

static void
path_below(const char *path, const char *name, char *out)
{
	(void)snprintf(out, PATH_BYTES_MAX, "%s%s%s", path,
		       *path == '\0' ? "" : ".", name);
}

static void
put_members(struct body *b, const char *path, const struct field *rows,
	    size_t n)
{
	char here[PATH_BYTES_MAX];

	for (size_t i = 0; i < n; i++) {
		bool meant, above;

		path_below(path, rows[i].name, here);
		meant = b->path != NULL && strcmp(here, b->path) == 0;
		above = b->path != NULL &&
			strncmp(here, b->path, strlen(here)) == 0;
		if (b->least && !above &&
		    (rows[i].flags & FIELD_OPTIONAL) != 0) {
			continue;
		}
		if (!meant) {
			put_member(b, here, &rows[i], NULL);
		} else if (b->twice) {
			put_member(b, here, &rows[i], NULL);
			put_member(b, here, &rows[i], NULL);
		} else if (b->wrong != NULL) {
			put_member(b, here, &rows[i], b->wrong);
		}
	}
	if (b->extra != NULL && strcmp(path, b->extra) == 0) {
		put(b, b->text[b->n - 1] == '{' ? "" : ",");
		put(b, "\"zzz\":1");
	}
}

static void
body_make(struct body *b, const struct operation *op)
{
	b->n = 0;
	put(b, "{");
	put_members(b, "", op->in->rows, op->in->n);
	put(b, "}");
}

static void
expect(struct at *t, const char *path, const char *status)
{
	const char *field;

	body_make(&t->body, t->op);
	core_env_call(&t->e, t->role, t->op->name, t->body.text);
	field = core_env_text(&t->e, "field");
	t->tried++;
	if (strcmp(t->e.status, status) != 0 || field == NULL ||
	    strcmp(field, path) != 0) {
		fail_msg("%s %.500s: %s %s, not %s at %s", t->op->name,
			 t->body.text, t->e.status, t->e.body, status, path);
	}
}

/* `wrong` at `path`; the answer names `named`. */
static void
expect_named(struct at *t, const char *path, const char *wrong,
	     const char *named)
{
	/* With the members that may come, and without them. */
	for (int least = 0; least < 2; least++) {
		t->body = (struct body){
			.path = path, .wrong = wrong, .least = least != 0};
		expect(t, named, "invalid");
	}
}

static void
expect_wrong(struct at *t, const char *path, const char *wrong)
{
	expect_named(t, path, wrong, path);
}

static void
try_texts(struct at *t, const char *path, const struct field *f)
{
	size_t most = f->max > 0 ? (size_t)f->max : SCHEMA_TEXT_BYTES_MAX;

	expect_wrong(t, path, text_of(t->bad, most + 1));
	if (f->min > 0 || f->max == 0) {
		expect_wrong(t, path, "\"\"");
	}
	expect_wrong(t, path, "\"a\\u0000b\"");
	expect_wrong(t, path, "\"a\\u0001b\"");
	expect_wrong(t, path, "\"a\\u0085b\"");
	if ((f->flags & FIELD_FREE_TEXT) != 0 && most >= 24) {
		expect_wrong(t, path, "\"4111111111111111\"");
		expect_wrong(t, path, "\"x 4111-1111 1111-1111\"");
	}
}

static void
try_time(struct at *t, const char *path, const struct field *f)
{
	expect_wrong(t, path, "\"2026-13-01T00:00:00Z\"");
	expect_wrong(t, path, "\"2026-01-01\"");
	expect_wrong(t, path, "\"2026-01-01T00:00:00+01:00\"");
	if ((f->flags & FIELD_FUTURE) == 0) {
		expect_wrong(t, path, "\"2030-01-01T00:00:00Z\"");
	}
}

static void
try_int(struct at *t, const char *path, const struct field *f)
{
	char number[32];

	expect_wrong(t, path, "\"1\"");
	expect_wrong(t, path, "1.5");
	/* Every number has bounds. */
	assert_true(f->min != 0 || f->max != 0);
	(void)snprintf(number, sizeof(number), "%lld", (long long)f->min - 1);
	expect_wrong(t, path, number);
	if (f->max < INT64_MAX) {
		(void)snprintf(number, sizeof(number), "%lld",
			       (long long)f->max + 1);
		expect_wrong(t, path, number);
	}
}

static void
try_base64(struct at *t, const char *path, const struct field *f)
{
	expect_wrong(t, path, "\"AA\"");
	expect_wrong(t, path, "\"A A=\"");
	if (f->min > 0) {
		expect_wrong(t, path, base64_of(t->bad, (size_t)f->min - 1));
	}
	if (f->max > 0 && f->max < 60000) {
		expect_wrong(t, path, base64_of(t->bad, (size_t)f->max + 1));
	}
}

static void
try_email(struct at *t, const char *path)
{
	char *room = t->bad;

	expect_wrong(t, path, "\"nobody\"");
	expect_wrong(t, path, "\"a@b@example.org\"");
	(void)text_of(room, 255);
	memcpy(room + 30, "@", 1);
	expect_wrong(t, path, room);
}

/* Forms that are whole or not at all. */
static void
try_form(struct at *t, const char *path, const struct field *f,
	 enum field_type type)
{
	switch (type) {
	case FIELD_ID:
		expect_wrong(t, path,
			     "\"01890000-0000-7000-8000-00000000000A\"");
		expect_wrong(t, path, "\"x\"");
		if ((f->flags & FIELD_OPTIONAL) != 0) {
			expect_wrong(t, path,
				     "\"00000000-0000-0000-0000-"
				     "000000000000\"");
		}
		break;
	case FIELD_DATE:
		expect_wrong(t, path, "\"2026-02-29\"");
		expect_wrong(t, path, "\"2026-1-1\"");
		break;
	case FIELD_DURATION:
		expect_wrong(t, path, "\"14 days\"");
		expect_wrong(t, path, "\"P\"");
		break;
	case FIELD_ENUM:
		expect_wrong(t, path, "\"no such word\"");
		break;
	case FIELD_PHONE:
		expect_wrong(t, path, "\"4155550100\"");
		expect_wrong(t, path, "\"+1234567890123456\"");
		break;
	case FIELD_COUNTRY:
		expect_wrong(t, path, "\"us\"");
		expect_wrong(t, path, "\"ZZ\"");
		break;
	case FIELD_REGION:
		expect_wrong(t, path, "\"CA\"");
		expect_wrong(t, path, "\"US-ABCD\"");
		break;
	case FIELD_Z85:
		expect_wrong(t, path, "\"short\"");
		break;
	case FIELD_TEXT:
	case FIELD_TIME:
	case FIELD_INT:
	case FIELD_BOOL:
	case FIELD_EMAIL:
	case FIELD_BASE64:
	case FIELD_VALUE:
	case FIELD_OBJECT:
	case FIELD_LIST:
	default:
		fail_msg("%s: no such form", path);
	}
}

static void
try_one(struct at *t, const char *path, const struct field *f,
	enum field_type type)
{
	static const char *const no_text[] = {"5", "true", "[]", "{}"};

	if (type != FIELD_INT && type != FIELD_BOOL && type != FIELD_VALUE &&
	    type != FIELD_OBJECT && type != FIELD_LIST) {
		for (size_t i = 0; i < 4; i++) {
			expect_wrong(t, path, no_text[i]);
		}
	}
	switch (type) {
	case FIELD_TEXT:
		try_texts(t, path, f);
		break;
	case FIELD_TIME:
		try_time(t, path, f);
		break;
	case FIELD_INT:
		try_int(t, path, f);
		break;
	case FIELD_BOOL:
		expect_wrong(t, path, "1");
		expect_wrong(t, path, "\"true\"");
		break;
	case FIELD_BASE64:
		try_base64(t, path, f);
		break;
	case FIELD_EMAIL:
		try_email(t, path);
		break;
	case FIELD_VALUE:
	case FIELD_OBJECT:
		expect_wrong(t, path, "[]");
		expect_wrong(t, path, "\"x\"");
		break;
	case FIELD_ID:
	case FIELD_DATE:
	case FIELD_DURATION:
	case FIELD_ENUM:
	case FIELD_PHONE:
	case FIELD_COUNTRY:
	case FIELD_REGION:
	case FIELD_Z85:
	case FIELD_LIST:
	default:
		try_form(t, path, f, type);
	}
}

/* [v, v, ...] with one more than it may have. */
static void
try_list(struct at *t, const char *path, const struct field *f)
{
	size_t most = f->max > 0 ? (size_t)f->max : SCHEMA_LIST_ITEMS_MAX;
	static struct body list;
	char item[PATH_BYTES_MAX + 4];

	(void)snprintf(item, sizeof(item), "%s[0]", path);
	expect_wrong(t, path, "{}");
	expect_wrong(t, path, "\"x\"");
	expect_named(t, path, "[null]", item);
	if (f->min > 0) {
		expect_wrong(t, path, "[]");
	}
	list.n = 0;
	put(&list, "[");
	for (size_t i = 0; i <= most; i++) {
		put(&list, i > 0 ? ",0" : "0");
	}
	put(&list, "]");
	expect_wrong(t, path, list.text);
}

static void try_members(struct at *t, const char *path,
			const struct field *rows, size_t n);

static void
try_member(struct at *t, const char *path, const struct field *f)
{
	char item[PATH_BYTES_MAX + 4];

	if ((f->flags & FIELD_OPTIONAL) == 0) {
		t->body = (struct body){.path = path};
		expect(t, path, "invalid");
	}
	if (f->type == FIELD_LIST) {
		try_list(t, path, f);
		(void)snprintf(item, sizeof(item), "%s[0]", path);
		if (f->item == FIELD_OBJECT) {
			try_members(t, item, f->fields, f->n_fields);
		}
		return;
	}
	expect_wrong(t, path, "null");
	try_one(t, path, f, f->type);
	if (f->type == FIELD_OBJECT) {
		try_members(t, path, f->fields, f->n_fields);
	}
}

static void
try_members(struct at *t, const char *path, const struct field *rows, size_t n)
{
	char here[PATH_BYTES_MAX];

	path_below(path, "zzz", here);
	t->body = (struct body){.extra = path};
	expect(t, here, "invalid");
	for (size_t i = 0; i < n; i++) {
		path_below(path, rows[i].name, here);
		try_member(t, here, &rows[i]);
	}
}

/* Twice: refused before there is a tree that knows where, so at the top
 * alone is the name asked for. */
static void
try_twice(struct at *t)
{
	for (size_t i = 0; i < t->op->in->n; i++) {
		t->body = (struct body){.path = t->op->in->rows[i].name,
					.twice = true};
		body_make(&t->body, t->op);
		core_env_call(&t->e, t->role, t->op->name, t->body.text);
		if (strcmp(t->e.status, "invalid") != 0) {
			fail_msg("%s %.500s: %s", t->op->name, t->body.text,
				 t->e.body);
		}
	}
}

static void
every_member_is_checked_by_name(void **state)
{
	struct at *t = calloc(1, sizeof(*t));

	(void)state;
	assert_non_null(t);
	core_env_open(&t->e, NULL);
	for (size_t i = 0; i < n_operations; i++) {
		t->op = &operations[i];
		t->role = t->op->roles & (~t->op->roles + 1);
		try_members(t, "", t->op->in->rows, t->op->in->n);
		try_twice(t);
	}
	assert_true(t->tried > 1000);
	core_env_close(&t->e);
	free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_is_checked_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Whether `data` is what the policy says its category holds. An error names
 * the member at fault as data.FIELD and repeats nothing of what was sent.
 */
#include "vault/record.h"

#include <string.h>

#include "base/card.h"
#include "base/form.h"

#define LANGUAGE_BYTES_MAX 35 /* RFC 5646 4.4.1 */
#define ADDRESS_BYTES_MAX 1000
#define TEXT_BYTES_MAX 4096 /* where the policy sets no bound */
#define NAME_SHOWN_BYTES_MAX 48

/* Names of members come from outside: only plain words are repeated. */
static bool
is_plain_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= NAME_SHOWN_BYTES_MAX && name[n] == '\0';
}

static int
fault(const char *name, const char *text)
{
	return err_field(ERR_INVALID, is_plain_name(name) ? name : "", "%s",
			 text);
}

/* The member at fault, or without a plain name its parent, in `parent`. */
static int
fault_within(const char *parent)
{
	if (err_last()->field[0] == '\0') {
		return err_field(ERR_INVALID, parent, "%s", err_last()->text);
	}
	err_field_within(parent);
	return ERR_INVALID;
}

/* One of the checks of base/form.h. */
static bool
has_form(int (*check)(const char *, size_t), const struct value *v)
{
	bool ok = check(v->text.s, v->text.n) == 0;

	if (!ok) {
		err_clear();
	}
	return ok;
}

/* Nothing that moves a cursor; what people write has lines. */
static bool
is_clean(const struct value *v, bool prose)
{
	bool ok = form_text(v->text.s, v->text.n, prose) == 0;

	if (!ok) {
		err_clear();
	}
	return ok;
}

/* YYYY-MM */
static bool
is_month(const struct value *v)
{
	char text[DATE_TEXT_BYTES];
	date_t day;

	if (v->text.n != 7) {
		return false;
	}
	memcpy(text, v->text.s, 7);
	memcpy(text + 7, "-01", 4);
	if (date_parse(text, &day) != 0) {
		err_clear();
		return false;
	}
	return true;
}

/* Subtags of one to eight letters or digits, the first of two or more letters
 * (RFC 5646); whether they are registered is not asked. */
static bool
is_language(const struct value *v)
{
	const char *s = v->text.s;
	size_t part = 0;

	if (v->text.n < 2 || v->text.n > LANGUAGE_BYTES_MAX) {
		return false;
	}
	for (size_t i = 0; i < v->text.n; i++) {
		bool letter = (s[i] >= 'a' && s[i] <= 'z') ||
			      (s[i] >= 'A' && s[i] <= 'Z');
		bool digit = s[i] >= '0' && s[i] <= '9';

		if (s[i] == '-' && part > 0) {
			part = 0;
		} else if (letter || (digit && i > part)) {
			part++;
		} else {
			return false;
		}
		if (part > 8 || (i == 1 && part != 2)) {
			return false;
		}
	}
	return part > 0;
}

static bool
is_url(const struct value *v)
{
	size_t scheme = strncmp(v->text.s, "https://", 8) == 0  ? 8
			: strncmp(v->text.s, "http://", 7) == 0 ? 7
								: 0;

	if (scheme == 0 || v->text.n == scheme) {
		return false;
	}
	for (size_t i = 0; i < v->text.n; i++) {
		unsigned char c = (unsigned char)v->text.s[i];

		if (c <= ' ' || c == 0x7f) {
			return false;
		}
	}
	return true;
}

static bool
is_time(const struct value *v)
{
	int64_t ms;
	bool ok = time_parse(v->text.s, &ms) == 0;

	if (!ok) {
		err_clear();
	}
	return ok;
}

static bool
is_date(const struct value *v)
{
	date_t day;
	bool ok = date_parse(v->text.s, &day) == 0;

	if (!ok) {
		err_clear();
	}
	return ok;
}

struct address_part {
	const char *name;
	bool must;
	size_t max_bytes;
};

static const struct address_part address_parts[] = {
	{"street", true, 200},     {"city", true, 120},  {"region", false, 6},
	{"postal_code", true, 20}, {"country", true, 2},
};

#define N_ADDRESS_PARTS (sizeof(address_parts) / sizeof(address_parts[0]))

static const struct address_part *
address_part(const char *name)
{
	for (size_t i = 0; i < N_ADDRESS_PARTS; i++) {
		if (strcmp(address_parts[i].name, name) == 0) {
			return &address_parts[i];
		}
	}
	return NULL;
}

static int
check_address_part(const char *name, const struct value *v)
{
	const struct address_part *part = address_part(name);

	if (part == NULL) {
		return fault(name, "no such member of an address");
	}
	if (v->kind != VALUE_TEXT) {
		return fault(name, "not a text");
	}
	if (v->text.n == 0 || v->text.n > part->max_bytes) {
		return fault(name, "empty or too long");
	}
	if (strcmp(name, "country") == 0 && !has_form(form_country, v)) {
		return fault(name, "not an ISO 3166-1 alpha-2 code");
	}
	if (strcmp(name, "region") == 0 && !has_form(form_region, v)) {
		return fault(name, "not an ISO 3166-2 code");
	}
	if (!is_clean(v, true)) {
		return fault(name, "control characters");
	}
	if (text_has_card_number(v->text.s, v->text.n)) {
		return fault(name, "holds a card number");
	}
	return 0;
}

static int
check_address(const struct policy_field *f, const struct value *v)
{
	size_t max = f->max_bytes == 0 ? ADDRESS_BYTES_MAX : f->max_bytes;
	size_t n = 0;
	int rc = 0;

	if (v->kind != VALUE_OBJECT) {
		return fault(f->name, "not an address");
	}
	for (size_t i = 0; i < v->of.n && rc == 0; i++) {
		const struct member *m = &v->of.items[i];

		rc = check_address_part(m->name, &m->value);
		n += rc == 0 ? m->value.text.n : 0;
	}
	for (size_t i = 0; i < N_ADDRESS_PARTS && rc == 0; i++) {
		if (address_parts[i].must &&
		    value_get(v, address_parts[i].name) == NULL) {
			rc = fault(address_parts[i].name, "missing");
		}
	}
	if (rc != 0) {
		return fault_within(f->name);
	}
	return n > max ? fault(f->name, "too long") : 0;
}

static const char *
text_fault(const struct policy_field *f, const struct value *v)
{
	switch (f->type) {
	case PFIELD_TEXT:
		return is_clean(v, f->free_text) ? NULL : "control characters";
	case PFIELD_EMAIL:
		return has_form(form_email, v) ? NULL : "not an e-mail address";
	case PFIELD_PHONE:
		return has_form(form_phone, v) ? NULL : "not an E.164 number";
	case PFIELD_CARD_NUMBER:
		return card_number_ok(v->text.s, v->text.n)
			       ? NULL
			       : "not a card number";
	case PFIELD_CARD_EXPIRY:
		return is_month(v) ? NULL : "not YYYY-MM";
	case PFIELD_DATE:
		return is_date(v) ? NULL : "not a date";
	case PFIELD_TIME:
		return is_time(v) ? NULL : "not a time";
	case PFIELD_URL:
		return is_url(v) ? NULL : "not an http or https URL";
	case PFIELD_LANGUAGE:
		return is_language(v) ? NULL : "not a BCP 47 language tag";
	case PFIELD_COUNTRY:
		return has_form(form_country, v)
			       ? NULL
			       : "not an ISO 3166-1 alpha-2 code";
	case PFIELD_ADDRESS:
	case PFIELD_INTEGER:
	case PFIELD_BOOLEAN:
		break;
	}
	return "not a text";
}

static int
check_text(const struct policy_field *f, const struct value *v)
{
	size_t max = f->max_bytes == 0 ? TEXT_BYTES_MAX : f->max_bytes;
	const char *wrong;

	if (v->kind != VALUE_TEXT) {
		return fault(f->name, "not a text");
	}
	if (v->text.n == 0) {
		return fault(f->name, "empty");
	}
	if (v->text.n > max) {
		return fault(f->name, "too long");
	}
	wrong = text_fault(f, v);
	if (wrong != NULL) {
		return fault(f->name, wrong);
	}
	if (f->free_text && text_has_card_number(v->text.s, v->text.n)) {
		return fault(f->name, "holds a card number");
	}
	return 0;
}

static int
check_field(const struct policy_field *f, const struct value *v)
{
	switch (f->type) {
	case PFIELD_INTEGER:
		if (v->kind != VALUE_INT) {
			return fault(f->name, "not an integer");
		}
		if ((f->min != 0 || f->max != 0) &&
		    (v->number < f->min || v->number > f->max)) {
			return fault(f->name, "out of range");
		}
		return 0;
	case PFIELD_BOOLEAN:
		return v->kind == VALUE_BOOL
			       ? 0
			       : fault(f->name, "not true or false");
	case PFIELD_ADDRESS:
		return check_address(f, v);
	case PFIELD_TEXT:
	case PFIELD_EMAIL:
	case PFIELD_PHONE:
	case PFIELD_CARD_NUMBER:
	case PFIELD_CARD_EXPIRY:
	case PFIELD_DATE:
	case PFIELD_TIME:
	case PFIELD_URL:
	case PFIELD_LANGUAGE:
	case PFIELD_COUNTRY:
		break;
	}
	return check_text(f, v);
}

int
record_check(const struct policy_category *c, const struct value *data)
{
	int rc = 0;

	if (data->kind != VALUE_OBJECT) {
		return err_field(ERR_INVALID, "data", "not an object");
	}
	if (data->of.n == 0) {
		return err_field(ERR_INVALID, "data", "empty");
	}
	for (size_t i = 0; i < data->of.n && rc == 0; i++) {
		const struct member *m = &data->of.items[i];
		int at = policy_field_index(c, m->name);

		rc = at < 0 ? fault(m->name, "no such field in this category")
			    : check_field(&c->fields[at], &m->value);
	}
	for (size_t i = 0; i < c->n_fields && rc == 0; i++) {
		if (c->fields[i].required &&
		    value_get(data, c->fields[i].name) == NULL) {
			rc = fault(c->fields[i].name, "missing");
		}
	}
	return rc == 0 ? 0 : fault_within("data");
}

/* Values that are texts in JSON: their forms are base/form's, their bounds
 * the row's. Which member is at fault is known to the caller. */

#include <stdio.h>

#include "base/base64.h"
#include "base/card.h"
#include "base/form.h"
#include "wire/scalar.h"
#include "wire/schema.h"

/* An e-mail as sent: blanks around it do not count, but not without end. */
#define EMAIL_RAW_BYTES_MAX 320

static int
check_bounds(const struct scalar *s, int64_t n, int64_t least, int64_t most,
	     const char *what)
{
	if (s->min != 0 || s->max != 0) {
		least = s->min;
		most = s->max != 0 ? s->max : most;
	}
	if (least == most && n != least) {
		return err_set(ERR_INVALID, "must have %lld %s",
			       (long long)least, what);
	}
	if (n < least || n > most) {
		return err_set(ERR_INVALID, "must have %lld to %lld %s",
			       (long long)least, (long long)most, what);
	}
	return 0;
}

static int
parse_text(const struct scalar *s, const char *text, size_t n, void *out)
{
	bool prose = (s->field->flags & FIELD_FREE_TEXT) != 0;
	int rc = check_bounds(s, (int64_t)n, 1, SCHEMA_TEXT_BYTES_MAX,
			      "bytes");

	if (rc == 0) {
		rc = form_text(text, n, prose);
	}
	if (rc == 0 && prose && text_has_card_number(text, n)) {
		rc = err_set(ERR_INVALID, "holds what looks like a card "
					  "number; that belongs to billing");
	}
	if (rc == 0) {
		memcpy(out, &text, sizeof(text));
	}
	return rc;
}

/* The nil UUID stands for absence in the structs: whoever sends it where an id
 * may be left out must not be taken for one who sent none. */
static int
parse_id(const struct scalar *s, const char *text, struct id *out)
{
	struct id id;
	int rc = id_parse(text, &id);

	if (rc == 0 && id_is_nil(id) &&
	    (s->field->flags & FIELD_OPTIONAL) != 0) {
		return err_set(ERR_INVALID, "is nobody's id");
	}
	if (rc == 0) {
		*out = id;
	}
	return rc;
}

static int
parse_time(const struct scalar *s, const char *text, int64_t now_ms, void *out)
{
	int64_t ms;
	int rc = time_parse(text, &ms);

	if (rc != 0) {
		return rc;
	}
	if ((s->field->flags & FIELD_FUTURE) == 0 &&
	    ms > now_ms + FIELD_AHEAD_MS_MAX) {
		return err_set(ERR_INVALID, "lies more than %lld minutes ahead",
			       FIELD_AHEAD_MS_MAX / MS_PER_MINUTE);
	}
	memcpy(out, &ms, sizeof(ms));
	return 0;
}

static int
parse_enum(const struct scalar *s, const char *text, void *out)
{
	const char *const *names = s->field->names;
	char list[ERR_TEXT_BYTES - 32] = "";
	size_t used = 0;

	for (int i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], text) == 0) {
			memcpy(out, &i, sizeof(i));
			return 0;
		}
	}
	for (int i = 0; names[i] != NULL && used < sizeof(list); i++) {
		int more = snprintf(list + used, sizeof(list) - used, "%s%s",
				    i == 0 ? "" : ", ", names[i]);

		used += more > 0 ? (size_t)more : 0;
	}
	return err_set(ERR_INVALID, "must be one of: %s", list);
}

static int
parse_base64(const struct scalar *s, const char *text, size_t n,
	     struct arena *a, void *out)
{
	struct bytes b;
	int rc = base64_decode(bytes_of(text, n), a, &b);

	if (rc == 0) {
		rc = check_bounds(s, (int64_t)b.n, 0, INT64_MAX, "bytes");
	}
	if (rc == 0) {
		memcpy(out, &b, sizeof(b));
	}
	return rc;
}

static int
parse_form(enum field_type type, const char *text, size_t n, void *out)
{
	uint8_t key[Z85_KEY_BYTES];
	int rc;

	if (type == FIELD_EMAIL) {
		rc = n > EMAIL_RAW_BYTES_MAX
			     ? err_set(ERR_INVALID,
				       "an e-mail has at most %d bytes",
				       FORM_EMAIL_BYTES_MAX)
			     : form_email(text, n);
	} else if (type == FIELD_PHONE) {
		rc = form_phone(text, n);
	} else if (type == FIELD_COUNTRY) {
		rc = form_country(text, n);
	} else if (type == FIELD_REGION) {
		rc = form_region(text, n);
	} else {
		rc = z85_decode_key(text, key);
	}
	if (rc == 0) {
		memcpy(out, &text, sizeof(text));
	}
	return rc;
}

int
scalar_parse(const struct scalar *s, const char *text, size_t n,
	     int64_t now_ms, struct arena *a, void *out)
{
	if (strlen(text) != n) {
		return err_set(ERR_INVALID, "holds a NUL");
	}
	switch (s->type) {
	case FIELD_TEXT:
		return parse_text(s, text, n, out);
	case FIELD_ID:
		return parse_id(s, text, out);
	case FIELD_TIME:
		return parse_time(s, text, now_ms, out);
	case FIELD_DATE:
		return date_parse(text, out);
	case FIELD_DURATION:
		return duration_parse(text, out);
	case FIELD_ENUM:
		return parse_enum(s, text, out);
	case FIELD_BASE64:
		return parse_base64(s, text, n, a, out);
	case FIELD_EMAIL:
	case FIELD_PHONE:
	case FIELD_COUNTRY:
	case FIELD_REGION:
	case FIELD_Z85:
		return parse_form(s->type, text, n, out);
	case FIELD_INT:
	case FIELD_BOOL:
	case FIELD_VALUE:
	case FIELD_OBJECT:
	case FIELD_LIST:
		break;
	}
	return err_set(ERR_INTERNAL, "type %d is no text", (int)s->type);
}

const char *
scalar_print(const struct scalar *s, const void *member, struct arena *a,
	     char room[SCALAR_TEXT_BYTES])
{
	const char *text;

	switch (s->type) {
	case FIELD_ID:
		return id_print(*(const struct id *)member, room);
	case FIELD_TIME:
		return time_print(*(const int64_t *)member, room);
	case FIELD_DATE:
		return date_print(*(const date_t *)member, room);
	case FIELD_DURATION:
		return duration_print(*(const struct duration *)member, room);
	case FIELD_BASE64:
		return base64_encode(*(const struct bytes *)member, a);
	case FIELD_ENUM:
		return s->field->names[*(const int *)member];
	case FIELD_TEXT:
	case FIELD_EMAIL:
	case FIELD_PHONE:
	case FIELD_COUNTRY:
	case FIELD_REGION:
	case FIELD_Z85:
		memcpy(&text, member, sizeof(text));
		return text;
	case FIELD_INT:
	case FIELD_BOOL:
	case FIELD_VALUE:
	case FIELD_OBJECT:
	case FIELD_LIST:
	default:
		return NULL;
	}
}

bool
scalar_is_absent(enum field_type type, const void *member)
{
	const char *text;

	switch (type) {
	case FIELD_ID:
		return id_is_nil(*(const struct id *)member);
	case FIELD_TIME:
	case FIELD_INT:
		return *(const int64_t *)member == 0;
	case FIELD_DATE:
		return *(const date_t *)member == 0;
	case FIELD_DURATION: {
		const struct duration *d = member;

		return d->months == 0 && d->days == 0 && d->ms == 0;
	}
	case FIELD_BOOL:
		return !*(const bool *)member;
	case FIELD_ENUM:
		return *(const int *)member < 0;
	case FIELD_BASE64:
		return ((const struct bytes *)member)->p == NULL;
	case FIELD_VALUE:
		return ((const struct value *)member)->kind == VALUE_NULL;
	case FIELD_TEXT:
	case FIELD_EMAIL:
	case FIELD_PHONE:
	case FIELD_COUNTRY:
	case FIELD_REGION:
	case FIELD_Z85:
		memcpy(&text, member, sizeof(text));
		return text == NULL;
	case FIELD_OBJECT:
	case FIELD_LIST:
	default:
		return false;
	}
}

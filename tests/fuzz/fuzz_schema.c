/* Aims at schema_decode, schema_encode, schema_value_decode, json_where,
 * scalar_parse: what was read is written and read again the same; a refusal
 * names only members. */
// links: ninety_wire

#include "fuzz.h"
#include "support/fields.h"
#include "wire/schema.h"

#define CALL_BYTES_MAX (1u << 24)

static void
check_refusal(int rc)
{
	struct buf body;

	FUZZ_ASSERT(rc == ERR_INVALID || rc == ERR_TOO_LARGE ||
		    rc == ERR_NOMEM);
	buf_init(&body, 4096);
	FUZZ_ASSERT(schema_error_body(err_last(), &body) == 0);
	buf_clear(&body);
}

static void
check_struct(struct bytes json, struct arena *a)
{
	const size_t n = FIELD_COUNT(every_fields);
	struct every e = {0};
	struct every again = {0};
	struct buf once;
	struct buf twice;
	int rc = schema_decode(every_fields, n, json, EVERY_NOW_MS, a, &e);

	if (rc != 0) {
		check_refusal(rc);
		return;
	}
	buf_init(&once, CALL_BYTES_MAX);
	buf_init(&twice, CALL_BYTES_MAX);
	FUZZ_ASSERT(schema_encode(every_fields, n, &e, &once) == 0);
	FUZZ_ASSERT(schema_decode(every_fields, n, buf_bytes(&once),
				  EVERY_NOW_MS, a, &again) == 0);
	FUZZ_ASSERT(schema_encode(every_fields, n, &again, &twice) == 0);
	FUZZ_ASSERT(bytes_equal(buf_bytes(&once), buf_bytes(&twice)));
	buf_clear(&once);
	buf_clear(&twice);
}

static void
check_value(struct bytes json, struct arena *a)
{
	struct value v;
	struct value again;
	struct buf text;
	int rc = schema_value_decode(json, a, &v);

	if (rc != 0) {
		check_refusal(rc);
		return;
	}
	buf_init(&text, CALL_BYTES_MAX);
	FUZZ_ASSERT(schema_value_encode(&v, 2, &text) == 0);
	FUZZ_ASSERT(schema_value_decode(buf_bytes(&text), a, &again) == 0);
	FUZZ_ASSERT(value_equal(&v, &again));
	buf_clear(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(CALL_BYTES_MAX);

	FUZZ_ASSERT(a != NULL);
	check_struct(bytes_of(data, n), a);
	check_value(bytes_of(data, n), a);
	arena_free(a);
	return 0;
}

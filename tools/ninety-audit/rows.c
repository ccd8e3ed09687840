/* The layouts of sealed rows, table by table, as seen from outside the seal.
 * Whoever changes a row's layout changes its line here and in
 * docs/format.md. */

#include "base/pack.h"
#include "rows.h"
#include "vault/subject.h"

#define DAY_BYTES ((size_t)4)
#define SLOT_BYTES ((size_t)8)

const char *
rows_table_name(enum table table)
{
	static const char *const names[TABLE_END] = {
		"system",  "subject", "record",	  "bucket",	"history",
		"leaf",	   "call",    "principal", "request",	"due",
		"of_subject", "visitor", "visit",  "page_count", "share",
		"share_by", "notice", "invite",	  "hold",	"expiry",
		"job",	   "bundle",  "count",	  "batch",	"request_by",
		"alarm"};

	return table < TABLE_END ? names[table] : "unknown";
}

static enum rows_kind
sealed_from(struct bytes value, size_t at, struct seal_context c,
	    struct sealed_row *out)
{
	if (value.n < at + SEAL_OVERHEAD_BYTES || value.p[at] != SEAL_VERSION) {
		return ROWS_WRONG;
	}
	out->context = c;
	out->sealed = bytes_of(value.p + at, value.n - at);
	out->is_details = false;
	return ROWS_SEALED;
}

static enum rows_kind
parse_system(struct bytes key, struct bytes value, struct sealed_row *out)
{
	/* The names of those who work on requests; requests' own row. */
	if (!bytes_equal(key, bytes_str("request.assignees"))) {
		return ROWS_PLAIN;
	}
	return sealed_from(value, 0,
			   (struct seal_context){.type = SEAL_PRINCIPAL,
						 .slot = SLOT_PRINCIPALS,
						 .version = UINT64_MAX,
						 .day = DAY_NONE,
						 .schema = 1},
			   out);
}

/* base 8, held 8, slot of the head 8 */
static enum rows_kind
parse_subject(struct bytes key, struct bytes value, struct sealed_row *out)
{
	struct seal_context c = {
		.type = SEAL_SUBJECT, .day = DAY_NONE, .schema = SUBJECT_SCHEMA};

	if (key.n != ID_BYTES || value.n < 3 * SLOT_BYTES) {
		return ROWS_WRONG;
	}
	memcpy(c.record.b, key.p, ID_BYTES);
	c.slot = get_u64(value.p + (size_t)2 * SLOT_BYTES);
	return sealed_from(value, (size_t)3 * SLOT_BYTES, c, out);
}

/* key: slot 8, category 1, record 16, version 4; value: day 4 */
static enum rows_kind
parse_record(struct bytes key, struct bytes value, struct sealed_row *out)
{
	struct seal_context c = {.type = SEAL_RECORD, .schema = 1};

	if (key.n != SLOT_BYTES + 1 + ID_BYTES + 4 ||
	    value.n < DAY_BYTES) {
		return ROWS_WRONG;
	}
	c.slot = get_u64(key.p);
	c.category = key.p[SLOT_BYTES];
	memcpy(c.record.b, key.p + SLOT_BYTES + 1, ID_BYTES);
	c.version = get_u32(key.p + SLOT_BYTES + 1 + ID_BYTES);
	c.day = (date_t)get_u32(value.p);
	return sealed_from(value, DAY_BYTES, c, out);
}

/* key: number 4; value: slot 8 */
static enum rows_kind
parse_bucket(struct bytes key, struct bytes value, struct sealed_row *out)
{
	struct seal_context c = {
		.type = SEAL_BUCKET, .day = DAY_NONE, .schema = 1};

	if (key.n != 4 || value.n < SLOT_BYTES) {
		return ROWS_WRONG;
	}
	memcpy(c.record.b + ID_BYTES - 4, key.p, 4);
	c.slot = get_u64(value.p);
	return sealed_from(value, SLOT_BYTES, c, out);
}

/* key: slot 8, leaf index 8; value: as many bytes as the details have */
static enum rows_kind
parse_history(struct bytes key, struct bytes value, struct sealed_row *out)
{
	slot_t slot = key.n == SLOT_BYTES + 8 ? get_u64(key.p) : SLOT_NONE;

	if (slot == SLOT_NONE ||
	    (slot != SLOT_LOG_HOUSE && slot < keyring_first_free())) {
		return ROWS_WRONG;
	}
	out->context = (struct seal_context){
		.slot = slot,
		.version = get_u64(key.p + SLOT_BYTES),
		.day = DAY_NONE};
	out->sealed = value;
	out->is_details = true;
	return ROWS_SEALED;
}

/* key: call 16, caller 4; value: state 1, slot 8, day 4 */
static enum rows_kind
parse_call(struct bytes key, struct bytes value, struct sealed_row *out)
{
	struct seal_context c = {.type = SEAL_CALL, .schema = 1};

	if (key.n != ID_BYTES + 4 ||
	    value.n < 1 + SLOT_BYTES + DAY_BYTES) {
		return ROWS_WRONG;
	}
	memcpy(c.record.b, key.p, ID_BYTES);
	c.version = get_u32(key.p + ID_BYTES);
	c.slot = get_u64(value.p + 1);
	c.day = (date_t)get_u32(value.p + 1 + SLOT_BYTES);
	return sealed_from(value, 1 + SLOT_BYTES + DAY_BYTES, c, out);
}

/* key: public key 32; value: number 4 */
static enum rows_kind
parse_principal(struct bytes key, struct bytes value, struct sealed_row *out)
{
	struct seal_context c = {.type = SEAL_PRINCIPAL,
				 .slot = SLOT_PRINCIPALS,
				 .day = DAY_NONE,
				 .schema = 1};

	if (key.n != 32 || value.n < 4) {
		return ROWS_WRONG;
	}
	c.version = get_u32(value.p);
	return sealed_from(value, 4, c, out);
}

/* key: job 16 */
static enum rows_kind
parse_job(struct bytes key, struct bytes value, struct sealed_row *out)
{
	struct seal_context c = {.type = SEAL_JOB,
				 .slot = SLOT_SYSTEM,
				 .day = DAY_NONE,
				 .schema = 1};

	if (key.n != ID_BYTES) {
		return ROWS_WRONG;
	}
	memcpy(c.record.b, key.p, ID_BYTES);
	return sealed_from(value, 0, c, out);
}

/* key: id 16; value: the slot at `slot_at`, clear up to `at` */
static enum rows_kind
parse_by_id(enum seal_type type, size_t slot_at, size_t at, struct bytes key,
	    struct bytes value, struct sealed_row *out)
{
	struct seal_context c = {.type = type, .day = DAY_NONE, .schema = 1};

	if (key.n != ID_BYTES || value.n < at) {
		return ROWS_WRONG;
	}
	memcpy(c.record.b, key.p, ID_BYTES);
	c.slot = get_u64(value.p + slot_at);
	return sealed_from(value, at, c, out);
}

/* key: slot 8, part 4 */
static enum rows_kind
parse_bundle(struct bytes key, struct bytes value, struct sealed_row *out)
{
	struct seal_context c = {
		.type = SEAL_BUNDLE, .day = DAY_NONE, .schema = 1};

	if (key.n != SLOT_BYTES + 4) {
		return ROWS_WRONG;
	}
	c.slot = get_u64(key.p);
	c.version = get_u32(key.p + SLOT_BYTES);
	return sealed_from(value, 0, c, out);
}

/* key: slot 8; value: slot of the head 8, held slot 8 */
static enum rows_kind
parse_visitor(struct bytes key, struct bytes value, struct sealed_row *out)
{
	struct seal_context c = {
		.type = SEAL_VISITOR, .day = DAY_NONE, .schema = 2};

	if (key.n != SLOT_BYTES || value.n < (size_t)2 * SLOT_BYTES) {
		return ROWS_WRONG;
	}
	c.slot = get_u64(value.p);
	c.version = get_u64(key.p);
	return sealed_from(value, (size_t)2 * SLOT_BYTES, c, out);
}

/* key: slot 8, day of the events 4, id 16; value: day of its key 4 */
static enum rows_kind
parse_visit(struct bytes key, struct bytes value, struct sealed_row *out)
{
	struct seal_context c = {.type = SEAL_VISIT, .schema = 2};

	if (key.n != SLOT_BYTES + DAY_BYTES + ID_BYTES ||
	    value.n < DAY_BYTES) {
		return ROWS_WRONG;
	}
	c.slot = get_u64(key.p);
	c.version = (uint64_t)(date_t)get_u32(key.p + SLOT_BYTES);
	memcpy(c.record.b, key.p + SLOT_BYTES + DAY_BYTES, ID_BYTES);
	c.day = (date_t)get_u32(value.p);
	return sealed_from(value, DAY_BYTES, c, out);
}

/* A total, key: 0, day 4, hash of the page 16; value: views 8, clicks 8. What
 * a call left, key: 1, id 16; value: day 4, day of expiry 4. */
static enum rows_kind
parse_page_count(struct bytes key, struct bytes value, struct sealed_row *out)
{
	struct seal_context c = {.type = SEAL_PAGE,
				 .slot = SLOT_COUNTS,
				 .day = DAY_NONE,
				 .schema = 1};

	if (key.n == 1 + DAY_BYTES + ID_BYTES && key.p[0] == 0) {
		c.version = (uint64_t)(date_t)get_u32(key.p + 1);
		memcpy(c.record.b, key.p + 1 + DAY_BYTES, ID_BYTES);
		return sealed_from(value, 16, c, out);
	}
	if (key.n == 1 + ID_BYTES && key.p[0] == 1 &&
	    value.n >= 2 * DAY_BYTES) {
		memcpy(c.record.b, key.p + 1, ID_BYTES);
		c.day = (date_t)get_u32(value.p + DAY_BYTES);
		return sealed_from(value, 2 * DAY_BYTES, c, out);
	}
	return ROWS_WRONG;
}

enum rows_kind
rows_parse(enum table table, struct bytes key, struct bytes value,
	   struct sealed_row *out)
{
	switch (table) {
	case TABLE_SYSTEM:
		return parse_system(key, value, out);
	case TABLE_SUBJECT:
		return parse_subject(key, value, out);
	case TABLE_RECORD:
		return parse_record(key, value, out);
	case TABLE_BUCKET:
		return parse_bucket(key, value, out);
	case TABLE_HISTORY:
		return parse_history(key, value, out);
	case TABLE_CALL:
		return parse_call(key, value, out);
	case TABLE_PRINCIPAL:
		return parse_principal(key, value, out);
	case TABLE_JOB:
		return parse_job(key, value, out);
	case TABLE_REQUEST:
		return parse_by_id(SEAL_REQUEST, 0, SLOT_BYTES, key, value,
				   out);
	case TABLE_NOTICE:
		/* kind 1, acknowledged 1 */
		return parse_by_id(SEAL_NOTICE, 0, SLOT_BYTES + 2, key, value,
				   out);
	case TABLE_INVITE:
		return parse_by_id(SEAL_INVITE, 0, SLOT_BYTES, key, value,
				   out);
	case TABLE_SHARE:
		/* the person's first slot 8, slot 8, recipient 2, time 8 */
		return parse_by_id(SEAL_SHARE, 8, 26, key, value, out);
	case TABLE_BUNDLE:
		return parse_bundle(key, value, out);
	case TABLE_VISITOR:
		return parse_visitor(key, value, out);
	case TABLE_VISIT:
		return parse_visit(key, value, out);
	case TABLE_PAGE_COUNT:
		return parse_page_count(key, value, out);
	case TABLE_HOLD:
		return parse_by_id(SEAL_HOLD, 0, SLOT_BYTES, key, value, out);
	case TABLE_LEAF:
	case TABLE_DUE:
	case TABLE_OF_SUBJECT:
	case TABLE_SHARE_BY:
	case TABLE_EXPIRY:
	case TABLE_COUNT:
	case TABLE_BATCH:
	case TABLE_REQUEST_BY:
	case TABLE_ALARM:
	case TABLE_END:
		break;
	}
	return ROWS_PLAIN;
}

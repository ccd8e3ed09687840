/* Bundles in parts: kept, handed out, ended. */
#include "request/bundle.h"

#include "call/erasure.h"

#define BUNDLE_SCHEMA 1
#define END_ROWS 300

static const struct field export_in_fields[] = {
	F_MUST(struct request_export_in, request, FIELD_ID, "the request"),
	F_INT_HAS(struct request_export_in, part, 0,
		  BUNDLE_BYTES_MAX / BUNDLE_PART_BYTES + 1,
		  "which part, from 0; the first by default"),
};
const struct field_table request_export_in_table =
	FIELD_TABLE(struct request_export_in, export_in_fields);

static const struct field export_out_fields[] = {
	F_MUST(struct request_export_out, part, FIELD_INT, "this one"),
	F_MUST(struct request_export_out, parts, FIELD_INT, "how many"),
	{.name = "data", .type = FIELD_BASE64, .flags = FIELD_SECRET,
	 .offset = offsetof(struct request_export_out, data),
	 .has_offset = FIELD_NO_OFFSET, .max = BUNDLE_PART_BYTES,
	 .help = "the bytes of the part"},
	F_MUST(struct request_export_out, sealed, FIELD_BOOL,
	       "to the reply_key of the request"),
};
const struct field_table request_export_out_table =
	FIELD_TABLE(struct request_export_out, export_out_fields);

static struct seal_context
part_context(slot_t slot, uint32_t part)
{
	return (struct seal_context){.type = SEAL_BUNDLE,
				     .slot = slot,
				     .version = part,
				     .day = DAY_NONE,
				     .schema = BUNDLE_SCHEMA};
}

static void
part_key(struct key_maker *k, slot_t slot, uint32_t part)
{
	key_u64(k, slot);
	key_u32(k, part);
}

static int
part_put(struct call *c, slot_t slot, uint32_t part, struct bytes plain)
{
	struct seal_context context = part_context(slot, part);
	struct key_maker k = {.n = 0};
	struct bytes sealed;
	int rc = seal_make(c->keys, &context, plain, c->arena, &sealed);

	part_key(&k, slot, part);
	return rc != 0 ? rc
		       : txn_put(c->txn, TABLE_BUNDLE, key_bytes(&k), sealed);
}

int
bundle_put(struct call *c, slot_t slot, struct bytes bundle, uint32_t first,
	   uint32_t *out_next, bool *out_more)
{
	uint32_t part = first;
	size_t at = (size_t)first * BUNDLE_PART_BYTES;
	int rc = 0;

	for (int i = 0; i < BUNDLE_PARTS_A_STEP && at < bundle.n && rc == 0;
	     i++) {
		size_t n = bundle.n - at < BUNDLE_PART_BYTES
				   ? bundle.n - at
				   : BUNDLE_PART_BYTES;

		rc = part_put(c, slot, part, bytes_of(bundle.p + at, n));
		at += n;
		part++;
	}
	if (rc == 0) {
		*out_next = part;
		*out_more = at < bundle.n;
	}
	return rc;
}

int
bundle_get(struct call *c, slot_t slot, uint32_t part, struct bytes *out)
{
	struct seal_context context = part_context(slot, part);
	struct key_maker k = {.n = 0};
	struct bytes row;
	int rc;

	part_key(&k, slot, part);
	rc = txn_get(c->txn, TABLE_BUNDLE, key_bytes(&k), &row);
	if (rc == ERR_NOT_FOUND) {
		return err_set(ERR_EXPIRED, "the bundle has expired");
	}
	return rc != 0 ? rc
		       : seal_open(c->keys, &context, row, c->arena, out);
}

/* Some of its rows. */
static int
rows_remove(struct call *c, slot_t slot, bool *out_more)
{
	struct key_maker prefix = {.n = 0};
	uint32_t parts[END_ROWS];
	struct range *r;
	struct bytes key;
	struct bytes value;
	size_t n = 0;
	int rc;

	key_u64(&prefix, slot);
	rc = range_open(c->txn, TABLE_BUNDLE, key_bytes(&prefix),
			bytes_of(NULL, 0), 0, &r);
	if (rc != 0) {
		return rc;
	}
	while (n < END_ROWS && (rc = range_next(r, &key, &value)) == 1) {
		parts[n++] = (uint32_t)key.p[8] << 24 |
			     (uint32_t)key.p[9] << 16 |
			     (uint32_t)key.p[10] << 8 | key.p[11];
	}
	range_close(r);
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		struct key_maker k = {.n = 0};

		part_key(&k, slot, parts[i]);
		rc = txn_del(c->txn, TABLE_BUNDLE, key_bytes(&k));
	}
	*out_more = n == END_ROWS;
	return rc < 0 ? rc : 0;
}

int
request_bundle_end(struct call *c, struct request *r, bool *out_more)
{
	bool more;
	int rc = rows_remove(c, r->bundle_slot, &more);

	if (rc != 0) {
		return rc;
	}
	if (more) {
		*out_more = true;
		return 0;
	}
	rc = erasure_queue(c, &r->bundle_slot, 1, (struct id){{0}});
	r->bundle_slot = SLOT_NONE;
	r->bundle_parts = 0;
	r->alarms[ALARM_BUNDLE] = 0;
	return rc != 0 ? rc : request_save(c, r);
}

int
request_export(struct call *c, const void *input, void *output)
{
	const struct request_export_in *in = input;
	struct request_export_out *out = output;
	enum request_state to;
	struct request *r;
	struct bytes part;
	int rc = request_load(c, in->request, &r);

	if (rc == 0) {
		rc = state_after(r->state, ACTION_EXPORT, &to);
	}
	if (rc == 0 && r->type != REQUEST_TYPE_ACCESS) {
		rc = state_refuse(r->state, "only access requests have one");
	}
	if (rc == 0 && (r->bundle_slot == SLOT_NONE ||
			c->now_ms >= r->alarms[ALARM_BUNDLE])) {
		rc = err_set(ERR_EXPIRED, "the bundle has expired");
	}
	if (rc == 0 && in->part >= r->bundle_parts) {
		rc = err_field(ERR_INVALID, "part", "it has %u parts",
			       r->bundle_parts);
	}
	if (rc == 0) {
		rc = bundle_get(c, r->bundle_slot, (uint32_t)in->part, &part);
	}
	if (rc != 0) {
		return rc;
	}
	*out = (struct request_export_out){.part = in->part,
					   .parts = r->bundle_parts,
					   .data = part,
					   .sealed = r->has_reply_key};
	return request_leaf(c, r, LEAF_REQUEST_EXPORTED, NULL);
}

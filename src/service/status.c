/* service.status: where the time goes and what is in the way, for operators
 * and their alarms. Counts and times, nothing of a person. */

#include "service/service_ops.h"
#include "service/state.h"

static const struct field status_out_fields[] = {
	F_MUST(struct status_out, version, FIELD_TEXT, "of the program"),
	F_MUST(struct status_out, started_at, FIELD_TIME, "this process"),
	F_MUST(struct status_out, now, FIELD_TIME, "the service's clock"),
	F_MUST(struct status_out, store, FIELD_VALUE,
	       "journal, groups, applier"),
	F_MUST(struct status_out, keys, FIELD_VALUE, "the key tree"),
	F_MUST(struct status_out, calls, FIELD_VALUE,
	       "taken, refused as busy, waiting for a job"),
	F_MUST(struct status_out, fronts, FIELD_VALUE,
	       "each front's connections and refusals"),
	F_MUST(struct status_out, log, FIELD_VALUE, "the log's size"),
	F_MUST(struct status_out, operations, FIELD_VALUE,
	       "by name: calls, refused, microseconds"),
	F_MAY(struct status_out, gap, FIELD_VALUE,
	      "what a restore could not bring back, until acknowledged"),
};
const struct field_table status_out_table =
	FIELD_TABLE(struct status_out, status_out_fields);

struct number {
	const char *name;
	uint64_t v;
};

static int
numbers(struct arena *a, const struct number *list, size_t n,
	struct value *out)
{
	struct value v = value_object();
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = value_add(&v, a, list[i].name,
			       value_int((int64_t)list[i].v));
	}
	*out = v;
	return rc;
}

#define NUMBERS(a, list, out) numbers((a), (list), FIELD_COUNT(list), (out))

static int
store_value(struct call *c, struct value *out)
{
	struct store_status s;

	store_status(c->core->store, &s);
	const struct number list[] = {
		{"sequence_synced", s.sequence_synced},
		{"sequence_applied", s.sequence_applied},
		{"groups", s.groups},
		{"group_writes_max", s.group_txns_max},
		{"sync_us_total", s.sync_us_total},
		{"sync_us_max", s.sync_us_max},
		{"applies", s.applies},
		{"apply_us_total", s.apply_us_total},
		{"unapplied_bytes", s.overlay_bytes},
		{"journal_bytes", s.journal_bytes},
		{"room_bytes", s.room_bytes},
	};

	return NUMBERS(c->arena, list, out);
}

static int
keys_value(struct call *c, struct value *out)
{
	struct keyring_status s;

	keyring_status(c->keys, &s);
	const struct number list[] = {
		{"epoch", s.epoch},
		{"nodes", s.nodes},
		{"slots", s.grown},
		{"cache_bytes", s.cache_bytes},
		{"nodes_opened", s.nodes_opened},
		{"nodes_written", s.nodes_written},
		{"bytes_written", s.bytes_written},
		{"mirrors", s.mirrors},
		{"keystores", s.keystores},
		{"weak_keystore", s.weak_keystore ? 1 : 0},
		{"unlocked_memory", s.unlocked_memory ? 1 : 0},
	};

	return NUMBERS(c->arena, list, out);
}

static int
calls_value(struct call *c, struct value *out)
{
	const struct core *core = c->core;
	const struct number list[] = {
		{"taken", core->calls},
		{"busy", core->busy},
		{"waiting_for_jobs", core->n_waiting},
		{"snapshots", core->snapshots},
		{"group", core->n_pending},
	};

	return NUMBERS(c->arena, list, out);
}

static int
fronts_value(struct call *c, struct value *out)
{
	struct value all = value_list();
	int rc = 0;

	for (size_t i = 0; i < c->core->n_fronts && rc == 0; i++) {
		const struct front_stats *f = &c->core->fronts[i];
		const struct number list[] = {
			{"connections", f->live},
			{"refused_handshakes", f->denied},
			{"dropped_messages", f->dropped},
		};
		struct value one;

		rc = NUMBERS(c->arena, list, &one);
		if (rc == 0) {
			rc = value_push(&all, c->arena, one);
		}
	}
	*out = all;
	return rc;
}

static int
operations_value(struct call *c, struct value *out)
{
	struct value all = value_object();
	int rc = 0;

	for (size_t i = 0; i < n_operations && rc == 0; i++) {
		const struct op_count *n = &c->core->counts[i];
		const struct number list[] = {
			{"calls", n->calls},
			{"refused", n->refused},
			{"us_total", n->us_total},
			{"us_max", n->us_max},
		};
		struct value one;

		if (n->calls + n->refused == 0) {
			continue;
		}
		rc = NUMBERS(c->arena, list, &one);
		if (rc == 0) {
			rc = value_add(&all, c->arena, operations[i].name,
				       one);
		}
	}
	*out = all;
	return rc;
}

static int
log_value(struct call *c, struct value *out)
{
	uint64_t size;
	int rc = txn_counter_get(c->txn, "log.size", &size);
	const struct number list[] = {
		{"size", rc == 0 ? size : 0},
		{"checkpoint_size", logger_checkpoint_size(c->core)},
	};

	return rc != 0 ? rc : NUMBERS(c->arena, list, out);
}

/* {"gap": ...} as restore left it, a packed value. */
static int
gap_value(struct call *c, struct value *out)
{
	struct bytes row;
	int rc = txn_get(c->txn, TABLE_SYSTEM, bytes_str("restore.gap"), &row);

	if (rc == ERR_NOT_FOUND) {
		*out = (struct value){.kind = VALUE_NULL};
		return 0;
	}
	return rc != 0 ? rc : value_unpack(row, c->arena, out);
}

int
service_status(struct call *c, const void *in, void *out)
{
	struct status_out *o = out;
	int rc;

	(void)in;
	o->version = NINETY_VERSION;
	o->started_at = c->core->started_at_ms;
	o->now = c->now_ms;
	rc = store_value(c, &o->store);
	if (rc == 0) {
		rc = keys_value(c, &o->keys);
	}
	if (rc == 0) {
		rc = calls_value(c, &o->calls);
	}
	if (rc == 0) {
		rc = fronts_value(c, &o->fronts);
	}
	if (rc == 0) {
		rc = log_value(c, &o->log);
	}
	if (rc == 0) {
		rc = operations_value(c, &o->operations);
	}
	return rc != 0 ? rc : gap_value(c, &o->gap);
}

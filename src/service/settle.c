/* How the steps of a restore are called, and the last of them: the row that
 * says what is missing. The steps themselves are settle_log.c's,
 * settle_slots.c's and settle_people.c's. */

#include "base/timefmt.h"
#include "service/settle.h"

int
settle_call(struct core *core, internal_fn *fn, void *arg)
{
	int rc = core_internal(core, "restore", fn, arg);

	if (rc == ERR_BUSY || rc == ERR_RETRY) {
		err_clear();
		rc = store_sync(core->store);
		if (rc == 0) {
			rc = store_drain(core->store);
		}
		if (rc == 0) {
			rc = core_internal(core, "restore", fn, arg);
		}
	}
	return rc;
}

static int
add_time(struct call *c, struct value *to, const char *name, int64_t ms)
{
	char *text = arena_alloc(c->arena, TIME_TEXT_BYTES);

	return text == NULL ? ERR_NOMEM
			    : value_add(to, c->arena, name,
					value_text(time_print(ms, text)));
}

static int
gap_describe(struct call *c, const struct restore_report *r, struct value *out)
{
	const struct {
		const char *name;
		uint64_t number;
	} numbers[] = {{"from_leaf", r->from_leaf},
		       {"to_leaf", r->to_leaf},
		       {"leaves_put_back", r->leaves_put_back}};
	int rc = value_add(out, c->arena, "gap", value_text(r->gap));

	for (size_t i = 0; i < 3 && rc == 0; i++) {
		rc = value_add(out, c->arena, numbers[i].name,
			       value_int((int64_t)numbers[i].number));
	}
	if (rc == 0) {
		rc = add_time(c, out, "from_time", r->from_ms);
	}
	if (rc == 0) {
		rc = add_time(c, out, "to_time", r->to_ms);
	}
	if (rc == 0) {
		rc = add_time(c, out, "restored_at", c->now_ms);
	}
	return rc != 0 ? rc
		       : value_add(out, c->arena, "log_closed",
				   value_bool(r->log_closed));
}

static int
end_rows(struct call *c, void *arg)
{
	struct restore_report *r = arg;
	struct value gap = value_object();
	struct buf row;
	int rc = 0;

	buf_init(&row, VALUE_BYTES_MAX);
	if (r->has_gap) {
		(void)id_print(call_new_id(c), r->gap);
		rc = gap_describe(c, r, &gap);
		if (rc == 0) {
			rc = value_pack(&gap, &row);
		}
		if (rc == 0) {
			rc = txn_put(c->txn, TABLE_SYSTEM,
				     bytes_str(RESTORE_GAP), buf_bytes(&row));
		}
	}
	buf_clear(&row);
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){
					      .type = LEAF_RESTORE,
					      .log_slot = SLOT_NONE,
					      .details = gap});
}

int
settle_end(struct core *core, struct restore_report *r)
{
	int rc = settle_call(core, end_rows, r);

	if (rc == 0) {
		rc = store_sync(core->store);
	}
	return rc == 0 ? store_drain(core->store) : rc;
}

/* The two clocks compared. Which of them is wrong is not for us to say: nobody
 * gets data back that a wrong clock destroyed, so expiry waits. */
#include "retention/guard.h"

#include "base/pack.h"
#include "retention/count.h"

#define CLOCK "expiry.clock"
#define STOPPED "expiry.stopped"
#define MARK_BYTES 24

struct mark {
	bool is_set;
	int64_t run; /* when the service started: names the run */
	int64_t wall_ms;
	int64_t boot_ms;
};

static int
mark_load(struct call *c, const char *name, struct mark *out)
{
	struct bytes value;
	int rc = txn_get(c->txn, TABLE_SYSTEM, bytes_str(name), &value);

	*out = (struct mark){.is_set = false};
	if (rc == ERR_NOT_FOUND) {
		err_clear();
		return 0;
	}
	if (rc == 0 && value.n != MARK_BYTES) {
		return err_set(ERR_CORRUPT, "a mark of the clock");
	}
	if (rc == 0) {
		*out = (struct mark){true, (int64_t)get_u64(value.p),
				     (int64_t)get_u64(value.p + 8),
				     (int64_t)get_u64(value.p + 16)};
	}
	return rc;
}

static int
mark_now(struct call *c, const char *name)
{
	uint8_t value[MARK_BYTES];

	put_u64(value, (uint64_t)c->started_at_ms);
	put_u64(value + 8, (uint64_t)c->now_ms);
	put_u64(value + 16, (uint64_t)c->boot_ms);
	return txn_put(c->txn, TABLE_SYSTEM, bytes_str(name),
		       bytes_of(value, sizeof(value)));
}

static int
guard_load(struct call *c, struct guard *out, bool *out_same_run,
	   bool *out_new_run)
{
	struct mark clock;
	struct mark stopped;
	struct guard g = {0};
	int rc = mark_load(c, CLOCK, &clock);

	if (rc == 0) {
		rc = mark_load(c, STOPPED, &stopped);
	}
	if (rc != 0) {
		return rc;
	}
	*out_new_run = !clock.is_set || clock.run != c->started_at_ms;
	if (!*out_new_run) {
		g.drift_ms = (c->now_ms - clock.wall_ms) -
			     (c->boot_ms - clock.boot_ms);
	}
	*out_same_run = stopped.is_set && stopped.run == c->started_at_ms;
	g.is_stopped = stopped.is_set;
	g.since_ms = stopped.wall_ms;
	if (stopped.is_set) {
		g.stopped_ms = *out_same_run ? c->boot_ms - stopped.boot_ms
					     : c->now_ms - stopped.wall_ms;
	}
	*out = g;
	return 0;
}

static int
guard_leaf(struct call *c, enum leaf_type type, const struct guard *g)
{
	struct value details = value_object();
	int rc = value_add(&details, c->arena, "drift_ms",
			   value_int(g->drift_ms));

	if (rc == 0) {
		rc = value_add(&details, c->arena, "stopped_ms",
			       value_int(g->stopped_ms));
	}
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){.type = type,
							 .log_slot = SLOT_NONE,
							 .details = details});
}

int
guard_read(struct call *c, struct guard *out)
{
	bool same_run;
	bool new_run;

	return guard_load(c, out, &same_run, &new_run);
}

static int
guard_go_on(struct call *c, struct guard *g)
{
	int rc = guard_leaf(c, LEAF_CLOCK_CONFIRMED, g);

	g->is_stopped = false;
	if (rc == 0) {
		rc = retention_count_add(
			c, RETENTION_CLOCK_STOPPED, 0,
			g->stopped_ms < 0 ? 0
					  : (uint64_t)(g->stopped_ms /
						       MS_PER_SECOND));
	}
	return rc != 0 ? rc
		       : txn_del(c->txn, TABLE_SYSTEM, bytes_str(STOPPED));
}

int
guard_check(struct call *c, struct guard *out)
{
	struct guard g;
	bool same_run;
	bool new_run;
	bool agrees;
	int rc = guard_load(c, &g, &same_run, &new_run);

	if (rc != 0) {
		return rc;
	}
	agrees = g.drift_ms <= GUARD_DRIFT_MS_MAX &&
		 g.drift_ms >= -GUARD_DRIFT_MS_MAX;
	if (new_run) {
		rc = mark_now(c, CLOCK);
	} else if (!g.is_stopped && !agrees) {
		g.is_stopped = true;
		g.since_ms = c->now_ms;
		rc = mark_now(c, STOPPED);
		if (rc == 0) {
			rc = guard_leaf(c, LEAF_CLOCK_STOPPED, &g);
		}
	} else if (g.is_stopped && same_run && agrees) {
		rc = guard_go_on(c, &g);
	}
	if (rc == 0) {
		*out = g;
	}
	return rc;
}

int
guard_confirm(struct call *c)
{
	struct guard g;
	int rc = guard_read(c, &g);

	if (rc == 0) {
		rc = mark_now(c, CLOCK);
	}
	return rc != 0 || !g.is_stopped ? rc : guard_go_on(c, &g);
}

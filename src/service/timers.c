/* The wheel of timed work. Due times follow the boot clock, so that a wall
 * clock that jumps neither starves nor floods it. */

#include <stdlib.h>

#include "base/log.h"
#include "navigation/idle.h"
#include "navigation/pages.h"
#include "registration/bands.h"
#include "registration/invite.h"
#include "request/timed.h"
#include "retention/days.h"
#include "retention/ended.h"
#include "retention/guard.h"
#include "retention/hold.h"
#include "service/state.h"
#include "service/stored.h"
#include "service/timers.h"

#define RETRY_MS 1000
#define DENIALS_MS 1000

struct timers {
	int64_t due_ms[64]; /* of each row, boot clock */
	int64_t denials_due_ms;
};

struct timer_run {
	const struct timer_row *row;
	bool more;
};

static int
timer_run(struct call *c, void *arg)
{
	struct timer_run *t = arg;
	struct guard guard = {.is_stopped = false};
	int rc = t->row->by_date ? guard_check(c, &guard) : 0;

	return rc != 0 || guard.is_stopped ? rc : t->row->run(c, &t->more);
}

static int
row_turn(struct core *core, size_t i, int64_t now_ms)
{
	struct timers *t = core->timers;
	struct timer_run run = {&timer_rows[i], false};
	int rc = core_internal(core, run.row->name, timer_run, &run);

	t->due_ms[i] = now_ms + (rc != 0    ? RETRY_MS
				 : run.more ? 0
					    : run.row->every_ms);
	if (rc == 0 || rc == ERR_BUSY || err_class_of(rc) == ERR_CLASS_FATAL) {
		return rc == ERR_BUSY ? 0 : rc;
	}
	log_write(LOG_ERROR, "timed_work_failed",
		  LOG_TEXT("work", run.row->name),
		  LOG_TEXT("error", err_word(rc)),
		  LOG_TEXT("text", err_last()->text));
	return 0;
}

int
timers_turn(struct core *core, int64_t *out_wait_ms)
{
	struct timers *t = core->timers;
	int64_t now_ms = clock_boot_ms(core->config.clock);
	int rc = 0;

	if (core->is_closing) {
		return 0;
	}
	if (t->denials_due_ms <= now_ms) {
		t->denials_due_ms = now_ms + DENIALS_MS;
		rc = denied_turn(core);
	}
	for (size_t i = 0; i < n_timer_rows && rc == 0; i++) {
		int64_t wait_ms;

		if (t->due_ms[i] <= now_ms) {
			rc = row_turn(core, i, now_ms);
		}
		wait_ms = t->due_ms[i] - now_ms;
		if (wait_ms < *out_wait_ms) {
			*out_wait_ms = wait_ms;
		}
	}
	return rc;
}

int
timers_open(struct core *core)
{
	core->timers = calloc(1, sizeof(*core->timers));
	if (core->timers == NULL) {
		return err_set(ERR_NOMEM, "no memory for timers");
	}
	if (n_timer_rows > sizeof(core->timers->due_ms) /
				   sizeof(core->timers->due_ms[0])) {
		return err_set(ERR_INTERNAL, "too many rows of timed work");
	}
	return 0;
}

void
timers_close(struct core *core)
{
	free(core->timers);
	core->timers = NULL;
}

/* Answers whose day is past: their key died with the day, the rows go at
 * leisure. The cursor stands in the store, so that a restart goes on. */
static int
replies_sweep(struct call *c, bool *out_more)
{
	struct bytes name = bytes_str("sweep.calls");
	uint8_t cursor[20];
	size_t n = 0;
	struct bytes before = {NULL, 0};
	int rc = txn_get(c->txn, TABLE_SYSTEM, name, &before);

	if (rc == 0 && before.n <= sizeof(cursor)) {
		memcpy(cursor, before.p, before.n);
		n = before.n;
	} else if (rc != 0 && rc != ERR_NOT_FOUND) {
		return rc;
	}
	rc = stored_sweep(c, cursor, &n);
	if (rc == 0 && n == 0 && before.n == 0) {
		return 0;
	}
	if (rc == 0) {
		rc = txn_put(c->txn, TABLE_SYSTEM, name, bytes_of(cursor, n));
	}
	*out_more = false;
	return rc;
}

const struct timer_row timer_rows[] = {
	{"replies", 10 * MS_PER_SECOND, replies_sweep, true},
	{"invites", MS_PER_MINUTE, invite_expire, true},
	{"pages", 10 * MS_PER_SECOND, pages_merge, false},
	{"visitors", MS_PER_MINUTE, visitors_forget_idle, true},
	{"bands", MS_PER_HOUR, registration_advance_bands, true},
	{"ended", MS_PER_HOUR, ended_walk, true},
	{"requests", REQUEST_TIMED_MS, request_timed, false},
	{"holds", HOLD_TIMED_MS, hold_timed, false},
	{"expiry", DAYS_TIMED_MS, days_timed, false},
};
const size_t n_timer_rows = sizeof(timer_rows) / sizeof(timer_rows[0]);

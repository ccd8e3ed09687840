/*
 * The page that a listing goes on with, made before it is asked for: while a
 * page is sealed, sent and read, a reader thread makes the next one. It is told
 * to nobody but the caller who asks for it, by a call that has a leaf as any
 * other. One at a time, from the state of the page before, and as long-lived.
 */
#include <stdlib.h>

#include "policy/decide.h"
#include "service/reader.h"

/* What is asked for decides what is got: the same input of the same caller,
 * under the same policy. */
static bool
is_for(const struct reader *page, const struct reader *r, struct bytes asked)
{
	return page->op == r->op && page->caller.number == r->caller.number &&
	       page->caller.roles == r->caller.roles &&
	       page->policy == r->policy &&
	       bytes_equal(buf_bytes(&page->in), asked);
}

static void
page_drop(struct ahead *a)
{
	reader_free(a->page);
	*a = (struct ahead){.page = NULL};
}

static void
page_move(struct reader *page, struct reader *r)
{
	struct buf out = r->out;
	struct buf next = r->next;

	r->out = page->out;
	r->next = page->next;
	page->out = out;
	page->next = next;
	r->rc = page->rc;
	r->info = page->info;
}

static void
ahead_done(void *ctx)
{
	struct reader *page = ctx;
	struct core *core = page->core;
	struct ahead *a = &core->ahead;
	struct reader *taker = a->taker;

	core->snapshots--;
	a->taker = NULL;
	a->is_made = true;
	if (taker != NULL) {
		page_move(page, taker);
		page_drop(a);
		ahead_start(core, taker);
		reader_done(taker);
	} else if (page->rc != 0 || a->is_void) {
		page_drop(a);
	}
}

static void
ahead_run(void *ctx)
{
	struct reader *page = ctx;

	reader_work(page);
	inbox_post(page->core->inbox, ahead_done, page);
}

void
ahead_start(struct core *core, struct reader *r)
{
	struct ahead *a = &core->ahead;
	int64_t taken_ms;
	struct reader *page;
	struct txn *snapshot;

	if (r->rc != 0 || r->next.len == 0 || core->is_closing ||
	    (a->page != NULL && !a->is_made)) {
		return;
	}
	snapshot = shelf_take(core->shelf, clock_boot_ms(core->config.clock),
			      &taken_ms);
	page = snapshot == NULL ? NULL
				: reader_new(core, r->op, &r->caller,
					     buf_bytes(&r->next));
	if (page == NULL) {
		snapshot_close(snapshot);
		return;
	}
	buf_reset(&r->next);
	page_drop(a);
	page->goes_on = true;
	page->snapshot = snapshot;
	page->taken_ms = taken_ms;
	if (worker_submit(core->readers, ahead_run, page) != 0) {
		snapshot_close(snapshot);
		reader_free(page);
		return;
	}
	core->snapshots++;
	a->page = page;
}

bool
ahead_take(struct core *core, struct bytes asked, struct reader *r)
{
	struct ahead *a = &core->ahead;

	(void)ahead_turn(core);
	if (a->page == NULL || a->taker != NULL || a->is_void ||
	    !is_for(a->page, r, asked)) {
		return false;
	}
	if (!a->is_made) {
		a->taker = r;
		return true;
	}
	page_move(a->page, r);
	page_drop(a);
	ahead_start(core, r);
	inbox_post(core->inbox, reader_done, r);
	return true;
}

int64_t
ahead_turn(struct core *core)
{
	struct ahead *a = &core->ahead;
	int64_t left_ms;

	if (a->page == NULL || !a->is_made) {
		return -1;
	}
	left_ms = a->page->taken_ms + SHELF_MS -
		  clock_boot_ms(core->config.clock);
	if (left_ms <= 0) {
		page_drop(a);
		return -1;
	}
	return left_ms;
}

void
ahead_void(struct core *core)
{
	struct ahead *a = &core->ahead;

	if (a->page != NULL && a->is_made) {
		page_drop(a);
	} else if (a->page != NULL) {
		a->is_void = true;
	}
}

void
ahead_close(struct core *core)
{
	page_drop(&core->ahead);
}

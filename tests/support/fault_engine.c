/* Passes everything on but what it is told to fail. */

#include "support/fault_engine.h"

static struct fault_engine *
fault_of(struct engine *e)
{
	return (struct fault_engine *)e;
}

static int
view_open(struct engine *e, struct engine_view **out)
{
	struct fault_engine *f = fault_of(e);

	return f->inner->ops->view_open(f->inner, out);
}

static int
apply(struct engine *e, struct write_set *const *sets, size_t n,
      uint64_t sequence)
{
	struct fault_engine *f = fault_of(e);
	int rc;

	pthread_mutex_lock(&f->lock);
	while (f->is_held_up) {
		pthread_cond_wait(&f->changed, &f->lock);
	}
	rc = f->fail_with != 0 ? f->fail_with : f->is_full ? ERR_FULL : 0;
	f->applies++;
	f->refused += rc != 0;
	pthread_mutex_unlock(&f->lock);
	if (f->event != NULL) {
		f->event("apply");
	}
	if (rc == 0) {
		rc = f->inner->ops->apply(f->inner, sets, n, sequence);
	}
	if (f->event != NULL) {
		f->event("applied");
	}
	return rc;
}

static uint64_t
room(struct engine *e)
{
	struct fault_engine *f = fault_of(e);

	return f->inner->ops->room(f->inner);
}

static int
hold_room(struct engine *e, uint64_t bytes)
{
	struct fault_engine *f = fault_of(e);
	bool is_full;

	pthread_mutex_lock(&f->lock);
	is_full = f->is_full;
	pthread_mutex_unlock(&f->lock);
	return is_full ? err_set(ERR_FULL, "no room, says the test")
		       : f->inner->ops->hold_room(f->inner, bytes);
}

static int
copy(struct engine *e, const char *directory)
{
	struct fault_engine *f = fault_of(e);

	return f->inner->ops->copy(f->inner, directory);
}

static void
close_engine(struct engine *e)
{
	struct fault_engine *f = fault_of(e);

	f->inner->ops->close(f->inner);
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
}

void
fault_engine_init(struct fault_engine *f, struct engine *inner)
{
	/* Views and cursors are the inner engine's own. */
	static struct engine_ops ops;

	ops = *inner->ops;
	ops.view_open = view_open;
	ops.apply = apply;
	ops.room = room;
	ops.hold_room = hold_room;
	ops.copy = copy;
	ops.close = close_engine;
	*f = (struct fault_engine){.base = {&ops}, .inner = inner};
	(void)pthread_mutex_init(&f->lock, NULL);
	(void)pthread_cond_init(&f->changed, NULL);
}

void
fault_engine_set(struct fault_engine *f, bool is_held_up, bool is_full,
		 int fail_with)
{
	pthread_mutex_lock(&f->lock);
	f->is_held_up = is_held_up;
	f->is_full = is_full;
	f->fail_with = fail_with;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

unsigned
fault_engine_refused(struct fault_engine *f)
{
	unsigned n;

	pthread_mutex_lock(&f->lock);
	n = f->refused;
	pthread_mutex_unlock(&f->lock);
	return n;
}

/* One snapshot under a lock: readers bring it, the owner takes it. */
#include "service/shelf.h"

#include <pthread.h>
#include <stdlib.h>

struct shelf {
	pthread_mutex_t lock;
	struct txn *snapshot;
	int64_t taken_ms;
};

int
shelf_open(struct shelf **out)
{
	struct shelf *s = calloc(1, sizeof(*s));

	if (s == NULL || pthread_mutex_init(&s->lock, NULL) != 0) {
		free(s);
		return err_set(ERR_NOMEM, "no memory for a shelf");
	}
	*out = s;
	return 0;
}

void
shelf_close(struct shelf *s)
{
	if (s == NULL) {
		return;
	}
	snapshot_close(s->snapshot);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

void
shelf_put(struct shelf *s, struct txn *snapshot, int64_t taken_ms,
	  int64_t now_ms)
{
	struct txn *surplus = snapshot;

	snapshot_arena_reset(snapshot);
	(void)pthread_mutex_lock(&s->lock);
	if (now_ms - taken_ms < SHELF_MS &&
	    (s->snapshot == NULL || s->taken_ms < taken_ms)) {
		surplus = s->snapshot;
		s->snapshot = snapshot;
		s->taken_ms = taken_ms;
	}
	(void)pthread_mutex_unlock(&s->lock);
	snapshot_close(surplus);
}

struct txn *
shelf_take(struct shelf *s, int64_t now_ms, int64_t *out_taken_ms)
{
	struct txn *snapshot = NULL;

	(void)shelf_turn(s, now_ms);
	(void)pthread_mutex_lock(&s->lock);
	if (s->snapshot != NULL) {
		snapshot = s->snapshot;
		s->snapshot = NULL;
		*out_taken_ms = s->taken_ms;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return snapshot;
}

int64_t
shelf_turn(struct shelf *s, int64_t now_ms)
{
	struct txn *old = NULL;
	int64_t left_ms = -1;

	(void)pthread_mutex_lock(&s->lock);
	if (s->snapshot != NULL) {
		left_ms = s->taken_ms + SHELF_MS - now_ms;
	}
	if (s->snapshot != NULL && left_ms <= 0) {
		old = s->snapshot;
		s->snapshot = NULL;
		left_ms = -1;
	}
	(void)pthread_mutex_unlock(&s->lock);
	snapshot_close(old);
	return left_ms;
}

/* Batches are large, for speed, and bounded, for memory. */

#include "store/replay.h"

#define MEMORY_BYTES_MAX ((size_t)256 << 20)
#define BATCH_BYTES ((size_t)32 << 20)

int
replay_init(struct replay *r, struct engine *engine, uint64_t sequence)
{
	*r = (struct replay){engine, write_set_new(MEMORY_BYTES_MAX), sequence,
			     sequence};
	return r->set == NULL ? err_set(ERR_NOMEM, "no memory to replay") : 0;
}

int
replay_group(void *ctx, uint64_t sequence, struct bytes payload)
{
	struct replay *r = ctx;
	int rc = write_set_unpack(r->set, payload);

	if (rc != 0) {
		return rc;
	}
	r->last = sequence;
	return write_set_memory(r->set) >= BATCH_BYTES ? replay_finish(r) : 0;
}

int
replay_finish(struct replay *r)
{
	int rc;

	if (r->last == r->applied) {
		return 0;
	}
	rc = r->engine->ops->apply(r->engine, &r->set, 1, r->last);
	if (rc == 0) {
		r->applied = r->last;
		write_set_reset(r->set);
	}
	return rc;
}

void
replay_clear(struct replay *r)
{
	write_set_free(r->set);
	r->set = NULL;
}

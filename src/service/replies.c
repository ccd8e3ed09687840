/* The replies of a group, which leave when the group is durable; and who waits
 * for the answer of a job or reader. */

#include <stdlib.h>

#include "base/log.h"
#include "service/state.h"
#include "wire/schema.h"

#define WAITING_MAX 65536u

static int
bodies_full(void)
{
	return err_set(ERR_BUSY, "too many answers wait");
}

static struct pending *
pending_next(struct core *core)
{
	if (core->n_pending == GROUP_CALLS_MAX) {
		(void)bodies_full();
		return NULL;
	}
	return &core->pending[core->n_pending];
}

static void
pending_fill(struct core *core, struct pending *p, struct origin to,
	     struct bytes id, int status, size_t offset)
{
	p->to = to;
	p->id_n = id.n < sizeof(p->id) ? id.n : sizeof(p->id);
	if (p->id_n > 0) {
		memcpy(p->id, id.p, p->id_n);
	}
	p->status = status;
	p->offset = offset;
	p->len = core->bodies.len - offset;
	core->n_pending++;
}

int
reply_queue(struct core *core, struct origin to, struct bytes id, int status,
	    struct bytes body)
{
	struct pending *p = pending_next(core);
	size_t offset = core->bodies.len;
	int rc;

	if (p == NULL) {
		return ERR_BUSY;
	}
	rc = buf_put(&core->bodies, body.p, body.n);
	if (rc == 0) {
		pending_fill(core, p, to, id, status, offset);
	}
	return rc;
}

int
reply_error(struct core *core, struct origin to, struct bytes id, int rc)
{
	struct pending *p = pending_next(core);
	size_t offset = core->bodies.len;
	struct err_info info = *err_last();
	int err;

	if (p == NULL) {
		return ERR_BUSY;
	}
	if (info.code != rc) {
		/* The error came without words: none of an older one. */
		info = (struct err_info){.code = rc};
	}
	if (err_class_of(rc) == ERR_CLASS_INTEGRITY) {
		log_write(LOG_ERROR, "call_failed",
			  LOG_TEXT("error", err_word(rc)),
			  LOG_TEXT("text", info.text));
	}
	err = schema_error_body(&info, &core->bodies);
	if (err == 0) {
		pending_fill(core, p, to, id, err_status(rc), offset);
	}
	return err;
}

int
reply_out(struct core *core, struct origin to, struct bytes id,
	  const struct operation *op, const void *out)
{
	struct pending *p = pending_next(core);
	size_t offset = core->bodies.len;
	int rc;

	if (p == NULL) {
		return ERR_BUSY;
	}
	rc = schema_encode(op->out->rows, op->out->n, out, &core->bodies);
	if (rc == 0 && core->bodies.len - offset > REPLY_BYTES_MAX) {
		buf_cut(&core->bodies, offset);
		rc = err_set(ERR_TOO_LARGE, "the answer is too large: ask for "
					    "fewer items");
	}
	if (rc == 0) {
		pending_fill(core, p, to, id, 0, offset);
	}
	return rc;
}

static size_t
waiting_index(const struct core *core, struct id call, uint32_t caller)
{
	size_t i = 0;

	while (i < core->n_waiting &&
	       (core->waiting[i].caller != caller ||
		!id_equal(core->waiting[i].call, call))) {
		i++;
	}
	return i;
}

bool
waiting_has(const struct core *core, struct id call, uint32_t caller)
{
	return waiting_index(core, call, caller) < core->n_waiting;
}

bool
waiting_take(struct core *core, struct id call, uint32_t caller,
	     struct waiting *out)
{
	size_t i = waiting_index(core, call, caller);

	if (i == core->n_waiting) {
		return false;
	}
	*out = core->waiting[i];
	core->waiting[i] = core->waiting[--core->n_waiting];
	return true;
}

int
waiting_add(struct core *core, struct waiting w)
{
	size_t cap = core->cap_waiting == 0 ? 64 : core->cap_waiting * 2;
	struct waiting *grown;

	if (core->n_waiting >= WAITING_MAX) {
		return err_set(ERR_BUSY, "too many calls wait for jobs");
	}
	if (core->n_waiting == core->cap_waiting) {
		grown = realloc(core->waiting, cap * sizeof(*grown));
		if (grown == NULL) {
			return err_set(ERR_NOMEM, "no memory for a call");
		}
		core->waiting = grown;
		core->cap_waiting = cap;
	}
	core->waiting[core->n_waiting++] = w;
	return 0;
}

void
replies_send(struct core *core)
{
	for (size_t i = 0; i < core->n_pending; i++) {
		const struct pending *p = &core->pending[i];
		struct frames frames;

		frames_build_reply(
			bytes_of(p->id, p->id_n), err_word(p->status),
			bytes_of(core->bodies.data + p->offset, p->len),
			&frames);
		core->config.host.reply(core->config.host.ctx, p->to, &frames);
	}
	if (core->n_pending > 0) {
		principals_rest(core->principals);
	}
	core->n_pending = 0;
	buf_reset(&core->bodies);
}

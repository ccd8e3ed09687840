/* What a running operation gathers besides its writes: leaves, who it is
 * about, jobs to run. Dispatch makes use of it when the operation ends. */

#include "call/call.h"

static int
leaf_add(struct call *c, struct call_leaf leaf, bool always)
{
	if (c->n_leaves == CALL_LEAVES_MAX) {
		return err_set(ERR_TOO_MANY, "one call makes at most %d leaves",
			       CALL_LEAVES_MAX);
	}
	leaf.always = always;
	c->leaves[c->n_leaves++] = leaf;
	return 0;
}

int
call_leaf(struct call *c, struct call_leaf leaf)
{
	return leaf_add(c, leaf, false);
}

int
call_leaf_always(struct call *c, struct call_leaf leaf)
{
	return leaf_add(c, leaf, true);
}

void
call_about(struct call *c, slot_t person_base)
{
	c->log_slot = person_base + SLOT_LOG;
	c->reply_slot = person_base + SLOT_PROFILE;
}

struct id
call_new_id(struct call *c)
{
	return id_new(c->now_ms, c->entropy);
}

bool
call_has_role(const struct call *c, unsigned roles)
{
	return (c->caller.roles & roles) != 0;
}

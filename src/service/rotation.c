/* Key rotation, slice by slice. */

#include <stdlib.h>

#include "base/log.h"
#include "service/rotation.h"
#include "service/state.h"

#define SLICE_NODES 256

static const struct field key_rotate_out_fields[] = {
	F_INT(struct key_rotate_out, nodes, 0, 0, 0,
	      "to be given new keys; key.status counts them down"),
};
const struct field_table key_rotate_out_table =
	FIELD_TABLE(struct key_rotate_out, key_rotate_out_fields);

static struct bytes
wanted_name(void)
{
	return bytes_str("key.rotate");
}

int
rotation_is_wanted(struct txn *t, bool *out)
{
	return txn_has(t, TABLE_SYSTEM, wanted_name(), out);
}

static int
rotation_leaf(struct call *c, const char *state)
{
	struct value details = value_object();
	int rc = value_add(&details, c->arena, "state", value_text(state));

	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){
					      .type = LEAF_KEY_ROTATION,
					      .log_slot = SLOT_NONE,
					      .details = details});
}

int
key_rotate(struct call *c, const void *in, void *out)
{
	struct key_rotate_out *o = out;
	struct keyring_status status;
	bool wanted;
	int rc = rotation_is_wanted(c->txn, &wanted);

	(void)in;
	if (rc == 0 && wanted) {
		rc = err_set(ERR_STATE, "a rotation is under way");
		err_extra_text("state", "rotating");
	}
	if (rc == 0) {
		rc = txn_put(c->txn, TABLE_SYSTEM, wanted_name(),
			     bytes_of(NULL, 0));
	}
	if (rc != 0) {
		return rc;
	}
	keyring_status(c->keys, &status);
	o->nodes = (int64_t)status.nodes;
	return rotation_leaf(c, "begun");
}

struct slice {
	struct core *core;
	uint64_t left;
	int rc;
	struct err_info info;
};

static int
rotation_end(struct call *c, void *arg)
{
	int rc = txn_del(c->txn, TABLE_SYSTEM, wanted_name());

	(void)arg;
	return rc != 0 ? rc : rotation_leaf(c, "finished");
}

static void
slice_done(void *ctx)
{
	struct slice *s = ctx;
	struct core *core = s->core;

	core->is_growing = false;
	if (s->rc == 0 && s->left == 0) {
		s->rc = core_internal(core, "rotation", rotation_end, NULL);
	} else if (s->rc != 0) {
		log_write(LOG_ERROR, "rotation_failed",
			  LOG_TEXT("error", err_word(s->rc)),
			  LOG_TEXT("text", s->info.text));
	}
	if (s->rc != 0 && err_class_of(s->rc) == ERR_CLASS_FATAL) {
		core->fatal = s->rc;
	}
	free(s);
}

static void
slice_run(void *ctx)
{
	struct slice *s = ctx;

	s->rc = keyring_rotate(s->core->keys, SLICE_NODES, &s->left);
	if (s->rc != 0) {
		s->info = *err_last();
	}
	inbox_post(s->core->inbox, slice_done, s);
}

int
rotation_step(struct core *core)
{
	struct slice *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL) {
		return err_set(ERR_NOMEM, "no memory to rotate");
	}
	s->core = core;
	rc = worker_submit(core->eraser, slice_run, s);
	if (rc != 0) {
		free(s);
		return rc;
	}
	core->is_growing = true;
	return 0;
}

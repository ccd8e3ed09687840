/* Key rotation: asked for; that of the tree done slice by slice. */

#include <stdlib.h>

#include "base/log.h"
#include "service/log_key.h"
#include "service/rotation.h"
#include "service/state.h"

#define SLICE_NODES 256

static const char *const what_names[] = {"tree", "log", NULL};
static const char *const leaf_words[] = {"tree", "log", "passphrase"};

static const struct field key_rotate_in_fields[] = {
	F_ENUM(struct key_rotate_in, of, FIELD_OPTIONAL, what_names,
	       "which: the tree's (when left out), or the log's signing key"),
};
const struct field_table key_rotate_in_table =
	FIELD_TABLE(struct key_rotate_in, key_rotate_in_fields);

static const struct field key_rotate_out_fields[] = {
	F_INT_HAS(struct key_rotate_out, nodes, 0, 0,
		  "to be given new keys; key.status counts them down"),
	F_MAY(struct key_rotate_out, vkey, FIELD_TEXT,
	      "the log's next key; in force when audit.checkpoint shows it"),
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

int
rotation_busy(void)
{
	int rc = err_set(ERR_STATE, "a rotation is under way");

	err_extra_text("state", "rotating");
	return rc;
}

int
rotation_leaf(struct call *c, enum rotate_what what, const char *state)
{
	struct value details = value_object();
	int rc = value_add(&details, c->arena, "of",
			   value_text(leaf_words[what]));

	if (rc == 0) {
		rc = value_add(&details, c->arena, "state", value_text(state));
	}
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){
					      .type = LEAF_KEY_ROTATION,
					      .log_slot = SLOT_NONE,
					      .details = details});
}

static int
tree_ask(struct call *c, struct key_rotate_out *o)
{
	struct keyring_status status;
	bool wanted;
	int rc = rotation_is_wanted(c->txn, &wanted);

	if (rc == 0 && wanted) {
		rc = rotation_busy();
	}
	if (rc == 0) {
		rc = txn_put(c->txn, TABLE_SYSTEM, wanted_name(),
			     bytes_of(NULL, 0));
	}
	if (rc == 0) {
		keyring_status(c->keys, &status);
		o->nodes = (int64_t)status.nodes;
		o->has_nodes = true;
	}
	return rc;
}

int
key_rotate(struct call *c, const void *in, void *out)
{
	const struct key_rotate_in *i = in;
	struct key_rotate_out *o = out;
	enum rotate_what what = i->of == ROTATE_LOG ? ROTATE_LOG : ROTATE_TREE;
	int rc = what == ROTATE_LOG ? log_key_ask(c, &o->vkey)
				    : tree_ask(c, o);

	return rc == 0 ? rotation_leaf(c, what, "begun") : rc;
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
	return rc != 0 ? rc : rotation_leaf(c, ROTATE_TREE, "finished");
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

#ifndef SERVICE_ROTATION_H
#define SERVICE_ROTATION_H

#include "call/call.h"

/*
 * key.rotate: new keys, while serving. Of the tree: for every node, the root
 * too; wanted by a row in TABLE_SYSTEM, done in slices by the eraser's thread
 * between batches, resumed after a crash where the tree says it stopped. The
 * slots keep their keys, so no record is touched. Of the log: log_key.h.
 */
struct core;

enum rotate_what {
	ROTATE_TREE,
	ROTATE_LOG,
	ROTATE_PASSPHRASE /* offline: passphrase.h */
};

struct key_rotate_in {
	int of; /* enum rotate_what; -1: not said */
};
extern const struct field_table key_rotate_in_table;

struct key_rotate_out {
	int64_t nodes;
	bool has_nodes;
	const char *vkey;
};
extern const struct field_table key_rotate_out_table;
int key_rotate(struct call *c, const void *in, void *out);

/* ERR_STATE: one of the kind is under way. */
int rotation_busy(void) MUST_CHECK;
/* The leaf of a rotation "begun" or "finished". */
int rotation_leaf(struct call *c, enum rotate_what what,
		  const char *state) MUST_CHECK;

int rotation_is_wanted(struct txn *t, bool *out) MUST_CHECK;

/* Sends one slice to the eraser's thread. */
int rotation_step(struct core *core) MUST_CHECK;

#endif

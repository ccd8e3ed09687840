#ifndef SERVICE_ROTATION_H
#define SERVICE_ROTATION_H

#include "call/call.h"

/*
 * New keys for every node of the tree, the root's too, while serving: wanted
 * by key.rotate (a row in TABLE_SYSTEM), done in slices by the eraser's thread
 * between batches, resumed after a crash where the tree says it stopped. The
 * slots keep their keys, so no record is touched.
 */
struct core;

struct key_rotate_out {
	int64_t nodes;
};
extern const struct field_table key_rotate_out_table;
int key_rotate(struct call *c, const void *in, void *out);

int rotation_is_wanted(struct txn *t, bool *out) MUST_CHECK;

/* Sends one slice to the eraser's thread. */
int rotation_step(struct core *core) MUST_CHECK;

#endif

#ifndef SERVICE_AUDIT_OPS_H
#define SERVICE_AUDIT_OPS_H

#include "call/call.h"
#include "service/logger.h"

/* The log as callers see it: docs/protocol.md, "Log". Indexes count from 0;
 * `from` is included, `to` is not. */

struct checkpoint_out {
	const char *note;
	const char *vkey;
	const char *origin;
};
extern const struct field_table checkpoint_out_table;
int audit_checkpoint(struct call *c, const void *in, void *out);

struct entries_in {
	int64_t from;
	int64_t to;
};
struct entries_out {
	struct value items;
	int64_t size;
};
extern const struct field_table entries_in_table;
extern const struct field_table entries_out_table;
int audit_entries(struct call *c, const void *in, void *out);

struct proof_in {
	int64_t index;
	int64_t size;
	bool has_size;
};
struct proof_out {
	int64_t index;
	int64_t size;
	const char **hashes;
	size_t n_hashes;
	const char *checkpoint;
};
extern const struct field_table proof_in_table;
extern const struct field_table proof_out_table;
int audit_proof(struct call *c, const void *in, void *out);

struct consistency_out {
	int64_t from;
	int64_t to;
	const char **hashes;
	size_t n_hashes;
};
extern const struct field_table consistency_out_table;
int audit_consistency(struct call *c, const void *in, void *out);

struct history_in {
	struct id subject;
	const char *reason;
	int64_t limit;
	bool has_limit;
	const char *cursor;
};
struct history_out {
	struct value items;
	const char *next;
};
extern const struct field_table history_in_table;
extern const struct field_table history_out_table;
int audit_history(struct call *c, const void *in, void *out);

/* The inclusion proof of a leaf under the last checkpoint. ERR_UNAVAILABLE
 * while none covers it. */
struct merkle_proof;
int audit_prove(struct call *c, uint64_t index, uint64_t size,
		struct merkle_proof *out) MUST_CHECK;

#endif

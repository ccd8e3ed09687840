#ifndef SERVICE_OPS_H
#define SERVICE_OPS_H

#include "call/call.h"

/*
 * THE table: every operation of the service in one row. From it come decoding,
 * the role check, service.describe, the command line's help, the role-matrix
 * test and the fuzzers' dictionaries.
 */
enum op_class {
	OP_READ,     /* runs again when repeated; its leaf is still a write */
	OP_WRITE,    /* once per id; the reply is stored */
	OP_SNAPSHOT, /* a read on a reader thread, over one state */
	/* The same; a page that goes on from another (`cursor`) may be of the
	 * state that the one before had, if that is younger than SHELF_MS. */
	OP_LISTING
};

/* Whether an input asks for so little that it is answered at once, as a read
 * is, not by a reader. */
typedef bool op_brief_fn(const void *in);

typedef int op_fn(struct call *c, const void *in, void *out);

struct operation {
	const char *name;
	op_fn *run;
	unsigned roles; /* ROLE_ bits */
	enum op_class class;
	const struct field_table *in;
	const struct field_table *out;
	enum leaf_type leaf; /* of a refusal, and of a success without one */
	op_brief_fn *is_brief; /* of an OP_LISTING, or NULL */
	bool quiet;          /* leaves no leaf when it succeeds: ping, describe */
	const char *help;
};

extern const struct operation operations[];
extern const size_t n_operations;

/* NULL when there is none by that name. */
const struct operation *operation_find(const char *name);

#endif

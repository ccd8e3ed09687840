#ifndef SUPPORT_CALL_ENV_H
#define SUPPORT_CALL_ENV_H

#include "base/field.h"
#include "call/call.h"
#include "support/vault_env.h"

/*
 * Operations without a service: JSON in, JSON out, over a store in memory, a
 * throw-away keyring and the shipped policies. Leaves are written, failures
 * drop the effect and keep the trace, as in the service. Jobs and erasures run
 * when they are told to.
 *
 *	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(subject_find),
 *	                       "{\"email\":\"ada@example.com\"}"));
 *	assert_string_equal(call_env_text(&env, "subject"), id);
 *
 * CALL_OP takes an operation whose tables are NAME_in_table, NAME_out_table.
 */
struct call_env {
	struct vault_env vault;
	struct call call;
	struct value reply; /* of the last call_env_run that went well */
	struct arena *reply_arena;
	struct err_info refusal; /* of the last one that did not */
	int64_t boot_lag_ms; /* of the boot clock behind the wall clock */
	struct id next_id;       /* nil: a new one for each call */
	struct id jobs[256];     /* runnable, for call_env_jobs */
	size_t n_jobs;
};

typedef int call_env_op(struct call *c, const void *in, void *out);

#define CALL_OP(name) name, &name##_in_table, &name##_out_table
/* Operations that answer nothing. */
#define CALL_OP_QUIET(name) name, &name##_in_table, NULL

void call_env_open(struct call_env *e);
void call_env_close(struct call_env *e);

/* A call in a txn of its own; call_env_end ends it as its result says, after
 * the leaves, and returns rc again. */
struct call *call_env_begin(struct call_env *e, unsigned role);
int call_env_end(struct call_env *e, int rc);

/* One whole call. */
int call_env_run(struct call_env *e, unsigned role, call_env_op *op,
		 const struct field_table *in, const struct field_table *out,
		 const char *json_format, ...)
	__attribute__((format(printf, 6, 7)));

/* Of the last reply, by a path of names and places: "records.0.data.name".
 * NULL when there is nothing. */
const struct value *call_env_get(const struct call_env *e, const char *path);
/* The text there; fails the test when there is none. Valid until the next
 * call. */
const char *call_env_text(const struct call_env *e, const char *path);
int64_t call_env_int(const struct call_env *e, const char *path);
bool call_env_bool(const struct call_env *e, const char *path);
/* The number of items of the list there. */
size_t call_env_count(const struct call_env *e, const char *path);

/* Runs all runnable jobs until they are done or wait; the answer of one that
 * somebody waits for becomes the reply, described by `answer` (or NULL). The
 * result of the last job that ended with an error, else 0. */
int call_env_jobs(struct call_env *e, const struct job_kind *const *kinds,
		  size_t n, const struct field_table *answer);

/* One step of one job, whether it is its turn or not: jobs must bear that, as
 * after a crash. Of `kind` (NULL: any) the one at `pick` modulo how many there
 * are. False when there is none. For kinds that do not read snapshots, and that
 * do not fail. */
bool call_env_step(struct call_env *e, const struct job_kind *const *kinds,
		   size_t n, const char *kind, unsigned pick,
		   const struct field_table *answer);

/* Runs the erasure batch that has gathered; jobs are woken by it. Returns how
 * many slots were destroyed. */
size_t call_env_erase(struct call_env *e);

void call_env_advance(struct call_env *e, int64_t ms);

/* Registers an adult of the US and returns the id as text, in `out`. */
char *call_env_customer(struct call_env *e, const char *email,
			char out[ID_TEXT_BYTES]);

/* How many leaves of a type there are, whatever their outcome. */
size_t call_env_leaves(struct call_env *e, enum leaf_type type);

#endif

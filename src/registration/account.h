#ifndef REGISTRATION_ACCOUNT_H
#define REGISTRATION_ACCOUNT_H

#include "call/call.h"
#include "vault/subject.h"

/*
 * The account's life: subject.block, subject.close, subject.reopen and
 * terms.accept. What the policy counts from the end of the account gets its
 * day when the account is closed, and loses it when it is opened again: at
 * once, or, where there is much, by a job.
 */
struct account_in {
	struct id subject;
	const char *reason;
};
extern const struct field_table subject_block_in_table;
extern const struct field_table subject_close_in_table;
/* ERR_STATE with the present `state`: blocked or closed already, a prospect. */
int subject_block(struct call *c, const void *in, void *out);
int subject_close(struct call *c, const void *in, void *out);

struct subject_reopen_in {
	struct id subject;
};
extern const struct field_table subject_reopen_in_table;
/* A blocked account, or one closed within the policy's time (30 days). */
int subject_reopen(struct call *c, const void *in, void *out);

struct terms_accept_in {
	struct id subject;
	const char *version;
	int64_t at;
};
extern const struct field_table terms_accept_in_table;
int terms_accept(struct call *c, const void *in, void *out);

/* Gives days to records, or takes them. */
extern const struct job_kind account_days_job;

/* ERR_STATE with `state` "prospect" for people without an account. */
int account_need(const struct subject *s) MUST_CHECK;

#endif

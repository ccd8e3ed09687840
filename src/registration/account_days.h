#ifndef REGISTRATION_ACCOUNT_DAYS_H
#define REGISTRATION_ACCOUNT_DAYS_H

#include "call/call.h"
#include "vault/subject.h"

/* Brings every record's day to what the state of the account makes of it now:
 * the first step at once, the rest, if any, as a job. The caller saves the
 * head. */
int account_days_begin(struct call *c, struct vault *v,
		       struct subject *s) MUST_CHECK;

#endif

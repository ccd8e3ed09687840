/* Every kind of job, with what runs it. */

#include "navigation/held.h"
#include "registration/account.h"
#include "request/fulfil.h"
#include "retention/days.h"
#include "retention/ended.h"
#include "retention/hold.h"
#include "service/backup.h"
#include "service/restore.h"
#include "service/state.h"

const struct job_kind *const job_kinds[] = {
	&account_days_job,
	&ended_job,
	&days_job,
	&visits_settle_job,
	&hold_move_job,
	&hold_renew_job,
	&hold_walk_job,
	&backup_job,
	&restore_slots_job,
	&request_access_job,
	&request_erase_job,
};
const size_t n_job_kinds = sizeof(job_kinds) / sizeof(job_kinds[0]);

/* Every kind of job, with what runs it. */

#include "service/backup.h"
#include "service/state.h"

const struct job_kind *const job_kinds[] = {
	&backup_job,
};
const size_t n_job_kinds = sizeof(job_kinds) / sizeof(job_kinds[0]);

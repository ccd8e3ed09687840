/* Every kind of job, with what runs it. */

#include "service/state.h"

const struct job_kind job_kinds[] = {
	{NULL, NULL, NULL},
};
const size_t n_job_kinds = 0;

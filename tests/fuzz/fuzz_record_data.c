/* Aims at record_check: data of any shape against every category of the
 * shipped policies; a refusal names a member of data. */
// links: ninety_vault ninety_wire ninety_policy ninety_base

#include "fuzz.h"
#include "policy/policy.h"
#include "vault/record.h"
#include "wire/schema.h"

static struct policy_faults faults;

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct policy *policy;
	struct arena *a = arena_new(1 << 24);
	struct value v;

	FUZZ_ASSERT(a != NULL);
	if (policy == NULL) {
		FUZZ_ASSERT(policy_load(SOURCE_DIR "/policies", &policy,
					&faults) == 0);
	}
	if (schema_value_decode(bytes_of(data, n), a, &v) == 0) {
		for (size_t i = 0; i < policy->n_categories; i++) {
			int rc = record_check(&policy->categories[i], &v);

			FUZZ_ASSERT(rc == 0 || rc == ERR_INVALID);
			FUZZ_ASSERT(rc == 0 ||
				    strncmp(err_last()->field, "data", 4) == 0);
		}
	}
	arena_free(a);
	return 0;
}

/* Aims at tree_parse, shape_read, link_names, check_set, policy_show,
 * deadline_compute: any text in the place of one of the shipped files is
 * either a policy that can be shown and reckoned with, or has faults that each
 * name a place in it. The first byte says which file it replaces. */
// links: ninety_policy ninety_base

#include <stdio.h>

#include "fuzz.h"
#include "policy/deadline.h"
#include "policy/decide.h"
#include "policy/private.h"
#include "policy/tree.h"

#define N_FILES (POLICY_MAIN_FILES + 1)
#define SHOW_BYTES_MAX (16u << 20)

static uint8_t shipped[N_FILES][POLICY_FILE_BYTES_MAX];
static struct policy_source sources[N_FILES];
static struct policy_faults faults;

static void
read_shipped(void)
{
	char path[512];

	for (size_t i = 0; i < N_FILES; i++) {
		const char *name = i < POLICY_MAIN_FILES
					   ? policy_main_files[i]
					   : "regimes/ccpa.yaml";
		FILE *f;
		size_t n;

		(void)snprintf(path, sizeof(path), "%s/policies/%s",
			       SOURCE_DIR, name);
		f = fopen(path, "r");
		FUZZ_ASSERT(f != NULL);
		n = fread(shipped[i], 1, sizeof(shipped[i]), f);
		(void)fclose(f);
		sources[i].file = name;
		sources[i].content = bytes_of(shipped[i], n);
	}
}

/* Whatever loads can be used. */
static void
use(const struct policy *p)
{
	struct arena *a = arena_new(SHOW_BYTES_MAX);
	struct deadline_facts facts = {.received_at_ms = 1760000000000,
				       .country = "US",
				       .region = "US-CA"};
	struct age_decision age;
	struct deadline d;
	struct value v;

	FUZZ_ASSERT(a != NULL);
	FUZZ_ASSERT(policy_show(p, a, &v) == 0);
	FUZZ_ASSERT(deadline_compute(p, &facts, &d) == 0);
	FUZZ_ASSERT(d.due_at_ms <= d.house_due_at_ms);
	FUZZ_ASSERT(d.house_due_at_ms - facts.received_at_ms <=
		    POLICY_HOUSE_DAYS_MAX * MS_PER_DAY);
	FUZZ_ASSERT(decide_register(p, "US", 15000, 20000, &age) == 0);
	for (size_t i = 0; i < p->n_categories; i++) {
		FUZZ_ASSERT(decide_expiry(&p->categories[i], 20000, 20000) >
			    20000);
	}
	arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct policy_source mine[N_FILES];
	const struct policy *p = NULL;
	struct arena *a;
	int rc;

	if (n == 0 || n > POLICY_FILE_BYTES_MAX) {
		return 0;
	}
	if (sources[0].file == NULL) {
		read_shipped();
	}
	memcpy(mine, sources, sizeof(mine));
	mine[data[0] % N_FILES].content = bytes_of(data + 1, n - 1);
	a = arena_new(POLICY_MEMORY_BYTES_MAX);
	FUZZ_ASSERT(a != NULL);
	faults_clear(&faults);
	rc = policy_load_sources(a, mine, N_FILES, &p, &faults);
	FUZZ_ASSERT(rc == 0 || rc == ERR_CONFIG || rc == ERR_NOMEM);
	FUZZ_ASSERT(rc != ERR_CONFIG || faults.n > 0);
	for (size_t i = 0; i < faults.n; i++) {
		FUZZ_ASSERT(faults.items[i].file[0] != '\0');
		FUZZ_ASSERT(faults.items[i].text[0] != '\0');
	}
	if (rc == 0) {
		use(p);
		policy_free(p);
	} else {
		arena_free(a);
	}
	return 0;
}

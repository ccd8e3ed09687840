/* Aims at normalise_email, normalise_phone: what is normal stays as it is. */
// links: ninety_vault ninety_base

#include "fuzz.h"
#include "vault/normalise.h"

static void
twice(int (*normalise)(const char *, struct arena *, const char **),
      const char *sent, struct arena *a)
{
	const char *once;
	const char *again;
	int rc = normalise(sent, a, &once);

	if (rc != 0) {
		FUZZ_ASSERT(rc == ERR_INVALID);
		return;
	}
	FUZZ_ASSERT(strlen(once) <= strlen(sent));
	FUZZ_ASSERT(normalise(once, a, &again) == 0);
	FUZZ_ASSERT(strcmp(once, again) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(1 << 20);
	char *sent;

	FUZZ_ASSERT(a != NULL);
	if (n < 4096) {
		sent = arena_text(a, (const char *)data, n);
		FUZZ_ASSERT(sent != NULL);
		twice(normalise_email, sent, a);
		twice(normalise_phone, sent, a);
	}
	arena_free(a);
	return 0;
}

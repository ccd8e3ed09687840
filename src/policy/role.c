/*
 * The roles and their words. What a role may do stands in the rows of the
 * operation table and in the purposes of the policy, not here.
 */
#include "policy/role.h"

#include <string.h>

static const char *const words[ROLE_COUNT] = {
	"portal",  "support", "billing",  "compliance",
	"auditor", "admin",   "internal",
};

const char *
role_name(unsigned role)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		if (role == role_at(i)) {
			return words[i];
		}
	}
	return "none";
}

int
role_parse(const char *word, unsigned *out_role)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		if (strcmp(word, words[i]) == 0) {
			*out_role = role_at(i);
			return 0;
		}
	}
	return err_set(ERR_INVALID, "not a role");
}

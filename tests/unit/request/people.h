#ifndef TESTS_REQUEST_PEOPLE_H
#define TESTS_REQUEST_PEOPLE_H

/* Customers and requests through a whole core. */

#include "policy/role.h"
#include "support/core_env.h"
#include "support/test.h"

static struct core_env env;

static __attribute__((unused)) int
open_env(void **state)
{
	(void)state;
	core_env_open(&env, NULL);
	return 0;
}

static __attribute__((unused)) int
close_env(void **state)
{
	(void)state;
	core_env_close(&env);
	return 0;
}

static __attribute__((unused)) void
customer(const char *email, const char *country, char out[40])
{
	core_env_ok(&env, ROLE_PORTAL, "subject.register",
		    json_of("{\"birth_date\":\"1980-02-29\","
			    "\"country\":\"%s\",\"contact\":{\"name\":"
			    "\"Ada Lovelace\",\"email\":\"%s\"},\"terms\":{"
			    "\"version\":\"1\",\"accepted_at\":"
			    "\"2026-01-01T00:00:00Z\"}}",
			    country, email));
	(void)snprintf(out, 40, "%s", core_env_text(&env, "subject"));
}

static __attribute__((unused)) void
submit(const char *type, const char *subject, char out[40])
{
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    json_of("{\"type\":\"%s\",\"subject\":\"%s\","
			    "\"channel\":\"portal\"}",
			    type, subject));
	(void)snprintf(out, 40, "%s", core_env_text(&env, "request"));
}

static __attribute__((unused)) void
verified(const char *request)
{
	char code[16];

	core_env_ok(&env, ROLE_PORTAL, "request.challenge",
		    json_of("{\"request\":\"%s\"}", request));
	(void)snprintf(code, sizeof(code), "%s", core_env_text(&env, "code"));
	core_env_ok(&env, ROLE_PORTAL, "request.verify",
		    json_of("{\"request\":\"%s\",\"code\":\"%s\"}", request,
			    code));
	assert_string_equal(core_env_text(&env, "state"), "in_progress");
}

static __attribute__((unused)) const char *
state_of(const char *request)
{
	core_env_ok(&env, ROLE_COMPLIANCE, "request.get",
		    json_of("{\"request\":\"%s\"}", request));
	return core_env_text(&env, "state");
}

#endif

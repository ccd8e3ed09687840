#ifndef TEST_SHARING_PEOPLE_H
#define TEST_SHARING_PEOPLE_H

#include "registration/consent.h"
#include "registration/register.h"
#include "registration/write.h"
#include "sharing/list.h"
#include "sharing/record.h"
#include "support/call_env.h"

static struct call_env env;
static char customer[ID_TEXT_BYTES];

static inline int
open_env(void **state)
{
	(void)state;
	call_env_open(&env);
	call_env_customer(&env, "ada@example.com", customer);
	return 0;
}

static inline int
close_env(void **state)
{
	(void)state;
	call_env_close(&env);
	return 0;
}

static inline int
put(const char *subject, const char *category, const char *data,
    const char *more)
{
	return call_env_run(&env, ROLE_PORTAL, CALL_OP(subject_write),
			    "{\"subject\":\"%s\",\"category\":\"%s\","
			    "\"data\":%s%s}",
			    subject, category, data, more);
}

#define EVIDENCE                                                               \
	",\"evidence\":{\"method\":\"form\",\"reference\":\"F-1\","            \
	"\"at\":\"2026-11-20T00:00:00Z\"}"

static inline int
consent(const char *subject, const char *purpose, bool granted,
	const char *more)
{
	return call_env_run(&env, ROLE_PORTAL, consent_set,
			    &consent_set_in_table, NULL,
			    "{\"subject\":\"%s\",\"purpose\":\"%s\","
			    "\"granted\":%s%s}",
			    subject, purpose, granted ? "true" : "false", more);
}

static inline int
share(const char *subject, const char *recipient, const char *purpose,
      const char *what)
{
	return call_env_run(&env, ROLE_BILLING, CALL_OP(share_record),
			    "{\"subject\":\"%s\",\"recipient\":\"%s\","
			    "\"purpose\":\"%s\",%s}",
			    subject, recipient, purpose, what);
}

#define CONTACT "\"categories\":[\"contact\"],\"fields\":[\"name\",\"email\"]"
#define CARD                                                                   \
	"\"categories\":[\"billing\"],\"fields\":[\"name\",\"card_number\"]"

static inline void
give_card(const char *subject)
{
	assert_ok(put(subject, "billing",
		      "{\"name\":\"Ada L\",\"card_number\":"
		      "\"4111111111111111\",\"card_expiry\":\"2028-01\"}",
		      ""));
}

/* The last refusal's reason. */
static inline const char *
reason(void)
{
	for (size_t i = 0; i < env.refusal.n_extra; i++) {
		if (strcmp(env.refusal.extra[i].name, "reason") == 0) {
			return env.refusal.extra[i].text;
		}
	}
	return "";
}

#define assert_refused(why, call)                                              \
	do {                                                                   \
		assert_err(ERR_NOT_PERMITTED, call);                           \
		assert_string_equal(reason(), why);                            \
	} while (0)

#endif

#ifndef SUPPORT_TEST_H
#define SUPPORT_TEST_H

/* What every cmocka program includes, in the order that cmocka wants. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

/* The call succeeds; on failure its context says why. */
#define assert_ok(call)                                                       \
	do {                                                                  \
		int rc_ = (call);                                             \
		if (rc_ != 0) {                                               \
			fail_msg("%s: %s: %s %s", #call, err_word(rc_),       \
				 err_last()->field, err_last()->text);        \
		}                                                             \
	} while (0)

/* The sanitizers answer mlock themselves, and lock nothing. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MLOCK_IS_REAL 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MLOCK_IS_REAL 0
#endif
#endif
#ifndef MLOCK_IS_REAL
#define MLOCK_IS_REAL 1
#endif

#define assert_err(code, call) assert_string_equal(err_word(call), err_word(code))

#endif

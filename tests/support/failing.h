#ifndef SUPPORT_FAILING_H
#define SUPPORT_FAILING_H

#include <stdbool.h>

/*
 * Calls that fail when they are told to: a read of a row, a write of one, a
 * key, a piece of memory. ninety_failing(TARGET) in CMake puts them between
 * the program's operations and what these call.
 *
 *	failing_arm(3);
 *	... the third of the calls below fails, once ...
 *	failing_disarm();
 *	if (failing_name() != NULL) ...
 */

/* From now on, on this thread alone, until failing_disarm: `at` is counted
 * from 1; 0 counts and fails nothing. */
void failing_arm(unsigned long at);
void failing_disarm(void);

/* What a test does itself in between neither counts nor fails. */
void failing_pause(void);
void failing_resume(void);

/* Which call failed since the last failing_arm; NULL: none did. */
const char *failing_name(void);

#endif

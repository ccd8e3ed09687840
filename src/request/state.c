/* The table of states. What an action does beside moving the state is in the
 * file of its operation. */
#include "request/state.h"

#include "base/timefmt.h"

const char *const request_state_names[] = {
	"open",   "verifying", "in_progress", "fulfilled",
	"denied", "revoked",   "expired",     NULL};

#define NO (-1)

/* clang-format off */
static const int after[REQUEST_ACTIONS][REQUEST_STATES] = {
	/*                    open verifying in_progress fulfilled denied
	 *                    revoked expired */
	[ACTION_CHALLENGE] = {  1,  1, NO, NO, NO, NO, NO},
	[ACTION_VERIFY] =    {  2,  2, NO, NO, NO, NO, NO},
	[ACTION_CONFIRM] =   {  0,  1,  2, NO, NO, NO, NO},
	[ACTION_NOTIFY] =    {  0,  1,  2,  3,  4,  5,  6},
	[ACTION_EXTEND] =    {  0,  1,  2, NO, NO, NO, NO},
	[ACTION_PAUSE] =     {  0,  1,  2, NO, NO, NO, NO},
	[ACTION_CORRECT] =   {  0,  1,  2, NO, NO, NO, NO},
	[ACTION_DENY] =      {  4,  4,  4, NO, NO, NO, NO},
	[ACTION_REVOKE] =    {  5,  5,  5, NO, NO, NO, NO},
	[ACTION_FULFIL] =    { NO, NO,  3, NO, NO, NO, NO},
	[ACTION_EXPIRE] =    { NO,  6, NO, NO, NO, NO, NO},
	[ACTION_ASSIGN] =    {  0,  1,  2, NO, NO, NO, NO},
	[ACTION_NOTE] =      {  0,  1,  2,  3,  4,  5,  6},
	[ACTION_EXPORT] =    { NO, NO, NO,  3, NO, NO, NO},
};
/* clang-format on */

bool
state_is_open(enum request_state s)
{
	return s == REQUEST_OPEN || s == REQUEST_VERIFYING ||
	       s == REQUEST_IN_PROGRESS;
}

int
state_refuse(enum request_state s, const char *text)
{
	(void)err_set(ERR_STATE, "%s", text);
	err_extra_text("state", request_state_names[s]);
	return ERR_STATE;
}

int
state_refuse_until(enum request_state s, const char *text,
		   int64_t not_before_ms)
{
	char at[TIME_TEXT_BYTES];

	(void)state_refuse(s, text);
	err_extra_text("not_before", time_print(not_before_ms, at));
	return ERR_STATE;
}

int
state_after(enum request_state from, enum request_action action,
	    enum request_state *out_to)
{
	int to = after[action][from];

	if (to == NO) {
		return state_refuse(from, state_is_open(from)
						  ? "not in this state"
						  : "the request has ended");
	}
	*out_to = (enum request_state)to;
	return 0;
}

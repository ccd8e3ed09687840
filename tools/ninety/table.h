#ifndef NINETY_TABLE_H
#define NINETY_TABLE_H

#include "command.h"

/* An answer for people, on stdout: its single members one a line, each list of
 * objects as a table that fits the terminal, the cursor of the next page as a
 * remark on stderr. Returns 0 or the exit status. */
int table_print(const struct value *answer);

/* table_print, or print_json with --json. */
int answer_print(const struct options *o, const struct value *answer);

#endif

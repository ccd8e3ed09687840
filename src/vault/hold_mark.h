#ifndef VAULT_HOLD_MARK_H
#define VAULT_HOLD_MARK_H

#include "vault/subject.h"

/*
 * Which categories a legal hold covers just now, so that what is written while
 * it stands lies under the HELD slot, without a day, from the start. Placing
 * and releasing holds, and moving what is there already, is retention's.
 *
 * A person's marks are in the head; those for everybody are one row of
 * TABLE_SYSTEM.
 */

/* Of one person; the caller saves the head. */
void hold_mark_set(struct subject *s, uint8_t category, bool held);

/* Of everybody. */
int hold_mark_set_all(struct vault *v, uint8_t category, bool held) MUST_CHECK;

/* Either; without a person the latter alone. */
int hold_mark_has(struct vault *v, const struct subject *s, uint8_t category,
		  bool *out) MUST_CHECK;

#endif

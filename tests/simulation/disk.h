#ifndef SIMULATION_DISK_H
#define SIMULATION_DISK_H

#include "store/io.h"

/*
 * A disk that loses what was not synced. It counts its events: each write and
 * each sync of the journal, and whatever disk_event is called for. At the one
 * that was chosen the power goes: the instance's directory is copied as it is
 * then, less any sectors that were written and not synced, and from then on
 * every call fails. disk_settle puts the copy in the place of the original.
 */
struct io *disk_io(void);

/* Of the instance; from now on all is well. */
void disk_open(const char *directory);

/* The power goes at the n-th event from now; 0: never. */
void disk_fail_at(unsigned long n);

/* Something else that a crash may come before. */
void disk_event(const char *name);

/* The power goes now. */
void disk_power_off(const char *name);

/* Since the power went: at what; NULL while it is on. */
const char *disk_gone(void);

/* And that the journal was told so. */
bool disk_is_gone_under_journal(void);

/* After everything has been closed: what was lost is lost, power is on. */
void disk_settle(void);

#endif

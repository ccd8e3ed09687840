#ifndef BENCH_EXPIRY_H
#define BENCH_EXPIRY_H

/*
 * A day on which a record of one category of `people` ends: how long from the
 * first moment after it until the day's key is destroyed, which is what ends
 * them in every copy and backup. (Reads refuse each from its own expires_at on,
 * which costs nothing.) In this process, where the clock can be turned, in a
 * folder under `under` that is removed again. 0 or an exit status.
 */
int expiry_measure(const char *under, unsigned long people,
		   double *out_seconds);

#endif

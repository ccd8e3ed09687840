#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

/* Latencies in microseconds, log-linear: each power of two in 32 parts, so a
 * quantile is right to about 3 %. */
#define HISTOGRAM_PARTS 32
#define HISTOGRAM_BUCKETS (64 * HISTOGRAM_PARTS)

struct histogram {
	uint64_t n;
	uint64_t max;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, uint64_t us);
void histogram_merge(struct histogram *h, const struct histogram *other);

/* The upper bound of the bucket in which the quantile (0 to 1) lies. */
uint64_t histogram_at(const struct histogram *h, double quantile);

#endif

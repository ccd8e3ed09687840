/* Log-linear buckets. */

#include "histogram.h"

static unsigned
bucket_of(uint64_t us)
{
	unsigned power;

	if (us < HISTOGRAM_PARTS) {
		return (unsigned)us;
	}
	power = 63 - (unsigned)__builtin_clzll(us);
	return (power - 4) * HISTOGRAM_PARTS +
	       (unsigned)((us >> (power - 5)) & (HISTOGRAM_PARTS - 1));
}

static uint64_t
bucket_end(unsigned bucket)
{
	unsigned power;
	uint64_t part;

	if (bucket < HISTOGRAM_PARTS) {
		return bucket;
	}
	power = bucket / HISTOGRAM_PARTS + 4;
	part = bucket % HISTOGRAM_PARTS;
	return ((HISTOGRAM_PARTS + part + 1) << (power - 5)) - 1;
}

void
histogram_add(struct histogram *h, uint64_t us)
{
	h->n++;
	h->buckets[bucket_of(us)]++;
	if (us > h->max) {
		h->max = us;
	}
}

void
histogram_merge(struct histogram *h, const struct histogram *other)
{
	h->n += other->n;
	if (other->max > h->max) {
		h->max = other->max;
	}
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		h->buckets[i] += other->buckets[i];
	}
}

uint64_t
histogram_at(const struct histogram *h, double quantile)
{
	uint64_t want = (uint64_t)((double)h->n * quantile);
	uint64_t seen = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->buckets[i];
		if (seen > want) {
			uint64_t end = bucket_end(i);

			return end < h->max ? end : h->max;
		}
	}
	return h->max;
}

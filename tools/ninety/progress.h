#ifndef NINETY_PROGRESS_H
#define NINETY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* How far a long run is, on stderr: a line that is drawn over on a terminal,
 * nothing elsewhere and nothing when it is switched off. */
struct progress {
	const char *what;
	uint64_t total;
	uint64_t drawn_us;
	bool is_on;
	bool is_drawn;
};

void progress_begin(struct progress *p, const char *what, uint64_t total,
		    bool quiet);
void progress_at(struct progress *p, uint64_t done);
/* Takes the line away. */
void progress_end(struct progress *p);

#endif

/* A progress line for people who wait. */

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "progress.h"

#define DRAW_EVERY_US 200000u

void
progress_begin(struct progress *p, const char *what, uint64_t total, bool quiet)
{
	*p = (struct progress){
		.what = what,
		.total = total,
		.drawn_us = clock_elapsed_us(),
		.is_on = !quiet && isatty(STDERR_FILENO) != 0,
	};
}

void
progress_at(struct progress *p, uint64_t done)
{
	uint64_t now;

	if (!p->is_on) {
		return;
	}
	now = clock_elapsed_us();
	if (now - p->drawn_us < DRAW_EVERY_US) {
		return;
	}
	p->drawn_us = now;
	p->is_drawn = true;
	(void)fprintf(stderr, "\r%s: %3u %%", p->what,
		      p->total == 0 ? 100 : (unsigned)(done * 100 / p->total));
	(void)fflush(stderr);
}

void
progress_end(struct progress *p)
{
	if (p->is_drawn) {
		(void)fprintf(stderr, "\r\033[K");
		(void)fflush(stderr);
	}
}

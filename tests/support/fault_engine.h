#ifndef SUPPORT_FAULT_ENGINE_H
#define SUPPORT_FAULT_ENGINE_H

#include <pthread.h>

#include "store/engine.h"

/*
 * An engine around another: its writes can be held up, or refused for want of
 * room, while its reads go on. Closing it closes the one inside.
 */
struct fault_engine {
	struct engine base;
	struct engine *inner;
	pthread_mutex_t lock; /* all below */
	pthread_cond_t changed;
	bool is_held_up; /* apply waits */
	bool is_full;    /* apply and hold_room say ERR_FULL */
	int fail_with;   /* what apply says instead, without applying */
	/* NULL, or called before and after each apply. */
	void (*event)(const char *name);
	unsigned applies;
	unsigned refused;
};

void fault_engine_init(struct fault_engine *f, struct engine *inner);
void fault_engine_set(struct fault_engine *f, bool is_held_up, bool is_full,
		      int fail_with);
unsigned fault_engine_refused(struct fault_engine *f);

#endif

/* Places with generations: a late or forged token finds nothing. */

#include <stdlib.h>

#include "front/calls.h"

struct place {
	struct call_origin origin;
	uint32_t generation;
	uint32_t next_free;
	bool is_used;
};

struct calls {
	struct place *places;
	uint32_t n;
	uint32_t first_free; /* n: none */
};

struct calls *
calls_new(size_t places)
{
	struct calls *c = calloc(1, sizeof(*c));

	if (c == NULL || places == 0 || places > UINT32_MAX / 2) {
		free(c);
		return NULL;
	}
	c->places = calloc(places, sizeof(*c->places));
	if (c->places == NULL) {
		free(c);
		return NULL;
	}
	c->n = (uint32_t)places;
	for (uint32_t i = 0; i < c->n; i++) {
		c->places[i].next_free = i + 1;
	}
	return c;
}

void
calls_free(struct calls *c)
{
	if (c != NULL) {
		free(c->places);
		free(c);
	}
}

bool
calls_is_full(const struct calls *c)
{
	return c->first_free == c->n;
}

uint64_t
calls_add(struct calls *c, const struct call_origin *origin)
{
	uint32_t i = c->first_free;
	struct place *p = &c->places[i];

	c->first_free = p->next_free;
	p->origin = *origin;
	p->is_used = true;
	p->generation++;
	return (uint64_t)p->generation << 32 | i;
}

bool
calls_take(struct calls *c, uint64_t token, struct call_origin *out_origin)
{
	uint32_t i = (uint32_t)token;
	struct place *p;

	if (i >= c->n) {
		return false;
	}
	p = &c->places[i];
	if (!p->is_used || p->generation != (uint32_t)(token >> 32)) {
		return false;
	}
	*out_origin = p->origin;
	p->is_used = false;
	p->next_free = c->first_free;
	c->first_free = i;
	return true;
}

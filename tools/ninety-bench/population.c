/* Ids of many people, packed. */

#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "population.h"

int
population_open(struct population *p, size_t cap)
{
	*p = (struct population){.cap = cap};
	p->ids = malloc(cap * sizeof(*p->ids));
	return p->ids == NULL || pthread_mutex_init(&p->lock, NULL) != 0 ? -1
									 : 0;
}

void
population_close(struct population *p)
{
	free(p->ids);
	(void)pthread_mutex_destroy(&p->lock);
}

void
population_add(struct population *p, const char *text)
{
	char uuid[ID_TEXT_BYTES];
	struct id id;

	memcpy(uuid, text, strnlen(text, sizeof(uuid) - 1));
	uuid[sizeof(uuid) - 1] = '\0';
	if (id_parse(uuid, &id) != 0) {
		return;
	}
	(void)pthread_mutex_lock(&p->lock);
	if (p->n < p->cap) {
		memcpy(p->ids[p->n++], id.b, sizeof(id.b));
	}
	(void)pthread_mutex_unlock(&p->lock);
}

void
population_pick(const struct population *p, uint64_t random, char out[37])
{
	struct id id;

	memcpy(id.b, p->ids[random % p->n], sizeof(id.b));
	(void)id_print(id, out);
}

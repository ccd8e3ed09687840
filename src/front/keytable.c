/* A sorted array under a lock: it changes when a principal does, and is asked
 * once a message. */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "front/keytable.h"

struct entry {
	char text[NINETY_KEY_TEXT_BYTES];
	uint8_t key[NINETY_KEY_BYTES];
};

struct keytable {
	pthread_mutex_t lock;
	struct entry *entries;
	size_t n;
};

struct keytable *
keytable_new(void)
{
	struct keytable *t = calloc(1, sizeof(*t));

	if (t != NULL && pthread_mutex_init(&t->lock, NULL) != 0) {
		free(t);
		return NULL;
	}
	return t;
}

void
keytable_free(struct keytable *t)
{
	if (t != NULL) {
		(void)pthread_mutex_destroy(&t->lock);
		free(t->entries);
		free(t);
	}
}

void
keytable_text(const uint8_t key[NINETY_KEY_BYTES],
	      char out_text[NINETY_KEY_TEXT_BYTES])
{
	(void)zmq_z85_encode(out_text, key, NINETY_KEY_BYTES);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->text,
		      ((const struct entry *)b)->text);
}

int
keytable_replace(struct keytable *t, const uint8_t *keys, size_t n)
{
	struct entry *fresh = calloc(n == 0 ? 1 : n, sizeof(*fresh));
	struct entry *old;

	if (fresh == NULL) {
		return err_set(ERR_NOMEM, "no memory for %zu keys", n);
	}
	for (size_t i = 0; i < n; i++) {
		memcpy(fresh[i].key, keys + i * NINETY_KEY_BYTES,
		       NINETY_KEY_BYTES);
		keytable_text(fresh[i].key, fresh[i].text);
	}
	qsort(fresh, n, sizeof(*fresh), by_text);
	(void)pthread_mutex_lock(&t->lock);
	old = t->entries;
	t->entries = fresh;
	t->n = n;
	(void)pthread_mutex_unlock(&t->lock);
	free(old);
	return 0;
}

static int
against_text(const void *text, const void *entry)
{
	return strcmp(text, ((const struct entry *)entry)->text);
}

bool
keytable_find(struct keytable *t, const char *text,
	      uint8_t out_key[NINETY_KEY_BYTES])
{
	const struct entry *found;

	(void)pthread_mutex_lock(&t->lock);
	found = t->n == 0 ? NULL
			  : bsearch(text, t->entries, t->n, sizeof(*found),
				    against_text);
	if (found != NULL) {
		memcpy(out_key, found->key, NINETY_KEY_BYTES);
	}
	(void)pthread_mutex_unlock(&t->lock);
	return found != NULL;
}

bool
keytable_has(struct keytable *t, const char *text)
{
	uint8_t scrap[NINETY_KEY_BYTES];

	return keytable_find(t, text, scrap);
}

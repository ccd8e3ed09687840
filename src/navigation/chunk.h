#ifndef NAVIGATION_CHUNK_H
#define NAVIGATION_CHUNK_H

#include "base/arena.h"
#include "base/buf.h"

/*
 * Events of a visitor, as they are sent and as they lie in a chunk: count 2,
 * then for each event at 8, flags 1 and the texts (length 2, bytes) that the
 * event before does not have already. There is one encoding of a chunk.
 */
enum visit_action { VISIT_VIEW = 0, VISIT_CLICK = 1 };
extern const char *const visit_action_names[]; /* NULL-terminated */

#define VISIT_IP_BYTES_MAX 45
#define VISIT_AGENT_BYTES_MAX 1000
#define VISIT_LANGUAGE_BYTES_MAX 64
#define VISIT_PAGE_BYTES_MAX 2000

struct visit_event {
	int64_t at;
	const char *ip;
	const char *user_agent;
	const char *language;
	const char *page;
	int action;           /* enum visit_action */
	const char *link;     /* NULL */
	const char *referrer; /* NULL */
};

#define CHUNK_EVENTS_MAX 1000
/* A row holds VALUE_BYTES_MAX, the seal included. */
#define CHUNK_BYTES_MAX 90000

/* Packs the first events that fit, in order; *out_n is how many: at least one,
 * at most CHUNK_EVENTS_MAX. The texts are within the bounds above. */
int chunk_pack(const struct visit_event *const *events, size_t n,
	       struct buf *to, size_t *out_n) MUST_CHECK;

/* Texts are copied into the arena. ERR_CORRUPT for anything that chunk_pack
 * does not write. */
int chunk_unpack(struct bytes from, struct arena *a, struct visit_event **out,
		 size_t *out_n) MUST_CHECK;

#endif

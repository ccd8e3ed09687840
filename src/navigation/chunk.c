/* A chunk's bytes. Sealing is visitor.c's. */
#include "navigation/chunk.h"

#include <string.h>

#include "base/pack.h"

enum flag {
	FLAG_CLICK = 1,
	FLAG_SAME_IP = 2,
	FLAG_SAME_AGENT = 4,
	FLAG_SAME_LANGUAGE = 8,
	FLAG_LINK = 16,
	FLAG_REFERRER = 32,
	FLAGS_END = 64
};

#define EVENT_BYTES_MAX                                                        \
	(8 + 1 + 6 * 2 + VISIT_IP_BYTES_MAX + VISIT_AGENT_BYTES_MAX +          \
	 VISIT_LANGUAGE_BYTES_MAX + 3 * VISIT_PAGE_BYTES_MAX)

const char *const visit_action_names[] = {"view", "click", NULL};

static bool
is_same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static uint8_t
flags_of(const struct visit_event *e, const struct visit_event *before)
{
	unsigned flags = e->action == VISIT_CLICK ? FLAG_CLICK : 0;

	flags |= e->link != NULL ? FLAG_LINK : 0;
	flags |= e->referrer != NULL ? FLAG_REFERRER : 0;
	flags |= is_same(e->ip, before->ip) ? FLAG_SAME_IP : 0;
	flags |= is_same(e->user_agent, before->user_agent) ? FLAG_SAME_AGENT
							    : 0;
	flags |=
		is_same(e->language, before->language) ? FLAG_SAME_LANGUAGE : 0;
	return (uint8_t)flags;
}

static void
pack_short(struct packer *p, const char *text)
{
	size_t n = strlen(text);

	pack_u16(p, (uint16_t)n);
	pack_raw(p, text, n);
}

static void
event_pack(struct packer *p, const struct visit_event *e,
	   const struct visit_event *before)
{
	uint8_t flags = flags_of(e, before);

	pack_i64(p, e->at);
	pack_u8(p, flags);
	if ((flags & FLAG_SAME_IP) == 0) {
		pack_short(p, e->ip);
	}
	if ((flags & FLAG_SAME_AGENT) == 0) {
		pack_short(p, e->user_agent);
	}
	if ((flags & FLAG_SAME_LANGUAGE) == 0) {
		pack_short(p, e->language);
	}
	pack_short(p, e->page);
	if ((flags & FLAG_LINK) != 0) {
		pack_short(p, e->link);
	}
	if ((flags & FLAG_REFERRER) != 0) {
		pack_short(p, e->referrer);
	}
}

int
chunk_pack(const struct visit_event *const *events, size_t n, struct buf *to,
	   size_t *out_n)
{
	static const struct visit_event none = {.at = 0};
	const struct visit_event *before = &none;
	struct packer p = {.to = to};
	size_t packed = 0;

	pack_u16(&p, 0);
	while (packed < n && packed < CHUNK_EVENTS_MAX && p.rc == 0 &&
	       to->len + EVENT_BYTES_MAX <= CHUNK_BYTES_MAX) {
		event_pack(&p, events[packed], before);
		before = events[packed++];
	}
	if (p.rc == 0) {
		put_u16(to->data, (uint16_t)packed);
		*out_n = packed;
	}
	return p.rc;
}

/* Between 1 and `max` bytes without a NUL, in the arena. */
static const char *
unpack_short(struct unpacker *u, struct arena *a, size_t max)
{
	uint16_t n = unpack_u16(u);
	struct bytes b = unpack_raw(u, n);
	const char *text;

	if (u->rc != 0) {
		return NULL;
	}
	if (n == 0 || n > max || memchr(b.p, '\0', b.n) != NULL) {
		u->rc = ERR_CORRUPT;
		return NULL;
	}
	text = arena_text(a, (const char *)b.p, b.n);
	if (text == NULL) {
		u->rc = ERR_NOMEM;
	}
	return text;
}

static void
event_unpack(struct unpacker *u, struct arena *a,
	     const struct visit_event *before, struct visit_event *e)
{
	uint8_t flags;

	e->at = unpack_i64(u);
	flags = unpack_u8(u);
	e->action = (flags & FLAG_CLICK) != 0 ? VISIT_CLICK : VISIT_VIEW;
	e->ip = (flags & FLAG_SAME_IP) != 0
			? before->ip
			: unpack_short(u, a, VISIT_IP_BYTES_MAX);
	e->user_agent = (flags & FLAG_SAME_AGENT) != 0
				? before->user_agent
				: unpack_short(u, a, VISIT_AGENT_BYTES_MAX);
	e->language = (flags & FLAG_SAME_LANGUAGE) != 0
			      ? before->language
			      : unpack_short(u, a, VISIT_LANGUAGE_BYTES_MAX);
	e->page = unpack_short(u, a, VISIT_PAGE_BYTES_MAX);
	if ((flags & FLAG_LINK) != 0) {
		e->link = unpack_short(u, a, VISIT_PAGE_BYTES_MAX);
	}
	if ((flags & FLAG_REFERRER) != 0) {
		e->referrer = unpack_short(u, a, VISIT_PAGE_BYTES_MAX);
	}
	/* One encoding: what could be left out is left out, and nothing else. */
	if (u->rc == 0 &&
	    (flags >= FLAGS_END || flags != flags_of(e, before))) {
		u->rc = ERR_CORRUPT;
	}
}

int
chunk_unpack(struct bytes from, struct arena *a, struct visit_event **out,
	     size_t *out_n)
{
	static const struct visit_event none = {.at = 0};
	struct unpacker u = {.from = from};
	size_t n = unpack_u16(&u);
	struct visit_event *events;
	int rc;

	if (u.rc != 0 || n == 0 || n > CHUNK_EVENTS_MAX ||
	    from.n > CHUNK_BYTES_MAX) {
		return err_set(ERR_CORRUPT, "a chunk of events is none");
	}
	events = arena_array(a, n, sizeof(*events));
	if (events == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n && u.rc == 0; i++) {
		event_unpack(&u, a, i == 0 ? &none : &events[i - 1],
			     &events[i]);
	}
	rc = unpack_end(&u);
	if (rc == ERR_CORRUPT) {
		return err_set(ERR_CORRUPT, "a chunk of events is none");
	}
	if (rc == 0) {
		*out = events;
		*out_n = n;
	}
	return rc;
}

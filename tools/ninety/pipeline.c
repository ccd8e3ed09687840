/* A window of calls whose answers are still to come. */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pipeline.h"
#include "wire/schema.h"

#define WAIT_MS 200
#define REPEAT_US 5000000u
#define BUSY_US 100000u
#define US_PER_MS 1000u
#define ARENA_BYTES_MAX ((size_t)64 << 20)

struct slot {
	bool is_taken;
	bool is_sent;
	unsigned char id[NINETY_CALL_ID_BYTES];
	const char *operation;
	struct buf body;
	uint64_t tag;
	uint64_t first_us;
	uint64_t next_us; /* when to send it again */
};

struct pipeline {
	struct connection *connection;
	struct ninety_client *client;
	pipeline_fn *answered;
	void *ctx;
	struct arena *arena;
	struct slot slots[PIPELINE_WINDOW];
	size_t n;
};

int
pipeline_open(struct connection *c, pipeline_fn *answered, void *ctx,
	      struct pipeline **out)
{
	struct pipeline *p = calloc(1, sizeof(*p));

	if (p != NULL) {
		p->arena = arena_new(ARENA_BYTES_MAX);
	}
	if (p == NULL || p->arena == NULL) {
		free(p);
		return say(EX_OSERR, "no memory");
	}
	p->connection = c;
	p->client = connection_client(c);
	p->answered = answered;
	p->ctx = ctx;
	for (size_t i = 0; i < PIPELINE_WINDOW; i++) {
		buf_init(&p->slots[i].body, NINETY_MESSAGE_BYTES_MAX);
	}
	*out = p;
	return 0;
}

void
pipeline_close(struct pipeline *p)
{
	if (p == NULL) {
		return;
	}
	for (size_t i = 0; i < PIPELINE_WINDOW; i++) {
		buf_clear(&p->slots[i].body);
	}
	arena_free(p->arena);
	free(p);
}

/* Sends what has not been sent, or has waited too long. */
static int
send_due(struct pipeline *p)
{
	uint64_t now = clock_elapsed_us();
	uint64_t patience =
		(uint64_t)connection_timeout_ms(p->connection) * US_PER_MS;

	for (size_t i = 0; i < PIPELINE_WINDOW; i++) {
		struct slot *s = &p->slots[i];
		int rc;

		if (!s->is_taken || (s->is_sent && now < s->next_us)) {
			continue;
		}
		if (now - s->first_us > patience) {
			return say(EX_UNAVAILABLE,
				   "%s: no answer: what was sent last may "
				   "have been done; run it again",
				   s->operation);
		}
		rc = ninety_send(p->client, s->id, s->operation, s->body.data,
				 s->body.len);
		if (rc == NINETY_FULL) {
			return 0;
		}
		if (rc != NINETY_DONE) {
			return say(connection_exit(rc), "%s: %s", s->operation,
				   ninety_result_text(rc));
		}
		s->is_sent = true;
		s->next_us = now + REPEAT_US;
	}
	return 0;
}

static struct slot *
slot_by_id(struct pipeline *p, const unsigned char id[NINETY_CALL_ID_BYTES])
{
	for (size_t i = 0; i < PIPELINE_WINDOW; i++) {
		if (p->slots[i].is_taken &&
		    memcmp(p->slots[i].id, id, NINETY_CALL_ID_BYTES) == 0) {
			return &p->slots[i];
		}
	}
	return NULL; /* the answer to a repetition, after the first one's */
}

/* Takes one answer, if one comes in time. */
static int
take_answer(struct pipeline *p)
{
	struct ninety_reply reply;
	struct value body;
	struct slot *s;
	int rc = ninety_receive(p->client, WAIT_MS, &reply);

	if (rc == NINETY_TIMEOUT || rc == NINETY_UNREACHABLE) {
		return 0;
	}
	if (rc != NINETY_DONE) {
		return say(connection_exit(rc), "%s", ninety_result_text(rc));
	}
	s = slot_by_id(p, reply.id);
	if (s == NULL) {
		return 0;
	}
	if (strcmp(reply.status, "busy") == 0 ||
	    strcmp(reply.status, "unavailable") == 0) {
		s->next_us = clock_elapsed_us() + BUSY_US;
		return 0;
	}
	arena_reset(p->arena);
	if (schema_value_decode(bytes_of(reply.body, reply.body_bytes),
				p->arena, &body) != 0) {
		return say(EX_SOFTWARE, "%s: the answer is no JSON",
			   s->operation);
	}
	s->is_taken = false;
	p->n--;
	buf_reset(&s->body);
	return p->answered(p->ctx, s->tag, reply.status, &body);
}

static int
step(struct pipeline *p)
{
	int rc = send_due(p);

	return rc != 0 ? rc : take_answer(p);
}

int
pipeline_put(struct pipeline *p, const unsigned char id[NINETY_CALL_ID_BYTES],
	     const char *operation, const struct value *body, uint64_t tag)
{
	struct slot *s = NULL;
	int rc = 0;

	while (p->n == PIPELINE_WINDOW && rc == 0) {
		rc = step(p);
	}
	for (size_t i = 0; i < PIPELINE_WINDOW && rc == 0 && s == NULL; i++) {
		s = p->slots[i].is_taken ? NULL : &p->slots[i];
	}
	if (rc != 0 || s == NULL) {
		return rc;
	}
	buf_reset(&s->body);
	if (schema_value_encode(body, 0, &s->body) != 0) {
		return say(EX_DATAERR, "%s: %s", operation, err_last()->text);
	}
	memcpy(s->id, id, NINETY_CALL_ID_BYTES);
	s->operation = operation;
	s->tag = tag;
	s->is_taken = true;
	s->is_sent = false;
	s->first_us = clock_elapsed_us();
	p->n++;
	return send_due(p);
}

int
pipeline_finish(struct pipeline *p)
{
	int rc = 0;

	while (p->n > 0 && rc == 0) {
		rc = step(p);
	}
	return rc;
}

/*
 * Page views from a web server's log. Lines are gathered by visitor and day
 * (a million at a time), so that a call carries many, and a day that is over
 * its retention is refused by itself. Ids of calls follow from what is in
 * them: the same file again within seven days adds nothing.
 */

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "access_log.h"
#include "base/card.h"
#include "base/id.h"
#include "base/timefmt.h"
#include "import.h"
#include "pipeline.h"
#include "progress.h"
#include "table.h"

#define LINES_AT_ONCE 1000000u
#define EVENTS_A_CALL 1000u
#define BODY_BYTES_AIM 700000u
#define EVENT_BYTES_OVER 250u /* names, quotes, time, address */
#define ARENA_BYTES_MAX ((size_t)32 << 20)
#define AGENT_BYTES 512
#define URL_BYTES 1024
#define VISITOR_BYTES 16
#define BROKEN_SHOWN 5

struct entry {
	unsigned char visitor[VISITOR_BYTES];
	date_t day;
	uint32_t bytes;
	const uint8_t *line;
};

struct log_import {
	const char *name;
	struct bytes file;
	unsigned char secret[32];
	struct entry *entries;
	size_t n;
	struct arena *arena;
	struct pipeline *pipeline;
	struct progress progress;
	bool is_quiet;
	uint64_t lines;
	uint64_t broken;
	uint64_t others; /* no page view: errors, posts, style sheets */
	uint64_t visitors;
	uint64_t calls;
	uint64_t accepted;
	uint64_t expired;
};

static void
visitor_of(const struct log_import *m, const struct access_line *l,
	   unsigned char out[VISITOR_BYTES])
{
	crypto_generichash_state s;

	(void)crypto_generichash_init(&s, m->secret, sizeof(m->secret),
				      VISITOR_BYTES);
	(void)crypto_generichash_update(&s, (const unsigned char *)l->ip,
					strlen(l->ip) + 1);
	(void)crypto_generichash_update(&s,
					(const unsigned char *)l->user_agent,
					strlen(l->user_agent));
	(void)crypto_generichash_final(&s, out, VISITOR_BYTES);
	/* The form of a UUID of version 8, RFC 9562. */
	out[6] = (unsigned char)((out[6] & 0x0f) | 0x80);
	out[8] = (unsigned char)((out[8] & 0x3f) | 0x80);
}

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;
	int c = memcmp(x->visitor, y->visitor, VISITOR_BYTES);

	if (c != 0) {
		return c;
	}
	if (x->day != y->day) {
		return x->day < y->day ? -1 : 1;
	}
	return x->line < y->line ? -1 : x->line > y->line;
}

static bool
is_together(const struct entry *a, const struct entry *b)
{
	return memcmp(a->visitor, b->visitor, VISITOR_BYTES) == 0 &&
	       a->day == b->day;
}

/* At most n bytes of a text, cut between characters. */
static struct value
text_to(struct arena *a, const char *s, size_t n)
{
	size_t bytes = strlen(s);
	char *copy;

	if (bytes > n) {
		bytes = n;
		while (bytes > 0 && ((uint8_t)s[bytes] & 0xc0) == 0x80) {
			bytes--;
		}
	}
	copy = arena_text(a, s, bytes);
	return value_text(copy == NULL ? "" : copy);
}

static int
add_event(struct log_import *m, const struct entry *e, struct value *events,
	  size_t *bytes)
{
	struct access_line l;
	struct value v = value_object();
	struct arena *a = m->arena;
	char at[TIME_TEXT_BYTES];
	int rc = access_log_parse(bytes_of(e->line, e->bytes), &l);

	if (rc != 0) {
		return rc; /* it was none before, too */
	}
	(void)time_print(l.at_ms, at);
	*bytes += EVENT_BYTES_OVER + 2 * (strlen(l.page) + strlen(l.referrer) +
					  strlen(l.user_agent));
	rc = value_add(&v, a, "at", text_to(a, at, sizeof(at)));
	if (rc == 0) {
		rc = value_add(&v, a, "ip", text_to(a, l.ip, sizeof(l.ip)));
	}
	if (rc == 0) {
		rc = value_add(&v, a, "user_agent",
			       text_to(a, l.user_agent[0] ? l.user_agent : "-",
				       AGENT_BYTES));
	}
	/* The log does not tell: "undetermined", ISO 639-2. */
	if (rc == 0) {
		rc = value_add(&v, a, "language", value_text("und"));
	}
	if (rc == 0) {
		rc = value_add(&v, a, "page", text_to(a, l.page, URL_BYTES));
	}
	if (rc == 0) {
		rc = value_add(&v, a, "action", value_text("view"));
	}
	if (rc == 0 && l.referrer[0] != '\0') {
		rc = value_add(&v, a, "referrer",
			       text_to(a, l.referrer, URL_BYTES));
	}
	return rc == 0 ? value_push(events, a, v) : rc;
}

/* One call from entries[first] on; returns how many it took, 0 on failure. */
static size_t
send_batch(struct log_import *m, size_t first, int *out_rc)
{
	crypto_generichash_state s;
	unsigned char id[NINETY_CALL_ID_BYTES];
	struct value body = value_object();
	struct value events = value_list();
	struct id visitor;
	char text[ID_TEXT_BYTES];
	size_t bytes = 0;
	size_t n = 0;
	int rc = 0;

	arena_reset(m->arena);
	(void)crypto_generichash_init(&s, m->secret, sizeof(m->secret),
				      sizeof(id));
	while (first + n < m->n && n < EVENTS_A_CALL &&
	       bytes < BODY_BYTES_AIM && rc == 0 &&
	       is_together(&m->entries[first], &m->entries[first + n])) {
		const struct entry *e = &m->entries[first + n];

		(void)crypto_generichash_update(&s, e->line, e->bytes);
		rc = add_event(m, e, &events, &bytes);
		n++;
	}
	(void)crypto_generichash_final(&s, id, sizeof(id));
	memcpy(visitor.b, m->entries[first].visitor, VISITOR_BYTES);
	(void)id_print(visitor, text);
	if (rc == 0) {
		rc = value_add(&body, m->arena, "visitor", value_text(text));
	}
	if (rc == 0) {
		rc = value_add(&body, m->arena, "events", events);
	}
	if (rc == 0) {
		m->calls++;
		*out_rc =
			pipeline_put(m->pipeline, id, "visit.append", &body, n);
	} else {
		*out_rc = say(EX_OSERR, "%s", err_last()->text);
	}
	return n;
}

static int
flush(struct log_import *m)
{
	int rc = 0;

	qsort(m->entries, m->n, sizeof(m->entries[0]), compare);
	for (size_t i = 0; i < m->n && rc == 0;) {
		if (i == 0 ||
		    memcmp(m->entries[i].visitor, m->entries[i - 1].visitor,
			   VISITOR_BYTES) != 0) {
			m->visitors++;
		}
		i += send_batch(m, i, &rc);
	}
	m->n = 0;
	return rc;
}

/* What a page brings along by itself is no view of anything. */
static bool
is_asset(const char *page)
{
	static const char *const endings[] = {
		".css", ".js",   ".map",   ".ico",  ".png", ".jpg", ".gif",
		".svg", ".webp", ".woff2", ".woff", ".ttf", ".jpeg"};
	size_t n = strlen(page);

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t k = strlen(endings[i]);

		if (n > k && strcmp(page + n - k, endings[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* The service refuses texts in which a card number seems to stand. */
static bool
holds_card(const struct access_line *l)
{
	return text_has_card_number(l->page, strlen(l->page)) ||
	       text_has_card_number(l->referrer, strlen(l->referrer)) ||
	       text_has_card_number(l->user_agent, strlen(l->user_agent));
}

static void
say_broken(struct log_import *m, const char *why)
{
	m->broken++;
	if (m->broken <= BROKEN_SHOWN && !m->is_quiet) {
		progress_end(&m->progress);
		(void)fprintf(stderr, "%s:%llu: %s\n", m->name,
			      (unsigned long long)m->lines, why);
	}
}

static void
take_line(struct log_import *m, struct bytes line)
{
	struct access_line l;
	struct entry *e = &m->entries[m->n];

	m->lines++;
	if (access_log_parse(line, &l) != 0) {
		say_broken(m, err_last()->text);
		return;
	}
	if (strcmp(l.method, "GET") != 0 || l.status >= 400 ||
	    is_asset(l.page)) {
		m->others++;
		return;
	}
	if (holds_card(&l)) {
		say_broken(m, "something like a card number in it");
		return;
	}
	visitor_of(m, &l, e->visitor);
	e->day = date_of_ms_utc(l.at_ms);
	e->line = line.p;
	e->bytes = (uint32_t)line.n;
	m->n++;
}

static int
read_lines(struct log_import *m)
{
	const uint8_t *p = m->file.p;
	const uint8_t *end = p + m->file.n;
	int rc = 0;

	while (p < end && rc == 0) {
		const uint8_t *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl != NULL ? nl : end) - p);
		size_t bytes = n > 0 && p[n - 1] == '\r' ? n - 1 : n;

		if (bytes > 0 && bytes <= UINT32_MAX) {
			take_line(m, bytes_of(p, bytes));
		}
		progress_at(&m->progress, (uint64_t)(p - m->file.p));
		p += n + 1;
		if (m->n == LINES_AT_ONCE) {
			rc = flush(m);
		}
	}
	return rc == 0 ? flush(m) : rc;
}

static int
on_answer(void *ctx, uint64_t events, const char *status,
	  const struct value *body)
{
	struct log_import *m = ctx;
	const struct value *accepted;

	if (strcmp(status, "expired") == 0) {
		m->expired += events;
		return 0;
	}
	if (strcmp(status, "ok") != 0) {
		progress_end(&m->progress);
		connection_say_refusal("visit.append", status, body);
		return status_exit(status);
	}
	accepted = value_get(body, "accepted");
	m->accepted += accepted != NULL && accepted->kind == VALUE_INT
			       ? (uint64_t)accepted->number
			       : events;
	return 0;
}

static int
print_result(const struct options *o, const struct log_import *m)
{
	struct value v = value_object();
	int rc = 0;
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {{"lines", m->lines},         {"events", m->accepted},
		      {"visitors", m->visitors},   {"calls", m->calls},
		      {"no_page_view", m->others}, {"broken", m->broken},
		      {"expired", m->expired}};

	arena_reset(m->arena);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]) && rc == 0;
	     i++) {
		rc = value_add(&v, m->arena, counts[i].name,
			       value_int((int64_t)counts[i].n));
	}
	return rc != 0 ? EX_OSERR : answer_print(o, &v);
}

int
import_access_log(const struct options *o, const char *name, struct bytes file)
{
	struct log_import m = {
		.name = name, .file = file, .is_quiet = o->quiet};
	struct connection *c = NULL;
	struct value answer;
	int rc = connection_open(o, ROLE_PORTAL, 0, &c);

	m.arena = arena_new(ARENA_BYTES_MAX);
	m.entries = calloc(LINES_AT_ONCE, sizeof(m.entries[0]));
	if (rc == 0 && (m.arena == NULL || m.entries == NULL)) {
		rc = say(EX_OSERR, "no memory");
	}
	if (rc == 0) {
		connection_secret(c, "visitor of an access log", m.secret);
		rc = connection_call(c, "service.ping", NULL, m.arena, &answer);
	}
	if (rc == 0) {
		rc = pipeline_open(c, on_answer, &m, &m.pipeline);
	}
	if (rc == 0) {
		progress_begin(&m.progress, name, file.n, o->quiet);
		rc = read_lines(&m);
		if (rc == 0) {
			rc = pipeline_finish(m.pipeline);
		}
		progress_end(&m.progress);
	}
	if (rc == 0) {
		rc = print_result(o, &m);
	}
	pipeline_close(m.pipeline);
	connection_close(c);
	sodium_memzero(m.secret, sizeof(m.secret));
	free(m.entries);
	arena_free(m.arena);
	return rc;
}

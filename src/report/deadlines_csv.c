/*
 * Items of the deadline report as CSV (RFC 4180): a tenth of what they cost as
 * objects, for those who want all of them. libcsv quotes what needs it; a text
 * that a spreadsheet would take for a formula gets an apostrophe before it
 * (OWASP, "CSV injection").
 */
#include "report/deadlines_csv.h"

#include <csv.h>
#include <stdio.h>

#define CELL_BYTES_MAX 1024

static const char header[] = "request,type,state,regime,assignee,received_at,"
			     "due_at,legal_due_at,days_left,overdue\r\n";

struct text {
	char *s;
	size_t n;
	size_t cap;
	bool is_full;
};

static void
raw_put(struct text *t, const char *s, size_t n)
{
	t->is_full = t->is_full || n > t->cap - t->n;
	if (!t->is_full) {
		memcpy(t->s + t->n, s, n);
		t->n += n;
	}
}

/* A cell of ours: words, ids, times and numbers stand as they are. */
static void
plain_put(struct text *t, const char *s, char end)
{
	raw_put(t, s, strlen(s));
	raw_put(t, &end, 1);
}

/* Nothing in it means anything to CSV or to a spreadsheet. */
static bool
is_plain(const char *s)
{
	return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
		       strlen(s) &&
	       *s != '-';
}

/* A cell that somebody else has written. */
static void
foreign_put(struct text *t, const char *s)
{
	char guarded[CELL_BYTES_MAX];
	size_t room = t->cap - t->n;
	size_t n;

	if (s == NULL || is_plain(s)) {
		plain_put(t, s == NULL ? "" : s, ',');
		return;
	}
	if (*s != '\0' && strchr("=+-@\t\r", *s) != NULL) {
		(void)snprintf(guarded, sizeof(guarded), "'%s", s);
		s = guarded;
	}
	n = csv_write(t->s + t->n, room, s, strlen(s));
	t->is_full = t->is_full || n > room;
	if (!t->is_full) {
		t->n += n;
	}
	raw_put(t, ",", 1);
}

static void
time_put(struct text *t, bool has, int64_t ms)
{
	char time[TIME_TEXT_BYTES];

	plain_put(t, has ? time_print(ms, time) : "", ',');
}

static void
item_put(struct text *t, const struct deadline_item *item)
{
	char id[ID_TEXT_BYTES];
	char days[24];

	(void)snprintf(days, sizeof(days), "%lld",
		       (long long)item->days_left);
	plain_put(t, id_print(item->request, id), ',');
	plain_put(t, request_type_names[item->type], ',');
	plain_put(t, request_state_names[item->state], ',');
	foreign_put(t, item->regime);
	foreign_put(t, item->assignee);
	time_put(t, true, item->received_at);
	time_put(t, true, item->due_at);
	time_put(t, item->has_legal_due_at, item->legal_due_at);
	plain_put(t, days, ',');
	plain_put(t, item->overdue ? "true" : "false", '\r');
	raw_put(t, "\n", 1);
}

int
deadlines_csv(struct arena *a, const struct deadline_item *items, size_t n,
	      bool has_header, size_t *out_n, const char **out_text)
{
	/* One byte is the NUL's. */
	struct text t = {.cap = DEADLINES_CSV_BYTES_MAX - 1};
	size_t taken = 0;

	t.s = arena_alloc(a, DEADLINES_CSV_BYTES_MAX);
	if (t.s == NULL) {
		return ERR_NOMEM;
	}
	if (has_header) {
		raw_put(&t, header, sizeof(header) - 1);
	}
	for (; taken < n; taken++) {
		size_t before = t.n;

		item_put(&t, &items[taken]);
		if (t.is_full) {
			t.n = before;
			break;
		}
	}
	t.s[t.n] = '\0';
	*out_n = taken;
	*out_text = t.s;
	return 0;
}

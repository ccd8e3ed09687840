/* report.navigation: pages by day, read from counts that hold no person. */
#include <stdio.h>
#include <string.h>

#include "navigation/pages.h"
#include "navigation/visit.h"
#include "policy/decide.h"

#define ITEMS_MAX 1000
#define MOMENT_BYTES_MAX 40
#define CURSOR_TEXT_BYTES (DATE_TEXT_BYTES + 2 * PAGE_HASH_BYTES + 1)

static const struct field report_navigation_in_fields[] = {
	F_WORD(struct report_navigation_in, from, 0, MOMENT_BYTES_MAX,
	       "a date, or a time whose day counts"),
	F_WORD(struct report_navigation_in, to, 0, MOMENT_BYTES_MAX,
	       "a date, not included, or the time before which"),
	F_INT_HAS(struct report_navigation_in, limit, 1, ITEMS_MAX,
		  "pages and days in a page of the report"),
	F_WORD(struct report_navigation_in, cursor, FIELD_OPTIONAL,
	       CURSOR_TEXT_BYTES, "`next` of the page before"),
};
const struct field_table report_navigation_in_table =
	FIELD_TABLE(struct report_navigation_in, report_navigation_in_fields);

static const struct field item_fields[] = {
	F_MUST(struct navigation_item, day, FIELD_DATE, "in the house's zone"),
	F_MUST(struct navigation_item, page, FIELD_TEXT,
	       "without what follows ? or #"),
	F_MUST(struct navigation_item, views, FIELD_INT, "times viewed"),
	F_MUST(struct navigation_item, clicks, FIELD_INT,
	       "times a link on it was clicked"),
};
static const struct field report_navigation_out_fields[] = {
	F_MUST(struct report_navigation_out, from, FIELD_DATE, "first day"),
	F_MUST(struct report_navigation_out, to, FIELD_DATE,
	       "the day after the last"),
	F_MUST(struct report_navigation_out, views, FIELD_INT, "of all pages"),
	F_MUST(struct report_navigation_out, clicks, FIELD_INT, "of all pages"),
	F_LIST(struct report_navigation_out, items, 0, item_fields, ITEMS_MAX,
	       "by day"),
	F_MAY(struct report_navigation_out, next, FIELD_TEXT,
	      "cursor of the next page"),
};
const struct field_table report_navigation_out_table =
	FIELD_TABLE(struct report_navigation_out, report_navigation_out_fields);

/* A date stands for itself; of a time, the day it lies in (`up`: the day after
 * the moment before it). */
static int
moment_day(struct call *c, const char *text, const char *field, bool up,
	   date_t *out)
{
	int64_t ms;

	if (date_parse(text, out) == 0) {
		return 0;
	}
	if (time_parse(text, &ms) != 0) {
		return err_field(ERR_INVALID, field, "is no date and no time");
	}
	*out = up ? decide_today(c->policy, ms - 1) + 1
		  : decide_today(c->policy, ms);
	return 0;
}

static void
place_print(const struct page_count *k, char out[CURSOR_TEXT_BYTES + 1])
{
	size_t n = strlen(date_print(k->day, out));

	out[n++] = '.';
	for (size_t i = 0; i < PAGE_HASH_BYTES; i++) {
		(void)snprintf(out + n + 2 * i, 3, "%02x", k->hash[i]);
	}
}

/* Counts come in the order of their places, whose texts keep it. */
static int
items_make(struct call *c, const struct report_navigation_in *in,
	   const struct page_count *counts, size_t n,
	   struct report_navigation_out *out)
{
	size_t limit = in->has_limit ? (size_t)in->limit : ITEMS_MAX;
	struct navigation_item *items =
		arena_array(c->arena, limit, sizeof(*items));
	char place[CURSOR_TEXT_BYTES + 1] = "";

	if (items == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		out->views += (int64_t)counts[i].views;
		out->clicks += (int64_t)counts[i].clicks;
		if (out->n_items == limit && out->next == NULL) {
			out->next = arena_text(c->arena, place, strlen(place));
			if (out->next == NULL) {
				return ERR_NOMEM;
			}
		}
		if (out->next != NULL) {
			continue;
		}
		place_print(&counts[i], place);
		if (in->cursor == NULL || strcmp(place, in->cursor) > 0) {
			items[out->n_items++] = (struct navigation_item){
				.day = counts[i].day,
				.page = counts[i].page,
				.views = (int64_t)counts[i].views,
				.clicks = (int64_t)counts[i].clicks};
		}
	}
	out->items = items;
	return 0;
}

int
report_navigation(struct call *c, const void *input, void *output)
{
	const struct report_navigation_in *in = input;
	struct report_navigation_out *out = output;
	struct page_count *counts;
	size_t n;
	int rc = moment_day(c, in->from, "from", false, &out->from);

	if (rc == 0) {
		rc = moment_day(c, in->to, "to", true, &out->to);
	}
	if (rc == 0 && out->to < out->from) {
		rc = err_field(ERR_INVALID, "to", "before from");
	}
	if (rc == 0 && in->cursor != NULL &&
	    strlen(in->cursor) != CURSOR_TEXT_BYTES - 1) {
		rc = err_field(ERR_INVALID, "cursor",
			       "is none of this service");
	}
	if (rc == 0) {
		rc = pages_read(c, out->from, out->to, &counts, &n);
	}
	return rc != 0 ? rc : items_make(c, in, counts, n, out);
}

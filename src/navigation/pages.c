/* Counts of pages: left by calls, added up by a timed step, read by a report. */
#include "navigation/pages.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/pack.h"

#define PAGE_SCHEMA 1
#define KIND_TOTAL 0
#define KIND_DELTA 1
#define TOTAL_KEY_BYTES (1 + 4 + PAGE_HASH_BYTES)
#define DELTA_KEY_BYTES (1 + ID_BYTES)
#define DELTA_PAGES_MAX 200 /* so that one fits a step of adding up */
#define DELTA_BYTES_MAX 90000
#define MERGE_PAGES_MAX 400 /* writes of a step */

static int
page_order(const void *a, const void *b)
{
	const struct page_count *x = a;
	const struct page_count *y = b;

	return strcmp(x->page, y->page);
}

static int
place_order(const void *a, const void *b)
{
	const struct page_count *x = a;
	const struct page_count *y = b;

	if (x->day != y->day) {
		return x->day < y->day ? -1 : 1;
	}
	return memcmp(x->hash, y->hash, PAGE_HASH_BYTES);
}

/* Neighbours that `same` calls equal become one; returns how many are left. */
static size_t
fold(struct page_count *counts, size_t n,
     int (*order)(const void *, const void *))
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && order(&counts[kept - 1], &counts[i]) == 0) {
			counts[kept - 1].views += counts[i].views;
			counts[kept - 1].clicks += counts[i].clicks;
		} else {
			counts[kept++] = counts[i];
		}
	}
	return kept;
}

static int
page_hash(struct keyring *keys, const char *page, uint8_t out[PAGE_HASH_BYTES])
{
	AUTO_KEY key = {{0}};
	int rc = keyring_key(keys, SLOT_COUNTS, &key);

	if (rc == 0) {
		(void)crypto_generichash(out, PAGE_HASH_BYTES, (const uint8_t *)page,
					 strlen(page), key.b, sizeof(key.b));
	}
	return rc;
}

static struct seal_context
delta_context(struct id id, date_t due)
{
	return (struct seal_context){.type = SEAL_PAGE,
				     .slot = SLOT_COUNTS,
				     .record = id,
				     .day = due,
				     .schema = PAGE_SCHEMA};
}

/* The place of a total stands in its hash and day. */
static struct seal_context
total_context(const uint8_t hash[PAGE_HASH_BYTES], date_t day)
{
	struct seal_context context = {.type = SEAL_PAGE,
				       .slot = SLOT_COUNTS,
				       .version = (uint64_t)day,
				       .day = DAY_NONE,
				       .schema = PAGE_SCHEMA};

	memcpy(context.record.b, hash, PAGE_HASH_BYTES);
	return context;
}

/* Packs the first pages that fit one row. */
static int
delta_write(struct call *c, date_t day, date_t due,
	    const struct page_count *counts, size_t n, size_t *out_n)
{
	struct id id = call_new_id(c);
	struct seal_context context = delta_context(id, due);
	struct key_maker k = {.n = 0};
	struct packer p = {.rc = 0};
	uint8_t head[8];
	struct buf plain;
	struct buf row;
	size_t i = 0;

	key_u8(&k, KIND_DELTA);
	key_id(&k, id);
	put_u32(head, (uint32_t)day);
	put_u32(head + 4, (uint32_t)due);
	buf_init(&plain, DELTA_BYTES_MAX);
	buf_init(&row, VALUE_BYTES_MAX);
	p.to = &plain;
	while (i < n && i < DELTA_PAGES_MAX && p.rc == 0 &&
	       plain.len + VISIT_PAGE_BYTES_MAX + 16 < DELTA_BYTES_MAX) {
		pack_text(&p, counts[i].page);
		pack_u32(&p, (uint32_t)counts[i].views);
		pack_u32(&p, (uint32_t)counts[i].clicks);
		i++;
	}
	if (p.rc == 0) {
		p.rc = buf_put(&row, head, sizeof(head));
	}
	if (p.rc == 0) {
		p.rc = seal_put(c->keys, &context, buf_bytes(&plain), &row);
	}
	if (p.rc == 0) {
		p.rc = txn_put(c->txn, TABLE_PAGE_COUNT, key_bytes(&k),
			       buf_bytes(&row));
	}
	buf_clear(&plain);
	buf_clear(&row);
	*out_n = i;
	return p.rc;
}

int
pages_add(struct call *c, date_t day, date_t due,
	  const struct visit_event *const *events, size_t n)
{
	struct page_count *counts = arena_array(c->arena, n, sizeof(*counts));
	size_t done = 0;
	int rc = 0;

	if (counts == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		const char *page = events[i]->page;
		size_t bare = strcspn(page, "?#");

		counts[i].page = page[bare] == '\0'
					 ? page
					 : arena_text(c->arena, page, bare);
		if (counts[i].page == NULL) {
			return ERR_NOMEM;
		}
		counts[i].views = events[i]->action == VISIT_VIEW ? 1 : 0;
		counts[i].clicks = events[i]->action == VISIT_CLICK ? 1 : 0;
	}
	qsort(counts, n, sizeof(*counts), page_order);
	n = fold(counts, n, page_order);
	while (done < n && rc == 0) {
		size_t written;

		rc = delta_write(c, day, due, counts + done, n - done,
				 &written);
		done += written;
	}
	return rc;
}

/* Appends a row's counts to `counts`, which has room for DELTA_PAGES_MAX
 * more. Nothing of one whose day is dead. */
static int
delta_read(struct call *c, struct bytes key, struct bytes row,
	   struct page_count *counts, size_t *n)
{
	struct unpacker u = {.rc = 0};
	struct seal_context context;
	struct id id;
	size_t end = *n + DELTA_PAGES_MAX;
	int rc;

	if (key.n != DELTA_KEY_BYTES || row.n < 8) {
		return err_set(ERR_CORRUPT, "a page's count is none");
	}
	memcpy(id.b, key.p + 1, ID_BYTES);
	context = delta_context(id, (date_t)get_u32(row.p + 4));
	rc = seal_open(c->keys, &context, bytes_of(row.p + 8, row.n - 8),
		       c->arena, &u.from);
	if (rc == ERR_EXPIRED) {
		err_clear();
		return 0;
	}
	while (rc == 0 && u.from.n > 0 && *n < end) {
		struct page_count *k = &counts[*n];

		*k = (struct page_count){.day = (date_t)get_u32(row.p)};
		k->page = unpack_text(&u, c->arena);
		k->views = unpack_u32(&u);
		k->clicks = unpack_u32(&u);
		rc = u.rc;
		if (rc == 0 && k->page == NULL) {
			rc = ERR_CORRUPT;
		}
		if (rc == 0) {
			rc = page_hash(c->keys, k->page, k->hash);
			(*n)++;
		}
	}
	return rc;
}

static int
total_add(struct call *c, const struct page_count *k)
{
	struct key_maker key = {.n = 0};
	uint8_t numbers[16] = {0};
	struct bytes before;
	struct bytes sealed;
	struct buf row;
	int rc;

	key_u8(&key, KIND_TOTAL);
	key_u32(&key, (uint32_t)k->day);
	key_raw(&key, k->hash, PAGE_HASH_BYTES);
	rc = txn_get(c->txn, TABLE_PAGE_COUNT, key_bytes(&key), &before);
	if (rc == 0 && before.n >= sizeof(numbers)) {
		memcpy(numbers, before.p, sizeof(numbers));
		sealed = bytes_of(before.p + sizeof(numbers),
				  before.n - sizeof(numbers));
	} else if (rc == ERR_NOT_FOUND) {
		struct seal_context context = total_context(k->hash, k->day);

		rc = seal_make(c->keys, &context, bytes_str(k->page), c->arena,
			       &sealed);
	} else if (rc == 0) {
		rc = err_set(ERR_CORRUPT, "a page's count is too short");
	}
	if (rc != 0) {
		return rc;
	}
	put_u64(numbers, get_u64(numbers) + k->views);
	put_u64(numbers + 8, get_u64(numbers + 8) + k->clicks);
	buf_init(&row, VALUE_BYTES_MAX);
	rc = buf_put(&row, numbers, sizeof(numbers));
	if (rc == 0) {
		rc = buf_put(&row, sealed.p, sealed.n);
	}
	if (rc == 0) {
		rc = txn_put(c->txn, TABLE_PAGE_COUNT, key_bytes(&key),
			     buf_bytes(&row));
	}
	buf_clear(&row);
	return rc;
}

/* Takes rows that calls have left, as many as one step may write. */
static int
deltas_take(struct call *c, struct page_count *counts, size_t *out_n,
	    bool *out_more)
{
	static const uint8_t kind = KIND_DELTA;
	struct range *r;
	struct bytes key;
	struct bytes row;
	size_t n = 0;
	size_t rows = 0;
	int rc = range_open(c->txn, TABLE_PAGE_COUNT, bytes_of(&kind, 1),
			    bytes_of(NULL, 0), 0, &r);

	*out_more = false;
	while (rc == 0 && (rc = range_next(r, &key, &row)) == 1) {
		struct key_maker k = {.n = 0};

		if (n + rows + DELTA_PAGES_MAX + 1 > MERGE_PAGES_MAX) {
			*out_more = true;
			break;
		}
		key_raw(&k, key.p, key.n);
		rc = delta_read(c, key, row, counts, &n);
		if (rc == 0) {
			rc = txn_del(c->txn, TABLE_PAGE_COUNT, key_bytes(&k));
			rows++;
		}
		/* The same pages again and again take one write. */
		if (rc == 0) {
			qsort(counts, n, sizeof(*counts), place_order);
			n = fold(counts, n, place_order);
		}
	}
	range_close(r);
	*out_n = n;
	return rc > 0 ? 0 : rc;
}

int
pages_merge(struct call *c, bool *out_more)
{
	struct page_count *counts = arena_array(
		c->arena, MERGE_PAGES_MAX + DELTA_PAGES_MAX, sizeof(*counts));
	size_t n;
	int rc;

	if (counts == NULL) {
		return ERR_NOMEM;
	}
	rc = deltas_take(c, counts, &n, out_more);
	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = total_add(c, &counts[i]);
	}
	return rc;
}

static int
total_read(struct call *c, struct bytes key, struct bytes row,
	   struct page_count *out)
{
	struct page_count k = {.page = NULL};
	struct seal_context context;
	struct bytes page;
	int rc;

	if (key.n != TOTAL_KEY_BYTES || row.n < 16) {
		return err_set(ERR_CORRUPT, "a page's count is none");
	}
	k.day = (date_t)get_u32(key.p + 1);
	memcpy(k.hash, key.p + 5, PAGE_HASH_BYTES);
	k.views = get_u64(row.p);
	k.clicks = get_u64(row.p + 8);
	context = total_context(k.hash, k.day);
	rc = seal_open(c->keys, &context, bytes_of(row.p + 16, row.n - 16),
		       c->arena, &page);
	if (rc == 0) {
		k.page = arena_text(c->arena, (const char *)page.p, page.n);
		rc = k.page == NULL ? ERR_NOMEM : 0;
	}
	if (rc == 0) {
		*out = k;
	}
	return rc;
}

/* Counts under construction: doubled in the arena as they come. */
struct gathered {
	struct call *c;
	struct page_count *counts;
	size_t n;
	size_t cap;
	date_t from;
	date_t to;
};

static int
gathered_room(struct gathered *g, size_t more)
{
	struct page_count *counts;
	size_t cap = g->cap * 2 + more;

	if (g->n + more <= g->cap) {
		return 0;
	}
	if (g->n + more > PAGES_READ_MAX) {
		return err_field(ERR_TOO_MANY, "from",
				 "more than %d pages: a shorter time",
				 PAGES_READ_MAX);
	}
	counts = arena_array(g->c->arena, cap, sizeof(*counts));
	if (counts == NULL) {
		return ERR_NOMEM;
	}
	if (g->n > 0) {
		memcpy(counts, g->counts, g->n * sizeof(*counts));
	}
	g->counts = counts;
	g->cap = cap;
	return 0;
}

static int
totals_gather(struct gathered *g)
{
	static const uint8_t kind = KIND_TOTAL;
	struct key_maker start = {.n = 0};
	struct range *r = NULL;
	struct bytes key;
	struct bytes row;
	int rc;

	key_u8(&start, kind);
	key_u32(&start, g->from < 0 ? 0 : (uint32_t)g->from);
	rc = range_open(g->c->txn, TABLE_PAGE_COUNT, bytes_of(&kind, 1),
			key_bytes(&start), 0, &r);
	while (rc == 0 && (rc = range_next(r, &key, &row)) == 1) {
		rc = gathered_room(g, 1);
		if (rc == 0) {
			rc = total_read(g->c, key, row, &g->counts[g->n]);
		}
		if (rc == 0 && g->counts[g->n].day >= g->to) {
			break;
		}
		g->n += rc == 0 ? 1 : 0;
	}
	range_close(r);
	return rc > 0 ? 0 : rc;
}

static int
deltas_gather(struct gathered *g)
{
	static const uint8_t kind = KIND_DELTA;
	struct range *r = NULL;
	struct bytes key;
	struct bytes row;
	int rc = range_open(g->c->txn, TABLE_PAGE_COUNT, bytes_of(&kind, 1),
			    bytes_of(NULL, 0), 0, &r);

	while (rc == 0 && (rc = range_next(r, &key, &row)) == 1) {
		date_t day = row.n < 4 ? 0 : (date_t)get_u32(row.p);

		rc = 0;
		if (day >= g->from && day < g->to) {
			rc = gathered_room(g, DELTA_PAGES_MAX);
			if (rc == 0) {
				rc = delta_read(g->c, key, row, g->counts,
						&g->n);
			}
		}
	}
	range_close(r);
	return rc > 0 ? 0 : rc;
}

int
pages_read(struct call *c, date_t from, date_t to, struct page_count **out,
	   size_t *out_n)
{
	struct gathered g = {.c = c, .from = from, .to = to};
	int rc = totals_gather(&g);

	if (rc == 0) {
		rc = deltas_gather(&g);
	}
	if (rc == 0 && g.n > 0) {
		qsort(g.counts, g.n, sizeof(*g.counts), place_order);
		g.n = fold(g.counts, g.n, place_order);
	}
	if (rc == 0) {
		*out = g.counts;
		*out_n = g.n;
	}
	return rc;
}

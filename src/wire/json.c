/* Reading and writing JSON texts with jansson, which is as strict as we want
 * and tells where it stopped, but not in which member: that is found by a
 * second look at a text known to be right up to there. */

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/entropy.h"
#include "base/secret.h"
#include "wire/json.h"

#define NAME_BYTES_MAX 64
#define WHERE_DEPTH_MAX 32

static _Thread_local struct arena *scope;
/* jansson does not always tell that it was memory that it lacked. */
static _Thread_local bool scope_is_full;

static void *
scope_alloc(size_t n)
{
	void *p;

	if (scope == NULL) {
		return malloc(n);
	}
	p = arena_alloc(scope, n);
	scope_is_full = scope_is_full || p == NULL;
	return p;
}

/* Outside of a scope jansson may be used by a tool for itself. */
static void
scope_free(void *p)
{
	if (scope == NULL && p != NULL) {
		secret_wipe(p, malloc_usable_size(p));
		free(p);
	}
}

static void
settle(void)
{
	size_t seed = 0;

	/* jansson would open a device for it, which a sandbox forbids. */
	entropy_fill(entropy_system(), &seed, sizeof(seed));
	json_object_seed(seed);
	json_set_alloc_funcs(scope_alloc, scope_free);
}

void
json_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, settle);
}

void
json_begin(struct arena *a)
{
	json_once();
	scope = a;
	scope_is_full = false;
}

void
json_end(void)
{
	scope = NULL;
}

bool
name_is_plain(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = name[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
		    (c < '0' || c > '9') && c != '_' && c != '-' && c != '.') {
			return false;
		}
	}
	return n > 0 && n <= NAME_BYTES_MAX;
}

struct level {
	bool is_list;
	bool wants_name;
	size_t index;
	const char *name;
	size_t name_n;
};

static void
levels_print(const struct level *levels, size_t n, char *out, size_t cap)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		const struct level *l = &levels[i];
		int more;

		if (l->is_list) {
			more = snprintf(out + used, cap - used, "[%zu]",
					l->index);
		} else if (name_is_plain(l->name, l->name_n)) {
			more = snprintf(out + used, cap - used, "%s%.*s",
					used == 0 ? "" : ".", (int)l->name_n,
					l->name);
		} else {
			return;
		}
		if (more < 0 || (size_t)more >= cap - used) {
			out[0] = '\0';
			return;
		}
		used += (size_t)more;
	}
}

/* The place of the closing quote of the string that begins at i. */
static size_t
string_end(const char *s, size_t i, size_t end)
{
	for (i++; i < end && s[i] != '"'; i++) {
		if (s[i] == '\\') {
			i++;
		}
	}
	return i < end ? i : end;
}

void
json_where(struct bytes text, size_t position, char *out, size_t cap)
{
	const char *s = (const char *)text.p;
	size_t end = position < text.n ? position : text.n;
	struct level levels[WHERE_DEPTH_MAX];
	size_t depth = 0;

	out[0] = '\0';
	for (size_t i = 0; i < end; i++) {
		struct level *l = depth == 0 ? NULL : &levels[depth - 1];

		if (s[i] == '"') {
			size_t close = string_end(s, i, end);

			if (l != NULL && l->wants_name) {
				l->name = s + i + 1;
				l->name_n = close - i - 1;
				l->wants_name = false;
			}
			i = close;
		} else if (s[i] == '{' || s[i] == '[') {
			if (depth == WHERE_DEPTH_MAX) {
				return;
			}
			levels[depth++] = (struct level){
				.is_list = s[i] == '[',
				.wants_name = s[i] == '{',
				.name = "",
			};
		} else if (l != NULL && (s[i] == '}' || s[i] == ']')) {
			depth--;
		} else if (l != NULL && s[i] == ',') {
			l->index++;
			l->wants_name = !l->is_list;
		}
	}
	levels_print(levels, depth, out, cap);
}

static int
read_fault(const json_error_t *e, struct bytes text)
{
	char where[ERR_FIELD_BYTES];
	size_t position = e->position < 0 ? 0 : (size_t)e->position;
	enum json_error_code code = json_error_code(e);

	if (scope_is_full) {
		return err_set(ERR_TOO_LARGE,
			       "it needs more memory than a call may use");
	}
	if (code == json_error_duplicate_key) {
		json_where(text, position, where, sizeof(where));
		return err_field(ERR_INVALID, where, "is given twice");
	}
	if (code == json_error_numeric_overflow) {
		json_where(text, position, where, sizeof(where));
		return err_field(ERR_INVALID, where, "is out of range");
	}
	return err_set(ERR_INVALID, "not JSON in UTF-8, at byte %zu",
		       position);
}

int
json_read(struct bytes text, bool any, json_t **out)
{
	size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
	json_error_t e;
	json_t *json;

	json = json_loadb(text.n == 0 ? "" : (const char *)text.p, text.n,
			  any ? flags | JSON_DECODE_ANY : flags, &e);
	/* A text whose buffer could not grow lacks a character, and jansson
	 * goes on with it. */
	if (json == NULL || scope_is_full) {
		return read_fault(&e, text);
	}
	*out = json;
	return 0;
}

struct sink {
	struct buf *to;
	int rc;
};

static int
sink_put(const char *p, size_t n, void *data)
{
	struct sink *sink = data;
	struct buf *to = sink->to;

	/* A quotation mark, a comma, a name: most of what comes is short, and
	 * there is room for it. */
	if (n < to->cap - to->len) {
		memcpy(to->data + to->len, p, n);
		to->len += n;
		return 0;
	}
	sink->rc = buf_put(sink->to, p, n);
	return sink->rc == 0 ? 0 : -1;
}

static int
write_with(const json_t *json, size_t flags, struct buf *to)
{
	struct sink sink = {.to = to};
	size_t before = to->len;

	if (json_dump_callback(json, sink_put, &sink, flags) == 0) {
		return 0;
	}
	buf_cut(to, before);
	return sink.rc != 0 ? sink.rc
			    : err_set(ERR_NOMEM, "no memory to write JSON");
}

int
json_write(const json_t *json, unsigned indent, struct buf *to)
{
	size_t form = indent == 0 ? (size_t)JSON_COMPACT
				  : (size_t)JSON_INDENT(indent);

	return write_with(json, JSON_ENCODE_ANY | form, to);
}

int
json_write_members(const json_t *json, struct buf *to)
{
	return write_with(json, JSON_EMBED | JSON_COMPACT, to);
}

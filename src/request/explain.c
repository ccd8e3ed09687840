/* How the dates of a request came about. The words are policy/deadline's; here
 * they are found for a request that is there. */

#include "request/explain.h"
#include "policy/deadline.h"
#include "request/request.h"

#define EXPLAIN_BYTES_MAX 65536
#define EXPLAIN_LINES_MAX 200

static const struct field explain_in_fields[] = {
	F_MUST(struct policy_explain_in, request, FIELD_ID, "which one"),
};
const struct field_table policy_explain_in_table =
	FIELD_TABLE(struct policy_explain_in, explain_in_fields);

static const struct field explain_out_fields[] = {
	F_LIST_OF(struct policy_explain_out, lines, 0, FIELD_TEXT,
		  EXPLAIN_LINES_MAX, "a date, how it came about, its clause"),
};
const struct field_table policy_explain_out_table =
	FIELD_TABLE(struct policy_explain_out, explain_out_fields);

static int
split(const struct buf *text, struct arena *a, struct policy_explain_out *out)
{
	const char *p = (const char *)text->data;
	const char *end = p + text->len;

	out->lines = arena_array(a, EXPLAIN_LINES_MAX, sizeof(*out->lines));
	if (out->lines == NULL) {
		return ERR_NOMEM;
	}
	while (p < end && out->n_lines < EXPLAIN_LINES_MAX) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl != NULL ? nl : end) - p);

		if (n > 0) {
			out->lines[out->n_lines] = arena_text(a, p, n);
			if (out->lines[out->n_lines++] == NULL) {
				return ERR_NOMEM;
			}
		}
		p += n + 1;
	}
	return 0;
}

int
policy_explain(struct call *c, const void *input, void *output)
{
	const struct policy_explain_in *in = input;
	struct deadline_facts facts;
	struct request *r;
	struct buf text;
	int rc = request_load(c, in->request, &r);

	if (rc != 0) {
		return rc;
	}
	facts = request_facts(c->policy, r, c->now_ms);
	buf_init(&text, EXPLAIN_BYTES_MAX);
	rc = deadline_explain(c->policy, &facts, &text);
	if (rc == 0) {
		rc = split(&text, c->arena, output);
	}
	buf_clear(&text);
	return rc != 0 ? rc : request_leaf(c, r, LEAF_REQUEST_READ, NULL);
}

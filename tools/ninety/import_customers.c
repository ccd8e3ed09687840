/*
 * Customers from a CSV file. Ids of calls are new in each run: within a run a
 * call is repeated under its own, and across runs the e-mail address tells who
 * is there already, so that the count of those is true.
 */

#include <string.h>

#include "customer_row.h"
#include "import.h"
#include "pipeline.h"
#include "progress.h"
#include "table.h"

#define ARENA_BYTES_MAX ((size_t)4 << 20)
#define PING_ARENA_BYTES_MAX ((size_t)1 << 20)

/* Reasons that are counted, each by the words of the protocol. */
static const char *const reasons[] = {"under_age", "consent_required",
				      "invalid"};
#define N_REASONS (sizeof(reasons) / sizeof(reasons[0]))

struct import {
	const char *name;
	bool has_header;
	struct customer_header header;
	struct arena *arena;
	struct pipeline *pipeline;
	struct progress progress;
	uint64_t rows;
	uint64_t added;
	uint64_t minors;
	uint64_t present;
	uint64_t refused;
	uint64_t by_reason[N_REASONS];
	bool is_quiet;
};

static void
refuse(struct import *m, uint64_t line, const char *what, const char *detail)
{
	m->refused++;
	progress_end(&m->progress);
	(void)fprintf(stderr, "%s:%llu: %s%s%s\n", m->name,
		      (unsigned long long)line, what, *detail ? ": " : "",
		      detail);
}

static void
count_answer(struct import *m, uint64_t line, const char *status,
	     const struct value *body)
{
	const char *field = value_get_text(body, "field");
	const char *message = value_get_text(body, "message");
	char detail[512];

	if (strcmp(status, "ok") == 0) {
		const char *standing = value_get_text(body, "standing");

		m->added++;
		m->minors += standing != NULL && strcmp(standing, "minor") == 0;
		return;
	}
	if (strcmp(status, "exists") == 0) {
		m->present++;
		return;
	}
	for (size_t i = 0; i < N_REASONS; i++) {
		m->by_reason[i] += strcmp(status, reasons[i]) == 0;
	}
	(void)snprintf(detail, sizeof(detail), "%s%s%s",
		       field != NULL ? field : "", field != NULL ? ": " : "",
		       message != NULL ? message : "");
	refuse(m, line, status, detail);
}

/* `denied` and what is wrong with the service end the import; a row's own
 * faults do not. */
static int
on_answer(void *ctx, uint64_t line, const char *status,
	  const struct value *body)
{
	struct import *m = ctx;
	int rc = status_exit(status);

	if (rc == 0 || rc == 1 || rc == EX_DATAERR) {
		count_answer(m, line, status, body);
		progress_at(&m->progress, line);
		return 0;
	}
	progress_end(&m->progress);
	connection_say_refusal("subject.register", status, body);
	return rc;
}

static int
on_row(void *ctx, const struct csv_row *row)
{
	struct import *m = ctx;
	unsigned char id[NINETY_CALL_ID_BYTES];
	const char *fault = row->fault;
	struct value body;

	arena_reset(m->arena);
	if (!m->has_header) {
		if (fault == NULL) {
			fault = customer_header_read(row, m->arena, &m->header);
		}
		m->has_header = true;
		return fault == NULL ? 0
				     : say(EX_DATAERR, "%s:%lu: %s", m->name,
					   row->line, fault);
	}
	m->rows++;
	fault = customer_row_read(&m->header, row, m->arena, &body);
	if (fault != NULL) {
		m->by_reason[N_REASONS - 1]++;
		refuse(m, row->line, "invalid", fault);
		return 0;
	}
	ninety_id_new(id);
	return pipeline_put(m->pipeline, id, "subject.register", &body,
			    row->line);
}

static int
print_result(const struct options *o, const struct import *m)
{
	struct arena *a = arena_new(PING_ARENA_BYTES_MAX);
	struct value v = value_object();
	struct value by = value_object();
	int rc = a == NULL ? ERR_NOMEM : 0;
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {{"rows", m->rows},
		      {"added", m->added},
		      {"minors", m->minors},
		      {"already_there", m->present},
		      {"refused", m->refused}};

	for (size_t i = 0; i < 5 && rc == 0; i++) {
		rc = value_add(&v, a, counts[i].name,
			       value_int((int64_t)counts[i].n));
	}
	for (size_t i = 0; i < N_REASONS && rc == 0; i++) {
		rc = value_add(&by, a, reasons[i],
			       value_int((int64_t)m->by_reason[i]));
	}
	if (rc == 0) {
		rc = value_add(&v, a, "refused_as", by);
	}
	rc = rc != 0 ? EX_OSERR : answer_print(o, &v);
	arena_free(a);
	return rc;
}

static uint64_t
count_lines(struct bytes file)
{
	uint64_t n = 0;

	for (size_t i = 0; i < file.n; i++) {
		n += file.p[i] == '\n';
	}
	return n;
}

/* A key that is refused is told by a first call, not by silence. */
static int
say_hello(struct connection *c)
{
	struct arena *a = arena_new(PING_ARENA_BYTES_MAX);
	struct value answer;
	int rc = a == NULL
			 ? say(EX_OSERR, "no memory")
			 : connection_call(c, "service.ping", NULL, a, &answer);

	arena_free(a);
	return rc;
}

int
import_customers(const struct options *o, const char *name, struct bytes file)
{
	struct import m = {.name = name, .is_quiet = o->quiet};
	struct connection *c = NULL;
	int rc = connection_open(o, ROLE_PORTAL, 0, &c);

	if (rc == 0) {
		rc = say_hello(c);
	}
	m.arena = arena_new(ARENA_BYTES_MAX);
	if (rc == 0 && m.arena == NULL) {
		rc = say(EX_OSERR, "no memory");
	}
	if (rc == 0) {
		rc = pipeline_open(c, on_answer, &m, &m.pipeline);
	}
	if (rc == 0) {
		progress_begin(&m.progress, name, count_lines(file), o->quiet);
		rc = csv_rows_read(file, on_row, &m);
		rc = rc < 0 ? say(EX_OSERR, "%s", err_last()->text) : rc;
		if (rc == 0 && !m.has_header) {
			rc = say(EX_DATAERR, "%s: is empty", name);
		}
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
	arena_free(m.arena);
	return rc == 0 && m.refused > 0 ? 1 : rc;
}

/*
 * Erasing people from a whole core: what the rows beside the key tree cost.
 * Look-up buckets are as full as those of 10 million people in 2^20, as long as
 * a batch is a small part of all who are registered. Keys are erase_tree.c's:
 * here people lie side by side in the tree, which flatters.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "bench.h"
#include "erase.h"
#include "local.h"
#include "policy/role.h"

#define PEOPLE_A_BUCKET 10
#define BATCH_WINDOW_MS 60000
#define ALONE 30
#define GROUP 64
#define STRETCH 500 /* people between two looks at the tree */
#define BODY_BYTES 1024
#define ID_TEXT_BYTES 37

struct people_run {
	const struct erase_options *o;
	struct figures *f;
	struct local l;
	char (*subjects)[ID_TEXT_BYTES];
	uint32_t erased;
	uint64_t journaled; /* bytes, by the last batch */
	uint64_t applied;   /* behind it: rows into LMDB, leaves into tiles */
};

static int
people_register(struct people_run *p, uint32_t from, uint32_t end)
{
	char body[BODY_BYTES];
	int rc = 0;

	for (uint32_t i = from; i < end && rc == 0; i++) {
		(void)snprintf(
			body, sizeof(body),
			"{\"birth_date\":\"1980-05-05\",\"country\":\"US\","
			"\"contact\":{\"name\":\"Bench %u\",\"email\":"
			"\"u%u@bench.example\",\"phone\":\"+1415%07u\"},"
			"\"terms\":{\"version\":\"1\",\"accepted_at\":"
			"\"2026-01-01T00:00:00Z\"}}",
			i, i, i);
		rc = local_call(&p->l, ROLE_PORTAL, "subject.register", body);
		if (rc == 0 && !local_text(&p->l, "subject", p->subjects[i],
					   ID_TEXT_BYTES)) {
			rc = EX_SOFTWARE;
		}
	}
	return rc;
}

struct tree_seen {
	uint64_t nodes; /* written since the start */
	uint64_t epoch; /* a batch raises it: here the tree's growth ahead */
};

static int
tree_see(struct people_run *p, struct tree_seen *out)
{
	int rc = local_call(&p->l, ROLE_ADMIN, "key.status", "{}");

	out->nodes = (uint64_t)local_number(&p->l, "nodes_written");
	out->epoch = (uint64_t)local_number(&p->l, "epoch");
	return rc;
}

/* Asked for and verified. */
static int
deletion_ask(struct people_run *p, const char *subject,
	     char out_request[ID_TEXT_BYTES])
{
	char body[BODY_BYTES];
	int rc;

	(void)snprintf(body, sizeof(body),
		       "{\"type\":\"delete\",\"subject\":\"%s\",\"channel\":"
		       "\"portal\"}",
		       subject);
	rc = local_call(&p->l, ROLE_PORTAL, "request.submit", body);
	if (rc == 0 &&
	    !local_text(&p->l, "request", out_request, ID_TEXT_BYTES)) {
		rc = EX_SOFTWARE;
	}
	(void)snprintf(body, sizeof(body),
		       "{\"request\":\"%s\",\"method\":\"document\","
		       "\"evidence\":{\"method\":\"passport\",\"reference\":"
		       "\"desk 1\",\"at\":\"2026-01-01T00:00:00Z\"}}",
		       out_request);
	return rc != 0 ? rc
		       : local_call(&p->l, ROLE_COMPLIANCE, "request.verify",
				    body);
}

static int
fulfil_all(struct people_run *p, char (*requests)[ID_TEXT_BYTES], uint32_t n)
{
	char body[BODY_BYTES];
	int rc = 0;

	for (uint32_t i = 0; i < n && rc == 0; i++) {
		(void)snprintf(body, sizeof(body), "{\"request\":\"%s\"}",
			       requests[i]);
		rc = local_send(&p->l, ROLE_COMPLIANCE, "request.fulfil",
				body);
		if (rc == 0 && i % GROUP == GROUP - 1) {
			rc = local_turn(&p->l);
		}
	}
	/* All wait for the batch's window now, which then passes. */
	while (rc == 0 && p->l.answered < p->l.token && p->l.refused == 0) {
		rc = local_rest(&p->l);
		local_advance(&p->l, BATCH_WINDOW_MS);
	}
	if (rc == 0) {
		rc = local_settle(&p->l);
	}
	if (rc == 0 && p->l.refused > 0) {
		(void)fprintf(stderr, "ninety-bench: erasure: %s\n",
			      p->l.first_refusal);
		rc = EX_SOFTWARE;
	}
	return rc;
}

struct count {
	uint64_t all;
	uint64_t keys;
	uint64_t journal; /* this thread's */
};

static struct count
count_take(void)
{
	return (struct count){written_bytes(""), written_bytes("eraser"),
			      written_bytes(NULL)};
}

/* Erases the next people in one batch and counts what that wrote: from when
 * all have asked until all are answered and applied. */
static int
erase(struct people_run *p, uint32_t n)
{
	char(*requests)[ID_TEXT_BYTES] = calloc(n, sizeof(*requests));
	struct count before;
	struct count after;
	int rc = requests == NULL ? EX_OSERR : 0;

	for (uint32_t i = 0; i < n && rc == 0; i++) {
		rc = deletion_ask(p, p->subjects[p->erased++], requests[i]);
	}
	if (rc == 0) {
		rc = local_rest(&p->l);
	}
	before = count_take();
	if (rc == 0) {
		rc = fulfil_all(p, requests, n);
	}
	if (rc == 0) {
		rc = local_rest(&p->l);
	}
	after = count_take();
	p->journaled = after.journal - before.journal;
	p->applied = after.all - before.all - p->journaled -
		     (after.keys - before.keys);
	free(requests);
	return rc;
}

static int
alone(struct people_run *p)
{
	uint64_t journaled = 0;
	uint64_t applied = 0;
	int rc = 0;

	for (unsigned i = 0; i < ALONE && rc == 0; i++) {
		rc = erase(p, 1);
		journaled += p->journaled;
		applied += p->applied;
	}
	figure_plain(p->f, "alone_journal_bytes",
		     "one erasure alone: journaled, buckets and all", "bytes",
		     (double)journaled / ALONE);
	figure_at_most(p->f, "alone_bytes", "  with its keys", "bytes",
		       (double)journaled / ALONE +
			       figure_value(p->f, "alone_key_disk_bytes"),
		       200e3);
	figure_plain(p->f, "alone_applied_bytes",
		     "  behind it, into LMDB and the log's files", "bytes",
		     (double)applied / ALONE);
	return rc;
}

static int
batch(struct people_run *p)
{
	uint32_t n = p->o->registered - p->erased;
	int rc;

	n = n < p->o->batch ? n : p->o->batch;
	rc = erase(p, n);
	figure_plain(p->f, "batch_row_people",
		     "a batch of people, with their rows", "", n);
	figure_plain(p->f, "batch_journal_bytes_each",
		     "  journaled a person, buckets and all", "bytes",
		     (double)p->journaled / n);
	figure_at_most(p->f, "batch_bytes_each", "  with keys", "bytes",
		       (double)p->journaled / n +
			       figure_value(p->f,
					    "batch_key_disk_bytes_each"),
		       24e3);
	figure_plain(p->f, "batch_applied_bytes_each",
		     "  behind it, into LMDB and the log's files", "bytes",
		     (double)p->applied / n);
	return rc;
}

/* At least n. */
static uint32_t
power_of_two(uint32_t n)
{
	uint32_t p = 1;

	while (p < n) {
		p *= 2;
	}
	return p;
}

/* The tree grows ahead by itself now and then, in a batch of its own: what is
 * written in a stretch with a growth is the growth's. */
static int
registrations(struct people_run *p)
{
	struct tree_seen before = {0};
	struct tree_seen after;
	uint64_t outside = 0;
	uint64_t growths = 0;
	uint64_t grown = 0;
	int rc = tree_see(p, &before);

	for (uint32_t i = 0; i < p->o->registered && rc == 0; i += STRETCH) {
		uint32_t end = i + STRETCH;

		rc = people_register(
			p, i, end < p->o->registered ? end : p->o->registered);
		if (rc == 0) {
			rc = tree_see(p, &after);
		}
		if (rc != 0) {
			break;
		}
		if (after.epoch == before.epoch) {
			outside += after.nodes - before.nodes;
		} else {
			growths += after.epoch - before.epoch;
			grown += after.nodes - before.nodes;
		}
		before = after;
	}
	figure_plain(p->f, "registered", "people registered", "",
		     p->o->registered);
	figure_plain(p->f, "growths", "  growths of the tree meanwhile", "",
		     (double)growths);
	figure_plain(p->f, "growth_nodes", "    nodes they wrote", "nodes",
		     (double)grown);
	figure_at_most(p->f, "registered_nodes", "  nodes written otherwise",
		       "nodes", (double)outside, 0);
	return rc;
}

int
erase_people(const struct erase_options *o, struct figures *f)
{
	static const char *const house[] = {"batch_window: PT1M", NULL};
	const struct local_options options = {
		.under = o->under,
		.buckets = power_of_two(o->registered / PEOPLE_A_BUCKET + 1),
		.time_stands = true,
		.house = house,
	};
	struct people_run p = {
		.o = o,
		.f = f,
		.subjects = calloc(o->registered, ID_TEXT_BYTES),
	};
	int rc = p.subjects == NULL ? EX_OSERR : local_open(&options, &p.l);

	if (rc == 0) {
		rc = registrations(&p);
	}
	if (rc == 0) {
		rc = alone(&p);
	}
	if (rc == 0) {
		rc = batch(&p);
	}
	local_close(&p.l);
	free(p.subjects);
	return rc;
}

/* `ninety restore DIR`: offline, from the files alone; what the restored
 * instance then waits for is told here. */

#include <string.h>

#include "base/timefmt.h"
#include "offline.h"
#include "service/restore.h"
#include "table.h"
#include "verbs.h"

static const char usage[] =
	"usage: ninety restore DIR\n\n"
	"Puts the store of the backup DIR in place of the lost one, with every "
	"journal segment\nthat was archived or is left. The service must be "
	"stopped; the tree of keys, the keystore\nand the log's head stay as "
	"they are. The lost store is kept beside. Exit status 1:\nsomething "
	"is missing, and compliance must acknowledge the gap.";

static int
add_text(struct value *to, struct arena *a, const char *name, const char *text)
{
	char *copy = arena_text(a, text, strlen(text));

	return copy == NULL ? ERR_NOMEM
			    : value_add(to, a, name, value_text(copy));
}

static int
add_time(struct value *to, struct arena *a, const char *name, int64_t ms)
{
	char text[TIME_TEXT_BYTES];

	return add_text(to, a, name, time_print(ms, text));
}

static int
gap_value(const struct restore_report *r, struct arena *a, struct value *v)
{
	int rc = add_text(v, a, "gap", r->gap);

	if (rc == 0) {
		rc = value_add(v, a, "from_leaf",
			       value_int((int64_t)r->from_leaf));
	}
	if (rc == 0) {
		rc = value_add(v, a, "to_leaf",
			       value_int((int64_t)r->to_leaf));
	}
	if (rc == 0) {
		rc = value_add(v, a, "leaves_put_back",
			       value_int((int64_t)r->leaves_put_back));
	}
	if (rc == 0) {
		rc = add_time(v, a, "from_time", r->from_ms);
	}
	if (rc == 0) {
		rc = add_time(v, a, "to_time", r->to_ms);
	}
	return rc == 0 ? value_add(v, a, "log_closed",
				   value_bool(r->log_closed))
		       : rc;
}

static int
report_print(const struct options *o, const struct restore_report *r)
{
	struct arena *a = arena_new(COMMAND_ARENA_BYTES_MAX);
	const struct {
		const char *name;
		uint64_t number;
	} numbers[] = {{"leaves", r->from_leaf},
		       {"groups_replayed", r->groups_replayed},
		       {"buckets_rebuilt", r->buckets_rebuilt},
		       {"people_erased_since", r->people_erased}};
	struct value v = value_object();
	int rc = a == NULL ? ERR_NOMEM
			   : value_add(&v, a, "complete",
				       value_bool(!r->has_gap));

	for (size_t i = 0; i < 4 && rc == 0; i++) {
		rc = value_add(&v, a, numbers[i].name,
			       value_int((int64_t)numbers[i].number));
	}
	if (rc == 0 && r->aside[0] != '\0') {
		rc = add_text(&v, a, "lost_store", r->aside);
	}
	if (rc == 0 && r->has_gap) {
		rc = gap_value(r, a, &v);
	}
	rc = rc != 0 ? say(EX_OSERR, "no memory") : answer_print(o, &v);
	arena_free(a);
	return rc;
}

static void
gap_explain(const struct restore_report *r)
{
	if (r->log_closed) {
		(void)say(0, "leaves that were signed are nowhere: the log is "
			     "closed, a successor begins");
	}
	(void)say(1,
		  "the store lacks what was done last. Start the service; "
		  "until compliance says\n"
		  "  ninety call restore.acknowledge "
		  "'{\"gap\":\"%s\",\"note\":\"...\"}'\n"
		  "it serves compliance and admin alone, and destroys nothing",
		  r->gap);
}

static int
restore(const struct options *o, const char *backup)
{
	struct restore_report report;
	struct offline instance;
	int rc = offline_open(o, &instance);

	if (rc != 0) {
		return rc;
	}
	rc = restore_run(&instance.core, backup, &report);
	offline_close(&instance);
	if (rc != 0) {
		return offline_refusal(rc);
	}
	rc = report_print(o, &report);
	if (rc == 0 && report.has_gap) {
		gap_explain(&report);
		rc = 1;
	}
	return rc;
}

int
cmd_restore(const struct options *o, int argc, char **argv)
{
	if (words_ask_help(argc, argv)) {
		(void)puts(usage);
		return 0;
	}
	if (argc != 2 || argv[1][0] == '-') {
		return say(EX_USAGE, "%s", usage);
	}
	return restore(o, argv[1]);
}

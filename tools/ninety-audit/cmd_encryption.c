/* ninety-audit encryption: every record is sealed as docs/format.md says, and
 * nothing else of the instance holds plaintext. */

#include <argp.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/pack.h"
#include "command.h"
#include "instance.h"
#include "plaintext.h"
#include "sealed.h"
#include "store/store.h"
#include "together.h"

#define READER_BYTES_MAX (64u << 20)

struct options {
	const char *dir;
	const char *canaries;
	bool json;
};

struct encryption {
	const struct options *options;
	struct instance in;
	uint64_t rows[TABLE_END];
	uint64_t sealed;
	uint64_t opened;
	uint64_t expired;
	uint64_t plain;
	struct canaries canaries;
};

static const struct argp_option option_list[] = {
	{"canaries", 'c', "FILE", 0,
	 "Texts that were given to the service, one a line: any hit in any "
	 "file, plain, in hexadecimal or base64, is a fault",
	 0},
	{"json", 'j', NULL, 0, "Print one JSON document", 0},
	{0}};

static const char help[] =
	"Checks each row of the store: format, and, with the keystore at hand, "
	"that it opens as what and where it is. Looks for plaintext in every "
	"file of the instance, free pages included: canaries, "
	"and shapes of e-mail addresses, card numbers and IPv4 addresses in "
	"printable runs of at least 12 bytes, beside what random bytes of the "
	"same length show. Checks permissions. DIR is a stopped instance or a "
	"copy of one; nothing in it is changed."
	"\v  ninety-audit encryption /srv/ninety --canaries known.txt\n\n"
	"Exit status: 0 all is well; 1 it is not; 64 usage; 66 no such "
	"instance; 69 the instance is running.";

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'c':
		o->canaries = arg;
		return 0;
	case 'j':
		o->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->dir != NULL) {
			argp_error(state, "one DIR only");
		}
		o->dir = arg;
		return 0;
	case ARGP_KEY_END:
		if (o->dir == NULL) {
			argp_error(state, "DIR is needed");
		}
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Names a row without telling what is in it. */
static void
row_fault(struct encryption *e, enum table table, struct bytes key,
	  const char *what)
{
	char hex[2 * 40 + 1];
	size_t n = key.n < 40 ? key.n : 40;

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(hex + 2 * i, 3, "%02x", key.p[i]);
	}
	hex[2 * n] = '\0';
	report_fault(&e->in.report, "%s %s: %s", rows_table_name(table), hex,
		     what);
}

static void
check_row(struct encryption *e, struct txn *store, enum table table,
	  struct bytes key, struct bytes value)
{
	const struct sealed_with with = {e->in.keyring, store};
	struct sealed_row row;
	struct bytes plain;
	int rc;

	e->rows[table]++;
	switch (rows_parse(table, key, value, &row)) {
	case ROWS_PLAIN:
		e->plain++;
		return;
	case ROWS_WRONG:
		row_fault(e, table, key, "not in the form of its table");
		return;
	case ROWS_SEALED:
		break;
	}
	e->sealed++;
	if (e->in.keyring == NULL) {
		return;
	}
	arena_reset(e->in.arena);
	rc = sealed_read(&with, &row, e->in.arena, &plain);
	e->opened += rc == 0;
	e->expired += rc == ERR_EXPIRED;
	if (rc != 0 && rc != ERR_EXPIRED) {
		row_fault(e, table, key, err_last()->text);
	}
}

static int
check_table(struct encryption *e, struct txn *t, enum table table)
{
	const struct bytes all = bytes_of(NULL, 0);
	struct bytes key, value;
	struct range *r;
	int rc = range_open(t, table, all, all, 0, &r);

	if (rc != 0) {
		return rc;
	}
	while ((rc = range_next(r, &key, &value)) == 1) {
		check_row(e, t, table, key, value);
	}
	range_close(r);
	return rc;
}

static void
check_rows(struct encryption *e)
{
	struct value tables = value_object();
	struct report *r = &e->in.report;
	struct txn *t = NULL;
	int rc = store_open_readonly(e->in.config->store, READER_BYTES_MAX, &t);

	if (rc != 0) {
		report_fault(r, "store: %s", err_last()->text);
		return;
	}
	for (enum table table = 0; rc == 0 && table < TABLE_END; table++) {
		rc = check_table(e, t, table);
		snapshot_arena_reset(t);
		if (rc == 0 && e->rows[table] > 0) {
			rc = value_add(&tables, r->arena,
				       rows_table_name(table),
				       value_int((int64_t)e->rows[table]));
		}
	}
	if (rc != 0) {
		report_fault(r, "store: %s", err_last()->text);
	}
	snapshot_close(t);
	report_value(r, "rows", tables);
	report_number(r, "rows_sealed", e->sealed);
	report_number(r, "rows_opened", e->opened);
	report_number(r, "rows_of_dead_keys", e->expired);
	report_number(r, "rows_without_seal", e->plain);
}

static void
check_files(struct encryption *e)
{
	struct report *r = &e->in.report;
	struct plaintext found = {.report = r, .canaries = &e->canaries};

	plaintext_look(&found, e->in.config);
	report_number(r, "files", found.files);
	report_number(r, "bytes", found.bytes);
	report_number(r, "emails", found.shapes.emails);
	report_number(r, "emails_by_chance", found.chance.emails);
	report_number(r, "cards", found.shapes.cards);
	report_number(r, "cards_by_chance", found.chance.cards);
	report_number(r, "ip_addresses", found.shapes.addresses);
	report_number(r, "ip_addresses_by_chance", found.chance.addresses);
	if (config_check_secrets(e->in.config) != 0) {
		report_fault(r, "%s", err_last()->text);
	}
}

static int
check(struct encryption *e)
{
	int status = canaries_read(e->options->canaries, &e->canaries);

	if (status != EXIT_GOOD) {
		return status;
	}
	report_number(&e->in.report, "canaries", e->canaries.n);
	instance_keys(&e->in);
	together_check(&e->in);
	check_rows(e);
	check_files(e);
	return report_print(&e->in.report, e->options->json);
}

int
cmd_encryption(int argc, char **argv)
{
	static const struct argp argp = {option_list, parse_option, "DIR",
					 help,	      NULL,	    NULL,
					 NULL};
	struct options o = {0};
	struct encryption e = {.options = &o};
	int status;

	(void)argp_parse(&argp, argc, argv, 0, NULL, &o);
	status = instance_open(o.dir, "encryption", &e.in);
	if (status == EXIT_GOOD) {
		status = check(&e);
	}
	canaries_clear(&e.canaries);
	instance_close(&e.in);
	return status;
}

/* ninety-audit proof: does this file prove what it says, by the log's key? */

#include <argp.h>
#include <ctype.h>
#include <inttypes.h>

#include "audit/details.h"
#include "audit/proof.h"
#include "base/timefmt.h"
#include "command.h"
#include "input.h"
#include "report.h"

enum { OPTION_VKEY = 'k', OPTION_JSON = 'j' };

#define VKEYS_MAX 16

struct options {
	const char *file;
	size_t n_vkeys;
	const char *vkeys[VKEYS_MAX];
	bool json;
};

static const struct argp_option option_list[] = {
	{"vkey", OPTION_VKEY, "KEY|FILE", 0,
	 "The log's verifier key (name+id+key), or a file that holds it. After "
	 "a rotation, give each of the log's keys that you trust",
	 0},
	{"json", OPTION_JSON, NULL, 0, "Print one JSON document", 0},
	{0}};

static const char help[] =
	"Checks a receipt, or another file of the form c2sp.org/tlog-proof@v1: "
	"the checkpoint is signed by the log's key, the leaf stands in the log, "
	"and the details that the receipt discloses are those that the leaf "
	"committed to. Needs nothing but the key: no service, no network."
	"\v  ninety-audit proof receipt.tlog-proof --vkey log.vkey\n\n"
	"Exit status: 0 the proof holds; 1 it does not; 64 usage; 65 the key is "
	"malformed; 66 no such file.";

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPTION_VKEY:
		if (o->n_vkeys == VKEYS_MAX) {
			argp_error(state, "at most %d times --vkey",
				   VKEYS_MAX);
		}
		o->vkeys[o->n_vkeys++] = arg;
		return 0;
	case OPTION_JSON:
		o->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->file != NULL) {
			argp_error(state, "one FILE only");
		}
		o->file = arg;
		return 0;
	case ARGP_KEY_END:
		if (o->file == NULL || o->n_vkeys == 0) {
			argp_error(state, "FILE and --vkey are needed");
		}
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Details are packed or, from other hands, any bytes. */
static void
tell_details(struct report *r, struct bytes details)
{
	struct value v;

	report_number(r, "details_bytes", details.n);
	if (details.n > 0 && details_unpack(details, r->arena, &v) == 0) {
		report_value(r, "details", v);
	}
}

static void
tell(struct report *r, const struct receipt_says *says)
{
	struct value leaf;

	report_text(r, "origin", says->checkpoint.origin);
	report_number(r, "size", says->checkpoint.size);
	report_number(r, "index", says->index);
	if (leaf_describe(&says->leaf, r->arena, &leaf) == 0) {
		report_value(r, "leaf", leaf);
	}
	report_value(r, "opened", value_bool(says->is_open));
	if (says->is_open) {
		tell_details(r, says->details);
	} else {
		report_remark(r, "the file does not open the leaf: it proves "
				 "that something was logged, not what");
	}
}

static int
check(const struct options *o, struct bytes file, struct report *r)
{
	struct note_verifier known[VKEYS_MAX];
	struct receipt_says says;
	struct buf extra;
	int status = EXIT_GOOD;
	int rc;

	for (size_t i = 0; i < o->n_vkeys && status == EXIT_GOOD; i++) {
		status = input_vkey(o->vkeys[i], &known[i]);
	}
	if (status != EXIT_GOOD) {
		return status;
	}
	buf_init(&extra, PROOF_EXTRA_BYTES_MAX);
	rc = receipt_check(file, known, o->n_vkeys, &extra, &says);
	if (rc == 0) {
		tell(r, &says);
	} else {
		report_fault(r, "%s", err_last()->text);
	}
	status = report_print(r, o->json);
	buf_clear(&extra);
	return status;
}

int
cmd_proof(int argc, char **argv)
{
	static const struct argp argp = {option_list, parse_option, "FILE",
					 help, NULL, NULL, NULL};
	struct options o = {0};
	struct report r;
	struct buf file;
	int status;

	(void)argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (report_init(&r, "proof", o.file) != 0) {
		return EXIT_BUG;
	}
	buf_init(&file, PROOF_BYTES_MAX);
	status = input_file(o.file, &file);
	if (status == EXIT_GOOD) {
		status = check(&o, buf_bytes(&file), &r);
	}
	buf_clear(&file);
	report_clear(&r);
	return status;
}

/* ninety-audit encryption: every record is sealed as docs/format.md says, and
 * nothing else of the instance holds plaintext. */

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/checkpoint.h"
#include "audit/file.h"
#include "base/pack.h"
#include "command.h"
#include "instance.h"
#include "rows.h"
#include "shapes.h"
#include "store/store.h"

#define ARENA_BYTES_MAX (64u << 20)

struct options {
	const char *dir;
	const char *canaries;
	bool json;
};

struct encryption {
	const struct options *options;
	struct config *config;
	struct report report;
	struct keyring *keyring; /* NULL: format only */
	struct arena *arena;     /* of the row at hand */
	uint64_t rows[TABLE_END];
	uint64_t sealed;
	uint64_t opened;
	uint64_t expired;
	uint64_t plain;
	struct canaries canaries;
	uint64_t files;
	uint64_t bytes;
	struct shape_counts shapes;
	struct shape_counts chance;
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
	"file of store, journal, keys and log, free pages included: canaries, "
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
	report_fault(&e->report, "%s %s: %s", rows_table_name(table), hex,
		     what);
}

static void
check_row(struct encryption *e, enum table table, struct bytes key,
	  struct bytes value)
{
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
	if (e->keyring == NULL) {
		return;
	}
	arena_reset(e->arena);
	rc = seal_open(e->keyring, &row.context, row.sealed, e->arena, &plain);
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
		check_row(e, table, key, value);
	}
	range_close(r);
	return rc;
}

/* The store may not be older than the log's last checkpoint. */
static void
check_age(struct encryption *e, struct txn *t)
{
	char path[INPUT_PATH_BYTES];
	struct checkpoint c;
	struct note note;
	struct buf b;
	uint64_t size = 0;

	path_join(path, e->config->log, "checkpoint");
	buf_init(&b, NOTE_BYTES_MAX);
	if (file_read(AT_FDCWD, path, &b) == 0 &&
	    note_parse(buf_bytes(&b), &note) == 0 &&
	    checkpoint_parse(note.text, &c) == 0 &&
	    txn_counter_get(t, "log.size", &size) == 0) {
		report_number(&e->report, "leaves", size);
		report_number(&e->report, "checkpoint_size", c.size);
		if (c.size > size) {
			report_fault(&e->report,
				     "the store holds %" PRIu64
				     " leaves, the checkpoint %" PRIu64
				     ": the store was rolled back",
				     size, c.size);
		}
	}
	buf_clear(&b);
}

static void
check_rows(struct encryption *e)
{
	struct value tables = value_object();
	struct report *r = &e->report;
	struct txn *t = NULL;
	int rc = store_open_readonly(e->config->store, ARENA_BYTES_MAX, &t);

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
	check_age(e, t);
	snapshot_close(t);
	report_value(r, "rows", tables);
	report_number(r, "rows_sealed", e->sealed);
	report_number(r, "rows_opened", e->opened);
	report_number(r, "rows_of_dead_keys", e->expired);
	report_number(r, "rows_without_seal", e->plain);
}

/* nftw carries no context. */
static struct encryption *walking;

static void
look_into(struct encryption *e, const char *path, struct bytes content)
{
	struct shape_counts here = {0};
	uint64_t chance;
	size_t canary;

	e->files++;
	e->bytes += content.n;
	canary = canaries_find(&e->canaries, content);
	if (canary != 0) {
		report_fault(&e->report, "%s: canary %zu stands in it", path,
			     canary);
	}
	shapes_count(content, &here);
	chance = e->chance.emails + e->chance.cards + e->chance.addresses;
	shapes_count_random(content.n, &e->chance);
	chance = e->chance.emails + e->chance.cards + e->chance.addresses -
		 chance;
	if (here.emails + here.cards + here.addresses > chance) {
		report_fault(&e->report,
			     "%s: looks like plaintext: %" PRIu64
			     " e-mail addresses, %" PRIu64
			     " card numbers, %" PRIu64
			     " IP addresses; by chance %" PRIu64 " of them all",
			     path, here.emails, here.cards, here.addresses,
			     chance);
	}
	e->shapes.emails += here.emails;
	e->shapes.cards += here.cards;
	e->shapes.addresses += here.addresses;
}

static int
look_at_file(const char *path, const struct stat *st, int flag,
	     struct FTW *ftw)
{
	struct encryption *e = walking;
	void *p;
	int fd;

	(void)ftw;
	if (flag != FTW_F && flag != FTW_D) {
		return 0;
	}
	if ((st->st_mode & S_IWOTH) != 0) {
		report_fault(&e->report, "%s: anybody may write to it", path);
	}
	if (flag == FTW_D || st->st_size == 0) {
		return 0;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	p = fd < 0 ? MAP_FAILED
		   : mmap(NULL, (size_t)st->st_size, PROT_READ, MAP_PRIVATE,
			  fd, 0);
	if (p == MAP_FAILED) {
		report_fault(&e->report, "%s: %s", path, strerror(errno));
	} else {
		look_into(e, path, bytes_of(p, (size_t)st->st_size));
		(void)munmap(p, (size_t)st->st_size);
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return 0;
}

static void
look_under(struct encryption *e, const char *path)
{
	if (path != NULL && access(path, F_OK) == 0) {
		walking = e;
		(void)nftw(path, look_at_file, 16, FTW_PHYS);
	}
}

static void
check_files(struct encryption *e)
{
	const struct config *c = e->config;
	struct report *r = &e->report;

	look_under(e, c->store);
	look_under(e, c->keys);
	look_under(e, c->log);
	look_under(e, c->archive);
	for (size_t i = 0; i < c->n_key_mirrors; i++) {
		look_under(e, c->key_mirrors[i]);
	}
	for (size_t i = 0; i < c->n_keystores; i++) {
		look_under(e, c->keystores[i]);
	}
	report_number(r, "files", e->files);
	report_number(r, "bytes", e->bytes);
	report_number(r, "emails", e->shapes.emails);
	report_number(r, "emails_by_chance", e->chance.emails);
	report_number(r, "cards", e->shapes.cards);
	report_number(r, "cards_by_chance", e->chance.cards);
	report_number(r, "ip_addresses", e->shapes.addresses);
	report_number(r, "ip_addresses_by_chance", e->chance.addresses);
	if (config_check_secrets(c) != 0) {
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
	report_number(&e->report, "canaries", e->canaries.n);
	e->keyring = instance_keyring(e->config, &e->report);
	check_rows(e);
	check_files(e);
	keyring_close(e->keyring);
	return report_print(&e->report, e->options->json);
}

int
cmd_encryption(int argc, char **argv)
{
	static const struct argp argp = {option_list, parse_option, "DIR",
					 help,	      NULL,	    NULL,
					 NULL};
	struct options o = {0};
	struct encryption e = {.options = &o};
	int lock = -1;
	int status;

	(void)argp_parse(&argp, argc, argv, 0, NULL, &o);
	status = instance_config(o.dir, &e.config, &lock);
	if (status != EXIT_GOOD) {
		return status;
	}
	e.arena = arena_new(ARENA_BYTES_MAX);
	status = e.arena == NULL ? EXIT_BUG
				 : report_init(&e.report, "encryption", o.dir);
	if (status == EXIT_GOOD) {
		status = check(&e);
		report_clear(&e.report);
	}
	canaries_clear(&e.canaries);
	arena_free(e.arena);
	if (lock >= 0) {
		(void)close(lock);
	}
	config_free(e.config);
	return status;
}

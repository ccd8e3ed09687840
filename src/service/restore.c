/* The order of a restore, and the folders: made beside, settled, then put in
 * place of what was lost. Steps on rows are settle's. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/file.h"
#include "service/backup.h"
#include "service/settle.h"
#include "store/parts.h"

#define PATH_BYTES 1024
#define ASIDE_MAX 1000

struct restoring {
	const struct core_config *config;
	const char *backup;
	char fresh[PATH_BYTES];   /* the store while it is made */
	char journal[PATH_BYTES]; /* of the lost one */
	int lock_fd;              /* of the lost one, -1 */
};

static int
path_join(char to[PATH_BYTES], const char *a, const char *b)
{
	int n = snprintf(to, PATH_BYTES, "%s%s", a, b);

	return n > 0 && n < PATH_BYTES
		       ? 0
		       : err_set(ERR_TOO_LARGE, "a path is too long");
}

static int
os_error(const char *what)
{
	return err_set(ERR_IO, "restore: %s: %s", what, strerror(errno));
}

/* Nobody may have the lost store open, or open it before the places change. */
static int
lost_lock(struct restoring *r)
{
	int rc = 0;

	if (access(r->config->store.directory, F_OK) != 0) {
		return 0;
	}
	rc = parts_lock(r->config->store.directory, false, &r->lock_fd);
	return rc == ERR_BUSY ? err_set(ERR_BUSY, "the service is running: "
						  "stop it first")
			      : rc;
}

static int
paths_make(struct restoring *r)
{
	char data[PATH_BYTES];
	int rc = path_join(r->fresh, r->config->store.directory, ".restoring");

	if (rc == 0) {
		rc = path_join(r->journal, r->config->store.directory,
			       "/journal");
	}
	if (rc == 0) {
		rc = path_join(data, r->backup, "/data/data.mdb");
	}
	if (rc == 0 && access(data, R_OK) != 0) {
		rc = err_set(ERR_NOT_FOUND, "there is no backup: %s",
			     strerror(errno));
	}
	return rc;
}

static int
store_make(struct restoring *r, struct restore_report *report)
{
	struct store_restoring what = {
		.directory = r->fresh,
		.copy = r->backup,
		.archive = r->config->store.archive,
		.journal = r->journal,
		.entropy = r->config->store.entropy,
	};
	struct store_restored done;
	int rc = file_remove_tree(AT_FDCWD, r->fresh);

	if (rc == 0 && what.archive != NULL &&
	    access(what.archive, F_OK) != 0) {
		what.archive = NULL;
	}
	if (rc == 0) {
		rc = store_restore(&what, &done);
	}
	if (rc == 0) {
		report->has_gap = done.has_gap;
		report->groups_replayed = done.sequence - done.sequence_copied;
	}
	return rc;
}

/* The closed log's folder, whatever is left in it, shows the last note: the
 * successor's first leaf commits to it. */
static int
last_note_keep(const struct core *core, const struct head *head)
{
	int folder;
	int rc = file_root_open(core->config.log, &folder);

	if (rc == 0) {
		rc = file_put(folder, "checkpoint", head_note(head));
		(void)close(folder);
	}
	return rc;
}

static int
settle_with(struct core *core, struct restore_report *report)
{
	AUTO_KEY mac = {{0}};
	struct head *head = NULL;
	int rc = keyring_outer_key(core->keys, "head", &mac);

	if (rc == 0) {
		rc = head_open(core->config.head, &mac, &head);
	}
	if (rc == 0) {
		rc = settle_log(core, head, report);
	}
	if (rc == 0 && report->log_closed) {
		rc = last_note_keep(core, head);
	}
	/* Without a gap the rows are those of the last moment, and what was
	 * under way goes on at the next start. */
	if (rc == 0 && report->has_gap) {
		rc = settle_slots(core);
	}
	if (rc == 0 && report->has_gap) {
		rc = settle_people(core, report);
	}
	if (rc == 0) {
		rc = settle_end(core, report);
	}
	head_close(head);
	return rc;
}

static int
settle(const struct restoring *r, struct restore_report *report)
{
	struct core_config config = *r->config;
	struct core *core;
	int rc;

	config.store.directory = r->fresh;
	config.creates = NULL;
	rc = core_open_offline(&config, &core);
	if (rc == 0) {
		struct err_info why;

		rc = settle_with(core, report);
		why = *err_last();
		core_close(core);
		err_restore(&why);
	}
	return rc;
}

/* Moves a folder to the first free name of the kind "store.lost-1". */
static int
put_aside(const char *from, char to[PATH_BYTES])
{
	for (unsigned i = 1; i < ASIDE_MAX; i++) {
		char tail[32];
		int rc;

		(void)snprintf(tail, sizeof(tail), ".lost-%u", i);
		rc = path_join(to, from, tail);
		if (rc != 0) {
			return rc;
		}
		if (access(to, F_OK) != 0) {
			return rename(from, to) == 0 ? 0 : os_error("rename");
		}
	}
	return err_set(ERR_EXISTS, "too many lost stores lie there");
}

static int
folder_sync(const char *path)
{
	char parent[PATH_BYTES];
	char *slash;
	int fd;
	int rc = path_join(parent, path, "");

	if (rc != 0) {
		return rc;
	}
	slash = strrchr(parent, '/');
	if (slash != NULL) {
		*slash = '\0';
	}
	fd = open(slash == NULL ? "." : parent[0] == '\0' ? "/" : parent,
		  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0) {
		rc = os_error("sync");
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return rc;
}

static int
places_change(const struct restoring *r, struct restore_report *report)
{
	int rc = 0;

	if (r->lock_fd >= 0) {
		rc = put_aside(r->config->store.directory, report->aside);
	}
	if (rc == 0 && rename(r->fresh, r->config->store.directory) != 0) {
		rc = os_error("rename");
	}
	return rc == 0 ? folder_sync(r->config->store.directory) : rc;
}

int
restore_run(const struct core_config *config, const char *backup,
	    struct restore_report *out)
{
	struct restoring r = {
		.config = config, .backup = backup, .lock_fd = -1};
	struct restore_report report = {.has_gap = false};
	int rc = paths_make(&r);

	if (rc == 0) {
		rc = lost_lock(&r);
	}
	if (rc == 0) {
		rc = store_make(&r, &report);
	}
	if (rc == 0) {
		rc = settle(&r, &report);
	}
	if (rc == 0) {
		rc = places_change(&r, &report);
	}
	if (r.lock_fd >= 0) {
		(void)close(r.lock_fd);
	}
	if (rc == 0) {
		*out = report;
	}
	return rc;
}
